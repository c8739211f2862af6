import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createCanceller } from 'modelwire/internal/core/cancel';
import { GatewayError } from 'modelwire/internal/core/errors';
import type { Transport } from 'modelwire/internal/core/transport';
import type { HttpEngine } from '../config/config.ts';
import { createConnections } from './connections.ts';
import { httpTransport } from './http-transport.ts';

const good = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';

/** A server that is told each request with its place on its connection and among all. */
async function serve(
  context: TestContext,
  engine: HttpEngine,
  answer: (socket: Socket, nth: number, all: number) => void,
): Promise<{ send(body?: string): Promise<number>; requests(): number }> {
  let all = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let nth = 0;
    let text = '';
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
      text += String(data);
      if (!text.endsWith('end')) return;
      text = '';
      answer(socket, ++nth, ++all);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/x`;
  const connections = createConnections({ env: {}, connectMs: 2000, engine, headers: {} });
  context.after(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await connections.close();
  });
  const transport: Transport = httpTransport({ provider: 'lab', way: () => connections.way(undefined) });
  return {
    requests: () => all,
    async send(body = '{}end') {
      const { status, body: source } = await transport({
        method: 'POST',
        url,
        headers: {},
        body: [body],
        connectMs: 2000,
        headersMs: 2000,
        signal: createCanceller().signal,
      });
      await new Promise<void>((resolve, reject) => source.start({ data: () => undefined, end: resolve, fail: reject }));
      // undici takes a connection back one turn later.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      return status;
    },
  };
}

for (const engine of ['lean', 'node'] as const) {
  for (const [how, close] of [
    ['closed', (socket: Socket) => socket.end()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ] as const) {
    test(`a used connection that is ${how} as the next request goes out costs nobody anything (${engine})`, async (context) => {
      const { send, requests } = await serve(context, engine, (socket, nth) => {
        if (nth === 1) socket.write(good);
        else close(socket);
      });
      for (let i = 0; i < 4; i++) assert.equal(await send(), 200);
      assert.equal(await send(`${'x'.repeat(200_000)}end`), 200);
      assert.equal(requests(), 5 + 4);
    });

    test(`a fresh connection that is ${how} without an answer is an error, not sent again (${engine})`, async (context) => {
      const { send, requests } = await serve(context, engine, close);
      await assert.rejects(send(), (error: unknown) => error instanceof GatewayError && error.code === 'upstream_unreachable');
      assert.equal(requests(), 1);
    });
  }

  test(`a used connection that breaks in the middle of a head is not sent on again (${engine})`, async (context) => {
    const { send, requests } = await serve(context, engine, (socket, nth) => {
      if (nth === 1) socket.write(good);
      else socket.end('HTTP/1.1 200 OK\r\ncontent-');
    });
    assert.equal(await send(), 200);
    await assert.rejects(send());
    assert.equal(requests(), 2);
  });
}
