import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentAnswer, agentBlock } from './mock-agent.ts';
import { mockAnthropic } from './mock-anthropic.ts';
import type { MockResult, MockTool, MockToolChoice, MockView } from './mock-view.ts';

const task = `Write the file /tmp/it's/hello.txt with exactly this text: <It's \\n 你好>.`;

type Given = {
  readonly choice?: MockToolChoice;
  readonly tools?: readonly MockTool[];
  readonly results?: readonly MockResult[];
  readonly said?: readonly string[];
};

function view({ choice, tools = [], results = [], said = [task] }: Given): MockView {
  const base = mockAnthropic.view({ model: 'agent', messages: [], max_tokens: 1 }, '{}');
  return { ...base, ...(choice === undefined ? {} : { toolChoice: choice }), tools, everyResult: results, userTexts: said };
}

function tool(name: string, properties: object, required: readonly string[] = Object.keys(properties)): MockTool {
  return { name, kind: 'function', schema: { type: 'object', properties, required } };
}

const string = { type: 'string' };
const edit = tool('Edit', { file_path: string, old_string: string, new_string: string });
const write = tool('Write', { file_path: string, content: string, mode: { enum: ['new'] }, note: string }, ['file_path', 'content', 'mode']);
const shell = tool('exec', { cmd: string });
const search = tool('ToolSearch', { query: string, max_results: { type: 'integer', minimum: 1 } });

test('it calls the tool that takes a path and a text, with what else its schema requires', () => {
  const called = agentBlock(view({ tools: [shell, edit, write] }));
  assert.ok(called.type === 'call');
  assert.equal(called.name, 'Write');
  assert.deepEqual(JSON.parse(called.arguments), { file_path: "/tmp/it's/hello.txt", content: "It's \\n 你好", mode: 'new' });
});

test('without one it writes by a shell, a command line or a list of words, quoted', () => {
  const line = String.raw`printf '%s' 'It'\''s \n 你好' > '/tmp/it'\''s/hello.txt'`;
  const called = agentBlock(view({ tools: [edit, shell] }));
  assert.ok(called.type === 'call');
  assert.deepEqual(JSON.parse(called.arguments), { cmd: line });
  const listed = agentBlock(view({ tools: [tool('shell', { command: { type: 'array', items: string } })] }));
  assert.ok(listed.type === 'call');
  assert.deepEqual(JSON.parse(listed.arguments), { command: ['bash', '-c', line] });
});

test('a tool asked for by name is used, a custom one with a patch', () => {
  const patch: MockTool = { name: 'apply_patch', kind: 'custom', schema: undefined };
  const said = [`${task} Use the tool apply_patch for it.`];
  const text = "*** Begin Patch\n*** Add File: /tmp/it's/hello.txt\n+It's \\n 你好\n*** End Patch\n";
  assert.deepEqual(agentBlock(view({ tools: [write, patch], said })), { type: 'call', name: 'apply_patch', kind: 'custom', arguments: text });
  const called = agentBlock(view({ tools: [write, tool('functions__apply_patch', { input: string })], said }));
  assert.deepEqual(called.type === 'call' && [called.name, JSON.parse(called.arguments)], ['functions__apply_patch', { input: text }]);
});

test('a tool that is not offered is looked up once', () => {
  const said = [`${task} Use the tool mcp__notes__save for it.`];
  const called = agentBlock(view({ tools: [write, search], said }));
  assert.ok(called.type === 'call');
  assert.deepEqual([called.name, JSON.parse(called.arguments)], ['ToolSearch', { query: 'select:mcp__notes__save', max_results: 1 }]);
  const found = { name: 'ToolSearch', text: '', isError: false };
  const saved = agentBlock(view({ tools: [search, tool('mcp__notes__save', { path: string, content: string })], said, results: [found] }));
  assert.equal(saved.type === 'call' && saved.name, 'mcp__notes__save');
  assert.deepEqual(agentBlock(view({ tools: [search], said, results: [found] })), { type: 'text', text: "No tool here can write /tmp/it's/hello.txt." });
});

test('after the result it says how that went, whatever the agent says besides', () => {
  const results = [{ name: 'Write', text: 'File created', isError: false }];
  assert.deepEqual(agentBlock(view({ tools: [write], results, said: [task, 'a reminder'] })), {
    type: 'text',
    text: "/tmp/it's/hello.txt: Write returned File created",
  });
  const failed = agentBlock(view({ tools: [write], results: [{ name: 'Write', text: 'no', isError: true }] }));
  assert.deepEqual(failed, { type: 'text', text: "/tmp/it's/hello.txt: Write failed with no" });
});

test('a forced tool is called, task or not, and none where none may be', () => {
  const named = { mode: 'named', name: 'Write' } as const;
  const results = [{ name: 'Write', text: 'File created', isError: false }];
  const called = agentBlock(view({ choice: named, tools: [shell, write], results }));
  assert.equal(called.type === 'call' && JSON.parse(called.arguments).file_path, "/tmp/it's/hello.txt");
  const other = agentBlock(view({ choice: named, tools: [write], said: ['hello'] }));
  assert.deepEqual(other.type === 'call' && JSON.parse(other.arguments), { file_path: 'file_path', content: 'content', mode: 'new' });
  assert.equal(agentBlock(view({ choice: { mode: 'none' }, tools: [write] })).type, 'text');
});

test('a call that must be made is made with the fitting tool, else with the first', () => {
  const results = [{ name: 'Write', text: 'File created', isError: false }];
  const named = (given: Given): unknown => {
    const called = agentBlock(view({ choice: { mode: 'required' }, ...given }));
    return called.type === 'call' && called.name;
  };
  assert.equal(named({ tools: [edit, shell, write] }), 'Write');
  assert.equal(named({ tools: [search, edit], results }), 'ToolSearch');
  assert.equal(named({ tools: [edit, write], said: ['hello'] }), 'Edit');
});

test('an answer in a given form holds the file where it has a place for it', () => {
  const form = { type: 'object', properties: { path: string, content: string, sure: { type: 'boolean' } }, required: ['path', 'content', 'sure'] };
  assert.deepEqual(JSON.parse(agentAnswer(form, view({}))), { path: "/tmp/it's/hello.txt", content: "It's \\n 你好", sure: false });
  assert.deepEqual(JSON.parse(agentAnswer(form, view({ said: ['hello'] }))), { path: 'path', content: 'content', sure: false });
  assert.equal(agentAnswer({ type: 'array', items: string }, view({})), '[]');
});

test('without a task, or a tool for it, it says so', () => {
  assert.deepEqual(agentBlock(view({ tools: [write], said: ['Name this conversation'] })), { type: 'text', text: 'I was given no file to write.' });
  assert.deepEqual(agentBlock(view({ tools: [edit] })), { type: 'text', text: "No tool here can write /tmp/it's/hello.txt." });
});

test('Anthropic shows the model a deferred tool once a search has referred to it', () => {
  const body = (content: object) => ({
    model: 'agent',
    max_tokens: 1,
    tools: [
      { name: 'ToolSearch', input_schema: { type: 'object' } },
      { name: 'late', defer_loading: true, input_schema: { type: 'object' } },
    ],
    messages: [{ role: 'user', content: [content] }],
  });
  const names = (content: object): readonly string[] => mockAnthropic.view(body(content), '{}').tools.map((offered) => offered.name);
  assert.deepEqual(names({ type: 'text', text: 'late' }), ['ToolSearch']);
  assert.deepEqual(names({ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'tool_reference', tool_name: 'late' }] }), ['ToolSearch', 'late']);
});
