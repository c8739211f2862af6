import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { createMemorySocket, type MemorySocket } from '../../../../test/support/memory-socket.ts';
import { type Connection, openConnection } from './connection.ts';
import type { BodyOutcome, Exchange, Timeouts } from './exchange.ts';
import { HttpSyntaxError } from './head.ts';

type Open = {
  readonly wire: MemorySocket;
  readonly connection: Connection;
  /** The requests that were handed over. */
  readonly exchanges: readonly Exchange[];
  feed(text: string): Promise<void>;
};

type Options = { readonly handle?: (exchange: Exchange) => void; readonly timeouts?: Timeouts; readonly isClosing?: () => boolean };

function open({ handle = () => undefined, timeouts = { head: 1000, request: 5000, idle: 10_000 }, isClosing = () => false }: Options = {}): Open {
  const wire = createMemorySocket();
  const exchanges: Exchange[] = [];
  const connection = openConnection(wire.socket, {
    options: {
      handle(exchange) {
        exchanges.push(exchange);
        handle(exchange);
      },
      refuse: (error) => ({ status: error.status, headers: {}, payload: error.message }),
    },
    timeouts,
    isClosing,
  });
  return {
    wire,
    connection,
    exchanges,
    async feed(text) {
      wire.feed(Buffer.from(text, 'latin1'));
      await turns();
    },
  };
}

/** What is done in the next turns of the event loop has been done. */
async function turns(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

const get = (path = '/', fields = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
const post = (fields: string, body = ''): string => `POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n${body}`;
const chunkedField = 'Transfer-Encoding: chunked\r\n';

/** The answers on a connection, without their dates. */
const answers = (wire: MemorySocket): string => wire.written().replace(/date: [^\r]*\r\n/g, '');

const answer200 = (body: string, connection = 'connection: keep-alive\r\nkeep-alive: timeout=65\r\n'): string =>
  `HTTP/1.1 200 OK\r\n${connection}content-length: ${body.length}\r\n\r\n${body}`;
const closing = 'connection: close\r\n';

describe('a body nobody reads', () => {
  const send = (exchange: Exchange): void => exchange.send(200, {}, 'ok');

  test('is passed over, and the connection kept', async () => {
    const { wire, feed, exchanges } = open({ handle: send });
    await feed(`${post('Content-Length: 5\r\n', 'hello')}${post(chunkedField, '5\r\nhello\r\n0\r\n\r\n')}${get('/last')}`);
    assert.equal(exchanges.at(-1)?.head.target, '/last');
    assert.equal(answers(wire), answer200('ok').repeat(3));
  });

  test('that has not come yet closes the connection after the answer', async () => {
    const { wire, feed } = open({ handle: send });
    await feed(post('Content-Length: 5\r\n', 'hel'));
    assert.equal(answers(wire), answer200('ok', closing));
    assert.equal(wire.ended(), true);
    await feed(`lo${get('/smuggled')}`);
    assert.equal(answers(wire), answer200('ok', closing));
  });

  test('that is no legal body closes the connection after the answer, and harms nobody', async () => {
    const { wire, feed, exchanges } = open({ handle: send });
    await feed(`${post(chunkedField, 'zz\r\n')}${get('/smuggled')}`);
    assert.equal(answers(wire), answer200('ok', closing));
    await feed(`zz\r\n\r\n${get('/smuggled')}`);
    assert.deepEqual([answers(wire), exchanges.length, wire.ended()], [answer200('ok', closing), 1, true]);
  });

  test('that turns out to be none while the answer flows does not disturb it', async () => {
    const { wire, feed, exchanges } = open({ handle: (exchange) => exchange.begin(200, {}, () => undefined) });
    await feed(post(chunkedField, 'zz\r\n'));
    exchanges[0]?.write('one');
    await feed('more that is none');
    exchanges[0]?.write('two');
    exchanges[0]?.end();
    await turns();
    assert.match(answers(wire), /connection: close\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n$/);
  });
});

/** What a body came to, each time somebody was told. */
function reading(limit = 1000): { readonly told: (string | BodyOutcome)[]; handle(exchange: Exchange): void } {
  const told: (string | BodyOutcome)[] = [];
  return {
    told,
    handle: (exchange) => exchange.readBody(limit, (outcome) => told.push(typeof outcome === 'string' ? outcome : Buffer.from(outcome).toString('latin1'))),
  };
}

describe('pipelining', () => {
  test('ten requests at once are answered one after the other', async () => {
    const waiting: (() => void)[] = [];
    const { wire, feed, exchanges } = open({
      handle: (exchange) =>
        exchange.readBody(100, (body) => waiting.push(() => exchange.send(200, {}, `${exchange.head.target} ${Buffer.from(body).toString()}`))),
    });
    const requests = Array.from({ length: 10 }, (_, i) =>
      i % 2 === 0
        ? get(`/${i}`)
        : `POST /${i} HTTP/1.1\r\nHost: a\r\n${i % 3 === 0 ? `${chunkedField}\r\n1\r\n${i}\r\n0\r\n\r\n` : `Content-Length: 1\r\n\r\n${i}`}`,
    );
    await feed(requests.join(''));
    for (let i = 0; i < 10; i++) {
      assert.equal(exchanges.length, i + 1, 'the next is looked at only when the one before is answered');
      waiting[i]?.();
      await turns();
    }
    assert.equal(answers(wire), Array.from({ length: 10 }, (_, i) => answer200(`/${i} ${i % 2 === 0 ? '' : i}`)).join(''));
  });

  test('what follows waits in the kernel when it is much, and comes when its turn is there', async () => {
    const { wire, feed, exchanges } = open();
    await feed(get('/first'));
    const next = get(`/${'x'.repeat(3000)}`);
    for (let i = 0; i < 30; i++) await feed(next);
    assert.equal(wire.socket.isPaused(), true);
    for (let i = 0; i < 31; i++) {
      exchanges[i]?.send(200, {}, 'ok');
      await turns();
    }
    assert.deepEqual([exchanges.length, answers(wire)], [31, answer200('ok').repeat(31)]);
  });

  test('what follows and is no request ends the connection before it could become part of an answer', async () => {
    for (const garbage of ['garbage', '\x00', '{}', 'get / HTTP/1.1\r\n\r\n']) {
      const { wire, feed } = open();
      await feed(`${get()}${garbage}`);
      assert.deepEqual([wire.destroyed(), answers(wire)], [true, '']);
    }
  });
});

describe('keeping a connection', () => {
  const cases: readonly (readonly [request: string, kept: boolean, framing: string])[] = [
    [get(), true, 'chunked'],
    [get('/', 'Connection: close\r\n'), false, 'chunked'],
    [get('/', 'Connection: foo, close\r\n'), false, 'chunked'],
    ['GET / HTTP/1.0\r\n\r\n', false, ''],
    ['GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', true, ''],
    ['GET / HTTP/1.0\r\nConnection: close\r\n\r\n', false, ''],
  ];
  test('is up to the caller', async () => {
    for (const [request, kept] of cases) {
      const { wire, feed, exchanges } = open();
      await feed(request);
      exchanges[0]?.send(200, {}, 'ok');
      await turns();
      assert.equal(answers(wire), kept ? answer200('ok') : answer200('ok', closing), request);
      assert.equal(wire.ended(), !kept, request);
      await feed(get('/again'));
      assert.equal(exchanges.length, kept ? 2 : 1, request);
    }
  });

  test('needs an end that can be seen: an answer that flows to HTTP/1.0 ends with its connection', async () => {
    for (const [request, kept, framing] of cases) {
      const { wire, feed, exchanges } = open();
      await feed(request);
      exchanges[0]?.begin(200, {}, () => undefined);
      exchanges[0]?.write('hello');
      exchanges[0]?.end();
      await turns();
      const stays = kept && framing === 'chunked';
      assert.match(
        answers(wire),
        framing === 'chunked' ? /transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/ : /connection: close\r\n\r\nhello$/,
        request,
      );
      assert.equal(wire.ended(), !stays, request);
    }
  });

  test('ends when the server closes: idle ones at once, the others after their answer', async () => {
    const state = { closing: false };
    const isClosing = (): boolean => state.closing;
    const [idle, half, busy, begun, pipelined] = [open({ isClosing }), open({ isClosing }), open({ isClosing }), open({ isClosing }), open({ isClosing })];
    await half.feed('GET / HT');
    await busy.feed(get());
    await begun.feed(get());
    begun.exchanges[0]?.begin(200, {}, () => undefined);
    await pipelined.feed(get().repeat(3));
    state.closing = true;
    for (const { connection } of [idle, half, busy, begun, pipelined]) connection.closeIfIdle();
    assert.deepEqual(
      [idle, half, busy, begun, pipelined].map(({ wire }) => wire.destroyed()),
      [true, true, false, false, false],
    );
    busy.exchanges[0]?.send(200, {}, 'ok');
    begun.exchanges[0]?.end();
    pipelined.exchanges[0]?.send(200, {}, 'ok');
    await turns();
    assert.equal(answers(busy.wire), answer200('ok', closing));
    assert.match(answers(begun.wire), /keep-alive[^]*0\r\n\r\n$/);
    assert.deepEqual([answers(pipelined.wire), pipelined.exchanges.length], [answer200('ok', closing), 1]);
    assert.deepEqual(
      [busy, begun, pipelined].map(({ wire }) => wire.ended()),
      [true, true, true],
    );
  });

  test('a refusal on its way out is not cut off when the server closes', async () => {
    const { wire, feed, connection } = open();
    await feed('garbage');
    connection.closeIfIdle();
    assert.deepEqual([wire.destroyed(), wire.ended()], [false, true]);
    assert.match(answers(wire), /^HTTP\/1\.1 400 /);
  });
});

describe('100 Continue', () => {
  const expecting = (fields: string, body = '', version = '1.1'): string => `POST / HTTP/${version}\r\nHost: a\r\nExpect: 100-continue\r\n${fields}\r\n${body}`;
  const said = 'HTTP/1.1 100 Continue\r\n\r\n';

  test('is said once to who waits for it', async () => {
    const { told, handle } = reading();
    const { wire, feed } = open({ handle });
    await feed(expecting('Content-Length: 5\r\n'));
    assert.equal(wire.written(), said);
    await feed('hel');
    await feed('lo');
    assert.deepEqual([wire.written(), told], [said, ['hello']]);
  });

  test('is not said to who does not wait, nor in HTTP/1.0, nor when there is no body, nor when it is too large', async () => {
    for (const request of [
      expecting('Content-Length: 5\r\n', 'hel'),
      expecting('Content-Length: 5\r\n', 'hello'),
      expecting('Content-Length: 5\r\n', '', '1.0'),
      expecting('Content-Length: 0\r\n'),
      expecting(''),
      expecting('Content-Length: 5000\r\n'),
      post('Content-Length: 5\r\n'),
    ]) {
      const { handle } = reading();
      const { wire, feed } = open({ handle });
      await feed(request);
      assert.equal(wire.written(), '', request);
    }
  });

  test('is not said when the answer does not need the body; the connection then closes', async () => {
    const { wire, feed } = open({ handle: (exchange) => exchange.send(417, {}, 'no') });
    await feed(expecting('Content-Length: 5\r\n'));
    assert.equal(answers(wire), 'HTTP/1.1 417 Expectation Failed\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno');
  });
});

describe('answers that are a head alone', () => {
  test('to HEAD, whole or flowing', async () => {
    const { wire, feed, exchanges } = open();
    await feed('HEAD /a HTTP/1.1\r\nHost: a\r\n\r\nHEAD /b HTTP/1.1\r\nHost: a\r\n\r\n');
    exchanges[0]?.send(200, {}, 'hello');
    await turns();
    exchanges[1]?.begin(200, {}, () => undefined);
    assert.equal(exchanges[1]?.write('hello'), true);
    exchanges[1]?.end();
    await turns();
    assert.match(answers(wire), /^[^]*content-length: 5\r\n\r\nHTTP\/1\.1 200 OK[^]*transfer-encoding: chunked\r\n\r\n$/);
    await feed(get());
    assert.equal(exchanges.length, 3);
  });

  test('of 204 and 304', async () => {
    for (const status of [204, 304]) {
      const { wire, feed, exchanges } = open();
      await feed(get().repeat(2));
      exchanges[0]?.send(status, {}, 'hello');
      await turns();
      exchanges[1]?.begin(status, {}, () => undefined);
      exchanges[1]?.write('hello');
      exchanges[1]?.end();
      await turns();
      assert.match(answers(wire), new RegExp(`^(HTTP/1\\.1 ${status} [\\w ]+\\r\\nconnection: keep-alive\\r\\nkeep-alive: timeout=65\\r\\n\\r\\n){2}$`));
    }
  });
});

describe('answers that flow', () => {
  test('a piece of nothing is not the last', async () => {
    const { wire, feed, exchanges } = open();
    await feed(get());
    const [exchange] = exchanges;
    exchange?.begin(200, {}, () => undefined);
    for (const piece of ['', 'a', new Uint8Array(0), Buffer.from('b'), '']) exchange?.write(piece);
    exchange?.end();
    await turns();
    assert.match(answers(wire), /\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n$/);
  });

  test('nothing goes out before the head, behind the end, or twice', async () => {
    const { wire, feed, exchanges } = open();
    await feed(get().repeat(2));
    const [exchange] = exchanges;
    exchange?.write('too early');
    exchange?.end();
    exchange?.begin(200, {}, () => undefined);
    exchange?.begin(500, {}, () => undefined);
    exchange?.send(500, {}, 'twice');
    exchange?.write('ä€');
    exchange?.end();
    exchange?.write('too late');
    exchange?.end();
    await turns();
    exchange?.write('far too late');
    exchange?.end();
    exchange?.destroy();
    exchanges[1]?.send(200, {}, 'second');
    await turns();
    const [head, first, ...rest] = answers(wire).split('\r\n\r\n');
    assert.match(head ?? '', /^HTTP\/1\.1 200/);
    assert.deepEqual([first, rest.length, rest.at(-1)], [`5\r\n${Buffer.from('ä€').toString('latin1')}\r\n0`, 2, 'second']);
    assert.equal(wire.destroyed(), false);
  });

  test('the pieces of one turn leave together, head and all', async () => {
    let writes = 0;
    const { wire, feed, exchanges } = open();
    const write = wire.socket.write.bind(wire.socket) as (...args: unknown[]) => boolean;
    wire.socket.write = ((...args: unknown[]) => {
      writes++;
      return write(...args);
    }) as typeof wire.socket.write;
    await feed(get());
    exchanges[0]?.begin(200, { 'x-a': '\xe4' }, () => undefined);
    for (let i = 0; i < 10; i++) exchanges[0]?.write(`event ${i}`);
    await turns();
    assert.equal(writes, 1);
    assert.match(wire.written(), /x-a: \xe4\r\n/);
    exchanges[0]?.end();
    await turns();
    assert.equal(writes, 2);
  });

  test('a field that cannot stand in a head is refused, and another answer may be given', async () => {
    const { wire, feed, exchanges } = open();
    await feed(get());
    for (const headers of [{ a: 'b\r\nc: d' }, { 'a\r\nb': 'c' }, { a: '€' }, { 'content-length': '5' }, { connection: 'close' }]) {
      assert.throws(() => exchanges[0]?.send(200, headers, ''), HttpSyntaxError);
      assert.throws(() => exchanges[0]?.begin(200, headers, () => undefined), HttpSyntaxError);
    }
    assert.equal(exchanges[0]?.begun(), false);
    exchanges[0]?.send(200, {}, 'ok');
    await turns();
    assert.equal(answers(wire), answer200('ok'));
  });
});

describe('a reader that does not read', () => {
  test('is waited for, and what waits is known', async () => {
    const { wire, feed, exchanges } = open();
    await feed(get());
    wire.stall();
    let drained = 0;
    const closed: boolean[] = [];
    const [exchange] = exchanges;
    exchange?.onClose((whole) => closed.push(whole));
    exchange?.begin(200, {}, () => drained++);
    const piece = 'x'.repeat(10_000);
    let wrote = 0;
    while (exchange?.write(piece) === true && wrote++ < 1000) await turns();
    assert.ok(wrote < 20, 'it says that enough waits');
    assert.ok((exchange?.unsent() ?? 0) >= 10_000);
    assert.equal(drained, 0);
    wire.flow();
    await turns();
    assert.deepEqual([drained, exchange?.unsent()], [1, 0]);
    wire.stall();
    exchange?.write(piece);
    exchange?.end();
    await turns();
    assert.deepEqual(closed, [], 'the answer is not out yet');
    wire.flow();
    await turns();
    assert.deepEqual([closed, drained], [[true], 1]);
  });
});

describe('a caller that goes', () => {
  const watched = (told: unknown[]) => (exchange: Exchange) => {
    exchange.onClose((whole) => told.push(whole));
  };
  const leaving = { closes: (wire: MemorySocket) => wire.feedEnd(), breaks: (wire: MemorySocket) => void wire.socket.destroy(new Error('reset')) };

  for (const [how, leave] of Object.entries(leaving)) {
    test(`while its body is read: it ${how}`, async () => {
      const told: unknown[] = [];
      const { wire, feed } = open({
        handle(exchange) {
          watched(told)(exchange);
          exchange.readBody(1000, (outcome) => told.push(outcome));
        },
      });
      await feed(post('Content-Length: 5\r\n', 'hel'));
      leave(wire);
      await turns();
      assert.deepEqual([told, wire.destroyed()], [['gone', false], true]);
    });

    test(`while it waits for an answer, gets one, or is next: it ${how}`, async () => {
      for (const begin of [false, true]) {
        const told: unknown[] = [];
        const { wire, feed, exchanges } = open({ handle: watched(told) });
        await feed(get().repeat(3));
        if (begin) exchanges[0]?.begin(200, {}, () => told.push('drained'));
        leave(wire);
        await turns();
        assert.deepEqual([told, exchanges.length, wire.destroyed()], [[false], 1, true]);
        assert.equal(exchanges[0]?.write('x'), true);
        exchanges[0]?.send(200, {}, 'x');
        exchanges[0]?.end();
        await turns();
        assert.deepEqual(told, [false]);
      }
    });

    test(`before anybody has asked: it ${how}`, async () => {
      const { wire, feed, exchanges } = open();
      await feed(post('Content-Length: 5\r\n', 'hel'));
      leave(wire);
      await turns();
      const told: unknown[] = [];
      exchanges[0]?.onClose((whole) => told.push(whole));
      exchanges[0]?.readBody(1000, (outcome) => told.push(outcome));
      assert.deepEqual(told, [false, 'gone']);
    });
  }

  test('with its last word said behind an answer gets ours', async () => {
    const { wire, feed } = open({ handle: (exchange) => exchange.send(200, {}, 'ok') });
    await feed(get());
    wire.feedEnd();
    await turns();
    assert.deepEqual([answers(wire), wire.ended()], [answer200('ok'), true]);
    const empty = open();
    empty.wire.feedEnd();
    await turns();
    assert.deepEqual([empty.wire.ended(), empty.wire.written()], [true, '']);
  });
});

describe('bodies', () => {
  test('are read when somebody asks, however late and however much has come', async () => {
    const { wire, feed, exchanges } = open();
    const body = 'x'.repeat(200_000);
    await feed(post(`Content-Length: ${body.length}\r\n`, body.slice(0, 50_000)));
    await feed(body.slice(50_000, 100_000));
    assert.equal(wire.socket.isPaused(), true, 'no more is kept for nobody');
    const told: BodyOutcome[] = [];
    exchanges[0]?.readBody(1_000_000, (outcome) => told.push(outcome));
    await feed(body.slice(100_000));
    assert.equal(Buffer.from(told[0] ?? '').toString(), body);
  });

  test('over the limit are told once, as soon as it is known', async () => {
    for (const request of [post('Content-Length: 1001\r\n'), post(chunkedField, `3e8\r\n${'x'.repeat(1000)}\r\n1\r\nx`)]) {
      const { told, handle } = reading(1000);
      const { wire, feed, exchanges, connection } = open({ handle });
      await feed(request);
      assert.deepEqual(told, ['too_large']);
      exchanges[0]?.send(413, {}, 'no');
      await turns();
      assert.match(answers(wire), /^HTTP\/1\.1 413 [^]*connection: close/);
      await feed('x'.repeat(100_000));
      assert.deepEqual([told.length, wire.ended(), wire.destroyed(), wire.socket.isPaused()], [1, true, false, false], 'the rest is read for a moment');
      for (let i = 0; i < 11; i++) await feed('x'.repeat(100_000));
      assert.equal(wire.socket.isPaused(), true, 'but not for ever');
      connection.checkTime(performance.now() + 600);
      assert.equal(wire.destroyed(), true);
    }
    const { told, handle } = reading(1000);
    const exact = open({ handle });
    await exact.feed(post('Content-Length: 1000\r\n', 'x'.repeat(1000)));
    assert.equal(told[0]?.length, 1000);
  });

  test('that break the rules are refused once', async () => {
    for (const bad of ['zz\r\n', '1\r\nxx', '1\nx', '1;\0\r\n', '0\r\nbad\r\n\r\n']) {
      const { told, handle } = reading();
      const { wire, feed } = open({ handle });
      await feed(post(chunkedField));
      await feed(bad);
      await feed('more');
      assert.deepEqual(told, ['gone'], bad);
      assert.match(answers(wire), /^HTTP\/1\.1 400 [^]*connection: close\r\n/, bad);
      assert.equal(answers(wire).match(/HTTP\/1\.1/g)?.length, 1, bad);
    }
  });
});

describe('time', () => {
  const timeouts: Timeouts = { head: 1000, request: 5000, idle: 10_000 };
  const after = (ms: number): number => performance.now() + ms;

  test('an idle connection ends without a word', async () => {
    const { wire, feed, connection } = open({ timeouts, handle: (exchange) => exchange.send(200, {}, 'ok') });
    connection.checkTime(after(9000));
    assert.equal(wire.destroyed(), false);
    await feed(get());
    connection.checkTime(after(9000));
    assert.equal(wire.destroyed(), false);
    connection.checkTime(after(10_001));
    assert.deepEqual([wire.destroyed(), answers(wire)], [true, answer200('ok')]);
  });

  test('a slow head is told so, however busily its bytes drip', async () => {
    const { wire, feed, connection } = open({ timeouts });
    await feed('GET / HT');
    const begun = performance.now();
    connection.checkTime(begun + 900);
    await feed('TP/1.1\r\n');
    connection.checkTime(begun + 1001);
    assert.match(answers(wire), /^HTTP\/1\.1 408 [^]*connection: close/);
    connection.checkTime(after(400));
    assert.equal(wire.destroyed(), false);
    await feed('Host: a\r\n\r\n');
    connection.checkTime(after(600));
    assert.equal(wire.destroyed(), true);
  });

  test('a slow body is told so, counted from the first byte of its request', async () => {
    const { told, handle } = reading();
    const { wire, feed, connection } = open({ timeouts, handle });
    await feed(post('Content-Length: 5\r\n', 'hel'));
    const begun = performance.now();
    connection.checkTime(begun + 4900);
    assert.deepEqual([told, wire.written()], [[], '']);
    await feed('l');
    connection.checkTime(begun + 5001);
    assert.deepEqual(told, ['gone']);
    assert.match(answers(wire), /^HTTP\/1\.1 408 /);
  });

  test('an answer may take as long as it likes', async () => {
    const { handle } = reading();
    const { wire, feed, exchanges, connection } = open({ timeouts, handle });
    await feed(post('Content-Length: 5\r\n', 'hello'));
    connection.checkTime(after(1e9));
    exchanges[0]?.send(200, {}, 'ok');
    await turns();
    assert.equal(answers(wire), answer200('ok'));
  });

  test('a head of 64 KiB that comes byte by byte is read in passing', async () => {
    const { wire, exchanges } = open();
    const head = Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\n${Array.from({ length: 90 }, (_, i) => `x-${i}: ${'y'.repeat(700)}\r\n`).join('')}\r\n`);
    const before = process.cpuUsage();
    for (let i = 0; i < head.length; i++) wire.feed(head.subarray(i, i + 1));
    await turns();
    assert.equal(exchanges.length, 1);
    // It takes 0.2 s; by copying everything with every byte it took 1.5.
    assert.ok(process.cpuUsage(before).user < 1_000_000);
  });

  test('a head of more than 64 KiB is refused before it ends', async () => {
    const { wire, feed } = open();
    await feed(`GET / HTTP/1.1\r\nA: ${'x'.repeat(65_517)}`);
    assert.equal(wire.written(), '');
    await feed('xx');
    assert.match(answers(wire), /^HTTP\/1\.1 431 /);
  });
});

describe('a mistake in the handler', () => {
  const mistake = (): never => {
    throw new Error('a mistake');
  };
  const cases: { readonly [where: string]: (exchange: Exchange) => void } = {
    'at once': mistake,
    'with the body': (exchange) => exchange.readBody(100, mistake),
    'with the end': (exchange) => {
      exchange.onClose(mistake);
      exchange.send(200, {}, 'ok');
    },
  };
  for (const [where, handle] of Object.entries(cases)) {
    test(`${where} costs its connection and is reported`, async () => {
      const warned = once(process, 'warning');
      const { wire, feed } = open({ handle });
      await feed(post('Content-Length: 2\r\n', '{}'));
      await turns();
      const [warning] = (await warned) as [Error];
      assert.deepEqual([warning.message, wire.destroyed()], ['a mistake', true]);
    });
  }
});
