/** The official `openai` library on every back. */
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import {
  base,
  type Case,
  drain,
  key,
  pdf,
  pdfBytes,
  png,
  pngBytes,
  raises,
  refusalText,
  runCases,
  thought,
  unicode,
  upstream,
  upstreamValue,
  valueAt,
  waitGone,
  weather,
  weatherCall,
} from './harness.ts';

type Options = ConstructorParameters<typeof OpenAI>[0];
type Message = OpenAI.Chat.ChatCompletionMessageParam;
type Params = Omit<OpenAI.Chat.ChatCompletionCreateParamsNonStreaming, 'model' | 'stream'>;

const tool = { type: 'function', function: { name: 'get_weather', description: 'The weather', parameters: weather } } as const;
const other = { type: 'function', function: { name: 'get_time', description: 'The time' } } as const;

function client(c: Case, options: Options = {}): OpenAI {
  return new OpenAI({ baseURL: `${base}/v1`, apiKey: key, maxRetries: 0, fetch: c.fetch, ...options });
}

function user(content: string | OpenAI.Chat.ChatCompletionContentPart[]): Message[] {
  return [{ role: 'user', content }];
}

function create(c: Case, model: string, params: Params, options?: Options) {
  return client(c, options).chat.completions.create({ model: c.model(model), ...params });
}

function stream(c: Case, model: string, params: Params & Pick<OpenAI.Chat.ChatCompletionCreateParamsStreaming, 'stream_options'>) {
  return client(c).chat.completions.create({ model: c.model(model), ...params, stream: true });
}

type Chunk = OpenAI.Chat.ChatCompletionChunk;

function textOf(chunks: readonly Chunk[]): string {
  return chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
}

function messageOf(answer: OpenAI.Chat.ChatCompletion) {
  const choice = answer.choices[0];
  assert.ok(choice !== undefined, 'a choice');
  return { ...choice.message, finish: choice.finish_reason };
}

function callsOf(message: OpenAI.Chat.ChatCompletionMessage) {
  return (message.tool_calls ?? [])
    .filter((call) => call.type === 'function')
    .map((call) => ({ id: call.id, name: call.function.name, arguments: JSON.parse(call.function.arguments) as unknown }));
}

async function chat_whole(c: Case): Promise<void> {
  const answer = await create(c, 'echo', { messages: user('Hello there') });
  const { content, refusal, finish } = messageOf(answer);
  assert.deepEqual([content, refusal, finish], ['Hello there', null, 'stop']);
  assert.deepEqual([answer.usage?.prompt_tokens, answer.usage?.completion_tokens, answer.usage?.total_tokens], [5, 2, 7]);
  assert.equal(answer.model, 'echo');
  assert.ok(answer.created > 1_700_000_000, 'created is a time');
  assert.ok(answer._request_id, 'a request id');
}

async function chat_stream(c: Case): Promise<void> {
  const chunks = await drain(await stream(c, 'text-30', { messages: user('Hello there'), stream_options: { include_usage: true } }));
  const pieces = chunks.filter((chunk) => chunk.choices[0]?.delta.content);
  assert.ok(pieces.length >= 30, `${pieces.length} pieces: streamed piece by piece`);
  assert.equal(textOf(chunks).split(' ').length, 30);
  assert.deepEqual([chunks.at(-1)?.usage?.prompt_tokens, chunks.at(-1)?.usage?.completion_tokens], [5, 30]);
  assert.equal(chunks.at(-2)?.choices[0]?.finish_reason, 'stop');
}

async function chat_stream_no_usage(c: Case): Promise<void> {
  const chunks = await drain(await stream(c, 'echo', { messages: user('Hello there') }));
  assert.ok(
    chunks.every((chunk) => (chunk.usage ?? null) === null && chunk.choices.length === 1),
    'no usage chunk, no chunk without a choice',
  );
}

/** Node has one client only: here its web-stream face. */
async function chat_async(c: Case): Promise<void> {
  const lines = (await stream(c, 'echo', { messages: user(unicode) })).toReadableStream();
  const text = await new Response(lines).text();
  const chunks = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Chunk);
  assert.equal(textOf(chunks), unicode);
}

async function unicode_text(c: Case): Promise<void> {
  assert.equal(messageOf(await create(c, 'echo', { messages: user(unicode) })).content, unicode);
  assert.equal(
    await client(c)
      .chat.completions.stream({ model: c.model('echo'), messages: user(unicode) })
      .finalContent(),
    unicode,
    'streamed',
  );
}

async function system_text(c: Case): Promise<void> {
  const messages: Message[] = [
    { role: 'system', content: 'Be brief.' },
    { role: 'developer', content: [{ type: 'text', text: 'Use English.' }] },
    { role: 'user', content: 'One' },
    { role: 'assistant', content: 'Two' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Three' },
        { type: 'text', text: 'Four' },
      ],
    },
  ];
  const answer = await create(c, 'inspect', { messages, temperature: 0.5, max_completion_tokens: 1000, user: 'u-1' });
  const body: unknown = JSON.parse(messageOf(answer).content ?? '');
  assert.equal(valueAt(body, 'temperature') ?? valueAt(body, 'generationConfig', 'temperature') ?? valueAt(body, 'inferenceConfig', 'temperature'), 0.5);
  if (c.back === 'mg') {
    assert.deepEqual(valueAt(body, 'systemInstruction', 'parts'), [{ text: 'Be brief.' }, { text: 'Use English.' }]);
    assert.deepEqual(valueAt(body, 'contents', 2, 'parts'), [{ text: 'Three' }, { text: 'Four' }]);
    assert.equal(valueAt(body, 'generationConfig', 'maxOutputTokens'), 1000);
  } else if (c.back === 'mk') {
    assert.deepEqual(valueAt(body, 'system'), [{ text: 'Be brief.' }, { text: 'Use English.' }]);
    assert.deepEqual(valueAt(body, 'messages', 2, 'content'), [{ text: 'Three' }, { text: 'Four' }]);
    assert.equal(valueAt(body, 'inferenceConfig', 'maxTokens'), 1000);
  } else if (c.back === 'ma') {
    assert.deepEqual(valueAt(body, 'system'), [
      { type: 'text', text: 'Be brief.' },
      { type: 'text', text: 'Use English.' },
    ]);
    assert.deepEqual(valueAt(body, 'messages', 2, 'content'), [
      { type: 'text', text: 'Three' },
      { type: 'text', text: 'Four' },
    ]);
    assert.deepEqual([valueAt(body, 'max_tokens'), valueAt(body, 'metadata', 'user_id')], [1000, 'u-1']);
  } else if (c.back === 'mh') {
    assert.deepEqual(valueAt(body, 'messages', 1), { role: 'system', content: 'Use English.' });
    assert.equal(valueAt(body, 'max_tokens'), 1000);
  } else if (c.back === 'mr') {
    const spoken = (valueAt(body, 'input') as unknown[]).map((item) => [valueAt(item, 'role'), valueAt(item, 'content')]);
    assert.deepEqual(spoken, [
      ['system', 'Be brief.'],
      ['developer', 'Use English.'],
      ['user', 'One'],
      ['assistant', 'Two'],
      ['user', ['Three', 'Four'].map((text) => ({ type: 'input_text', text }))],
    ]);
    assert.deepEqual([valueAt(body, 'max_output_tokens'), valueAt(body, 'store')], [1000, false]);
  } else {
    assert.deepEqual(valueAt(body, 'messages'), messages);
    assert.equal(valueAt(body, 'max_completion_tokens'), 1000);
  }
}

async function tool_round(c: Case): Promise<void> {
  const first = messageOf(await create(c, 'tool', { messages: user('Weather?'), tools: [tool] }));
  assert.equal(first.finish, 'tool_calls');
  const [call] = callsOf(first);
  assert.ok(call !== undefined && call.id.length <= 40, 'an id of at most 40 characters');
  assert.deepEqual([call.name, call.arguments], ['get_weather', weatherCall]);
  const { finish: _, ...said } = first;
  const second = messageOf(
    await create(c, 'tool', { messages: [...user('Weather?'), said, { role: 'tool', tool_call_id: call.id, content: '21 degrees' }], tools: [tool] }),
  );
  assert.deepEqual([second.content, second.finish], ['get_weather returned 21 degrees', 'stop']);
}

async function tool_stream(c: Case): Promise<void> {
  const asked: string[] = [];
  const runner = client(c).chat.completions.runTools({
    model: c.model('tool'),
    messages: user('Weather?'),
    stream: true,
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'The weather',
          parameters: weather,
          parse: JSON.parse,
          function: (args: object) => (asked.push(JSON.stringify(args)), 'rain'),
        },
      },
    ],
  });
  let pieces = 0;
  runner.on('chunk', (chunk) => (pieces += chunk.choices[0]?.delta.tool_calls?.[0]?.function?.arguments ? 1 : 0));
  assert.equal(await runner.finalContent(), 'get_weather returned rain');
  assert.deepEqual(asked, [JSON.stringify(weatherCall)]);
  // Google sends a call whole.
  assert.ok(pieces > (c.back === 'mg' ? 0 : 1), 'arguments come in pieces');
}

async function tools_parallel(c: Case): Promise<void> {
  const first = messageOf(await create(c, 'tools', { messages: user('Both?'), tools: [tool, other] }));
  const calls = callsOf(first);
  assert.deepEqual(
    calls.map((call) => [call.name, call.arguments]),
    [
      ['get_weather', weatherCall],
      ['get_time', {}],
    ],
  );
  const { finish: _, ...said } = first;
  const results = calls.map((call, index) => ({ role: 'tool' as const, tool_call_id: call.id, content: `result ${index}` }));
  const second = messageOf(await create(c, 'tools', { messages: [...user('Both?'), said, ...results], tools: [tool, other] }));
  assert.equal(second.content, 'get_weather returned result 0\nget_time returned result 1');
  const one = messageOf(await create(c, 'tools', { messages: user('Both?'), tools: [tool, other], parallel_tool_calls: false }));
  // Google and Cohere and Bedrock cannot be told to make one call alone.
  assert.equal(callsOf(one).length, c.back === 'mg' || c.back === 'mh' || c.back === 'mk' ? 2 : 1);
}

async function tools_parallel_stream(c: Case): Promise<void> {
  const again = { ...tool, function: { ...tool.function, name: 'again' } };
  const final = await client(c)
    .chat.completions.stream({ model: c.model('tools'), messages: user('Both?'), tools: [tool, again] })
    .finalChatCompletion();
  const calls = callsOf(messageOf(final));
  assert.deepEqual(
    calls.map((call) => [call.name, call.arguments]),
    [
      ['get_weather', weatherCall],
      ['again', weatherCall],
    ],
  );
  assert.notEqual(calls[0]?.id, calls[1]?.id);
}

async function tool_choice(c: Case): Promise<void> {
  const ask = async (choice: OpenAI.Chat.ChatCompletionToolChoiceOption) =>
    messageOf(await create(c, 'echo', { messages: user('Hello there'), tools: [tool, other], tool_choice: choice }));
  assert.equal(callsOf(await ask('required'))[0]?.name, 'get_weather');
  assert.equal(callsOf(await ask({ type: 'function', function: { name: 'get_time' } }))[0]?.name, 'get_time');
  assert.equal((await ask('none')).content, 'Hello there');
  assert.equal((await ask('auto')).content, 'Hello there');
}

async function strict_tool(c: Case): Promise<void> {
  const answer = await create(c, 'inspect', { messages: user('x'), tools: [{ ...tool, function: { ...tool.function, strict: true } }] });
  const body: unknown = JSON.parse(messageOf(answer).content ?? '');
  if (c.back === 'mg') {
    assert.equal(valueAt(body, 'toolConfig', 'functionCallingConfig', 'mode'), 'VALIDATED');
    return;
  }
  if (c.back === 'mh') {
    assert.equal(valueAt(body, 'strict_tools'), true);
    return;
  }
  if (c.back === 'mk') {
    assert.equal(valueAt(body, 'toolConfig', 'tools', 0, 'toolSpec', 'strict'), true);
    return;
  }
  const sent = valueAt(body, 'tools', 0);
  assert.equal(valueAt(c.back === 'ma' || c.back === 'mr' ? sent : valueAt(sent, 'function'), 'strict'), true);
}

async function image(c: Case): Promise<void> {
  const shown = { type: 'image_url' as const, image_url: { url: `data:image/png;base64,${png}`, detail: 'low' as const } };
  const linked = { type: 'image_url' as const, image_url: { url: 'https://example.com/a.png' } };
  const ask = (...images: OpenAI.Chat.ChatCompletionContentPart[]) =>
    create(c, 'vision', { messages: user([{ type: 'text', text: 'What is it?' }, ...images]) });
  if (c.back === 'mk') {
    // Bedrock takes no image by its address.
    assert.match((await raises(OpenAI.BadRequestError, () => ask(shown, linked))).message, /as base64/);
    assert.equal(messageOf(await ask(shown)).content, `image image/png ${pngBytes} bytes`);
    return;
  }
  const answer = await ask(shown, linked);
  assert.equal(
    messageOf(answer).content?.replace('image image/png https', 'image https'),
    `image image/png ${pngBytes} bytes\nimage https://example.com/a.png`,
  );
}

async function document(c: Case): Promise<void> {
  if (c.back === 'mh') return await takesNoFiles(c);
  const part = { type: 'file' as const, file: { filename: 'report.pdf', file_data: `data:application/pdf;base64,${pdf}` } };
  const answer = await create(c, 'vision', { messages: user([part, { type: 'text', text: 'Sum it up' }]) });
  // Google has no place for the name of a file, and Bedrock takes no dot in it.
  const name = c.back === 'mg' ? '' : c.back === 'mk' ? ' report pdf' : ' report.pdf';
  assert.equal(messageOf(answer).content, `document application/pdf ${pdfBytes} bytes${name}`);
}

/** Cohere takes documents that are text alone. */
async function takesNoFiles(c: Case): Promise<void> {
  const part = { type: 'file' as const, file: { filename: 'report.pdf', file_data: `data:application/pdf;base64,${pdf}` } };
  const error = await raises(OpenAI.BadRequestError, () => create(c, 'vision', { messages: user([part]) }));
  assert.equal(error.param, 'messages[0].content[0]');
}

async function reasoning_whole(c: Case): Promise<void> {
  const common = { tools: [tool], reasoning_effort: 'low' as const, max_completion_tokens: 4000 };
  const answer = await create(c, 'reasoning', { ...common, messages: user(`${c.mark} there`) });
  const { finish: _, ...first } = messageOf(answer);
  // A summary is for those who ask, which nobody can in this format: the secret goes along all the same.
  assert.equal(valueAt(first, 'reasoning_content'), c.back === 'mr' ? undefined : thought);
  // Cohere does not count its thinking apart.
  // Bedrock does not tell what the thinking took.
  assert.equal(answer.usage?.completion_tokens_details?.reasoning_tokens, c.back === 'mh' ? undefined : c.back === 'mk' ? undefined : 9);
  const [call] = callsOf(first);
  assert.ok(call !== undefined, 'a call');
  const second = await create(c, 'reasoning', {
    ...common,
    messages: [...user(`${c.mark} there`), first, { role: 'tool', tool_call_id: call.id, content: 'sun' }],
  });
  assert.equal(messageOf(second).content, 'get_weather returned sun');
  await checkThought(c);
}

/** The thinking went back to the provider that made it, as that provider knows it. */
async function checkThought(c: Case): Promise<void> {
  if (c.back === 'mg') {
    assert.match(JSON.stringify(await upstreamValue(c.mark, 'contents', 1)), /"functionCall":\{[^}]*\}\},"thoughtSignature":"EqMock/);
    return;
  }
  if (c.back === 'mr') {
    assert.match(String(await upstreamValue(c.mark, 'input', 1, 'encrypted_content')), /^gAAAAMock/);
    return;
  }
  const sent = await upstreamValue(c.mark, 'messages', 1);
  if (c.back === 'mk') {
    const kept = valueAt(sent, 'content', 0, 'reasoningContent', 'reasoningText');
    assert.equal(valueAt(kept, 'text'), thought);
    assert.match(String(valueAt(kept, 'signature')), /^EqMock/);
  } else if (c.back === 'ma') {
    assert.equal(valueAt(sent, 'content', 0, 'thinking'), thought);
    assert.match(String(valueAt(sent, 'content', 0, 'signature')), /^EqMock/);
  } else assert.equal(c.back === 'mh' ? valueAt(sent, 'content', 0, 'thinking') : valueAt(sent, 'reasoning_content'), thought);
}

async function reasoning_stream(c: Case): Promise<void> {
  // Google shows its thoughts to those who ask alone.
  const common = { tools: [tool], max_completion_tokens: 4000, ...(c.back === 'mg' ? { reasoning_effort: 'low' as const } : {}) };
  const chunks = await drain(await stream(c, 'reasoning', { ...common, messages: user(`${c.mark} there`) }));
  const deltas = chunks.map((chunk) => chunk.choices[0]?.delta);
  const thinking = deltas.map((delta) => valueAt(delta, 'reasoning_content') ?? '').join('');
  assert.equal(thinking, c.back === 'mr' ? '' : thought);
  const details = deltas.flatMap((delta) => (valueAt(delta, 'reasoning_details') as object[] | undefined) ?? []);
  const pieces = deltas.flatMap((delta) => delta?.tool_calls ?? []);
  const join = (pick: (piece: (typeof pieces)[number]) => string | undefined): string => pieces.map((piece) => pick(piece) ?? '').join('');
  const call = {
    id: join((piece) => piece.id),
    type: 'function' as const,
    function: { name: join((piece) => piece.function?.name), arguments: join((piece) => piece.function?.arguments) },
  };
  assert.deepEqual(JSON.parse(call.function.arguments), weatherCall);
  const said = {
    role: 'assistant' as const,
    content: null,
    tool_calls: [call],
    reasoning_content: thinking,
    ...(details.length === 0 ? {} : { reasoning_details: details }),
  };
  const second = await stream(c, 'reasoning', {
    ...common,
    messages: [...user(`${c.mark} there`), said, { role: 'tool', tool_call_id: call.id, content: 'fog' }],
  });
  assert.equal(textOf(await drain(second)), 'get_weather returned fog');
  await checkThought(c);
}

async function structured(c: Case): Promise<void> {
  const city = z.object({ name: z.string(), kind: z.enum(['town', 'village']) });
  const answer = await client(c).chat.completions.parse({ model: c.model('json'), messages: user('A city'), response_format: zodResponseFormat(city, 'city') });
  assert.deepEqual(answer.choices[0]?.message.parsed, { name: 'name', kind: 'town' });
  const format = { type: 'json_schema' as const, json_schema: { name: 'weather', schema: weather, strict: true } };
  assert.deepEqual(JSON.parse(textOf(await drain(await stream(c, 'json', { messages: user('A city'), response_format: format })))), weatherCall);
}

async function refusal(c: Case): Promise<void> {
  const answer = messageOf(await create(c, 'refusal', { messages: user('Something bad') }));
  // To Cohere a refusal is what the model says.
  if (c.back === 'mh') return assert.deepEqual([answer.refusal, answer.content, answer.finish], [null, refusalText, 'stop']);
  const chunks = await drain(await stream(c, 'refusal', { messages: user('Something bad') }));
  if (c.back === 'mk') {
    // Bedrock has no refusal of its own: text that was filtered.
    assert.deepEqual([answer.refusal, answer.content, answer.finish], [null, refusalText, 'content_filter']);
    assert.equal(textOf(chunks), refusalText, 'streamed');
    return;
  }
  assert.deepEqual([answer.refusal, answer.content, answer.finish], [refusalText, null, c.back === 'ma' || c.back === 'mg' ? 'content_filter' : 'stop']);
  assert.equal(chunks.map((chunk) => chunk.choices[0]?.delta.refusal ?? '').join(''), refusalText, 'streamed');
}

async function length_stop(c: Case): Promise<void> {
  const answer = await create(c, 'text-50', { messages: user('Go on'), max_tokens: 5 });
  const { content, finish } = messageOf(answer);
  // OpenAI's Responses format has no limit below 16.
  const most = c.back === 'mr' ? 16 : 5;
  assert.deepEqual([content?.split(' ').length, finish, answer.usage?.completion_tokens], [most, 'length', most]);
  const chunks = await drain(await stream(c, 'length', { messages: user('Go on') }));
  assert.equal(chunks.at(-1)?.choices[0]?.finish_reason, 'length', 'streamed');
}

async function stop_string(c: Case): Promise<void> {
  const answer = messageOf(await create(c, 'text-50', { messages: user('Go on'), stop: ['dolor', 'never'] }));
  assert.deepEqual([answer.content, answer.finish], ['lorem ipsum ', 'stop']);
}

async function cache_usage(c: Case): Promise<void> {
  const check = (usage: OpenAI.CompletionUsage | null | undefined): void => {
    assert.deepEqual([usage?.prompt_tokens, usage?.completion_tokens], [65, 2]);
    assert.deepEqual(
      [usage?.prompt_tokens_details?.cached_tokens, usage?.prompt_tokens_details?.cache_write_tokens],
      [40, c.back === 'mg' || c.back === 'mh' ? 0 : 20],
    );
  };
  check((await create(c, 'cache', { messages: user('Hello there') })).usage);
  check((await drain(await stream(c, 'cache', { messages: user('Hello there'), stream_options: { include_usage: true } }))).at(-1)?.usage);
}

async function several_choices(c: Case): Promise<void> {
  if (['ma', 'mg', 'mh', 'mk', 'mr'].includes(c.back)) {
    const error = await raises(OpenAI.BadRequestError, () => create(c, 'echo', { messages: user('Hello there'), n: 2 }));
    assert.equal(error.param, 'n');
    return;
  }
  const answer = await create(c, 'echo', { messages: user('Hello there'), n: 2 });
  assert.deepEqual(
    answer.choices.map((choice) => choice.message.content),
    ['Hello there', 'Hello there'],
  );
}

async function models(c: Case): Promise<void> {
  const found = await drain(client(c).models.list());
  assert.ok(
    found.some((model) => model.id === c.model('echo')),
    'the model is listed',
  );
  const one = await client(c).models.retrieve(c.model('echo'));
  assert.deepEqual([one.id, one.object, one.owned_by], [c.model('echo'), 'model', c.back]);
}

async function error_key(c: Case): Promise<void> {
  const error = await raises(OpenAI.AuthenticationError, () => create(c, 'echo', { messages: user('x') }, { apiKey: 'sk-wrong' }));
  assert.deepEqual([error.status, error.code], [401, 'invalid_api_key']);
  assert.ok(error.requestID, 'a request id');
  assert.ok(!error.message.includes('sk-wrong'), 'the key is not told');
}

async function error_model(c: Case): Promise<void> {
  for (const model of ['nobody/echo', c.model('ecko')]) {
    const error = await raises(OpenAI.NotFoundError, () => client(c).chat.completions.create({ model, messages: user('x') }));
    assert.deepEqual([error.status, error.code], [404, 'model_not_found'], model);
  }
  await raises(OpenAI.NotFoundError, () => client(c).models.retrieve('nobody/echo'));
}

async function error_param(c: Case): Promise<void> {
  const error = await raises(OpenAI.BadRequestError, () => create(c, 'echo', { messages: user(c.mark), temperature: 5 }));
  assert.deepEqual([error.status, error.param, error.type], [400, 'temperature', 'invalid_request_error']);
  assert.equal((await upstream(c.mark)).length, 0, 'attempts upstream');
  const orphan: Message[] = [...user('x'), { role: 'tool', tool_call_id: 'call_1', content: c.mark }];
  await raises(OpenAI.BadRequestError, () => create(c, 'echo', { messages: orphan }, { maxRetries: 2 }));
  assert.ok((await upstream(c.mark)).length <= 1, 'a bad request is not tried again');
}

async function error_rate_limit(c: Case): Promise<void> {
  const error = await raises(OpenAI.RateLimitError, () => create(c, 'status-429', { messages: user(c.mark) }, { maxRetries: 2 }));
  assert.deepEqual([error.status, error.type, error.headers.get('retry-after')], [429, 'rate_limit_error', '1']);
  assert.equal((await upstream(c.mark)).length, 2, "attempts upstream: the gateway's, not multiplied by the library's");
}

async function error_server(c: Case): Promise<void> {
  await raises(OpenAI.InternalServerError, () => create(c, 'status-500', { messages: user(c.mark) }, { maxRetries: 2 }));
  assert.equal((await upstream(c.mark)).length, 2, 'attempts upstream');
}

async function retry_mends(c: Case): Promise<void> {
  assert.equal(messageOf(await create(c, 'flaky-1', { messages: user(c.mark) })).content, c.mark);
  assert.equal((await upstream(c.mark)).length, 2, 'attempts upstream');
}

async function torn_stream(c: Case): Promise<void> {
  c.outcome = 'torn';
  for (const fault of ['cut-9', 'end-9', 'garbage', 'error-midstream']) {
    const torn = await stream(c, `text-30+${fault}+drip-8`, { messages: user(c.mark) });
    await raises(OpenAI.APIError, () => drain(torn));
  }
}

async function no_terminator(c: Case): Promise<void> {
  assert.equal(textOf(await drain(await stream(c, 'echo+no-done', { messages: user('Hello there') }))), 'Hello there');
}

async function bad_upstream(c: Case): Promise<void> {
  for (const fault of ['html', 'empty', 'error-inside', 'garbage']) {
    const error = await raises(OpenAI.InternalServerError, () => create(c, fault, { messages: user('x') }));
    // An error inside a 200 has the status of its type.
    assert.equal(error.status, fault === 'error-inside' && ['ma', 'mg', 'mk'].includes(c.back) ? 500 : 502, fault);
  }
}

async function abort(c: Case): Promise<void> {
  c.outcome = 'aborted';
  let seen = 0;
  for await (const _ of await stream(c, 'text-400+drip-20', { messages: user(c.mark) })) {
    seen++;
    if (seen === 3) break;
  }
  await waitGone(c.mark);
}

async function timeout(c: Case): Promise<void> {
  c.outcome = 'aborted';
  await raises(OpenAI.APIConnectionTimeoutError, () => create(c, 'slow-20000', { messages: user(c.mark) }, { timeout: 300 }));
  await waitGone(c.mark);
}

await runCases({
  ...{
    chat_whole,
    chat_stream,
    chat_stream_no_usage,
    chat_async,
    unicode_text,
    system_text,
    tool_round,
    tool_stream,
    tools_parallel,
    tools_parallel_stream,
    tool_choice,
    strict_tool,
  },
  ...{
    image,
    document,
    reasoning_whole,
    reasoning_stream,
    structured,
    refusal,
    length_stop,
    stop_string,
    cache_usage,
    several_choices,
    models,
    error_key,
    error_model,
    error_param,
  },
  ...{ error_rate_limit, error_server, retry_mends, torn_stream, no_terminator, bad_upstream, abort, timeout },
});
