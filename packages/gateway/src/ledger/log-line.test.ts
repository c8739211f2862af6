import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import { createLogLine } from './log-line.ts';

const record: CallRecord = {
  id: 'req_1',
  at: 0,
  key: 'ci',
  format: 'openai-chat',
  operation: 'chat',
  client: undefined,
  stream: false,
  asked: 'm',
  served: 'lab/m',
  how: 'provider',
  candidates: [],
  attempts: [],
  notes: [],
  status: 200,
  outcome: 'ok',
  totalMs: 5,
};

test('the time is the one of the record, whatever came before', () => {
  const logLine = createLogLine();
  const base = Date.UTC(2026, 1, 28, 23, 59, 58);
  for (const ms of [0, 1, 999, 1000, 1001, 2000, 60_000, 1500, 0, 7]) {
    const line: unknown = JSON.parse(logLine({ ...record, at: base + ms }));
    assert.equal((line as { time: string }).time, new Date(base + ms).toISOString());
  }
});

test('a line tells of its own call, whatever calls came before', () => {
  const logLine = createLogLine();
  const attempt = { provider: 'lab', model: 'm', mode: 'relay', back: 'openai-chat', startedAt: 1, ms: 2, status: 200 } as const;
  const note = { path: 'seed', verdict: 'dropped', target: 'lab/m', reason: 'no such field' } as const;
  const plain: CallRecord = { ...record, attempts: [attempt], finish: 'stop' };
  const kinds = Array.from({ length: 12 }, (_, n): CallRecord => ({ ...plain, key: `key "${n}"` }));
  const others: readonly CallRecord[] = [
    plain,
    { ...plain, id: 'a "quoted" id', usage: { input: 3, output: 2, cacheRead: 1, reasoning: 0 }, firstContentMs: 4 },
    { ...plain, notes: [note] },
    { ...plain, attempts: [attempt, { ...attempt, mode: 'translate' }] },
    { ...plain, asked: undefined },
    { ...record, status: 503, outcome: 'error', error: { code: 'overloaded', message: 'canary' } },
    plain,
  ];
  for (const call of [...kinds, ...others, ...kinds]) {
    assert.deepEqual(JSON.parse(logLine(call)), {
      time: '1970-01-01T00:00:00.000Z',
      id: call.id,
      key: call.key,
      format: 'openai-chat',
      operation: 'chat',
      stream: false,
      ...(call.asked === undefined ? {} : { asked: call.asked }),
      served: 'lab/m',
      ...(call.attempts.length === 0 ? {} : { mode: call.attempts.at(-1)?.mode }),
      status: call.status,
      outcome: call.outcome,
      ...(call.error === undefined ? {} : { error: call.error.code }),
      ...(call.finish === undefined ? {} : { finish: call.finish }),
      attempts: call.attempts.length,
      ...(call.firstContentMs === undefined ? {} : { first_content_ms: 4 }),
      total_ms: 5,
      ...(call.usage === undefined ? {} : { input_tokens: 3, cache_read_tokens: 1, output_tokens: 2, reasoning_tokens: 0 }),
      ...(call.notes.length === 0 ? {} : { notes: 1 }),
    });
  }
});
