import type { Answer } from '../core/attempt.ts';
import type { Step } from '../core/event.ts';
import type { Chunk, ChunkSink } from '../core/pump.ts';
import { eventStreamType, sseToEventStream } from '../framing/aws-events.ts';
import { encodeJsonArray } from '../framing/json-array.ts';
import { encodeNdjson } from '../framing/ndjson.ts';

/** What a stream's events are put in for callers that want no server-sent events. */
export type Framing = 'json-array' | 'ndjson' | 'aws-event-stream';

type Frame = { readonly contentType: Answer['contentType']; create(): Step<Chunk, Chunk> };

const frames: { readonly [name in Framing]: Frame } = {
  'json-array': { contentType: 'application/json', create: encodeJsonArray },
  ndjson: { contentType: 'application/x-ndjson', create: encodeNdjson },
  'aws-event-stream': { contentType: eventStreamType, create: sseToEventStream },
};

/** A stream of events in another framing, for callers that want no server-sent events. An answer that is no stream stays as it is. */
export function inFraming(answer: Answer, framing: Framing): Answer {
  const { body } = answer;
  const { contentType, create } = frames[framing];
  if (answer.contentType === 'application/json') return answer;
  const step = create();
  if (body.kind === 'whole') {
    const chunks: Chunk[] = [];
    const keep = (chunk: Chunk): void => void chunks.push(chunk);
    for (const chunk of body.chunks) step.push(chunk, keep);
    step.end(keep);
    return { ...answer, contentType, body: { kind: 'whole', chunks } };
  }
  const start = (sink: ChunkSink): void =>
    body.source.start({
      data: (chunk) => step.push(chunk, sink.data),
      end() {
        step.end(sink.data);
        sink.end();
      },
      reset: sink.reset,
    });
  return { ...answer, contentType, body: { kind: 'stream', source: { ...body.source, start } } };
}
