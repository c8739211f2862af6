import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tap } from '../../core/dialect.ts';
import { isGatewayError } from '../../core/errors.ts';
import { scanTopLevel } from '../../core/top-level.ts';
import type { Quirks } from '../../core/target.ts';
import { contextFor, ended, event, hi, plainRequest } from './fixtures/world.ts';
import { cohere } from './index.ts';

const { back, relay } = cohere;
const { target } = contextFor();
const top = (body: object) => scanTopLevel(new TextEncoder().encode(JSON.stringify(body)));
const see = (tap: Tap, { event: name, data }: { event: string; data: string }) =>
  tap.see(`${name === '' ? '' : `event: ${name}\n`}data: ${data}\n\n`, () => JSON.parse(data));

test('one path, and no header of the caller’s account', () => {
  assert.equal(back.relayPath('chat', { model: 'm', stream: true }), '/v2/chat');
  assert.equal(back.relayPath('count_tokens', { model: 'm', stream: false }), undefined);
  assert.deepEqual(back.relayHeaders({ authorization: 'Bearer secret', 'x-client-name': 'me' }), {});
});

test('state under our seal is for a translation; a field that is refused is cut out', () => {
  const rules = (fields: object, quirks: Quirks = {}) => relay.edits(top({ ...plainRequest, ...fields }), { quirks, wantUsage: true });
  const calling = (id: string) => ({ messages: [hi, { role: 'assistant', tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{}' } }] }] });
  assert.deepEqual(rules(calling('get_weather_1')), []);
  assert.equal(rules(calling('mw1.upstream.W10.c')), undefined);
  assert.deepEqual(
    rules({ priority: 1 }, { refuses: ['priority'] })?.map(({ kind, key }) => [kind, key]),
    [['remove', 'priority']],
  );
  const tools = (name: string) => ({ tools: [{ type: 'function', function: { name, parameters: { type: 'object' } } }] });
  assert.deepEqual([rules(tools('read')), rules(tools('fs.read'))], [[], undefined]);
  assert.deepEqual(rules({ documents: [{ data: { name: 'John Smith' } }] }), []);
  assert.equal(rules({ tools: [] }, { refuses: ['tools'] }), undefined);
  assert.equal(rules({ safety_mode: 'STRICT' }, { refuses: ['safety_mode'] }), undefined);
  assert.equal(rules({ temperature: 0.9 }, { temperatureMax: 0.5 }), undefined);
  assert.equal(rules({ tool_choice: 'REQUIRED' }, { forcedToolChoice: false }), undefined);
  assert.equal(rules({ response_format: { type: 'json_object' } }, { structuredOutput: 'none' }), undefined);
  assert.equal(rules({ response_format: { type: 'json_object', json_schema: { description: 'x'.repeat(5000) } } }, { structuredOutput: 'json' }), undefined);
  assert.deepEqual(rules({ response_format: { type: 'text' } }, { structuredOutput: 'none' }), []);
  assert.equal(rules({ stop_sequences: ['a', 'b'] }, { stopMax: 1 }), undefined);
  assert.deepEqual(rules({ stop_sequences: ['a'] }, { stopMax: 1 }), []);
});

test('the tap sees content, the end, errors and usage', () => {
  const tap = relay.tap({ withholdUsage: false });
  assert.equal(see(tap, event('message-start', { role: 'assistant', content: [], tool_plan: '' })).content, false);
  assert.equal(see(tap, event('content-start', { content: { type: 'text', text: '' } })).content, false);
  assert.equal(see(tap, event('content-delta', { content: { text: 'a' } })).content, true);
  assert.equal(see(tap, event('tool-plan-delta', { tool_plan: 'a' })).content, true);
  assert.equal(see(tap, event('tool-call-start', { tool_calls: { id: 'c' } })).content, true);
  assert.equal(see(tap, event('content-delta', { content: { text: 'say "message-end" and "finish_reason": "COMPLETE"' } })).finish, false);
  assert.equal(see(tap, event('content-delta', { content: { text: '{"message": "no error"}' } })).error, false);
  assert.equal(tap.finish(), undefined);
  const end = see(tap, ended('MAX_TOKENS', { usage: { tokens: { input_tokens: 3, output_tokens: 2 } } }));
  assert.deepEqual([end.finish, end.error, end.terminal, tap.finish()], [true, false, false, 'MAX_TOKENS']);
  assert.deepEqual([tap.usage()?.input, tap.usage()?.output], [3, 2]);
  assert.equal(see(tap, { event: '', data: '[DONE]' }).terminal, true);
});

test('the tap takes no failure for an end', () => {
  for (const reason of ['ERROR', 'TIMEOUT']) {
    const tap = relay.tap({ withholdUsage: false });
    const end = see(tap, ended(reason, { error: 'x' }));
    assert.deepEqual([end.finish, end.error, tap.finish()], [false, true, undefined], reason);
  }
  const tap = relay.tap({ withholdUsage: false });
  assert.equal(see(tap, { event: '', data: '{"message":"too many"}' }).error, true);
  assert.equal(see(tap, { event: '', data: '{"error":{"message":"x"}}' }).error, true);
});

test('a whole answer is one, or says what it is', () => {
  const whole = (value: object): unknown => {
    try {
      return relay.whole(value, JSON.stringify(value), target).finish;
    } catch (error) {
      return isGatewayError(error) ? error.code : error;
    }
  };
  assert.equal(whole({ id: 'r', message: { role: 'assistant' }, finish_reason: 'COMPLETE' }), 'COMPLETE');
  assert.equal(whole({}), 'upstream_invalid_response');
  assert.equal(whole({ id: 'r', message: 'broken' }), 'upstream_error');
});
