import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextTo } from '../../../../test/support/context.ts';
import { GatewayError } from '../core/errors.ts';
import type { DialectName } from '../core/ir.ts';
import { parseJsonText } from '../core/json-text.ts';
import { dialects } from '../../../../test/support/dialects.ts';

const names: readonly DialectName[] = ['openai-chat', 'anthropic-messages', 'cohere'];
const backs: readonly DialectName[] = [...names, 'openai-responses', 'gemini', 'ollama', 'bedrock-converse'];

/** The body as `back` would be sent it. Some conversations are no good: they are here for their length. */
function translated(front: DialectName, back: DialectName, body: object): string {
  const context = contextTo(back, { fidelity: 'lenient' });
  const text = JSON.stringify({ model: 'm', max_tokens: 5, ...body });
  const { request } = dialects[front].accept(parseJsonText(text), context);
  return dialects[back].prepare(request, context).body;
}

/** What it costs, whatever else the machine has to do. */
function inOneGo(translate: () => string): void {
  const start = process.cpuUsage();
  assert.ok(translate().length > 50);
  const { user } = process.cpuUsage(start);
  assert.ok(user < 5e6, `${Math.round(user / 1000)} ms`);
}

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const most = 100_000;

/** Bodies at the limit: anything that is not linear takes minutes. */
const bodies: Readonly<Record<string, object>> = {
  'messages of the user': { messages: many(most, () => ({ role: 'user', content: 'hello' })) },
  'messages of the assistant': { messages: [{ role: 'user', content: 'hi' }, ...many(most - 1, () => ({ role: 'assistant', content: 'hello' }))] },
  'messages of the system': { messages: [{ role: 'user', content: 'hi' }, ...many(most - 1, () => ({ role: 'system', content: 'hello' }))] },
  'parts of a message': { messages: [{ role: 'user', content: many(most, () => ({ type: 'text', text: 'hello' })) }] },
  'unknown fields': { messages: [{ role: 'user', content: 'hi', ...Object.fromEntries(many(10_000, (index) => [`k${index}`, index])) }] },
};

for (const [what, body] of Object.entries(bodies)) {
  for (const front of names) {
    for (const back of backs) {
      test(`very many ${what} pass from ${front} to ${back} in one go`, () => {
        inOneGo(() => translated(front, back, body));
      });
    }
  }
}

const user = { role: 'user', parts: [{ text: 'hi' }] };
const call = (index: number) => ({ functionCall: { name: 'f', args: { index } } });
const result = { functionResponse: { name: 'f', response: { output: 'x' } } };
const bundled = btoa('mw1.upstream.[{"text":"t","signature":"s"}]');
const contents: Readonly<Record<string, object>> = {
  contents: { contents: many(most / 2, (index) => ({ role: index % 2 === 0 ? 'user' : 'model', parts: [{ text: 'hello' }] })) },
  'contents of the model': { contents: [user, ...many(most / 2 - 1, () => ({ role: 'model', parts: [{ text: 'hello' }] }))] },
  'calls and results': { contents: [user, { role: 'model', parts: many(most / 10, call) }, { role: 'user', parts: many(most / 10, () => result) }] },
  'signed calls': {
    contents: [
      user,
      { role: 'model', parts: many(most / 10, (index) => ({ ...call(index), thoughtSignature: bundled })) },
      { role: 'user', parts: many(most / 10, () => result) },
    ],
  },
  definitions: {
    contents: [user],
    tools: {
      functionDeclarations: {
        name: 'f',
        parameters_json_schema: {
          type: 'object',
          $defs: Object.fromEntries(many(20_000, (index) => [`d${index}`, { required: ['a'], properties: { a: { $ref: `#/$defs/d${index + 1}` } } }])),
        },
      },
    },
  },
};

for (const [what, body] of Object.entries(contents)) {
  for (const back of backs) {
    test(`very many ${what} pass from gemini to ${back} in one go`, () => {
      inOneGo(() => translated('gemini', back, body));
    });
  }
}

const planned = (id: string, index: number) => ({ id, type: 'function', function: { name: 'f', arguments: `{"index":${index}}` } });
const sealedId = (index: number): string => `mw1.upstream.${btoa('[{"text":"t","signature":"s"}]')}.c${index}`;
const answered = (ids: readonly string[]) => [
  { role: 'user', content: 'hi' },
  { role: 'assistant', tool_plan: 'I call.', tool_calls: ids.map(planned) },
  ...ids.map((id) => ({ role: 'tool', tool_call_id: id, content: [{ type: 'document', document: { data: 'x', id: 'same' } }] })),
];
const grounded: Readonly<Record<string, object>> = {
  documents: { messages: [{ role: 'user', content: 'hi' }], documents: many(most / 2, () => ({ data: 'hello', id: 'same' })) },
  'calls and results': { messages: answered(many(most / 10, (index) => `c${index}`)) },
  'calls that bring thinking back': { messages: answered(many(most / 10, sealedId)) },
};

for (const [what, body] of Object.entries(grounded)) {
  for (const back of backs) {
    test(`very many ${what} pass from cohere to ${back} in one go`, () => {
      const start = performance.now();
      assert.ok(translated('cohere', back, body).length > 50);
      assert.ok(performance.now() - start < 5000, `${Math.round(performance.now() - start)} ms`);
    });
  }
}

const said = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hello' }] };
const thought = { type: 'reasoning', summary: [{ type: 'summary_text', text: 't' }], encrypted_content: 'mw1.upstream.s.s' };
const conversations: Readonly<Record<string, object>> = {
  'items of the user': { input: many(most / 2, () => said) },
  'items of the model': { input: [said, ...many(most - 1, () => ({ type: 'message', role: 'assistant', content: 'hello' }))] },
  'items of the system': { input: [said, ...many(most - 1, () => ({ type: 'message', role: 'system', content: 'hello' }))] },
  'parts of an item': { input: [{ ...said, content: many(most, () => ({ type: 'input_text', text: 'hello' })) }] },
  'calls and results': {
    input: [
      said,
      ...many(most / 4, (index) => ({ type: 'function_call', call_id: `c${index}`, namespace: 'n', name: `f${index}`, arguments: '{}' })),
      ...many(most / 4, (index) => ({ type: 'function_call_output', call_id: `c${index}`, output: 'x' })),
    ],
  },
  thoughts: { input: [said, ...many(most / 4, () => thought), said] },
  'functions of a namespace': {
    input: 'hi',
    tools: [{ type: 'namespace', name: 'n', description: 'd', tools: many(most / 4, (index) => ({ type: 'function', name: `f${index}`, parameters: null })) }],
  },
  'unknown items': { input: [said, ...many(most / 4, (index) => ({ type: `x${index}` })), said] },
};

for (const [what, body] of Object.entries(conversations)) {
  for (const back of backs) {
    test(`very many ${what} pass from openai-responses to ${back} in one go`, () => {
      inOneGo(() => translated('openai-responses', back, body));
    });
  }
}

const turn = { role: 'user', content: [{ text: 'hello' }] };
const turns: Readonly<Record<string, object>> = {
  'messages of bedrock-converse': { messages: many(most / 2, (index) => ({ ...turn, role: index % 2 === 0 ? 'user' : 'assistant' })) },
  'blocks of a message': { messages: [{ ...turn, content: many(most, () => ({ text: 'hello' })) }] },
  'blocks of the system': { messages: [turn], system: many(most / 2, () => ({ text: 'hello' })) },
  'uses and results': {
    messages: [
      turn,
      { role: 'assistant', content: many(most / 10, (index) => ({ toolUse: { toolUseId: `c${index}`, name: 'f', input: { index } } })) },
      { role: 'user', content: many(most / 10, (index) => ({ toolResult: { toolUseId: `c${index}`, content: [{ text: 'x' }] } })) },
    ],
  },
  'unknown fields of bedrock-converse': { messages: [{ ...turn, ...Object.fromEntries(many(9_000, (index) => [`k${index}`, index])) }] },
};

for (const [what, body] of Object.entries(turns)) {
  for (const back of backs) {
    test(`very many ${what} pass from bedrock-converse to ${back} in one go`, () => {
      inOneGo(() => translated('bedrock-converse', back, body));
    });
  }
}

const called = (index: number) => ({ function: { name: 'f', arguments: { index } } });
const sealed = (index: number) => ({ ...called(index), id: sealedId(index) });
const ollamaTurns: Readonly<Record<string, object>> = {
  messages: { messages: many(most / 2, (index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content: 'hello' })) },
  'calls and results': {
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: '', tool_calls: many(most / 10, called) },
      ...many(most / 10, () => ({ role: 'tool', content: 'x', tool_name: 'f' })),
    ],
  },
  'results without names': {
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: '', tool_calls: many(most / 10, called) },
      ...many(most / 10, () => ({ role: 'tool', content: 'x' })),
    ],
  },
  'sealed calls': {
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: '', tool_calls: many(most / 10, sealed) },
      ...many(most / 10, () => ({ role: 'tool', content: 'x', tool_name: 'f' })),
    ],
  },
  images: { messages: [{ role: 'user', content: 'x', images: many(most / 2, () => 'iVBORw0KGgo=') }] },
};

for (const [what, body] of Object.entries(ollamaTurns)) {
  for (const back of backs) {
    test(`very many ${what} pass from ollama to ${back} in one go`, () => {
      const start = process.cpuUsage();
      assert.ok(translated('ollama', back, body).length > 50);
      assert.ok(process.cpuUsage(start).user < 5e6, `${Math.round(process.cpuUsage(start).user / 1000)} ms`);
    });
  }
}

test('too many items of openai-responses are refused with the limit', () => {
  for (const back of backs)
    for (const body of [
      { input: many(most + 1, () => said) },
      { input: many(3, () => ({ ...said, content: many(most / 2, () => ({ type: 'input_text', text: 'x' })) })) },
    ])
      assert.throws(
        () => translated('openai-responses', back, body),
        (error) => error instanceof GatewayError && error.code === 'invalid_request' && error.status === 400 && /more than 100000/.test(error.message),
      );
});

const tooMany: readonly (readonly [string, object, RegExp])[] = [
  ['messages', { messages: many(most + 1, () => ({ role: 'user', content: 'hello' })) }, /^messages has more than 100000 items/],
  [
    'parts of one message',
    { messages: [{ role: 'user', content: many(most + 1, () => ({ type: 'text', text: 'x' })) }] },
    /content has more than 100000 items/,
  ],
  [
    'parts in all',
    { messages: many(3, () => ({ role: 'user', content: many(most / 2, () => ({ type: 'text', text: 'x' })) })) },
    /more than 100000 content parts/,
  ],
  [
    'unknown fields in all',
    { messages: many(3, () => ({ role: 'user', content: 'hi', ...Object.fromEntries(many(5000, (index) => [`k${index}`, index])) })) },
    /more than 10000 fields that are not known/,
  ],
];

for (const [what, body, message] of tooMany) {
  for (const front of names) {
    test(`too many ${what} of ${front} are refused with the limit`, () => {
      for (const back of names)
        assert.throws(
          () => translated(front, back, body),
          (error) => error instanceof GatewayError && error.code === 'invalid_request' && error.status === 400 && message.test(error.message),
        );
    });
  }
}
