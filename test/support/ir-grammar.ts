import type { ChatEvent } from '../../packages/modelwire/src/core/event.ts';
import type { Block } from '../../packages/modelwire/src/core/ir.ts';

/** `start (open delta* close)* usage? (finish | fail)`, with the pieces of a block making up its text; returns what is wrong. */
export function eventFault(events: readonly ChatEvent[]): string | undefined {
  let state: 'before' | 'between' | 'open' | 'usage' | 'over' = 'before';
  let pieces = '';
  let begun = '';
  for (const event of events) {
    const { type } = event;
    if (state === 'over') return `${type} after the end`;
    if (type === 'delta' && state === 'open') {
      if (event.text === '') return 'an empty delta';
      pieces += event.text;
      continue;
    }
    if (type === 'fail') state = 'over';
    else if (type === 'start' && state === 'before') state = 'between';
    else if (type === 'open' && state === 'between') {
      state = 'open';
      pieces = '';
      begun = identityOf(event.block);
    } else if (type === 'close' && state === 'open') {
      state = 'between';
      if (identityOf(event.block) !== begun) return `${begun} closed as ${identityOf(event.block)}`;
      if (textOf(event) !== pieces) return `a block of ${JSON.stringify(textOf(event))} out of ${JSON.stringify(pieces)}`;
    } else if (type === 'usage' && state === 'between') state = 'usage';
    else if (type === 'finish' && (state === 'between' || state === 'usage')) state = 'over';
    else return `${type} while ${state}`;
  }
  return state === 'over' ? undefined : `ends while ${state}`;
}

function textOf({ block }: ChatEvent & { readonly type: 'close' }): string {
  if (block.type === 'toolCall') return block.arguments;
  return block.type === 'text' || block.type === 'refusal' || block.type === 'reasoning' ? block.text : '';
}

/** What of a block may not change once it has begun: whoever was shown its beginning cannot be told otherwise. */
function identityOf(block: Block): string {
  return block.type === 'toolCall' ? `a ${block.kind} call of ${block.name} (${block.id})` : block.type;
}
