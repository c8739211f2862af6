/** The official `@anthropic-ai/sdk` on every back. */
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
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
  summary,
  thought,
  unicode,
  upstream,
  upstreamValue,
  valueAt,
  waitGone,
  weather,
  weatherCall,
} from './harness.ts';

type Options = ConstructorParameters<typeof Anthropic>[0];
type Message = Anthropic.MessageParam;
type Content = Anthropic.MessageParam['content'];
type Params = Omit<Anthropic.MessageCreateParamsNonStreaming, 'model' | 'max_tokens' | 'stream'> & { readonly max_tokens?: number };

const tool: Anthropic.Tool = { name: 'get_weather', description: 'The weather', input_schema: weather };
const other: Anthropic.Tool = { name: 'get_time', description: 'The time', input_schema: { type: 'object', properties: {} } };

function client(c: Case, options: Options = {}): Anthropic {
  return new Anthropic({ baseURL: base, apiKey: key, maxRetries: 0, fetch: c.fetch, ...options });
}

function user(content: Content): Message[] {
  return [{ role: 'user', content }];
}

function create(c: Case, model: string, params: Params, options?: Options) {
  return client(c, options).messages.create({ model: c.model(model), max_tokens: 4000, ...params });
}

function stream(c: Case, model: string, params: Params) {
  return client(c).messages.stream({ model: c.model(model), max_tokens: 4000, ...params });
}

function events(c: Case, model: string, params: Params) {
  return client(c).messages.create({ model: c.model(model), max_tokens: 4000, ...params, stream: true });
}

function firstText(message: Anthropic.Message): string | undefined {
  return message.content.find((block) => block.type === 'text')?.text;
}

function callsOf(message: Anthropic.Message): Anthropic.ToolUseBlock[] {
  return message.content.filter((block) => block.type === 'tool_use');
}

function result(id: string | undefined, content: Anthropic.ToolResultBlockParam['content'], rest: object = {}): Anthropic.ToolResultBlockParam {
  return { type: 'tool_result', tool_use_id: id ?? '', ...(content === undefined ? {} : { content }), ...rest };
}

/** The conversation after a message that called tools and the results that it got. */
function goOn(messages: readonly Message[], said: Anthropic.Message, results: Anthropic.ContentBlockParam[]): Message[] {
  return [...messages, { role: 'assistant', content: said.content }, ...user(results)];
}

async function chat_whole(c: Case): Promise<void> {
  const answer = await create(c, 'echo', { messages: user('Hello there') });
  assert.deepEqual(answer.content, [{ type: 'text', text: 'Hello there', citations: null }]);
  assert.deepEqual([answer.stop_reason, answer.stop_sequence, answer.role, answer.type], ['end_turn', null, 'assistant', 'message']);
  assert.deepEqual([answer.usage.input_tokens, answer.usage.output_tokens], [5, 2]);
  assert.equal(answer.model, 'echo');
  assert.match(answer.id, /^msg_/);
  assert.ok(answer._request_id, 'a request id');
}

async function chat_stream(c: Case): Promise<void> {
  const pieces: string[] = [];
  const final = await stream(c, 'text-30', { messages: user('Hello there') })
    .on('text', (piece) => pieces.push(piece))
    .finalMessage();
  assert.ok(pieces.length >= 30, `${pieces.length} pieces: streamed piece by piece`);
  assert.deepEqual([firstText(final), final.stop_reason], [pieces.join(''), 'end_turn']);
  assert.deepEqual([final.usage.input_tokens, final.usage.output_tokens], [5, 30]);
}

/** Node has one client only: here with a bearer token, and its web-stream face. */
async function chat_async(c: Case): Promise<void> {
  const own = client(c, { apiKey: null, authToken: key });
  const answer = await own.messages.create({ model: c.model('echo'), max_tokens: 100, messages: user(unicode), stream: true });
  const lines = await new Response(answer.toReadableStream()).text();
  const seen = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Anthropic.MessageStreamEvent);
  assert.equal(textOf(seen), unicode);
}

function textOf(seen: readonly Anthropic.MessageStreamEvent[]): string {
  return seen.map((event) => (event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? event.delta.text : '')).join('');
}

async function unicode_text(c: Case): Promise<void> {
  assert.equal(firstText(await create(c, 'echo', { messages: user(unicode) })), unicode);
  assert.equal(textOf(await drain(await events(c, 'echo', { messages: user(unicode) }))), unicode, 'streamed');
}

async function system_text(c: Case): Promise<void> {
  const messages = [
    ...user('One'),
    { role: 'assistant' as const, content: 'Two' },
    ...user([
      { type: 'text', text: 'Three' },
      { type: 'text', text: 'Four' },
    ]),
  ];
  const system: Anthropic.TextBlockParam[] = [
    { type: 'text', text: 'Be brief.' },
    { type: 'text', text: 'Use English.' },
  ];
  const answer = await create(c, 'inspect', { messages, system, metadata: { user_id: 'u-1' }, stop_sequences: ['\n\nnever'] });
  const body: unknown = JSON.parse(firstText(answer) ?? '');
  if (c.back === 'mg') {
    assert.deepEqual(valueAt(body, 'systemInstruction', 'parts'), [{ text: 'Be brief.' }, { text: 'Use English.' }]);
    assert.deepEqual(valueAt(body, 'contents', 2, 'parts'), [{ text: 'Three' }, { text: 'Four' }]);
    assert.deepEqual(valueAt(body, 'generationConfig'), { maxOutputTokens: 4000, stopSequences: ['\n\nnever'] });
    return;
  }
  if (c.back === 'mh') {
    assert.deepEqual(valueAt(body, 'messages'), [{ role: 'system', content: system }, ...messages]);
    assert.deepEqual([valueAt(body, 'max_tokens'), valueAt(body, 'stop_sequences')], [4000, ['\n\nnever']]);
    return;
  }
  if (c.back === 'mr') {
    const spoken = (valueAt(body, 'input') as unknown[]).map((item) => [valueAt(item, 'role'), textsIn(valueAt(item, 'content'))]);
    assert.deepEqual(spoken, [
      ['system', 'Be brief.|Use English.'],
      ['user', 'One'],
      ['assistant', 'Two'],
      ['user', 'Three|Four'],
    ]);
    assert.deepEqual([valueAt(body, 'max_output_tokens'), valueAt(body, 'safety_identifier') ?? valueAt(body, 'user')], [4000, 'u-1']);
    return;
  }
  if (c.back === 'mk') {
    assert.deepEqual(valueAt(body, 'system'), [{ text: 'Be brief.' }, { text: 'Use English.' }]);
    assert.deepEqual(valueAt(body, 'messages', 2, 'content'), [{ text: 'Three' }, { text: 'Four' }]);
    assert.deepEqual(valueAt(body, 'inferenceConfig'), { maxTokens: 4000, stopSequences: ['\n\nnever'] });
    return;
  }
  if (c.back !== 'mc') {
    assert.deepEqual([valueAt(body, 'messages'), valueAt(body, 'system')], [messages, system]);
    return;
  }
  assert.deepEqual(textsOf(body), [
    ['system', 'Be brief.|Use English.'],
    ['user', 'One'],
    ['assistant', 'Two'],
    ['user', 'Three|Four'],
  ]);
  assert.equal(valueAt(body, 'max_completion_tokens') ?? valueAt(body, 'max_tokens'), 4000);
  assert.deepEqual(valueAt(body, 'stop'), ['\n\nnever']);
  assert.equal(valueAt(body, 'safety_identifier') ?? valueAt(body, 'user'), 'u-1');
}

function textsOf(body: unknown): (readonly [unknown, string])[] {
  const messages = valueAt(body, 'messages');
  assert.ok(Array.isArray(messages));
  return messages.map((message: unknown) => [valueAt(message, 'role'), textsIn(valueAt(message, 'content'))]);
}

function textsIn(content: unknown): string {
  return Array.isArray(content) ? content.map((part) => String(valueAt(part, 'text'))).join('|') : String(content);
}

async function cache_marks(c: Case): Promise<void> {
  const mark = { type: 'ephemeral' as const, ttl: '1h' as const };
  const system = [{ type: 'text' as const, text: 'Be brief.', cache_control: mark }];
  const messages = user([{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }]);
  const body: unknown = JSON.parse(firstText(await create(c, 'inspect', { messages, system, tools: [{ ...tool, cache_control: mark }] })) ?? '');
  const isKept = c.back === 'ma' || c.back === 'mb';
  assert.equal(JSON.stringify(body).includes('cache_control'), isKept);
  if (isKept) assert.deepEqual([valueAt(body, 'system'), valueAt(body, 'tools', 0, 'cache_control')], [system, mark]);
}

async function tool_round(c: Case): Promise<void> {
  const first = await create(c, 'tool', { messages: user('Weather?'), tools: [tool] });
  assert.equal(first.stop_reason, 'tool_use');
  const [call] = callsOf(first);
  assert.deepEqual([call?.name, call?.input, call?.caller], ['get_weather', weatherCall, { type: 'direct' }]);
  const second = await create(c, 'tool', {
    messages: goOn(user('Weather?'), first, [result(call?.id, [{ type: 'text', text: '21 degrees' }])]),
    tools: [tool],
  });
  assert.deepEqual([firstText(second), second.stop_reason], ['get_weather returned 21 degrees', 'end_turn']);
}

async function tool_stream(c: Case): Promise<void> {
  const pieces: string[] = [];
  const first = await stream(c, 'tool', { messages: user('Weather?'), tools: [tool] })
    .on('inputJson', (piece) => pieces.push(piece))
    .finalMessage();
  // Google sends a call whole.
  assert.ok(pieces.length > (c.back === 'mg' ? 0 : 1), 'the input comes in pieces');
  const [call] = callsOf(first);
  assert.deepEqual([call?.name, call?.input, first.stop_reason], ['get_weather', weatherCall, 'tool_use']);
  assert.ok(first.usage.output_tokens > 0, 'usage');
  const second = await stream(c, 'tool', {
    messages: goOn(user('Weather?'), first, [result(call?.id, 'rain'), { type: 'text', text: 'And?' }]),
    tools: [tool],
  }).finalText();
  assert.equal(second, 'get_weather returned rain');
}

async function tools_parallel(c: Case): Promise<void> {
  const first = await create(c, 'tools', { messages: user('Both?'), tools: [tool, other] });
  const calls = callsOf(first);
  assert.deepEqual(
    calls.map((call) => [call.name, call.input]),
    [
      ['get_weather', weatherCall],
      ['get_time', {}],
    ],
  );
  const results = calls.map((call, index) => result(call.id, `result ${index}`));
  const second = await create(c, 'tools', { messages: goOn(user('Both?'), first, results), tools: [tool, other] });
  assert.equal(firstText(second), 'get_weather returned result 0\nget_time returned result 1');
  const one = await create(c, 'tools', { messages: user('Both?'), tools: [tool, other], tool_choice: { type: 'auto', disable_parallel_tool_use: true } });
  // Google and Cohere and Bedrock cannot be told to make one call alone.
  assert.equal(callsOf(one).length, c.back === 'mg' || c.back === 'mh' || c.back === 'mk' ? 2 : 1);
}

async function tools_parallel_stream(c: Case): Promise<void> {
  const calls = callsOf(await stream(c, 'tools', { messages: user('Both?'), tools: [tool, { ...tool, name: 'again' }] }).finalMessage());
  assert.deepEqual(
    calls.map((call) => [call.name, call.input]),
    [
      ['get_weather', weatherCall],
      ['again', weatherCall],
    ],
  );
  assert.notEqual(calls[0]?.id, calls[1]?.id);
}

async function tool_choice(c: Case): Promise<void> {
  const ask = (choice: Anthropic.ToolChoice) => create(c, 'echo', { messages: user('Hello there'), tools: [tool, other], tool_choice: choice });
  assert.equal(callsOf(await ask({ type: 'any' }))[0]?.name, 'get_weather');
  assert.equal(callsOf(await ask({ type: 'tool', name: 'get_time' }))[0]?.name, 'get_time');
  assert.equal(firstText(await ask({ type: 'none' })), 'Hello there');
  assert.equal(firstText(await ask({ type: 'auto' })), 'Hello there');
}

async function tool_error(c: Case): Promise<void> {
  const first = await create(c, 'tool', { messages: user('Weather?'), tools: [tool] });
  const failed = result(callsOf(first)[0]?.id, 'no such city', { is_error: true });
  const text = firstText(await create(c, 'tool', { messages: goOn(user('Weather?'), first, [failed]), tools: [tool] })) ?? '';
  assert.ok(text.includes('no such city') && (text.startsWith('get_weather failed') || text.includes('error')), `the failure was told: ${text}`);
}

async function tool_runner(c: Case): Promise<void> {
  const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false } as const;
  const run = betaTool({ name: 'get_weather', description: 'The weather', inputSchema: schema, run: ({ city }) => `fine in ${city}` });
  const final = await client(c).beta.messages.toolRunner({
    model: c.model('tool'),
    max_tokens: 500,
    messages: [{ role: 'user', content: 'Weather?' }],
    tools: [run],
  });
  assert.equal(valueAt(final, 'content', 0, 'text'), 'get_weather returned fine in city');
}

async function image(c: Case): Promise<void> {
  const picture = { type: 'image' as const, source: { type: 'base64' as const, media_type: 'image/png' as const, data: png } };
  const linked = { type: 'image' as const, source: { type: 'url' as const, url: 'https://example.com/a.png' } };
  const ask = (...images: Anthropic.ImageBlockParam[]) => create(c, 'vision', { messages: user([...images, { type: 'text', text: 'What is it?' }]) });
  if (c.back === 'mk') {
    // Bedrock takes no image by its address.
    assert.match((await raises(Anthropic.BadRequestError, () => ask(picture, linked))).message, /as base64/);
    assert.equal(firstText(await ask(picture)), `image image/png ${pngBytes} bytes`);
  } else {
    const text = firstText(await ask(picture, linked));
    assert.equal(text?.replace('image image/png https', 'image https'), `image image/png ${pngBytes} bytes\nimage https://example.com/a.png`);
  }
  const first = await create(c, 'tool', { messages: user('Draw'), tools: [tool] });
  const drawn = result(callsOf(first)[0]?.id, [{ type: 'text', text: 'drawn' }, picture]);
  const shown = await create(c, 'vision', { messages: goOn(user('Draw'), first, [drawn]), tools: [tool] });
  assert.equal(firstText(shown), `image image/png ${pngBytes} bytes`, 'an image in a tool result');
}

async function document(c: Case): Promise<void> {
  const report = { type: 'document' as const, title: 'report.pdf', source: { type: 'base64' as const, media_type: 'application/pdf' as const, data: pdf } };
  const ask = () => create(c, 'vision', { messages: user([report, { type: 'text', text: 'Sum it up' }]) });
  // Google has no place for the title of a document, and Bedrock takes no dot in it.
  const title = c.back === 'mg' ? '' : c.back === 'mk' ? ' report pdf' : ' report.pdf';
  // Cohere takes documents that are text alone.
  if (c.back === 'mh') await raises(Anthropic.BadRequestError, ask);
  else assert.equal(firstText(await ask()), `document application/pdf ${pdfBytes} bytes${title}`);
  const plain = { type: 'document' as const, source: { type: 'text' as const, media_type: 'text/plain' as const, data: 'It rained.' } };
  await create(c, 'echo', { messages: user([plain, { type: 'text', text: c.mark }]) });
  assert.ok((await upstream(c.mark)).at(-1)?.body.includes('It rained.'), 'the text document arrives');
}

async function reasoning_whole(c: Case): Promise<void> {
  const common = { tools: [tool], thinking: { type: 'enabled' as const, budget_tokens: 1024 } };
  const first = await create(c, 'reasoning', { ...common, messages: user(`${c.mark} there`) });
  assert.deepEqual(
    first.content.map((block) => block.type),
    ['thinking', 'tool_use'],
  );
  assert.equal(valueAt(first.content[0], 'thinking'), c.back === 'mr' ? summary : thought);
  // Cohere and Bedrock do not tell what the thinking took.
  assert.equal(first.usage.output_tokens_details?.thinking_tokens, c.back === 'mk' || c.back === 'mh' ? undefined : 9);
  assert.ok(valueAt(first.content[0], 'signature'), 'a signature');
  const second = await create(c, 'reasoning', { ...common, messages: goOn(user(`${c.mark} there`), first, [result(callsOf(first)[0]?.id, 'sun')]) });
  assert.deepEqual([second.content[0]?.type, firstText(second)], ['thinking', 'get_weather returned sun']);
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
  if (c.back === 'mc') assert.equal(valueAt(sent, 'reasoning_content'), thought);
  else if (c.back === 'mh') assert.equal(valueAt(sent, 'content', 0, 'thinking'), thought);
  else if (c.back === 'mk') assert.match(String(valueAt(sent, 'content', 0, 'reasoningContent', 'reasoningText', 'signature')), /^EqMock/);
  else assert.match(String(valueAt(sent, 'content', 0, 'signature')), /^EqMock/);
}

async function reasoning_stream(c: Case): Promise<void> {
  const common = { tools: [tool], thinking: { type: 'adaptive' as const } };
  const pieces: string[] = [];
  const first = await stream(c, 'reasoning', { ...common, messages: user(`${c.mark} there`) })
    .on('thinking', (piece) => pieces.push(piece))
    .finalMessage();
  assert.equal(pieces.join(''), c.back === 'mr' ? summary : thought);
  assert.ok(pieces.length > 1, 'the thinking comes in pieces');
  assert.deepEqual(
    first.content.map((block) => block.type),
    ['thinking', 'tool_use'],
  );
  const second = await stream(c, 'reasoning', {
    ...common,
    messages: goOn(user(`${c.mark} there`), first, [result(callsOf(first)[0]?.id, 'fog')]),
  }).finalMessage();
  assert.equal(firstText(second), 'get_weather returned fog');
  await checkThought(c);
}

async function structured(c: Case): Promise<void> {
  const city = z.object({ name: z.string(), kind: z.enum(['town', 'village']) });
  const answer = await client(c).messages.parse({
    model: c.model('json'),
    max_tokens: 500,
    messages: user('A city'),
    output_config: { format: zodOutputFormat(city) },
  });
  assert.deepEqual(answer.parsed_output, { name: 'name', kind: 'town' });
  const text = await stream(c, 'json', { messages: user('A city'), output_config: { format: { type: 'json_schema', schema: weather } } }).finalText();
  assert.deepEqual(JSON.parse(text), weatherCall, 'streamed');
}

async function refusal(c: Case): Promise<void> {
  const answer = await create(c, 'refusal', { messages: user('Something bad') });
  // To Cohere a refusal is what the model says.
  if (c.back === 'mh') return assert.deepEqual([answer.stop_reason, firstText(answer)], ['end_turn', refusalText]);
  assert.deepEqual([answer.stop_reason, answer.stop_details?.type], ['refusal', 'refusal']);
  assert.equal(firstText(answer) ?? answer.stop_details?.explanation, refusalText);
  assert.equal((await stream(c, 'refusal', { messages: user('Something bad') }).finalMessage()).stop_reason, 'refusal', 'streamed');
}

async function length_stop(c: Case): Promise<void> {
  const answer = await create(c, 'text-50', { messages: user('Go on'), max_tokens: 5 });
  // OpenAI's Responses format has no limit below 16.
  const most = c.back === 'mr' ? 16 : 5;
  assert.deepEqual([firstText(answer)?.split(' ').length, answer.stop_reason, answer.usage.output_tokens], [most, 'max_tokens', most]);
  assert.equal((await stream(c, 'length', { messages: user('Go on'), max_tokens: 3 }).finalMessage()).stop_reason, 'max_tokens', 'streamed');
}

async function stop_string(c: Case): Promise<void> {
  const answer = await create(c, 'text-50', { messages: user('Go on'), stop_sequences: ['dolor', 'never'] });
  assert.equal(firstText(answer), 'lorem ipsum ');
  // Other formats do not tell which string ended the text, or that one did.
  const isTold = c.back !== 'mc' && c.back !== 'mg' && c.back !== 'mh' && c.back !== 'mk';
  assert.deepEqual([answer.stop_reason, answer.stop_sequence], isTold ? ['stop_sequence', 'dolor'] : ['end_turn', null]);
}

async function cache_usage(c: Case): Promise<void> {
  const check = (usage: Anthropic.Usage): void =>
    // Google and Cohere do not tell what they wrote to a cache.
    assert.deepEqual(
      [usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens, usage.output_tokens],
      c.back === 'mg' || c.back === 'mh' ? [25, 40, null, 2] : [5, 40, 20, 2],
    );
  check((await create(c, 'cache', { messages: user('Hello there') })).usage);
  check((await stream(c, 'cache', { messages: user('Hello there') }).finalMessage()).usage);
}

async function count_tokens(c: Case): Promise<void> {
  const counted = { messages: user('Hello there, how are you?'), system: 'Be brief.', tools: [tool] };
  const { data, response } = await client(c)
    .messages.countTokens({ model: c.model('echo'), ...counted })
    .withResponse();
  if (c.back !== 'ma' && c.back !== 'mb')
    assert.ok(
      data.input_tokens > 20 && data.input_tokens < 200 && response.headers.has('modelwire-token-count'),
      `an estimate that says so: ${data.input_tokens}`,
    );
  else assert.equal(data.input_tokens, (await create(c, 'echo', counted)).usage.input_tokens, "the provider's own count");
}

async function models(c: Case): Promise<void> {
  const found = await drain(client(c).models.list({ limit: 1000 }));
  assert.ok(
    found.some((model) => model.id === c.model('echo')),
    'the model is listed',
  );
  const one = await client(c).models.retrieve(c.model('echo'));
  assert.deepEqual([one.id, one.type, one.lifecycle], [c.model('echo'), 'model', 'active']);
}

async function error_key(c: Case): Promise<void> {
  const error = await raises(Anthropic.AuthenticationError, () => create(c, 'echo', { messages: user('x') }, { apiKey: 'sk-wrong' }));
  assert.deepEqual([error.status, error.type], [401, 'authentication_error']);
  assert.ok(error.requestID, 'a request id');
  assert.ok(!error.message.includes('sk-wrong'), 'the key is not told');
}

async function error_model(c: Case): Promise<void> {
  for (const model of ['nobody/echo', c.model('ecko')]) {
    const error = await raises(Anthropic.NotFoundError, () => client(c).messages.create({ model, max_tokens: 5, messages: user('x') }));
    assert.equal(error.type, 'not_found_error', model);
  }
  await raises(Anthropic.NotFoundError, () => client(c).models.retrieve('nobody/echo'));
}

async function error_param(c: Case): Promise<void> {
  const hot: Params & { temperature: number } = { messages: user(c.mark), temperature: 5 };
  const error = await raises(Anthropic.BadRequestError, () => create(c, 'echo', hot));
  assert.equal(error.type, 'invalid_request_error');
  assert.match(error.message, /temperature/);
  assert.equal((await upstream(c.mark)).length, 0, 'attempts upstream');
  await raises(Anthropic.BadRequestError, () => create(c, 'echo', { messages: user([result('toolu_1', c.mark)]) }, { maxRetries: 2 }));
  assert.ok((await upstream(c.mark)).length <= 1, 'a bad request is not tried again');
}

async function error_rate_limit(c: Case): Promise<void> {
  const error = await raises(Anthropic.RateLimitError, () => create(c, 'status-429', { messages: user(c.mark) }, { maxRetries: 2 }));
  assert.deepEqual([error.type, error.headers.get('retry-after')], ['rate_limit_error', '1']);
  assert.equal((await upstream(c.mark)).length, 2, "attempts upstream: the gateway's, not multiplied by the library's");
}

async function error_server(c: Case): Promise<void> {
  const error = await raises(Anthropic.InternalServerError, () => create(c, 'status-500', { messages: user(c.mark) }, { maxRetries: 2 }));
  assert.equal(error.type, 'api_error');
  assert.equal((await upstream(c.mark)).length, 2, 'attempts upstream');
}

async function error_overloaded(c: Case): Promise<void> {
  const error = await raises(Anthropic.APIError, () => create(c, 'status-529', { messages: user(c.mark) }));
  assert.deepEqual([error.status, error.type], [529, 'overloaded_error']);
}

async function retry_mends(c: Case): Promise<void> {
  assert.equal(firstText(await create(c, 'flaky-1', { messages: user(c.mark) })), c.mark);
  assert.equal((await upstream(c.mark)).length, 2, 'attempts upstream');
}

async function torn_stream(c: Case): Promise<void> {
  c.outcome = 'torn';
  for (const fault of ['cut-6', 'end-6', 'garbage', 'error-midstream']) {
    const torn = await events(c, `text-30+${fault}+drip-8`, { messages: user(c.mark) });
    await raises(Anthropic.APIError, () => drain(torn));
  }
}

async function no_terminator(c: Case): Promise<void> {
  assert.equal(await stream(c, 'echo+no-done', { messages: user('Hello there') }).finalText(), 'Hello there');
}

async function bad_upstream(c: Case): Promise<void> {
  for (const fault of ['html', 'empty', 'error-inside', 'garbage']) {
    const error = await raises(Anthropic.InternalServerError, () => create(c, fault, { messages: user('x') }));
    // An error inside a 200 has the status of its type.
    assert.equal(error.status, fault === 'error-inside' && c.back !== 'mc' && c.back !== 'mh' && c.back !== 'mr' ? 500 : 502, fault);
  }
}

async function abort(c: Case): Promise<void> {
  c.outcome = 'aborted';
  let seen = 0;
  for await (const _ of await events(c, 'text-400+drip-20', { messages: user(c.mark) })) {
    seen++;
    if (seen === 5) break;
  }
  await waitGone(c.mark);
}

async function timeout(c: Case): Promise<void> {
  c.outcome = 'aborted';
  await raises(Anthropic.APIConnectionTimeoutError, () => create(c, 'slow-20000', { messages: user(c.mark) }, { timeout: 300 }));
  await waitGone(c.mark);
}

await runCases({
  ...{
    chat_whole,
    chat_stream,
    chat_async,
    unicode_text,
    system_text,
    cache_marks,
    tool_round,
    tool_stream,
    tools_parallel,
    tools_parallel_stream,
    tool_choice,
    tool_error,
    tool_runner,
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
    count_tokens,
    models,
    error_key,
    error_model,
    error_param,
  },
  ...{ error_rate_limit, error_server, error_overloaded, retry_mends, torn_stream, no_terminator, bad_upstream, abort, timeout },
});
