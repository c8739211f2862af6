import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCanceller } from 'modelwire/internal/core/cancel';
import { GatewayError } from 'modelwire/internal/core/errors';
import type { Transport, WireAnswer } from 'modelwire/internal/core/transport';
import { createMockTransport } from 'modelwire/internal/providers/mock';

/** One request that came: for counting attempts, and for looking at what really arrived. */
export type SeenRequest = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** `gone`: the caller left before the answer had ended. */
  state: 'open' | 'answered' | 'gone';
  /** Of the answer; 0 before there is one. */
  status: number;
};

export type MockServer = {
  /** `http://127.0.0.1:PORT`, without `/v1`. */
  readonly url: string;
  readonly port: number;
  /** What has come so far, oldest first. */
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
};

/**
 * The scripted provider on a real socket: an upstream for gateways, and for clients in other languages. `GET /seen?contains=TEXT` tells
 * what has come with that text in the body (POST requests only).
 */
export async function startMockServer(options: { readonly port?: number; readonly transport?: Transport } = {}): Promise<MockServer> {
  const transport = options.transport ?? createMockTransport();
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    if (tellSeen(request, response, seen)) return;
    serve(request, response, transport, seen).catch((error: unknown) => {
      // What the transport rejects with here is the caller's leaving: nobody is left to be told.
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = addressOf(server);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the mock server listens on no port');
  return address;
}

function tellSeen(request: IncomingMessage, response: ServerResponse, seen: readonly SeenRequest[]): boolean {
  const url = new URL(request.url ?? '/', 'http://mock.invalid');
  if (url.pathname !== '/seen') return false;
  const text = url.searchParams.get('contains') ?? '';
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(seen.filter((one) => one.body.includes(text))));
  return true;
}

async function serve(request: IncomingMessage, response: ServerResponse, transport: Transport, seen: SeenRequest[]): Promise<void> {
  const method = request.method === 'GET' ? 'GET' : 'POST';
  const path = request.url ?? '/';
  const headers = Object.fromEntries(Object.entries(request.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]));
  const body = await readAll(request);
  const entry: SeenRequest = { path, headers, body, state: 'open', status: 0 };
  if (method === 'POST') seen.push(entry);
  const gone = createCanceller();
  response.once('close', () => {
    entry.state = response.writableFinished ? 'answered' : 'gone';
    gone.abort(new GatewayError('client_gone', 'the caller left'));
  });
  const answer = await transport({
    method,
    url: `http://mock.invalid${path}`,
    headers,
    body: [body],
    connectMs: 60_000,
    headersMs: 600_000,
    signal: gone.signal,
  });
  entry.status = answer.status;
  send(answer, response);
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function send(answer: WireAnswer, response: ServerResponse): void {
  for (const [name, value] of Object.entries(answer.headers)) if (value !== undefined) response.setHeader(name, value);
  response.writeHead(answer.status);
  // A head that waits for its first bytes would hide a silent body from the caller.
  response.flushHeaders();
  response.on('drain', () => answer.body.resume());
  answer.body.start({
    data(chunk) {
      if (!response.write(chunk)) answer.body.pause();
    },
    end: () => response.end(),
    // The pieces written so far must still go out before the connection breaks.
    fail: () => setImmediate(() => response.socket?.destroySoon()),
  });
}

if (import.meta.main) {
  const server = await startMockServer({ port: Number(process.env['PORT'] ?? 0) });
  console.log(server.url);
}
