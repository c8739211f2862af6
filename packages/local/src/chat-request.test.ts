import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { decodeChatRequest } from './chat-request.ts';

const messages = [{ role: 'user', content: 'hi' }];
const tool = { type: 'function', function: { name: 'f' } };
const decode = (body: Readonly<Record<string, unknown>>) => decodeChatRequest({ messages, ...body });
const said = (...list: readonly unknown[]) => decode({ messages: list }).ask.turns;

suite('decodeChatRequest', () => {
  test('defaults: greedy, 256 tokens, whole', () => {
    assert.deepEqual(decode({}), {
      ask: {
        turns: [{ role: 'user', text: 'hi' }],
        tools: [],
        toolChoice: 'none',
        format: { type: 'text' },
        maxTokens: 256,
        temperature: 0,
        stop: [],
        frequencyPenalty: 0,
        presencePenalty: 0,
      },
      delivery: { stream: false, includeUsage: false },
    });
  });

  test('null means absent, and unknown fields are left alone', () => {
    const nulls = {
      max_tokens: null,
      temperature: null,
      stop: null,
      tools: null,
      tool_choice: null,
      response_format: null,
      n: null,
      logprobs: null,
      stream: null,
    };
    assert.deepEqual(decode({ ...nulls, user: 'u', store: true, made_up: {} }), decode({}));
  });

  test('parameters', () => {
    const { ask } = decode({
      max_tokens: 5,
      max_completion_tokens: 9,
      temperature: 0.5,
      top_p: 0.9,
      seed: -3,
      stop: 'x',
      frequency_penalty: 1,
      presence_penalty: -2,
    });
    assert.deepEqual(
      [ask.maxTokens, ask.temperature, ask.topP, ask.seed, ask.stop, ask.frequencyPenalty, ask.presencePenalty],
      [9, 0.5, 0.9, -3, ['x'], 1, -2],
    );
    assert.deepEqual(decode({ stream: true, stream_options: { include_usage: true } }).delivery, { stream: true, includeUsage: true });
  });

  test('messages: roles, parts, refusals', () => {
    const parts = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    assert.deepEqual(said({ role: 'developer', content: 'd' }, { role: 'user', content: parts }, { role: 'assistant', content: null, refusal: 'no' }), [
      { role: 'system', text: 'd' },
      { role: 'user', text: 'a\nb' },
      { role: 'assistant', text: 'no', calls: [] },
    ]);
  });

  test('tool answers in any order go to their calls', () => {
    const call = (id: string) => ({ id, type: 'function', function: { name: `f${id}`, arguments: '{}' } });
    const answer = (id: string) => ({ role: 'tool', tool_call_id: id, content: `r${id}` });
    const turns = said(...messages, { role: 'assistant', tool_calls: [call('1'), call('2')] }, answer('2'), answer('1'), { role: 'user', content: 'ok' });
    assert.deepEqual(turns.slice(1), [
      {
        role: 'assistant',
        text: '',
        calls: [
          { name: 'f1', arguments: '{}', result: 'r1' },
          { name: 'f2', arguments: '{}', result: 'r2' },
        ],
      },
      { role: 'user', text: 'ok' },
    ]);
  });

  test('tool choices', () => {
    const other = { type: 'function', function: { name: 'g' } };
    const choose = (choice: unknown) => {
      const { tools, toolChoice } = decode({ tools: [tool, other], tool_choice: choice }).ask;
      return [tools.map(({ name }) => name).join(), toolChoice];
    };
    assert.deepEqual(choose(undefined), ['f,g', 'auto']);
    assert.deepEqual(choose('required'), ['f,g', 'required']);
    assert.deepEqual(choose({ type: 'function', function: { name: 'g' } }), ['g', 'required']);
    assert.deepEqual(choose({ type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [tool] } }), ['f', 'auto']);
    assert.equal(choose('none')[1], 'none');
  });
});

suite('decodeChatRequest refuses, naming the field', () => {
  const image = { type: 'image_url', image_url: { url: 'https://x.test/a.png' } };
  const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
  const cases: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp])[] = [
    ['messages', { messages: [] }, /at least one message/],
    ['messages', { messages: undefined }, /at least one message/],
    ['messages[0].role', { messages: [{ role: 'robot', content: 'x' }] }, /one of system/],
    ['messages[0].content', { messages: [{ role: 'user' }] }, /is required/],
    ['messages[0].content[1]', { messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }, image] }] }, /reads text only, not image_url/],
    ['messages[0].content[0]', { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }] }, /reads text only/],
    ['messages[0].content[0]', { messages: [{ role: 'user', content: [{ type: 'file', file: {} }] }] }, /reads text only/],
    ['messages[0].role', { messages: [{ role: 'tool', tool_call_id: 'c', content: 'x' }] }, /must follow an assistant message/],
    ['messages[0].tool_calls[0]', { messages: [{ role: 'assistant', tool_calls: [call] }, ...messages] }, /no tool message right after/],
    [
      'messages[1].tool_call_id',
      {
        messages: [
          { role: 'assistant', tool_calls: [call] },
          { role: 'tool', tool_call_id: 'z', content: '' },
        ],
      },
      /names no call/,
    ],
    ['n', { n: 2 }, /one answer/],
    ['logprobs', { logprobs: true }, /log probabilities/],
    ['top_logprobs', { top_logprobs: 3 }, /log probabilities/],
    ['logit_bias', { logit_bias: { 5: 1 } }, /token ids/],
    ['modalities', { modalities: ['text', 'audio'] }, /text only/],
    ['functions', { functions: [{ name: 'f' }] }, /send tools/],
    ['max_tokens', { max_tokens: 0 }, /at least 1/],
    ['temperature', { temperature: 3 }, /from 0 to 2/],
    ['top_p', { top_p: '1' }, /from 0 to 1/],
    ['seed', { seed: 1.5 }, /whole number/],
    ['stop', { stop: '' }, /not empty/],
    ['stop', { stop: ['a', 'b', 'c', 'd', 'e'] }, /at most 4/],
    ['stream', { stream: 'yes' }, /true or false/],
    ['stream_options', { stream_options: {} }, /only allowed when stream/],
    ['response_format.type', { response_format: { type: 'xml' } }, /one of text/],
    ['response_format.json_schema', { response_format: { type: 'json_schema' } }, /object with name/],
    ['tools[0].type', { tools: [{ type: 'custom' }] }, /function tools only, not custom/],
    ['tools[0].function.name', { tools: [{ type: 'function', function: { name: 'a b' } }] }, /letters, digits/],
    ['tools[1].function.name', { tools: [tool, tool] }, /there twice/],
    ['tool_choice', { tool_choice: 'required' }, /only allowed with tools/],
    ['tool_choice.function.name', { tools: [tool], tool_choice: { type: 'function', function: { name: 'z' } } }, /not among tools/],
  ];
  for (const [param, body, message] of cases) {
    test(`${param}: ${message.source}`, () => {
      assert.throws(
        () => decode(body),
        (error: Error) => {
          assert.match(error.message, message);
          assert.deepEqual(['param' in error && error.param, 'status' in error && error.status], [param, 400]);
          return true;
        },
      );
    });
  }
});
