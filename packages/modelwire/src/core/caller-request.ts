import type { AttemptScope } from './attempt.ts';
import { GatewayError } from './errors.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** The request's body as text. */
export function requestText(scope: AttemptScope): string {
  try {
    return strictUtf8.decode(scope.call.top.bytes);
  } catch (cause) {
    throw new GatewayError('invalid_request', 'the body is not valid UTF-8', { cause });
  }
}

/** The caller's headers that go on: within the dialect those that a relay passes, to another none, with a note for each that switches something on. */
export function callerHeaders({ call, back, context }: AttemptScope): Record<string, string> {
  if (back.name === call.front.name) return back.back.relayHeaders(call.headers);
  for (const name of call.front.front.featureHeaders) {
    if (call.headers[name] !== undefined) context.ledger.drop(name, `${back.name} has no such header`);
  }
  return {};
}
