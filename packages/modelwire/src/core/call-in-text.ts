import type { CallReader } from './call-reader.ts';
import type { Editing } from './emulation.ts';
import { GatewayError } from './errors.ts';
import type { ChatEvent } from './event.ts';
import type { Block, Finish, TextBlock } from './ir.ts';

/** The words of a block, and the calls that stand behind them instead of words. */
export function splitCalls(block: TextBlock, read: CallReader['read']): readonly Block[] {
  const at = callStart(block.text);
  const calls = at === block.text.length ? undefined : read(block.text.slice(at));
  if (calls === undefined) return [block];
  const words = block.text.slice(0, at);
  return words.trim() === '' ? calls : [{ ...block, text: words }, ...calls];
}

/**
 * The start of the first line that begins like JSON, from the line that begins at `from` on; the end of the text when none does. A line
 * that has hardly begun may yet do so.
 */
function callStart(text: string, from = 0): number {
  for (let line = from; line <= text.length;) {
    let at = line;
    while (text[at] === ' ' || text[at] === '\t') at++;
    const start = text.slice(at, at + 3);
    if (start.startsWith('{') || start === '```' || (at + start.length === text.length && '```'.startsWith(start))) return line;
    const next = text.indexOf('\n', at);
    if (next === -1) return text.length;
    line = next + 1;
  }
  return text.length;
}

type Emit = (event: ChatEvent) => void;

/** Text that waits for the finish, since what was cut is no call. */
type Waiting = { readonly block: TextBlock; readonly text: string };

/** Words pass as they come; from a line on that begins like a call the text is held until it is known what it is. */
export function createCallEditing({ read, ended, isCut }: CallReader): Editing {
  const words = createWords();
  let waiting: Waiting | undefined;
  let called = false;
  const settle = (finish: Finish | undefined, emit: Emit): void => {
    const kept = waiting;
    waiting = undefined;
    if (kept === undefined) return;
    const calls = finish !== undefined && isCut(finish) ? undefined : read(kept.text);
    called ||= calls !== undefined;
    for (const block of calls ?? [{ ...kept.block, text: kept.text }]) emitWhole(block, emit);
  };
  const edit = (event: ChatEvent, emit: Emit): void => {
    if (event.type === 'open') settle(undefined, emit);
    if (event.type === 'finish') {
      settle(event.finish, emit);
      emit({ type: 'finish', finish: ended(event.finish, called) });
    } else if (event.type === 'open' && event.block.type === 'text') words.open(event.block);
    else if (event.type === 'delta' && words.isOpen()) words.push(event.text, emit);
    else if (event.type === 'close' && event.block.type === 'text') waiting = words.close(event.block, emit);
    else emit(event);
  };
  return (event, emit) => {
    try {
      edit(event, emit);
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown;
      emit({ type: 'fail', error: thrown });
    }
  };
}

function emitWhole(block: Block, emit: Emit): void {
  const text = block.type === 'toolCall' ? block.arguments : block.type === 'text' ? block.text : '';
  emit({ type: 'open', block: block.type === 'toolCall' ? { ...block, arguments: '' } : block.type === 'text' ? { ...block, text: '' } : block });
  if (text !== '') emit({ type: 'delta', text });
  emit({ type: 'close', block });
}

/** The text block that is open: what of it are words has passed, the rest is held. */
function createWords() {
  let block: TextBlock | undefined;
  let isShown = false;
  let passed = '';
  let held = '';
  /** What is held begins with a line. */
  let atLine = true;
  const pass = (text: string, emit: Emit): void => {
    if (text === '' || block === undefined) return;
    if (!isShown) emit({ type: 'open', block });
    isShown = true;
    passed += text;
    emit({ type: 'delta', text });
  };
  return {
    isOpen: () => block !== undefined,
    open(given: TextBlock): void {
      block = given;
      isShown = false;
      passed = '';
      held = '';
      atLine = true;
    },
    push(text: string, emit: Emit): void {
      held += text;
      const line = atLine ? 0 : held.indexOf('\n') + 1;
      const at = line === 0 && !atLine ? held.length : callStart(held, line);
      const ready = held.slice(0, at);
      held = held.slice(at);
      if (ready !== '') atLine = ready.endsWith('\n');
      pass(ready, emit);
    },
    /** What may be a call: undefined when nothing of the block is left. */
    close(whole: TextBlock, emit: Emit): Waiting | undefined {
      const rest = held;
      if (rest.trim() === '') pass(rest, emit);
      if (isShown) emit({ type: 'close', block: { ...whole, text: passed } });
      block = undefined;
      return rest.trim() === '' ? undefined : { block: whole, text: rest };
    },
  };
}
