import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import * as official from 'openai/helpers/standard-schema';
import * as officialZod from 'openai/helpers/zod';
import * as v from 'valibot';
import { z } from 'zod';
import { settled, twin } from '../../../../test/support/openai-twin.ts';
import { json, openaiWire, type Script } from '../../../../test/support/scripted-server.ts';
import { OpenAIError } from './errors-openai.ts';
import { readJsonText } from './openai-parse.ts';
import { standardFunction, standardResponseFormat } from './openai-schema.ts';
import { zodFunction, zodResponseFormat } from './openai-zod.ts';

const { completion } = openaiWire;
const person = z.object({ name: z.string(), age: z.number().nullable() });

function answering(message: object, finish_reason = 'stop'): Script {
  return json({
    ...completion,
    choices: [{ index: 0, message: { role: 'assistant', content: null, refusal: null, ...message }, logprobs: null, finish_reason }],
  });
}

const call = (name: string, args: string): object => ({ id: 'call_1', type: 'function', function: { name, arguments: args } });
const ask = { model: 'gpt-5', messages: [{ role: 'user' as const, content: 'Alice, 30' }] };
const lookUp = { name: 'look_up', parameters: z.object({ id: z.int() }), description: 'Looks up.' };

describe('parse() does what the official one does', () => {
  const formats = {
    'a zod format': officialZod.zodResponseFormat(person, 'person'),
    'a zod format of ours': zodResponseFormat(person, 'person'),
    'a standard format of ours': standardResponseFormat(person, 'person'),
    'a plain JSON Schema': { type: 'json_schema' as const, json_schema: { name: 'person', schema: { type: 'object' } } },
    'plain JSON': { type: 'json_object' as const },
    'no format': undefined,
  };
  const answers: Readonly<Record<string, Script>> = {
    fitting: answering({ content: '{"name":"Alice","age":30}' }),
    'not fitting': answering({ content: '{"name":1}' }),
    'not JSON': answering({ content: 'Alice is 30' }),
    refused: answering({ content: null, refusal: 'No.' }),
    'cut at the limit': answering({ content: '{"name":' }, 'length'),
    filtered: answering({ content: '' }, 'content_filter'),
    refusing: json({ error: { message: 'no such model', type: 'invalid_request_error', param: 'model', code: 'model_not_found' } }, { status: 404 }),
  };
  for (const [asked, response_format] of Object.entries(formats)) {
    for (const [name, script] of Object.entries(answers)) {
      test(`${asked}, ${name}`, async () => {
        await twin(
          () => [script],
          (client) => client.chat.completions.parse({ ...ask, ...(response_format === undefined ? {} : { response_format }) }),
        );
      });
    }
  }

  const tools = {
    'a tool of the official package': officialZod.zodFunction(lookUp),
    'a tool of ours': zodFunction(lookUp),
    'a standard tool of ours': standardFunction(lookUp),
    'a strict tool': { type: 'function' as const, function: { name: 'look_up', parameters: { type: 'object' }, strict: true } },
    'a tool that is not strict': { type: 'function' as const, function: { name: 'look_up', parameters: { type: 'object' } } },
    'a custom tool': { type: 'custom' as const, custom: { name: 'look_up' } },
  };
  const calls: Readonly<Record<string, Script>> = {
    'with arguments': answering({ tool_calls: [call('look_up', '{"id":7}')] }, 'tool_calls'),
    'with arguments and an empty text': answering({ content: '', tool_calls: [call('look_up', '{"id":7}')] }, 'tool_calls'),
    'with arguments that do not fit': answering({ tool_calls: [call('look_up', '{"id":"x"}')] }, 'tool_calls'),
    'with arguments that are not JSON': answering({ tool_calls: [call('look_up', '{')] }, 'tool_calls'),
    'by another name': answering({ tool_calls: [call('delete', '{"id":7}')] }, 'tool_calls'),
    custom: answering({ tool_calls: [{ id: 'call_1', type: 'custom', custom: { name: 'look_up', input: 'x' } }] }, 'tool_calls'),
  };
  for (const [asked, tool] of Object.entries(tools)) {
    for (const [name, script] of Object.entries(calls)) {
      test(`${asked}, called ${name}`, async () => {
        await twin(
          () => [script],
          async (client) => await client.chat.completions.parse({ ...ask, tools: [tool] }),
        );
      });
    }
  }

  test('with its response and request id', async () => {
    const script = json({ ...completion }, { headers: { 'x-request-id': 'req_7' } });
    const { outcome } = await twin(
      () => [script],
      async (client) => {
        const { data, request_id, response } = await client.chat.completions.parse(ask).withResponse();
        return { data, request_id, status: response.status };
      },
    );
    assert.equal((outcome as { result: { request_id: string } }).result.request_id, 'req_7');
  });
});

describe('a schema of any library', () => {
  const schemas = {
    'an object': person,
    'nested objects and lists': z.object({ list: z.array(z.object({ k: z.enum(['p', 'q']) })), n: z.int() }),
    'an optional property that may be null': z.object({ a: z.string().nullish(), b: z.literal(null).optional() }),
    'an optional property': z.object({ a: z.string().optional() }),
    'a default': z.object({ a: z.string().default('x') }),
    'kinds told apart by a field': z.object({
      u: z.discriminatedUnion('t', [z.object({ t: z.literal('a'), x: z.string() }), z.object({ t: z.literal('b') })]),
    }),
    'an intersection': z.object({ u: z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })) }),
    'a record': z.object({ u: z.record(z.string(), z.string()) }),
    'a loose object': z.looseObject({ a: z.string() }),
    'a strict object': z.strictObject({ a: z.string() }),
    'a list': z.array(z.string()),
    'a string': z.string(),
    'a tuple': z.object({ t: z.tuple([z.string(), z.number()]) }),
    'a tree': z.object({
      v: z.string(),
      get kids() {
        return z.array(z.object({ v: z.string() }));
      },
    }),
    'a reference to itself': selfish(),
    'formats and bounds': z.object({ e: z.email(), d: z.iso.datetime(), m: z.string().min(2).max(5), n: z.number().min(1).max(4) }),
    valibot: toStandardJsonSchema(v.object({ a: v.string(), o: v.nullable(v.string()) })),
  };
  for (const [name, schema] of Object.entries(schemas)) {
    test(`${name} is asked for as the official helper does`, async () => {
      const theirs = await made(() => official.standardResponseFormat(schema, 'thing', { description: 'A thing' }));
      assert.deepEqual(await made(() => standardResponseFormat(schema, 'thing', { description: 'A thing' })), theirs);
      const tool = { name: 'f', parameters: schema, description: 'Does f' };
      assert.deepEqual(await made(() => standardFunction(tool)), await made(() => official.standardFunction(tool)));
    });
  }

  test('without a JSON Schema of its own is refused, or described by the caller', () => {
    const schema = v.object({ a: v.nullable(v.string()) });
    assert.throws(() => standardResponseFormat(schema, 'thing'), OpenAIError);
    const given = { type: 'object', properties: { a: { type: ['string', 'null'] } } };
    const format = standardResponseFormat(schema, 'thing', { schema: given });
    assert.deepEqual(format.json_schema.schema, { ...given, required: ['a'], additionalProperties: false });
    assert.deepEqual(format.$parseRaw('{"a":null}'), { a: null });
    assert.deepEqual(Object.keys(given), ['type', 'properties']);
  });

  test('says what is wrong with an answer, every issue of it', () => {
    assert.throws(() => standardResponseFormat(person, 'person').$parseRaw('{"name":1}'), /name[\s\S]*age/);
    assert.throws(() => zodResponseFormat(person, 'person').$parseRaw('{"name":1}'), z.ZodError);
  });

  test('a key named __proto__ is a property like any other', () => {
    const given: unknown = JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}},"required":["__proto__"]}');
    const { schema } = standardResponseFormat(person, 'p', { schema: given as { [key: string]: unknown } }).json_schema;
    assert.equal(
      JSON.stringify(schema),
      '{"type":"object","properties":{"__proto__":{"type":"string"}},"required":["__proto__"],"additionalProperties":false}',
    );
  });
});

test('what is not JSON is not repeated in the error', () => {
  assert.throws(
    () => readJsonText('secret text'),
    (thrown) => thrown instanceof SyntaxError && !thrown.message.includes('secret'),
  );
});

/** What was made, or that it could not be: the words are each package's own. */
async function made(make: () => object): Promise<unknown> {
  const outcome = await settled(async () => make());
  return typeof outcome === 'object' && outcome !== null && 'thrown' in outcome ? 'thrown' : outcome;
}

function selfish(): z.ZodType {
  const node: z.ZodType = z.object({
    v: z.string(),
    get kids() {
      return z.array(node);
    },
  });
  return node;
}
