import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultDeadlines } from '../core/deadline.ts';
import type { ChunkSource } from '../core/pump.ts';
import type { ByteSink, WireAnswer } from '../core/transport.ts';
import { createMockTransport, mockProviderConfig, type MockDialect } from '../providers/mock.ts';
import { createDirectory } from '../providers/resolve.ts';
import { reframe } from '../core/reframe.ts';
import { toEvents } from '../framing/to-events.ts';
import { createHandler } from './handle.ts';
import type { Outgoing } from './handling.ts';
import { createWorld } from './world.ts';

function asEvents(answer: WireAnswer): WireAnswer {
  const step = answer.status === 200 ? toEvents(answer.headers['content-type'] ?? '') : undefined;
  return step === undefined ? answer : { ...answer, headers: { ...answer.headers, 'content-type': 'text/event-stream' }, body: reframe(answer.body, step) };
}

function textOf(outgoing: Outgoing): Promise<string> {
  const { body } = outgoing;
  const decoder = new TextDecoder();
  if (body.kind === 'whole')
    return Promise.resolve(body.chunks.map((chunk) => (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).join(''));
  return new Promise((resolve, reject) => {
    let text = '';
    const source: ChunkSource = body.source;
    source.start({
      data: (chunk) => void (text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })),
      end: () => resolve(text),
      reset: reject,
    });
  });
}

async function ask(only: MockDialect, body: object): Promise<{ readonly outgoing: Outgoing; readonly text: string }> {
  const transport = createMockTransport();
  const directory = createDirectory({ providers: [mockProviderConfig({ only })], routes: [] });
  const policies = { directory, retry: { attempts: 1, longestWait: 0 }, deadlines: defaultDeadlines, fidelity: 'carry', pingMs: 40 } as const;
  const handler = createHandler({
    world: createWorld(() => transport),
    policies: () => policies,
    authenticate: () => ({ name: 'test', mayUse: () => true }),
    instance: 'test',
    version: '0',
  });
  const request = { method: 'POST', path: '/api/chat', headers: {}, body: new TextEncoder().encode(JSON.stringify(body)) };
  const handling = handler.handle(request);
  const outgoing = await handling.outgoing;
  const text = await textOf(outgoing);
  handling.sent();
  return { outgoing, text };
}

const messages = [{ role: 'user', content: 'Hello there' }];
const contentOf = (line: string): string => (JSON.parse(line) as { message: { content: string } }).message.content;

for (const back of ['ollama', 'openai-chat', 'anthropic-messages', 'gemini'] as const) {
  test(`a silent provider of ${back} is waited for in spaces, which no reader of lines minds`, async () => {
    const { outgoing, text } = await ask(back, { model: 'mock/echo+slow-150', messages });
    assert.equal(outgoing.headers['content-type'], 'application/x-ndjson');
    assert.match(text, /^ +\{/);
    assert.ok(text.endsWith('}\n'));
    assert.equal(text.trimEnd().split('\n').map(contentOf).join(''), 'Hello there');
  });

  test(`after that an error of ${back} is a line`, async () => {
    const { outgoing, text } = await ask(back, { model: 'mock/status-503+slow-150', messages });
    assert.equal(outgoing.status, 200);
    assert.equal((JSON.parse(text) as { code: string }).code, 'overloaded');
  });

  test(`a whole answer of ${back} stays one`, async () => {
    const { outgoing, text } = await ask(back, { model: 'mock/echo', messages, stream: false });
    assert.equal(outgoing.headers['content-type'], 'application/json');
    assert.equal(contentOf(text), 'Hello there');
  });
}

function answerOf(type: string, ...chunks: readonly string[]): WireAnswer {
  const start = (sink: ByteSink): void => {
    for (const chunk of chunks) sink.data(new TextEncoder().encode(chunk));
    sink.end();
  };
  return { status: 200, headers: { 'content-type': type }, body: { start, pause: () => undefined, resume: () => undefined, abort: () => undefined } };
}

function read({ body }: WireAnswer): string {
  let text = '';
  body.start({ data: (chunk) => (text += new TextDecoder().decode(chunk)), end: () => (text += '.'), fail: () => (text += '!') });
  return text;
}

test('a provider’s lines of JSON are events to everything behind; other answers pass untouched', () => {
  for (const type of ['application/x-ndjson', 'application/x-ndjson; charset=utf-8', 'application/ndjson', 'application/jsonl']) {
    const events = asEvents(answerOf(type, '{"a":1}\n{"b', '":2}'));
    assert.equal(events.headers['content-type'], 'text/event-stream');
    assert.equal(read(events), 'data: {"a":1}\n\ndata: {"b":2}\n\n.');
  }
  assert.equal(read(asEvents({ ...answerOf('application/x-ndjson', '{"error":1}\n'), status: 500 })), '{"error":1}\n.');
  for (const type of ['application/json', 'text/event-stream', 'text/html']) assert.equal(read(asEvents(answerOf(type, '{"a":1}\n'))), '{"a":1}\n.');
});
