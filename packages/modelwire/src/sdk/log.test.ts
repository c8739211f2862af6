import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Anthropic, type ClientOptions, type Logger } from './anthropic.ts';

type Line = readonly [level: string, message: string, rest: string];

function recorder(): { readonly lines: Line[]; readonly logger: Logger } {
  const lines: Line[] = [];
  const write =
    (level: string) =>
    (message: string, ...rest: unknown[]) =>
      void lines.push([level, message, JSON.stringify(rest)]);
  return { lines, logger: { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') } };
}

async function linesOf(options: ClientOptions, env: Readonly<Record<string, string>> = {}): Promise<readonly Line[]> {
  const { lines, logger } = recorder();
  const kept = { ...process.env };
  Object.assign(process.env, env);
  try {
    let asked = 0;
    const client = new Anthropic({
      apiKey: 'sk-ant-secret',
      baseURL: 'http://localhost:1?token=hidden&page=1',
      logger,
      fetch: async () => {
        asked += 1;
        if (asked === 1) throw new TypeError('fetch failed');
        if (asked === 2)
          return Response.json({ type: 'error', error: { type: 'overloaded_error', message: 'x' } }, { status: 529, headers: { 'retry-after-ms': '1' } });
        return Response.json({ id: 'm', content: [] }, { headers: { 'set-cookie': 'secret=1' } });
      },
      ...options,
    });
    await client.messages.create({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'my words' }] }, { headers: { cookie: 'secret=2' } });
  } finally {
    process.env = kept;
  }
  return lines;
}

test('by default nothing is written', async () => {
  assert.deepEqual(await linesOf({}), []);
});

test('info has a line for each attempt', async () => {
  const lines = await linesOf({ logLevel: 'info' });
  assert.deepEqual(
    lines.map(([level, message]) => [level, message.replace(/^\[req_\w+\]/, '[id]').replace(/\d+ ms/, '0 ms')]),
    [
      ['info', '[id] POST http://localhost:1/v1/messages?token=***&page=1 failed in 0 ms: cannot reach http://localhost:1: fetch failed'],
      ['info', '[id] POST http://localhost:1/v1/messages?token=***&page=1 failed with status 529 in 0 ms'],
      ['info', '[id] POST http://localhost:1/v1/messages?token=***&page=1 succeeded with status 200 in 0 ms'],
    ],
  );
});

test('debug has what is sent and what comes, without a secret', async () => {
  const lines = await linesOf({}, { ANTHROPIC_LOG: 'debug' });
  assert.equal(lines.length, 8);
  const text = JSON.stringify(lines);
  assert.match(text, /my words/);
  for (const secret of ['sk-ant-secret', 'hidden', 'secret=1', 'secret=2']) assert.ok(!text.includes(secret), secret);
});

test('the option counts more than the variable; a word that is no level is told once', async () => {
  assert.deepEqual(await linesOf({ logLevel: 'off' }, { ANTHROPIC_LOG: 'debug' }), []);
  const lines = await linesOf({}, { ANTHROPIC_LOG: 'loud' });
  assert.deepEqual(lines, [['warn', 'ANTHROPIC_LOG is "loud", which is none of off, error, warn, info, debug', '[]']]);
});

test('ANTHROPIC_CUSTOM_HEADERS are sent, under those of the options', async () => {
  process.env['ANTHROPIC_CUSTOM_HEADERS'] = 'X-One: 1\nX-Two: two: three\n\nno colon';
  try {
    let sent = new Headers();
    const client = new Anthropic({
      apiKey: 'k',
      defaultHeaders: { 'x-one': '2' },
      fetch: (_, init) => {
        sent = new Headers(init.headers);
        return Promise.resolve(Response.json({ id: 'm', content: [] }));
      },
    });
    await client.messages.create({ model: 'm', max_tokens: 1, messages: [] });
    assert.deepEqual([sent.get('x-one'), sent.get('x-two')], ['2', 'two: three']);
  } finally {
    delete process.env['ANTHROPIC_CUSTOM_HEADERS'];
  }
});
