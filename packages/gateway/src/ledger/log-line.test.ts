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
