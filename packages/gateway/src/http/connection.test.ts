import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemorySocket, type MemorySocket } from '../../../../test/support/memory-socket.ts';
import { type Connection, openConnection } from './connection.ts';
import type { Exchange, Timeouts } from './exchange.ts';

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
