import assert from 'node:assert/strict';
import type { lookup } from 'node:dns';
import { describe, test, type TestContext } from 'node:test';
import { createCanceller } from 'modelwire/internal/core/cancel';
import { GatewayError } from 'modelwire/internal/core/errors';
import { MediaError } from 'modelwire/internal/core/media';
import { type Script, type ScriptedServer, startScriptedServer } from '../../../../test/support/scripted-server.ts';
import type { MediaSettings } from '../config/config.ts';
import { createMediaFetch } from './media.ts';

const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(40, 7)]);
const pdf = Buffer.from('%PDF-1.7 and so on');

const file =
  (bytes: Buffer, headers: Record<string, string> = {}, status = 200): Script =>
  (response) => {
    response.writeHead(status, headers);
    response.end(bytes);
  };

async function served(context: TestContext, ...scripts: readonly Script[]): Promise<ScriptedServer> {
  const server = await startScriptedServer(...scripts);
  context.after(() => server.close());
  return server;
}

type Setting = Partial<MediaSettings> & { readonly limitMs?: number; readonly addresses?: readonly string[] };

/** A fetch whose name server gives these addresses for every name. */
function fetchWith({ fetch = ['127.0.0.1'], size = 1000, limitMs = 5000, addresses }: Setting = {}) {
  const answer = addresses?.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const named = ((_host: string, _options: object, callback: (error: null, all: unknown) => void) => callback(null, answer)) as unknown as typeof lookup;
  const settings = { now: { fetch, size } as MediaSettings };
  const fetchMedia = createMediaFetch({
    settings: () => settings.now,
    userAgent: 'modelwire/test',
    limitMs,
    ...(addresses === undefined ? {} : { lookup: named }),
  });
  const { signal } = createCanceller();
  return { settings, get: (url: string, kind: 'image' | 'document' = 'image') => fetchMedia(url, kind, signal), fetchMedia };
}

const refusal = (why: RegExp) => (error: unknown) => error instanceof MediaError && why.test(error.message);

test('an image of a host that is named comes with the type of its bytes, and nothing of the gateway’s goes there', async (context) => {
  const server = await served(context, file(png, { 'content-type': 'text/html' }));
  const { get } = fetchWith();
  assert.deepEqual(await get(`${server.url}/a.png`), { mediaType: 'image/png', data: png.toString('base64') });
  const { authorization, cookie, host, ...sent } = server.received[0]?.headers ?? {};
  assert.deepEqual([authorization, cookie, host], [undefined, undefined, new URL(server.url).host]);
  assert.deepEqual(sent, { accept: 'image/*, application/pdf', 'accept-encoding': 'identity', 'user-agent': 'modelwire/test', connection: 'close' });
});

test('the same address is fetched once, for those who come together and those who come later', async (context) => {
  const server = await served(context, file(png));
  const { get, settings } = fetchWith();
  await Promise.all([get(server.url), get(server.url)]);
  await get(server.url);
  assert.equal(server.received.length, 1);
  settings.now = { fetch: ['other.example'], size: 1000 };
  await assert.rejects(get(server.url), refusal(/not one that media.fetch/), 'what is kept is not for a host that is named no longer');
});

test('what failed is tried again', async (context) => {
  const server = await served(context, file(png, {}, 503), file(png));
  const { get } = fetchWith();
  await assert.rejects(get(server.url), refusal(/answers 503/));
  assert.equal((await get(server.url))?.mediaType, 'image/png');
});

test('a document is a PDF, an image is none', async (context) => {
  const server = await served(context, file(pdf), file(png));
  const { get } = fetchWith();
  assert.equal((await get(`${server.url}/1`, 'document'))?.mediaType, 'application/pdf');
  await assert.rejects(get(`${server.url}/1`, 'image'), refusal(/no image but a PDF/));
  await assert.rejects(get(`${server.url}/2`, 'document'), refusal(/no PDF/));
});

describe('what a server may not do', () => {
  const cases: readonly [name: string, script: Script, why: RegExp][] = [
    ['send a page', file(Buffer.from('<html>secret of an intranet</html>')), /^it is no PNG, JPEG, GIF or WebP image and no PDF$/],
    ['say that it is too long', file(png, { 'content-length': '1001' }), /larger than 1000 bytes/],
    ['be too long and not say it', file(Buffer.concat([png, Buffer.alloc(2000)]), { 'transfer-encoding': 'chunked' }), /larger than 1000 bytes/],
    ['pack it', file(png, { 'content-encoding': 'gzip' }), /compressed/],
    ['answer with an error', file(Buffer.from('not here'), {}, 404), /^its server answers 404$/],
    ['break off', (response) => void (response.writeHead(200, { 'content-length': '500' }), response.write(png), response.destroy()), /reached|broke off/],
    ['send round in a circle', file(png, { location: '/again' }, 302), /more than 3 times/],
    ['send to another host', file(png, { location: 'http://169.254.169.254/latest' }, 307), /not one that media.fetch/],
    ['send to another scheme', file(png, { location: 'file:///etc/passwd' }, 302), /not an http/],
  ];
  for (const [name, script, why] of cases) {
    test(name, async (context) => {
      const server = await served(context, script);
      await assert.rejects(fetchWith().get(server.url), refusal(why));
    });
  }

  test('never answer', async (context) => {
    const server = await served(context, () => undefined);
    await assert.rejects(fetchWith({ limitMs: 50 }).get(server.url), refusal(/too long/));
    await server.received[0]?.left;
  });

  test('send a byte a while', async (context) => {
    const server = await served(context, (response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(timer));
    });
    await assert.rejects(fetchWith({ limitMs: 80 }).get(server.url), refusal(/too long/));
  });
});

test('a place on the same host is followed', async (context) => {
  const server = await served(context, file(Buffer.alloc(0), { location: '/real.png' }, 301), file(png));
  assert.equal((await fetchWith().get(server.url))?.mediaType, 'image/png');
  assert.equal(server.received[1]?.url, '/real.png');
});

describe('from the public internet alone', () => {
  for (const url of [
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://169.254.169.254/latest',
  ]) {
    test(`not ${url}`, () => assert.rejects(fetchWith({ fetch: 'public' }).get(url), refusal(/not on the public internet/)));
  }

  for (const addresses of [['127.0.0.1'], ['10.1.2.3'], ['::1'], ['93.184.215.14', '192.168.0.1'], ['2606:4700::1111', 'fd00::1']]) {
    test(`not a name that leads to ${addresses.join(' and ')}`, () =>
      assert.rejects(fetchWith({ fetch: 'public', addresses }).get('http://images.example/a.png'), refusal(/not on the public internet/)));
  }

  test('no port, no user, no other scheme', async () => {
    const { get } = fetchWith({ fetch: 'public', addresses: ['127.0.0.1'] });
    await assert.rejects(get('http://images.example:8080/'), refusal(/names a port/));
    await assert.rejects(get('http://user:secret@images.example/'), refusal(/user or a password/));
    await assert.rejects(get('ftp://images.example/'), refusal(/not an http/));
  });
});

test('hosts below a name are named by a star', async (context) => {
  const server = await served(context, file(png));
  const { port } = new URL(server.url);
  const { get } = fetchWith({ fetch: ['*.example.com'], addresses: ['127.0.0.1'] });
  assert.equal((await get(`http://img.example.com:${port}/`))?.mediaType, 'image/png');
  await assert.rejects(get(`http://example.com.evil.test:${port}/`), refusal(/not one that media.fetch/));
  await assert.rejects(get(`http://badexample.com:${port}/`), refusal(/not one that media.fetch/));
});

test('a caller that has gone is not kept waiting', async (context) => {
  const server = await served(context, () => undefined);
  const canceller = createCanceller();
  const waiting = fetchWith().fetchMedia(server.url, 'image', canceller.signal);
  canceller.abort(new GatewayError('client_gone', 'gone'));
  await assert.rejects(waiting, /gone/);
});
