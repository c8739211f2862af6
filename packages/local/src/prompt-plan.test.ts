import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { decodeTokenizeRequest } from './chat-request.ts';
import type { PromptStyle } from './models.ts';
import { planPrompt } from './prompt-plan.ts';

const user = { role: 'user', content: 'hi' };
const tool = { type: 'function', function: { name: 'f', description: 'does f', parameters: { type: 'object', properties: { a: { type: 'string' } } } } };
const plan = (body: Readonly<Record<string, unknown>>, style: PromptStyle = {}) => planPrompt(decodeTokenizeRequest({ messages: [user], ...body }), style);
const empty = { type: 'model', response: [] };

suite('planPrompt', () => {
  test("the preface comes before the client's system texts, and alone when there are none", () => {
    assert.deepEqual(plan({}, { preface: 'P' }).history, [{ type: 'system', text: 'P' }, { type: 'user', text: 'hi' }, empty]);
    const messages = [{ role: 'system', content: 'S' }, { role: 'developer', content: 'D' }, user];
    assert.deepEqual(plan({ messages }, { preface: 'P' }).history[0], { type: 'system', text: 'P\n\nS\n\nD' });
    assert.deepEqual(plan({}).history, [{ type: 'user', text: 'hi' }, empty]);
  });

  test("a tool's answer follows its call, and the model goes on", () => {
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":"x"}' } };
    const messages = [user, { role: 'assistant', content: 'I ask.', tool_calls: [call] }, { role: 'tool', tool_call_id: 'c', content: 'sunny' }];
    const response = ['I ask.', { type: 'functionCall', name: 'f', params: { a: 'x' }, result: 'sunny' }];
    assert.deepEqual(plan({ messages }).history, [
      { type: 'user', text: 'hi' },
      { type: 'model', response },
    ]);
  });

  test('or both are told in plain words, to a model that was not trained on tools', () => {
    const call = (id: string) => ({ id, type: 'function', function: { name: `f${id}`, arguments: `{"n":${id}}` } });
    const results = ['1', '2'].map((id) => ({ role: 'tool', tool_call_id: id, content: `r${id}` }));
    const messages = [user, { role: 'assistant', content: null, tool_calls: [call('1'), call('2')] }, ...results];
    const style = { plainTools: true };
    const said = [
      { type: 'user', text: 'hi' },
      { type: 'model', response: ['I call f1({"n":1}).\nI call f2({"n":2}).'] },
    ];
    const told = 'The result of f1 is: r1\nThe result of f2 is: r2';
    assert.deepEqual(plan({ messages, tools: [tool] }, style), {
      mode: 'text',
      history: [...said, { type: 'user', text: `${told}\n\nSo, what is the answer to my question?` }, empty],
    });
    const required = plan({ messages, tools: [tool], tool_choice: 'required' }, style);
    assert.deepEqual(required.history.slice(1), [...said, { type: 'user', text: told }, empty]);
    const later = plan({ messages: [...messages, user] }, style);
    assert.deepEqual(later.history, [...said, { type: 'user', text: told }, { type: 'user', text: 'hi' }, empty]);
  });

  test('an assistant turn at the end is the beginning of the answer', () => {
    const messages = [user, { role: 'assistant', content: 'Well,' }];
    assert.deepEqual(plan({ messages }).history.at(-1), { type: 'model', response: ['Well,'] });
  });

  test('tools: none, auto, required, named', () => {
    assert.equal(plan({ tools: [tool], tool_choice: 'none' }).mode, 'text');
    const auto = plan({ tools: [tool] });
    assert.ok(auto.mode === 'functions');
    assert.deepEqual(
      auto.functions.map(({ name, description }) => [name, description]),
      [['f', 'does f']],
    );
    const other = { type: 'function', function: { name: 'g' } };
    const required = plan({ tools: [tool, other], tool_choice: 'required' });
    assert.ok(required.mode === 'call' && 'oneOf' in required.grammar.schema && required.grammar.schema.oneOf.length === 2);
    const named = plan({ tools: [tool, other], tool_choice: { type: 'function', function: { name: 'g' } } });
    assert.ok(named.mode === 'call');
    const noArguments = { type: 'object', properties: {}, additionalProperties: false };
    assert.deepEqual(named.grammar.schema, { type: 'object', properties: { name: { const: 'g' }, arguments: noArguments } });
  });

  test('JSON, which wins over tools the model may leave alone', () => {
    const schema = { type: 'object', properties: { a: { type: 'integer' } } };
    const asked = plan({ response_format: { type: 'json_schema', json_schema: { name: 'x', schema } }, tools: [tool] });
    assert.ok(asked.mode === 'json');
    assert.match(JSON.stringify(asked.history[0]), /Answer with JSON only/);
    assert.equal(plan({ response_format: { type: 'json_object' } }).mode, 'json');
  });

  test('a strict tool is held to its schema, another to what a grammar can say', () => {
    const bounded = (strict: boolean) => ({
      type: 'function',
      function: { name: 'f', strict, parameters: { type: 'object', properties: { n: { type: 'integer', minimum: 1 } } } },
    });
    assert.equal(plan({ tools: [bounded(false)] }).mode, 'functions');
    assert.throws(() => plan({ tools: [bounded(true)] }), { param: 'tools[0].function.parameters.properties.n.minimum' });
    const list = { type: 'function', function: { name: 'f', parameters: { type: 'array' } } };
    assert.throws(() => plan({ tools: [list] }), { param: 'tools[0].function.parameters' });
  });
});
