import type { Answer } from '../core/attempt.ts';
import type { Step } from '../core/event.ts';
import type { Chunk, ChunkSink } from '../core/pump.ts';
import type { WireAnswer } from '../core/transport.ts';
import { encodeJsonArray } from '../framing/json-array.ts';
import { decodeNdjson, encodeNdjson } from '../framing/ndjson.ts';

/** What a stream's events are put in for callers that want no server-sent events. */
export type Framing = 'json-array' | 'ndjson';

type Frame = { readonly contentType: Answer['contentType']; readonly encode: () => Step<Chunk, string> };

const framings: { readonly [name in Framing]: Frame } = {
  'json-array': { contentType: 'application/json', encode: encodeJsonArray },
  ndjson: { contentType: 'application/x-ndjson', encode: encodeNdjson },
};

/** A stream of events in another framing. An answer that is none stays as it is. */
export function framedAnswer(answer: Answer, framing: Framing): Answer {
  const { body } = answer;
  const { contentType, encode } = framings[framing];
  const frame = encode();
  if (body.kind === 'whole') {
    if (answer.contentType === 'application/json') return answer;
    const chunks: string[] = [];
    for (const chunk of body.chunks) frame.push(chunk, (text) => chunks.push(text));
    frame.end((text) => chunks.push(text));
    return { ...answer, contentType, body: { kind: 'whole', chunks } };
  }
  // A long whole answer flows too, and is no stream of events.
  if (answer.contentType === 'application/json') return answer;
  const start = (sink: ChunkSink): void =>
    body.source.start({
      data: (chunk) => frame.push(chunk, sink.data),
      end() {
        frame.end(sink.data);
        sink.end();
      },
      reset: sink.reset,
    });
  return { ...answer, contentType, body: { kind: 'stream', source: { ...body.source, start } } };
}

const lines = /^application\/(?:x-)?(?:ndjson|jsonl|json-lines|jsonlines)\b/i;

/** A provider's stream in a framing of its own as server-sent events, which is what everything behind reads. */
export function asEvents(answer: WireAnswer): WireAnswer {
  if (answer.status !== 200 || !lines.test(answer.headers['content-type'] ?? '')) return answer;
  const events = decodeNdjson();
  const { body } = answer;
  return {
    ...answer,
    headers: { ...answer.headers, 'content-type': 'text/event-stream' },
    body: {
      ...body,
      start: (sink) =>
        body.start({
          data: (bytes) => events.push(bytes, sink.data),
          end() {
            events.end(sink.data);
            sink.end();
          },
          fail: sink.fail,
        }),
    },
  };
}
