import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError } from '../../packages/modelwire/src/core/errors.ts';
import { quirksFor } from '../../packages/modelwire/src/providers/quirks.ts';
import { ask, ends, everyPair, good, lengths, read, type Said, schema, type Setting } from '../support/asking.ts';

/** Structured output from every front to every back, with what the target has and with what it lacks. */

describe('where the target has schemas, they are its own business', () => {
  everyPair(({ front, back, stream }, name) => {
    test(name, async () => {
      const { request, text, notes } = await ask({ front, back, stream, said: { text: good } });
      const { content, finish } = read(front, text, stream);
      assert.deepEqual([content, finish], [good, ends[front]]);
      const sent = {
        'openai-chat': request['response_format']?.json_schema?.schema,
        'openai-responses': request['text']?.format?.schema,
        'anthropic-messages': request['output_config']?.format?.schema,
        gemini: request['generationConfig']?.responseJsonSchema,
      };
      assert.deepEqual(sent[back as keyof typeof sent], schema);
      assert.ok(!notes.some((note) => note.startsWith('emulated')), notes.join());
    });
  });
});

describe('a forced call, whose arguments are the answer', () => {
  everyPair(({ front, back, stream }, name) => {
    const called = (call = good): Said => ({ text: 'I will call it.', call: { name: 'weather', arguments: call } });
    const lacking = { front, back, stream, quirks: { structuredOutput: 'none' } } as const;
    // Only OpenAI's formats name their schemas.
    const toolName = front === 'openai-chat' || front === 'openai-responses' ? 'weather' : 'answer';
    const said = (call = good): Said => ({ ...called(call), call: { name: toolName, arguments: call } });

    test(name, async () => {
      const { request, text, notes, attempt } = await ask({ ...lacking, said: said() });
      const { content, finish, calls } = read(front, text, stream);
      assert.deepEqual([JSON.parse(content), finish, calls], [JSON.parse(good), ends[front], 0]);
      assert.ok(notes.some((note) => note.startsWith('emulated')) && notes.some((note) => note.startsWith('dropped content')), notes.join());
      assert.equal(attempt.usage?.output, 7);
      const shape = JSON.stringify(request);
      assert.ok(
        shape.includes(`"${toolName}"`) && shape.includes('"degrees"') && !/response_format|responseMimeType|"output_config"|"json_schema"/.test(shape),
        shape,
      );
      const choice = request['tool_choice'] ?? request['toolConfig'];
      assert.ok(JSON.stringify(choice).includes(toolName), JSON.stringify(choice));
    });

    test(`${name}: arguments that are not valid`, async () => {
      const { answer, text, attempt } = await ask({ ...lacking, said: said('{"city":"Oslo","degrees":"cold"}') });
      assert.equal(attempt.usage?.output, 7);
      if (!stream) {
        assert.ok(answer instanceof GatewayError && answer.code === 'upstream_invalid_response' && !answer.retryable);
        assert.match(answer.message, /\$\.degrees must be an integer/);
        return;
      }
      const { finish, error } = read(front, text, stream);
      assert.deepEqual([finish, error !== undefined], [undefined, true], text);
    });

    test(`${name}: it answers in words`, async () => {
      const inWords = await ask({ ...lacking, said: { text: good } });
      const { content, finish } = read(front, inWords.text, stream);
      assert.deepEqual([content, finish], [good, ends[front]]);
    });
  });
});

describe('an instruction, and the answer checked', () => {
  everyPair(({ front, back, stream }, name) => {
    const lacking = { front, back, stream, quirks: { structuredOutput: 'none', forcedToolChoice: false } } as const;

    test(name, async () => {
      for (const text of [good, `\n ${good}\n`, `\`\`\`json\n${good}\n\`\`\``, `\`\`\`\n${good}\`\`\``, ` \`\`\`JSON\r\n${good}\n  \`\`\`\nThat is all.`]) {
        const { request, text: answer, notes } = await ask({ ...lacking, said: { text } });
        const { content, finish } = read(front, answer, stream);
        assert.deepEqual([content.trim(), finish], [good, ends[front]], JSON.stringify(text));
        assert.equal(
          notes.some((note) => note.startsWith('changed') && !note.includes('max')),
          text.includes('`'),
          notes.join(),
        );
        const sent = JSON.stringify(request);
        assert.ok(
          sent.includes('Be brief.') &&
            sent.includes('JSON Schema') &&
            sent.includes('\\"degrees\\"') &&
            !/response_format|responseMimeType|"output_config"|"json_schema"/.test(sent),
          sent,
        );
        assert.ok(sent.indexOf('Be brief.') < sent.indexOf('JSON Schema'));
      }
    });

    test(`${name}: not valid, or no JSON`, async () => {
      for (const [text, why] of [
        ['{"city":"Oslo"}', /must have the property "degrees"/],
        ['{"city":"Oslo","degrees":1,"x":2}', /\$\.x may not be there/],
        ['Sure! Here it is: {}', /not valid JSON/],
        ['{"city":"Os', /not valid JSON/],
        ['', /not valid JSON/],
      ] as const) {
        const { answer, text: out, attempt } = await ask({ ...lacking, said: { text } });
        if (!stream || text === '')
          assert.ok(
            stream || (answer instanceof GatewayError && why.test(answer.message)),
            `${text}: ${answer instanceof GatewayError ? answer.message : out}`,
          );
        else assert.deepEqual([read(front, out, true).finish, read(front, out, true).error !== undefined], [undefined, true], out);
        assert.match(attempt.error?.message ?? '', why);
      }
    });

    test(`${name}: an answer that was cut says so`, async () => {
      const { text } = await ask({ ...lacking, said: { text: '{"city":"Os', finish: 'length' } });
      assert.deepEqual([read(front, text, stream).content, read(front, text, stream).finish], ['{"city":"Os', lengths[front]]);
    });
  });
});

describe('any JSON object', () => {
  everyPair(({ front, back, stream }, name) => {
    if (front === 'anthropic-messages') return;
    test(name, async () => {
      const emulated = back === 'anthropic-messages';
      const asked = await ask({ front, back, stream, schema: undefined, said: { text: '{"a":1}' } });
      assert.equal(read(front, asked.text, stream).content, '{"a":1}');
      assert.equal(
        asked.notes.some((note) => note.startsWith('emulated')),
        emulated,
        asked.notes.join(),
      );
      const list = await ask({ front, back, stream, schema: undefined, quirks: { structuredOutput: 'none' }, said: { text: '[1]' } });
      assert.match(list.attempt.error?.message ?? '', /\$ must be an object/);
    });
  });
});

describe('which way is taken', () => {
  const tool = { tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }] };
  const lacking: Setting = { front: 'openai-chat', back: 'openai-chat', quirks: { structuredOutput: 'json' }, said: { text: good } };
  const wayOf = async (change: Partial<Setting>): Promise<string> => {
    const { request } = await ask({ ...lacking, ...change });
    const asked = request['messages'].some((message: { content: unknown }) => String(message.content).includes('JSON Schema'));
    return `${asked ? 'words' : 'call'}${request['response_format'] === undefined ? '' : ' and json_object'}`;
  };

  test('other tools, tool calls before, thinking, and schemas that no call can have, are in the way of a call', async () => {
    assert.equal(await wayOf({}), 'call');
    assert.equal(await wayOf({ more: tool }), 'words and json_object');
    assert.equal(await wayOf({ more: { reasoning_effort: 'high' } }), 'words and json_object');
    assert.equal(await wayOf({ more: { reasoning_effort: 'none' } }), 'call');
    assert.equal(await wayOf({ info: { reasoning: true } }), 'words and json_object');
    assert.equal(await wayOf({ quirks: { structuredOutput: 'json', tools: false } }), 'words and json_object');
    assert.equal(await wayOf({ schema: { type: 'array' }, said: { text: '[]' } }), 'words');
    const history = [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'c1', content: 'y' },
    ];
    assert.equal(await wayOf({ more: { messages: history } }), 'words and json_object');
  });

  test('the providers of the catalogue that have no schemas', async () => {
    for (const [provider, model] of [
      ['deepseek', 'deepseek-chat'],
      ['zhipu', 'glm-5'],
      ['moonshot', 'kimi-k2'],
      ['minimax', 'MiniMax-M3'],
      ['dashscope', 'qwen-plus'],
      ['groq', 'llama-3.3-70b-versatile'],
      ['baichuan', 'Baichuan4'],
    ] as const) {
      const quirks = quirksFor(provider, model);
      for (const back of ['openai-chat', 'anthropic-messages'] as const) {
        for (const stream of [false, true]) {
          const { attempt, text, notes } = await ask({ front: 'openai-chat', back, quirks, stream, said: { text: good } });
          assert.equal(attempt.error, undefined, `${provider} ${attempt.error?.message}`);
          assert.equal(read('openai-chat', text, stream).content, good);
          assert.ok(notes.includes('emulated response_format'), `${provider}: ${notes.join()}`);
        }
      }
    }
  });

  test('a schema that the target cannot hold to, though it holds to others', async () => {
    const tree = { type: 'object', properties: { v: { type: 'integer' }, next: { $ref: '#' } }, required: ['v'], additionalProperties: false };
    const called = (text: string): Said => ({ call: { name: 'weather', arguments: text } });
    const held: Setting = { front: 'openai-chat', back: 'anthropic-messages', schema: tree, said: called('{"v":1,"next":{"v":2}}') };
    const { request, text, notes } = await ask(held);
    assert.deepEqual([read('openai-chat', text, false).content, read('openai-chat', text, false).finish], ['{"v":1,"next":{"v":2}}', 'stop']);
    assert.deepEqual([request['tools'][0].input_schema, request['output_config']], [tree, undefined]);
    assert.ok(notes.includes('emulated response_format'));
    const wrong = await ask({ ...held, said: called('{"v":1,"next":{}}') });
    assert.match(wrong.attempt.error?.message ?? '', /\$\.next must have the property "v"/);
    // Google's own caller of the same schema is not touched.
    assert.deepEqual((await ask({ front: 'gemini', back: 'gemini', schema: tree, said: { text: '{"v":1}' } })).notes, []);
  });

  test('what the target is only told of is checked here', async () => {
    const bounded = {
      type: 'object',
      properties: { n: { type: 'integer', minimum: 2 }, s: { type: 'string', minLength: 3 } },
      required: ['n', 's'],
      additionalProperties: false,
    };
    for (const back of ['anthropic-messages', 'gemini'] as const) {
      for (const stream of [false, true]) {
        const setting: Setting = { front: 'openai-chat', back, schema: bounded, stream, said: { text: '{"n":2,"s":"abc"}' } };
        const valid = await ask(setting);
        assert.deepEqual([valid.attempt.error, read('openai-chat', valid.text, stream).content], [undefined, '{"n":2,"s":"abc"}']);
        assert.ok(valid.notes.includes('emulated response_format'), valid.notes.join());
        const short = await ask({ ...setting, said: { text: '{"n":2,"s":"ab"}' } });
        assert.match(short.attempt.error?.message ?? '', /\$\.s must have at least 3 characters/);
        const cut = await ask({ ...setting, said: { text: '{"n":2', finish: 'length' } });
        assert.deepEqual([cut.attempt.error, read('openai-chat', cut.text, stream).finish], [undefined, 'length']);
      }
    }
    const low = await ask({ front: 'openai-chat', back: 'anthropic-messages', schema: bounded, said: { text: '{"n":1,"s":"abc"}' } });
    assert.match(low.attempt.error?.message ?? '', /\$\.n must be at least 2/);
    assert.equal(
      (await ask({ front: 'openai-chat', back: 'anthropic-messages', schema: bounded, fidelity: 'strict', said: { text: '{"n":2,"s":"abc"}' } })).attempt.error,
      undefined,
    );
    // A pattern nobody holds to and nobody checks.
    const patterned = { type: 'object', properties: { s: { type: 'string', pattern: '^a' } }, additionalProperties: false };
    assert.ok((await ask({ front: 'openai-chat', back: 'gemini', schema: patterned, said: { text: '{"s":"b"}' } })).notes.includes('dropped response_format'));
  });

  test('a call of another tool is the answer, as it is', async () => {
    const said: Said = { call: { name: 'look', arguments: '{}' } };
    for (const stream of [false, true]) {
      const { text, attempt } = await ask({ ...lacking, more: tool, said, stream });
      assert.deepEqual([attempt.error, read('openai-chat', text, stream).finish], [undefined, 'tool_calls']);
    }
  });

  test('what cannot be checked is noted, and refused where the call is strict', async () => {
    const odd = { type: 'object', properties: { city: { type: 'string', pattern: '^[A-Z]' } } };
    const carried = await ask({ ...lacking, schema: odd });
    assert.ok(carried.attempt.notes.some((note) => note.verdict === 'dropped' && note.reason.includes('pattern')));
    const strict = await ask({ ...lacking, schema: odd, fidelity: 'strict' });
    assert.ok(strict.answer instanceof GatewayError && strict.answer.code === 'unsupported_parameter' && strict.answer.param === 'response_format');
    assert.equal((await ask({ ...lacking, fidelity: 'strict' })).attempt.error, undefined);
  });

  test('empty arguments are an empty object', async () => {
    for (const stream of [false, true]) {
      const { text } = await ask({ ...lacking, schema: { type: 'object' }, stream, said: { call: { name: 'weather', arguments: '' } } });
      assert.equal(read('openai-chat', text, stream).content, '{}');
    }
  });
});
