/** The official `ollama` on every back. */
import assert from 'node:assert/strict';
import { type ChatRequest, type ChatResponse, type GenerateResponse, type Message, Ollama, type Tool } from 'ollama/browser';
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

const declared: Tool = { type: 'function', function: { name: 'get_weather', description: 'The weather', parameters: weather } };
const other: Tool = { type: 'function', function: { name: 'get_time', description: 'The time' } };
const tools = [declared];

function client(c: Case, secret = key): Ollama {
  return new Ollama({ host: base, fetch: c.fetch, headers: { authorization: `Bearer ${secret}` } });
}

type Options = Omit<ChatRequest, 'model' | 'messages' | 'stream'>;

function user(content: string, more: Partial<Message> = {}): Message[] {
  return [{ role: 'user', content, ...more }];
}

async function ask(c: Case, model: string, messages: Message[], options: Options = {}): Promise<ChatResponse> {
  return await client(c).chat({ model: c.model(model), messages, ...options });
}

async function stream(c: Case, model: string, messages: Message[], options: Options = {}): Promise<ChatResponse[]> {
  return await drain(await client(c).chat({ model: c.model(model), messages, stream: true, ...options }));
}

function joined(lines: readonly ChatResponse[], what: 'content' | 'thinking'): string {
  return lines.map((line) => line.message[what] ?? '').join('');
}

function callsIn(lines: readonly ChatResponse[]) {
  return lines.flatMap((line) => line.message.tool_calls ?? []);
}

async function chat_whole(c: Case): Promise<void> {
  const answer = await ask(c, 'echo', user('Hello there'));
  assert.deepEqual(answer.message, { role: 'assistant', content: 'Hello there' });
  assert.deepEqual([answer.done, answer.done_reason, answer.model], [true, 'stop', 'echo']);
  assert.deepEqual([answer.prompt_eval_count, answer.eval_count], [5, 2]);
  assert.ok(answer.total_duration >= 0 && !Number.isNaN(Date.parse(String(answer.created_at))));
}

async function chat_stream(c: Case): Promise<void> {
  const lines = await stream(c, 'text-30', user('Hello there'));
  assert.ok(lines.length >= 30, `${lines.length} lines: streamed piece by piece`);
  assert.equal(joined(lines, 'content').split(' ').length, 30);
  assert.deepEqual(
    lines.flatMap((line) => (line.done ? [line.done_reason] : [])),
    ['stop'],
  );
  assert.deepEqual([lines.at(-1)?.done, lines.at(-1)?.eval_count], [true, 30]);
}

/** Without `stream` Ollama streams; its client always says which it wants. */
async function stream_unasked(c: Case): Promise<void> {
  const response = await c.fetch(`${base}/api/chat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: c.model('echo'), messages: user('Hello there') }),
  });
  assert.equal(response.headers.get('content-type'), 'application/x-ndjson');
  const lines = (await response.text()).trimEnd().split('\n');
  assert.equal(lines.map((line) => String(valueAt(JSON.parse(line), 'message', 'content'))).join(''), 'Hello there');
}

async function unicode_text(c: Case): Promise<void> {
  assert.equal((await ask(c, 'echo', user(unicode))).message.content, unicode);
  assert.equal(joined(await stream(c, 'echo', user(unicode)), 'content'), unicode, 'streamed');
}

async function system_text(c: Case): Promise<void> {
  const options = { temperature: 0.5, stop: ['never'], num_predict: 100, num_ctx: 4096 };
  await ask(c, 'echo', [{ role: 'system', content: 'Be brief.' }, ...user(`One ${c.mark}`)], { options, keep_alive: '5m' });
  const body: unknown = await upstreamValue(c.mark);
  const system: { readonly [back: string]: unknown } = {
    mg: valueAt(body, 'systemInstruction', 'parts', 0, 'text'),
    mc: valueAt(body, 'messages', 0, 'content'),
    mo: valueAt(body, 'messages', 0, 'content'),
    ma: valueAt(body, 'system'),
    mr: valueAt(body, 'instructions') ?? valueAt(body, 'input', 0, 'content'),
  };
  assert.equal(system[c.back], 'Be brief.');
  if (c.back === 'mo') assert.deepEqual([valueAt(body, 'options', 'num_ctx'), valueAt(body, 'keep_alive')], [4096, '5m']);
}

/** As in the client's own examples: the message goes back as it came, the result is told by the tool's name. */
async function tool_round(c: Case): Promise<void> {
  const first = await ask(c, 'tool', user('Weather?'), { tools });
  const [call] = callsIn([first]);
  assert.deepEqual([call?.function.name, call?.function.arguments, first.done_reason], ['get_weather', weatherCall, 'stop']);
  const result = { role: 'tool', tool_name: 'get_weather', content: '21 degrees' };
  const second = await ask(c, 'tool', [...user('Weather?'), first.message, result], { tools });
  assert.equal(second.message.content, 'get_weather returned 21 degrees');
}

/** Many clients keep no ids: the names and the order tell. */
async function tool_stream(c: Case): Promise<void> {
  const calls = callsIn(await stream(c, 'tool', user('Weather?'), { tools }));
  assert.deepEqual(
    calls.map((call) => [call.function.name, call.function.arguments]),
    [['get_weather', weatherCall]],
  );
  const kept = calls.map((call) => ({ function: { name: call.function.name, arguments: call.function.arguments } }));
  const said: Message[] = [
    { role: 'assistant', content: '', tool_calls: kept },
    { role: 'tool', tool_name: 'get_weather', content: 'rain' },
  ];
  const second = joined(await stream(c, 'tool', [...user('Weather?'), ...said], { tools }), 'content');
  assert.equal(second, 'get_weather returned rain');
}

async function tools_parallel(c: Case): Promise<void> {
  const options = { tools: [declared, other] };
  const first = await ask(c, 'tools', user('Both?'), options);
  const calls = callsIn([first]);
  assert.deepEqual(
    calls.map((call) => [call.function.name, call.function.arguments]),
    [
      ['get_weather', weatherCall],
      ['get_time', {}],
    ],
  );
  const results = calls.map(({ function: { name } }) => ({ role: 'tool', tool_name: name, content: `${name} done` }));
  const second = await ask(c, 'tools', [...user('Both?'), first.message, ...results], options);
  assert.equal(second.message.content, 'get_weather returned get_weather done\nget_time returned get_time done');
}

async function image(c: Case): Promise<void> {
  const answer = await ask(c, 'vision', user('See?', { images: [Buffer.from(png, 'base64')] }));
  assert.equal(answer.message.content, `image image/png ${pngBytes} bytes`);
}

function thoughtOf({ back }: Case): string {
  return back === 'mr' ? summary : thought;
}

async function reasoning_whole(c: Case): Promise<void> {
  const options = { think: true, options: { num_predict: 8000 } };
  const answer = await ask(c, 'reasoning', user('Hello there'), options);
  assert.deepEqual([answer.message.thinking, answer.message.content], [thoughtOf(c), 'Hello there']);
}

/** What another provider wants back of its thinking stands in the id of the call: the client sends the message back as it came. */
async function reasoning_stream(c: Case): Promise<void> {
  const options = { think: 'high' as const, options: { num_predict: 8000 }, tools };
  const lines = await stream(c, 'reasoning', user('Hello there'), options);
  assert.equal(joined(lines, 'thinking'), thoughtOf(c));
  const said = { role: 'assistant', content: '', thinking: joined(lines, 'thinking'), tool_calls: callsIn(lines) };
  const result = { role: 'tool', tool_name: 'get_weather', content: 'rain' };
  const second = await ask(c, 'reasoning', [...user('Hello there'), said, result], options);
  assert.equal(second.message.content, 'get_weather returned rain');
}

async function structured(c: Case): Promise<void> {
  const answer = await ask(c, 'json', user('Weather?'), { format: weather });
  assert.deepEqual(JSON.parse(answer.message.content), weatherCall);
}

async function json_mode(c: Case): Promise<void> {
  const answer = await ask(c, 'json', user('Any JSON?'), { format: 'json' });
  assert.deepEqual(JSON.parse(answer.message.content), { ok: true });
}

async function refusal(c: Case): Promise<void> {
  const answer = await ask(c, 'refusal', user('Hello there'));
  assert.equal(answer.done_reason, 'stop');
  // Others say why beside the answer, where Ollama has no place for it.
  if (c.back === 'mc' || c.back === 'mo') assert.equal(answer.message.content, refusalText);
}

async function length_stop(c: Case): Promise<void> {
  const answer = await ask(c, 'text-50', user('x'), { options: { num_predict: 10 } });
  // OpenAI's Responses take no lower limit.
  assert.deepEqual([answer.message.content.split(' ').length, answer.done_reason], [c.back === 'mr' ? 16 : 10, 'length']);
}

async function stop_string(c: Case): Promise<void> {
  const answer = await ask(c, 'echo', user('one two three'), { options: { stop: [' three'] } });
  assert.deepEqual([answer.message.content, answer.done_reason], ['one two', 'stop']);
}

async function cache_usage(c: Case): Promise<void> {
  assert.equal((await ask(c, 'cache', user('Hello there'))).prompt_eval_count, 65);
}

async function generate_whole(c: Case): Promise<void> {
  const answer = await client(c).generate({ model: c.model('echo'), prompt: 'Hello there', system: 'Be brief.', options: { num_predict: 100 } });
  assert.deepEqual([answer.response, answer.done, answer.done_reason, answer.eval_count], ['Hello there', true, 'stop', 2]);
}

async function generate_stream(c: Case): Promise<void> {
  const lines: GenerateResponse[] = await drain(
    await client(c).generate({ model: c.model('reasoning'), prompt: 'Hello there', think: true, options: { num_predict: 8000 }, stream: true }),
  );
  const text = (what: 'response' | 'thinking'): string => lines.map((line) => line[what] ?? '').join('');
  assert.deepEqual([text('response'), text('thinking'), lines.at(-1)?.done], ['Hello there', thoughtOf(c), true]);
}

async function generate_refused(c: Case): Promise<void> {
  if (c.back === 'mo') return;
  await fails(
    () => client(c).generate({ model: c.model('echo'), prompt: 'x', template: '{{ .Prompt }}' }),
    400,
    /^template cannot be sent to .*an Ollama server/,
  );
}

async function models(c: Case): Promise<void> {
  const listed = (await client(c).list()).models;
  const own = listed.find((model) => model.name === c.model('echo'));
  assert.ok(own !== undefined && own.model === own.name && own.digest.length === 64);
  const shown = await client(c).show({ model: c.model('echo') });
  assert.ok(shown.capabilities.includes('completion') && shown.capabilities.includes('tools'));
  assert.deepEqual(await client(c).ps(), { models: [] });
  assert.match((await client(c).version()).version, /^\d+\.\d+\.\d+$/);
  await fails(() => client(c).show({ model: 'nobody-has-this' }), 404, /nobody-has-this/);
}

/** The error class is not exported. */
async function fails(run: () => PromiseLike<unknown>, status: number, words: RegExp): Promise<void> {
  const error = await raises(Error, run);
  assert.equal(error.name, 'ResponseError');
  assert.equal(valueAt(error, 'status_code'), status);
  assert.match(error.message, words);
}

async function error_key(c: Case): Promise<void> {
  await fails(() => client(c, 'sk-wrong').chat({ model: c.model('echo'), messages: user('x') }), 401, /key/);
}

async function error_model(c: Case): Promise<void> {
  await fails(() => ask(c, 'ecko', user('x')), 404, /ecko/);
}

async function error_param(c: Case): Promise<void> {
  await fails(() => ask(c, 'echo', user('x'), { options: { top_p: 3 } }), 400, /^options\.top_p must be a number from 0 to 1/);
}

async function error_rate_limit(c: Case): Promise<void> {
  await fails(() => ask(c, 'status-429', user('x')), 429, /429|status/i);
}

async function error_server(c: Case): Promise<void> {
  await fails(() => ask(c, 'status-500', user('x')), 500, /500/);
}

async function torn_stream(c: Case): Promise<void> {
  c.outcome = 'torn';
  const error = await raises(Error, () => stream(c, 'text-30+cut-6', user('x')));
  assert.match(error.message, /broke|ended/);
}

async function bad_upstream(c: Case): Promise<void> {
  await fails(() => ask(c, 'html', user('x')), 502, /HTML/);
  await fails(() => ask(c, 'empty', user('x')), 502, /empty/);
  // Some formats tell a status within.
  await fails(() => ask(c, 'error-inside', user('x')), ['mc', 'mo', 'mr'].includes(c.back) ? 502 : 500, /scripted provider failed/);
}

async function abort(c: Case): Promise<void> {
  c.outcome = 'aborted';
  const ollama = client(c);
  const lines = await ollama.chat({ model: c.model('text-100+drip-50'), messages: user(c.mark), stream: true });
  let count = 0;
  await assert.rejects(async () => {
    for await (const _line of lines) if (++count === 3) ollama.abort();
  });
  await waitGone(c.mark);
}

await runCases({
  chat_whole,
  chat_stream,
  stream_unasked,
  unicode_text,
  system_text,
  tool_round,
  tool_stream,
  tools_parallel,
  image,
  reasoning_whole,
  reasoning_stream,
  structured,
  json_mode,
  refusal,
  length_stop,
  stop_string,
  cache_usage,
  generate_whole,
  generate_stream,
  generate_refused,
  models,
  error_key,
  error_model,
  error_param,
  error_rate_limit,
  error_server,
  torn_stream,
  bad_upstream,
  abort,
});
