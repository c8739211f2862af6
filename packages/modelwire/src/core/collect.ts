import type { ChatEvent } from './event.ts';
import { GatewayError } from './errors.ts';
import type { Block, Finish, Reply, ReplyHead, Usage } from './ir.ts';

/** Rebuilds the whole reply from its events; throws the stream's own error, or `upstream_stream_cut` when it has no end. */
export function collect(events: Iterable<ChatEvent>): Reply {
  const collector = createCollector();
  for (const event of events) collector.push(event);
  return collector.reply();
}

export type Collector = { push(event: ChatEvent): void; reply(): Reply };

export function createCollector(): Collector {
  let head: ReplyHead | undefined;
  let usage: Usage | undefined;
  let serviceTier: string | undefined;
  let finish: Finish | undefined;
  let failure: GatewayError | undefined;
  const blocks: Block[] = [];
  return {
    push(event) {
      switch (event.type) {
        case 'start':
          head = event.head;
          return;
        case 'close':
          blocks.push(event.block);
          return;
        case 'usage':
          usage = event.usage;
          return;
        case 'finish':
          finish = event.finish;
          serviceTier = event.serviceTier;
          return;
        case 'fail':
          failure = event.error;
          return;
        case 'open':
        case 'delta':
          return;
      }
    },
    reply() {
      if (failure !== undefined) throw failure;
      if (head === undefined || finish === undefined) {
        throw new GatewayError('upstream_stream_cut', 'the stream ended without its terminal event');
      }
      return {
        ...head,
        blocks,
        finish,
        ...(usage === undefined ? {} : { usage }),
        ...(serviceTier === undefined ? {} : { serviceTier }),
      };
    },
  };
}

/** The events of a whole reply: the inverse of `collect`. */
export function explode(reply: Reply): ChatEvent[] {
  const { blocks, finish, usage, serviceTier, ...head } = reply;
  const events: ChatEvent[] = [{ type: 'start', head }];
  for (const block of blocks) {
    events.push({ type: 'open', block: emptied(block) });
    const text = block.type === 'toolCall' ? block.arguments : 'text' in block ? block.text : '';
    if (text !== '') events.push({ type: 'delta', text });
    events.push({ type: 'close', block });
  }
  if (usage !== undefined) events.push({ type: 'usage', usage });
  events.push({ type: 'finish', finish, ...(serviceTier === undefined ? {} : { serviceTier }) });
  return events;
}

function emptied(block: Block): Block {
  if (block.type === 'toolCall') return { ...block, arguments: '' };
  if (block.type === 'reasoning' || block.type === 'text' || block.type === 'refusal') return { ...block, text: '' };
  return block;
}
