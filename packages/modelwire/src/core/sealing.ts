import type { AttemptScope } from './attempt.ts';
import { answerLimit, bodyText, readBody, tooLong } from './body.ts';
import { latin1, utf8 } from './bytes.ts';
import type { Sealing } from './dialect.ts';
import { blamingProvider } from './provider-fault.ts';
import type { Chunk } from './pump.ts';
import { eventEnd, joined } from './sse-text.ts';
import type { ByteSource } from './transport.ts';

/** A whole answer with its state under the seal. All of it is held: nothing may go out before it has been seen. */
export async function sealedWhole(scope: AttemptScope, source: ByteSource, sealing: Sealing): Promise<string> {
  const { target } = scope;
  const held = await readBody(scope, source, answerLimit);
  if (held.long !== undefined) throw tooLong(scope, held.long);
  return blamingProvider(target, () => sealing.whole(bodyText(held), target));
}

/** The same of bytes that hold whole events. */
export function sealEvents(bytes: Uint8Array, seal: ReturnType<Sealing['stream']>): Chunk | undefined {
  const text = latin1(bytes);
  const kept: Uint8Array[] = [];
  let passFrom = 0;
  for (let from = 0; from < text.length;) {
    const start = from;
    from = eventEnd(text, start);
    const instead = seal(text.slice(start, from), () => utf8(bytes.subarray(start, from)));
    if (instead === undefined) continue;
    kept.push(bytes.subarray(passFrom, start), new TextEncoder().encode(instead));
    passFrom = from;
  }
  return joined(kept, bytes.subarray(passFrom));
}
