import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Note } from 'modelwire/internal/core/notes';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import type { Played } from './agents/agent-case.ts';
import { lossProblems } from './agents/loss-problems.ts';

/** The check that `npm run test:agents` makes of what an agent sent: that it finds what is lost. */
const sent = {
  model: 'auto',
  max_tokens: 4096,
  messages: [{ role: 'user', content: 'Write it, 你好!' }],
  tools: [{ name: 'write', parameters: { description: 'Where to, say' } }],
  given: '{"path":"/tmp/a b"}',
};

function played(body: object, notes: readonly Partial<Note>[] = [], change: Partial<CallRecord> = {}): Played {
  const exchange = {
    method: 'POST',
    path: '/v1/x',
    headers: {},
    sent: JSON.stringify(sent),
    status: 200,
    answerHeaders: { 'x-request-id': 'r' },
    got: '',
    left: false,
  };
  const record = { id: 'r', format: 'openai-chat', outcome: 'ok', attempts: [{ mode: 'translate', back: 'gemini' }], notes, ...change } as CallRecord;
  const request = { path: '/y', headers: {}, body: JSON.stringify(body), state: 'answered', status: 200 } as const;
  return { exchanges: [exchange], upstream: [request], records: [record], stdout: '' };
}

const whole = { limit: 4096, text: 'Write it, 你好!', tools: { write: 'Where to, say' }, args: { path: '/tmp/a b' } };

test('what arrives in another form is not lost', () => {
  assert.deepEqual(lossProblems(played(whole)), []);
});

test('a text or a number that is nowhere, and that no note names, is lost', () => {
  const lostBy = (change: object, ...notes: readonly Partial<Note>[]): readonly string[] => lossProblems(played({ ...whole, ...change }, notes));
  assert.match(lostBy({ text: 'Write it' }).join(), /messages\[0\]\.content was lost without a note: "Write it, 你好!"/);
  assert.match(lostBy({ limit: 8 }).join(), /max_tokens was lost/);
  assert.match(lostBy({ args: {} }).join(), /given\.path was lost/);
  const gone = { verdict: 'carried', reason: 'kept here' } as const;
  assert.deepEqual(lostBy({ text: '' }, { path: 'messages[0]', ...gone }), []);
  assert.deepEqual(lostBy({ limit: 8 }, { path: 'max_tokens', verdict: 'changed', reason: 'at most 8' }), []);
  // The tool was changed, and not by its description.
  const changed = { path: 'tools[0]', verdict: 'changed' } as const;
  assert.match(lostBy({ tools: { write: '' } }, { ...changed, reason: 'the schema says format in other words' }).join(), /description was lost/);
  assert.deepEqual(lostBy({ tools: { write: '' } }, { ...changed, reason: 'the schema has no description' }), []);
});

test('a relayed request is not looked into', () => {
  assert.deepEqual(lossProblems(played({}, [], { attempts: [{ mode: 'relay' }] as unknown as CallRecord['attempts'] })), []);
});

test('a note of a loss that nobody expects, a call that went wrong, and one that was not recorded', () => {
  assert.deepEqual(lossProblems(played(whole, [{ path: 'metadata.user_id', verdict: 'dropped', reason: 'there is no place for an end user' }])), []);
  assert.match(lossProblems(played(whole, [{ path: 'stop', verdict: 'dropped', reason: 'no stops' }])).join(), /openai-chat on gemini: dropped stop: no stops/);
  assert.match(lossProblems(played(whole, [], { outcome: 'stream_error' })).join(), /ended as stream_error/);
  assert.match(lossProblems(played(whole, [], { id: 'other' })).join(), /no record/);
});
