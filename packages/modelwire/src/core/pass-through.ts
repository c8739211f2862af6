import type { Answer, AttemptScope, PassThrough } from './attempt.ts';
import type { Sealing } from './dialect.ts';
import { type Machine, pump } from './pump.ts';
import { longBodyMachine } from './relay.ts';
import { failureOf, isEventStream, passHeaders, send } from './send.ts';
import { sealedWhole, sealEvents } from './sealing.ts';
import { createEventBuffer } from './sse-text.ts';
import type { WireAnswer } from './transport.ts';

/** What the provider says of a file that it gives. */
const fileHeaders: readonly string[] = ['content-disposition', 'content-range'];

/**
 * One attempt at what is neither translated nor read: the bytes go out as they are, and the answer flows back as it comes, whatever it
 * is. Only a refusal is read, so that the caller gets it in its own shape and without a secret.
 */
export async function passThrough(scope: AttemptScope, { method, path, headers, body, answers }: PassThrough): Promise<Answer> {
  const { attempt, back, call, target } = scope;
  attempt.mode = 'relay';
  const answer = await send(scope, { method, path, headers: { ...back.back.relayHeaders(call.headers), ...headers }, body, stream: false });
  if (answer.status < 200 || answer.status > 299) throw await failureOf(scope, answer);
  const passed = passHeaders(answer.headers);
  for (const name of fileHeaders) {
    const value = answer.headers[name];
    if (value !== undefined) passed[name] = value;
  }
  const sealing = answers === true && target.quirks.ownState === true ? back.relay.sealing : undefined;
  return {
    status: answer.status,
    contentType: answer.headers['content-type'] ?? 'application/octet-stream',
    headers: passed,
    body: sealing === undefined ? { kind: 'stream', source: await pump(scope, answer.body, longBodyMachine()) } : await sealedBody(scope, answer, sealing),
  };
}

async function sealedBody(scope: AttemptScope, answer: WireAnswer, sealing: Sealing): Promise<Answer['body']> {
  if (isEventStream(answer.headers)) return { kind: 'stream', source: await pump(scope, answer.body, sealingMachine(scope, sealing)) };
  return { kind: 'whole', chunks: [await sealedWhole(scope, answer.body, sealing)] };
}

/** Events that pass unread but for their state. */
function sealingMachine({ target }: AttemptScope, sealing: Sealing): Machine {
  const passing = longBodyMachine();
  const events = createEventBuffer(target.provider);
  const seal = sealing.stream(target);
  return {
    ...passing,
    read(bytes) {
      passing.read(bytes);
      const whole = events.push(bytes);
      return whole === undefined ? undefined : sealEvents(whole, seal);
    },
  };
}
