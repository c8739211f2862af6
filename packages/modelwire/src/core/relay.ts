import type { Answer, AttemptScope } from './attempt.ts';
import { answerLimit, bodyText, readBody, tooLong } from './body.ts';
import type { Sealing, TopLevelEdit } from './dialect.ts';
import { GatewayError } from './errors.ts';
import { isObject } from './json-text.ts';
import { type Machine, pump } from './pump.ts';
import { relayMachine } from './relay-machine.ts';
import { blamingProvider } from './provider-fault.ts';
import { failureOf, isEventStream, passHeaders, send } from './send.ts';
import { targetName } from './target.ts';
import { spliceTopLevel } from './top-level.ts';
import type { WireAnswer } from './transport.ts';

/** A whole answer up to this size is held and checked for being complete, legal JSON; a longer one passes as it comes. */
const heldAnswer = 1024 * 1024;

/**
 * Front and back speak the same dialect: the request's bytes go out with only its top level edited (the model's name, what a quirk
 * asks), the answer's bytes come back as they are, and a tap reads them on the side.
 */
export async function relay(scope: AttemptScope, edits: readonly TopLevelEdit[]): Promise<Answer> {
  const { call, target, back } = scope;
  const path = back.back.relayPath(call.operation, { model: target.model, stream: call.stream });
  if (path === undefined) throw new GatewayError('not_found', `${back.name} has no ${call.operation}`);
  const isNamed = back.relay.modelInPath === true || call.top.value('model') === target.model;
  const all = isNamed ? edits : [...edits, { kind: 'set' as const, key: 'model', raw: JSON.stringify(target.model) }];
  const answer = await send(scope, { path, headers: back.back.relayHeaders(call.headers), body: spliceTopLevel(call.top, all), stream: call.stream });
  if (answer.status !== 200) throw await failureOf(scope, answer);
  const sse = isEventStream(answer.headers);
  // The caller asked for the other shape than came: only a translation of the answer can give it.
  if (sse !== call.stream) return await (await import('./translate.ts')).answerToRelayed(scope, answer);
  const headers = passHeaders(answer.headers);
  const sealing = target.quirks.ownState === true ? call.front.relay.sealing : undefined;
  if (!sse) return { status: 200, contentType: 'application/json', headers, body: await wholeBody(scope, answer, sealing) };
  const tap = call.front.relay.tap({ withholdUsage: all.some((edit) => edit.key === 'stream_options' && edit.kind === 'set') });
  const source = await pump(scope, answer.body, relayMachine(scope, tap, sealing?.stream(target)));
  return { status: 200, contentType: 'text/event-stream; charset=utf-8', headers, body: { kind: 'stream', source } };
}

async function wholeBody(scope: AttemptScope, answer: WireAnswer, sealing: Sealing | undefined): Promise<Answer['body']> {
  const { call, world, attempt } = scope;
  // State may stand anywhere in it: nothing goes out before all of it has been seen.
  const held = await readBody(scope, answer.body, sealing === undefined ? heldAnswer : answerLimit);
  if (held.long !== undefined) {
    if (sealing !== undefined) throw tooLong(scope, held.long);
    const start = bodyText({ chunks: held.chunks, length: held.length }).slice(0, heldAnswer).trimStart();
    if (start.startsWith('{')) return { kind: 'stream', source: await pump(scope, held.long, longBodyMachine()) };
    held.long.abort();
    throw foreignAnswer(scope, start);
  }
  const text = bodyText(held);
  const value = parseAnswer(scope, text);
  // A token count is no answer of the model: that it is JSON is all there is to see.
  const seen = call.operation !== 'count_tokens' ? call.front.relay.whole(value, text, scope.target) : { usage: undefined, finish: undefined };
  if (seen.usage !== undefined) attempt.usage = seen.usage;
  if (seen.finish !== undefined) attempt.finish = seen.finish;
  attempt.endedAt = world.now();
  const sealed = sealing === undefined ? text : blamingProvider(scope.target, () => sealing.whole(text, scope.target));
  return { kind: 'whole', chunks: sealed === text ? held.chunks : [sealed] };
}

/** A body that passes unread: a fault resets the connection, since no legal ending can be written for it. */
export function longBodyMachine(): Machine {
  let count = 0;
  let failure: GatewayError | undefined;
  return {
    read(bytes) {
      count++;
      return bytes;
    },
    end: () => undefined,
    broken(error) {
      failure = error;
      return undefined;
    },
    committed: () => true,
    progress: () => count,
    finishing: () => false,
    done: () => false,
    failure: () => failure,
    ping: '',
  };
}

/** The answer's JSON, or the error that says what came instead. */
export function parseAnswer(scope: AttemptScope, text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Falls through: what came is described by the dialect below, which reads HTML, text and torn JSON alike.
  }
  throw foreignAnswer(scope, text);
}

function foreignAnswer(scope: AttemptScope, text: string): GatewayError {
  const { target } = scope;
  const said = text.trimStart().startsWith('<') ? 'HTML came' : text.trim() === '' ? 'an empty body came' : 'a body came that is not a JSON object';
  return new GatewayError('upstream_invalid_response', `${target.provider}: ${said} where an answer was expected`, {
    provider: targetName(target),
    hint: 'Check the base URL and any proxy in between',
  });
}
