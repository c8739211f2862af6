import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1 } from '../../core/bytes.ts';
import type { Target } from '../../core/target.ts';
import { sealing } from './sealing.ts';
import { coverOwn, openOwn, uncoverState } from './signature.ts';

const target: Target = { provider: 'lab', model: 'm', speaks: {}, quirks: { ownState: true } };
const event = (type: string, rest: string): string => `event: response.${type}\ndata: {"type":"response.${type}","sequence_number":3,${rest}}\n\n`;

function sealed(text: string): string | undefined {
  return sealing.stream(target)(latin1(new TextEncoder().encode(text)), () => text);
}

const item = (content: string): string => `{"id":"rs_1", "type":"reasoning","summary":[{"type":"summary_text","text":"考 \\"encrypted_content\\""}]${content}}`;
const given = ',"encrypted_content":"gAA+/=="';
const covered = ',"encrypted_content":"mw1.lab.e.gAA+/=="';
const call = '{"type":"function_call","call_id":"c","name":"f","arguments":"{\\"type\\":\\"reasoning\\",\\"encrypted_content\\":\\"mine\\"}"}';

test('encrypted thinking goes out under the seal, in its own events and in the last, with nothing else changed', () => {
  const done = (content: string): string => event('output_item.done', `"output_index":0,"item":${item(content)}`);
  assert.equal(sealed(done(given)), done(covered));
  const last = (content: string): string => event('completed', `"response":{"output":[${item(content)},${call},${item(content)}],"reasoning":{"effort":null}}`);
  assert.equal(sealed(last(given)), last(covered));
  const added = (content: string): string => event('output_item.added', `"item":${item(content)}`);
  assert.equal(sealed(added(given)), added(covered));
  assert.equal(sealed(added('')), undefined, 'it is still to come');
  assert.equal(sealed(event('output_item.done', `"item":${call}`)), undefined);
  assert.equal(sealed(event('created', '"response":{"output":[],"reasoning":{"type":"reasoning"}}')), undefined);
});

test('thinking that came without any is given an empty one: its id is its provider’s own', () => {
  const done = (content: string): string => event('output_item.done', `"item":${item(content)}`);
  for (const none of ['', ',"encrypted_content":null', ',"encrypted_content":""']) assert.equal(sealed(done(none)), done(',"encrypted_content":"mw1.lab.e."'));
});

test('of a whole answer every item of thinking is sealed, and every other byte stays', () => {
  const answer = (content: string): string => `{ "object":"response","output":[${item(content)}, ${call},${item(content)} ],"n":1.0 }\n`;
  assert.equal(sealing.whole(answer(given), target), answer(covered));
  const page = (content: string): string => `{"object":"list","data":[${item(content)},${call}]}`;
  assert.equal(sealing.whole(page(given), target), page(covered));
  const plain = `{"output":[${call}]}`;
  assert.equal(sealing.whole(plain, target), plain);
});

test('what was covered opens at its provider as it was, and is no state of another format', () => {
  const other: Target = { ...target, provider: 'else' };
  for (const content of ['gAA==', '', '{"state":"x"}', 's.x', 'mw1.else.e.x']) {
    const state = coverOwn(content, target);
    assert.deepEqual(openOwn(state, target), { kind: 'own', payload: content });
    assert.deepEqual(openOwn(state, other), { kind: 'foreign' });
    assert.equal(uncoverState(state), undefined);
  }
  assert.deepEqual(openOwn('gAA==', target), { kind: 'unsealed', payload: 'gAA==' });
  assert.deepEqual(openOwn('mw1.lab.s.sig', target), { kind: 'foreign' }, 'a signature of another format');
});
