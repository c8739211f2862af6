import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sighting, Tap } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import { readEvent } from '../../core/sse-text.ts';
import type { Quirks } from '../../core/target.ts';
import { scanTopLevel, spliceTopLevel } from '../../core/top-level.ts';
import { answer, contextFor, fixture, framesOf, pairs, replied, streamed } from './fixtures/world.ts';
import { openaiChat } from './index.ts';

const { relay } = openaiChat;
const { target } = contextFor();
const messages = [{ role: 'user', content: 'hi' }];

/** The body as a relay would send it; undefined when it must be translated. */
function edited(body: object | string, quirks: Quirks = {}, wantUsage = false): string | undefined {
  const text = typeof body === 'string' ? body : JSON.stringify({ model: 'm', messages, ...body });
  const top = scanTopLevel(new TextEncoder().encode(text));
  const edits = relay.edits(top, { quirks, wantUsage });
  if (edits === undefined) return undefined;
  return spliceTopLevel(top, edits)
    .map((part) => (typeof part === 'string' ? part : new TextDecoder().decode(part)))
    .join('');
}

const fieldsOf = (body: object, quirks: Quirks = {}, wantUsage = false): unknown => {
  const text = edited(body, quirks, wantUsage);
  if (text === undefined) return undefined;
  const { model: _model, messages: _messages, ...rest } = JSON.parse(text);
  return rest;
};

test('without a quirk the bytes pass', () => {
  const text =
    ' {"model":"m", "messages":[{"role":"developer","content":[{"type":"text","text":"x"}]}],"n":2,"logprobs":true,"seed":9007199254740993,"new":{"a":1,"a":2}} ';
  assert.equal(edited(text), text);
});

test('the output limit under the name that the target takes', () => {
  assert.deepEqual(fieldsOf({ max_tokens: 5 }, { maxTokensField: 'max_completion_tokens' }), { max_completion_tokens: 5 });
  assert.deepEqual(fieldsOf({ max_completion_tokens: 5 }, { maxTokensField: 'max_tokens' }), { max_tokens: 5 });
  assert.deepEqual(fieldsOf({ max_tokens: 5, max_completion_tokens: 6 }, { maxTokensField: 'max_tokens' }), { max_tokens: 5 });
  assert.deepEqual(fieldsOf({ max_tokens: 5 }, { maxTokensField: 'max_completion_tokens', refuses: ['max_tokens'] }), { max_completion_tokens: 5 });
  assert.deepEqual(fieldsOf({ max_tokens: 5 }, { maxTokensField: 'max_tokens' }), { max_tokens: 5 });
});

test('refused hints go, refused contracts are translated, which refuses them', () => {
  const quirks: Quirks = { refuses: ['store', 'metadata', 'logit_bias', 'response_format', 'tools', 'stop'] };
  assert.deepEqual(fieldsOf({ store: true, temperature: 1, metadata: {} }, quirks), { temperature: 1 });
  assert.deepEqual(fieldsOf({ logit_bias: {}, stop: null }, quirks), {});
  for (const body of [{ logit_bias: { 1: 2 } }, { response_format: { type: 'json_object' } }, { tools: [] }, { stop: 'x' }])
    assert.equal(edited(body, quirks), undefined, JSON.stringify(body));
});

test('usage is asked for beside what the caller asks', () => {
  const options = (body: object, quirks: Quirks = {}): unknown =>
    (fieldsOf({ stream: true, ...body }, quirks, true) as { stream_options?: unknown }).stream_options;
  assert.deepEqual(options({}), { include_usage: true });
  assert.deepEqual(options({ stream_options: null }), { include_usage: true });
  assert.deepEqual(options({ stream_options: { include_usage: false, include_obfuscation: false } }), { include_obfuscation: false, include_usage: true });
  assert.deepEqual(options({ stream_options: { include_usage: true, x: 1 } }), { include_usage: true, x: 1 });
  assert.equal(options({ stream: false }), undefined);
  assert.equal(options({ stream_options: { include_usage: true } }, { streamUsage: false }), undefined);
  assert.equal(options({}, { refuses: ['stream_options'] }), undefined);
  assert.deepEqual(fieldsOf({ stream: true }), { stream: true }, 'nobody needs it');
  assert.ok(edited('{"model":"m","messages":[],"stream":true,"stream_options":{"big":1.0}}', {}, true)?.includes('{"big":1.0,"include_usage":true}'));
});

const turn = (message: object): object => ({ messages: [...messages, message, ...messages] });

test('what only a translation can put right', () => {
  const rows: readonly (readonly [object, Quirks])[] = [
    [{ messages: [{ role: 'developer', content: 'x' }] }, { developerRole: false }],
    [{ messages: [{ role: 'system', content: 'a' }, ...messages, { role: 'system', content: 'b' }] }, { systemAnywhere: false }],
    [turn({ role: 'assistant', tool_calls: [] }), { toolCallIds: 'alnum9' }],
    [turn({ role: 'assistant', content: 'a', reasoning_content: 'b' }), { reasoningHistory: 'never' }],
    [turn({ role: 'assistant', content: 'a', reasoning_details: [] }), { reasoningHistory: 'never' }],
    [turn({ role: 'assistant', content: 'a', reasoning_details: [{ text: 't', signature: 's' }] }), { reasoningHistory: 'always' }],
    [turn({ role: 'assistant', content: 'a', reasoning_details: [{ data: 's' }] }), { reasoningHistory: 'tool_calls' }],
    [turn({ role: 'tool', tool_call_id: 'c'.repeat(41), content: 'r' }), { toolCallIds: 'max40' }],
    [{ tools: [{ type: 'function', function: { name: '1st' } }] }, { toolNames: 'letterFirst' }],
    [{ messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] }, { contentParts: false }],
    [{ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'u' } }] }] }, { images: false }],
    [{ messages: [{ role: 'user', content: [{ type: 'file', file: { file_data: 'u' } }] }] }, { documents: false }],
    [{ temperature: 1.5 }, { temperatureMax: 1 }],
    [{ stop: ['a', 'b'] }, { stopMax: 1 }],
    [{ tool_choice: 'required' }, { forcedToolChoice: false }],
    [{ tool_choice: { type: 'function', function: { name: 'f' } } }, { forcedToolChoice: false }],
    [{ response_format: { type: 'json_schema', json_schema: { name: 'n' } } }, { structuredOutput: 'json' }],
    [{ response_format: { type: 'json_object' } }, { structuredOutput: 'none' }],
    [{ reasoning_effort: 'low' }, { reasoningSwitch: 'thinking_type' }],
    [{ thinking: { type: 'enabled' } }, { reasoningSwitch: 'enable_thinking' }],
    [{ enable_thinking: true }, { reasoningSwitch: 'reasoning_effort' }],
  ];
  for (const [body, quirks] of rows) {
    assert.equal(edited(body, quirks), undefined, JSON.stringify(body));
    assert.notEqual(edited(body), undefined, 'without the quirk it passes');
  }
  assert.equal(edited(turn({ role: 'assistant', content: 'a', reasoning_details: [{ signature: 'mw1.anthropic.x' }] })), undefined, 'state under our seal');
  for (const name of ['fs.read', 'n'.repeat(65), '天气'])
    assert.equal(edited({ tools: [{ type: 'function', function: { name } }] }), undefined, 'a name that is refused everywhere');
});

test('words in strings, nulls and what the target takes do not hinder a relay', () => {
  const rows: readonly (readonly [object, Quirks])[] = [
    [{ messages: [{ role: 'user', content: '"tool_calls": [] and "developer" and "mw1.x' }] }, { toolCallIds: 'alnum9', developerRole: false }],
    [{ messages: [{ role: 'system', content: 'a' }, ...messages] }, { systemAnywhere: false }],
    [{ messages }, { contentParts: false, images: false, documents: false }],
    [{ temperature: 1 }, { temperatureMax: 1 }],
    [{ tool_choice: 'auto' }, { forcedToolChoice: false }],
    [
      { tool_choice: null, response_format: null, reasoning_effort: null },
      { forcedToolChoice: false, structuredOutput: 'none', reasoningSwitch: 'none' },
    ],
    [{ response_format: { type: 'json_object' } }, { structuredOutput: 'json' }],
    [{ thinking: { type: 'enabled' } }, { reasoningSwitch: 'thinking_type' }],
  ];
  for (const [body, quirks] of rows) assert.notEqual(edited(body, quirks), undefined, JSON.stringify(body));
});

const eventsOf = (text: string): string[] => text.split(/(?<=\r\n\r\n|\n\n)/).filter((event) => event !== '');
const latin1 = (text: string): string => Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');

const dataOf = (event: string) => (): unknown => readEvent(event).value;

function tapped(text: string, withholdUsage = false): { tap: Tap; seen: Sighting[] } {
  const tap = relay.tap({ withholdUsage });
  return { tap, seen: eventsOf(latin1(text)).map((event) => tap.see(event, dataOf(event))) };
}

for (const name of pairs) {
  test(`${name}: the tap sees what the decoder sees`, () => {
    const text = fixture(`${name}.frames.txt`);
    const reply = streamed(text);
    const { tap, seen } = tapped(text);
    assert.equal(tap.finish(), reply.finish.native);
    const { raw: _a, ...counts } = tap.usage() ?? { input: -1, output: -1 };
    const { raw: _b, ...wanted } = reply.usage ?? { input: -1, output: -1 };
    assert.deepEqual(counts, wanted);
    assert.equal(seen.filter((one) => one.content).length > 0, reply.blocks.length > 0);
    assert.equal(seen.filter((one) => one.finish).length, 1);
    assert.equal(seen.filter((one) => one.terminal).length, text.includes('[DONE]') ? 1 : 0);
    assert.ok(seen.every((one) => !one.error && !one.withhold));
    assert.equal(framesOf(new TextEncoder().encode(text)).length, eventsOf(text).filter((event) => !event.startsWith(':')).length);
  });

  test(`${name}: the whole answer is told`, () => {
    const text = fixture(`${name}.json`);
    const reply = replied(text);
    const seen = relay.whole(JSON.parse(text), text, target);
    assert.deepEqual({ ...seen.usage, raw: '' }, { ...reply.usage, raw: '' });
    assert.equal(seen.finish, reply.finish.native);
  });
}

const see = (event: string, withholdUsage = false): Sighting => relay.tap({ withholdUsage }).see(event, dataOf(event));
const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const delta = (value: object, finish: unknown = null): string => event({ choices: [{ index: 0, delta: value, finish_reason: finish }] });

test('content is what has something in it', () => {
  for (const value of [
    { content: 'x' },
    { content: [{ type: 'text', text: 'x' }] },
    { tool_calls: [{ index: 0 }] },
    { reasoning_content: 'x' },
    { reasoning: 'x' },
    { refusal: 'x' },
    { function_call: {} },
    { reasoning_details: [{}] },
    { audio: {} },
    { content: '', reasoning: 'x' },
  ])
    assert.equal(see(delta(value)).content, true, JSON.stringify(value));
  for (const value of [{}, { content: '' }, { content: null, tool_calls: null }, { tool_calls: [] }, { role: 'assistant', content: '', refusal: null }])
    assert.equal(see(delta(value)).content, false, JSON.stringify(value));
  assert.equal(see('data: {"choices": [ {"delta" : { "content" : "x" } } ] }\n\n').content, true);
});

test('needles do not fire inside strings', () => {
  const evil = '"finish_reason":"stop","error":{"x":1},"usage":{"prompt_tokens":9},[DONE] "choices":[]';
  const tap = relay.tap({ withholdUsage: true });
  assert.deepEqual(tap.see(delta({ content: evil }), dataOf(delta({ content: evil }))), {
    content: true,
    finish: false,
    terminal: false,
    error: false,
    withhold: false,
  });
  assert.deepEqual([tap.finish(), tap.usage()], [undefined, undefined]);
  assert.equal(see('data: {"id":"x","choices":[],"note":"content"}\n\n').content, false);
});

test('finish, terminal and error', () => {
  assert.equal(see('data: {"choices":[{"delta":{},"finish_reason": "stop"}]}\n\n').finish, true);
  assert.equal(see(delta({})).finish, false);
  for (const text of ['data: [DONE]\n\n', 'data:[DONE]\r\n\r\n', 'data: [DONE]']) assert.equal(see(text).terminal, true);
  assert.equal(see(': [DONE]\n\n').terminal, false);
  assert.equal(see(event({ error: { message: 'x' } })).error, true);
  assert.equal(see(event({ error: 'x' })).error, true);
  assert.equal(see(`event: error\n${event({ message: 'x' })}`).error, true);
  assert.equal(see(event({ error: { message: 'x' }, choices: [{ delta: {}, finish_reason: 'error' }] })).error, true);
  assert.equal(see(event({ choices: [], error: { message: 'x' } })).error, true);
  assert.equal(see(event({ error: null, choices: [] })).error, false);
  assert.equal(see(': ping\n\n').content, false);
});

test('the finish reason is known when every choice has one, and until an answer goes on', () => {
  const choice = (index: number, text: string | undefined, finish: string | null = null): string =>
    event({ choices: [{ index, delta: text === undefined ? {} : { content: text }, finish_reason: finish }] });
  const finishes = (...events: readonly string[]): (string | undefined)[] => {
    const tap = relay.tap({ withholdUsage: false });
    return events.map((text) => {
      tap.see(text, dataOf(text));
      return tap.finish();
    });
  };
  assert.deepEqual(finishes(choice(0, 'a', 'stop'), choice(0, 'b'), choice(0, ''), choice(0, undefined, 'length'), event({ choices: [], usage: {} })), [
    'stop',
    undefined,
    undefined,
    'length',
    'length',
  ]);
  assert.deepEqual(finishes(choice(0, 'a'), choice(1, ''), choice(0, undefined, 'stop'), choice(0, undefined), choice(1, 'b', 'length')), [
    undefined,
    undefined,
    undefined,
    undefined,
    'length',
  ]);
  assert.deepEqual(finishes(choice(2, 'a', 'stop'), choice(0, 'a', 'stop'), choice(1, 'a', 'stop')), [undefined, undefined, 'stop']);
  const both = event({ choices: [0, 1].map((index) => ({ delta: { content: 'x' }, finish_reason: index === 0 ? 'stop' : null, index })) });
  assert.deepEqual(finishes(both, choice(1, undefined, 'stop')), [undefined, 'stop']);
  const calls = event({ choices: [{ index: 0, delta: { tool_calls: [{ index: 1, function: { arguments: '{}' } }] }, finish_reason: null }] });
  assert.deepEqual(finishes(calls, choice(0, undefined, 'tool_calls')), [undefined, 'tool_calls']);
  assert.deepEqual(finishes('data: [DONE]\n\n'), [undefined]);
});

test('only a usage chunk that nobody asked for is withheld', () => {
  const usage = { prompt_tokens: 1, completion_tokens: 2 };
  assert.equal(see(event({ choices: [], usage }), true).withhold, true);
  assert.equal(see('data: {"choices" : [ ], "usage" : {"prompt_tokens":1}}\n\n', true).withhold, true);
  assert.equal(see(event({ choices: [], usage })).withhold, false);
  assert.equal(see(event({ choices: [{ delta: {}, finish_reason: 'stop' }], usage }), true).withhold, false);
  assert.equal(see(event({ choices: [], usage: null }), true).withhold, false);
});

test('of repeated usage the last counts; broken JSON is nothing', () => {
  const { tap } = tapped(
    event({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } }) + event({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } }),
  );
  assert.equal(tap.usage()?.output, 2);
  assert.equal(tap.usage()?.output, 2);
  assert.equal(tapped('data: {"usage":{"prompt_tokens":1}\n\n').tap.usage(), undefined);
});

test('what is no answer is refused', () => {
  for (const value of [{}, { choices: null }, { choices: [] }, { choices: [{}] }, { choices: [{ message: null }] }, null, []]) {
    assert.throws(
      () => relay.whole(value, '', target),
      (error) => error instanceof GatewayError && error.code === 'upstream_invalid_response',
      JSON.stringify(value),
    );
  }
  assert.throws(
    () => relay.whole({ error: { message: 'slow', code: 429 } }, '', target),
    (error) => error instanceof GatewayError && error.code === 'rate_limit_exceeded',
  );
  assert.deepEqual(relay.whole(answer({ content: 'x' }, null), '', target), { usage: undefined, finish: undefined });
  assert.equal(relay.terminator, 'data: [DONE]\n\n');
});
