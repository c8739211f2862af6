import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import type { Block, ChatRequest, Extra } from '../../core/ir.ts';
import { scanTopLevel } from '../../core/top-level.ts';
import { accept, contextFor, plainRequest, sentText } from './fixtures/world.ts';
import { openaiChat } from './index.ts';

const check = (body: unknown): void =>
  openaiChat.front.check(scanTopLevel(new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))), {}, 'chat');
const messages = [{ role: 'user', content: 'hi' }];

function refusal(act: () => void): [string | undefined, string] {
  try {
    act();
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'invalid_request' && error.status === 400) return [error.param, error.message];
    throw error;
  }
  return [undefined, 'passed'];
}

test('the check of the top level names the field', () => {
  const rows: readonly (readonly [object, string, string])[] = [
    [{ messages }, 'model', 'model is required'],
    [{ model: '', messages }, 'model', 'model must be a non-empty string of at most 256 characters'],
    [{ model: 7, messages }, 'model', 'model must be a non-empty string of at most 256 characters'],
    [{ model: null, messages }, 'model', 'model must be a non-empty string of at most 256 characters'],
    [{ model: 'a\nb', messages }, 'model', 'model must be a non-empty string of at most 256 characters'],
    [{ model: 'm'.repeat(257), messages }, 'model', 'model must be a non-empty string of at most 256 characters'],
    [{ model: 'm'.repeat(9000), messages }, 'model', 'model must be a non-empty string of at most 256 characters'],
    [{ model: 'm' }, 'messages', 'messages is required'],
    [{ model: 'm', messages: {} }, 'messages', 'messages must be an array'],
    [{ model: 'm', messages: null }, 'messages', 'messages must be an array'],
    [{ model: 'm', messages: [] }, 'messages', 'messages must be a non-empty array'],
    [{ model: 'm', messages, stream: 'yes' }, 'stream', 'stream must be true or false'],
    [{ model: 'm', messages, temperature: 2.1 }, 'temperature', 'temperature must be a number between 0 and 2'],
    [{ model: 'm', messages, temperature: '1' }, 'temperature', 'temperature must be a number between 0 and 2'],
    [{ model: 'm', messages, top_p: -0.1 }, 'top_p', 'top_p must be a number between 0 and 1'],
    [{ model: 'm', messages, max_tokens: 0 }, 'max_tokens', 'max_tokens must be a positive integer'],
    [{ model: 'm', messages, max_completion_tokens: 1.5 }, 'max_completion_tokens', 'max_completion_tokens must be a positive integer'],
    [{ model: 'm', messages, n: 0 }, 'n', 'n must be a positive integer'],
    [{ model: 'm', messages, stop: [1] }, 'stop', 'stop must be a string or an array of strings'],
  ];
  for (const [body, param, message] of rows) {
    assert.deepEqual(
      refusal(() => check(body)),
      [param, message],
    );
    assert.deepEqual(
      refusal(() => accept(body)),
      [param, message],
      'a translation says the same',
    );
  }
  assert.deepEqual(
    refusal(() => check('{"model":"m","messages":[ \n ]}')),
    ['messages', 'messages must be a non-empty array'],
  );
});

test('legal requests pass the check, nulls and zeros too', () => {
  check(plainRequest);
  check({ ...plainRequest, temperature: 0, top_p: 0, stream: null, max_tokens: null, n: null, stop: null, unknown: 1 });
  check({ ...plainRequest, temperature: 2, top_p: 1, stop: ['a', 'b', 'c', 'd', 'e'], stream: false, max_completion_tokens: 1 });
});

test('wrong types below are told by their path', () => {
  const message = (value: object): object => ({ model: 'm', messages: [...messages, ...messages, value] });
  const part = (value: object): object => message({ role: 'user', content: [value] });
  const rows: readonly (readonly [object, string])[] = [
    [message({ role: 'user' }), 'messages[2].content must be a string or an array of parts'],
    [message({ role: 'user', content: 7 }), 'messages[2].content must be a string or an array of parts'],
    [message({ content: 'x' }), 'messages[2].role must be a string'],
    [message({ role: 'robot', content: 'x' }), 'messages[2].role "robot" is not known'],
    [{ model: 'm', messages: ['x'] }, 'messages[0] must be an object'],
    [part({ type: 'hologram' }), 'messages[2].content[0].type "hologram" is not known'],
    [part({ text: 'x' }), 'messages[2].content[0].type must be a string'],
    [part({ type: 'text' }), 'messages[2].content[0].text must be a string'],
    [part({ type: 'image_url', image_url: { url: 7 } }), 'messages[2].content[0].image_url.url must be a string'],
    [part({ type: 'image_url', image_url: 'x' }), 'messages[2].content[0].image_url must be an object'],
    [part({ type: 'image_url', image_url: { url: 'data:image/png,abc' } }), 'messages[2].content[0].image_url.url must be a web address or a base64 data: URL'],
    [part({ type: 'file', file: {} }), 'messages[2].content[0].file must be an object with file_id or file_data'],
    [part({ type: 'input_audio', input_audio: { data: 'x' } }), 'messages[2].content[0].input_audio.format must be a string'],
    [message({ role: 'tool', content: 'x' }), 'messages[2].tool_call_id must be a string'],
    [message({ role: 'assistant', tool_calls: {} }), 'messages[2].tool_calls must be an array'],
    [
      message({ role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: {} } }] }),
      'messages[2].tool_calls[0].function.arguments must be a string',
    ],
    [
      message({ role: 'assistant', tool_calls: [{ type: 'function', function: { name: 'f', arguments: '' } }] }),
      'messages[2].tool_calls[0].id must be a string',
    ],
    [message({ role: 'assistant', tool_calls: [{ id: 'a', type: 'magic' }] }), 'messages[2].tool_calls[0].type "magic" is not known'],
    [message({ role: 'assistant', content: null, reasoning_content: 7 }), 'messages[2].reasoning_content must be a string'],
    [{ ...plainRequest, tools: {} }, 'tools must be an array'],
    [{ ...plainRequest, tools: [{ type: 'function' }] }, 'tools[0].function must be an object'],
    [{ ...plainRequest, tools: [{ type: 'function', function: { name: 7 } }] }, 'tools[0].function.name must be a string'],
    [{ ...plainRequest, tools: [{ type: 'function', function: { name: 'f', parameters: 'x' } }] }, 'tools[0].function.parameters must be an object'],
    [{ ...plainRequest, tool_choice: 7 }, 'tool_choice must be "auto", "none", "required" or an object'],
    [{ ...plainRequest, tool_choice: { type: 'x' } }, 'tool_choice.type must be "function", "custom" or "allowed_tools"'],
    [
      { ...plainRequest, tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'x', tools: [] } } },
      'tool_choice.allowed_tools.mode must be "auto" or "required"',
    ],
    [{ ...plainRequest, response_format: { type: 'json_schema' } }, 'response_format.json_schema must be an object'],
    [{ ...plainRequest, response_format: { type: 'json_schema', json_schema: { schema: {} } } }, 'response_format.json_schema.name must be a string'],
    [{ ...plainRequest, parallel_tool_calls: 1 }, 'parallel_tool_calls must be true or false'],
    [{ ...plainRequest, seed: 'x' }, 'seed must be a number'],
    [{ ...plainRequest, user: 7 }, 'user must be a string'],
    [{ ...plainRequest, reasoning_effort: 7 }, 'reasoning_effort must be a string'],
    [{ ...plainRequest, stream_options: { include_usage: 1 } }, 'stream_options.include_usage must be true or false'],
  ];
  for (const [body, message] of rows) assert.equal(refusal(() => accept(body))[1], message);
  assert.equal(refusal(() => accept('[]'))[1], 'the body must be an object');
});

const blocksOf = (message: object): readonly Block[] => accept({ model: 'm', messages: [message] }).messages[0]?.blocks ?? [];
const at = (index: number): string => `messages[0].content[${index}]`;

test('every part of a user message', () => {
  const parts = [
    { type: 'text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' } },
    { type: 'image_url', image_url: { url: 'https://x.y/a.png', detail: 'low' } },
    { type: 'image_url', image_url: { url: 'data:IMAGE/PNG;base64,iVBO' } },
    { type: 'file', file: { file_id: 'file-1' } },
    { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' } },
    { type: 'file', file: { file_data: 'JVBE' } },
    { type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } },
    { type: 'video_url', video_url: { url: 'https://x.y/v.mp4' } },
  ];
  const blocks = blocksOf({ role: 'user', content: parts });
  const mark: Extra = {
    dialect: 'openai-chat',
    path: `${at(0)}.prompt_cache_breakpoint`,
    key: 'prompt_cache_breakpoint',
    raw: '{"mode":"explicit","ttl":"12h"}',
    loss: 'nothing',
  };
  assert.deepEqual(blocks, [
    { type: 'text', text: 'a', at: at(0), cache: { at: mark.path, ttl: '12h' }, ext: [mark] },
    { type: 'image', source: { kind: 'url', url: 'https://x.y/a.png' }, detail: 'low', at: at(1), names: { detail: `${at(1)}.image_url.detail` } },
    { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'iVBO' }, at: at(2) },
    { type: 'document', source: { kind: 'file', id: 'file-1', dialect: 'openai-chat' }, at: at(3) },
    {
      type: 'document',
      source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBE' },
      filename: 'a.pdf',
      at: at(4),
      names: { filename: `${at(4)}.file.filename` },
    },
    { type: 'document', source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBE' }, at: at(5) },
    { type: 'audio', data: 'UklG', format: 'wav', at: at(6) },
    {
      type: 'opaque',
      dialect: 'openai-chat',
      kind: 'video_url',
      raw: '{"type":"video_url","video_url":{"url":"https://x.y/v.mp4"}}',
      loss: 'demand',
      at: at(7),
    },
  ]);
});

test('an assistant’s turn: thinking, content, refusal, calls', () => {
  const blocks = blocksOf({
    role: 'assistant',
    content: [
      { type: 'text', text: 'a' },
      { type: 'refusal', refusal: 'b' },
    ],
    refusal: 'c',
    reasoning_content: 'd',
    tool_calls: [
      { id: '1', type: 'function', function: { name: 'f', arguments: '{ "n": 1.0 }' }, extra_content: { google: { thought_signature: 's' } } },
      { id: '2', type: 'custom', custom: { name: 'g', input: 'x' } },
    ],
  });
  assert.deepEqual(
    blocks.map((block) => block.type),
    ['reasoning', 'text', 'refusal', 'refusal', 'toolCall', 'toolCall'],
  );
  const [thought, , , , call, custom] = blocks;
  assert.ok(thought?.type === 'reasoning' && thought.text === 'd');
  assert.ok(call?.type === 'toolCall' && call.arguments === '{ "n": 1.0 }' && call.ext?.[0]?.loss === 'hint' && call.ext[0].key === 'extra_content');
  assert.ok(custom?.type === 'toolCall' && custom.kind === 'custom' && custom.arguments === 'x');
});

test('reasoning details hold signatures; plain text stands beside only where they have none', () => {
  const details = [
    { type: 'reasoning.text', text: 't', signature: 's', format: 'f', index: 0 },
    { type: 'reasoning.encrypted', data: 'd', id: 'i', index: 1 },
  ];
  const [text, data, more] = blocksOf({ role: 'assistant', content: null, reasoning: 't', reasoning_details: details });
  assert.ok(text?.type === 'reasoning' && text.text === 't' && text.signature === 's');
  assert.ok(data?.type === 'reasoning' && data.redacted === 'd' && data.text === '');
  assert.equal(more, undefined);
  const both = blocksOf({ role: 'assistant', content: null, reasoning_content: 'plain', reasoning_details: [details[1]] });
  assert.deepEqual(
    both.map((block) => block.type === 'reasoning' && [block.text, block.redacted]),
    [
      ['plain', undefined],
      ['', 'd'],
    ],
  );
  assert.deepEqual(
    blocksOf({ role: 'assistant', content: 'x', reasoning_content: '' }).map((block) => block.type),
    ['reasoning', 'text'],
    'empty is not absent',
  );
});

test('a run of tool messages is one message of results', () => {
  const request = accept({
    model: 'm',
    messages: [
      ...messages,
      { role: 'assistant', tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '' } }] },
      { role: 'tool', tool_call_id: '1', content: 'a' },
      { role: 'tool', tool_call_id: '2', content: [{ type: 'text', text: 'b' }], extra: 1 },
      { role: 'user', content: 'c' },
    ],
  });
  assert.deepEqual(
    request.messages.map((message) => [message.role, message.blocks.length]),
    [
      ['user', 1],
      ['assistant', 1],
      ['user', 2],
      ['user', 1],
    ],
  );
  const [, second] = request.messages[2]?.blocks ?? [];
  assert.ok(second?.type === 'toolResult' && second.callId === '2' && second.at === 'messages[3]' && second.ext?.[0]?.path === 'messages[3].extra');
});

test('the old function calls become calls with ids that pair up', () => {
  const request = accept({
    ...plainRequest,
    functions: [{ name: 'f', description: 'd', parameters: { type: 'object' } }],
    function_call: { name: 'f' },
    messages: [...messages, { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } }, { role: 'function', name: 'f', content: 'r' }],
  });
  assert.deepEqual(request.tools, [{ kind: 'function', name: 'f', description: 'd', schema: '{"type":"object"}', at: 'functions[0]' }]);
  assert.deepEqual(request.toolChoice, { type: 'tool', kind: 'function', name: 'f' });
  assert.deepEqual([request.names['tools'], request.names['toolChoice']], ['functions', 'function_call']);
  const call = request.messages[1]?.blocks[0];
  const result = request.messages[2]?.blocks[0];
  assert.ok(call?.type === 'toolCall' && result?.type === 'toolResult' && call.id === result.callId);
});

test('names of speakers, roles and empty contents are kept', () => {
  const request = accept({
    model: 'm',
    messages: [
      { role: 'developer', content: 'a' },
      { role: 'system', content: '' },
      { role: 'user', content: [], name: 'bob' },
      { role: 'assistant', content: '', name: null },
    ],
  });
  assert.deepEqual(
    request.messages.map((message) => [message.role, message.blocks.length, message.name]),
    [
      ['developer', 1, undefined],
      ['system', 1, undefined],
      ['user', 0, 'bob'],
      ['assistant', 1, undefined],
    ],
  );
  assert.deepEqual(request.messages[3]?.ext, [{ dialect: 'openai-chat', path: 'messages[3].name', key: 'name', raw: 'null', loss: 'nothing' }]);
});

test('tools of every kind', () => {
  const request = accept({
    ...plainRequest,
    tools: [
      { type: 'function', function: { name: 'f', parameters: { z: 1, a: 9 }, strict: true, x: 2 }, cache_control: { type: 'ephemeral' } },
      { type: 'function', function: { name: 'g', strict: null } },
      { function: { name: 'h' } },
      { type: 'custom', custom: { name: 'c', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'x' } } } },
      { type: 'openrouter:advisor', parameters: {} },
    ],
  });
  const [f, g, h, c, server] = request.tools ?? [];
  assert.ok(f?.kind === 'function' && f.schema === '{"z":1,"a":9}' && f.strict === true && f.cache !== undefined);
  assert.deepEqual(
    f.ext?.map(({ path, loss }) => [path, loss]),
    [
      ['tools[0].cache_control', 'nothing'],
      ['tools[0].function.x', 'hint'],
    ],
  );
  assert.ok(g?.kind === 'function' && !('strict' in g) && !('schema' in g) && g.ext?.[0]?.loss === 'nothing');
  assert.equal(h?.name, 'h');
  assert.ok(c?.kind === 'custom' && c.ext?.[0]?.path === 'tools[3].custom.format' && c.ext[0].loss === 'nothing');
  assert.deepEqual(c.grammar, { syntax: 'lark', definition: 'x' });
  assert.deepEqual(server, {
    kind: 'server',
    dialect: 'openai-chat',
    name: 'openrouter:advisor',
    raw: '{"type":"openrouter:advisor","parameters":{}}',
    at: 'tools[4]',
  });
});

test('every tool choice', () => {
  const choice = (value: unknown): unknown => accept({ ...plainRequest, tool_choice: value }).toolChoice;
  assert.deepEqual(['auto', 'none', 'required', 'any'].map(choice), [{ type: 'auto' }, { type: 'none' }, { type: 'required' }, { type: 'required' }]);
  assert.deepEqual(choice({ type: 'function', function: { name: 'f' } }), { type: 'tool', kind: 'function', name: 'f' });
  assert.deepEqual(choice({ function: { name: 'f' } }), { type: 'tool', kind: 'function', name: 'f' });
  assert.deepEqual(choice({ type: 'custom', custom: { name: 'c' } }), { type: 'tool', kind: 'custom', name: 'c' });
  assert.deepEqual(
    choice({
      type: 'allowed_tools',
      allowed_tools: {
        mode: 'required',
        tools: [
          { type: 'function', function: { name: 'f' } },
          { type: 'custom', custom: { name: 'c' } },
          { type: 'function', name: 'flat' },
        ],
      },
    }),
    { type: 'allowed', mode: 'required', names: ['f', 'c', 'flat'] },
  );
});

const reasoningOf = (fields: object): ChatRequest['reasoning'] => accept({ ...plainRequest, ...fields }).reasoning;

test('thinking in every spelling', () => {
  assert.deepEqual(reasoningOf({ reasoning_effort: 'xhigh' }), { effort: 'xhigh' });
  assert.deepEqual(reasoningOf({ thinking: { type: 'enabled', budget_tokens: 2000 } }), { budget: 2000, mode: 'enabled' });
  assert.deepEqual(reasoningOf({ thinking: { type: 'disabled' } }), { mode: 'disabled' });
  assert.deepEqual(reasoningOf({ thinking: { type: 'auto' } }), { mode: 'adaptive' });
  assert.deepEqual(reasoningOf({ enable_thinking: false }), { mode: 'disabled' });
  assert.deepEqual(reasoningOf({ enable_thinking: true, thinking_budget: 500 }), { budget: 500, mode: 'enabled' });
  assert.deepEqual(reasoningOf({ reasoning: { effort: 'low', max_tokens: 9, enabled: true } }), { effort: 'low', budget: 9, mode: 'enabled' });
  assert.deepEqual(reasoningOf({ reasoning: { effort: 'low' }, reasoning_effort: 'high' }), { effort: 'high' });
  assert.equal(reasoningOf({}), undefined);
  const odd = accept({ ...plainRequest, reasoning_effort: 'default', thinking: { type: 'odd' }, enable_thinking: 'x' });
  assert.equal(odd.reasoning, undefined);
  assert.deepEqual(
    odd.ext.map(({ key, loss }) => [key, loss]),
    [
      ['reasoning_effort', 'hint'],
      ['thinking', 'hint'],
      ['enable_thinking', 'hint'],
    ],
  );
});

test('every field without a name in the IR has its verdict', () => {
  const body = {
    ...plainRequest,
    audio: { voice: 'alloy', format: 'wav' },
    logit_bias: { '5': -100 },
    logprobs: true,
    top_logprobs: 3,
    metadata: { a: 'b' },
    modalities: ['text', 'audio'],
    moderation: { model: 'x' },
    n: 2,
    prediction: { type: 'content', content: 'x' },
    prompt_cache_key: 'k',
    prompt_cache_options: { mode: 'explicit' },
    prompt_cache_retention: '24h',
    store: true,
    verbosity: 'low',
    web_search_options: {},
    brand_new: { deep: [1.0] },
    stream_options: { include_usage: true, include_obfuscation: false },
  };
  const extras = accept(body).ext;
  const of = (loss: string): string[] => extras.filter((extra) => extra.loss === loss).map((extra) => extra.path);
  assert.deepEqual(of('demand'), ['audio', 'logit_bias', 'logprobs', 'top_logprobs', 'modalities', 'moderation', 'n', 'web_search_options']);
  assert.deepEqual(of('hint'), [
    'metadata',
    'prediction',
    'prompt_cache_key',
    'prompt_cache_options',
    'prompt_cache_retention',
    'store',
    'verbosity',
    'brand_new',
    'stream_options.include_obfuscation',
  ]);
  assert.ok(extras.every((extra) => extra.dialect === 'openai-chat'));
});

test('values that ask for nothing lose nothing; absent, null, 0 and "" stay apart', () => {
  const quiet = accept({
    ...plainRequest,
    n: 1,
    logprobs: false,
    top_logprobs: 0,
    store: false,
    modalities: ['text'],
    logit_bias: {},
    audio: null,
    temperature: null,
    tools: null,
    stream_options: null,
    user: null,
    response_format: null,
  });
  assert.ok(
    quiet.ext.every((extra) => extra.loss === 'nothing'),
    JSON.stringify(quiet.ext),
  );
  assert.equal(quiet.ext.length, 12);
  assert.ok(!('temperature' in quiet) && !('tools' in quiet) && !('endUser' in quiet));
  const zero = accept({ ...plainRequest, temperature: 0, top_p: 0, seed: 0, frequency_penalty: 0, user: '' });
  assert.deepEqual([zero.temperature, zero.topP, zero.seed, zero.frequencyPenalty, zero.endUser], [0, 0, 0, 0, '']);
});

test('of two spellings one wins and the other is told', () => {
  const request = accept({ ...plainRequest, max_tokens: 5, max_completion_tokens: 9, user: 'u', safety_identifier: 's' });
  assert.deepEqual([request.maxTokens, request.endUser], [9, 's']);
  assert.deepEqual([request.names['maxTokens'], request.names['endUser']], ['max_completion_tokens', 'safety_identifier']);
  assert.deepEqual(
    request.ext.map(({ key, loss }) => [key, loss]),
    [
      ['max_tokens', 'hint'],
      ['user', 'hint'],
    ],
  );
});

test('a number that JavaScript cannot hold and a tier that nobody knows stay text', () => {
  const request = accept('{"model":"m","messages":[{"role":"user","content":"x"}],"seed":9007199254740993,"service_tier":"on_demand"}');
  assert.ok(!('seed' in request) && !('serviceTier' in request));
  assert.deepEqual(
    request.ext.map(({ key, raw }) => [key, raw]),
    [
      ['seed', '9007199254740993'],
      ['service_tier', '"on_demand"'],
    ],
  );
});

test('response formats', () => {
  const format = (value: unknown): ChatRequest['responseFormat'] => accept({ ...plainRequest, response_format: value }).responseFormat;
  assert.deepEqual(format({ type: 'text' }), { type: 'text' });
  assert.deepEqual(format({ type: 'json_object' }), { type: 'json' });
  assert.deepEqual(format({ type: 'json_schema', json_schema: { name: 'a', description: 'd', schema: { b: 1 }, strict: true } }), {
    type: 'schema',
    name: 'a',
    description: 'd',
    schema: '{"b":1}',
    strict: true,
  });
  const grammar = accept({ ...plainRequest, response_format: { type: 'grammar', grammar: 'x' } });
  assert.ok(grammar.responseFormat === undefined && grammar.ext[0]?.loss === 'demand');
});

test('hostile keys make nothing but extras', () => {
  const request = accept(
    '{"model":"m","messages":[{"role":"user","content":"x","__proto__":{"polluted":1}}],"__proto__":{"polluted":1},"constructor":1,"toString":2}',
  );
  assert.deepEqual(
    request.ext.map(({ key }) => key),
    ['__proto__', 'constructor', 'toString'],
  );
  assert.equal(request.messages[0]?.ext?.[0]?.key, '__proto__');
  assert.equal(({} as { polluted?: number }).polluted, undefined);
  const text = sentText(request);
  assert.ok(text.includes('"__proto__":{"polluted":1}') && text.includes('"toString":2'));
});

const rich = `{
  "model": "model-1", "temperature": 0, "top_p": 0.10, "top_k": 4, "max_tokens": 100, "stop": ["a", "b"], "seed": 7, "frequency_penalty": -2, "presence_penalty": 2,
  "parallel_tool_calls": false, "reasoning_effort": "high", "safety_identifier": "s", "service_tier": "flex", "metadata": {"k": "v", "big": 9007199254740993}, "store": true,
  "verbosity": "low", "prompt_cache_key": "k", "logit_bias": {"1": 2}, "n": 1, "brand_new": [1.0, {"__proto__": 2}], "audio": null,
  "response_format": {"type": "json_schema", "json_schema": {"name": "r", "schema": {"type": "object", "x": 1.0}, "strict": true, "odd": 1}, "odd2": 2},
  "tools": [
    {"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object", "maximum": 1.0}, "strict": null, "odd": 3}, "cache_control": {"type": "ephemeral", "ttl": "1h"}},
    {"type": "custom", "custom": {"name": "c", "description": "e", "format": {"type": "grammar", "grammar": {"syntax": "regex", "definition": "a+"}}}},
    {"type": "web_thing", "x": 1}
  ],
  "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}, {"type": "custom", "custom": {"name": "c"}}]}},
  "messages": [
    {"role": "developer", "content": "dev", "name": "n"},
    {"role": "system", "content": [{"type": "text", "text": "s1", "prompt_cache_breakpoint": {"mode": "explicit"}}, {"type": "text", "text": "s2"}]},
    {"role": "user", "content": [{"type": "text", "text": "u"}, {"type": "image_url", "image_url": {"url": "https://x.y/z", "detail": "high", "odd": 4}}, {"type": "file", "file": {"file_id": "file-1"}}, {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"}}, {"type": "file", "file": {"filename": "b.pdf", "file_data": "https://x.y/b.pdf"}}, {"type": "input_audio", "input_audio": {"data": "UklG", "format": "mp3"}}, {"type": "video_url", "video_url": {"url": "v"}}], "odd": 5},
    {"role": "assistant", "content": "a", "refusal": null, "reasoning_content": "why", "audio": {"id": "audio-1"}, "annotations": [], "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{\\"n\\": 1.0}"}, "extra_content": {"g": 1}}, {"id": "call_2", "type": "custom", "custom": {"name": "c", "input": "in"}}]},
    {"role": "tool", "tool_call_id": "call_1", "content": "r1", "odd": 6},
    {"role": "tool", "tool_call_id": "call_2", "content": [{"type": "text", "text": "r2"}, {"type": "text", "text": "r3"}]},
    {"role": "user", "content": "more", "name": "bob"},
    {"role": "assistant", "content": null, "refusal": "no", "reasoning_details": [{"type": "reasoning.text", "text": "t", "signature": "s", "format": "f", "index": 0}, {"type": "reasoning.encrypted", "data": "d", "id": "i", "index": 1}]},
    {"role": "user", "content": ""}
  ]
}`;

test('what comes in this dialect goes out in it without loss', () => {
  const context = contextFor();
  const first = accept(rich, context);
  const text = sentText(first, context);
  const again = accept(text, contextFor());
  assert.deepEqual(again, { ...first, ext: again.ext });
  const bySight = (extras: readonly Extra[]): string[] => extras.map((extra) => JSON.stringify(extra)).sort();
  assert.deepEqual(bySight(again.ext), bySight(first.ext));
  assert.deepEqual(context.ledger.notes, []);
  assert.ok(text.includes('"maximum": 1.0') && text.includes('9007199254740993') && text.includes('[1.0, {"__proto__": 2}]'));
});
