import { collect } from '../../packages/modelwire/src/core/collect.ts';
import type { Context } from '../../packages/modelwire/src/core/dialect.ts';
import { type GatewayError, isGatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { ChatEvent } from '../../packages/modelwire/src/core/event.ts';
import type { DialectName, Reply } from '../../packages/modelwire/src/core/ir.ts';
import { parseJsonText } from '../../packages/modelwire/src/core/json-text.ts';
import { createLedger } from '../../packages/modelwire/src/core/notes.ts';
import { dialects } from './dialects.ts';
import { decodeSse } from '../../packages/modelwire/src/framing/sse.ts';
import { tell } from './conversations.ts';

/** What a caller of the format has heard of an answer, read as its own client would; the failure, where it was told of one. */
export function heard(front: DialectName, shown: string, stream: boolean): Reply | GatewayError {
  const prepared = preparedFor(front);
  try {
    if (!stream) return prepared.reply(shown);
    const events: ChatEvent[] = [];
    const decoder = prepared.stream();
    const frames = decodeSse();
    const onFrame = (frame: { readonly event: string; readonly data: string }): void => decoder.push(frame, (event) => events.push(event));
    frames.push(new TextEncoder().encode(shown), onFrame);
    frames.end(onFrame);
    decoder.end((event) => events.push(event));
    return collect(events);
  } catch (error) {
    if (isGatewayError(error)) return error;
    throw error;
  }
}

function preparedFor(front: DialectName) {
  const context: Context = {
    callId: 'req_1',
    target: { provider: 'client', model: 'm', speaks: {}, quirks: {} },
    back: front,
    ledger: createLedger('client/m', 'carry'),
    now: () => 0,
    newId: (prefix) => `${prefix}1`,
  };
  const tools = [{ name: 'weather', schema: { type: 'object' } }];
  const { request } = dialects[front].accept(parseJsonText(tell(front, { turns: [{ user: 'hi' }], tools })), context, { model: 'm', stream: false });
  return dialects[front].prepare(request, context);
}
