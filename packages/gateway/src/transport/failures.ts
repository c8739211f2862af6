import { deadlineError } from 'modelwire/internal/core/deadline';
import { GatewayError } from 'modelwire/internal/core/errors';
import type { WireRequest } from 'modelwire/internal/core/transport';
import { HttpSyntaxError } from '../http/head.ts';

/** What kept a provider from answering, in words that hold no address: that is the operator's business. */

export function invalidAnswer(provider: string, what: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_invalid_response', `${provider}: the server ${what}`, {
    provider,
    cause,
    hint: 'Check the base URL and any proxy in between',
  });
}

/** In words, without the address: that is the operator's business and stands in the log. */
const reasons: { readonly [code: string]: string } = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be looked up',
  ENETUNREACH: 'the network is unreachable',
  EHOSTUNREACH: 'the host is unreachable',
  UND_ERR_SOCKET: 'the server closed the connection without an answer',
  EPIPE: 'the connection broke while the request was sent',
  MODELWIRE_CLOSED: 'the server closed the connection without an answer',
};

export function connectError(error: unknown, request: WireRequest, provider: string): GatewayError {
  const code = codeOf(error);
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return deadlineError('connect', request.connectMs, provider);
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return deadlineError('headers', request.headersMs, provider);
  if (error instanceof HttpSyntaxError || code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
    return invalidAnswer(provider, 'did not answer in legal HTTP', error);
  const tls = /CERT|SELF_SIGNED|TLS|SSL|ALTNAME/.test(code) ? `its TLS certificate was not accepted (${code})` : undefined;
  return new GatewayError('upstream_unreachable', `cannot reach ${provider}: ${tls ?? reasons[code] ?? 'the connection failed'}`, {
    provider,
    cause: error,
    retryable: tls === undefined && code !== 'ENOTFOUND',
    hint: tls === undefined ? 'Check that the server runs, its baseURL, and any proxy' : 'Give the certificate authority as caFile',
  });
}

/** The code of the error that is at the bottom of this one. */
export function codeOf(error: unknown): string {
  let at: unknown = error;
  while (at instanceof Error) {
    if (at instanceof AggregateError && at.errors[0] !== undefined) at = at.errors[0];
    else if ('code' in at && typeof at.code === 'string') return at.code;
    else at = at.cause;
  }
  return '';
}
