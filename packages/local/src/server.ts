import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createChunkEncoder, createReplyCollector } from './chat-reply.ts';
import type { ReplyHead } from './chat-reply.ts';
import { decodeChatRequest, decodeTokenizeRequest } from './chat-request.ts';
import type { ChatAsk, Delivery } from './chat-request.ts';
import { decodeEmbeddingRequest, embeddingReply } from './embedding-request.ts';
import type { Generator } from './generator.ts';
import { isRecord } from './json-fields.ts';
import type { Fields } from './json-fields.ts';
import { badValue, WireError } from './wire-error.ts';

/** What the HTTP face of the embedded model is made of. */
export type ServerParts = {
  readonly generator: Generator;
  readonly model: string;
  /** The bearer secret every request must carry. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A fresh random part of an id. */
  readonly createId: () => string;
  readonly log: (line: string) => void;
};

const maxBody = 16 * 1024 * 1024;

/** An HTTP server that speaks the openai-chat format and nothing else. The caller listens. */
export function createChatServer(parts: ServerParts): Server {
  const isKey = createKeyCheck(parts.key);
  const server = createServer((request, response) => {
    answer(parts, isKey, { request, response }).catch((error: unknown) => fail(parts, response, error));
  });
  // A client's pool must not reuse a connection in the moment it is closed; the only client is on this machine.
  server.keepAliveTimeout = 120_000;
  return server;
}

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

async function answer(parts: ServerParts, isKey: (header: string | undefined) => boolean, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  if (!isKey(request.headers.authorization))
    throw new WireError(401, 'the bearer secret of the embedded model is missing or wrong', { code: 'invalid_api_key' });
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  switch (`${request.method} ${path}`) {
    case 'POST /v1/chat/completions':
      return answerChat(parts, exchange);
    case 'POST /v1/embeddings':
      return answerEmbeddings(parts, exchange);
    case 'POST /v1/tokenize':
      return sendJson(response, 200, { tokens: parts.generator.countTokens(decodeTokenizeRequest(await readBody(request))) });
    case 'GET /v1/models':
      return sendJson(response, 200, { object: 'list', data: [modelEntry(parts.model)] });
    case `GET /v1/models/${parts.model}`:
      return sendJson(response, 200, modelEntry(parts.model));
    default:
      throw new WireError(
        404,
        `nothing is served at ${request.method} ${path}; the embedded model answers POST /v1/chat/completions, POST /v1/embeddings, POST /v1/tokenize, GET /v1/models`,
        {
          code: 'unknown_url',
        },
      );
  }
}

async function answerEmbeddings(parts: ServerParts, { request, response }: Exchange): Promise<void> {
  const body = await readBody(request);
  checkModel(body, parts.model);
  const ask = decodeEmbeddingRequest(body);
  const gone = whenGone(response);
  if (response.destroyed) return;
  try {
    const { vectors, tokens } = await parts.generator.embed(ask, gone);
    sendJson(response, 200, embeddingReply(vectors, ask, { model: parts.model, tokens }));
  } catch (error) {
    if (!gone.aborted) throw error;
  }
}

/** Aborted when the client goes before its answer is out. */
function whenGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort(new Error('the client went away'));
  });
  return gone.signal;
}

async function answerChat(parts: ServerParts, { request, response }: Exchange): Promise<void> {
  const body = await readBody(request);
  checkModel(body, parts.model);
  const { ask, delivery } = decodeChatRequest(body);
  const gone = whenGone(response);
  if (response.destroyed) return;
  const head = { id: `chatcmpl-${parts.createId()}`, created: Math.floor(parts.now() / 1000), model: parts.model };
  try {
    await (delivery.stream ? stream : whole)(parts, { ask, delivery, head, response, signal: gone });
  } catch (error) {
    // Nobody is left to be told.
    if (!gone.aborted) throw error;
  }
}

type Job = {
  readonly ask: ChatAsk;
  readonly delivery: Delivery;
  readonly head: ReplyHead;
  readonly response: ServerResponse;
  readonly signal: AbortSignal;
};

async function whole(parts: ServerParts, job: Job): Promise<void> {
  const reply = createReplyCollector(job.head, () => `call_${parts.createId()}`);
  const end = await parts.generator.generate(job.ask, { signal: job.signal, emit: reply.add });
  sendJson(job.response, 200, reply.finish(end));
}

async function stream(parts: ServerParts, job: Job): Promise<void> {
  const { response } = job;
  const chunks = createChunkEncoder(job.head, { includeUsage: job.delivery.includeUsage, createCallId: () => `call_${parts.createId()}` });
  const write = (chunk: unknown) => response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  const end = await parts.generator.generate(job.ask, {
    signal: job.signal,
    emit(piece) {
      // Up to here an error could still be a status.
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
      write(chunks.add(piece));
    },
  });
  for (const chunk of chunks.finish(end)) write(chunk);
  response.end('data: [DONE]\n\n');
}

function fail(parts: ServerParts, response: ServerResponse, thrown: unknown): void {
  const error = thrown instanceof WireError ? thrown : unexpected(parts, thrown);
  if (!response.headersSent) {
    const retry = error.retryAfter === undefined ? {} : { 'retry-after': String(error.retryAfter) };
    // The rest of a body that was not read would be taken for the next request.
    const close = response.req.complete ? {} : { connection: 'close' };
    sendJson(response, error.status, error.toBody(), { ...retry, ...close });
    return;
  }
  // An event with `error` and no [DONE] after it: clients of the format throw on it.
  response.end(`data: ${JSON.stringify(error.toBody())}\n\n`);
}

function unexpected(parts: ServerParts, thrown: unknown): WireError {
  parts.log(`unexpected: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`);
  return new WireError(500, 'the embedded model failed on this request; its log has the details', { code: 'internal_error' });
}

async function readBody(request: IncomingMessage): Promise<Fields> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > maxBody) throw new WireError(413, `the request body is larger than ${maxBody} bytes`, { code: 'request_too_large' });
    chunks.push(chunk);
  }
  const body = parseJson(Buffer.concat(chunks).toString('utf8'));
  if (!isRecord(body)) throw new WireError(400, 'the request body must be a JSON object');
  return body;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WireError(400, `the request body is not valid JSON: ${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)}`);
  }
}

function checkModel(body: Fields, model: string): void {
  const asked = body['model'];
  if (asked === undefined || asked === null) throw badValue('model', `a model name is required; this server runs ${model}`);
  if (asked !== model)
    throw new WireError(404, `the model '${String(asked)}' is not here; this server runs ${model}`, { param: 'model', code: 'model_not_found' });
}

function modelEntry(model: string) {
  return { id: model, object: 'model', created: 0, owned_by: 'modelwire' };
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text), ...headers });
  response.end(text);
}

/** Compares digests, so that neither the time nor the length tells anything about the secret. */
function createKeyCheck(key: string): (header: string | undefined) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(key);
  return (header) => timingSafeEqual(digest(/^Bearer (\S+)$/i.exec(header ?? '')?.[1] ?? ''), expected);
}
