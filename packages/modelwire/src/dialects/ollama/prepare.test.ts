import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGatewayError } from '../../core/errors.ts';
import type { Block, ChatRequest, Message, Tool } from '../../core/ir.ts';
import { seal } from '../../core/seal.ts';
import { contextFor, foreignRequest, notesOf, sent } from './fixtures/world.ts';

const image = (data = 'iVBORw0KGgoAAAA='): Block => ({ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data }, at: 'messages[0].content[1]' });
const user = (...blocks: Block[]): Message => ({ role: 'user', blocks, at: 'messages[0]' });
const text = (value: string): Block => ({ type: 'text', text: value, at: 'messages[0].content[0]' });
const weather: Tool = { kind: 'function', name: 'weather', schema: '{"properties":{}}', at: 'tools[0]' };

function refused(fields: Partial<ChatRequest>): { readonly message: string; readonly param: string | undefined; readonly hint: string | undefined } {
  try {
    sent(foreignRequest(fields), contextFor());
  } catch (error) {
    if (isGatewayError(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('fields of the IR as Ollama has them', () => {
  const body = sent(
    foreignRequest({ stream: true, maxTokens: 5, temperature: 0, topP: 1, topK: 2, seed: 3, stop: ['a'], frequencyPenalty: 0.5, presencePenalty: 1 }),
  );
  assert.deepEqual(body, {
    model: 'model-1',
    messages: [{ role: 'user', content: 'hi' }],
    stream: true,
    options: { num_predict: 5, temperature: 0, top_p: 1, top_k: 2, seed: 3, stop: ['a'], presence_penalty: 1, frequency_penalty: 0.5 },
  });
  // Where nothing is said it would stream.
  assert.equal(sent(foreignRequest())['stream'], false);
});

test('pieces of text are one, and images stand beside it', () => {
  const context = contextFor();
  const [message] = sent(foreignRequest({ messages: [user(text('a'), image(), text('b'))] }), context)['messages'] as [object];
  assert.deepEqual(message, { role: 'user', content: 'a\nb', images: ['iVBORw0KGgoAAAA='] });
  assert.deepEqual(notesOf(context), ['changed messages[0].content[0]']);
});

test('what Ollama cannot be sent is refused by name', () => {
  const url: Block = { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' }, at: 'messages[0].content[0]' };
  assert.match(
    refused({ messages: [user(url)] }).message,
    /^messages\[0\]\.content\[0\] cannot be sent to upstream\/model-1: Ollama takes no image by its address/,
  );
  assert.equal(refused({ messages: [user({ type: 'audio', format: 'wav', data: '' })] }).hint, 'Send what is said as text');
  assert.equal(refused({ messages: [user({ type: 'document', source: { kind: 'base64', mediaType: 'application/pdf', data: '' } })] }).param, 'messages');
  for (const toolChoice of [
    { type: 'required' },
    { type: 'tool', name: 'weather', kind: 'function' },
    { type: 'allowed', mode: 'required', names: ['weather'] },
  ] as const)
    assert.equal(refused({ tools: [weather], toolChoice, names: { toolChoice: 'tool_choice' } }).param, 'tool_choice');
  assert.match(
    refused({ tools: [{ kind: 'server', dialect: 'gemini', name: 'googleSearch', raw: '{}', at: 'tools[0]' }] }).message,
    /run by providers of gemini/,
  );
});

test('a choice of tools is made by what is sent', () => {
  const other: Tool = { ...weather, name: 'time', at: 'tools[1]' };
  const toolsFor = (toolChoice: ChatRequest['toolChoice']): unknown[] => {
    const context = contextFor();
    const body = sent(foreignRequest({ tools: [weather, other], ...(toolChoice === undefined ? {} : { toolChoice }) }), context);
    const names = (body['tools'] as { function: { name: string } }[] | undefined)?.map((tool) => tool.function.name);
    return [names, notesOf(context).filter((note) => !note.startsWith('changed'))];
  };
  assert.deepEqual(toolsFor(undefined), [['weather', 'time'], []]);
  assert.deepEqual(toolsFor({ type: 'auto' }), [['weather', 'time'], []]);
  assert.deepEqual(toolsFor({ type: 'none' }), [undefined, ['emulated tool_choice', 'carried tools[0]', 'carried tools[1]']]);
  assert.deepEqual(toolsFor({ type: 'allowed', mode: 'auto', names: ['time'] }), [['time'], ['emulated tool_choice', 'carried tools[0]']]);
});

test('tools: a schema without a type is given one; free text is a function with one string', () => {
  const context = contextFor();
  const custom: Tool = { kind: 'custom', name: 'shell', at: 'tools[1]' };
  const body = sent(foreignRequest({ tools: [{ ...weather, strict: true }, custom] }), context);
  assert.deepEqual(body['tools'], [
    { type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } },
    {
      type: 'function',
      function: { name: 'shell', parameters: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'], additionalProperties: false } },
    },
  ]);
  assert.deepEqual(notesOf(context), ['dropped tools[0].strict', 'changed tools[0]', 'emulated tools[1]']);
});

const calls: Message = {
  role: 'assistant',
  blocks: [{ type: 'toolCall', kind: 'function', id: 'c1', name: 'weather', arguments: '{"n": 9007199254740993}', at: 'messages[1].content[0]' }],
  at: 'messages[1]',
};

test('a result names its tool; its images follow in a message of the user, its failure is told in words', () => {
  const context = contextFor();
  const result: Block = { type: 'toolResult', callId: 'c1', isError: true, content: [text('no'), image()], at: 'messages[2].content[0]' };
  const messages = sent(foreignRequest({ messages: [user(text('hi')), calls, { role: 'user', blocks: [result] }] }), context)['messages'] as object[];
  assert.deepEqual(messages.slice(2), [
    { role: 'tool', content: '{"error":"no"}', tool_name: 'weather', tool_call_id: 'c1' },
    { role: 'user', content: '[tool result media for c1]', images: ['iVBORw0KGgoAAAA='] },
  ]);
  assert.deepEqual(notesOf(context), ['emulated messages[2].content[0].is_error', 'emulated messages[2].content[0]']);
  assert.match(refused({ messages: [user(text('hi')), { role: 'user', blocks: [result] }] }).message, /"c1" answers no tool call/);
  assert.match(refused({ messages: [user(text('hi')), calls, user(text('so?'))] }).message, /"c1" has no result/);
});

test('thinking goes back to who thought it', () => {
  const thoughts = (signature: string | undefined): unknown => {
    const context = contextFor();
    const block: Block = { type: 'reasoning', text: 'hm', at: 'messages[1].content[0]', ...(signature === undefined ? {} : { signature }) };
    const messages = [user(text('hi')), { role: 'assistant' as const, blocks: [block, text('a')] }, user(text('b'))];
    const sentTo = sent(foreignRequest({ messages }), context)['messages'] as { thinking?: string }[];
    return [sentTo[1]?.thinking, notesOf(context)];
  };
  const { target } = contextFor();
  assert.deepEqual(thoughts(seal(target, '')), ['hm', []]);
  assert.deepEqual(thoughts(seal({ ...target, provider: 'other' }, 'x')), [undefined, ['dropped messages[1].content[0]']]);
  assert.deepEqual(thoughts('their own'), [undefined, ['dropped messages[1].content[0]']]);
  assert.deepEqual(thoughts(undefined), [undefined, ['dropped messages[1].content[0]']]);
});

test('thinking is on, off or a level', () => {
  const think = (reasoning: ChatRequest['reasoning'], reasons?: boolean): unknown => {
    const context = contextFor(reasons === undefined ? {} : { info: { reasoning: reasons } });
    const request = foreignRequest({ maxTokens: 10_000, ...(reasoning === undefined ? {} : { reasoning }) });
    return [sent(request, context)['think'], notesOf(context)];
  };
  assert.deepEqual(think(undefined), [undefined, []]);
  assert.deepEqual(think({ mode: 'enabled' }), [true, []]);
  assert.deepEqual(think({ mode: 'adaptive' }), [true, ['changed reasoning']]);
  assert.deepEqual(think({ mode: 'disabled' }), [false, []]);
  assert.deepEqual(think({ effort: 'none' }), [false, []]);
  assert.deepEqual(think({ effort: 'medium' }), ['medium', []]);
  assert.deepEqual(think({ effort: 'xhigh' }), ['high', ['changed reasoning']]);
  assert.deepEqual(think({ budget: 5000 }), ['medium', ['changed reasoning']]);
  assert.deepEqual(think({ effort: 'high' }, false), [undefined, ['dropped reasoning']]);
  assert.deepEqual(think({ mode: 'enabled', display: 'omitted' }), [true, ['dropped reasoning.display']]);
});

test('a format is the schema itself', () => {
  const format = (responseFormat: NonNullable<ChatRequest['responseFormat']>): unknown => {
    const context = contextFor();
    return [sent(foreignRequest({ responseFormat }), context)['format'], notesOf(context)];
  };
  assert.deepEqual(format({ type: 'text' }), [undefined, []]);
  assert.deepEqual(format({ type: 'json' }), ['json', []]);
  assert.deepEqual(format({ type: 'schema', schema: '{"type":"object"}' }), [{ type: 'object' }, []]);
  assert.deepEqual(format({ type: 'schema', name: 'x', strict: true, schema: '{"type":"object"}' }), [{ type: 'object' }, ['carried response_format']]);
});
