import type { ErrorCode } from 'modelwire/internal/core/errors';
import type { CliErrorCode } from './exit-code.ts';

/** What each error code means and what to do: one entry a code, for `modelwire help errors`. */
export const errorHelp: { readonly [code in ErrorCode | CliErrorCode]: string } = {
  usage: 'The command line is not one that modelwire has. The message names the part; --help shows what there is.',
  invalid_config:
    'The configuration file, a flag or a MODELWIRE_ variable cannot be used. Every problem is listed with its place. `modelwire check` looks again.',
  no_key:
    'The model belongs to a provider without a key. Set its variable (in the environment, .env or .env.local), or give the provider a key in modelwire.yaml.',
  port_taken: 'Another program listens on the port. Choose one with --port N, or --port 0 for any free one.',
  not_reachable: 'No gateway answers at the given URL. Start one with `modelwire serve`, or leave --url and MODELWIRE_URL out.',
  not_installed: 'An optional package is missing. The message says which one, and how to install it.',
  nothing_recorded: 'No such call is in the store. `modelwire why last` shows the newest; MODELWIRE_DATA and the setting "store" say where the store is.',
  failed: 'Something failed for which there is no better name. The message says what.',
  invalid_request: 'A field of the request is missing or has a value that it cannot have. The message names it.',
  unsupported_parameter: 'The field cannot be sent to this model without changing what it means. Leave it out, choose another model, or set fidelity: lenient.',
  context_length_exceeded: 'The conversation is longer than the model can hold. Shorten it, or choose a model with a longer context.',
  invalid_api_key: 'This gateway asks for a key and got none, or a wrong one. Send it as "Authorization: Bearer KEY" or "x-api-key: KEY".',
  insufficient_quota: 'The account at the provider is out of money or quota. Top it up there; trying again does not help.',
  permission_denied: 'The key may not do this, or may not use this model. `keys` in modelwire.yaml says what it may.',
  cross_site_refused: 'A web page of another site sent the request. Gateways without keys answer only programs on the same machine.',
  model_not_found:
    'Nothing answers to that model name. The message names the nearest one, or the key that is missing. `modelwire models` lists what can answer now.',
  not_found: 'There is nothing at that path. `modelwire serve` prints the base URL.',
  method_not_allowed: 'The path is right, the HTTP method is not.',
  request_timeout: 'The request did not arrive whole in time.',
  conflict: 'A call with the same idempotency key is still running.',
  request_too_large: 'The body is larger than server.bodyLimit.',
  content_filter: 'The provider refused the content.',
  thread_unsupported_request: 'Message threads are kept neither here (conversations: off) nor there; the client sends the conversation in full instead.',
  thread_not_found: 'The thread is kept no longer (conversations.keep, conversations.size), or was begun elsewhere. The client sends the conversation in full.',
  thread_fingerprint_mismatch: 'A thread keeps the system text and tools that it was created with. Begin another with the new ones.',
  previous_response_not_found:
    'The response is kept no longer (conversations.keep, conversations.size), was never stored, or is another key’s. Send the turns so far as input.',
  rate_limit_exceeded: 'Too many calls or tokens in the time. Wait as long as retry-after says.',
  internal_error: 'modelwire failed on its own account: a bug. The request id helps to find it; please report it.',
  loop_detected: 'A provider URL leads back to this gateway. Correct baseURL.',
  upstream_error: 'The provider failed. Trying again may help.',
  upstream_auth: 'The provider refused the key that modelwire has for it. `modelwire doctor` says where the key comes from.',
  upstream_unreachable: 'No connection to the provider: name, network, proxy or certificate. The message says which.',
  upstream_invalid_response: 'What the provider answered is not in its own format (an HTML page of a proxy, say).',
  upstream_stream_cut: 'The stream ended before the answer did. What came until then is not the whole answer.',
  overloaded: 'Too much is going on, here or at the provider. Try again later.',
  model_unavailable: 'The embedded model cannot answer: it could not be fetched or started. The message says why.',
  no_target: 'Nothing is left that could answer: every target of the route is off or failed.',
  deadline_connect: 'The connection to the provider did not stand in time (deadline.connect).',
  deadline_headers: 'The provider did not begin to answer in time (deadline.headers).',
  deadline_first_token: 'The first word of the stream did not come in time (deadline.firstToken).',
  deadline_idle: 'The stream stopped for too long (deadline.idle).',
  deadline_total: 'The call took too long altogether (deadline.total).',
  client_gone: 'The client closed the connection before the answer was whole.',
};
