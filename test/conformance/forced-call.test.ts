import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { ChatEvent } from '../../packages/modelwire/src/core/event.ts';
import type { ChatRequest, DialectName, Tool } from '../../packages/modelwire/src/core/ir.ts';
import { createLedger } from '../../packages/modelwire/src/core/notes.ts';
import { prepareFor } from '../../packages/modelwire/src/core/prepare.ts';
import { ask, everyPair, lengths, read, type Said } from '../support/asking.ts';
import { dialects } from '../support/dialects.ts';

/** Forced calls of one tool on targets that cannot be made to call, and hold to a schema. */
const parameters = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'], additionalProperties: false };
const given = '{"city":"Oslo", "days":2.0}';

type Choice = 'named' | 'required';

const requests: { readonly [name in DialectName]?: (choice: Choice, more: readonly string[]) => object } = {
  'openai-chat': (choice, more) => ({
    response_format: undefined,
    tools: ['weather', ...more].map((name) => ({ type: 'function', function: { name, description: `Tells the ${name}`, parameters } })),
    tool_choice: choice === 'required' ? 'required' : { type: 'function', function: { name: 'weather' } },
  }),
  'openai-responses': (choice, more) => ({
    text: undefined,
    tools: ['weather', ...more].map((name) => ({ type: 'function', name, description: `Tells the ${name}`, parameters, strict: false })),
    tool_choice: choice === 'required' ? 'required' : { type: 'function', name: 'weather' },
  }),
  'anthropic-messages': (choice, more) => ({
    output_config: undefined,
    tools: ['weather', ...more].map((name) => ({ name, description: `Tells the ${name}`, input_schema: parameters })),
    tool_choice: choice === 'required' ? { type: 'any' } : { type: 'tool', name: 'weather' },
  }),
  gemini: (choice, more) => ({
    generationConfig: undefined,
    tools: [
      {
        functionDeclarations: ['weather', ...more].map((name) => ({ name, description: `Tells the ${name}`, parametersJsonSchema: parameters })),
      },
    ],
    toolConfig: { functionCallingConfig: { mode: 'ANY', ...(choice === 'named' ? { allowedFunctionNames: ['weather'] } : {}) } },
  }),
};

const finishes: { readonly [name in DialectName]?: string } = {
  'openai-chat': 'tool_calls',
  'openai-responses': 'completed',
  'anthropic-messages': 'tool_use',
  gemini: 'STOP',
};

type Turn = {
  readonly front: DialectName;
  readonly back: DialectName;
  readonly stream?: boolean;
  readonly choice?: Choice;
  readonly tools?: readonly string[];
};

async function turn({ front, back, stream = false, choice = 'named', tools = [] }: Turn, said: Said, quirks: object = {}) {
  const more = requests[front]?.(choice, tools);
  assert.ok(more !== undefined);
  return await ask({ front, back, stream, quirks: { forcedToolChoice: false, ...quirks }, schema: undefined, said, more });
}

describe('the arguments are asked for as an answer in that form', () => {
  everyPair((pair, name) => {
    const { front, stream } = pair;

    test(name, async () => {
      for (const wanted of [{ choice: 'required' }, { choice: 'named', tools: ['news'] }] as const) {
        const { request, text, notes, attempt } = await turn({ ...pair, ...wanted }, { text: given });
        assert.equal(attempt.error, undefined);
        const { content, finish, calls } = read(front, text, stream);
        assert.deepEqual([calls > 0, finish, content], [true, finishes[front], ''], text);
        assert.ok(text.includes('weather') && (stream || text.includes('Oslo')), text);
        const sent = JSON.stringify(request);
        assert.ok(sent.includes('Tells the weather') && sent.includes('Be brief.') && !sent.includes('Tells the news'), sent);
        assert.ok(sent.includes('"days"') && !/"(?:tools|tool_choice|toolConfig)":/.test(sent), sent);
        assert.ok(
          notes.some((note) => note.startsWith('emulated tool')),
          notes.join(),
        );
        assert.equal(notes.filter((note) => note.startsWith('carried tools')).length >= ('tools' in wanted ? 1 : 0), true, notes.join());
      }
    });

    test(`${name}: arguments that are none`, async () => {
      for (const [text, why] of [
        ['{"city":1}', /\$\.city must be a string/],
        ['Sunny.', /not valid JSON/],
      ] as const) {
        const { answer, attempt, text: out } = await turn(pair, { text });
        assert.match(attempt.error?.message ?? '', why);
        if (!stream) assert.ok(answer instanceof GatewayError && answer.code === 'upstream_invalid_response');
        else if (out !== '') assert.equal(read(front, out, true).finish, undefined);
      }
    });

    test(`${name}: what was cut off says so`, async () => {
      const { attempt, text } = await turn(pair, { text: given.slice(0, 14), finish: 'length' });
      // A format whose calls are objects cannot show one that is not whole.
      if (attempt.error === undefined) assert.equal(read(front, text, stream).finish, lengths[front]);
      else assert.equal(attempt.error.code, 'upstream_invalid_response');
    });
  });
});

test('several tools to choose from, or a target that holds to no schema, are refused as before', async () => {
  for (const [wanted, quirks] of [
    [{ choice: 'required', tools: ['news'] }, {}],
    [{ choice: 'named' }, { structuredOutput: 'json' }],
  ] as const) {
    const { answer } = await turn({ front: 'openai-chat', back: 'openai-responses', ...wanted }, { text: given }, quirks);
    assert.ok(answer instanceof GatewayError && answer.code === 'unsupported_parameter' && answer.param === 'tool_choice');
  }
});

test('Ollama, which has no choice of tools, is made to call by the form of its answer', () => {
  const weather: Tool = { kind: 'function', name: 'weather', description: 'Tells the weather', schema: JSON.stringify(parameters) };
  const request: ChatRequest = {
    model: 'm',
    streamUsage: true,
    messages: [{ role: 'user', blocks: [{ type: 'text', text: 'Weather?' }] }],
    tools: [weather],
    toolChoice: { type: 'tool', name: 'weather', kind: 'function' },
    stream: true,
    names: {},
    ext: [],
  };
  const target = { provider: 'lab', model: 'm', speaks: {}, quirks: {} };
  const ledger = createLedger('lab/m', 'strict');
  const prepared = prepareFor(dialects.ollama, request, { callId: 'r', target, back: 'ollama', ledger, now: () => 0, newId: (prefix) => `${prefix}1` });
  const body = JSON.parse(prepared.body) as { format: unknown; tools?: unknown; messages: readonly { role: string; content: string }[] };
  assert.deepEqual([body.format, body.tools, body.messages.map(({ role }) => role)], [parameters, undefined, ['system', 'user']]);
  assert.match(body.messages[0]?.content ?? '', /"weather" is called now.*Tells the weather/);
  const events: ChatEvent[] = [];
  const decoder = prepared.stream();
  const line = (message: object, more: object = {}): void =>
    decoder.push({ event: '', data: JSON.stringify({ model: 'm', message: { role: 'assistant', content: '', ...message }, done: false, ...more }) }, (event) =>
      events.push(event),
    );
  line({ thinking: 'hm' });
  line({ content: '\n' });
  line({ content: '{"city":' });
  line({ content: '"Oslo"}' });
  line({}, { done: true, done_reason: 'stop', prompt_eval_count: 1, eval_count: 1 });
  decoder.end((event) => events.push(event));
  const told = events.map((event) => (event.type === 'delta' ? event.text : event.type === 'open' ? event.block.type : event.type));
  assert.deepEqual(told.slice(1), ['reasoning', 'hm', 'close', 'toolCall', '{"city":', '"Oslo"}', 'close', 'usage', 'finish']);
  const closed = events.findLast((event) => event.type === 'close');
  assert.deepEqual(closed?.block, { type: 'toolCall', kind: 'function', id: 'call_1', name: 'weather', arguments: '{"city":"Oslo"}' });
  const [end] = events.slice(-1);
  assert.deepEqual(end, { type: 'finish', finish: { reason: 'toolCalls' } });
});
