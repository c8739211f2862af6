import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tap } from '../../core/dialect.ts';
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import { scanTopLevel } from '../../core/top-level.ts';
import { contextFor, hi } from './fixtures/world.ts';
import { openaiResponses } from './index.ts';

const { back, relay } = openaiResponses;
const { target } = contextFor();
const see = (tap: Tap, value: object) => tap.see(`data: ${JSON.stringify(value)}\n\n`, () => value);
const tapOf = (): Tap => relay.tap({ withholdUsage: false });

test('there is a path for answers and one for counts, and no header of the caller’s goes along', () => {
  assert.equal(back.relayPath('chat', { model: 'm', stream: true }), '/responses');
  assert.equal(back.relayPath('count_tokens', { model: 'm', stream: false }), '/responses/input_tokens');
  assert.deepEqual(back.relayHeaders({ 'openai-organization': 'org', authorization: 'Bearer x' }), {});
});

test('state under our seal and roles that are not known are for a translation; a field that is refused is cut out', () => {
  const edits = (body: object, quirks = {}) => relay.edits(scanTopLevel(new TextEncoder().encode(JSON.stringify(body))), { quirks, wantUsage: true });
  const thought = (encrypted_content: string) => ({ input: [hi, { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content }] });
  assert.deepEqual(edits(thought('gAAAA')), []);
  assert.equal(edits(thought('mw1.lab.s.abc')), undefined);
  assert.equal(edits(thought('gAAAA'), { ownState: true }), undefined, 'it is not of a target whose state is its own');
  assert.deepEqual(edits({ input: [hi], reasoning: { effort: 'high' } }, { ownState: true }), []);
  const answered = (call_id: string) => ({ input: [hi, { type: 'function_call_output', call_id, output: 'x' }] });
  assert.deepEqual(edits(answered('c'.repeat(65))), []);
  assert.equal(edits(answered('c'.repeat(65)), { toolCallIds: 'max40' }), undefined);
  assert.deepEqual(edits(answered('c'.repeat(64)), { toolCallIds: 'max40' }), []);
  const spoken = { input: [{ role: 'developer', content: 'x' }] };
  assert.deepEqual([edits(spoken), edits(spoken, { developerRole: false })], [[], undefined]);
  assert.deepEqual(
    edits({ input: 'x', temperature: 1 }, { refuses: ['temperature', 'top_p'] })?.map(({ kind, key }) => [kind, key]),
    [['remove', 'temperature']],
  );
});

test('the tap sees content, the end, errors and the usage', () => {
  const tap = tapOf();
  const content = (value: object): boolean => see(tap, value).content;
  assert.equal(content({ type: 'response.created', sequence_number: 0, response: { id: 'resp_1', usage: null } }), false);
  assert.equal(content({ type: 'response.output_item.added', item: { type: 'message' } }), false);
  assert.equal(content({ type: 'response.output_item.added', item: { type: 'function_call' } }), true);
  assert.equal(content({ type: 'response.output_text.delta', delta: '' }), false);
  assert.equal(content({ type: 'response.output_text.delta', delta: 'say "error": {"type":"error"}' }), true);
  assert.equal(content({ type: 'response.reasoning_summary_text.delta', delta: 'a' }), true);
  assert.equal(content({ type: 'response.output_text.done', text: 'a' }), false);
  assert.equal(tap.finish(), undefined);
  const last = see(tap, {
    type: 'response.incomplete',
    response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, usage: { input_tokens: 3, output_tokens: 2 } },
  });
  assert.deepEqual([last.finish, last.terminal, tap.finish(), tap.usage()?.output], [true, true, 'max_output_tokens', 2]);
  assert.equal(see(tap, { type: 'error', code: 'x' }).error, true);
  assert.equal(see(tap, { type: 'response.failed', response: {} }).error, true);
  assert.equal(see(tap, { error: { message: 'x' } }).error, true);
});

test('a relayed stream that breaks says so by its own numbers, with the response that it began with', () => {
  const error = new GatewayError('deadline_idle', 'too slow');
  const tap = tapOf();
  see(tap, { type: 'response.created', sequence_number: 0, response: { id: 'resp_1', status: 'in_progress', tools: [] } });
  see(tap, { type: 'response.output_text.delta', sequence_number: 7, delta: 'a' });
  const [first = '', second = ''] = [...(tap.errorEvent?.(error) ?? '').matchAll(/^data: (.*)$/gm)].map(([, data]) => data);
  assert.equal(JSON.parse(first).sequence_number, 8);
  const { sequence_number: number, response } = JSON.parse(second);
  assert.deepEqual([number, response.id, response.status, response.error.code, response.tools], [9, 'resp_1', 'failed', 'server_error', []]);
  assert.match(tapOf().errorEvent?.(error) ?? '', /^event: error\ndata: \{"type":"error","sequence_number":0,.*\}\n\n$/);
});

test('a whole answer is one, or says what it is', () => {
  const whole = (value: object) => {
    try {
      return relay.whole(value, JSON.stringify(value), target).finish;
    } catch (error) {
      return isGatewayError(error) ? error.code : error;
    }
  };
  assert.equal(whole({ object: 'response', status: 'completed', output: [] }), 'completed');
  assert.equal(whole({ object: 'response', status: 'queued', output: [] }), 'queued');
  assert.equal(whole({ choices: [] }), 'upstream_invalid_response');
  assert.equal(whole({ error: { code: 400, message: 'x' } }), 'invalid_request');
  assert.equal(whole({ object: 'response', status: 'failed', output: [], error: { code: 'server_error', message: 'x' } }), 'upstream_error');
});
