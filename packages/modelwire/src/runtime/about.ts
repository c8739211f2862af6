import { GatewayError } from '../core/errors.ts';
import type { DialectName } from '../core/ir.ts';
import { servicePaths } from '../providers/services.ts';
import { dialectOfCaller } from './endpoints.ts';
import type { Incoming, Outgoing } from './handling.ts';
import { idHeaders, json } from './outgoing.ts';

/** What is served in each format, for people who look. */
const served: { readonly [front in DialectName]: readonly string[] } = {
  'openai-chat': ['POST /v1/chat/completions', 'POST /v1/embeddings', 'GET /v1/models', 'GET /v1/models/{id}'],
  'openai-responses': [
    'POST /v1/responses',
    'POST /v1/responses/input_tokens',
    'GET /v1/responses/{id}',
    'GET /v1/responses/{id}/input_items',
    'POST /v1/responses/{id}/cancel',
    'DELETE /v1/responses/{id}',
  ],
  'anthropic-messages': ['POST /v1/messages', 'POST /v1/messages/count_tokens', 'GET /v1/models', 'GET /v1/models/{id}'],
  gemini: [
    'POST /v1beta/models/{id}:generateContent',
    'POST /v1beta/models/{id}:streamGenerateContent',
    'POST /v1beta/models/{id}:countTokens',
    'POST /v1beta/models/{id}:embedContent',
    'POST /v1beta/models/{id}:batchEmbedContents',
    'GET /v1beta/models',
    'GET /v1beta/models/{id}',
  ],
  'bedrock-converse': ['POST /model/{id}/converse', 'POST /model/{id}/converse-stream', 'POST /model/{id}/count-tokens'],
  cohere: ['POST /v2/chat', 'POST /v2/embed', 'GET /v1/models', 'GET /v1/models/{id}'],
  ollama: ['POST /api/chat', 'POST /api/generate', 'POST /api/embed', 'POST /api/show', 'GET /api/tags', 'GET /api/ps', 'GET /api/version'],
};
const endpoints: readonly string[] = [...new Set(Object.values(served).flat())];

/** What is passed on as it is. */
const relayed = (front?: DialectName): readonly string[] => [
  ...new Set(servicePaths.filter((one) => front === undefined || one.front === front).map(({ path }) => (path.startsWith('/v2/') ? path : `/v1${path}`))),
];

/** What clients ask for that is not served in their format, and where else to turn. */
const elsewhere: readonly (readonly [path: RegExp, hint: string])[] = [
  [/\/api\/(?:pull|push|create|copy|delete|blobs)(?:\/|$)/, 'No models are kept here: pull, push, create, copy and delete them at the Ollama server itself'],
  [/\/api\/embeddings$/, 'Embeddings are at POST /api/embed, which takes several texts at once'],
  [/\/model\/.+\/invoke(?:-with-response-stream)?$/, 'InvokeModel takes another body for each vendor: ask by Converse (POST /model/{id}/converse)'],
];

function about(version: string): object {
  return {
    name: 'modelwire',
    version,
    endpoints,
    relayed: relayed(),
  };
}

/** Ollama's clients look for a server by these words. */
export function rootAnswer(version: string, { headers }: Incoming, id: string): Outgoing {
  if (headers['user-agent']?.startsWith('ollama') !== true) return json(id, JSON.stringify(about(version)));
  const type = { 'content-type': 'text/plain; charset=utf-8', ...idHeaders(id) };
  return { status: 200, headers: type, body: { kind: 'whole', chunks: ['Ollama is running'] } };
}

/** A path that is not served, or not with this method. The hint keeps to the caller's format. */
export function unmatched({ path: whole, method, headers }: Incoming, allow: string | undefined): GatewayError {
  const path = whole.slice(0, 200);
  if (allow !== undefined) return new GatewayError('method_not_allowed', `${path} takes ${allow}, not ${method}`, { details: { allow } });
  const front = dialectOfCaller(headers, whole);
  const [, known] = elsewhere.find(([pattern]) => pattern.test(path)) ?? [];
  const passed = relayed(front);
  const others = passed.length === 0 ? '' : `; relayed to the provider that the model or the header modelwire-provider names: ${passed.join(', ')}`;
  return new GatewayError('not_found', `no such path: ${path}`, {
    hint: `${known === undefined ? '' : `${known}. `}Served in this format: ${served[front].join(', ')}${others}. GET / tells of all`,
  });
}
