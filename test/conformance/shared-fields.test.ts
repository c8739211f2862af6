import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from '../../packages/modelwire/src/core/dialect.ts';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { parseJsonText } from '../../packages/modelwire/src/core/json-text.ts';
import { createLedger } from '../../packages/modelwire/src/core/notes.ts';
import type { Quirks } from '../../packages/modelwire/src/core/target.ts';
import { loadDialects } from '../../packages/modelwire/src/dialects/index.ts';

const dialects = await loadDialects();

/** What chat completions and responses both have goes from the one to the other as it came. */
const alike = {
  metadata: { order: '7' },
  prompt_cache_key: 'k',
  prompt_cache_options: { mode: 'explicit', ttl: '30m' },
  prompt_cache_retention: '24h',
  safety_identifier: 'someone',
  service_tier: 'flex',
  store: true,
  stream: true,
  stream_options: { include_obfuscation: false },
  temperature: 0.5,
  top_p: 0.9,
  user: 'somebody',
} as const;

type Sent = { readonly body: Readonly<Record<string, unknown>>; readonly notes: readonly string[] };

function translated(front: DialectName, back: DialectName, body: object, quirks: Quirks = {}): Sent {
  const ledger = createLedger('upstream/model-1', 'carry');
  const target = { provider: 'upstream', model: 'model-1', speaks: {}, quirks };
  const context: Context = { callId: 'req_test', target, back, ledger, now: () => 0, newId: (prefix) => `${prefix}1` };
  const { request } = dialects[front].accept(parseJsonText(JSON.stringify({ model: 'm', ...body })), context);
  return { body: JSON.parse(dialects[back].prepare(request, context).body), notes: ledger.notes.map(({ path, verdict }) => `${path} ${verdict}`) };
}

const chat = { messages: [{ role: 'user', content: 'hi' }], max_completion_tokens: 100, reasoning_effort: 'low', verbosity: 'high' };
const responses = { input: 'hi', max_output_tokens: 100, reasoning: { effort: 'low' }, text: { verbosity: 'high' } };

test('from chat completions to responses', () => {
  const { body, notes } = translated('openai-chat', 'openai-responses', { ...alike, ...chat });
  const { model: _model, input: _input, include: _include, ...rest } = body;
  assert.deepEqual(rest, { ...alike, max_output_tokens: 100, reasoning: { effort: 'low' }, text: { verbosity: 'high' } });
  assert.deepEqual(notes, []);
});

test('from responses to chat completions', () => {
  const { body, notes } = translated('openai-responses', 'openai-chat', { ...alike, ...responses });
  const { model: _model, messages: _messages, ...rest } = body;
  const options = { include_usage: true, include_obfuscation: false };
  assert.deepEqual(rest, { ...alike, max_completion_tokens: 100, reasoning_effort: 'low', verbosity: 'high', stream_options: options });
  assert.deepEqual(notes, []);
});

test('beside an output format the verbosity stands with it', () => {
  const format = { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' } } };
  const { body } = translated('openai-chat', 'openai-responses', { ...chat, response_format: format });
  assert.deepEqual(body['text'], { format: { type: 'json_schema', name: 'n', schema: { type: 'object' } }, verbosity: 'high' });
});

test('what says the default is not sent, and what the other does not take is noted', () => {
  assert.equal(translated('openai-responses', 'openai-chat', { ...responses, store: false }).body['store'], undefined);
  assert.equal(translated('openai-chat', 'openai-responses', chat).body['store'], false, 'nothing is stored that nobody asked for');
  const options = { mode: 'implicit', ttl: '12h', prewarm: true };
  const { body, notes } = translated('openai-responses', 'openai-chat', { ...responses, prompt_cache_options: options });
  assert.equal(body['prompt_cache_options'], undefined);
  assert.deepEqual(notes, ['prompt_cache_options dropped']);
  const whole = { ...chat, stream_options: { include_obfuscation: true } };
  assert.deepEqual(translated('openai-chat', 'openai-responses', whole).notes, ['stream_options.include_obfuscation dropped'], 'nothing is streamed');
});

test('a provider that refuses them is sent none', () => {
  const refuses = ['metadata', 'prompt_cache_key', 'store', 'text', 'verbosity'];
  const there = translated('openai-chat', 'openai-responses', { ...chat, ...alike }, { refuses: refuses.filter((key) => key !== 'text') });
  assert.deepEqual(there.notes.toSorted(), ['metadata dropped', 'prompt_cache_key dropped', 'store dropped']);
  const { body, notes } = translated('openai-responses', 'openai-chat', { ...responses, ...alike }, { refuses });
  assert.deepEqual(notes.toSorted(), ['metadata dropped', 'prompt_cache_key dropped', 'store dropped', 'text.verbosity dropped']);
  for (const key of refuses) assert.equal(body[key], undefined);
});

const tokens = [{ token: 'hi', bytes: [104, 105], logprob: -0.25, top_logprobs: [{ token: 'hi', bytes: null, logprob: -0.25 }] }];

/** What a caller of `front` is told of an answer of `back`. */
function answered(front: DialectName, back: DialectName, body: object, answer: object): Sent {
  const ledger = createLedger('upstream/model-1', 'carry');
  const target = { provider: 'upstream', model: 'model-1', speaks: {}, quirks: {} };
  const context: Context = { callId: 'req_test', target, back, ledger, now: () => 0, newId: (prefix) => `${prefix}1` };
  const { request, reply } = dialects[front].accept(parseJsonText(JSON.stringify({ model: 'm', ...body })), context);
  const text = reply(dialects[back].prepare(request, context).reply(JSON.stringify(answer)));
  return { body: JSON.parse(text), notes: ledger.notes.map(({ path, verdict }) => `${path} ${verdict}`) };
}

test('log probabilities, asked for and told, of whole answers', () => {
  const there = translated('openai-chat', 'openai-responses', { ...chat, logprobs: true, top_logprobs: 2 });
  assert.deepEqual([there.body['include'], there.body['top_logprobs']], [['reasoning.encrypted_content', 'message.output_text.logprobs'], 2]);
  const here = translated('openai-responses', 'openai-chat', { ...responses, include: ['message.output_text.logprobs'], top_logprobs: 2 });
  assert.deepEqual([here.body['logprobs'], here.body['top_logprobs']], [true, 2]);
  assert.deepEqual([there.notes, here.notes], [[], []]);
  const part = { type: 'output_text', text: 'hi', annotations: [], logprobs: tokens };
  const item = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [part] };
  const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'm', status: 'completed', output: [item] };
  const toChat = answered('openai-chat', 'openai-responses', { ...chat, logprobs: true }, response);
  const [choice] = toChat.body['choices'] as [{ logprobs: unknown }];
  assert.deepEqual([choice.logprobs, toChat.notes], [{ content: tokens, refusal: null }, []]);
  const message = { role: 'assistant', content: 'hi', refusal: null };
  const completion = {
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, finish_reason: 'stop', message, logprobs: { content: tokens, refusal: null } }],
  };
  const toResponses = answered('openai-responses', 'openai-chat', { ...responses, include: ['message.output_text.logprobs'] }, completion);
  const [output] = toResponses.body['output'] as [{ content: readonly [{ logprobs: unknown }] }];
  const filled = [{ ...tokens[0], top_logprobs: [{ token: 'hi', bytes: [], logprob: -0.25 }] }];
  assert.deepEqual([output.content[0].logprobs, toResponses.notes], [filled, []]);
});

test('a translated stream has no log probabilities, which is said before anything is sent', () => {
  const refused = { code: 'unsupported_parameter' };
  assert.throws(() => translated('openai-chat', 'openai-responses', { ...chat, logprobs: true, stream: true }), refused);
  assert.throws(() => translated('openai-responses', 'openai-chat', { ...responses, top_logprobs: 2, stream: true }), refused);
  const refuses = ['logprobs', 'top_logprobs'];
  assert.throws(() => translated('openai-chat', 'openai-responses', { ...chat, logprobs: true }, { refuses }), refused, 'as is what the provider refuses');
  assert.throws(() => translated('openai-responses', 'openai-chat', { ...responses, top_logprobs: 2 }, { refuses }), refused);
});
