import type { Decoder } from './dialect.ts';
import type { ChatEvent, Step } from './event.ts';
import type { Block, Reply } from './ir.ts';

type Match = { readonly start: number; readonly stop: string };

/**
 * Stop strings that the provider does not take, looked for here: the text is cut before the first one to be complete, across any cut of
 * the deltas, and the answer ends there. A tail that may begin a stop string is held back until it is told.
 */
export type StopScan = Step<ChatEvent, ChatEvent> & { stopped(): boolean };

export function createStopScan(stops: readonly string[]): StopScan {
  let held = '';
  let passed: string[] = [];
  let open: Block | undefined;
  let stopped = false;

  const pass = (text: string, emit: (event: ChatEvent) => void): void => {
    if (text === '') return;
    passed.push(text);
    emit({ type: 'delta', text });
  };

  const scan = (block: Block, emit: (event: ChatEvent) => void): void => {
    const match = firstStop(held, stops);
    if (match === undefined) {
      const keep = partialStop(held, stops);
      const ready = held.slice(0, held.length - keep);
      held = held.slice(held.length - keep);
      pass(ready, emit);
      return;
    }
    pass(held.slice(0, match.start), emit);
    const text = passed.join('');
    emit({ type: 'close', block: text === '' || block.type !== 'text' ? block : { ...block, text } });
    emit({ type: 'finish', finish: { reason: 'stopString', stopString: match.stop } });
    stopped = true;
  };

  return {
    push(event, emit) {
      if (stopped) return;
      if (event.type === 'open') {
        open = event.block.type === 'text' ? event.block : undefined;
        held = '';
        passed = [];
      } else if (event.type === 'delta' && open !== undefined) {
        held += event.text;
        scan(open, emit);
        return;
      } else if (event.type === 'close' && open !== undefined) {
        pass(held, emit);
        open = undefined;
      }
      emit(event);
    },
    end: () => undefined,
    stopped: () => stopped,
  };
}

/** The whole reply cut the same way. */
export function cutReply(reply: Reply, stops: readonly string[]): Reply {
  for (const [index, block] of reply.blocks.entries()) {
    const match = block.type === 'text' ? firstStop(block.text, stops) : undefined;
    if (match === undefined || block.type !== 'text') continue;
    const blocks = [...reply.blocks.slice(0, index), { ...block, text: block.text.slice(0, match.start) }];
    return { ...reply, blocks, finish: { reason: 'stopString', stopString: match.stop } };
  }
  return reply;
}

/** The stop string that is complete first, as a model writing one character after the other would meet it; of two, the longer. */
function firstStop(text: string, stops: readonly string[]): Match | undefined {
  let best: Match | undefined;
  let bestEnd = Infinity;
  for (const stop of stops) {
    const start = stop === '' ? -1 : text.indexOf(stop);
    const end = start + stop.length;
    if (start === -1 || end > bestEnd || (end === bestEnd && best !== undefined && start >= best.start)) continue;
    best = { start, stop };
    bestEnd = end;
  }
  return best;
}

/** Length of the longest tail of the text that begins a stop string. */
function partialStop(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}

/** The decoder with its text scanned: after a stop string the rest of the stream is nobody's. */
export function withStops(decoder: Decoder, stops: readonly string[]): Decoder {
  if (stops.length === 0) return decoder;
  const scan = createStopScan(stops);
  return {
    push(event, emit) {
      if (!scan.stopped()) decoder.push(event, (out) => scan.push(out, emit));
    },
    end(emit) {
      if (!scan.stopped()) decoder.end((out) => scan.push(out, emit));
    },
    finishing: () => scan.stopped() || decoder.finishing(),
  };
}
