import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGatewayError } from '../../core/errors.ts';
import type { Block } from '../../core/ir.ts';
import { scanTopLevel } from '../../core/top-level.ts';
import { accept, contextFor, hi, notesOf, sent } from './fixtures/world.ts';
import { checkRequest } from './check.ts';

const foreign = () => contextFor({ back: 'openai-chat' });
const blocksOf = (...content: readonly object[]): readonly Block[] => accept({ messages: [{ role: 'user', content }] }, foreign()).messages[0]?.blocks ?? [];

/** The field that is refused, or `ok`. */
function refusedField(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isGatewayError(error)) return error.status === 400 ? (error.param ?? error.message) : `status ${error.status}`;
    throw error;
  }
  return 'ok';
}

const check = (body: object, operation: 'chat' | 'count_tokens' = 'chat') =>
  refusedField(() => checkRequest(scanTopLevel(new TextEncoder().encode(JSON.stringify(body))), {}, operation));

test('the scan of the top level sees what is missing and out of range', () => {
  assert.equal(check({}), 'messages');
  assert.equal(check({ messages: [] }), 'messages');
  assert.equal(check({ messages: 'hi' }), 'messages');
  assert.equal(check({ promptVariables: {} }), 'ok');
  for (const [field, value] of [
    ['temperature', 1.5],
    ['topP', -1],
    ['maxTokens', 0],
    ['maxTokens', 1.5],
    ['maxTokens', '9'],
  ] as const)
    assert.equal(check({ messages: [hi], inferenceConfig: { [field]: value } }), `inferenceConfig.${field}`);
  assert.equal(check({ messages: [hi], inferenceConfig: { maxTokens: null, __proto__: null } }), 'ok');
  assert.equal(check({ messages: [hi] }, 'count_tokens'), 'input');
  assert.equal(check({ input: { converse: { messages: [hi] } } }, 'count_tokens'), 'ok');
});

for (const [what, body, param] of [
  ['no object', { messages: ['hi'] }, 'messages[0]'],
  ['an unknown role', { messages: [{ ...hi, role: 'tool' }] }, 'messages[0].role'],
  ['content as a string', { messages: [{ role: 'user', content: 'hi' }] }, 'messages[0].content'],
  ['an empty block', { messages: [{ role: 'user', content: [{}] }] }, 'messages[0].content[0]'],
  ['a block of two kinds', { messages: [{ role: 'user', content: [{ text: 'a', toolUse: {} }] }] }, 'messages[0].content[0]'],
  ['a text that is none', { messages: [{ role: 'user', content: [{ text: 7 }] }] }, 'messages[0].content[0].text'],
  ['a document without a name', { messages: [{ role: 'user', content: [{ document: { source: { text: 'a' } } }] }] }, 'messages[0].content[0].document.name'],
  [
    'a document without a source',
    { messages: [{ role: 'user', content: [{ document: { name: 'a', source: {} } }] }] },
    'messages[0].content[0].document.source',
  ],
  ['a call without an id', { messages: [{ role: 'assistant', content: [{ toolUse: { name: 'f', input: {} } }] }] }, 'messages[0].content[0].toolUse.toolUseId'],
  [
    'an unknown status of a result',
    { messages: [{ role: 'user', content: [{ toolResult: { toolUseId: 'a', content: [], status: 'odd' } }] }] },
    'messages[0].content[0].toolResult.status',
  ],
  ['tools that are no list', { messages: [hi], toolConfig: { tools: {} } }, 'toolConfig.tools'],
  ['a tool without a name', { messages: [hi], toolConfig: { tools: [{ toolSpec: {} }] } }, 'toolConfig.tools[0].toolSpec.name'],
  ['an unknown choice of tools', { messages: [hi], toolConfig: { tools: [], toolChoice: { none: {} } } }, 'toolConfig.toolChoice'],
  ['no system blocks', { messages: [hi], system: 'Be brief' }, 'system'],
  [
    'a schema that is no JSON',
    { messages: [hi], outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: '{' } } } } },
    'outputConfig.textFormat.structure.jsonSchema.schema',
  ],
  [
    'a schema that is an object',
    { messages: [hi], outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: {} } } } } },
    'outputConfig.textFormat.structure.jsonSchema.schema',
  ],
  ['model fields that are none', { messages: [hi], additionalModelRequestFields: [] }, 'additionalModelRequestFields'],
  ['stop strings that are numbers', { messages: [hi], inferenceConfig: { stopSequences: [1] } }, 'inferenceConfig.stopSequences[0]'],
] as const) {
  test(`400 naming the field: ${what}`, () =>
    assert.equal(
      refusedField(() => accept(body, foreign())),
      param,
    ));
}

test('a cache point belongs to what stands before it; one that stands first is nobody’s', () => {
  const [text, again] = blocksOf({ text: 'a' }, { cachePoint: { type: 'default', ttl: '1h' } }, { cachePoint: { type: 'default' } });
  assert.deepEqual([text?.type, text?.cache], ['text', { ttl: '1h', at: 'messages[0].content[1].cachePoint' }]);
  assert.deepEqual([again?.type, blocksOf({ cachePoint: { type: 'default' } })[0]?.type], ['opaque', 'opaque']);
  const { tools } = accept(
    { messages: [hi], toolConfig: { tools: [{ toolSpec: { name: 'f', inputSchema: { json: {} } } }, { cachePoint: { type: 'default' } }] } },
    foreign(),
  );
  assert.deepEqual(
    tools?.map((tool) => ('cache' in tool ? tool.cache : undefined)),
    [{ at: 'toolConfig.tools[1].cachePoint' }],
  );
});

test('bytes and places, thinking, calls and results', () => {
  assert.deepEqual(
    blocksOf(
      { image: { format: 'png', source: { bytes: 'aaaa' } } },
      { image: { format: 'png', source: { s3Location: { uri: 's3://b/a.png' } } } },
      { document: { format: 'pdf', name: 'P', source: { bytes: 'aaaa' } } },
    ).map((block) => ('source' in block ? block.source : undefined)),
    [
      { kind: 'base64', mediaType: 'image/png', data: 'aaaa' },
      { kind: 'file', id: 's3://b/a.png', dialect: 'bedrock-converse' },
      { kind: 'base64', mediaType: 'application/pdf', data: 'aaaa' },
    ],
  );
  const [result] = blocksOf({ toolResult: { toolUseId: 't', content: [{ json: { n: 1 } }, { text: 'x' }], status: 'error' } });
  assert.ok(result?.type === 'toolResult');
  assert.deepEqual([result.isError, result.content.map((block) => ('text' in block ? block.text : ''))], [true, ['{"n":1}', 'x']]);
  const [call] = blocksOf({ toolUse: { toolUseId: 't', name: 'f', input: { big: 1 } } });
  assert.equal(call?.type === 'toolCall' ? call.arguments : '', '{"big":1}');
});

test('secret thinking under our seal comes out of its base64', () => {
  const redacted = (redactedContent: string) => {
    const [block] = blocksOf({ reasoningContent: { redactedContent } });
    return block?.type === 'reasoning' ? block.redacted : undefined;
  };
  assert.equal(redacted('c2VjcmV0'), 'c2VjcmV0');
  assert.equal(redacted(btoa('mw1.lab.secret')), 'mw1.lab.secret');
});

test('fields of models have a word where every format has one; the others are refused elsewhere', () => {
  const { topK, reasoning, ext } = accept(
    {
      messages: [hi],
      additionalModelRequestFields: { top_k: 5, thinking: { type: 'enabled', budget_tokens: 2000 }, odd: 1 },
      outputConfig: { effort: 'high' },
    },
    foreign(),
  );
  assert.deepEqual([topK, reasoning], [5, { mode: 'enabled', budget: 2000, effort: 'high' }]);
  assert.equal(ext.find(({ key }) => key === 'odd')?.loss, 'demand');
  const odd = accept({ messages: [hi], additionalModelRequestFields: { top_k: 'many', thinking: 'yes' } }, foreign());
  assert.deepEqual(
    odd.ext.filter(({ loss }) => loss === 'demand').map(({ path }) => path),
    ['additionalModelRequestFields.top_k', 'additionalModelRequestFields.thinking'],
  );
});

test('our own request goes out as it came', () => {
  const body = {
    messages: [
      { role: 'user', content: [{ text: '' }, { cachePoint: { type: 'default', x: 1 }, y: 2 }, { text: 'hi', z: 3 }] },
      { role: 'user', content: [{ document: { format: 'txt', name: 'a.b/c', source: { content: [{ text: 'x', w: 4 }] } } }] },
    ],
    additionalModelRequestFields: { odd: 7 },
    x_new: { a: 1 },
  };
  const context = contextFor();
  assert.deepEqual(sent(accept(body, context), context), body);
  assert.deepEqual(notesOf(context), []);
});

test('a field named like one of Object.prototype is only a field', () => {
  const body = '{"messages":[{"role":"user","content":[{"text":"hi","__proto__":{"a":1},"constructor":1}]}],"__proto__":{"b":2}}';
  const context = foreign();
  accept(body, context);
  assert.equal(({} as { a?: unknown }).a, undefined);
});

test('a schema of our own caller’s is asked for in the system text where the model has none', () => {
  const context = contextFor({ quirks: { structuredOutput: 'none', forcedToolChoice: false } });
  const textFormat = { type: 'json_schema', structure: { jsonSchema: { schema: '{"type":"object"}', name: 'n' } } };
  const body = sent(accept({ system: [{ text: 'Be brief.' }], messages: [hi], outputConfig: { textFormat } }, context), context);
  assert.deepEqual([body['outputConfig'], body['messages']], [undefined, [hi]]);
  const [brief, asked] = body['system'] as { text: string }[];
  assert.deepEqual([brief?.text, asked?.text.endsWith('{"type":"object"}')], ['Be brief.', true]);
});
