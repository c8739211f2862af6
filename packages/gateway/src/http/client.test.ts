import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { createServer as createSecure, type TLSSocket } from 'node:tls';
import { codeOf } from '../transport/failures.ts';
import { type Client, type ClientCall, type ClientFailure, type ClientOptions, type ClientRequest, createClient } from './client.ts';
import { HttpSyntaxError, type ResponseHead } from './head.ts';

const tls = new URL('../../../../test/support/tls/', import.meta.url);
const cert = readFileSync(new URL('cert.pem', tls), 'utf8');
const key = readFileSync(new URL('key.pem', tls), 'utf8');

/** A connection as the server has it, and the requests that came over it. */
type Peer = { readonly socket: Socket; readonly nth: number; readonly requests: string[]; readonly closed: Promise<void> };

type Lab = { readonly client: Client; readonly peers: readonly Peer[]; readonly port: number };

type LabOptions = { readonly secure?: boolean; readonly host?: string; readonly options?: Partial<ClientOptions>; readonly raw?: boolean };

/** A client, and a server that hands each whole request to `answer`, and the beginning of one too when that is `raw`. */
async function lab(
  context: TestContext,
  answer: (peer: Peer, request: string) => void,
  { secure = false, host = '127.0.0.1', options, raw = false }: LabOptions = {},
): Promise<Lab> {
  const peers: Peer[] = [];
  const accept = (socket: Socket): void => {
    const peer: Peer = { socket, nth: peers.length, requests: [], closed: new Promise((resolve) => socket.on('close', () => resolve())) };
    peers.push(peer);
    let text = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
      text += data.toString('latin1');
      for (let end = raw ? text.length : requestEnd(text); end > 0; end = raw ? 0 : requestEnd(text)) {
        const request = text.slice(0, end);
        text = text.slice(end);
        peer.requests.push(request);
        answer(peer, request);
      }
    });
  };
  const server: Server = secure ? createSecure({ key, cert }, accept) : createServer(accept);
  server.on('tlsClientError', () => undefined);
  server.listen(0, secure && host === '127.0.0.2' ? '0.0.0.0' : '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createClient({ origin: { secure, host, port }, ...(secure ? { ca: [cert] } : {}), ...options });
  context.after(() => {
    client.close();
    for (const { socket } of peers) socket.destroy();
    server.close();
  });
  return { client, peers, port };
}

function requestEnd(text: string): number {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return 0;
  const end = head + 4 + Number(/content-length: (\d+)/.exec(text.slice(0, head))?.[1] ?? 0);
  return text.length >= end ? end : 0;
}

/** A call and all that it was told. */
type Told = {
  readonly call: ClientCall;
  /** `head`, `data`, `end` and the kind of failure, in their order, `data` once. */
  readonly events: string[];
  readonly head: () => ResponseHead | undefined;
  readonly body: () => string;
  readonly failure: () => ClientFailure | undefined;
  /** Its end or failure has come. */
  readonly over: Promise<void>;
};

type Hooks = { head?(call: ClientCall): void; data?(call: ClientCall, bytes: Buffer): void; end?(): void };

const usual: ClientRequest = { method: 'POST', path: '/v1/x', headers: {}, body: ['{}'], connectMs: 5000, headersMs: 5000 };

function send(client: Client, request: Partial<ClientRequest> = {}, hooks: Hooks = {}): Told {
  const events: string[] = [];
  let head: ResponseHead | undefined;
  let body = '';
  let failure: ClientFailure | undefined;
  let finish: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (finish = resolve));
  const call = client.send(
    { ...usual, ...request },
    {
      head(came) {
        events.push('head');
        head = came;
        hooks.head?.(call);
      },
      data(bytes) {
        if (events.at(-1) !== 'data') events.push('data');
        if (hooks.data === undefined) body += bytes.toString('latin1');
        else hooks.data(call, bytes);
      },
      end() {
        events.push('end');
        hooks.end?.();
        finish();
      },
      fail(why) {
        events.push(why.kind);
        failure = why;
        finish();
      },
    },
  );
  return { call, events, head: () => head, body: () => body, failure: () => failure, over };
}

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
const answerOk = ({ socket }: Peer): void => void socket.write(ok);

async function turns(count = 5): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Over how many connections these answers to two requests, one after the other, were fetched. */
async function connectionsFor(context: TestContext, first: string, options?: Partial<ClientOptions>): Promise<number> {
  const { client, peers } = await lab(
    context,
    ({ socket, nth, requests }) => socket.write(nth === 0 && requests.length === 1 ? first : ok),
    options === undefined ? {} : { options },
  );
  await send(client).over;
  await turns();
  const second = send(client);
  await second.over;
  assert.deepEqual(second.events, ['head', 'data', 'end']);
  return peers.length;
}

describe('a request', () => {
  test('has its lines in order, its length, and its body as it is', async (context) => {
    const { client, peers, port } = await lab(context, answerOk, { options: { headers: { 'x-same': 'a' } } });
    await send(client, {
      path: '/v1/x?a=%20',
      headers: { authorization: 'Bearer \xe4', 'X-B': '' },
      body: ['{"a":', new Uint8Array([34, 195, 164, 34]), '', '}€'],
    }).over;
    assert.deepEqual(peers[0]?.requests, [
      `POST /v1/x?a=%20 HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: keep-alive\r\nx-same: a\r\nauthorization: Bearer \xe4\r\nX-B: \r\ncontent-length: 13\r\n\r\n{"a":"\xc3\xa4"}\xe2\x82\xac`,
    ]);
    await send(client, { method: 'GET', body: [] }).over;
    assert.equal(peers[0]?.requests[1], `GET /v1/x HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: keep-alive\r\nx-same: a\r\n\r\n`);
    await send(client, { body: [] }).over;
    assert.match(peers[0]?.requests[2] ?? '', /content-length: 0\r\n\r\n$/);
  });

  test('of any size and in many parts arrives', async (context) => {
    const { client, peers } = await lab(context, answerOk);
    for (const body of [
      Array.from({ length: 5000 }, (_, i) => (i % 2 === 0 ? `part ${i} ä` : new Uint8Array([i & 127]))),
      ['x'.repeat(21_000), '€'.repeat(1000)],
      ['€'.repeat(100_000), '', Buffer.alloc(10_000_000, 'abc'), 'end'],
    ]) {
      const told = send(client, { body });
      await told.over;
      assert.deepEqual(told.events, ['head', 'data', 'end']);
      const sent = Buffer.concat(body.map((part) => Buffer.from(part as string))).toString('latin1');
      const got = peers[0]?.requests.at(-1)?.split('\r\n\r\n').slice(1).join('\r\n\r\n');
      assert.ok(got === sent, `${sent.length} bytes`);
    }
    assert.equal(peers.length, 1);
  });

  test('whose head could be read as something else is refused before anything is sent', async (context) => {
    const { client, peers } = await lab(context, answerOk);
    const refused = (request: Partial<ClientRequest>): void => assert.throws(() => send(client, request), HttpSyntaxError, JSON.stringify(request));
    for (const value of ['a\r\nb: c', 'a\n', '\r', 'a\0b', '\x7f', '€', '\u010d\u010a']) refused({ headers: { 'x-a': value } });
    for (const name of ['a\r\nb', 'a b', '', 'a:', 'ä', 'Host', 'content-length', 'Transfer-Encoding', 'connection', '__proto__x\n'])
      refused({ headers: { [name]: 'x' } });
    for (const path of ['', 'x', '/a b', '/a\r\nb', '/ä', '/\u010d\u010a', '/a\0', 'http://b/']) refused({ path });
    await turns();
    assert.equal(peers.length, 0);
    assert.throws(() => createClient({ origin: { secure: false, host: 'a', port: 1 }, headers: { a: 'b\n' } }), HttpSyntaxError);
  });
});

describe('connections', () => {
  test('are used again, the newest first', async (context) => {
    const waiting: Peer[] = [];
    const { client, peers } = await lab(context, (peer) => waiting.push(peer));
    const three = [send(client), send(client), send(client)];
    while (waiting.length < 3) await turns();
    const order = waiting.splice(0);
    for (const peer of order) {
      answerOk(peer);
      await turns(20);
    }
    await Promise.all(three.map(({ over }) => over));
    for (let i = 0; i < 3; i++) {
      const next = send(client);
      while (waiting.length === 0) await turns();
      const [peer] = waiting.splice(0);
      assert.equal(peer, order[2]);
      answerOk(order[2]!);
      await next.over;
    }
    assert.equal(peers.length, 3);
  });

  test('are kept when the answer says so, and for as long', async (context) => {
    const answer = (fields: string, first = 'HTTP/1.1 200 OK'): string => `${first}\r\n${fields}content-length: 2\r\n\r\n{}`;
    const kept = [
      answer(''),
      answer('keep-alive: timeout=5\r\n'),
      answer('Keep-Alive: max=10, TIMEOUT=30\r\n'),
      answer('keep-alive: foo\r\n'),
      answer('connection: keep-alive\r\n', 'HTTP/1.0 200 OK'),
    ];
    const dropped = [
      answer('connection: close\r\n'),
      answer('connection: foo, Close\r\n'),
      answer('', 'HTTP/1.0 200 OK'),
      answer('keep-alive: timeout=0\r\n'),
      answer('keep-alive: timeout=1\r\n'),
      `${ok}more`,
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nmore',
    ];
    for (const first of kept) assert.equal(await connectionsFor(context, first), 1, first);
    for (const first of dropped) assert.equal(await connectionsFor(context, first), 2, first);
    assert.equal(await connectionsFor(context, ok, { idleMs: 0 }), 2);
  });

  test('that were idle for too long are closed', async (context) => {
    context.mock.timers.enable({ apis: ['setInterval'] });
    const { client, peers } = await lab(context, answerOk, { options: { idleMs: 1 } });
    await send(client).over;
    const until = performance.now() + 1;
    while (performance.now() < until) await turns();
    context.mock.timers.tick(1000);
    await peers[0]?.closed;
    await send(client).over;
    assert.equal(peers.length, 2);
  });

  test('on which something comes that nobody asked for are dropped', async (context) => {
    for (const extra of ['x', ok]) {
      const { client, peers } = await lab(context, answerOk);
      await send(client).over;
      peers[0]?.socket.write(extra);
      await peers[0]?.closed;
      const next = send(client);
      await next.over;
      assert.deepEqual([next.events, next.body(), peers.length], [['head', 'data', 'end'], '{}', 2]);
    }
  });

  test('that the server closes while they are idle are dropped', async (context) => {
    for (const close of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      const { client, peers } = await lab(context, answerOk);
      await send(client).over;
      close(peers[0]!.socket);
      await peers[0]?.closed;
      await turns();
      await send(client).over;
      assert.equal(peers.length, 2);
    }
  });

  test('on which a used one breaks without a byte are stale; a fresh one, or one that had begun, is broken', async (context) => {
    for (const [bytes, kind] of [
      ['', 'stale'],
      ['HTTP', 'broken'],
    ] as const) {
      const { client } = await lab(context, ({ socket, requests }) => (requests.length === 1 ? socket.write(ok) : socket.end(bytes)));
      await send(client).over;
      const second = send(client);
      await second.over;
      assert.deepEqual(second.events, [kind]);
    }
    const fresh = await lab(context, ({ socket }) => socket.destroy());
    const told = send(fresh.client);
    await told.over;
    assert.deepEqual(told.events, ['broken']);
  });

  test('are free again as the end is told', async (context) => {
    const { client, peers } = await lab(context, answerOk);
    let second: Told | undefined;
    await send(client, {}, { end: () => (second = send(client)) }).over;
    await second?.over;
    assert.deepEqual([second?.events, peers.length, peers[0]?.requests.length], [['head', 'data', 'end'], 1, 2]);
  });

  test('on which the answer came before the request was out are not used again', async (context) => {
    const early = 'HTTP/1.1 413 Payload Too Large\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nno';
    const { client, peers } = await lab(
      context,
      ({ socket, requests }) => {
        if (requests.length > 1) return;
        socket.pause();
        socket.write(early);
      },
      { raw: true },
    );
    const told = send(client, { body: [Buffer.alloc(30_000_000)] });
    await told.over;
    assert.deepEqual([told.events, told.head()?.status, told.body()], [['head', 'data', 'end'], 413, 'no']);
    peers[0]?.socket.resume();
    await peers[0]?.closed;
    await send(client, { body: [] }).over;
    assert.equal(peers.length, 2);
  });
});

describe('answers', () => {
  const cases: readonly (readonly [name: string, text: string, status: number, body: string])[] = [
    ['a length', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello', 200, 'hello'],
    ['more than the length', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello, world', 200, 'hello'],
    ['chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\na: b\r\n\r\n', 200, 'hello'],
    ['to the end', 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello', 200, 'hello'],
    ['HTTP/1.0 to the end', 'HTTP/1.0 200 OK\r\n\r\nhello', 200, 'hello'],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', 204, ''],
    ['304', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n', 304, ''],
    [
      'hints before',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${'HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n'.repeat(14)}${ok}`,
      200,
      '{}',
    ],
  ];
  for (const [name, text, status, body] of cases) {
    test(name, async (context) => {
      const { client } = await lab(context, ({ socket }) => (/to the end/.test(name) ? socket.end(text, 'latin1') : socket.write(text, 'latin1')));
      const told = send(client);
      await told.over;
      assert.deepEqual([told.head()?.status, told.body(), told.events], [status, body, body === '' ? ['head', 'end'] : ['head', 'data', 'end']]);
    });
  }

  test('that are none are broken, with the reason', async (context) => {
    for (const text of [
      'HTTP/1.1 101 Switching\r\nupgrade: a\r\n\r\n',
      'SSH-2.0\r\n',
      'HTTP/1.1 103 Hint\r\n\r\n'.repeat(17),
      'HTTP/1.1 200 OK\r\ncontent-length: 1, 1\r\n\r\nx',
    ]) {
      const { client, peers } = await lab(context, ({ socket }) => socket.write(text));
      const told = send(client);
      await told.over;
      assert.deepEqual([told.events, told.failure()?.cause instanceof HttpSyntaxError], [['broken'], true], text);
      await peers[0]?.closed;
    }
  });

  test('that end too early are broken', async (context) => {
    for (const text of [
      '',
      'HTTP/1.1 200 OK\r\n',
      'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n',
    ]) {
      const { client } = await lab(context, ({ socket }) => socket.end(text));
      const told = send(client);
      await told.over;
      assert.equal(told.events.at(-1), 'broken', text);
      assert.ok(!told.events.includes('end'));
    }
  });
});

describe('time', () => {
  test('a connection that does not come to stand is given up', async (context) => {
    // A server that never says a word of TLS.
    const { port } = await lab(context, () => undefined, { raw: true });
    const client = createClient({ origin: { secure: true, host: '127.0.0.1', port } });
    context.after(() => client.close());
    const told = send(client, { connectMs: 20 });
    await told.over;
    assert.deepEqual(told.events, ['connect-timeout']);
  });

  test('a head that does not come is given up, on a fresh connection and on a used one; hints are none', async (context) => {
    const { client, peers } = await lab(context, ({ socket, requests, nth }) => {
      if (nth === 0) socket.write('HTTP/1.1 103 Hint\r\n\r\n');
      else if (requests.length === 1) socket.write(ok);
    });
    const fresh = send(client, { headersMs: 20 });
    await fresh.over;
    await send(client).over;
    const used = send(client, { headersMs: 20 });
    await used.over;
    assert.deepEqual([fresh.events, used.events], [['head-timeout'], ['head-timeout']]);
    await Promise.all(peers.map(({ closed }) => closed));
  });

  test('of the head does not count for the body', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const { client, peers } = await lab(context, ({ socket }) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{'));
    const told = send(client, { headersMs: 20 });
    while (told.events.length < 2) await turns();
    context.mock.timers.tick(10_000);
    peers[0]?.socket.write('}');
    await told.over;
    assert.deepEqual([told.events, told.body()], [['head', 'data', 'end'], '{}']);
  });
});

describe('an abort', () => {
  for (const secure of [false, true]) {
    const kind = secure ? 'TLS' : 'plain';
    test(`before the connection stands (${kind})`, async (context) => {
      const { client, peers } = await lab(context, answerOk, { secure });
      const told = send(client);
      told.call.abort();
      told.call.abort();
      const next = send(client);
      await next.over;
      assert.deepEqual([told.events, next.events], [[], ['head', 'data', 'end']]);
      assert.ok(peers.every(({ requests }) => requests.length <= 1));
    });

    test(`before the head, in the middle of the body, and while it is paused (${kind})`, async (context) => {
      for (const [sent, events] of [
        ['', []],
        ['HTTP/1.1 200 OK\r\ncontent-le', []],
        ['HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel', ['head', 'data']],
      ] as const) {
        for (const paused of [false, true]) {
          let asked: () => void = () => undefined;
          const request = new Promise<void>((resolve) => (asked = resolve));
          const { client, peers } = await lab(
            context,
            ({ socket }) => {
              socket.write(sent);
              asked();
            },
            { secure },
          );
          const told = send(client);
          await request;
          while (told.events.length < events.length) await turns();
          if (paused) told.call.pause();
          told.call.abort();
          peers[0]?.socket.write('lo');
          await peers[0]?.closed;
          assert.deepEqual(told.events, events);
        }
      }
    });
  }

  test('while the head or a piece is told is the last that is told', async (context) => {
    for (const at of ['head', 'data'] as const) {
      for (const answer of [
        ok,
        'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
        'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
        `${ok}more`,
      ]) {
        const { client, peers } = await lab(context, ({ socket }) => socket.write(answer));
        const told = send(client, {}, { [at]: (call: ClientCall) => call.abort() });
        // What is no chunk fails before its content could be told.
        if (at === 'data' && answer.includes('zz')) await told.over;
        await peers[0]?.closed;
        while (peers.length === 0) await turns();
        await peers[0]?.closed;
        assert.deepEqual(told.events, at === 'head' ? ['head'] : answer.includes('zz') ? ['head', 'broken'] : ['head', 'data'], answer);
      }
    }
  });

  test('after the end does nothing to whoever has the connection then', async (context) => {
    const { client, peers } = await lab(context, answerOk);
    const first = send(client);
    await first.over;
    const second = send(client);
    first.call.pause();
    first.call.abort();
    await second.over;
    assert.deepEqual([second.events, peers.length], [['head', 'data', 'end'], 1]);
  });

  test('in the middle of a large request closes the connection', async (context) => {
    let asked: () => void = () => undefined;
    const request = new Promise<void>((resolve) => (asked = resolve));
    const { client, peers } = await lab(
      context,
      ({ socket, requests }) => {
        if (requests.length > 1) return;
        socket.pause();
        asked();
      },
      { raw: true },
    );
    const told = send(client, { body: [Buffer.alloc(30_000_000)] });
    await request;
    told.call.abort();
    peers[0]?.socket.resume();
    await peers[0]?.closed;
    assert.deepEqual(told.events, []);
  });
});

describe('a reader that pauses', () => {
  for (const secure of [false, true]) {
    test(`is not sent what it does not take (${secure ? 'TLS' : 'plain'})`, async (context) => {
      const size = 50_000_000;
      const piece = Buffer.alloc(1_000_000, 'x');
      let sent = 0;
      const { client } = await lab(
        context,
        ({ socket }) => {
          socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
          const go = (): void => {
            while (sent < size) {
              sent += piece.length;
              if (!socket.write(piece)) return;
            }
          };
          socket.on('drain', go);
          go();
        },
        { secure },
      );
      let got = 0;
      let pauses = 0;
      const told = send(
        client,
        {},
        {
          data(call, bytes) {
            got += bytes.length;
            if (pauses * 10_000_000 > got) return;
            pauses++;
            call.pause();
            const before = got;
            // The kernel's buffers fill, then nothing moves.
            void turns(200).then(() => {
              // Of TLS, what has been read from the socket is still told.
              assert.ok(got - before <= (secure ? 100_000 : 0), 'nothing comes while it is paused');
              assert.ok(sent - got < 30_000_000, 'the server has to wait');
              call.resume();
            });
          },
        },
      );
      await told.over;
      assert.deepEqual([told.events, got], [['head', 'data', 'end'], size]);
      assert.ok(pauses >= 5);
      const next = send(client, { method: 'GET' });
      next.call.abort();
    });
  }

  test('and whose answer ends meanwhile leaves its connection reading', async (context) => {
    const { client, peers } = await lab(context, answerOk);
    await send(client, {}, { data: (call) => call.pause() }).over;
    const next = send(client);
    await next.over;
    assert.deepEqual([next.events, peers.length], [['head', 'data', 'end'], 1]);
  });
});

describe('TLS', () => {
  test('answers over a connection that is used again; a new one takes up the session', async (context) => {
    const reused: boolean[] = [];
    const names: unknown[] = [];
    const { client, peers } = await lab(
      context,
      ({ socket, requests }) => {
        if (requests.length === 1) {
          reused.push((socket as TLSSocket).isSessionReused());
          names.push((socket as TLSSocket & { servername?: string }).servername);
        }
        socket.write(requests.length < 3 ? ok : 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      },
      { secure: true, host: 'localhost' },
    );
    for (let i = 0; i < 3; i++) await send(client, { body: ['x'.repeat(100_000)] }).over;
    assert.equal(peers.length, 1);
    await send(client).over;
    assert.equal(peers.length, 2);
    assert.deepEqual(
      [reused, names],
      [
        [false, true],
        ['localhost', 'localhost'],
      ],
    );
  });

  test('of an unknown authority is refused, and nothing is sent', async (context) => {
    const { port, peers } = await lab(context, answerOk, { secure: true });
    const client = createClient({ origin: { secure: true, host: '127.0.0.1', port } });
    context.after(() => client.close());
    const told = send(client);
    await told.over;
    assert.deepEqual([told.events, codeOf(told.failure()?.cause)], [['broken'], 'DEPTH_ZERO_SELF_SIGNED_CERT']);
    assert.ok(peers.every(({ requests }) => requests.length === 0));
  });

  test('for another host is refused, and nothing is sent', { skip: process.platform === 'darwin' }, async (context) => {
    const { client, peers } = await lab(context, answerOk, { secure: true, host: '127.0.0.2' });
    const told = send(client);
    await told.over;
    assert.deepEqual([told.events, codeOf(told.failure()?.cause)], [['broken'], 'ERR_TLS_CERT_ALTNAME_INVALID']);
    assert.ok(peers.every(({ requests }) => requests.length === 0));
  });
});

test('a mistake of whoever is told is reported, and ends its call alone', async (context) => {
  const warned = once(process, 'warning');
  const { client, peers } = await lab(context, answerOk);
  const told = send(
    client,
    {},
    {
      data() {
        throw new Error('a mistake');
      },
    },
  );
  await told.over;
  assert.deepEqual([told.events, ((await warned) as [Error])[0].message], [['head', 'data', 'broken'], 'a mistake']);
  await peers[0]?.closed;
  const next = send(client);
  await next.over;
  assert.deepEqual(next.events, ['head', 'data', 'end']);
});

test('a closed client leaves no connection and no timer', async (context) => {
  const { client, peers } = await lab(context, (peer) => (peer.requests[0]?.includes('/hang') === true ? undefined : answerOk(peer)));
  const hanging = send(client, { path: '/hang' });
  await send(client).over;
  await send(client).over;
  const early = send(client, { path: '/hang' });
  early.call.abort();
  while (peers.length < 2) await turns();
  client.close();
  await hanging.over;
  assert.deepEqual([hanging.events, early.events], [['broken'], []]);
  await Promise.all(peers.map(({ closed }) => closed));
  const left = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap' || kind === 'TLSWrap');
  assert.deepEqual(left, []);
});
