import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { dialects } from '../support/dialects.ts';
import { providers } from '../../packages/modelwire/src/providers/catalog.ts';
import { addressesFor } from '../../packages/modelwire/src/providers/from-env.ts';
import { ask, key, list, messageIn, provider, record, targetOf, places } from './provider-call.ts';
import { type ProviderError, providerErrors } from './provider-errors.ts';
import { chineseShapes } from './provider-shapes/chinese.ts';
import { type Buckets, city, type ProviderShape, thought } from './provider-shapes/shape.ts';
import { westernShapes } from './provider-shapes/western.ts';

/** Every provider's own shape through the whole path, to callers of either format. */

const question = { role: 'user', content: '巴黎的天气怎么样？' };
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const asOpenai = { messages: [question], tools: [{ type: 'function', function: { name: 'weather', parameters: schema } }] };
const asAnthropic = { max_tokens: 4096, messages: [question], tools: [{ name: 'weather', input_schema: schema }] };

function framesOf({ stream }: ProviderShape): string {
  return stream.map((data) => (typeof data === 'string' ? data : `data: ${JSON.stringify(data)}\n\n`)).join('');
}

/** The same without the chunks that hold nothing but usage. */
function withoutUsage(shape: ProviderShape): string {
  return framesOf({
    ...shape,
    stream: shape.stream.filter((data) => typeof data === 'string' || !('choices' in data) || !Array.isArray(data.choices) || data.choices.length > 0),
  });
}

function assertUsage(usage: { readonly raw?: string | undefined } | undefined, wanted: Buckets): void {
  const { raw: _raw, ...counted } = usage ?? {};
  assert.deepEqual(Object.fromEntries(Object.entries(counted).filter(([, count]) => count !== 0)), wanted);
}

const shapes = [...chineseShapes, ...westernShapes].flatMap((shape) => shape.names.map((name) => ({ name, shape, title: `${name} ${shape.model ?? ''}` })));

describe('to a caller of openai-chat the bytes pass', () => {
  for (const { name, shape, title } of shapes) {
    const target = targetOf(name, shape);
    // MiniMax ends without a terminator: one is added.
    const ending = shape.stream.at(-1) === 'data: [DONE]\n\n' ? '' : 'data: [DONE]\n\n';

    test(`${title}: stream`, async () => {
      const stream = { ...asOpenai, stream: true };
      const answer = { text: framesOf(shape) };
      const unasked = await ask({ target, front: 'openai-chat', request: stream, answer });
      assert.equal(unasked.attempt.mode, 'relay');
      assert.equal(unasked.text, withoutUsage(shape) + ending);
      assertUsage(unasked.attempt.usage, shape.usage);
      assert.deepEqual(unasked.body['stream_options'], target.quirks.streamUsage === false ? undefined : { include_usage: true });
      const asked = await ask({ target, front: 'openai-chat', request: { ...stream, stream_options: { include_usage: true } }, answer });
      assert.equal(asked.text, framesOf(shape) + ending);
      assertUsage(asked.attempt.usage, shape.usage);
      const torn = await ask({ target, front: 'openai-chat', request: stream, answer, bytewise: true });
      assert.equal(torn.text, unasked.text);
      const untouched = await ask({ target, front: 'openai-chat', request: stream, answer, wantUsage: false });
      assert.equal(untouched.text, framesOf(shape) + ending);
      assert.equal(untouched.body['stream_options'], undefined);
      assert.equal(untouched.attempt.finish, name === 'google' ? 'stop' : 'tool_calls');
    });

    test(`${title}: whole`, async () => {
      const told = await ask({ target, front: 'openai-chat', request: asOpenai, answer: { text: JSON.stringify(shape.whole) } });
      assert.equal(told.attempt.mode, 'relay');
      assert.equal(told.text, JSON.stringify(shape.whole));
      assertUsage(told.attempt.usage, shape.usage);
    });
  }
});

async function askAnthropic(name: string, shape: ProviderShape): Promise<{ streamed: Record<string, unknown>; whole: Record<string, unknown> }> {
  const target = targetOf(name, { model: shape.model, dialect: 'openai-chat' });
  const streamed = await ask({ target, front: 'anthropic-messages', request: { ...asAnthropic, stream: true }, answer: { text: framesOf(shape) } });
  const whole = await ask({ target, front: 'anthropic-messages', request: asAnthropic, answer: { text: JSON.stringify(shape.whole) } });
  const torn = await ask({ target, front: 'anthropic-messages', request: { ...asAnthropic, stream: true }, answer: { text: framesOf(shape) }, bytewise: true });
  assert.equal(torn.text, streamed.text);
  assertUsage(streamed.attempt.usage, shape.usage);
  return { streamed: messageIn(streamed.text), whole: record(JSON.parse(whole.text)) };
}

function expectedContent(name: string, shape: ProviderShape, id: unknown): object[] {
  return [
    ...(shape.thinks === false ? [] : [{ type: 'thinking', thinking: thought, signature: `mw1.${name}.` }]),
    ...(shape.says === undefined ? [] : [{ type: 'text', text: shape.says, citations: null }]),
    { type: 'tool_use', id, name: 'weather', input: JSON.parse(city) as unknown },
  ];
}

describe('to a caller of anthropic-messages it is translated', () => {
  for (const { name, shape, title } of shapes) {
    test(title, async () => {
      const { streamed, whole } = await askAnthropic(name, shape);
      const id = list(whole['content']).at(-1)?.['id'];
      if (/^[\w-]+$/.test(shape.id)) assert.equal(id, shape.id);
      else assert.match(String(id), /^[\w-]+$/);
      const { caller: _caller, ...call } = list(whole['content']).at(-1) ?? {};
      assert.deepEqual([...list(whole['content']).slice(0, -1), call], expectedContent(name, shape, id));
      assert.deepEqual(streamed['content'], whole['content']);
      assert.deepEqual([streamed['stop_reason'], whole['stop_reason']], ['tool_use', 'tool_use']);
      for (const message of [streamed, whole]) {
        const usage = record(message['usage']);
        assert.deepEqual(
          [usage['input_tokens'], usage['cache_read_input_tokens'] ?? 0, usage['output_tokens']],
          [shape.usage.input, shape.usage.cacheRead ?? 0, shape.usage.output + (shape.usage.reasoning ?? 0)],
        );
      }
    });
  }
});

const thinkingFields = ['reasoning_content', 'reasoning', 'reasoning_details'];

/** What of thinking a message that went out holds. */
function thinkingIn(message: Record<string, unknown> | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(message ?? {}).filter(([field]) => thinkingFields.includes(field)));
}

const hello = {
  text: JSON.stringify({
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
  }),
};
const field = (name: string | undefined, text: string): object => (name === undefined ? {} : { [name]: text });

describe('thinking goes back where it is wanted, and nowhere else', () => {
  for (const { name, shape, title } of shapes) {
    if (shape.thinks === false) continue;
    const { returns, placeholder } = shape;

    test(`${title}: from a caller of anthropic-messages`, async () => {
      const target = targetOf(name, { model: shape.model, dialect: 'openai-chat' });
      const { whole } = await askAnthropic(name, shape);
      const id = list(whole['content']).at(-1)?.['id'];
      const earlier = [
        { type: 'thinking', thinking: '早先', signature: `mw1.${name}.` },
        { type: 'text', text: '好' },
      ];
      const messages = [
        question,
        { role: 'assistant', content: earlier },
        question,
        { role: 'assistant', content: whole['content'] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: '18 度' }] },
      ];
      const { body, attempt } = await ask({ target, front: 'anthropic-messages', request: { ...asAnthropic, messages }, answer: hello });
      const sent = list(body['messages']);
      assert.deepEqual(thinkingIn(sent[1]), field(returns?.text, '早先'));
      assert.deepEqual(thinkingIn(sent[3]), field(returns?.call, thought));
      const [call] = list(sent[3]?.['tool_calls']);
      assert.equal(call?.['id'], sent[4]?.['tool_call_id']);
      assert.equal(record(call?.['function'])['arguments'], city);
      if (returns === undefined)
        assert.ok(
          attempt.notes.some((note) => /reasoning/.test(note.reason)),
          'what is withheld is noted',
        );
    });

    test(`${title}: thinking of another provider, or none, is not sent`, async () => {
      const target = targetOf(name, { model: shape.model, dialect: 'openai-chat' });
      const use = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} };
      const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: '18' }] };
      for (const content of [[use], [{ type: 'thinking', thinking: '别处', signature: 'mw1.elsewhere.' }, use]]) {
        const { body } = await ask({
          target,
          front: 'anthropic-messages',
          request: { ...asAnthropic, messages: [question, { role: 'assistant', content }, result] },
          answer: hello,
        });
        assert.deepEqual(thinkingIn(list(body['messages'])[1]), placeholder === undefined ? {} : { reasoning_content: placeholder });
      }
    });

    test(`${title}: from a caller of openai-chat`, async () => {
      const target = targetOf(name, shape);
      const choice = record(list(record(shape.whole)['choices'])[0]?.['message']);
      const calls = [{ id: 'call_12345', type: 'function', function: { name: 'weather', arguments: city } }];
      const turn = (thinking: object): object[] => [
        question,
        { role: 'assistant', content: null, ...thinking, tool_calls: calls },
        { role: 'tool', tool_call_id: 'call_12345', content: '18' },
      ];
      const given = thinkingIn(choice);
      const same = await ask({ target, front: 'openai-chat', request: { ...asOpenai, messages: turn(given) }, answer: hello });
      const refused = target.quirks.reasoningHistory === 'never';
      assert.deepEqual(thinkingIn(list(same.body['messages'])[1]), refused ? {} : given);
      if (target.quirks.toolCallIds === undefined && !refused) assert.equal(same.attempt.mode, 'relay');
      const foreign = await ask({ target, front: 'openai-chat', request: { ...asOpenai, messages: turn({ reasoning_content: '想' }) }, answer: hello });
      assert.deepEqual(thinkingIn(list(foreign.body['messages'])[1]), refused ? {} : field(target.quirks.reasoningField ?? 'reasoning_content', '想'));
      const missing = await ask({ target, front: 'openai-chat', request: { ...asOpenai, messages: turn({}) }, answer: hello });
      assert.deepEqual(thinkingIn(list(missing.body['messages'])[1]), placeholder === undefined ? {} : { reasoning_content: placeholder });
    });
  }
});

describe('what single providers want of a request', () => {
  const calls = (id: string): object => ({ id, type: 'function', function: { name: 'weather', arguments: city } });
  const turn = (...messages: object[]): object => ({ ...asOpenai, messages: [question, ...messages] });
  const result = { role: 'tool', tool_call_id: 'call_1', content: '18' };

  test('Kimi takes an empty thought for none; DeepSeek does not, but wants one in every message of a conversation with tools', async () => {
    const empty = turn({ role: 'assistant', content: null, reasoning_content: '', tool_calls: [calls('call_1')] }, result);
    const kimi = await ask({ target: targetOf('moonshot'), front: 'openai-chat', request: empty, answer: hello });
    assert.equal(list(kimi.body['messages'])[1]?.['reasoning_content'], ' ');
    const deepseek = await ask({ target: targetOf('deepseek'), front: 'openai-chat', request: empty, answer: hello });
    assert.equal(deepseek.attempt.mode, 'relay');
    const mixed = turn(
      { role: 'assistant', content: null, reasoning_content: 'x', tool_calls: [calls('call_1')] },
      result,
      { role: 'assistant', content: '18 度' },
      question,
    );
    const filled = await ask({ target: targetOf('deepseek'), front: 'openai-chat', request: mixed, answer: hello });
    assert.deepEqual(
      list(filled.body['messages']).map((message) => message['reasoning_content']),
      [undefined, 'x', undefined, '', undefined],
    );
    const chat = await ask({
      target: targetOf('deepseek'),
      front: 'openai-chat',
      request: { messages: [question, { role: 'assistant', content: '好' }, question] },
      answer: hello,
    });
    assert.equal(chat.attempt.mode, 'relay');
  });

  test('Kimi takes no image by its address: refused before it is sent, from either format; as data it passes', async () => {
    const openai = (url: string): object => ({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] });
    const anthropic = { max_tokens: 9, messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }] }] };
    const target = targetOf('moonshot', { dialect: 'openai-chat' });
    const refused = (error: unknown): boolean =>
      error instanceof GatewayError && error.status === 400 && /by its address/.test(error.message) && /base64/.test(error.hint ?? '');
    await assert.rejects(ask({ target, front: 'openai-chat', request: openai('https://example.com/a.png'), answer: hello }), refused);
    await assert.rejects(ask({ target, front: 'anthropic-messages', request: anthropic, answer: hello }), refused);
    const data = await ask({ target, front: 'openai-chat', request: openai('data:image/png;base64,AAAA'), answer: hello });
    assert.equal(data.attempt.mode, 'relay');
  });

  test('Mistral’s seed has another name, on both ways', async () => {
    const target = targetOf('mistral');
    const relayed = await ask({ target, front: 'openai-chat', request: { messages: [question], seed: 7 }, answer: hello });
    assert.deepEqual([relayed.attempt.mode, relayed.body['random_seed'], relayed.body['seed']], ['relay', 7, undefined]);
    const translated = await ask({
      target,
      front: 'openai-chat',
      request: { messages: [{ role: 'developer', content: 'x' }, question], seed: 7 },
      answer: hello,
    });
    assert.deepEqual([translated.attempt.mode, translated.body['random_seed'], translated.body['seed']], ['translate', 7, undefined]);
  });

  test('a tool may be forced where the model need not think', async () => {
    for (const [name, model] of [
      ['deepseek', 'deepseek-chat'],
      ['dashscope', 'qwen-plus'],
    ] as const) {
      const { body } = await ask({ target: targetOf(name, { model }), front: 'openai-chat', request: { ...asOpenai, tool_choice: 'required' }, answer: hello });
      assert.equal(body['tool_choice'], 'required');
    }
    await assert.rejects(
      ask({ target: targetOf('zhipu'), front: 'openai-chat', request: { ...asOpenai, tool_choice: 'required' }, answer: hello }),
      /cannot be made to call/,
    );
  });

  test('two calls that all stand at index 0 are two', async () => {
    const chunk = (delta: object, finish: string | null = null): string =>
      `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    const call = (id: string, name: string): string =>
      chunk({ tool_calls: [{ index: 0, id, type: 'function', function: { name, arguments: '' } }] }) +
      chunk({ tool_calls: [{ index: 0, id: '', type: 'function', function: { name: null, arguments: city } }] });
    const text = `${call('call_a', 'weather')}${call('call_b', 'weather')}${chunk({ content: '' }, 'tool_calls')}data: [DONE]\n\n`;
    const told = await ask({
      target: targetOf('siliconflow', { dialect: 'openai-chat' }),
      front: 'anthropic-messages',
      request: { ...asAnthropic, stream: true },
      answer: { text },
    });
    const content = list(messageIn(told.text)['content']);
    assert.deepEqual(
      content.map((block) => [block['id'], block['input']]),
      [
        ['call_a', JSON.parse(city)],
        ['call_b', JSON.parse(city)],
      ],
    );
  });
});

const anthropicTypes = new Map([
  [400, 'invalid_request_error'],
  [402, 'billing_error'],
  [404, 'not_found_error'],
  [429, 'rate_limit_error'],
  [502, 'api_error'],
  [529, 'overloaded_error'],
]);

async function failureOf(name: string, front: DialectName, { status, body, event }: ProviderError): Promise<GatewayError> {
  const text = event === true ? `data: ${JSON.stringify(body)}\n\n` : JSON.stringify(body);
  const request = { ...(front === 'openai-chat' ? asOpenai : asAnthropic), ...(event === true ? { stream: true } : {}) };
  const target = targetOf(name, { dialect: 'openai-chat' });
  let caught: unknown;
  await ask({ target, front, request, answer: { status, text } }).catch((thrown: unknown) => (caught = thrown));
  assert.ok(caught instanceof GatewayError, `${name}: no error`);
  return caught;
}

describe('errors are told in the caller’s shape, with the provider’s words', () => {
  const wanted = {
    upstream_auth: [502, false],
    insufficient_quota: [429, false],
    overloaded: [503, true],
    rate_limit_exceeded: [429, true],
    model_not_found: [404, false],
    context_length_exceeded: [400, false],
    content_filter: [400, false],
    upstream_error: [502, true],
  } as const;
  const statusOf = (error: ProviderError): readonly [number, boolean] =>
    error.code in wanted ? wanted[error.code as keyof typeof wanted] : [error.status === 200 ? 400 : error.status, false];

  for (const row of providerErrors) {
    for (const name of row.names) {
      test(`${name}: ${row.status} ${JSON.stringify(row.body).slice(0, 80)}`, async () => {
        const [status, retryable] = statusOf(row);
        for (const front of ['openai-chat', 'anthropic-messages'] as const) {
          const error = await failureOf(name, front, row);
          assert.deepEqual([error.code, error.status, error.retryable], [row.code, status, retryable], error.message);
          assert.ok(error.message.startsWith(`${name}: `) && error.message.includes(row.says), error.message);
          const shown = dialects[front].front.error(error, 'req_1');
          const inner = record(record(JSON.parse(shown.body))['error']);
          if (front === 'openai-chat') assert.deepEqual([shown.status, inner['code']], [status, row.code]);
          else {
            const own = row.code === 'insufficient_quota' ? 402 : status === 503 ? 529 : status;
            assert.deepEqual([shown.status, inner['type']], [own, anthropicTypes.get(own) ?? 'invalid_request_error']);
          }
        }
      });
    }
  }

  test('a key in the provider’s words does not leave', async () => {
    const error = await failureOf('deepseek', 'openai-chat', {
      names: [],
      status: 401,
      body: { error: { message: `the key ${key} is wrong` } },
      code: 'upstream_auth',
      says: '',
    });
    assert.ok(!error.message.includes(key) && error.message.includes('[redacted]'), error.message);
  });

  test('Zhipu’s Anthropic endpoint says the same in its own way', async () => {
    const body = {
      type: 'error',
      error: { code: '1113', message: '[1113][Insufficient balance or no resource package. Please recharge.][20260926]', type: 'rate_limit_error' },
      request_id: '1',
    };
    const call = ask({ target: targetOf('zhipu'), front: 'anthropic-messages', request: asAnthropic, answer: { status: 429, text: JSON.stringify(body) } });
    await assert.rejects(call, (error: unknown) => error instanceof GatewayError && error.code === 'insufficient_quota' && !error.retryable);
  });

  test('MiniMax’s Anthropic endpoint too', async () => {
    const body = {
      type: 'error',
      error: { type: 'authentication_error', message: "login fail: Please carry the API secret key in the 'X-Api-Key' field of the request header" },
    };
    const call = ask({ target: targetOf('minimax'), front: 'anthropic-messages', request: asAnthropic, answer: { status: 401, text: JSON.stringify(body) } });
    await assert.rejects(call, (error: unknown) => error instanceof GatewayError && error.code === 'upstream_auth' && error.message.includes('login fail'));
  });
});

describe('every provider is called at its own address, with its own header', () => {
  const answers: { readonly [name in DialectName]: string } = {
    'openai-chat': hello.text,
    'openai-responses': JSON.stringify({ id: 'resp_1', object: 'response', status: 'completed', model: 'm', output: [] }),
    'anthropic-messages': JSON.stringify({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'text', text: 'ok' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    }),
    gemini: JSON.stringify({ candidates: [{ content: { parts: [{ text: 'ok' }], role: 'model' }, finishReason: 'STOP', index: 0 }] }),
    cohere: JSON.stringify({ id: 'a', finish_reason: 'COMPLETE', message: { role: 'assistant', content: [{ type: 'text', text: 'ok' }] } }),
    ollama: JSON.stringify({ model: 'm', message: { role: 'assistant', content: 'ok' }, done: true, done_reason: 'stop' }),
    'bedrock-converse': JSON.stringify({ output: { message: { role: 'assistant', content: [{ text: 'ok' }] } }, stopReason: 'end_turn' }),
  };
  const requests: { readonly [name in DialectName]: object } = {
    'openai-chat': { messages: [question] },
    'openai-responses': { input: 'hi' },
    'anthropic-messages': { max_tokens: 9, messages: [question] },
    gemini: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
    cohere: { messages: [question] },
    ollama: { messages: [question], stream: false },
    'bedrock-converse': { messages: [{ role: 'user', content: [{ text: 'hi' }] }] },
  };
  const paths: { readonly [name in DialectName]: (model: string) => string } = {
    'openai-chat': () => '/chat/completions',
    'openai-responses': () => '/responses',
    'anthropic-messages': () => '/v1/messages',
    gemini: (model) => `/v1beta/models/${model}:generateContent`,
    cohere: () => '/v2/chat',
    ollama: () => '/api/chat',
    'bedrock-converse': (model) => `/model/${encodeURIComponent(model)}/converse`,
  };

  for (const entry of providers) {
    const { name } = entry;
    const { speaks } = addressesFor(entry, places);
    for (const [dialect, endpoint] of Object.entries(speaks) as [DialectName, NonNullable<(typeof speaks)[DialectName]>][]) {
      test(`${name} over ${dialect}`, async () => {
        const model = provider(name).defaultModel ?? 'a-model';
        const { sent, attempt, body } = await ask({ target: targetOf(name), front: dialect, request: requests[dialect], answer: { text: answers[dialect] } });
        assert.equal(attempt.mode, 'relay');
        assert.equal(attempt.back, dialect);
        assert.equal(sent.url, endpoint.baseURL + (endpoint.paths?.chat.replace('{model}', model) ?? paths[dialect](model)));
        assert.ok(!/\/v1\/v1|[^:]\/\//.test(sent.url), sent.url);
        const { authorization, 'x-api-key': apiKey, 'x-goog-api-key': googleKey } = sent.headers;
        const none = [undefined, undefined, undefined];
        const wanted = {
          bearer: [`Bearer ${key}`, undefined, undefined],
          'x-api-key': [undefined, key, undefined],
          'x-goog-api-key': [undefined, undefined, key],
          'api-key': none,
          aws: [`Bearer ${key}`, undefined, undefined],
          none,
        };
        assert.deepEqual([authorization, apiKey, googleKey], wanted[endpoint.auth]);
        assert.equal(sent.headers['api-key'], endpoint.auth === 'api-key' ? key : undefined);
        assert.equal(sent.headers['anthropic-version'], dialect === 'anthropic-messages' ? '2023-06-01' : undefined);
        assert.equal(body['model'], model);
      });
    }
  }

  test('both fact sheets and errors cover every Chinese provider', () => {
    const covered = new Set([...chineseShapes, ...providerErrors].flatMap((entry) => entry.names));
    for (const { name, region } of providers) if (region !== undefined) assert.ok(covered.has(name), name);
  });
});
