import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { dialects } from '../support/dialects.ts';
import { tell, type Told, type TestTool } from '../support/conversations.ts';
import { callPair, type PairOutcome, plainAnswers } from '../support/pair-call.ts';
import { blocksOf, saidIn, understood } from '../support/sent.ts';

/** Tools, calls and results that broke other gateways, from every format to every other. */
const names = Object.keys(dialects) as readonly DialectName[];
const pairs = names.flatMap((front) => names.map((back) => ({ front, back })));

const weather: TestTool = { name: 'weather', schema: { type: 'object', properties: { city: { type: 'string' } } } };
const called = (id: string, args = '{"city":"Paris"}') => ({ id, name: 'weather', args });
const answered = (id: string, text = '18') => ({ id, name: 'weather', text });
const turn = (id: string, { args, text }: { readonly args?: string; readonly text?: string } = {}): Told => ({
  turns: [{ user: 'hi' }, { assistant: '', calls: [called(id, args)] }, { results: [answered(id, text)] }],
  tools: [weather],
});

const ask = (front: DialectName, back: DialectName, told: Told, fidelity: 'carry' | 'strict' | 'lenient' = 'carry'): Promise<PairOutcome> =>
  callPair({ front, back, body: tell(front, told), answer: plainAnswers[back], fidelity });

/** Notes that say that something was lost. */
const losses = ({ notes }: PairOutcome): readonly string[] => notes.filter((note) => /^(?:dropped|rejected)/.test(note));

const unpaired: readonly (readonly [name: string, told: Told, id: string])[] = [
  ['a result that answers no call', { turns: [{ user: 'hi' }, { results: [answered('call_9')] }], tools: [weather] }, 'call_9'],
  [
    'a call without a result among answered ones',
    {
      turns: [{ user: 'hi' }, { assistant: '', calls: [called('call_1'), called('call_2')] }, { results: [answered('call_1')] }, { user: 'go' }],
      tools: [weather],
    },
    'call_2',
  ],
  ['a call without any result', { turns: [{ user: 'hi' }, { assistant: '', calls: [called('call_1')] }, { user: 'go' }], tools: [weather] }, 'call_1'],
];

for (const [name, told, id] of unpaired) {
  describe(name, () => {
    for (const { front, back } of pairs) {
      test(`${front} → ${back}`, async () => {
        const outcome = await ask(front, back, told);
        if (front === back) return assert.deepEqual(outcome.sent, [tell(front, told)], 'the provider is the judge');
        assert.equal(outcome.error?.status, 400);
        assert.ok(outcome.error.message.includes(`"${id}"`) && outcome.shown.includes(id), outcome.shown);
        assert.equal(outcome.sent.length, 0);
        const lenient = await ask(front, back, told, 'lenient');
        assert.equal(lenient.sent.length, 1);
        assert.equal(losses(lenient).length, 1);
      });
    }
  });
}

describe('an empty result is a result', () => {
  for (const { front, back } of pairs) {
    test(`${front} → ${back}`, async () => {
      const outcome = await ask(front, back, turn('call_1', { text: '' }), 'strict');
      const [result] = blocksOf(understood(back, outcome), 'toolResult');
      const text = result?.content.map((block) => (block.type === 'text' ? block.text : block.type)).join('');
      assert.deepEqual([result?.callId, text], ['call_1', '']);
    });
  }
});

/** Where a format wants a schema with every tool. */
const wantsSchema: readonly DialectName[] = ['anthropic-messages', 'bedrock-converse', 'cohere'];

describe('a tool without parameters', () => {
  for (const { front, back } of pairs.filter((pair) => pair.front !== pair.back)) {
    test(`${front} → ${back}`, async () => {
      const outcome = await ask(front, back, { turns: [{ user: 'hi' }], tools: [{ name: 'now' }] });
      const [tool] = understood(back, outcome).tools ?? [];
      assert.ok(tool?.kind === 'function' && tool.name === 'now');
      if (tool.schema === undefined) assert.ok(!wantsSchema.includes(back), 'the format wants a schema');
      else assert.equal((JSON.parse(tool.schema) as { type: unknown }).type, 'object');
    });
  }
});

const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' } } };
/** Each as it goes to Google's models, which lack a few words of JSON Schema, and as it stands, to all others. */
const schemas: readonly (readonly [name: string, schema: object, google?: object])[] = [
  ['that holds itself', { type: 'object', properties: { first: { $ref: '#/$defs/node' } }, $defs: { node } }],
  ['with bounds and alternatives', { type: 'object', properties: { b: { anyOf: [{ type: 'null' }, { type: 'number', maximum: 2 }] } } }],
  ['with a constant', { type: 'object', properties: { a: { const: 'x' } } }, { type: 'object', properties: { a: { enum: ['x'] } } }],
  [
    'with an exclusive bound',
    { type: 'object', properties: { n: { type: 'integer', exclusiveMinimum: 0 } } },
    { type: 'object', properties: { n: { type: 'integer', minimum: 1 } } },
  ],
];

for (const [name, schema, google = schema] of schemas) {
  describe(`a schema ${name}`, () => {
    for (const { front, back } of pairs) {
      test(`${front} → ${back}`, async () => {
        const outcome = await ask(front, back, { turns: [{ user: 'hi' }], tools: [{ name: 'f', schema }] });
        const [tool] = understood(back, outcome).tools ?? [];
        assert.ok(tool?.kind === 'function' && tool.schema !== undefined);
        const sent = back === 'gemini' && front !== back ? google : schema;
        assert.deepEqual(JSON.parse(tool.schema), sent);
        assert.equal(
          outcome.notes.some((note) => /^changed (?:tools|toolConfig)/.test(note)),
          sent !== schema,
        );
      });
    }
  });
}

describe('a schema without a type', () => {
  const schema = { properties: { a: { type: 'string' } } };
  for (const { front, back } of pairs) {
    test(`${front} → ${back}`, async () => {
      const outcome = await ask(front, back, { turns: [{ user: 'hi' }], tools: [{ name: 'f', schema }] });
      const [tool] = understood(back, outcome).tools ?? [];
      assert.ok(tool?.kind === 'function' && tool.schema !== undefined);
      assert.deepEqual(JSON.parse(tool.schema), front === back ? schema : { type: 'object', ...schema });
      assert.equal(
        outcome.notes.some((note) => /^changed (?:tools|toolConfig)/.test(note)),
        front !== back,
      );
    });
  }
});

/** Integers that no double holds, a key that stands twice, a number's own spelling, white space and escapes. */
const raw = '{"n": 9007199254740993, "a":1,"a":2, "f":1.0e0, "s":"\\u00e9\\ud83d\\ude00\\/"}';

describe('arguments go as they were written', () => {
  for (const { front, back } of pairs) {
    test(`${front} → ${back}`, async () => {
      const outcome = await ask(front, back, turn('call_1', { args: raw }));
      assert.equal(blocksOf(understood(back, outcome), 'toolCall')[0]?.arguments, raw);
      assert.deepEqual(losses(outcome), []);
    });
  }
});

/** The formats that give arguments as text: any text is sent on, since the next model may be told of a broken call. */
const asText: readonly DialectName[] = ['openai-chat', 'openai-responses', 'cohere'];

describe('arguments that are no object', () => {
  for (const args of ['{"city": ', '[1]', 'Paris']) {
    for (const front of asText) {
      for (const back of names) {
        test(`${front} → ${back}: ${args}`, async () => {
          const outcome = await ask(front, back, turn('call_1', { args }));
          if (asText.includes(back)) return assert.equal(blocksOf(understood(back, outcome), 'toolCall')[0]?.arguments, args);
          assert.equal(outcome.error?.status, 400);
          assert.equal(outcome.sent.length, 0);
          assert.match(outcome.error.message, /the arguments of "weather" are not one complete JSON object/);
          assert.match(outcome.error.param ?? '', /^(?:messages|input)\[1\]/);
        });
      }
    }
  }
});

/** What each format takes for the id of a call. */
const legalIds: { readonly [name in DialectName]: RegExp } = {
  'openai-chat': /^[\x21-\x7e]{1,40}$/,
  'openai-responses': /^[\x21-\x7e]{1,64}$/,
  'anthropic-messages': /^[a-zA-Z0-9_-]{1,128}$/,
  'bedrock-converse': /^[a-zA-Z0-9_-]{1,64}$/,
  gemini: /./,
  cohere: /./,
  ollama: /./,
};

describe('the ids of calls', () => {
  const ids = ['a'.repeat(9), 'b'.repeat(40), 'c'.repeat(64), 'd'.repeat(200), 'functions.f:0', 'é/😀'.repeat(50), 'a'.repeat(9).toUpperCase()];
  const told: Told = {
    turns: [{ user: 'hi' }, ...ids.flatMap((id): Told['turns'] => [{ assistant: '', calls: [called(id)] }, { results: [answered(id)] }])],
    tools: [weather],
  };
  for (const { front, back } of pairs.filter((pair) => pair.front !== pair.back)) {
    test(`${front} → ${back}: legal there, apart from each other, the same for call and result, and on every turn`, async () => {
      const outcome = await ask(front, back, told);
      const request = understood(back, outcome);
      const calls = blocksOf(request, 'toolCall').map(({ id }) => id);
      assert.deepEqual(
        blocksOf(request, 'toolResult').map(({ callId }) => callId),
        calls,
      );
      assert.equal(new Set(calls).size, ids.length);
      for (const [index, id] of calls.entries()) {
        assert.match(id, legalIds[back]);
        const given = ids[index] ?? '';
        if (legalIds[back].test(given)) assert.equal(id, given);
      }
      const changed = calls.filter((id, index) => id !== ids[index]).length;
      assert.equal(outcome.notes.filter((note) => /^changed (?:messages|input|contents)\[/.test(note)).length, changed);
      assert.deepEqual((await ask(front, back, told)).sent, outcome.sent);
    });
  }
});

/** What a message of each format may hold after its calls. */
const keepsOrder: readonly DialectName[] = ['openai-responses', 'anthropic-messages', 'gemini', 'bedrock-converse'];

describe('text before and after a call', () => {
  const told: Told = {
    turns: [{ user: 'hi' }, { assistant: 'before', calls: [called('call_1')], after: 'after' }, { results: [answered('call_1')] }],
    tools: [weather],
  };
  for (const front of keepsOrder) {
    for (const back of names) {
      test(`${front} → ${back}: ${keepsOrder.includes(back) ? 'in their order' : 'both, with a note that the order is another'}`, async () => {
        const outcome = await ask(front, back, told);
        const said = saidIn(understood(back, outcome)).filter((line) => line.startsWith('assistant'));
        if (keepsOrder.includes(back)) assert.equal(said.join(' ').replaceAll(/ ?assistant:/g, ''), ' before <toolCall> after');
        else {
          assert.match(said.join(' '), /before/);
          assert.match(said.join(' '), /after/);
        }
        if (!keepsOrder.includes(back))
          assert.ok(
            outcome.notes.some((note) => /^changed (?:messages|input|contents)\[1\]/.test(note)),
            outcome.notes.join(),
          );
      });
    }
  }
});
