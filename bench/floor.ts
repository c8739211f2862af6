import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Dispatcher, Pool } from 'undici';
import { announce, lifetime } from './announce.ts';

/**
 * The floor: the least that a proxy on `node:http` and undici's dispatch can do. It collects nothing, looks at nothing, forwards the
 * request's headers and body and the answer's as they come, with back-pressure both ways. What the gateway costs more than this is what
 * its features cost. `node floor.ts http://127.0.0.1:PORT` proxies to that origin.
 */

const origin = process.argv[2];
if (origin === undefined) throw new Error('usage: floor.ts ORIGIN');
const pool = new Pool(origin, { pipelining: 1 });

const hopByHop = new Set(['connection', 'keep-alive', 'host', 'transfer-encoding', 'expect']);

function endToEnd(headers: IncomingMessage['headers']): Record<string, string | string[]> {
  const out: Record<string, string | string[]> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !hopByHop.has(name)) out[name] = value;
  }
  return out;
}

function responder(response: ServerResponse): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller) {
      response.on('drain', () => controller.resume());
      response.on('close', () => {
        if (!response.writableFinished) controller.abort(new Error('the caller is gone'));
      });
    },
    onResponseStart(_controller, status, headers) {
      response.writeHead(status, endToEnd(headers));
    },
    onResponseData(controller, chunk) {
      if (!response.write(chunk)) controller.pause();
    },
    onResponseEnd() {
      response.end();
    },
    onResponseError() {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    },
  };
}

lifetime();
announce(
  createServer((request, response) => {
    const method = request.method === 'GET' ? 'GET' : 'POST';
    const body = method === 'GET' ? null : request;
    pool.dispatch({ method, path: request.url ?? '/', headers: endToEnd(request.headers), body }, responder(response));
  }),
  'floor',
);
