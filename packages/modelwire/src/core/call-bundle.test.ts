import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBase64 } from './base64.ts';
import { holdsSealedBytes } from './seal.ts';
import { callWithReasoning, cover, openCallId, uncover } from './call-bundle.ts';
import type { ReasoningBlock } from './ir.ts';
import { scanTopLevel } from './top-level.ts';

const origin = { provider: 'lab', model: 'm', speaks: {}, quirks: {} };
const blocks: readonly ReasoningBlock[] = [
  { type: 'reasoning', text: 'because', signature: 'sig' },
  { type: 'reasoning', text: '', redacted: 'secret' },
];

test('the id of a call brings its own id and the thinking back', () => {
  const id = callWithReasoning('call_1', blocks, { target: origin, back: 'anthropic-messages' });
  assert.match(id, /^[A-Za-z0-9+/]+=*$/);
  assert.deepEqual(openCallId(id, 'here'), {
    id: 'call_1',
    blocks: [
      { type: 'reasoning', text: 'because', signature: 'mw1.lab.sig', at: 'here' },
      { type: 'reasoning', text: '', redacted: 'mw1.lab.secret', at: 'here' },
    ],
  });
});

test('any other id is just an id', () => {
  const others = [
    '',
    'call_1',
    'bXcx',
    'bXcxLg==',
    encodeBase64('mw1.lab'),
    encodeBase64('mw1.lab.'),
    cover('{}', origin),
    cover('["a"]', origin),
    cover('[1,2]', origin),
  ];
  for (const id of others) assert.equal(openCallId(id, ''), undefined, id);
});

test('what was covered is uncovered with its origin', () => {
  const found = uncover(cover('payload.with.dots', origin));
  assert.deepEqual(found, { origin: 'mw1.lab.', payload: 'payload.with.dots' });
  assert.equal(uncover('mw1.lab.x'), undefined);
});

test('a covered string is found wherever it is one, and nowhere else', () => {
  const holds = (value: unknown): boolean => holdsSealedBytes(scanTopLevel(new TextEncoder().encode(JSON.stringify(value))));
  const covered = cover('x', origin);
  assert.equal(holds({ a: [{ id: covered }] }), true);
  assert.equal(holds({ a: `see ${covered}` }), false);
  assert.equal(holds({ a: JSON.stringify({ id: covered }) }), false, 'a string within a string is text');
  assert.equal(holds({ a: JSON.stringify({ id: covered }), b: covered }), true);
});
