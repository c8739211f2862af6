import { GatewayError } from '../core/errors.ts';
import { servicePaths } from '../providers/services.ts';
import type { Incoming, Outgoing } from './handling.ts';
import { idHeaders, json } from './outgoing.ts';

/** What is served, for people who look. */
const endpoints: readonly string[] = [
  'POST /v1/chat/completions',
  'POST /v1/responses',
  'POST /v1/responses/input_tokens',
  'GET /v1/responses/{id}',
  'GET /v1/responses/{id}/input_items',
  'POST /v1/responses/{id}/cancel',
  'DELETE /v1/responses/{id}',
  'POST /v1/messages',
  'POST /v1/messages/count_tokens',
  'POST /v2/chat',
  'POST /v1/embeddings',
  'POST /v1beta/models/{id}:generateContent',
  'POST /v1beta/models/{id}:streamGenerateContent',
  'POST /v1beta/models/{id}:countTokens',
  'POST /api/chat',
  'POST /api/generate',
  'POST /api/show',
  'GET /api/tags',
  'POST /model/{id}/converse',
  'POST /model/{id}/converse-stream',
  'POST /model/{id}/count-tokens',
  'POST /v1beta/models/{id}:embedContent',
  'POST /v1beta/models/{id}:batchEmbedContents',
  'GET /v1/models',
  'GET /v1/models/{id}',
];

/** What is passed on as it is. */
const relayed: readonly string[] = [...new Set(servicePaths.map(({ path }) => `/v1${path}`))];

function about(version: string): object {
  return {
    name: 'modelwire',
    version,
    endpoints,
    relayed,
  };
}

/** Ollama's clients look for a server by these words. */
export function rootAnswer(version: string, { headers }: Incoming, id: string): Outgoing {
  if (headers['user-agent']?.startsWith('ollama') !== true) return json(id, JSON.stringify(about(version)));
  const type = { 'content-type': 'text/plain; charset=utf-8', ...idHeaders(id) };
  return { status: 200, headers: type, body: { kind: 'whole', chunks: ['Ollama is running'] } };
}

/** A path that is not served, or not with this method. */
export function unmatched(incoming: Incoming, allow: string | undefined): GatewayError {
  const path = incoming.path.slice(0, 200);
  if (allow !== undefined) return new GatewayError('method_not_allowed', `${path} takes ${allow}, not ${incoming.method}`, { details: { allow } });
  return new GatewayError('not_found', `no such path: ${path}`, {
    hint: `Served here: ${endpoints.join(', ')}; relayed to the provider that the model or the header modelwire-provider names: ${relayed.join(', ')}`,
  });
}
