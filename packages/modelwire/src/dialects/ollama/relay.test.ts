import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tap } from '../../core/dialect.ts';
import { isGatewayError } from '../../core/errors.ts';
import { scanTopLevel } from '../../core/top-level.ts';
import { answer, contextFor, hi, lastLine, line } from './fixtures/world.ts';
import { ollama } from './index.ts';

const { back, relay } = ollama;
const { target } = contextFor();
const see = (tap: Tap, { data }: { data: string }) => tap.see(`data: ${data}\n\n`, () => JSON.parse(data));

test('each operation has its path, and no header of the caller goes along', () => {
  const asked = { model: 'm', stream: true };
  assert.equal(back.relayPath('chat', asked), '/api/chat');
  assert.equal(back.relayPath('generate', asked), '/api/generate');
  assert.equal(back.relayPath('count_tokens', asked), undefined);
  assert.deepEqual(back.relayHeaders({ authorization: 'Bearer secret' }), {});
});

test('state under our seal is for a translation; a field that is refused is cut out', () => {
  const rules = (body: object, quirks = {}) => relay.edits(scanTopLevel(new TextEncoder().encode(JSON.stringify(body))), { quirks, wantUsage: true });
  const called = (id: string) => ({
    model: 'm',
    messages: [hi, { role: 'assistant', content: '', tool_calls: [{ id, function: { name: 'f', arguments: {} } }] }],
  });
  assert.deepEqual(rules(called('call_1')), []);
  assert.equal(rules(called('mw1.lab.W10.c')), undefined);
  assert.deepEqual(
    rules({ model: 'm', messages: [hi], keep_alive: 0 }, { refuses: ['keep_alive'] })?.map(({ kind, key }) => [kind, key]),
    [['remove', 'keep_alive']],
  );
});

test('the tap sees content, the end and errors, and is not misled by what is said', () => {
  const tap = relay.tap({ withholdUsage: false });
  assert.deepEqual(see(tap, line({ content: '' })), { content: false, finish: false, terminal: false, error: false, withhold: false });
  assert.equal(see(tap, line({ content: 'a' })).content, true);
  assert.equal(see(tap, line({ thinking: 'a' })).content, true);
  assert.equal(see(tap, { data: '{"model":"m","response":"a","done":false}' }).content, true);
  assert.equal(see(tap, line({ tool_calls: [{ function: { name: 'f', arguments: { done: true, error: 'no' } } }] })).content, true);
  assert.deepEqual([tap.finish(), tap.usage()], [undefined, undefined]);
  assert.equal(see(tap, line({ content: '"done":true,"error":"x"' })).error, false);
  assert.equal(see(tap, { data: '{"error":"out of memory"}' }).error, true);
  const end = see(tap, lastLine({ done_reason: 'length', prompt_eval_count: 3, eval_count: 2 }));
  assert.deepEqual([end.finish, end.terminal, tap.finish(), tap.usage()], [true, true, 'length', { input: 3, output: 2 }]);
});

test('a whole answer is one, or says what it is', () => {
  const whole = (value: object) => {
    try {
      return relay.whole(value, JSON.stringify(value), target).finish;
    } catch (error) {
      return isGatewayError(error) ? error.code : error;
    }
  };
  assert.equal(whole(answer({ content: 'a' })), 'stop');
  // A model may be loaded without a word.
  assert.equal(whole(answer({ content: '' }, { done_reason: 'load' })), 'load');
  assert.equal(whole(answer({ content: 'a' }, { done_reason: undefined })), 'stop');
  assert.equal(whole(answer({ content: 'a' }, { done: false })), 'upstream_invalid_response');
  assert.equal(whole({ choices: [] }), 'upstream_invalid_response');
  assert.equal(whole({ error: 'model "m" not found, try pulling it first' }), 'model_not_found');
});
