import { errorBodyLimit } from '../core/body.ts';
import type { HeaderMap } from '../core/dialect.ts';
import type { ByteSource, Transport } from '../core/transport.ts';

/** What the provider itself answered: a library tells it to its caller as it came, where a gateway would speak for itself. */
export type Seen = {
  readonly status: number;
  readonly headers: HeaderMap;
  /** The body of a refusal, as far as it was read; empty for any other answer. */
  text(): string;
};

/** A transport that shows each answer to `look` as it passes. */
export function witness(transport: Transport, look: (seen: Seen) => void): Transport {
  return async (request) => {
    const answer = await transport(request);
    const chunks: Uint8Array[] = [];
    look({ status: answer.status, headers: answer.headers, text: () => decode(chunks) });
    return answer.status < 400 ? answer : { ...answer, body: copying(answer.body, chunks) };
  };
}

function copying(source: ByteSource, chunks: Uint8Array[]): ByteSource {
  let length = 0;
  return {
    ...source,
    start(sink) {
      source.start({
        ...sink,
        data(chunk) {
          if (length <= errorBodyLimit) chunks.push(chunk);
          length += chunk.length;
          sink.data(chunk);
        },
      });
    },
  };
}

function decode(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode();
}
