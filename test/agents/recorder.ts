import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request of an agent and what it got, as the bytes were. */
export type Exchange = {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  sent: string;
  /** 0 before there is an answer. */
  status: number;
  answerHeaders: IncomingHttpHeaders;
  /** An AWS event stream in base64. */
  got: string;
  /** The agent left before the answer had ended. */
  left: boolean;
};

export type Recorder = { readonly url: string; /** Oldest first. */ readonly exchanges: readonly Exchange[]; close(): Promise<void> };

export const eventStream = 'application/vnd.amazon.eventstream';

/** Stands between an agent and the gateway and writes down what passes. Changes nothing but `host`. */
export async function startRecorder(gateway: string): Promise<Recorder> {
  const exchanges: Exchange[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url = '/', headers } = incoming;
    const exchange: Exchange = { method, path: url, headers, sent: '', status: 0, answerHeaders: {}, got: '', left: false };
    exchanges.push(exchange);
    const target = new URL(url, gateway);
    const onward = ask(target, { method, headers: { ...headers, host: target.host } }, (answer) => {
      exchange.status = answer.statusCode ?? 0;
      exchange.answerHeaders = answer.headers;
      outgoing.writeHead(exchange.status, answer.headers);
      outgoing.flushHeaders();
      if (answer.headers['content-type'] === eventStream) gather(answer, (bytes) => (exchange.got = bytes.toString('base64')));
      else collect(answer, (text) => (exchange.got = text));
      answer.pipe(outgoing);
    });
    onward.on('error', (error) => outgoing.destroy(error));
    outgoing.once('close', () => {
      exchange.left = !outgoing.writableFinished;
      onward.destroy();
    });
    collect(incoming, (text) => (exchange.sent = text));
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    exchanges,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Tells what has come so far, again and again: whole characters only. */
function collect(from: IncomingMessage, tell: (text: string) => void): void {
  const decoder = new TextDecoder();
  let text = '';
  from.on('data', (chunk: Buffer) => tell((text += decoder.decode(chunk, { stream: true }))));
}

function gather(from: IncomingMessage, tell: (bytes: Buffer) => void): void {
  const chunks: Buffer[] = [];
  from.on('data', (chunk: Buffer) => chunks.push(chunk));
  from.on('close', () => tell(Buffer.concat(chunks)));
}
