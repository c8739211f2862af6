import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { GatewayError } from 'modelwire/internal/core/errors';
import type { Handling, Incoming, Outgoing } from 'modelwire/internal/runtime/handling';
import { createNodeServer } from '../http/node-server.ts';
import { createHttpServer } from '../http/server.ts';
import { createEdge } from './edge.ts';

const whole = (body: string, status = 200): Outgoing => ({ status, headers: { 'content-type': 'application/json' }, body: { kind: 'whole', chunks: [body] } });
const handling = (outgoing: Outgoing | Promise<Outgoing>, cancel: (error: GatewayError) => void = () => undefined): Handling => ({
  outgoing: Promise.resolve(outgoing),
  cancel,
  sent: () => undefined,
});

const engines = { lean: createHttpServer, node: createNodeServer };

type Edge = (context: TestContext, handle: (incoming: Incoming) => Handling, stallMs?: number) => Promise<number>;

const refusal = (error: GatewayError): Outgoing => whole(JSON.stringify({ error: { message: error.message } }), error.status);

/** A test of the edge alone, over each engine: what it hands over is answered by the test. */
function both(name: string, run: (context: TestContext, edge: Edge) => Promise<void>): void {
  for (const [engine, createServer] of Object.entries(engines)) {
    test(`${name} (${engine})`, (context) =>
      run(context, async (own, handle, stallMs) => {
        const { server } = createEdge({
          handler: { handle, refuse: (_incoming, error) => refusal(error), refuseUnread: refusal, close: () => undefined },
          createServer,
          bodyLimit: () => 1000,
          admit: () => undefined,
          side: () => undefined,
          ...(stallMs === undefined ? {} : { stallMs }),
        });
        own.after(() => {
          server.closeAll();
          void server.close();
        });
        return await server.listen({ host: '127.0.0.1', port: 0 });
      }));
  }
}

type Talk = { readonly socket: Socket; text(): string; until(pattern: RegExp): Promise<string>; readonly closed: Promise<string> };

function talk(port: number, text: string): Talk {
  let heard = '';
  const socket = connect(port, '127.0.0.1', () => socket.write(text));
  const looks = new Set<() => void>();
  socket.on('data', (data) => {
    heard += String(data);
    for (const look of looks) look();
  });
  socket.on('error', () => socket.destroy());
  return {
    socket,
    text: () => heard,
    until: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => (pattern.test(heard) ? resolve(heard) : undefined);
        looks.add(look);
        look();
      }),
    closed: new Promise((resolve) => socket.on('close', () => resolve(heard))),
  };
}

both('garbage after a request never becomes part of its answer', async (context, edge) => {
  const port = await edge(context, () =>
    handling({
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: { kind: 'stream', source: { start: (sink) => sink.data('data: 1\n\n'), pause: () => undefined, resume: () => undefined } },
    }),
  );
  const streaming = talk(port, 'GET /v1/x HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await streaming.until(/data: 1/);
  streaming.socket.write('GARBAGE\r\n\r\n');
  assert.doesNotMatch(await streaming.closed, /400/);
  const open = talk(await edge(context, () => handling(new Promise(() => undefined))), 'GET /v1/x HTTP/1.1\r\nHost: localhost\r\n\r\nGARBAGE\r\n\r\n');
  assert.equal(await open.closed, '');
});

both('a caller that stops reading a stream is given up', async (context, edge) => {
  const cancelled: GatewayError[] = [];
  const port = await edge(
    context,
    () =>
      handling(
        {
          status: 200,
          headers: {},
          body: { kind: 'stream', source: { start: (sink) => sink.data(new Uint8Array(20_000_000)), pause: () => undefined, resume: () => undefined } },
        },
        (error) => cancelled.push(error),
      ),
    50,
  );
  const { socket, closed } = talk(port, 'GET /v1/x HTTP/1.1\r\nHost: localhost\r\n\r\n');
  socket.pause();
  await new Promise<void>((resolve) => {
    const look = (): unknown => (cancelled.length > 0 ? resolve() : setImmediate(look));
    look();
  });
  assert.deepEqual([cancelled[0]?.code, cancelled[0]?.message], ['client_gone', 'the caller does not read']);
  socket.resume();
  await closed;
});

for (const kind of ['stream', 'whole'] as const) {
  both(`what is left of a ${kind} answer does not wait for ever for its reader`, async (context, edge) => {
    let gone: () => void = () => undefined;
    const left = new Promise<void>((resolve) => (gone = resolve));
    const big = 'x'.repeat(20_000_000);
    const body: Outgoing['body'] =
      kind === 'whole'
        ? { kind, chunks: [big] }
        : {
            kind,
            source: {
              start(sink) {
                sink.data(big);
                sink.end();
              },
              pause: () => undefined,
              resume: () => undefined,
            },
          };
    const port = await edge(context, () => ({ ...handling({ status: 200, headers: {}, body }), sent: gone }), 50);
    const { socket } = talk(port, 'GET /v1/x HTTP/1.1\r\nHost: localhost\r\n\r\n');
    socket.pause();
    await left;
    socket.destroy();
  });
}

both('an upload over the limit always gets its 413', async (context, edge) => {
  const port = await edge(context, () => handling(whole('{}')));
  const piece = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
  for (let i = 0; i < 20; i++) {
    const sent = talk(port, 'POST /v1/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
    // Everything first, like a client that reads only when it has written.
    sent.socket.pause();
    await once(sent.socket, 'connect');
    await new Promise<void>((resolve) => sent.socket.write(`${piece.repeat(40)}0\r\n\r\n`, () => resolve()));
    sent.socket.resume();
    assert.match(await sent.closed, /^HTTP\/1\.1 413 [\s\S]*larger than 1000 bytes/);
  }
});

both('100 Continue is not said to what is too large', async (context, edge) => {
  const port = await edge(context, (incoming) => handling(whole(`{"got":${incoming.body.length}}`)));
  const head = (length: number): string => `POST /v1/x HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
  assert.match(await talk(port, head(2000)).closed, /^HTTP\/1\.1 413 /);
  const small = talk(port, head(3));
  await small.until(/^HTTP\/1\.1 100 /);
  small.socket.end('abc');
  assert.match(await small.closed, /200 OK[\s\S]*\{"got":3\}/);
});

both('a missing host and an unknown expectation are refused with a body', async (context, edge) => {
  const port = await edge(context, () => handling(whole('{}')));
  assert.match(await talk(port, 'GET /v1/x HTTP/1.1\r\nConnection: close\r\n\r\n').closed, /^HTTP\/1\.1 400 [\s\S]*Host header"\}\}$/);
  assert.match(await talk(port, 'GET /v1/x HTTP/1.1\r\nHost: localhost\r\nExpect: foo\r\nConnection: close\r\n\r\n').closed, /^HTTP\/1\.1 417 [\s\S]*"error"/);
  assert.match(await talk(port, 'GET /v1/x HTTP/1.0\r\n\r\n').closed, /^HTTP\/1\.1 200 /);
});

both('the query is handed over without its question mark', async (context, edge) => {
  const port = await edge(context, ({ path, query }) => handling(whole(`${path} ${query}`)));
  assert.match(await talk(port, 'GET /v1/x?a=1&b=%20 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n').closed, /\/v1\/x a=1&b=%20$/);
});

both('a body that nobody wants and that is none harms nobody', async (context, edge) => {
  const port = await edge(context, () => handling(whole('{}')));
  const bad = 'GET /v1/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n';
  await talk(port, bad).closed;
  assert.match(await talk(port, 'GET /v1/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n').closed, /200 OK/);
});

both('a caller that goes while its body is unpacked is seen to have gone', async (context, edge) => {
  const cancelled: GatewayError[] = [];
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => (leave = resolve));
  const port = await edge(context, () => ({ outgoing: new Promise(() => undefined), cancel: (error) => cancelled.push(error), sent: leave }));
  const body = gzipSync('{}');
  const { socket } = talk(port, `POST /v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`);
  await once(socket, 'connect');
  socket.end(body);
  await left;
  assert.equal(cancelled[0]?.code, 'client_gone');
});
