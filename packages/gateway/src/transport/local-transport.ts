import type { CancelSignal } from 'modelwire/internal/core/cancel';
import { GatewayError, isGatewayError, toGatewayError } from 'modelwire/internal/core/errors';
import type { Transport } from 'modelwire/internal/core/transport';
import type { LocalEngine, LocalEndpoint } from '@modelwire/local';

/**
 * The embedded model as a provider like any other: starts the engine at first use (fetching the model file when there is none), then
 * speaks HTTP to its child process. A model that cannot be had is an error that says so; nothing else ever answers in its place.
 */
export function localTransport(engine: LocalEngine, http: Transport): Transport {
  return async (request) => {
    const endpoint = await started(engine, request.headersMs, request.signal);
    return await http({
      ...request,
      url: endpoint.baseURL + new URL(request.url).pathname.replace(/^\/v1/, ''),
      headers: { ...request.headers, authorization: `Bearer ${endpoint.key}` },
    });
  };
}

function started(engine: LocalEngine, waitMs: number, signal: CancelSignal): Promise<LocalEndpoint> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(stillLoading(waitMs))), waitMs);
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      release();
      act();
    };
    const release = signal.onAbort(() => settle(() => reject(toGatewayError(signal.reason))));
    engine.start().then(
      (endpoint) => settle(() => resolve(endpoint)),
      (error: unknown) => settle(() => reject(isGatewayError(error) ? error : unavailable(engine, error))),
    );
  });
}

function stillLoading(waitMs: number): GatewayError {
  return new GatewayError('model_unavailable', `the embedded model is still being fetched or loaded after ${Math.round(waitMs / 1000)} s`, {
    provider: 'local',
    retryAfter: 30,
    hint: 'Ask again shortly; `modelwire doctor` shows how far it is',
  });
}

/** The engine's own words for why it cannot answer, with what to do. */
export function unavailable(engine: LocalEngine, cause: unknown): GatewayError {
  const status = engine.status();
  const message = status.state === 'failed' ? status.message : cause instanceof Error ? cause.message : 'the engine failed';
  const hint = status.state === 'failed' ? status.hint : 'Run `modelwire doctor`';
  return new GatewayError('model_unavailable', `the embedded model cannot answer: ${message}`, { provider: 'local', cause, hint, retryable: false });
}
