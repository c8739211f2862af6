import type { Answer, AttemptScope } from './attempt.ts';
import { callerHeaders, requestText } from './caller-request.ts';
import { answerLimit, bodyText, readBody, tooLong } from './body.ts';
import { createCollector, explode } from './collect.ts';
import type { Accepted, Prepared, Translation } from './dialect.ts';
import { GatewayError, toGatewayError } from './errors.ts';
import type { ChatEvent } from './event.ts';
import type { ChatRequest, Reply } from './ir.ts';
import { parseJsonText } from './json-text.ts';
import { withMedia } from './media.ts';
import { type Machine, pump } from './pump.ts';
import { summarizeNotes } from './notes.ts';
import { prepareFor } from './prepare.ts';
import { failureOf, isEventStream, passHeaders, send } from './send.ts';
import { separateIds } from './tool-pairs.ts';
import { targetName } from './target.ts';
import type { WireAnswer } from './transport.ts';

/** A request understood by the front and written anew by the back. */
type Translated = { readonly scope: AttemptScope; readonly accepted: Accepted; readonly prepared: Prepared };

/** The answer to a relayed request that cannot be passed on as it came, in the shape that was asked. */
export async function answerToRelayed(scope: AttemptScope, answer: WireAnswer): Promise<Answer> {
  const sides = await sidesOf(scope);
  const accepted = acceptedIn(scope, sides);
  return await answerOf(translatedFor(scope, { ...sides, accepted }, accepted.request), answer);
}

type Sides = { readonly front: Translation; readonly back: Translation };

/** How both sides are translated; their code may have to be read first. */
async function sidesOf({ call, back: dialect }: AttemptScope): Promise<Sides> {
  const [front, back] = [call.front.translation(), dialect.translation()];
  return { front: front instanceof Promise ? await front : front, back: back instanceof Promise ? await back : back };
}

function acceptedIn(scope: AttemptScope, { front }: Sides): Accepted {
  const asked = { model: scope.target.model, stream: scope.call.stream, operation: scope.call.operation };
  return front.accept(parseJsonText(requestText(scope)), scope.context, asked);
}

function translatedFor(scope: AttemptScope, { back, accepted }: Sides & { readonly accepted: Accepted }, request: ChatRequest): Translated {
  const { attempt, target, context } = scope;
  const { messages } = request;
  // Within the format ids go as they came, relayed or not.
  const separated = back.name === scope.call.front.name ? messages : separateIds(messages, context.ledger);
  const prepared = prepareFor(back, { ...request, model: target.model, messages: separated }, context, (reply) => keepCost(attempt, reply));
  return { scope, accepted, prepared };
}

/** What an answer has cost and how it ended, whatever becomes of it. */
function keepCost(attempt: AttemptScope['attempt'], { usage, finish }: Reply): void {
  if (usage !== undefined) attempt.usage = usage;
  attempt.finish = finish.native ?? finish.reason;
}

/** The caller's dialect is not the target's (or the body must be touched): through the IR, both ways. */
export async function translate(scope: AttemptScope): Promise<Answer> {
  const sides = await sidesOf(scope);
  const accepted = acceptedIn(scope, sides);
  const whole = withMedia(accepted.request, scope);
  const translated = translatedFor(scope, { ...sides, accepted }, whole instanceof Promise ? await whole : whole);
  const { prepared } = translated;
  const headers = { ...prepared.headers, ...callerHeaders(scope) };
  const answer = await send(scope, { path: prepared.path, headers, body: [prepared.body], stream: scope.call.stream });
  if (answer.status !== 200) throw await failureOf(scope, answer);
  return await answerOf(translated, answer);
}

/** The answer in the shape that was asked, whichever of the two came. */
async function answerOf(translated: Translated, answer: WireAnswer): Promise<Answer> {
  const { scope, accepted } = translated;
  const headers = passHeaders(answer.headers);
  const sse = isEventStream(answer.headers);
  if (scope.call.stream && sse) {
    const source = await pump(scope, answer.body, translateMachine(translated));
    return { status: 200, contentType: 'text/event-stream; charset=utf-8', headers, body: { kind: 'stream', source } };
  }
  const reply = await readReply(translated, answer, sse);
  const { attempt, world } = scope;
  attempt.firstContentAt = world.now();
  const text = scope.call.stream ? streamText(accepted, reply) : accepted.reply(reply);
  attempt.endedAt = world.now();
  const contentType = scope.call.stream ? 'text/event-stream; charset=utf-8' : 'application/json';
  return { status: 200, contentType, headers, body: { kind: 'whole', chunks: [text] } };
}

async function readReply(translated: Translated, answer: WireAnswer, sse: boolean): Promise<Reply> {
  const { scope, prepared } = translated;
  if (sse) return await collectStream(translated, answer);
  const body = await readBody(scope, answer.body, answerLimit);
  if (body.long === undefined) return prepared.reply(bodyText(body));
  throw tooLong(scope, body.long);
}

/** A stream came where a whole answer was asked: it is read to its end, under the deadlines of a stream. */
async function collectStream({ scope, prepared }: Translated, answer: WireAnswer): Promise<Reply> {
  const collector = createCollector();
  const frames = scope.world.frames();
  const decoder = prepared.stream();
  let content = 0;
  let done = false;
  let failure: GatewayError | undefined;
  const onEvent = (event: ChatEvent): void => {
    if (done) return;
    collector.push(event);
    content++;
    if (event.type === 'usage') scope.attempt.usage = event.usage;
    if (event.type === 'finish') scope.attempt.finish = event.finish.native ?? event.finish.reason;
    if (event.type === 'fail') failure = event.error;
    done = event.type === 'fail' || event.type === 'finish';
  };
  const onFrame = (frame: { event: string; data: string }): void => decoder.push(frame, onEvent);
  await pump(scope, answer.body, {
    read(bytes) {
      frames.push(bytes, onFrame);
      return undefined;
    },
    end() {
      frames.end(onFrame);
      decoder.end(onEvent);
      return undefined;
    },
    broken(error) {
      failure = error;
      return '';
    },
    committed: () => done && failure === undefined,
    progress: () => content,
    finishing: () => decoder.finishing(),
    done: () => done,
    failure: () => failure,
    ping: '',
  });
  return collector.reply();
}

function streamText(accepted: Accepted, reply: Reply): string {
  const encoder = accepted.stream();
  let text = '';
  const emit = (piece: string): void => {
    text += piece;
  };
  for (const event of explode(reply)) encoder.push(event, emit);
  encoder.end(emit);
  return text;
}

/** Bytes → frames → events → the caller's text: three small machines in a row, one string out per read. */
function translateMachine({ scope, accepted, prepared }: Translated): Machine {
  const { attempt, call } = scope;
  const frames = scope.world.frames();
  const decoder = prepared.stream();
  const encoder = accepted.stream();
  const notesAtHead = attempt.notes.length;
  let out = '';
  let content = 0;
  let committed = false;
  let done = false;
  let failure: GatewayError | undefined;

  const write = (text: string): void => {
    out += text;
  };
  const onEvent = (event: ChatEvent): void => {
    if (done) return;
    observe(event);
    encoder.push(event, write);
    if (done) {
      encoder.end(write);
      if (call.front.front.noComments !== true) out += trailer(attempt.notes.length > notesAtHead ? summarizeNotes(attempt.notes) : undefined);
    }
  };
  const observe = (event: ChatEvent): void => {
    if (event.type === 'delta' || (event.type === 'open' && event.block.type !== 'text')) {
      content++;
      committed = true;
    } else if (event.type === 'usage') attempt.usage = event.usage;
    else if (event.type === 'finish') {
      attempt.finish = event.finish.native ?? event.finish.reason;
      committed = true;
      done = true;
    } else if (event.type === 'fail') {
      failure = event.error;
      done = true;
    }
  };
  const onFrame = (frame: { event: string; data: string }): void => decoder.push(frame, onEvent);
  const take = (): string => {
    const text = out;
    out = '';
    return text;
  };
  const fail = (error: GatewayError): string => {
    onEvent({ type: 'fail', error });
    return take();
  };

  return {
    read(bytes) {
      try {
        frames.push(bytes, onFrame);
      } catch (thrown) {
        return fail(toGatewayError(thrown));
      }
      return take();
    },
    end() {
      try {
        frames.end(onFrame);
        decoder.end(onEvent);
      } catch (thrown) {
        return fail(toGatewayError(thrown));
      }
      if (!done)
        return fail(
          new GatewayError('upstream_stream_cut', `${scope.target.provider}: the stream ended without its terminal event`, {
            provider: targetName(scope.target),
          }),
        );
      return take();
    },
    broken: (error) => fail(error),
    committed: () => committed,
    progress: () => content,
    finishing: () => decoder.finishing(),
    done: () => done,
    failure: () => failure,
    ping: call.front.front.ping,
  };
}

/** What the translation of the answer changed, after the headers have gone: a comment that SSE readers skip. */
function trailer(summary: string | undefined): string {
  return summary === undefined ? '' : `: modelwire-notes ${summary}\n\n`;
}
