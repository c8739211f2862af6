import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import type { Exchange, HttpServer, Timeouts } from './exchange.ts';
import { createNodeServer } from './node-server.ts';
import { createHttpServer } from './server.ts';

type Start = (
  context: TestContext,
  handle: (exchange: Exchange) => void,
  timeouts?: Timeouts,
) => Promise<{ readonly port: number; readonly server: HttpServer }>;

/** A test of the server over real sockets, over each engine. */
function both(name: string, run: (context: TestContext, start: Start) => Promise<void>): void {
  for (const [engine, createServer] of Object.entries({ lean: createHttpServer, node: createNodeServer })) {
    test(`${name} (${engine})`, (context) =>
      run(context, async (own, handle, timeouts) => {
        const server = createServer({
          handle,
          refuse: (error) => ({ status: error.status, headers: {}, payload: 'no' }),
          ...(timeouts === undefined ? {} : { timeouts }),
        });
        own.after(() => {
          server.closeAll();
          void server.close();
        });
        return { server, port: await server.listen({ host: '127.0.0.1', port: 0 }) };
      }));
  }
}

type Caller = { readonly socket: Socket; heard(): string; until(pattern: RegExp): Promise<void>; readonly closed: Promise<string> };

function call(port: number, text = ''): Caller {
  let heard = '';
  const looks = new Set<() => void>();
  const socket = connect(port, '127.0.0.1', () => (text === '' ? undefined : socket.write(text)));
  socket.on('data', (data) => {
    heard += data.toString('latin1');
    for (const look of looks) look();
  });
  socket.on('error', () => socket.destroy());
  return {
    socket,
    heard: () => heard,
    closed: new Promise((resolve) => socket.on('close', () => resolve(heard))),
    until: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!pattern.test(heard)) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      }),
  };
}

const get = (path = '/'): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

describe('a server', () => {
  both('answers ten requests at once in their order', async (context, start) => {
    const { port } = await start(context, (exchange) =>
      exchange.readBody(100, (body) => exchange.send(200, {}, `[${exchange.head.target}${Buffer.from(body).toString()}]`)),
    );
    const text = Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? get(`/${i}`) : `POST /${i} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n!`)).join('');
    const caller = call(port, text);
    await caller.until(/\[\/9!\]/);
    assert.deepEqual(
      caller.heard().match(/\[[^\]]*\]/g),
      Array.from({ length: 10 }, (_, i) => `[/${i}${i % 2 === 0 ? '' : '!'}]`),
    );
    caller.socket.destroy();
  });

  both('carries a thousand idle connections, and closes them at once', async (context, start) => {
    const { port, server } = await start(context, (exchange) => exchange.send(200, {}, 'ok'));
    const callers = Array.from({ length: 1000 }, () => call(port, get()));
    await Promise.all(callers.map((caller) => caller.until(/ok$/)));
    const closed = server.close();
    await Promise.all(callers.map((caller) => caller.closed));
    await closed;
  });

  both('closes after the answers that are on their way', async (context, start) => {
    const exchanges: Exchange[] = [];
    const { port, server } = await start(context, (exchange) => {
      exchanges.push(exchange);
      if (exchange.head.target === '/flowing') {
        exchange.begin(200, {}, () => undefined);
        exchange.write('begun');
      }
    });
    const [waiting, flowing] = [call(port, get('/waiting')), call(port, get('/flowing'))];
    await flowing.until(/begun/);
    while (exchanges.length < 2) await new Promise((resolve) => setImmediate(resolve));
    let isClosed = false;
    const closed = server.close().then(() => (isClosed = true));
    const late = connect(port, '127.0.0.1');
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
    assert.equal(isClosed, false);
    for (const exchange of exchanges) {
      if (exchange.begun()) exchange.end();
      else exchange.send(200, {}, 'late');
    }
    assert.match(await waiting.closed, /late$/);
    assert.match(await flowing.closed, /begun\r\n0\r\n\r\n$/);
    await closed;
  });

  both('tells slow callers', async (context, start) => {
    const { port } = await start(context, (exchange) => exchange.readBody(100, () => undefined), { head: 30, request: 60, idle: 100_000 });
    const [head, body] = [call(port, 'GET / HT'), call(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel')];
    for (const caller of [head, body]) assert.match(await caller.closed, /^HTTP\/1\.1 408 /);
  });

  both('answers who is still sending, and waits for it to read that', async (context, start) => {
    const { port } = await start(context, (exchange) =>
      exchange.readBody(1000, (outcome) => {
        if (outcome === 'too_large') exchange.send(413, {}, 'too much');
      }),
    );
    const caller = call(port, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n${'x'.repeat(900_000)}`);
    assert.match(await caller.closed, /^HTTP\/1\.1 413 [^]*connection: close[^]*too much/i);
  });

  both('sends a large answer as it is read', async (context, start) => {
    const size = 30_000_000;
    const piece = Buffer.alloc(100_000, 'x');
    let most = 0;
    const closes: boolean[] = [];
    const { port } = await start(context, (exchange) => {
      let left = size / piece.length;
      const go = (): void => {
        for (; left > 0; left--) {
          most = Math.max(most, exchange.unsent());
          if (!exchange.write(piece)) {
            left--;
            return;
          }
        }
        exchange.end();
      };
      exchange.onClose((whole) => closes.push(whole));
      exchange.begin(200, {}, go);
      go();
    });
    const caller = connect(port, '127.0.0.1', () => caller.write(`${get().slice(0, -2)}Connection: close\r\n\r\n`));
    let got = 0;
    caller.on('data', (data) => {
      got += data.length;
      if (Math.random() > 0.02) return;
      caller.pause();
      setImmediate(() => caller.resume());
    });
    await once(caller, 'close');
    assert.ok(got > size);
    assert.ok(most < 1_000_000, `${most} bytes waited`);
    assert.deepEqual(closes, [true]);
  });

  both('does not listen where somebody else does', async (context, start) => {
    const { port } = await start(context, () => undefined);
    const other = createHttpServer({ handle: () => undefined, refuse: () => ({ status: 400, headers: {}, payload: '' }) });
    await assert.rejects(other.listen({ host: '127.0.0.1', port }), { code: 'EADDRINUSE' });
  });

  both('survives callers that break off anywhere', async (context, start) => {
    const open = new Set<Exchange>();
    const { port } = await start(context, (exchange) => {
      open.add(exchange);
      exchange.onClose(() => open.delete(exchange));
      exchange.readBody(1_000_000, (body) => {
        if (typeof body === 'string') return;
        exchange.begin(200, {}, () => undefined);
        exchange.write('x'.repeat(200_000));
        exchange.end();
      });
    });
    const text = `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n${get()}`;
    for (let cut = 0; cut <= text.length; cut += 3) {
      const caller = call(port, text.slice(0, cut));
      if (cut === 0) await once(caller.socket, 'connect');
      else await new Promise((resolve) => caller.socket.write('', resolve));
      if (cut % 2 === 0) caller.socket.resetAndDestroy();
      else caller.socket.destroy();
      await caller.closed;
    }
    const last = call(port, `${get().slice(0, -2)}Connection: close\r\n\r\n`);
    assert.match(await last.closed, /^HTTP\/1\.1 200 /);
    while (open.size > 0) await new Promise((resolve) => setImmediate(resolve));
  });
});

test('the clock is not looked at when the last connection has gone', async (context) => {
  const cleared = context.mock.method(globalThis, 'clearInterval');
  const server = createHttpServer({
    handle: (exchange) => exchange.send(200, {}, 'ok'),
    refuse: () => ({ status: 400, headers: {}, payload: '' }),
    timeouts: { head: 20, request: 20, idle: 20 },
  });
  const port = await server.listen({ host: '127.0.0.1', port: 0 });
  assert.match(await call(port, get()).closed, /ok$/, 'closed when it was idle for too long');
  while (cleared.mock.callCount() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await server.close();
});
