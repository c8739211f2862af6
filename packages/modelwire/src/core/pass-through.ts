import type { Answer, AttemptScope, PassThrough } from './attempt.ts';
import { pump } from './pump.ts';
import { longBodyMachine } from './relay.ts';
import { failureOf, passHeaders, send } from './send.ts';

/** What the provider says of a file that it gives. */
const fileHeaders: readonly string[] = ['content-disposition', 'content-range'];

/**
 * One attempt at what is neither translated nor read: the bytes go out as they are, and the answer flows back as it comes, whatever it
 * is. Only a refusal is read, so that the caller gets it in its own shape and without a secret.
 */
export async function passThrough(scope: AttemptScope, { method, path, headers, body }: PassThrough): Promise<Answer> {
  const { attempt, back, call } = scope;
  attempt.mode = 'relay';
  const answer = await send(scope, { method, path, headers: { ...back.back.relayHeaders(call.headers), ...headers }, body, stream: false });
  if (answer.status < 200 || answer.status > 299) throw await failureOf(scope, answer);
  const passed = passHeaders(answer.headers);
  for (const name of fileHeaders) {
    const value = answer.headers[name];
    if (value !== undefined) passed[name] = value;
  }
  const source = await pump(scope, answer.body, longBodyMachine());
  return {
    status: answer.status,
    contentType: answer.headers['content-type'] ?? 'application/octet-stream',
    headers: passed,
    body: { kind: 'stream', source },
  };
}
