import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import { packRecords, unpackRecords } from './pack.ts';

const candidates = [[{ target: 'lab/m' }], [{ target: 'lab/m' }, { target: 'lab/n', excludedBy: 'an earlier target is used' }]];
const error = { code: 'overloaded', message: 'no room' };
const note = { path: 'seed', verdict: 'dropped', target: 'lab/m', reason: 'no such field' } as const;

/** Of few values each, so that many records are of a kind and differ in one thing or another. */
const attempts = fc.record(
  {
    provider: fc.constantFrom('lab', 'other'),
    model: fc.constant('m'),
    mode: fc.constantFrom('relay' as const, 'translate' as const),
    back: fc.constantFrom('openai-chat', undefined),
    startedAt: fc.nat(),
    ms: fc.nat(),
    status: fc.constantFrom(200, 500),
    upstreamRequestId: fc.constantFrom('a', 'b"'),
    error: fc.constant(error),
  },
  { requiredKeys: ['provider', 'model', 'mode', 'back', 'startedAt', 'ms'] },
);

const records = fc.record(
  {
    id: fc.string(),
    at: fc.nat(),
    key: fc.constantFrom('ci', 'ops'),
    format: fc.constant('openai-chat'),
    operation: fc.constant('chat'),
    client: fc.constantFrom(undefined, 'curl'),
    stream: fc.boolean(),
    asked: fc.constantFrom(undefined, 'm'),
    served: fc.constantFrom(undefined, 'lab/m'),
    how: fc.constantFrom(undefined, 'route'),
    candidates: fc.constantFrom(...candidates),
    attempts: fc.array(attempts, { maxLength: 2 }),
    notes: fc.constantFrom([], [], [], [note]),
    status: fc.constantFrom(200, 503),
    outcome: fc.constantFrom('ok' as const, 'error' as const),
    error: fc.constant(error),
    finish: fc.constantFrom('stop', 'length'),
    usage: fc.record({ input: fc.nat(), output: fc.nat(), cacheRead: fc.nat() }, { requiredKeys: ['input', 'output'] }),
    firstContentMs: fc.nat(),
    totalMs: fc.nat(),
  },
  {
    requiredKeys: [
      'id',
      'at',
      'key',
      'format',
      'operation',
      'client',
      'stream',
      'asked',
      'served',
      'how',
      'candidates',
      'attempts',
      'notes',
      'status',
      'outcome',
      'totalMs',
    ],
  },
);

test('what is packed comes out as it went in', () => {
  fc.assert(
    fc.property(fc.array(records, { maxLength: 40 }), (list: CallRecord[]) => {
      assert.deepEqual(unpackRecords(packRecords(list)), JSON.parse(JSON.stringify(list)));
    }),
  );
});

test('calls of a kind are kept as their differences', () => {
  const [one] = fc.sample(records, { numRuns: 1, seed: 1 });
  assert.ok(one !== undefined);
  const attempt = { provider: 'lab', model: 'm', mode: 'relay', back: 'openai-chat', startedAt: 1, ms: 2, status: 200 } as const;
  const { error: _error, ...plain } = one;
  const list: CallRecord[] = Array.from({ length: 100 }, (_, n) => ({ ...plain, id: `req_${n}`, notes: [], attempts: [{ ...attempt, ms: n }] }));
  const text = packRecords(list);
  assert.deepEqual(unpackRecords(text), JSON.parse(JSON.stringify(list)));
  assert.ok(text.length < JSON.stringify(list).length / 3);
});

test('what is no record is passed over', () => {
  for (const text of ['{}', 'null', '[1,null,[],{"id":1}]', '[[0,"req_1",1,1,1,null,null,null,1]]', '[[7,"req_1",1,1,1,null,null,null,1]]'])
    assert.deepEqual(unpackRecords(text), []);
});
