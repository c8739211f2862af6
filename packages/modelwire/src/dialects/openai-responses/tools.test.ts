import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToolCallBlock } from '../../core/ir.ts';
import { cursorAt } from '../../core/json-cursor.ts';
import { parseJsonText } from '../../core/json-text.ts';
import { accept, contextFor, hi, notesOf, plainRequest, sent, shown } from './fixtures/world.ts';
import { toolNames } from './tools.ts';

const foreign = () => contextFor({ back: 'anthropic-messages' });
const f = (name: string, more: object = {}) => ({ type: 'function', name, strict: false, parameters: { type: 'object' }, ...more });
const namespace = (name: string, ...tools: readonly object[]) => ({ type: 'namespace', name, description: `About ${name}`, tools });
const names = (tools: unknown) => toolNames(cursorAt(parseJsonText(JSON.stringify({ tools }))));
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
  const tools = [f('a.b'), namespace('files', f('read', { defer_loading: true })), { type: 'tool_search', execution: 'client' }, { type: 'web_search' }];
  const context = contextFor();
  const call = { type: 'function_call', namespace: 'files', name: 'read', call_id: '1', arguments: '{}' };
  const input = [hi, call, { type: 'function_call_output', call_id: '1', output: 'x' }];
  const out = sent(accept({ model: 'm', input, tools, tool_choice: { type: 'function', name: 'a.b' } }, context), context);
  assert.deepEqual([out['tools'], out['input'], out['tool_choice']], [tools, input, { type: 'function', name: 'a.b' }]);
  assert.deepEqual(notesOf(context), []);
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
