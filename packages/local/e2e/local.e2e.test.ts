import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { createLocalEngine } from '../src/index.ts';
import type { LocalEndpoint, LocalEngine, LocalOptions } from '../src/index.ts';

// The real model, fetched the way a person's first start fetches it. One slot, so that a slot that is not freed shows.

const lines: string[] = [];
const options: LocalOptions = { slots: 1, contextSize: 1024, log: (line) => lines.push(line) };
let engine: LocalEngine;
let endpoint: LocalEndpoint;

type Body = Readonly<Record<string, unknown>>;

function post(path: string, body: Body, signal?: AbortSignal): Promise<Response> {
  return fetch(endpoint.baseURL + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${endpoint.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: engine.model.id, ...body }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function chat(body: Body) {
  const response = await post('/chat/completions', body);
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer;
}

const user = (content: string) => [{ role: 'user', content }];
const capital = { messages: user('What is the capital of France?') };
const story = { messages: user('Write a very long story about a dog and a cat.'), max_tokens: 800 };

suite('the embedded model', { timeout: 300_000 }, () => {
  before(async () => {
    const began = performance.now();
    engine = createLocalEngine(options);
    engine.onStatus((status) => console.log(`${Math.round(performance.now() - began)} ms`, JSON.stringify(status)));
    endpoint = await engine.start();
  });
  after(() => engine.close());

  test('a whole answer', async () => {
    const { choices, usage } = await chat(capital);
    assert.match(choices[0].message.content, /Paris/);
    assert.equal(choices[0].finish_reason, 'stop');
    const { tokens } = await (await post('/tokenize', capital)).json();
    assert.equal(usage.prompt_tokens, tokens);
    assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
    const again = await chat(capital);
    assert.equal(again.usage.prompt_tokens_details.cached_tokens, tokens - 1);
    assert.equal(again.choices[0].message.content, choices[0].message.content);
  });

  test('embeddings: unit length, the same for the same text, nearer for what is alike', async () => {
    const input = ['The cat sleeps on the sofa.', 'A kitten is napping on the couch.', 'Interest rates rose by half a percent.', 'The cat sleeps on the sofa.'];
    const response = await post('/embeddings', { input });
    const { data, usage } = await response.json();
    assert.equal(response.status, 200);
    const vectors: number[][] = data.map((item: { embedding: number[] }) => item.embedding);
    const likeness = (a: number, b: number) => (vectors[a] ?? []).reduce((sum, value, index) => sum + value * (vectors[b]?.[index] ?? 0), 0);
    assert.equal(vectors[0]?.length, 576);
    assert.ok(Math.abs(likeness(0, 0) - 1) < 1e-6 && likeness(0, 3) > 0.9999);
    assert.ok(likeness(0, 1) > likeness(0, 2), `${likeness(0, 1)} and ${likeness(0, 2)}`);
    assert.ok(usage.prompt_tokens > 20);
    const refused = await (await post('/embeddings', { input: 'a', dimensions: 128 })).json();
    assert.deepEqual([refused.error.param, refused.error.code], ['dimensions', 'unsupported_value']);
    const long = await (await post('/embeddings', { input: 'word '.repeat(3000) })).json();
    assert.equal(long.error.code, 'context_length_exceeded');
    assert.match((await chat(capital)).choices[0].message.content, /Paris/);
  });

  test('under the system text everybody sends', async () => {
    const messages = [{ role: 'system', content: 'You are a helpful assistant.' }, ...capital.messages];
    assert.match((await chat({ messages })).choices[0].message.content, /Paris/);
  });

  test('a stream says the same', async () => {
    const response = await post('/chat/completions', { ...capital, stream: true, stream_options: { include_usage: true } });
    const events = (await response.text()).trimEnd().split('\n\n');
    assert.equal(events.at(-1), 'data: [DONE]');
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event.replace(/^data: /, '')));
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    assert.equal(text, (await chat(capital)).choices[0].message.content);
    assert.ok(chunks.length > 5);
    assert.ok(chunks.at(-1).usage.completion_tokens > 0);
  });

  test('max_tokens and stop', async () => {
    const short = await chat({ ...story, max_tokens: 5 });
    assert.deepEqual([short.choices[0].finish_reason, short.usage.completion_tokens], ['length', 5]);
    const { choices } = await chat({ ...story, stop: ['upon', 'dog'] });
    assert.equal(choices[0].finish_reason, 'stop');
    assert.doesNotMatch(choices[0].message.content, /upon|dog/);
  });

  test('a seed makes sampling repeatable', async () => {
    const body = { ...story, max_tokens: 12, temperature: 1.2, seed: 7 };
    const text = async (more: Body) => (await chat({ ...body, ...more })).choices[0].message.content;
    assert.equal(await text({}), await text({}));
    assert.notEqual(await text({}), await text({ seed: 8 }));
  });

  test('JSON by schema', async () => {
    const schema = {
      type: 'object',
      properties: {
        'a "name"': { type: 'string', maxLength: 30 },
        size: { enum: ['small', 'größe', 3, null] },
        born: { type: 'string', format: 'date' },
        legs: { type: 'integer' },
        tail: { $ref: '#/$defs/part' },
      },
      required: ['a "name"', 'size', 'born', 'legs', 'tail'],
      additionalProperties: false,
      $defs: { part: { type: ['object', 'null'], properties: { long: { type: 'boolean' } }, required: ['long'] } },
    };
    const response_format = { type: 'json_schema', json_schema: { name: 'cat', schema } };
    const { choices } = await chat({ messages: user('Describe a cat.'), response_format, max_tokens: 200 });
    assert.equal(choices[0].finish_reason, 'stop', choices[0].message.content);
    const cat = JSON.parse(choices[0].message.content);
    assert.deepEqual(Object.keys(cat), schema.required);
    assert.ok(schema.properties.size.enum.includes(cat.size));
    assert.ok(Number.isInteger(cat.legs));
    assert.ok(cat.tail === null || typeof cat.tail.long === 'boolean');
    assert.match(cat.born, /^\d{4}-\d\d-\d\d$/);
  });

  test('a schema that holds itself', async () => {
    const node = {
      type: 'object',
      properties: { tag: { type: 'string' }, kids: { type: 'array', items: { $ref: '#/$defs/node' } } },
      required: ['tag', 'kids'],
    };
    const response_format = { type: 'json_schema', json_schema: { name: 'tree', schema: { $ref: '#/$defs/node', $defs: { node } } } };
    // This model goes on into the depth; that it is held to the form is what shows.
    const { choices } = await chat({ messages: user('A family tree.'), response_format, max_tokens: 40 });
    assert.match(choices[0].message.content, /^\s*\{\s*"tag":\s*".*",\s*"kids":\s*\[/s);
  });

  test('any JSON object', async () => {
    const { choices } = await chat({ messages: user('A JSON object about a cat named Tom, 3 years old.'), response_format: { type: 'json_object' } });
    assert.equal(typeof JSON.parse(choices[0].message.content), 'object');
  });

  test('a schema no grammar can be made of is a 400', async () => {
    const schema = { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } };
    const response = await post('/chat/completions', { ...capital, response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } });
    const answer = await response.json();
    assert.equal(response.status, 400, JSON.stringify(answer));
  });

  const weather = {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Get the weather of a city',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
        required: ['city', 'unit'],
      },
    },
  };
  const mail = { type: 'function', function: { name: 'read_mail', description: 'Read the latest mail' } };
  const question = user('What is the weather in Paris, in celsius?');

  test('required gives a call of one of the tools', async () => {
    const { choices } = await chat({ messages: question, tools: [weather, mail], tool_choice: 'required' });
    const { name, arguments: text } = choices[0].message.tool_calls[0].function;
    assert.equal(choices[0].finish_reason, 'tool_calls');
    assert.deepEqual(Object.keys(JSON.parse(text)), name === 'get_weather' ? ['city', 'unit'] : []);
  });

  test('a named call, then the answer from its result', async () => {
    const { choices } = await chat({ messages: question, tools: [weather, mail], tool_choice: { type: 'function', function: { name: 'get_weather' } } });
    const [message, call] = [choices[0].message, choices[0].message.tool_calls[0]];
    assert.deepEqual([choices[0].finish_reason, message.content, message.tool_calls.length], ['tool_calls', null, 1]);
    assert.deepEqual([call.function.name, JSON.parse(call.function.arguments)], ['get_weather', { city: 'Paris', unit: 'celsius' }]);
    const messages = [...question, message, { role: 'tool', tool_call_id: call.id, content: '18 degrees, sunny' }];
    assert.match((await chat({ messages, tools: [weather] })).choices[0].message.content, /18 degrees/);
  });

  test('a named call without arguments, streamed', async () => {
    const response = await post('/chat/completions', {
      messages: question,
      tools: [weather, mail],
      tool_choice: { type: 'function', function: { name: 'read_mail' } },
      stream: true,
    });
    const chunks = (await response.text())
      .trimEnd()
      .split('\n\n')
      .slice(0, -1)
      .map((event) => JSON.parse(event.replace(/^data: /, '')).choices[0]);
    const deltas = chunks.flatMap((choice) => choice.delta.tool_calls ?? []);
    assert.equal(deltas[0].function.name, 'read_mail');
    assert.equal(deltas.map((delta) => delta.function.arguments).join(''), '{}');
    assert.equal(chunks.at(-1).finish_reason, 'tool_calls');
  });

  test('a client that leaves frees the slot, generating, reading a long prompt or waiting', async () => {
    const generating = new AbortController();
    const running = await post('/chat/completions', { ...story, stream: true }, generating.signal);
    const waiting = new AbortController();
    const queued = assert.rejects(post('/chat/completions', story, waiting.signal));
    const reader = running.body?.getReader();
    for (let chunk = 0; chunk < 4; chunk += 1) await reader?.read();
    waiting.abort();
    generating.abort();
    await queued;
    const reading = new AbortController();
    const prompt = await post('/chat/completions', { messages: user('A dog. '.repeat(280)), stream: true }, reading.signal);
    assert.equal(prompt.status, 200);
    reading.abort();
    const began = performance.now();
    await chat(capital);
    const took = performance.now() - began;
    console.log(`the next answer came after ${Math.round(took)} ms`);
    assert.ok(took < 5000);
  });

  test('a prompt that does not fit', async () => {
    const response = await post('/chat/completions', { messages: user('word '.repeat(1500)) });
    assert.equal(response.status, 400);
    const { error } = await response.json();
    assert.deepEqual([error.code, error.param], ['context_length_exceeded', 'messages']);
  });

  test('an answer ends where the context ends', async () => {
    const messages = user(`Count to a thousand, one number a line. ${'A dog. '.repeat(280)}`);
    const { choices, usage } = await chat({
      messages,
      max_tokens: 4000,
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'array', minItems: 500, items: { type: 'integer' } } } },
    });
    assert.equal(choices[0].finish_reason, 'length');
    assert.equal(usage.total_tokens, 1024 - 2);
  });

  test('killed, it is started again by the next call', async () => {
    const pid = Number(
      lines
        .findLast((line) => / runs in process /.test(line))
        ?.split(' ')
        .at(-1),
    );
    const failed = new Promise((resolve) => engine.onStatus((status) => status.state === 'failed' && resolve(status.code)));
    process.kill(pid, 'SIGKILL');
    assert.equal(await failed, 'engine_crashed');
    const began = performance.now();
    endpoint = await engine.start();
    assert.match((await chat(capital)).choices[0].message.content, /Paris/);
    console.log(`an answer ${Math.round(performance.now() - began)} ms after the crash`);
  });
});
