import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { ask, everyPair, lengths, names, read, type Said, type Setting } from '../support/asking.ts';

/** Tools for models that have none, from every front to every back. */
const parameters = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'], additionalProperties: false };
const call = '{"tool_calls":[{"name":"weather","arguments":{"city":"Oslo", "days":2.0}}]}';
const given = '{"city":"Oslo", "days":2.0}';

type Choice = 'auto' | 'required' | 'none';

/** The same request in each format: a tool, and a call of an earlier turn with its result. */
const requests: { readonly [name in DialectName]?: (choice: Choice, history: boolean) => object } = {
  'openai-chat': (choice, history) => ({
    response_format: undefined,
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Weather?' },
      ...(history
        ? [
            {
              role: 'assistant',
              content: 'Let me look.',
              tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } }],
            },
            { role: 'tool', tool_call_id: 'c1', content: 'sunny' },
          ]
        : []),
    ],
    tools: [{ type: 'function', function: { name: 'weather', description: 'Tells the weather', parameters } }],
    tool_choice: choice,
  }),
  'openai-responses': (choice, history) => ({
    text: undefined,
    input: [
      { role: 'user', content: 'Weather?' },
      ...(history
        ? [
            { type: 'message', role: 'assistant', content: 'Let me look.' },
            { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{"city":"Rome"}' },
            { type: 'function_call_output', call_id: 'c1', output: 'sunny' },
          ]
        : []),
    ],
    tools: [{ type: 'function', name: 'weather', description: 'Tells the weather', parameters, strict: false }],
    tool_choice: choice,
  }),
  'anthropic-messages': (choice, history) => ({
    output_config: undefined,
    messages: [
      { role: 'user', content: 'Weather?' },
      ...(history
        ? [
            {
              role: 'assistant',
              content: [
                { type: 'text', text: 'Let me look.' },
                { type: 'tool_use', id: 'c1', name: 'weather', input: { city: 'Rome' } },
              ],
            },
            { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'sunny' }] },
          ]
        : []),
    ],
    tools: [{ name: 'weather', description: 'Tells the weather', input_schema: parameters }],
    tool_choice: { type: choice === 'required' ? 'any' : choice },
  }),
  gemini: (choice, history) => ({
    generationConfig: undefined,
    contents: [
      { role: 'user', parts: [{ text: 'Weather?' }] },
      ...(history
        ? [
            { role: 'model', parts: [{ text: 'Let me look.' }, { functionCall: { id: 'c1', name: 'weather', args: { city: 'Rome' } } }] },
            { role: 'user', parts: [{ functionResponse: { id: 'c1', name: 'weather', response: { output: 'sunny' } } }] },
          ]
        : []),
    ],
    tools: [{ functionDeclarations: [{ name: 'weather', description: 'Tells the weather', parametersJsonSchema: parameters }] }],
    toolConfig: { functionCallingConfig: { mode: { auto: 'AUTO', required: 'ANY', none: 'NONE' }[choice] } },
  }),
};

const finishes: { readonly [name in DialectName]?: string } = {
  'openai-chat': 'tool_calls',
  'openai-responses': 'completed',
  'anthropic-messages': 'tool_use',
  gemini: 'STOP',
};
const ends: { readonly [name in DialectName]?: string } = {
  'openai-chat': 'stop',
  'openai-responses': 'completed',
  'anthropic-messages': 'end_turn',
  gemini: 'STOP',
};

type Turn = { readonly front: DialectName; readonly back: DialectName; readonly stream?: boolean; readonly choice?: Choice; readonly history?: boolean };

async function turn({ front, back, stream = false, choice = 'auto', history = false }: Turn, said: Said, change: Partial<Setting> = {}) {
  const more = requests[front]?.(choice, history);
  assert.ok(more !== undefined);
  return await ask({ front, back, stream, quirks: { tools: false }, schema: undefined, said, more, ...change });
}

describe('a call written as JSON', () => {
  everyPair((pair, name) => {
    const { front, stream } = pair;

    test(name, async () => {
      for (const text of [call, `\`\`\`json\n${call}\n\`\`\``, `I will look.\n${call}`, `\n  ${call}\n`]) {
        const { request, text: out, notes, attempt } = await turn(pair, { text });
        const { content, finish, calls } = read(front, out, stream);
        assert.deepEqual([calls > 0, finish, content.trim()], [true, finishes[front], text.startsWith('I') ? 'I will look.' : ''], out);
        assert.ok(out.includes('Oslo'), out);
        const sent = JSON.stringify(request);
        assert.ok(sent.includes('Tells the weather') && sent.includes('Be brief.') && !/"tools"|"tool_choice"|"toolConfig"/.test(sent), sent);
        assert.ok(
          notes.some((note) => note.startsWith('emulated tools')),
          notes.join(),
        );
        assert.equal(attempt.usage?.output, 7);
      }
    });

    test(`${name}: words stay words`, async () => {
      for (const text of ['It is {cold}.', 'Sunny.\nVery.', '{"a":1}', '```\ncode\n```', 'The key is "tool_calls".']) {
        const { content, finish, calls } = read(front, (await turn(pair, { text })).text, stream);
        assert.deepEqual([content, finish, calls], [text, ends[front], 0]);
      }
    });

    test(`${name}: calls that are none`, async () => {
      for (const [text, why] of [
        ['{"tool_calls":[{"name":"weather","arguments":{"city":1}}]}', /\$\.city must be a string/],
        ['{"tool_calls":[{"name":"weather","arguments":"{}"}]}', /no object/],
        ['{"tool_calls":[{"name":"other","arguments":{}}]}', /no tool that was offered/],
        ['{"tool_calls":[]}', /no call in it/],
        ['{"tool_calls":[{"name":"weather","arguments":{"city":"Os', /not valid JSON/],
      ] as const) {
        const { answer, attempt, text: out } = await turn(pair, { text });
        assert.match(attempt.error?.message ?? '', why);
        if (!stream) assert.ok(answer instanceof GatewayError && answer.code === 'upstream_invalid_response' && !answer.retryable);
        else if (out !== '') assert.equal(read(front, out, true).finish, undefined);
      }
    });

    test(`${name}: what was cut off is no call`, async () => {
      const { content, finish, calls } = read(front, (await turn(pair, { text: call.slice(0, 60), finish: 'length' })).text, stream);
      assert.deepEqual([content, finish, calls], [call.slice(0, 60), lengths[front], 0]);
    });
  });
});

test('calls and results of earlier turns are told in the same words', async () => {
  for (const front of names) {
    for (const back of names) {
      const { request, attempt } = await turn({ front, back, history: true }, { text: 'Sunny.' });
      assert.equal(attempt.error, undefined);
      const sent = JSON.stringify(request);
      assert.ok(
        sent.includes('Let me look.') &&
          sent.includes('{\\"tool_calls\\":[{') &&
          sent.includes('Rome') &&
          sent.includes('Result of the call') &&
          sent.includes('sunny'),
        sent,
      );
      assert.doesNotMatch(sent, /"(?:tool_calls|tool_use|functionCall|tool_result|functionResponse|tool_call_id|function_call|function_call_output)"/);
    }
  }
});

test('the choice is put in words, and held to', async () => {
  for (const front of names) {
    for (const stream of [false, true]) {
      const must = await turn({ front, back: 'openai-chat', choice: 'required', stream }, { text: 'No.' });
      assert.match(must.attempt.error?.message ?? '', /answered in words/);
      assert.match(JSON.stringify(must.request), /You must call one/);
      const none = await turn({ front, back: 'openai-chat', choice: 'none', stream }, { text: call });
      assert.deepEqual([read(front, none.text, stream).content, read(front, none.text, stream).calls], [call, 0]);
      assert.doesNotMatch(JSON.stringify(none.request), /Tells the weather/);
    }
  }
});

test('the arguments are the text that the model wrote', async () => {
  for (const stream of [false, true]) {
    const { text } = await turn({ front: 'openai-chat', back: 'openai-chat', stream }, { text: call });
    const events = stream ? text.split('\n\n').flatMap((event) => (event.startsWith('data: {') ? [JSON.parse(event.slice(6))] : [])) : [JSON.parse(text)];
    const calls = events.flatMap((event) => (event.choices[0]?.message ?? event.choices[0]?.delta ?? {}).tool_calls ?? []);
    assert.equal(calls.map((one) => one.function.arguments).join(''), given);
  }
});

test('several calls at once, and one alone where one is wanted', async () => {
  const two = '{"tool_calls":[{"name":"weather","arguments":{"city":"A"}},{"name":"weather","arguments":{"city":"B"}}]}';
  const idsOf = (text: string): string[] => JSON.parse(text).choices[0].message.tool_calls.map((one: { id: string }) => one.id);
  const both = idsOf((await turn({ front: 'openai-chat', back: 'openai-chat' }, { text: two })).text);
  assert.deepEqual([both.length, new Set(both).size], [2, 2]);
  const more = { ...requests['openai-chat']?.('auto', false), parallel_tool_calls: false };
  const single = await ask({ front: 'openai-chat', back: 'openai-chat', quirks: { tools: false }, schema: undefined, said: { text: two }, more });
  assert.equal(idsOf(single.text).length, 1);
  assert.ok(single.notes.includes('dropped tool_calls'));
});

test('an orphan result is refused as anywhere', async () => {
  const messages = [
    { role: 'user', content: 'x' },
    { role: 'tool', tool_call_id: 'c9', content: 'y' },
  ];
  const { answer } = await ask({
    front: 'openai-chat',
    back: 'openai-chat',
    quirks: { tools: false },
    schema: undefined,
    said: { text: 'x' },
    more: { messages, response_format: undefined },
  });
  assert.ok(answer instanceof GatewayError && answer.code === 'unsupported_parameter' && answer.message.includes('c9'));
});
