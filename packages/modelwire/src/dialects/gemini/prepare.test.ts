import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGatewayError } from '../../core/errors.ts';
import type { Block, ChatRequest, Message, Tool } from '../../core/ir.ts';
import type { Context } from '../../core/dialect.ts';
import { contextFor, foreignRequest, notesOf, sent } from './fixtures/world.ts';
import { prepare } from './prepare.ts';

const tool = (name: string, more: Partial<Tool> = {}): Tool => ({
  kind: 'function',
  name,
  schema: '{"type":"object","properties":{}}',
  at: 'tools[0]',
  ...more,
});
const user = (...blocks: Block[]): Message => ({ role: 'user', blocks, at: 'messages[0]' });
const assistant = (...blocks: Block[]): Message => ({ role: 'assistant', blocks, at: 'messages[1]' });
const text = (value: string): Block => ({ type: 'text', text: value });
const call = (id: string, name = 'f'): Block => ({ type: 'toolCall', kind: 'function', id, name, arguments: '{"a":1.0}' });
const result = (callId: string, ...content: Block[]): Block => ({ type: 'toolResult', callId, content });

function partsOf(request: Partial<ChatRequest>, context: Context = contextFor()): unknown[] {
  const { contents } = sent(foreignRequest(request), context) as { contents: { parts: unknown[] }[] };
  return contents.map(({ parts }) => parts);
}

function refusal(request: Partial<ChatRequest>, context: Context = contextFor()): string {
  try {
    sent(foreignRequest(request), context);
  } catch (error) {
    if (isGatewayError(error)) return error.message;
    throw error;
  }
  return 'taken';
}

test('the model and the stream are in the path', () => {
  const pathOf = (model: string, stream: boolean): string => {
    const context = contextFor();
    return prepare(foreignRequest({ stream }), { ...context, target: { ...context.target, model } }).path;
  };
  assert.equal(pathOf('gemini-3.8-flash', false), '/v1beta/models/gemini-3.8-flash:generateContent');
  assert.equal(pathOf('models/gemini-3.8-flash', true), '/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse');
  assert.equal(pathOf('tunedModels/a b', false), '/v1beta/tunedModels/a%20b:generateContent');
});

test('calls and results, with media beside the result, in the order of the calls', () => {
  const context = contextFor();
  const image: Block = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' } };
  const parts = partsOf(
    {
      messages: [
        user(text('hi')),
        assistant(text('I look.'), call('c1'), call('c2', 'g')),
        user(result('c2', text('two')), result('c1', text('one'), image), text('so?')),
      ],
    },
    context,
  );
  assert.deepEqual(parts[1], [
    { text: 'I look.' },
    { functionCall: { id: 'c1', name: 'f', args: { a: 1 } } },
    { functionCall: { id: 'c2', name: 'g', args: { a: 1 } } },
  ]);
  assert.deepEqual(parts[2], [
    { functionResponse: { id: 'c1', name: 'f', response: { output: 'one' }, parts: [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }] } },
    { functionResponse: { id: 'c2', name: 'g', response: { output: 'two' } } },
    { text: 'so?' },
  ]);
  assert.deepEqual(notesOf(context), ['changed contents']);
  assert.ok(
    prepare(foreignRequest({ messages: [user(text('hi')), assistant(call('c1')), user(result('c1'))] }), contextFor()).body.includes('"args":{"a":1.0}'),
  );
});

test('own thinking goes back: its signature with the call that it led to, whatever stands between', () => {
  const own = (value: string, signature: string): Block => ({ type: 'reasoning', text: value, signature: `mw1.upstream.${signature}` });
  const results = user(result('c1', text('1')), result('c2', text('2')));
  assert.deepEqual(partsOf({ messages: [user(text('hi')), assistant(own('because', 'AA=='), text('I look.'), call('c1'), call('c2')), results] })[1], [
    { text: 'because', thought: true },
    { text: 'I look.' },
    { functionCall: { id: 'c1', name: 'f', args: { a: 1 } }, thoughtSignature: 'AA==' },
    { functionCall: { id: 'c2', name: 'f', args: { a: 1 } } },
  ]);
  assert.deepEqual(partsOf({ messages: [user(text('hi')), assistant(text('Four.'), own('', 'BB==')), user(text('so?'))] })[1], [
    { text: 'Four.' },
    { text: '', thoughtSignature: 'BB==' },
  ]);
  const context = contextFor();
  const others: Block[] = [
    { type: 'reasoning', text: 'a', signature: 'mw1.else.x' },
    { type: 'reasoning', text: 'b', signature: 'plain' },
    { type: 'reasoning', text: 'c' },
  ];
  assert.deepEqual(partsOf({ messages: [user(text('hi')), assistant(...others, text('A')), user(text('so?'))] }, context)[1], [{ text: 'A' }]);
  assert.equal(notesOf(context).length, 3);
});

test('a call that was made elsewhere is signed by the stand-in, where the model asks for signatures: the first of each turn', () => {
  const context = contextFor({ quirks: { callSignatures: true } });
  const [, parts] = partsOf({ messages: [user(text('hi')), assistant(call('c1'), call('c2')), user(result('c1'), result('c2'))] }, context);
  assert.equal(JSON.stringify(parts).match(/skip_thought_signature_validator/g)?.length, 1);
  assert.ok(notesOf(context).includes('emulated contents'));
});

test('thinking by level or by budget', () => {
  const config = (reasoning: ChatRequest['reasoning'], quirks = {}): unknown => {
    const body = sent(foreignRequest({ reasoning: reasoning ?? {}, maxTokens: 10_000 }), contextFor({ quirks })) as {
      generationConfig: { thinkingConfig?: unknown };
    };
    return body.generationConfig.thinkingConfig;
  };
  assert.deepEqual(config({ effort: 'medium' }), { thinkingLevel: 'MEDIUM', includeThoughts: true });
  assert.deepEqual(config({ effort: 'none' }), { thinkingLevel: 'LOW' });
  assert.deepEqual(config({ budget: 3000, display: 'omitted' }), { thinkingBudget: 3000 });
  assert.deepEqual(config({ mode: 'adaptive' }), { includeThoughts: true });
  assert.deepEqual(config({ effort: 'low' }, { thinking: 'budget' }), { thinkingBudget: 2000, includeThoughts: true });
  assert.deepEqual(config({ mode: 'disabled' }, { thinking: 'budget' }), { thinkingBudget: 0 });
  assert.equal(config({ effort: 'high' }, { thinking: 'none' }), undefined);
});

test('tools: schemas fitted, strict by the mode, names that Google takes, and a choice only where there is one', () => {
  const calling = (request: Partial<ChatRequest>): unknown =>
    (sent(foreignRequest(request)) as { toolConfig?: { functionCallingConfig?: unknown } }).toolConfig?.functionCallingConfig;
  const tools = [tool('a'), tool('b')];
  assert.deepEqual(calling({ tools, toolChoice: { type: 'allowed', mode: 'auto', names: ['a'] } }), { mode: 'VALIDATED', allowedFunctionNames: ['a'] });
  assert.deepEqual(calling({ tools, toolChoice: { type: 'allowed', mode: 'required', names: ['a', 'b'] } }), { mode: 'ANY', allowedFunctionNames: ['a', 'b'] });
  assert.deepEqual(calling({ tools, toolChoice: { type: 'none' } }), { mode: 'NONE' });
  assert.deepEqual(calling({ tools: [tool('a', { strict: true })] }), { mode: 'VALIDATED' });
  assert.equal(calling({ tools }), undefined);
  assert.match(refusal({ toolChoice: { type: 'required' } }), /no tools to call/);
  const named = sent(foreignRequest({ tools: [tool('1 bad name')] })) as { tools: { functionDeclarations: { name: string }[] }[] };
  assert.match(named.tools[0]?.functionDeclarations[0]?.name ?? '', /^[a-zA-Z_][a-zA-Z0-9_.:-]*$/);
  assert.match(refusal({ tools: [tool('a', { schema: '{"$defs":{"n":{"required":["n"],"properties":{"n":{"$ref":"#/$defs/n"}}}}}' })] }), /"n" needs itself/);
});

test('limits: stop strings beyond five, temperature above two', () => {
  const context = contextFor();
  const body = sent(foreignRequest({ stop: ['1', '2', '3', '4', '5', '6'] }), context) as { generationConfig: { stopSequences: string[] } };
  assert.equal(body.generationConfig.stopSequences.length, 5);
  assert.deepEqual(notesOf(context), ['emulated stop']);
  assert.match(refusal({ temperature: 2.5 }), /at most 2/);
});

test('what has no place is dropped with a note', () => {
  const context = contextFor();
  const document: Block = {
    type: 'document',
    source: { kind: 'base64', mediaType: 'application/pdf', data: 'AA==' },
    filename: 'a.pdf',
    cite: true,
    context: 'c',
  };
  const image: Block = { type: 'image', source: { kind: 'url', url: 'https://x/y' }, detail: 'low', cache: {} };
  sent(foreignRequest({ messages: [user(document, image)], endUser: 'u', parallelToolCalls: false, serviceTier: 'scale', cache: {} }), context);
  assert.deepEqual(
    notesOf(context).map((note) => note.split(' ')[0]),
    ['dropped', 'dropped', 'carried', 'dropped', 'dropped', 'dropped', 'dropped', 'dropped', 'dropped'],
  );
  assert.match(refusal({ messages: [user({ type: 'image', source: { kind: 'file', id: 'x', dialect: 'openai-chat' } })] }), /uploaded to another provider/);
  assert.match(
    refusal({ messages: [user({ type: 'opaque', dialect: 'openai-chat', kind: 'video_url', raw: '{}', loss: 'demand' })] }),
    /only openai-chat understands/,
  );
  assert.match(refusal({ messages: [user()] }), /the message is empty/);
});
