import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGatewayError } from '../../core/errors.ts';
import type { Block, ChatRequest } from '../../core/ir.ts';
import { scanTopLevel } from '../../core/top-level.ts';
import { accept, contextFor, hi, plainRequest, sent } from './fixtures/world.ts';
import { checkRequest } from './check.ts';

const foreign = () => contextFor({ back: 'openai-chat' });
const read = (fields: object): ChatRequest => accept({ ...plainRequest, ...fields }, foreign());
const blocksOf = (messages: readonly object[], fields: object = {}): Block[] => read({ messages, ...fields }).messages.flatMap(({ blocks }) => blocks);
const f = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } };
const calling = { role: 'assistant', tool_plan: 'I look.', tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1.0}' } }] };

function faultOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isGatewayError(error) && error.code === 'invalid_request' && error.status === 400) return error.param ?? error.message;
    throw error;
  }
  return 'ok';
}

const check = (body: object): string => faultOf(() => checkRequest(scanTopLevel(new TextEncoder().encode(JSON.stringify(body))), {}, 'chat'));

test('the scan of the top level sees what is missing and out of range', () => {
  assert.equal(check({ messages: [hi] }), 'model');
  assert.equal(check({ model: 'm' }), 'messages');
  assert.equal(check({ model: 'm', messages: [] }), 'messages');
  assert.equal(check({ model: 'm', messages: 'hi' }), 'messages');
  assert.equal(check({ model: 7, messages: [hi] }), 'model');
  for (const [field, value] of [
    ['temperature', 1.5],
    ['p', 2],
    ['k', 501],
    ['max_tokens', 0],
    ['stream', 'yes'],
    ['stop_sequences', 'a'],
    ['stop_sequences', [1]],
  ] as const)
    assert.equal(check({ ...plainRequest, [field]: value }), field);
  assert.equal(check({ ...plainRequest, temperature: null, k: 0, stream: false }), 'ok');
});

test('who sends the fields of version 1 is told so', () => {
  assert.throws(
    () => checkRequest(scanTopLevel(new TextEncoder().encode('{"model":"m","message":"hi"}')), {}, 'chat'),
    (error) => isGatewayError(error) && /version 1/.test(error.message) && /\/v2\/chat/.test(error.hint ?? ''),
  );
});

test('every setting by its neutral name', () => {
  const request = read({
    max_tokens: 7,
    temperature: 0.3,
    p: 0.7,
    k: 40,
    stop_sequences: ['a'],
    seed: 3,
    frequency_penalty: 0.1,
    presence_penalty: 0.2,
    tools: [f],
    strict_tools: true,
    tool_choice: 'REQUIRED',
    thinking: { type: 'enabled', token_budget: 2048 },
    stream: true,
  });
  assert.deepEqual([request.maxTokens, request.temperature, request.topP, request.topK, request.stop, request.seed], [7, 0.3, 0.7, 40, ['a'], 3]);
  assert.deepEqual([request.frequencyPenalty, request.presencePenalty, request.toolChoice, request.stream], [0.1, 0.2, { type: 'required' }, true]);
  assert.deepEqual(request.reasoning, { mode: 'enabled', budget: 2048 });
  const [tool] = request.tools ?? [];
  assert.deepEqual(tool?.kind === 'function' && [tool.name, tool.schema, tool.strict], ['f', '{"type":"object"}', true]);
  assert.deepEqual([read({ tool_choice: 'NONE', tools: [f] }).toolChoice, read({ k: 0 }).topK], [{ type: 'none' }, undefined]);
  assert.deepEqual(read({ thinking: { type: 'disabled' } }).reasoning, { mode: 'disabled' });
});

test('a response format, with the schema under either name', () => {
  const schema = { type: 'object' };
  const formatOf = (response_format: object): unknown => read({ response_format }).responseFormat;
  assert.deepEqual(formatOf({ type: 'text' }), { type: 'text' });
  assert.deepEqual(formatOf({ type: 'json_object' }), { type: 'json' });
  assert.deepEqual(formatOf({ type: 'json_object', json_schema: schema }), { type: 'schema', schema: '{"type":"object"}' });
  assert.deepEqual(formatOf({ type: 'json_object', schema }), { type: 'schema', schema: '{"type":"object"}' });
});

test('the plan is text before the calls; the results of a turn are one message', () => {
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==', detail: 'low' } };
  const results = ['c1', 'c2'].map((id) => ({ role: 'tool', tool_call_id: id, content: id }));
  const { messages } = read({
    messages: [{ role: 'system', content: 'S' }, { role: 'user', content: [{ type: 'text', text: 'see' }, image] }, calling, ...results],
  });
  assert.deepEqual(
    messages.map(({ role, blocks }) => [role, blocks.map((block) => (block.type === 'text' ? block.text : block.type))]),
    [
      ['system', ['S']],
      ['user', ['see', 'image']],
      ['assistant', ['I look.', 'toolCall']],
      ['user', ['toolResult', 'toolResult']],
    ],
  );
  const call = messages[2]?.blocks[1];
  assert.equal(call?.type === 'toolCall' && call.arguments, '{"a":1.0}');
});

test('documents stand before the words of the last message of the user', () => {
  const documents = ['plain', { data: 'said', id: 'mine' }, { data: { title: 'T', snippet: 'S' } }, { data: { a: 'x', n: 1.0 } }];
  const readable = (block: Block): unknown =>
    block.type === 'searchResult' ? [block.source, block.title, block.content.map(({ text }) => text).join(), block.cite] : block.type === 'text' && block.text;
  const blocks = blocksOf([{ role: 'user', content: 'first' }, { role: 'assistant', content: 'x' }, hi], { documents }).map(readable);
  assert.deepEqual(blocks, [
    'first',
    'x',
    ['doc:0', 'doc:0', 'plain', true],
    ['mine', 'mine', 'said', true],
    ['doc:2', 'T', 'S', true],
    ['doc:3', 'doc:3', 'a: x\nn: 1', true],
    'hi',
  ]);
  const [quiet] = blocksOf([hi], { documents: ['plain'], citation_options: { mode: 'OFF' } });
  assert.equal(quiet?.type === 'searchResult' && quiet.cite, false);
});

test('the documents of a result are its own', () => {
  const document = { type: 'document', document: { data: { snippet: 'S' } } };
  const [result] = blocksOf([hi, calling, { role: 'tool', tool_call_id: 'c1', content: [document, { type: 'text', text: 'x' }, document] }]).slice(-1);
  assert.deepEqual(result?.type === 'toolResult' && result.content.map((block) => (block.type === 'searchResult' ? block.source : block.type)), [
    'c1:0',
    'text',
    'c1:1',
  ]);
});

test('what only Cohere has is a demand or a hint', () => {
  const lossOf = (fields: object): unknown => read(fields).ext.find(({ key }) => Object.hasOwn(fields, key))?.loss;
  assert.deepEqual([{ safety_mode: 'STRICT' }, { safety_mode: 'OFF' }, { logprobs: true }, { logprobs: false }, { priority: 5 }, { priority: 0 }].map(lossOf), [
    'demand',
    'nothing',
    'demand',
    'nothing',
    'hint',
    'nothing',
  ]);
});

test('a request goes out to Cohere as it came', () => {
  const body = {
    model: 'model-1',
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'S' }] },
      { role: 'user', content: 'hi', x_more: 1 },
      { ...calling, citations: [] },
      { role: 'tool', tool_call_id: 'c1', content: [{ type: 'document', document: { data: { snippet: 'S' }, id: 'd' } }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: '' },
          { type: 'text', text: 'x' },
          { type: 'novelty', n: 1 },
        ],
      },
      hi,
    ],
    documents: ['plain', { data: { a: 'x' }, id: 'd' }],
    citation_options: { mode: 'FAST' },
    tools: [f],
    strict_tools: false,
    k: 0,
    p: 1,
    safety_mode: 'STRICT',
    priority: 3,
    logprobs: true,
    response_format: { type: 'json_object', json_schema: { type: 'object' } },
    thinking: { type: 'enabled', token_budget: 1000 },
    stop_sequences: [],
    x_top: { a: 1 },
  };
  assert.deepEqual(sent(accept(body)), body);
});

test('broken fields are refused by name', () => {
  const paramOf = (fields: object): string => faultOf(() => read(fields));
  const faults: readonly (readonly [object, string])[] = [
    [{ messages: [{ role: 'wizard', content: 'x' }] }, 'messages[0].role'],
    [{ messages: ['x'] }, 'messages[0]'],
    [{ messages: [{ role: 'user' }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: 7 }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: ['x'] }] }, 'messages[0].content[0]'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
    [{ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: 'x' }] }] }, 'messages[0].content[0].image_url'],
    [{ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,x' } }] }] }, 'messages[0].content[0].image_url.url'],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
    [{ messages: [{ role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: {} }] }] }, 'messages[0].tool_calls[0].function.name'],
    [{ tools: [{ type: 'web', function: {} }] }, 'tools[0].type'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].function'],
    [{ tool_choice: 'f' }, 'tool_choice'],
    [{ tool_choice: { type: 'function' } }, 'tool_choice'],
    [{ response_format: { type: 'json_schema' } }, 'response_format.type'],
    [{ response_format: 'json' }, 'response_format'],
    [{ thinking: { type: 'maybe' } }, 'thinking.type'],
    [{ thinking: true }, 'thinking'],
    [{ documents: [7] }, 'documents[0]'],
    [{ documents: [{}] }, 'documents[0].data'],
    [{ documents: 'x' }, 'documents'],
    [{ citation_options: 'x' }, 'citation_options'],
    [{ seed: 'x' }, 'seed'],
    [{ frequency_penalty: 'x' }, 'frequency_penalty'],
    [{ strict_tools: 'x' }, 'strict_tools'],
  ];
  for (const [fields, param] of faults) assert.equal(paramOf(fields), param, JSON.stringify(fields));
});
