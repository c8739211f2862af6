import type { Step } from '../core/event.ts';
import { decodeSse } from './sse.ts';

const encoder = new TextEncoder();

/**
 * Server-sent events as one JSON array, an item an event: what Google streams to callers that do not ask for `alt=sse`. What holds no
 * event (a keep-alive) becomes white space, which is legal there.
 */
export function encodeJsonArray(): Step<Uint8Array | string, string> {
  const frames = decodeSse();
  let count = 0;
  const item = (data: string): string => (count++ === 0 ? '[' : ',\r\n') + data;
  return {
    push(chunk, emit) {
      const before = count;
      frames.push(typeof chunk === 'string' ? encoder.encode(chunk) : chunk, ({ data }) => emit(item(data)));
      if (count === before) emit('\n');
    },
    end(emit) {
      frames.end(({ data }) => emit(item(data)));
      emit(count === 0 ? '[]' : ']');
    },
  };
}
