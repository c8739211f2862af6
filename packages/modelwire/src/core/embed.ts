import type { Answer, AttemptScope } from './attempt.ts';
import { answerLimit, bodyText, type ReadBody, readBody } from './body.ts';
import type {
  CountedReply,
  EmbeddingBack,
  EmbeddingFormat,
  EmbeddingFront,
  EmbedReply,
  EmbedRequest,
  PreparedEmbedding,
  RelayedEmbedding,
} from './embedding.ts';
import { GatewayError } from './errors.ts';
import { textTokens } from './estimate-tokens.ts';
import { isObject, parseJsonText } from './json-text.ts';
import { parseAnswer } from './relay.ts';
import { failureOf, passHeaders, send } from './send.ts';
import { targetName } from './target.ts';
import { spliceTopLevel } from './top-level.ts';
import { callerHeaders, requestText } from './caller-request.ts';
import type { WireAnswer } from './transport.ts';

/** How much of a relayed answer's beginning and end is looked at, for what its vectors are written in and what they cost. */
const pieceLength = 2048;
/** A relayed answer up to this size is parsed, to see that it is one. */
const parsedAnswer = 1024 * 1024;

/** One attempt at vectors: relayed where the target speaks the caller's format, translated otherwise. */
export async function embed(scope: AttemptScope): Promise<Answer> {
  const { call, world, target, back, attempt } = scope;
  const { front } = await formatOf(scope, call.front.name);
  const format = (await formatOf(scope, back.name)).back;
  if (front === undefined) throw new GatewayError('not_found', `nobody asks for embeddings in ${call.front.name}`);
  const relayed = call.front.name === back.name ? format.relay(call.top, target.model) : undefined;
  if (relayed === undefined) return await translateEmbedding(scope, { front, format });
  attempt.mode = 'relay';
  const answer = await relayEmbedding(scope, { front, format }, relayed);
  attempt.endedAt = world.now();
  return answer;
}

/** How the caller asks, and how the target is asked. */
type Sides = { readonly front: EmbeddingFront; readonly format: EmbeddingBack };

/** The formats of both sides were there when the target was chosen. */
async function formatOf({ world }: AttemptScope, name: AttemptScope['back']['name']): Promise<EmbeddingFormat> {
  const format = await world.embeddings(name);
  if (format === undefined) throw new GatewayError('not_found', `${name} has no embeddings`);
  return format;
}

async function relayEmbedding(scope: AttemptScope, sides: Sides, { path, edits }: RelayedEmbedding): Promise<Answer> {
  const { front, format } = sides;
  const { call, back, attempt } = scope;
  const answer = await send(scope, { path, headers: back.back.relayHeaders(call.headers), body: spliceTopLevel(call.top, edits), stream: false });
  const body = await readAnswer(scope, answer);
  const text = bodyText(body);
  const start = text.slice(0, pieceLength);
  const isAsked = front.isAsked(start, call.top);
  if (body.length <= parsedAnswer || !isAsked) {
    const value = parseAnswer(scope, text);
    throwInside(scope, value, text);
    if (!isAsked) {
      scope.context.ledger.note('changed', 'encoding_format', 'the provider writes vectors in another way than was asked: they are written anew');
      const { accepted, prepared } = understand(scope, sides);
      return answered(answer, accepted.reply(counted(scope, accepted.request, prepared.reply(value))));
    }
  } else if (!text.trimStart().startsWith('{') || !text.trimEnd().endsWith('}')) throw noAnswer(scope, 'a body came that is not a JSON object');
  const usage = format.usage(text.slice(-pieceLength)) ?? format.usage(start);
  if (usage !== undefined) attempt.usage = usage;
  return { ...answered(answer, ''), body: { kind: 'whole', chunks: body.chunks } };
}

async function translateEmbedding(scope: AttemptScope, sides: Sides): Promise<Answer> {
  const { accepted, prepared } = understand(scope, sides);
  const answer = await send(scope, { path: prepared.path, headers: callerHeaders(scope), body: [prepared.body], stream: false });
  const text = bodyText(await readAnswer(scope, answer));
  const value = parseAnswer(scope, text);
  throwInside(scope, value, text);
  const reply = counted(scope, accepted.request, prepared.reply(value));
  scope.attempt.endedAt = scope.world.now();
  return answered(answer, accepted.reply(reply));
}

function understand(scope: AttemptScope, { front, format }: Sides) {
  const { context } = scope;
  const accepted = front.accept(parseJsonText(requestText(scope)), context);
  const prepared: PreparedEmbedding = format.prepare(accepted.request, context);
  return { accepted, prepared };
}

async function readAnswer(scope: AttemptScope, answer: WireAnswer): Promise<ReadBody> {
  if (answer.status !== 200) throw await failureOf(scope, answer);
  const body = await readBody(scope, answer.body, answerLimit);
  if (body.long === undefined) return body;
  body.long.abort();
  throw noAnswer(scope, `the answer is longer than ${answerLimit} bytes`);
}

/** A provider may report its error with status 200. */
function throwInside({ back, target }: AttemptScope, value: unknown, text: string): void {
  if (!isObject(value)) return;
  const { error } = value;
  if (isObject(error) || (typeof error === 'string' && error !== '')) throw back.back.failure({ status: 200, headers: {}, text }, target);
}

/** The reply held against what was asked: a vector for every input, of the length that was asked, and with its cost. */
function counted(scope: AttemptScope, request: EmbedRequest, reply: EmbedReply): CountedReply {
  const { inputs, dimensions } = request;
  if (reply.vectors.length !== inputs.length) throw noAnswer(scope, `${inputs.length} vectors were asked for and ${reply.vectors.length} came`);
  const other = dimensions === undefined ? undefined : reply.vectors.find((vector) => vector.length !== dimensions);
  if (other !== undefined) throw noAnswer(scope, `vectors of ${dimensions} numbers were asked for and ${other.length} came`);
  const usage = reply.usage ?? estimate(scope, request);
  scope.attempt.usage = usage;
  return { ...reply, usage };
}

function estimate({ context }: AttemptScope, { inputs }: EmbedRequest): { readonly input: number; readonly output: 0 } {
  context.ledger.note('emulated', 'usage', 'the provider counts no tokens of embeddings: they are estimated');
  const tokens = inputs.reduce((sum, input) => sum + (input.kind === 'text' ? textTokens(input.text) : input.raw.split(',').length), 0);
  return { input: Math.max(1, Math.round(tokens)), output: 0 };
}

function noAnswer({ target }: AttemptScope, why: string): GatewayError {
  return new GatewayError('upstream_invalid_response', `${target.provider}: ${why}`, { provider: targetName(target), retryable: false });
}

function answered(answer: WireAnswer, text: string): Answer {
  return { status: 200, contentType: 'application/json', headers: passHeaders(answer.headers), body: { kind: 'whole', chunks: [text] } };
}
