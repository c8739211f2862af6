import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttp, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { after, describe, test } from 'node:test';
import { createCanceller } from 'modelwire/internal/core/cancel';
import { GatewayError } from 'modelwire/internal/core/errors';
import type { WireAnswer, WireRequest } from 'modelwire/internal/core/transport';
import type { HttpEngine, NetworkSettings } from '../config/config.ts';
import { createConnections } from './connections.ts';
import { httpTransport } from './http-transport.ts';

const tls = new URL('../../../../test/support/tls/', import.meta.url);
const caFile = new URL('cert.pem', tls).pathname;
const closers: (() => void)[] = [];
after(() => {
  for (const close of closers) close();
});

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const secure = (): Server =>
  createHttps({ key: readFileSync(new URL('key.pem', tls)), cert: readFileSync(caFile) }, (_request, response) => response.end('{"ok":true}'));

async function send(url: string, env: Record<string, string>, settings?: NetworkSettings, engine: HttpEngine = 'lean'): Promise<WireAnswer> {
  const connections = createConnections({ env, connectMs: 2000, engine, headers: {} });
  closers.push(() => void connections.close());
  const request: WireRequest = { method: 'POST', url, headers: {}, body: ['{}'], connectMs: 2000, headersMs: 2000, signal: createCanceller().signal };
  return await httpTransport({ provider: 'lab', way: () => connections.way(settings) })(request);
}

/** A proxy that tunnels every host to one port of this machine, and keeps what it was asked for. */
async function tunnel(to: number): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createHttp();
  server.on('connect', (request, client) => {
    asked.push(request.url ?? '');
    const upstream = connect(to, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
    closers.push(() => upstream.destroy());
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, asked };
}

describe('the way out', () => {
  test('an unknown certificate authority is refused with what to do; caFile makes it known', async () => {
    const url = `https://127.0.0.1:${await listen(secure())}/v1/x`;
    for (const engine of ['lean', 'node'] as const) {
      await assert.rejects(
        send(url, {}, undefined, engine),
        (error: unknown) => error instanceof GatewayError && error.code === 'upstream_unreachable' && !error.retryable && /caFile/.test(error.hint ?? ''),
      );
      assert.equal((await send(url, {}, { caFile }, engine)).status, 200);
    }
  });

  test('HTTPS_PROXY is used, NO_PROXY and this machine are not proxied', async () => {
    const port = await listen(secure());
    const proxy = await tunnel(port);
    const env = { HTTPS_PROXY: proxy.url };
    assert.equal((await send(`https://provider.test:${port}/v1/x`, env, { caFile })).status, 200);
    assert.deepEqual(proxy.asked, [`provider.test:${port}`]);
    assert.equal((await send(`https://127.0.0.1:${port}/v1/x`, env, { caFile })).status, 200);
    await assert.rejects(send(`https://provider.test:${port}/v1/x`, { ...env, NO_PROXY: 'provider.test' }, { caFile }));
    assert.equal(proxy.asked.length, 1);
  });

  test('a provider may have a proxy of its own, or none', async () => {
    const port = await listen(secure());
    const proxy = await tunnel(port);
    assert.equal((await send(`https://provider.test:${port}/v1/x`, {}, { caFile, proxy: proxy.url })).status, 200);
    await assert.rejects(send(`https://provider.test:${port}/v1/x`, { HTTPS_PROXY: proxy.url }, { caFile, proxy: 'none' }));
    assert.equal(proxy.asked.length, 1);
  });

  for (const engine of ['lean', 'node'] as const) {
    test(`an idle socket that the provider has closed does not fail the next call (${engine})`, async () => {
      let closeIdle: () => void = () => undefined;
      const server = createHttp((_request, response) => {
        response.end('{}');
        closeIdle = () => response.socket?.destroy();
      });
      const url = `http://127.0.0.1:${await listen(server)}/v1/x`;
      const connections = createConnections({ env: {}, connectMs: 2000, engine, headers: {} });
      closers.push(() => void connections.close());
      const transport = httpTransport({ provider: 'lab', way: () => connections.way(undefined) });
      const request: WireRequest = { method: 'POST', url, headers: {}, body: ['{}'], connectMs: 2000, headersMs: 2000, signal: createCanceller().signal };
      for (let i = 0; i < 5; i++) {
        const answer = await transport(request);
        assert.equal(answer.status, 200);
        await new Promise<void>((resolve) => answer.body.start({ data: () => undefined, end: resolve, fail: () => resolve() }));
        closeIdle();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
  }
});
