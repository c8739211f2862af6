import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completionProblems } from '../../../../../test/support/official-openai.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Block, Finish, Reply, Usage } from '../../core/ir.ts';
import { answer, contextFor, fixture, pairs, plainRequest, replied, shownWhole } from './fixtures/world.ts';

const blocksOf = (message: object): readonly Block[] => replied(answer(message)).blocks;

for (const name of pairs) {
  test(`${name}: to a caller of the same format the whole answer is legal, and says the same`, () => {
    const reply = replied(fixture(`${name}.json`));
    const out = shownWhole(reply, contextFor());
    // The official types know neither another vendor's field in a call; a custom tool's input is no JSON.
    if (!/gemini|custom/.test(name)) assert.deepEqual(completionProblems(out), []);
    const again = replied(JSON.stringify(out));
    assert.deepEqual(again.blocks, reply.blocks);
    assert.equal(again.finish.reason, reply.finish.reason);
    assert.deepEqual([again.model, again.created, again.serviceTier, again.ext], [reply.model, reply.created, reply.serviceTier, reply.ext]);
    if (reply.usage !== undefined)
      assert.deepEqual(
        { ...again.usage, raw: '' },
        { ...reply.usage, raw: '', ...(reply.usage.cacheRead === undefined ? {} : { cacheWrite: reply.usage.cacheWrite ?? 0 }) },
      );
  });
}

const codeOf = (text: unknown, context = contextFor()): string => {
  try {
    replied(text, context);
  } catch (error) {
    if (error instanceof GatewayError) return `${error.code} ${error.status}`;
    throw error;
  }
  return 'an answer';
};

test('what is no answer is told as such', () => {
  const invalid = 'upstream_invalid_response 502';
  for (const text of [
    '',
    '<html>403</html>',
    '{',
    '{}',
    'null',
    '[]',
    '"x"',
    '7',
    'NaN',
    '{"choices":null}',
    '{"choices":[]}',
    '{"choices":[null]}',
    '{"choices":[{}]}',
    '{"choices":[{"message":null}]}',
    '{"choices":{"0":{}}}',
  ])
    assert.equal(codeOf(text), invalid, text);
  assert.match(String(new GatewayError('upstream_invalid_response', '').status), /502/);
});

test('an error inside a 200 is the provider’s error', () => {
  assert.equal(codeOf({ error: { message: 'slow', type: 'rate_limit_error' } }), 'rate_limit_exceeded 429');
  assert.equal(codeOf({ error: 'boom' }), 'upstream_error 502');
  assert.equal(codeOf({ error: { message: 'x', code: 503 }, choices: [] }), 'overloaded 503');
  assert.equal(
    codeOf({ base_resp: { status_code: 1004, status_msg: 'no' }, choices: null }, contextFor({ quirks: { errorInside: 'base_resp' } })).split(' ')[0],
    'upstream_error',
  );
  assert.equal(
    codeOf({ ...answer({ content: 'x' }), base_resp: { status_code: 0, status_msg: '' } }, contextFor({ quirks: { errorInside: 'base_resp' } })),
    'an answer',
  );
  assert.equal(codeOf({ ...answer({ content: 'x' }), error: null }), 'an answer');
  assert.equal(codeOf(answer({ content: 'x' }, 'error')), 'upstream_error 502');
});

test('content in every shape', () => {
  assert.deepEqual(blocksOf({ content: null }), []);
  assert.deepEqual(blocksOf({ content: '' }), []);
  assert.deepEqual(blocksOf({}), []);
  assert.deepEqual(
    blocksOf({
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    }),
    [{ type: 'text', text: 'ab' }],
  );
  assert.deepEqual(blocksOf({ content: 7, refusal: 'no' }), [{ type: 'refusal', text: 'no' }]);
});

test('calls without id or index, with arguments as an object, as null, or not at all', () => {
  const reply = replied(
    '{"choices":[{"message":{"content":null,"tool_calls":[{"function":{"name":"f","arguments":{"n": 9007199254740993, "a":1,"a":2}}},{"function":{"name":"f","arguments":null}},{"function":{"name":"g"}},null,{}]},"finish_reason":"stop"}]}',
  );
  const calls = reply.blocks.map((block) => (block.type === 'toolCall' ? block : undefined));
  assert.deepEqual(
    calls.map((call) => [call?.name, call?.arguments]),
    [
      ['f', '{"n": 9007199254740993, "a":1,"a":2}'],
      ['f', ''],
      ['g', ''],
    ],
  );
  assert.equal(new Set(calls.map((call) => call?.id)).size, 3);
  assert.ok(calls.every((call) => /^call_[0-9a-f]{16}$/.test(call?.id ?? '')));
  assert.equal(reply.finish.reason, 'toolCalls');
});

test('the old function_call is a call', () => {
  const [call] = blocksOf({ content: null, function_call: { name: 'f', arguments: '{}' } });
  assert.ok(call?.type === 'toolCall' && call.name === 'f' && call.arguments === '{}');
});

test('servers that send every field, empty ones too', () => {
  const empty = {
    annotations: null,
    audio: { data: '', expires_at: 0, id: '', transcript: '' },
    function_call: { arguments: '', name: '' },
    refusal: '',
    content: '',
  };
  const reply = replied({
    ...answer({ ...empty, tool_calls: [{ custom: { input: '', name: '' }, function: { arguments: '{}', name: 'f' }, id: 'toolu_1', type: 'function' }] }, ''),
    id: '',
    service_tier: '',
    system_fingerprint: '',
    usage: { prompt_tokens: 1, completion_tokens: 2 },
  });
  assert.deepEqual(reply.blocks, [{ type: 'toolCall', id: 'toolu_1', name: 'f', arguments: '{}', kind: 'function' }]);
  assert.deepEqual([reply.finish.reason, reply.ext, 'serviceTier' in reply], ['toolCalls', undefined, false]);
});

test('what an answer holds besides goes to callers of this dialect as it came, to others with a note', () => {
  const context = contextFor();
  const text =
    '{"id":"chatcmpl-1","object":"chat.completion","created":5,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"x","refusal":null,"executed_tools":[1.0]},"logprobs":{"content":[],"refusal":null},"finish_reason":"stop","native_finish_reason":"STOP"}],"system_fingerprint":"fp","moderation":{"input":{}},"citations":["u"]}';
  const reply = replied(text, context);
  const accepted = shownWhole(reply, context);
  assert.equal(JSON.stringify(accepted['citations']), '["u"]');
  const [choice] = accepted.choices;
  assert.deepEqual([choice?.['native_finish_reason'], choice?.['logprobs'], choice?.message['executed_tools']], ['STOP', { content: [], refusal: null }, [1]]);
  assert.deepEqual([accepted['system_fingerprint'], accepted['moderation']], ['fp', { input: {} }]);
  assert.deepEqual(
    reply.ext?.filter((extra) => extra.loss === 'hint').map((extra) => extra.path),
    ['moderation', 'choices[0].logprobs'],
  );
});

test('audio comes and goes whole', () => {
  const audio = { id: 'audio_1', data: 'UklG', expires_at: 9, transcript: 'hi' };
  const reply = replied(answer({ content: null, audio }));
  assert.deepEqual(reply.blocks, [{ type: 'opaque', dialect: 'openai-chat', kind: 'audio', raw: JSON.stringify(audio), loss: 'hint' }]);
  const context = contextFor();
  assert.deepEqual(shownWhole(reply, context).choices[0]?.message['audio'], audio);
  assert.deepEqual(context.ledger.notes, []);
});

test('of several choices the first is answered and the others are noted', () => {
  const context = contextFor();
  const reply = replied(
    {
      choices: [
        { index: 1, message: { content: 'b' }, finish_reason: 'stop' },
        { index: 0, message: { content: 'a' }, finish_reason: 'length' },
      ],
    },
    context,
  );
  assert.deepEqual([reply.blocks, reply.finish.reason], [[{ type: 'text', text: 'a' }], 'length']);
  assert.deepEqual(
    context.ledger.notes.map(({ path }) => path),
    ['choices[1]'],
  );
});

const usageOf = (usage: unknown): { usage: Usage | undefined; notes: string[] } => {
  const context = contextFor();
  const { usage: made } = replied(answer({ content: 'x' }, 'stop', { usage }), context);
  const { raw: _raw, ...counts } = made ?? { input: 0, output: 0 };
  return { usage: made === undefined ? undefined : counts, notes: context.ledger.notes.map(({ path }) => path) };
};

test('usage in disjoint buckets', () => {
  const full = {
    prompt_tokens: 100,
    completion_tokens: 50,
    total_tokens: 150,
    prompt_tokens_details: { cached_tokens: 30, cache_write_tokens: 20, audio_tokens: 5 },
    completion_tokens_details: { reasoning_tokens: 40, audio_tokens: 3, accepted_prediction_tokens: 1 },
  };
  assert.deepEqual(usageOf(full).usage, { input: 45, cacheRead: 30, cacheWrite: 20, inputAudio: 5, output: 7, reasoning: 40, outputAudio: 3 });
  assert.deepEqual(usageOf({ prompt_tokens: 10, completion_tokens: 4, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 2 }).usage, {
    input: 2,
    cacheRead: 8,
    output: 4,
  });
  assert.deepEqual(usageOf({ prompt_tokens: 10, completion_tokens: 4, cached_tokens: 10 }).usage, { input: 0, cacheRead: 10, output: 4 });
  assert.deepEqual(usageOf({ prompt_tokens: 10, completion_tokens: 4, prompt_tokens_details: null, completion_tokens_details: null }).usage, {
    input: 10,
    output: 4,
  });
});

test('thinking beside the completion is told by the total', () => {
  const beside = { prompt_tokens: 12, completion_tokens: 4, total_tokens: 116, completion_tokens_details: { reasoning_tokens: 100 } };
  assert.deepEqual(usageOf(beside), { usage: { input: 12, output: 4, reasoning: 100 }, notes: [] });
});

test('numbers that cannot be believed are left out and noted; nothing is negative', () => {
  for (const usage of [undefined, null, 'many', 7, [], {}]) assert.deepEqual(usageOf(usage), { usage: undefined, notes: [] });
  assert.deepEqual(usageOf({ prompt_tokens: -1, completion_tokens: '5' }), { usage: undefined, notes: ['usage.prompt_tokens', 'usage.completion_tokens'] });
  assert.deepEqual(usageOf({ prompt_tokens: 1e300, completion_tokens: 5 }), {
    usage: { input: 0, output: 5 },
    notes: ['usage.prompt_tokens', 'usage.prompt_tokens'],
  });
  assert.deepEqual(usageOf({ prompt_tokens: 10, completion_tokens: 1.5 }).usage, { input: 10, output: 0 });
  assert.deepEqual(usageOf({ prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 8, cache_write_tokens: 8 } }), {
    usage: { input: 0, cacheRead: 8, cacheWrite: 8, output: 5 },
    notes: ['usage.prompt_tokens'],
  });
});

const head = { id: 'msg_1', model: 'claude', created: 7 };
const replyOf = (blocks: readonly Block[], more: Partial<Reply> = {}): Reply => ({ ...head, blocks, finish: { reason: 'end' }, ...more });
const foreign = () => contextFor({ back: 'anthropic-messages', provider: 'anthropic', fidelity: 'strict' });

test('the full official shape, and nothing that is unknown', () => {
  assert.deepEqual(shownWhole(replyOf([{ type: 'text', text: 'hi' }]), foreign()), {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 7,
    model: 'claude',
    choices: [{ index: 0, message: { role: 'assistant', content: 'hi', refusal: null }, logprobs: null, finish_reason: 'stop' }],
  });
  const usage: Usage = { input: 1, cacheRead: 2, cacheWrite: 3, inputAudio: 4, output: 5, reasoning: 6, outputAudio: 7 };
  assert.deepEqual(shownWhole(replyOf([], { usage, serviceTier: 'standard' }), foreign()), {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 7,
    model: 'claude',
    choices: [{ index: 0, message: { role: 'assistant', content: '', refusal: null }, logprobs: null, finish_reason: 'stop' }],
    usage: {
      prompt_tokens: 10,
      completion_tokens: 18,
      total_tokens: 28,
      prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 3, audio_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 6, audio_tokens: 7 },
    },
    service_tier: 'default',
  });
});

test('a provider’s id stays when it is one of this format', () => {
  assert.equal(shownWhole(replyOf([], { id: 'chatcmpl-abc' }), foreign())['id'], 'chatcmpl-abc');
});

test('blocks of every kind in one message', () => {
  const context = foreign();
  const message = shownWhole(
    replyOf(
      [
        { type: 'reasoning', text: 'a', signature: 'S' },
        { type: 'text', text: 'b' },
        { type: 'reasoning', text: '', redacted: 'R' },
        { type: 'text', text: 'c', citations: '[{"type":"web_search_result_location","url":"u","title":"t"}]' },
        { type: 'toolCall', id: '1', name: 'f', arguments: '', kind: 'function' },
        { type: 'toolCall', id: '2', name: 'g', arguments: 'in', kind: 'custom' },
        { type: 'opaque', dialect: 'anthropic-messages', kind: 'server_tool_use', raw: '{}', loss: 'demand' },
      ],
      { finish: { reason: 'toolCalls' }, ext: [{ dialect: 'anthropic-messages', path: 'container', key: 'container', raw: '{}', loss: 'hint' }] },
    ),
    context,
  ).choices[0];
  assert.deepEqual(message?.message, {
    role: 'assistant',
    content: 'bc',
    refusal: null,
    reasoning_content: 'a',
    reasoning_details: [
      { type: 'reasoning.text', text: 'a', signature: 'mw1.anthropic.S', format: 'modelwire', index: 0 },
      { type: 'reasoning.encrypted', data: 'mw1.anthropic.R', format: 'modelwire', index: 1 },
    ],
    annotations: [{ type: 'url_citation', url_citation: { start_index: 1, end_index: 2, title: 't', url: 'u' } }],
    tool_calls: [
      // For clients that keep nothing of a message but its text and calls.
      {
        id: `mw1.anthropic.${btoa('[{"text":"a","signature":"S"},{"redacted":"R"}]').replace(/=+$/, '')}.1`,
        type: 'function',
        function: { name: 'f', arguments: '{}' },
      },
      { id: '2', type: 'custom', custom: { name: 'g', input: 'in' } },
    ],
  });
  assert.equal(message?.['finish_reason'], 'tool_calls');
  assert.deepEqual(
    context.ledger.notes.map(({ path, verdict }) => [path, verdict]),
    [
      ['citations', 'changed'],
      ['content.server_tool_use', 'dropped'],
      ['container', 'dropped'],
    ],
  );
});

test('content is null only beside calls or a refusal', () => {
  const message = (...blocks: readonly Block[]): unknown => shownWhole(replyOf(blocks), foreign()).choices[0]?.message['content'];
  assert.equal(message({ type: 'toolCall', id: '1', name: 'f', arguments: '{}', kind: 'function' }), null);
  assert.equal(message({ type: 'refusal', text: 'no' }), null);
  assert.equal(message({ type: 'reasoning', text: 'hm' }), '');
});

test('empty arguments of a call that broke off stay empty', () => {
  const bare: Block = { type: 'toolCall', id: '1', name: 'f', arguments: '', kind: 'function' };
  const args = (finish: Finish): unknown => {
    const calls = shownWhole(replyOf([bare, bare], { finish }), foreign()).choices[0]?.message['tool_calls'];
    return Array.isArray(calls) ? calls.map((call: { function: { arguments: string } }) => call.function.arguments) : undefined;
  };
  assert.deepEqual(args({ reason: 'toolCalls' }), ['{}', '{}']);
  assert.deepEqual(args({ reason: 'length' }), ['{}', '']);
});

test('finish reasons in OpenAI’s words', () => {
  const call: Block = { type: 'toolCall', id: '1', name: 'f', arguments: '{}', kind: 'function' };
  const word = (reason: Finish['reason'], blocks: readonly Block[] = [call], body: object = plainRequest): unknown =>
    shownWhole(replyOf(blocks, { finish: { reason } }), foreign(), body).choices[0]?.['finish_reason'];
  assert.deepEqual(
    (['end', 'stopString', 'length', 'contextFull', 'toolCalls', 'filter', 'pause'] as const).map((reason) => word(reason)),
    ['stop', 'stop', 'length', 'length', 'tool_calls', 'content_filter', 'stop'],
  );
  assert.equal(word('toolCalls', []), 'stop');
  assert.equal(word('toolCalls', [call], { ...plainRequest, functions: [{ name: 'f' }] }), 'function_call');
});

test('callers of functions get one function_call', () => {
  const context = foreign();
  const call = (id: string): Block => ({ type: 'toolCall', id, name: 'f', arguments: '{}', kind: 'function' });
  const [choice] = shownWhole(replyOf([call('1'), call('2')], { finish: { reason: 'toolCalls' } }), context, {
    ...plainRequest,
    functions: [{ name: 'f' }],
  }).choices;
  assert.deepEqual(choice?.message, { role: 'assistant', content: null, refusal: null, function_call: { name: 'f', arguments: '{}' } });
  assert.deepEqual(
    context.ledger.notes.map(({ path }) => path),
    ['choices[0].message.tool_calls[1]'],
  );
});
