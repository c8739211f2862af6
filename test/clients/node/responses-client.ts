/** The official `openai` library's Responses API on every back. */
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import type { Response, ResponseCreateParamsNonStreaming, ResponseInputItem, ResponseStreamEvent } from 'openai/resources/responses/responses';
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
type Params = Omit<ResponseCreateParamsNonStreaming, 'model' | 'stream'>;

const tool = { type: 'function', name: 'get_weather', description: 'The weather', parameters: weather, strict: true } as const;
const other = { type: 'function', name: 'get_time', description: 'The time', parameters: null, strict: false } as const;

function client(c: Case, options: Options = {}): OpenAI {
  return new OpenAI({ baseURL: `${base}/v1`, apiKey: key, maxRetries: 0, fetch: c.fetch, ...options });
}

function create(c: Case, model: string, params: Params, options?: Options) {
  return client(c, options).responses.create({ model: c.model(model), store: false, ...params });
}

function stream(c: Case, model: string, params: Params) {
  return client(c).responses.create({ model: c.model(model), store: false, ...params, stream: true });
}

function textOf(events: readonly ResponseStreamEvent[]): string {
  return events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('');
}

function finalOf(events: readonly ResponseStreamEvent[]): Response {
  const last = events.at(-1);
  assert.ok(last?.type === 'response.completed' || last?.type === 'response.incomplete', 'the last event is the answer');
  return last.response;
}

function callsOf(answer: Response) {
  return answer.output
    .filter((item) => item.type === 'function_call')
    .map((item) => ({ id: item.call_id, name: item.name, arguments: JSON.parse(item.arguments) as unknown }));
}

/** The conversation after an answer that called tools, and what came of them: all that the answer said goes back as it came. */
function goOn(question: string, answer: Response, ...results: readonly string[]): ResponseInputItem[] {
  const outputs = callsOf(answer).map((call, index) => ({ type: 'function_call_output' as const, call_id: call.id, output: results[index] ?? '' }));
  return [{ role: 'user', content: question }, ...(answer.output as ResponseInputItem[]), ...outputs];
}

async function answer_whole(c: Case): Promise<void> {
  const answer = await create(c, 'echo', { input: 'Hello there' });
  assert.equal(answer.output_text, 'Hello there');
  assert.deepEqual([answer.status, answer.error, answer.incomplete_details], ['completed', null, null]);
  assert.deepEqual([answer.usage?.input_tokens, answer.usage?.output_tokens, answer.usage?.total_tokens], [5, 2, 7]);
  assert.equal(answer.model, 'echo');
  assert.ok(answer.created_at > 1_700_000_000, 'created_at is a time');
  assert.ok(answer._request_id, 'a request id');
  assert.deepEqual(
    answer.output.map((item) => item.type),
    ['message'],
  );
}

async function answer_stream(c: Case): Promise<void> {
  const events = await drain(await stream(c, 'text-30', { input: 'Hello there' }));
  assert.ok(events.filter((event) => event.type === 'response.output_text.delta').length >= 30, 'streamed piece by piece');
  assert.equal(textOf(events).split(' ').length, 30);
  const final = finalOf(events);
  assert.deepEqual([final.status, final.usage?.input_tokens, final.usage?.output_tokens], ['completed', 5, 30]);
}

/** The library's own accumulator makes of the events what the last event says. */
async function stream_helper(c: Case): Promise<void> {
  const helper = client(c).responses.stream({ model: c.model('tools'), input: 'Both?', tools: [tool, other], store: false });
  let pieces = 0;
  helper.on('response.function_call_arguments.delta', () => pieces++);
  const final = await helper.finalResponse();
  assert.deepEqual(
    callsOf(final).map((call) => [call.name, call.arguments]),
    [
      ['get_weather', weatherCall],
      ['get_time', {}],
    ],
  );
  assert.ok(pieces > 1, 'arguments come in pieces');
  const said = await client(c)
    .responses.stream({ model: c.model('echo'), input: unicode, store: false })
    .finalResponse();
  assert.equal(said.output_text, unicode);
}

async function unicode_text(c: Case): Promise<void> {
  assert.equal((await create(c, 'echo', { input: unicode })).output_text, unicode);
  assert.equal(textOf(await drain(await stream(c, 'echo', { input: unicode }))), unicode, 'streamed');
}

async function instructions(c: Case): Promise<void> {
  const answer = await create(c, 'echo', { instructions: 'Be brief.', input: `One ${c.mark}`, temperature: 0.5, max_output_tokens: 1000 });
  assert.deepEqual([answer.instructions, answer.temperature, answer.max_output_tokens], ['Be brief.', 0.5, 1000]);
  const body: unknown = await upstreamValue(c.mark);
  const system: { readonly [back: string]: unknown } = {
    mr: valueAt(body, 'instructions'),
    mc: valueAt(body, 'messages', 0, 'content'),
    ma: valueAt(body, 'system'),
    mg: valueAt(body, 'systemInstruction', 'parts', 0, 'text'),
  };
  assert.equal(system[c.back], 'Be brief.');
}

async function conversation(c: Case): Promise<void> {
  const first = await create(c, 'echo', { input: 'One' });
  const input: ResponseInputItem[] = [
    { role: 'developer', content: 'Use English.' },
    { role: 'user', content: 'One' },
    ...(first.output as ResponseInputItem[]),
    { role: 'user', content: [{ type: 'input_text', text: 'Two' }] },
  ];
  assert.equal((await create(c, 'echo', { input })).output_text, 'Two');
}

async function tool_round(c: Case): Promise<void> {
  const first = await create(c, 'tool', { input: 'Weather?', tools: [tool] });
  const [call] = callsOf(first);
  assert.deepEqual([call?.name, call?.arguments, first.status], ['get_weather', weatherCall, 'completed']);
  const second = await create(c, 'tool', { input: goOn('Weather?', first, '21 degrees'), tools: [tool] });
  assert.equal(second.output_text, 'get_weather returned 21 degrees');
}

async function tool_stream(c: Case): Promise<void> {
  const events = await drain(await stream(c, 'tool', { input: 'Weather?', tools: [tool] }));
  const done = events.find((event) => event.type === 'response.function_call_arguments.done');
  assert.deepEqual(JSON.parse(done?.type === 'response.function_call_arguments.done' ? done.arguments : ''), weatherCall);
  const second = await stream(c, 'tool', { input: goOn('Weather?', finalOf(events), 'rain'), tools: [tool] });
  assert.equal(textOf(await drain(second)), 'get_weather returned rain');
}

async function tools_parallel(c: Case): Promise<void> {
  const first = await create(c, 'tools', { input: 'Both?', tools: [tool, other] });
  const calls = callsOf(first);
  assert.deepEqual(
    calls.map((call) => call.name),
    ['get_weather', 'get_time'],
  );
  assert.notEqual(calls[0]?.id, calls[1]?.id);
  const second = await create(c, 'tools', { input: goOn('Both?', first, 'result 0', 'result 1'), tools: [tool, other] });
  assert.equal(second.output_text, 'get_weather returned result 0\nget_time returned result 1');
  const one = await create(c, 'tools', { input: 'Both?', tools: [tool, other], parallel_tool_calls: false });
  // Google cannot be told to make one call alone.
  assert.equal(callsOf(one).length, c.back === 'mg' ? 2 : 1);
}

async function tool_choice(c: Case): Promise<void> {
  const ask = (choice: Params['tool_choice']) =>
    create(c, 'echo', { input: 'Hello there', tools: [tool, other], ...(choice === undefined ? {} : { tool_choice: choice }) });
  assert.equal(callsOf(await ask('required'))[0]?.name, 'get_weather');
  assert.equal(callsOf(await ask({ type: 'function', name: 'get_time' }))[0]?.name, 'get_time');
  const allowed = { type: 'allowed_tools' as const, mode: 'required' as const, tools: [{ type: 'function', name: 'get_time' }] };
  assert.equal(callsOf(await ask(allowed))[0]?.name, 'get_time');
  assert.equal((await ask('none')).output_text, 'Hello there');
  assert.equal((await ask('auto')).output_text, 'Hello there');
}

/** A tool that takes free text comes back as one, whatever the provider knows. */
async function custom_tool(c: Case): Promise<void> {
  const note = { type: 'custom', name: 'note', description: 'Takes a note' } as const;
  const first = await create(c, 'tool', { input: 'Note it', tools: [note] });
  const call = first.output.find((item) => item.type === 'custom_tool_call');
  assert.ok(call?.type === 'custom_tool_call', 'a custom call');
  assert.deepEqual([call.name, call.input], ['note', c.back === 'mr' ? 'text' : 'input']);
  const output = { type: 'custom_tool_call_output' as const, call_id: call.call_id, output: 'noted' };
  const input: ResponseInputItem[] = [{ role: 'user', content: 'Note it' }, ...(first.output as ResponseInputItem[]), output];
  assert.equal((await create(c, 'tool', { input, tools: [note] })).output_text, 'note returned noted');
  const events = await drain(await stream(c, 'tool', { input: 'Note it', tools: [note] }));
  assert.equal(events.map((event) => (event.type === 'response.custom_tool_call_input.delta' ? event.delta : '')).join(''), call.input, 'streamed');
}

async function image(c: Case): Promise<void> {
  const answer = await create(c, 'vision', {
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What is it?' },
          { type: 'input_image', image_url: `data:image/png;base64,${png}`, detail: 'low' },
          { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'auto' },
        ],
      },
    ],
  });
  assert.equal(answer.output_text.replace('image image/png https', 'image https'), `image image/png ${pngBytes} bytes\nimage https://example.com/a.png`);
}

async function document(c: Case): Promise<void> {
  const part = { type: 'input_file' as const, filename: 'report.pdf', file_data: `data:application/pdf;base64,${pdf}` };
  const answer = await create(c, 'vision', { input: [{ role: 'user', content: [part, { type: 'input_text', text: 'Sum it up' }] }] });
  // Google has no place for the name of a file.
  assert.equal(answer.output_text, `document application/pdf ${pdfBytes} bytes${c.back === 'mg' ? '' : ' report.pdf'}`);
}

const thinking: Params = {
  tools: [tool],
  reasoning: { effort: 'low', summary: 'auto' },
  include: ['reasoning.encrypted_content'],
  max_output_tokens: 4000,
};

/** What was thought, in one line: OpenAI's summaries come in parts. */
function thoughtOf(answer: Response): string {
  return answer.output.flatMap((item) => (item.type === 'reasoning' ? item.summary.map((part) => part.text) : [])).join(' ');
}

async function reasoning_whole(c: Case): Promise<void> {
  const question = `${c.mark} there`;
  const first = await create(c, 'reasoning', { ...thinking, input: question });
  assert.equal(thoughtOf(first), thought);
  assert.equal(first.usage?.output_tokens_details.reasoning_tokens, 9);
  assert.deepEqual(
    first.output.map((item) => item.type),
    ['reasoning', 'function_call'],
  );
  const second = await create(c, 'reasoning', { ...thinking, input: goOn(question, first, 'sun') });
  assert.equal(second.output_text, 'get_weather returned sun');
  await checkThought(c);
}

async function reasoning_stream(c: Case): Promise<void> {
  const question = `${c.mark} there`;
  const helper = client(c).responses.stream({ model: c.model('reasoning'), store: false, ...thinking, input: question });
  const parts: string[] = [];
  helper.on('response.reasoning_summary_text.delta', (event) => (parts[event.summary_index] = (parts[event.summary_index] ?? '') + event.delta));
  const first = await helper.finalResponse();
  assert.equal(parts.join(' '), thought);
  const second = await stream(c, 'reasoning', { ...thinking, input: goOn(question, first, 'fog') });
  assert.equal(textOf(await drain(second)), 'get_weather returned fog');
  await checkThought(c);
}

/** The thinking went back to the provider that made it, as that provider knows it: the scripted ones refuse it altered. */
async function checkThought(c: Case): Promise<void> {
  if (c.back === 'mr') assert.match(String(await upstreamValue(c.mark, 'input', 1, 'encrypted_content')), /^gAAAAMock/);
  else if (c.back === 'mg') assert.match(JSON.stringify(await upstreamValue(c.mark, 'contents', 1)), /"functionCall":\{[^}]*\}\},"thoughtSignature":"EqMock/);
  else if (c.back === 'mc') assert.equal(await upstreamValue(c.mark, 'messages', 1, 'reasoning_content'), thought);
  else {
    const sent = await upstreamValue(c.mark, 'messages', 1, 'content', 0);
    assert.equal(valueAt(sent, 'thinking'), thought);
    assert.match(String(valueAt(sent, 'signature')), /^EqMock/);
  }
}

async function structured(c: Case): Promise<void> {
  const city = z.object({ name: z.string(), kind: z.enum(['town', 'village']) });
  const answer = await client(c).responses.parse({ model: c.model('json'), store: false, input: 'A city', text: { format: zodTextFormat(city, 'city') } });
  assert.deepEqual(answer.output_parsed, { name: 'name', kind: 'town' });
  const format = { type: 'json_schema' as const, name: 'weather', schema: weather, strict: true };
  assert.deepEqual(JSON.parse(textOf(await drain(await stream(c, 'json', { input: 'A city', text: { format } })))), weatherCall);
}

async function refusal(c: Case): Promise<void> {
  const answer = await create(c, 'refusal', { input: 'Something bad' });
  const [item] = answer.output;
  assert.deepEqual(item?.type === 'message' ? item.content : undefined, [{ type: 'refusal', refusal: refusalText }]);
  // Whether a refusal is an end or a filter's work is each provider's own view.
  const isFiltered = c.back === 'ma' || c.back === 'mg';
  assert.deepEqual([answer.status, answer.incomplete_details?.reason], isFiltered ? ['incomplete', 'content_filter'] : ['completed', undefined]);
  const events = await drain(await stream(c, 'refusal', { input: 'Something bad' }));
  assert.equal(events.map((event) => (event.type === 'response.refusal.delta' ? event.delta : '')).join(''), refusalText, 'streamed');
}

async function length_stop(c: Case): Promise<void> {
  const answer = await create(c, 'text-50', { input: 'Go on', max_output_tokens: 20 });
  assert.deepEqual([answer.status, answer.incomplete_details?.reason, answer.usage?.output_tokens], ['incomplete', 'max_output_tokens', 20]);
  assert.equal(answer.output_text.split(' ').length, 20);
  const [item] = answer.output;
  assert.equal(item?.type === 'message' ? item.status : undefined, 'incomplete');
  const events = await drain(await stream(c, 'length', { input: 'Go on' }));
  assert.equal(events.at(-1)?.type, 'response.incomplete', 'streamed');
}

async function cache_usage(c: Case): Promise<void> {
  const check = ({ usage }: Response): void => {
    assert.deepEqual([usage?.input_tokens, usage?.output_tokens], [65, 2]);
    assert.deepEqual(usage?.input_tokens_details, { cached_tokens: 40, cache_write_tokens: c.back === 'mg' ? 0 : 20 });
  };
  check(await create(c, 'cache', { input: 'Hello there' }));
  check(finalOf(await drain(await stream(c, 'cache', { input: 'Hello there' }))));
}

/** Nothing is kept here: what leans on an earlier answer is refused before anything is sent, or passes to a provider that may keep it. */
async function kept(c: Case): Promise<void> {
  const error = await raises(OpenAI.BadRequestError, () => create(c, 'echo', { input: c.mark, previous_response_id: 'resp_1' }));
  assert.equal(error.param, 'previous_response_id');
  assert.equal((await upstream(c.mark)).length, c.back === 'mr' ? 1 : 0, 'attempts upstream');
}

async function error_key(c: Case): Promise<void> {
  const error = await raises(OpenAI.AuthenticationError, () => create(c, 'echo', { input: 'x' }, { apiKey: 'sk-wrong' }));
  assert.deepEqual([error.status, error.code], [401, 'invalid_api_key']);
  assert.ok(error.requestID, 'a request id');
  assert.ok(!error.message.includes('sk-wrong'), 'the key is not told');
}

async function error_model(c: Case): Promise<void> {
  for (const model of ['nobody/echo', c.model('ecko')]) {
    const error = await raises(OpenAI.NotFoundError, () => client(c).responses.create({ model, input: 'x' }));
    assert.deepEqual([error.status, error.code], [404, 'model_not_found'], model);
  }
}

async function error_param(c: Case): Promise<void> {
  const error = await raises(OpenAI.BadRequestError, () => create(c, 'echo', { input: c.mark, temperature: 5 }));
  assert.deepEqual([error.status, error.param, error.type], [400, 'temperature', 'invalid_request_error']);
  assert.equal((await upstream(c.mark)).length, 0, 'attempts upstream');
  const orphan = [{ type: 'function_call_output' as const, call_id: 'call_1', output: c.mark }];
  await raises(OpenAI.BadRequestError, () => create(c, 'echo', { input: orphan }, { maxRetries: 2 }));
  assert.ok((await upstream(c.mark)).length <= 1, 'a bad request is not tried again');
}

async function error_rate_limit(c: Case): Promise<void> {
  const error = await raises(OpenAI.RateLimitError, () => create(c, 'status-429', { input: c.mark }, { maxRetries: 2 }));
  assert.deepEqual([error.status, error.type, error.headers.get('retry-after')], [429, 'rate_limit_error', '1']);
  assert.equal((await upstream(c.mark)).length, 2, "attempts upstream: the gateway's, not multiplied by the library's");
}

async function error_server(c: Case): Promise<void> {
  await raises(OpenAI.InternalServerError, () => create(c, 'status-500', { input: c.mark }, { maxRetries: 2 }));
  assert.equal((await upstream(c.mark)).length, 2, 'attempts upstream');
}

async function retry_mends(c: Case): Promise<void> {
  assert.equal((await create(c, 'flaky-1', { input: c.mark })).output_text, c.mark);
  assert.equal((await upstream(c.mark)).length, 2, 'attempts upstream');
}

async function torn_stream(c: Case): Promise<void> {
  c.outcome = 'torn';
  for (const fault of ['cut-9', 'end-9', 'garbage', 'error-midstream']) {
    const torn = await stream(c, `text-30+${fault}+drip-8`, { input: c.mark });
    await raises(OpenAI.APIError, () => drain(torn));
  }
  const helper = client(c).responses.stream({ model: c.model('text-30+cut-9+drip-8'), input: c.mark, store: false });
  await raises(OpenAI.APIError, () => helper.finalResponse());
}

async function bad_upstream(c: Case): Promise<void> {
  for (const fault of ['html', 'empty', 'error-inside', 'garbage']) {
    const error = await raises(OpenAI.InternalServerError, () => create(c, fault, { input: 'x' }));
    // An error inside a 200 has the status of its type.
    assert.equal(error.status, fault === 'error-inside' && (c.back === 'ma' || c.back === 'mg') ? 500 : 502, fault);
  }
}

async function abort(c: Case): Promise<void> {
  c.outcome = 'aborted';
  let seen = 0;
  for await (const _ of await stream(c, 'text-400+drip-20', { input: c.mark })) {
    seen++;
    if (seen === 7) break;
  }
  await waitGone(c.mark);
}

async function timeout(c: Case): Promise<void> {
  c.outcome = 'aborted';
  await raises(OpenAI.APIConnectionTimeoutError, () => create(c, 'slow-20000', { input: c.mark }, { timeout: 300 }));
  await waitGone(c.mark);
}

await runCases({
  ...{
    answer_whole,
    answer_stream,
    stream_helper,
    unicode_text,
    instructions,
    conversation,
    tool_round,
    tool_stream,
    tools_parallel,
    tool_choice,
    custom_tool,
  },
  ...{ image, document, reasoning_whole, reasoning_stream, structured, refusal, length_stop, cache_usage, kept, error_key, error_model, error_param },
  ...{ error_rate_limit, error_server, retry_mends, torn_stream, bad_upstream, abort, timeout },
});
