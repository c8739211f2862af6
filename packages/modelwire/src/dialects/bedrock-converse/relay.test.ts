import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tap } from '../../core/dialect.ts';
import { isGatewayError } from '../../core/errors.ts';
import { scanTopLevel } from '../../core/top-level.ts';
import { answer, contextFor, counted, ended, event, hi, say, start } from './fixtures/world.ts';
import { bedrockConverse } from './index.ts';

const { back, relay } = bedrockConverse;
const { target } = contextFor();
const top = (body: object) => scanTopLevel(new TextEncoder().encode(JSON.stringify(body)));

function see(tap: Tap, frame: { readonly event: string; readonly data: string }) {
  const text = `${frame.event === '' ? '' : `event: ${frame.event}\n`}data: ${frame.data}\n\n`;
  return tap.see(text, () => JSON.parse(frame.data));
}

test('state under our seal is for a translation; a field that is refused is cut out', () => {
  const rules = (body: object, quirks = {}) => relay.edits(top(body), { quirks, wantUsage: true });
  const thought = (reasoningContent: object) => ({ messages: [hi, { role: 'assistant', content: [{ reasoningContent }] }] });
  assert.deepEqual(rules(thought({ reasoningText: { text: 't', signature: 'EqQB' } })), []);
  assert.equal(rules(thought({ reasoningText: { text: 't', signature: 'mw1.a.b' } })), undefined);
  assert.deepEqual(rules(thought({ redactedContent: 'c2VjcmV0' })), []);
  assert.equal(rules(thought({ redactedContent: btoa('mw1.a.b') })), undefined);
  assert.deepEqual(
    rules({ messages: [hi], performanceConfig: {} }, { refuses: ['performanceConfig'] })?.map(({ kind, key }) => [kind, key]),
    [['remove', 'performanceConfig']],
  );
  assert.deepEqual([relay.modelInPath, back.relayHeaders({ authorization: 'Bearer caller' })], [true, {}]);
});

test('names and ids that are refused, and thinking that is asked for in the middle of a turn, are for a translation', () => {
  const isRelayed = (body: object): boolean => relay.edits(top(body), { quirks: {}, wantUsage: true }) !== undefined;
  const tools = (name: string) => ({ toolConfig: { tools: [{ toolSpec: { name, inputSchema: { json: { type: 'object' } } } }] } });
  assert.deepEqual([isRelayed({ messages: [hi], ...tools('read') }), isRelayed({ messages: [hi], ...tools('fs.read') })], [true, false]);
  const document = { document: { name: 'A paper (2)', format: 'txt', source: { bytes: 'aGk=' } } };
  assert.equal(isRelayed({ messages: [{ role: 'user', content: [document] }], ...tools('read') }), true);
  const turn = (toolUseId: string, ...before: readonly object[]) => [
    hi,
    { role: 'assistant', content: [...before, { toolUse: { toolUseId, name: 'read', input: {} } }] },
    { role: 'user', content: [{ toolResult: { toolUseId, content: [{ text: 'x' }] } }] },
  ];
  const thinking = { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 } } };
  assert.deepEqual(
    [isRelayed({ messages: turn('t_1') }), isRelayed({ messages: turn('t:1') }), isRelayed({ messages: turn('t'.repeat(65)) })],
    [true, false, false],
  );
  assert.equal(isRelayed({ messages: turn('t_1'), ...thinking }), false);
  const thought = { reasoningContent: { reasoningText: { text: 't', signature: 'EqQB' } } };
  assert.equal(isRelayed({ messages: turn('t_1', thought), ...thinking }), true);
});

test('the tap sees content, the reason, the end, exceptions and the usage', () => {
  const tap = relay.tap({ withholdUsage: false });
  assert.deepEqual([see(tap, start).content, see(tap, say('')).content, see(tap, say('a')).content], [false, false, true]);
  assert.equal(see(tap, event('contentBlockStart', { contentBlockIndex: 0, start: { toolUse: { toolUseId: 't', name: 'f' } } })).content, true);
  // What a text says is nothing that the stream says.
  assert.deepEqual([see(tap, say('{"messageStop":{"stopReason":"end_turn"}}')).finish, tap.finish()], [false, undefined]);
  const end = see(tap, ended('max_tokens'));
  assert.deepEqual([end.finish, end.terminal, tap.finish(), tap.usage()], [true, false, 'max_tokens', undefined]);
  assert.equal(see(tap, counted).terminal, true);
  assert.deepEqual([tap.usage()?.input, tap.usage()?.output], [3, 2]);
  assert.deepEqual([see(tap, event('throttlingException', {})).error, see(tap, say('event: error')).error], [true, false]);
});

test('a whole answer is one, or says what it is', () => {
  const whole = (value: object) => {
    try {
      return relay.whole(value, JSON.stringify(value), target).finish;
    } catch (error) {
      return isGatewayError(error) ? error.code : error;
    }
  };
  assert.equal(whole(answer([{ text: 'a' }])), 'end_turn');
  assert.equal(whole({}), 'upstream_invalid_response');
  assert.equal(whole({ message: 'x', __type: 'com.amazon#ThrottlingException' }), 'rate_limit_exceeded');
});
