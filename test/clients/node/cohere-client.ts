/** Cases of the official `cohere-ai` library. Run by ../run.ts. */
import assert from 'node:assert/strict';
import { type Cohere, CohereClientV2, CohereError } from 'cohere-ai';
import {
  base,
  type Case,
  drain,
  key,
  png,
  pngBytes,
  raises,
  refusalText,
  runCases,
  summary,
  thought,
  unicode,
  upstreamValue,
  valueAt,
  waitGone,
  weather,
  weatherCall,
} from './harness.ts';

type Request = Cohere.V2ChatRequest;
type Event = Cohere.V2ChatStreamResponse;
type Message = Cohere.ChatMessageV2;

const weatherTool: Cohere.ToolV2 = { type: 'function', function: { name: 'get_weather', description: 'The weather', parameters: weather } };
const timeTool: Cohere.ToolV2 = {
  type: 'function',
  function: { name: 'get_time', description: 'The time', parameters: { type: 'object', properties: {}, required: [], additionalProperties: false } },
};
const tools = [weatherTool];

function client(c: Case, token = key): CohereClientV2 {
  return new CohereClientV2({ token, environment: base, fetch: c.fetch, maxRetries: 0 });
}

function user(content: Cohere.UserMessageV2Content): Message {
  return { role: 'user', content };
}

function create(c: Case, model: string, messages: string | Message[], more: Partial<Request> = {}): Promise<Cohere.V2ChatResponse> {
  return client(c).chat({ model: c.model(model), messages: typeof messages === 'string' ? [user(messages)] : messages, ...more });
}

async function stream(c: Case, model: string, messages: string | Message[], more: Partial<Request> = {}): Promise<Event[]> {
  return await drain(await client(c).chatStream({ model: c.model(model), messages: typeof messages === 'string' ? [user(messages)] : messages, ...more }));
}

function textOf({ message }: Cohere.V2ChatResponse): string {
  return (message.content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function streamedText(events: readonly Event[]): string {
  return events.map((event) => (event.type === 'content-delta' ? (event.delta?.message?.content?.text ?? '') : '')).join('');
}

function streamedThoughts(events: readonly Event[]): string {
  return events.map((event) => (event.type === 'content-delta' ? (event.delta?.message?.content?.thinking ?? '') : '')).join('');
}

/** The calls, put together of what came. */
function streamedCalls(events: readonly Event[]): Cohere.ToolCallV2[] {
  const calls: { id: string; name: string; text: string }[] = [];
  for (const event of events) {
    if (event.type === 'tool-call-start') {
      const call = event.delta?.message?.toolCalls;
      calls[event.index ?? 0] = { id: call?.id ?? '', name: call?.function?.name ?? '', text: call?.function?.arguments ?? '' };
    } else if (event.type === 'tool-call-delta') {
      const call = calls[event.index ?? 0];
      assert.ok(call !== undefined, 'arguments of a call that began');
      call.text += event.delta?.message?.toolCalls?.function?.arguments ?? '';
    }
  }
  return calls.map(({ id, name, text }) => ({ id, type: 'function', function: { name, arguments: text } }));
}

function endOf(events: readonly Event[]): Cohere.ChatMessageEndEventDelta | undefined {
  const last = events.at(-1);
  return last?.type === 'message-end' ? last.delta : undefined;
}

function called(calls: readonly Cohere.ToolCallV2[] | undefined): unknown[] {
  return (calls ?? []).map((call) => [call.function?.name, JSON.parse(call.function?.arguments ?? 'null')]);
}

/** The results of calls, each in a message of its own. */
function results(calls: readonly Cohere.ToolCallV2[] | undefined, content: (call: Cohere.ToolCallV2) => Cohere.ToolMessageV2Content): Message[] {
  return (calls ?? []).map((call) => ({ role: 'tool', toolCallId: call.id, content: content(call) }));
}

async function chat_whole(c: Case): Promise<void> {
  const answer = await create(c, 'echo', 'Hello there');
  assert.deepEqual([textOf(answer), answer.finishReason, answer.message.role], ['Hello there', 'COMPLETE', 'assistant']);
  const { tokens, billedUnits } = answer.usage ?? {};
  assert.deepEqual([tokens?.inputTokens, tokens?.outputTokens], [5, 2]);
  assert.deepEqual([billedUnits?.inputTokens, billedUnits?.outputTokens], [5, 2]);
  assert.ok(answer.id);
}

async function chat_stream(c: Case): Promise<void> {
  const events = await stream(c, 'text-30', 'Hello there');
  assert.ok(events.length >= 30, `${events.length} events: streamed piece by piece`);
  assert.equal(streamedText(events).split(' ').length, 30);
  assert.equal(events[0]?.type, 'message-start');
  assert.deepEqual([endOf(events)?.finishReason, endOf(events)?.usage?.tokens?.outputTokens], ['COMPLETE', 30]);
}

async function chat_turns(c: Case): Promise<void> {
  const messages: Message[] = [user('one two')];
  const first = await create(c, 'echo', messages);
  messages.push({ role: 'assistant', content: first.message.content ?? '' }, user('three'));
  assert.equal(textOf(await create(c, 'echo', messages)), 'three');
}

async function unicode_text(c: Case): Promise<void> {
  assert.equal(textOf(await create(c, 'echo', unicode)), unicode);
  assert.equal(streamedText(await stream(c, 'echo', unicode)), unicode, 'streamed');
}

/** The library ends a stream at these letters, wherever they stand. Relayed events pass as they came. */
async function done_text(c: Case): Promise<void> {
  if (c.back === 'mh') return;
  const events = await stream(c, 'echo', 'one [DONE] two');
  assert.deepEqual([streamedText(events), endOf(events)?.finishReason], ['one [DONE] two', 'COMPLETE']);
}

async function system_text(c: Case): Promise<void> {
  await create(c, 'echo', [{ role: 'system', content: 'Be brief.' }, user(`One ${c.mark}`)], {
    temperature: 0.5,
    stopSequences: ['never'],
    maxTokens: 100,
    p: 0.9,
  });
  const body: unknown = await upstreamValue(c.mark);
  const system: { readonly [back: string]: unknown } = {
    mh: valueAt(body, 'messages', 0, 'content'),
    mc: valueAt(body, 'messages', 0, 'content'),
    ma: valueAt(body, 'system'),
    mg: valueAt(body, 'systemInstruction', 'parts', 0, 'text'),
    mr: valueAt(body, 'input', 0, 'content'),
  };
  assert.equal(system[c.back], 'Be brief.');
}

async function tool_round(c: Case): Promise<void> {
  const messages: Message[] = [user('Weather?')];
  const first = await create(c, 'tool', messages, { tools });
  const { toolCalls, toolPlan } = first.message;
  assert.deepEqual([called(toolCalls), first.finishReason], [[['get_weather', weatherCall]], 'TOOL_CALL']);
  messages.push({ role: 'assistant', ...(toolCalls === undefined ? {} : { toolCalls }), ...(toolPlan === undefined ? {} : { toolPlan }) });
  messages.push(...results(toolCalls, () => '21 degrees'));
  const second = await create(c, 'tool', messages, { tools });
  assert.deepEqual([textOf(second), second.finishReason], ['get_weather returned 21 degrees', 'COMPLETE']);
}

/** Results as documents, which Cohere’s own guides send. */
async function tool_stream(c: Case): Promise<void> {
  const messages: Message[] = [user('Weather?')];
  const events = await stream(c, 'tool', messages, { tools });
  const calls = streamedCalls(events);
  assert.deepEqual([called(calls), endOf(events)?.finishReason], [[['get_weather', weatherCall]], 'TOOL_CALL']);
  messages.push({ role: 'assistant', toolCalls: calls }, ...results(calls, () => [{ type: 'document', document: { id: 'r1', data: { text: '21 degrees' } } }]));
  const second = await stream(c, 'tool', messages, { tools });
  assert.match(streamedText(second), /^get_weather returned [^]*21 degrees/);
}

async function tools_parallel(c: Case): Promise<void> {
  const both = { tools: [weatherTool, timeTool] };
  const messages: Message[] = [user('Both?')];
  const first = await create(c, 'tools', messages, both);
  const expected = [
    ['get_weather', weatherCall],
    ['get_time', {}],
  ];
  assert.deepEqual(called(first.message.toolCalls), expected);
  assert.deepEqual(called(streamedCalls(await stream(c, 'tools', messages, both))), expected, 'streamed');
  messages.push({ role: 'assistant', toolCalls: first.message.toolCalls ?? [] }, ...results(first.message.toolCalls, (call) => `${call.function?.name} done`));
  assert.equal(textOf(await create(c, 'tools', messages, both)), 'get_weather returned get_weather done\nget_time returned get_time done');
}

async function tool_choice(c: Case): Promise<void> {
  const both = { tools: [weatherTool, timeTool] };
  assert.equal((await create(c, 'echo', 'x', { ...both, toolChoice: 'REQUIRED' })).message.toolCalls?.[0]?.function?.name, 'get_weather');
  assert.equal((await create(c, 'tool', 'x', { ...both, toolChoice: 'NONE' })).message.toolCalls, undefined);
  assert.equal((await create(c, 'tool', 'x', { ...both, strictTools: true })).message.toolCalls?.length, 1);
}

async function image(c: Case): Promise<void> {
  const answer = await create(c, 'vision', [
    user([
      { type: 'image_url', imageUrl: { url: `data:image/png;base64,${png}` } },
      { type: 'text', text: 'See?' },
    ]),
  ]);
  assert.equal(textOf(answer), `image image/png ${pngBytes} bytes`);
}

/** Documents reach every model, with their ids where there is a place for them. */
async function documents(c: Case): Promise<void> {
  const given = [{ id: 'tides', data: { title: 'Tides', snippet: 'The moon pulls.' } }, `Plain ${c.mark}`];
  await create(c, 'echo', 'Why?', { documents: given });
  const body = JSON.stringify(await upstreamValue(c.mark));
  for (const word of ['tides', 'Tides', 'The moon pulls.', `Plain ${c.mark}`]) assert.ok(body.includes(word), word);
}

async function reasoning_whole(c: Case): Promise<void> {
  const answer = await create(c, 'reasoning', 'Hello there', { maxTokens: 8000, thinking: { type: 'enabled', tokenBudget: 2000 } });
  const thoughts = (answer.message.content ?? []).map((part) => (part.type === 'thinking' ? part.thinking : '')).join('');
  assert.deepEqual([thoughts, textOf(answer)], [c.back === 'mr' ? summary : thought, 'Hello there']);
}

/** Most programs send the calls back and leave the thinking out: what must come back stands in the id of the call. */
async function reasoning_stream(c: Case): Promise<void> {
  const more: Partial<Request> = { tools, maxTokens: 8000, thinking: { type: 'enabled', tokenBudget: 2000 } };
  const messages: Message[] = [user('Hello there')];
  const events = await stream(c, 'reasoning', messages, more);
  assert.equal(streamedThoughts(events), c.back === 'mr' ? summary : thought);
  const calls = streamedCalls(events);
  messages.push({ role: 'assistant', toolCalls: calls }, ...results(calls, () => 'rain'));
  assert.equal(textOf(await create(c, 'reasoning', messages, more)), 'get_weather returned rain');
}

async function structured(c: Case): Promise<void> {
  const answer = await create(c, 'json', 'Weather?', { responseFormat: { type: 'json_object', jsonSchema: weather } });
  assert.deepEqual(JSON.parse(textOf(answer)), weatherCall);
}

/** The Python library still writes the older name of the field. */
async function structured_older(c: Case): Promise<void> {
  const older: typeof fetch = async (url, init) => await c.fetch(url, { ...init, body: String(init?.body).replace('"json_schema"', '"schema"') });
  const cohere = new CohereClientV2({ token: key, environment: base, fetch: older, maxRetries: 0 });
  const responseFormat: Cohere.ResponseFormatV2 = { type: 'json_object', jsonSchema: weather };
  const answer = await cohere.chat({ model: c.model('json'), messages: [user(`Weather? ${c.mark}`)], responseFormat });
  assert.deepEqual(JSON.parse(textOf(answer)), weatherCall);
  const sent = JSON.stringify(await upstreamValue(c.mark));
  if (c.back === 'mh') assert.ok(sent.includes('"schema"') && !sent.includes('"json_schema"'));
}

async function refusal(c: Case): Promise<void> {
  const answer = await create(c, 'refusal', 'Hello there');
  assert.equal(textOf(answer), refusalText);
  // Where the provider withheld the answer, nobody is told that it is complete.
  assert.equal(answer.finishReason, c.back === 'ma' || c.back === 'mg' ? 'ERROR' : 'COMPLETE');
}

async function length_stop(c: Case): Promise<void> {
  const answer = await create(c, 'text-50', 'x', { maxTokens: 20 });
  assert.deepEqual([textOf(answer).split(' ').length, answer.finishReason], [20, 'MAX_TOKENS']);
}

async function stop_string(c: Case): Promise<void> {
  const answer = await create(c, 'echo', 'one two three', { stopSequences: [' three'] });
  // Two of the formats do not tell a stop string from the end. Where there is none, it is looked for here.
  const isTold = c.back !== 'mc' && c.back !== 'mg';
  assert.deepEqual([textOf(answer), answer.finishReason], ['one two', isTold ? 'STOP_SEQUENCE' : 'COMPLETE']);
}

async function cache_usage(c: Case): Promise<void> {
  const { tokens, cachedTokens } = (await create(c, 'cache', 'Hello there')).usage ?? {};
  assert.deepEqual([cachedTokens, tokens?.inputTokens], [40, 65]);
}

async function models(c: Case): Promise<void> {
  const names: (string | undefined)[] = [];
  const cohere = client(c);
  for (
    let page = await cohere.models.list({ pageSize: 4, endpoint: 'chat' });
    ;
    page = await cohere.models.list({ pageSize: 4, pageToken: page.nextPageToken ?? '' })
  ) {
    names.push(...page.models.map((model) => model.name));
    if (page.nextPageToken === undefined) break;
  }
  assert.ok(names.includes(c.model('echo')), names.join());
  assert.equal(new Set(names).size, names.length, 'no page comes twice');
  assert.deepEqual((await cohere.models.get(c.model('echo'))).endpoints, ['chat']);
}

/** What only Cohere can promise is refused before it is sent to anyone else, by name. */
async function safety(c: Case): Promise<void> {
  const ask = (): Promise<Cohere.V2ChatResponse> => create(c, 'echo', c.mark, { safetyMode: 'STRICT' });
  if (c.back === 'mh') {
    assert.equal(textOf(await ask()), c.mark);
    return;
  }
  const error = await raises(CohereError, ask);
  assert.deepEqual([error.statusCode, valueAt(error.body, 'param')], [400, 'safety_mode']);
}

async function fails(run: () => PromiseLike<unknown>, status: number, name: string): Promise<void> {
  const error = await raises(CohereError, run);
  assert.deepEqual([error.statusCode, error.name], [status, name]);
  assert.ok(String(valueAt(error.body, 'message')).length > 0, 'a message');
}

async function error_key(c: Case): Promise<void> {
  const wrong = client(c, 'sk-wrong');
  await fails(() => wrong.chat({ model: c.model('echo'), messages: [user('x')] }), 401, 'UnauthorizedError');
}

async function error_model(c: Case): Promise<void> {
  await fails(() => create(c, 'ecko', 'x'), 404, 'NotFoundError');
}

async function error_param(c: Case): Promise<void> {
  await fails(() => create(c, 'echo', 'x', { temperature: 3 }), 400, 'BadRequestError');
}

async function error_rate_limit(c: Case): Promise<void> {
  await fails(() => create(c, 'status-429', 'x'), 429, 'TooManyRequestsError');
}

async function error_server(c: Case): Promise<void> {
  await fails(() => create(c, 'status-503', 'x'), 503, 'ServiceUnavailableError');
}

/** The library retries by itself. */
async function retry_mends(c: Case): Promise<void> {
  // It leaves a failed answer unread, which is to be judged too.
  const reading: typeof fetch = async (...request) => {
    const response = await c.fetch(...request);
    return new Response(await response.arrayBuffer(), response);
  };
  const cohere = new CohereClientV2({ token: key, environment: base, fetch: reading });
  assert.equal(textOf(await cohere.chat({ model: c.model('echo+flaky-2'), messages: [user(`Hello ${c.mark}`)] })), `Hello ${c.mark}`);
}

/** The end says that it is none. */
async function torn_stream(c: Case): Promise<void> {
  c.outcome = 'torn';
  const end = endOf(await stream(c, 'text-30+cut-6', 'x'));
  assert.equal(end?.finishReason, 'ERROR');
  assert.ok(end?.error, 'with a reason');
}

async function abort(c: Case): Promise<void> {
  c.outcome = 'aborted';
  const controller = new AbortController();
  const request = { model: c.model('text-100+drip-50'), messages: [user(c.mark)] };
  const events = await client(c).chatStream(request, { abortSignal: controller.signal });
  let count = 0;
  await assert.rejects(async () => {
    for await (const _event of events) if (++count === 3) controller.abort();
  });
  await waitGone(c.mark);
}

async function timeout(c: Case): Promise<void> {
  const error = await raises(CohereError, () => client(c).chat({ model: c.model('slow-5000'), messages: [user(c.mark)] }, { timeoutInSeconds: 0.3 }));
  assert.match(error.message, /timeout/i);
  await waitGone(c.mark);
}

await runCases({
  chat_whole,
  chat_stream,
  chat_turns,
  unicode_text,
  done_text,
  system_text,
  tool_round,
  tool_stream,
  tools_parallel,
  tool_choice,
  image,
  documents,
  reasoning_whole,
  reasoning_stream,
  structured,
  structured_older,
  refusal,
  length_stop,
  stop_string,
  cache_usage,
  models,
  safety,
  error_key,
  error_model,
  error_param,
  error_rate_limit,
  error_server,
  retry_mends,
  torn_stream,
  abort,
  timeout,
});
