import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToolCallBlock } from '../../core/ir.ts';
import { cursorAt } from '../../core/json-cursor.ts';
import { parseJsonText } from '../../core/json-text.ts';
import { accept, contextFor, hi, notesOf, plainRequest, sent, shown, shownStream } from './fixtures/world.ts';
import { translation } from './translation.ts';
import { listTools } from './tools.ts';

const foreign = () => contextFor({ back: 'anthropic-messages' });
const f = (name: string, more: object = {}) => ({ type: 'function', name, strict: false, parameters: { type: 'object' }, ...more });
const namespace = (name: string, ...tools: readonly object[]) => ({ type: 'namespace', name, description: `About ${name}`, tools });
const names = (tools: unknown) => listTools(cursorAt(parseJsonText(JSON.stringify({ tools }))), []).names;
const called = (name: string, kind: 'function' | 'custom' = 'function'): ToolCallBlock => ({ type: 'toolCall', id: 'call_1', name, arguments: '{}', kind });

test('a function of a namespace has one name elsewhere, and two again in a call of it', () => {
  const tools = [f('read'), namespace('files', f('read'), f('list')), namespace('mcp__web__', { type: 'custom', name: 'ask' })];
  const { to, from } = names(tools);
  assert.equal(to('read', undefined), 'read');
  assert.deepEqual(from('read'), { name: 'read' });
  for (const [name, space, one] of [
    ['read', 'files', 'files__read'],
    ['list', 'files', 'files__list'],
    ['ask', 'mcp__web__', 'mcp__web__ask'],
  ] as const) {
    assert.equal(to(name, space), one);
    assert.deepEqual(from(one), { name, namespace: space });
  }
  const context = foreign();
  const request = accept({ ...plainRequest, tools }, context);
  assert.deepEqual(
    request.tools?.map((tool) => [tool.kind, tool.name, tool.kind !== 'server' && tool.description]),
    [
      ['function', 'read', undefined],
      ['function', 'files__read', 'About files'],
      ['function', 'files__list', undefined],
      ['custom', 'mcp__web__ask', 'About mcp__web__'],
    ],
  );
  const { output } = shown({ blocks: [called('files__list'), called('mcp__web__ask', 'custom')] }, { ...plainRequest, tools }, foreign());
  assert.partialDeepStrictEqual(output, [
    { type: 'function_call', name: 'list', namespace: 'files' },
    { type: 'custom_tool_call', name: 'ask', namespace: 'mcp__web__' },
  ]);
});

test('no two tools have one name, whatever the caller has called them', () => {
  const tools = [namespace('a', f('b__c'), f('d')), namespace('a__b', f('c')), f('a__d'), namespace('a', f('d'))];
  const { to, from } = names(tools);
  const given = [
    ['b__c', 'a'],
    ['c', 'a__b'],
    ['d', 'a'],
  ] as const;
  const flat = given.map(([name, space]) => to(name, space));
  assert.equal(new Set([...flat, 'a__d']).size, 4, flat.join());
  for (const [at, [name, space]] of given.entries()) assert.deepEqual(from(flat[at] ?? ''), { name, namespace: space });
  assert.deepEqual(from('a__d'), { name: 'a__d' });
  assert.deepEqual(names(tools).to('c', 'a__b'), flat[1], 'the same for the same list');
});

test('earlier calls of a namespace are sent under the one name, of tools that are no longer there too', () => {
  const call = (name: string, id: string) => ({ type: 'function_call', namespace: 'files', name, call_id: id, arguments: '{}' });
  const result = (id: string) => ({ type: 'function_call_output', call_id: id, output: 'x' });
  const input = [hi, call('read', '1'), call('gone', '2'), result('1'), result('2')];
  const blocks = accept({ model: 'm', input, tools: [namespace('files', f('read'))] }, foreign()).messages.flatMap((message) => message.blocks);
  assert.deepEqual(
    blocks.flatMap((block) => (block.type === 'toolCall' ? [block.name] : [])),
    ['files__read', 'files__gone'],
  );
});

test('a target of the same format gets the tools as they came', () => {
  const tools = [f('a_b'), namespace('files', f('read', { defer_loading: true })), { type: 'tool_search', execution: 'client' }, { type: 'web_search' }];
  const context = contextFor();
  const call = { type: 'function_call', namespace: 'files', name: 'read', call_id: '1', arguments: '{}' };
  const input = [hi, call, { type: 'function_call_output', call_id: '1', output: 'x' }];
  const out = sent(accept({ model: 'm', input, tools, tool_choice: { type: 'function', name: 'a_b' } }, context), context);
  assert.deepEqual([out['tools'], out['input'], out['tool_choice']], [tools, input, { type: 'function', name: 'a_b' }]);
  assert.deepEqual(notesOf(context), []);
});

test('names that the format does not take are others on the way, and all else of the list stays as it was written', () => {
  const context = contextFor();
  const [plain, odd, spaced] = ['{"type":"function","name":"now","x":1e2}', '{"name" : "a.b", "type":"function","parameters":{"b":1.0,"a":[ ]}}', '"t.u"'];
  const tools = `[${plain}, ${odd},{"type":"namespace","name":"n.s","tools":[{"type":"custom","name":${spaced}}]}]`;
  const call = { type: 'function_call', name: 'a.b', call_id: '1', arguments: '{}' };
  const input = JSON.stringify([hi, call, { type: 'function_call_output', call_id: '1', output: 'x' }]);
  const choice = '{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"a.b"}]}';
  const request = accept(`{"model":"m","input":${input},"tools":${tools},"tool_choice":${choice}}`, context);
  const { body, reply } = translation.prepare(request, context);
  const [name = ''] = /a_b_[0-9a-f]{8}/.exec(body) ?? [];
  assert.ok(name !== '', body);
  assert.ok(body.includes(`"tools":[${plain},{"name":"${name}","type":"function","parameters":{"b":1.0,"a":[ ]}},{"type":"namespace","name":"n.s",`), body);
  assert.ok(body.includes(`"tool_choice":${choice.replace('a.b', name)}`), body);
  assert.match(body, new RegExp(`"type":"function_call","call_id":"1","name":"${name}"`));
  assert.match(body, /"type":"custom","name":"t_u_[0-9a-f]{8}"/);
  assert.deepEqual(notesOf(context), ['changed tools', 'changed tools']);
  const output = [{ type: 'function_call', id: 'fc_1', call_id: '2', name, arguments: '{}', status: 'completed' }];
  const [made] = reply(JSON.stringify({ id: 'resp_1', object: 'response', status: 'completed', model: 'm', output })).blocks;
  assert.ok(made?.type === 'toolCall' && made.name === 'a.b');
});

test('a grammar is read, and a format that nobody knows is a hint', () => {
  const custom = (format: object) => accept({ ...plainRequest, tools: [{ type: 'custom', name: 'c', format }] }, foreign()).tools?.[0];
  const read = custom({ type: 'grammar', syntax: 'regex', definition: 'a+' });
  assert.ok(read?.kind === 'custom' && read.ext?.[0]?.loss === 'nothing');
  assert.deepEqual(read.grammar, { syntax: 'regex', definition: 'a+' });
  const plain = custom({ type: 'text' });
  assert.ok(plain?.kind === 'custom' && plain.grammar === undefined && plain.ext?.[0]?.loss === 'nothing');
  const other = custom({ type: 'poem' });
  assert.ok(other?.kind === 'custom' && other.ext?.[0]?.loss === 'hint');
});

test('a search for tools that the caller runs is a function elsewhere; what it has found can be called from then on', () => {
  const search = {
    type: 'tool_search',
    execution: 'client',
    description: 'Finds tools',
    parameters: { type: 'object', properties: { query: { type: 'string' } } },
  };
  const found = [namespace('files', f('read', { defer_loading: true }), f('list')), f('now')];
  const input = [
    hi,
    { type: 'tool_search_call', call_id: 'call_1', execution: 'client', status: 'completed', arguments: { query: 'files' } },
    { type: 'tool_search_output', call_id: 'call_1', execution: 'client', status: 'completed', tools: found },
    { type: 'additional_tools', role: 'developer', tools: [f('later'), f('now')] },
    hi,
  ];
  const body = { model: 'm', input, tools: [search, f('exec')] };
  const context = foreign();
  const request = accept(body, context);
  assert.deepEqual(
    request.tools?.map(({ name }) => name),
    ['tool_search', 'exec', 'files__read', 'files__list', 'now', 'later'],
  );
  const blocks = request.messages.flatMap((message) => message.blocks);
  assert.partialDeepStrictEqual(blocks.slice(1, 3), [
    { type: 'toolCall', id: 'call_1', name: 'tool_search', arguments: '{"query":"files"}' },
    { type: 'toolResult', callId: 'call_1', content: [{ type: 'text', text: 'These tools can be called now: files__read, files__list, now' }] },
  ]);
  assert.deepEqual(notesOf(context), [
    'emulated input[2]',
    'emulated input[3]',
    'emulated tools[0]',
    'carried input[2].tools[0].name',
    'emulated input[2].tools[0].description',
    'carried input[3].tools[1]',
  ]);
  const call: ToolCallBlock = { type: 'toolCall', id: 'call_2', name: 'tool_search', kind: 'function', arguments: '{"query":"web"}' };
  const { output } = shown({ blocks: [call, called('files__read')] }, body, foreign());
  assert.deepEqual(output[0], {
    id: 'tsc_1',
    type: 'tool_search_call',
    status: 'completed',
    call_id: 'call_2',
    execution: 'client',
    arguments: { query: 'web' },
  });
  assert.partialDeepStrictEqual(output[1], { type: 'function_call', name: 'read', namespace: 'files' });
  const text = shownStream([call], body, foreign());
  assert.match(text, /"type":"response.output_item.added"[^\n]*"type":"tool_search_call","status":"in_progress"/);
  assert.match(text, /"type":"response.output_item.done"[^\n]*"arguments":\{"query":"web"\}/);
  assert.doesNotMatch(text, /function_call_arguments/);
});

test('a search that the provider would run is none where all tools are sent at once, and a function of the caller’s may have its name', () => {
  const context = foreign();
  const request = accept({ ...plainRequest, tools: [{ type: 'tool_search' }, f('read', { defer_loading: true })] }, context);
  assert.deepEqual([request.tools?.map(({ name }) => name), notesOf(context)], [['read'], ['dropped tools[0]']]);
  const { from, search } = names([f('tool_search'), { type: 'tool_search', execution: 'client' }]);
  assert.deepEqual(from('tool_search'), { name: 'tool_search' });
  assert.deepEqual(from(search), { name: 'tool_search', isSearch: true });
  assert.notEqual(search, 'tool_search');
});
