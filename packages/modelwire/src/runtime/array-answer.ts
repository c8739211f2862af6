import type { Answer } from '../core/attempt.ts';
import type { ChunkSink } from '../core/pump.ts';
import { encodeJsonArray } from '../framing/json-array.ts';

/** A stream of events as one JSON array, for callers that want no events. An answer that is none stays as it is. */
export function asJsonArray(answer: Answer): Answer {
  const { body } = answer;
  const array = encodeJsonArray();
  if (body.kind === 'whole') {
    if (answer.contentType === 'application/json') return answer;
    const chunks: string[] = [];
    for (const chunk of body.chunks) array.push(chunk, (text) => chunks.push(text));
    array.end((text) => chunks.push(text));
    return { ...answer, contentType: 'application/json', body: { kind: 'whole', chunks } };
  }
  const start = (sink: ChunkSink): void =>
    body.source.start({
      data: (chunk) => array.push(chunk, sink.data),
      end() {
        array.end(sink.data);
        sink.end();
      },
      reset: sink.reset,
    });
  return { ...answer, contentType: 'application/json', body: { kind: 'stream', source: { ...body.source, start } } };
}
