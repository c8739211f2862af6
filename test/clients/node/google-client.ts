/** The official `@google/genai` on every back. */
import assert from 'node:assert/strict';
import {
  ApiError,
  type CallableTool,
  type Content,
  FinishReason,
  FunctionCallingConfigMode,
  type FunctionDeclaration,
  type GenerateContentConfig,
  type GenerateContentResponse,
  GoogleGenAI,
  type Part,
} from '@google/genai';
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
  upstreamValue,
  valueAt,
  waitGone,
  weather,
  weatherCall,
} from './harness.ts';

const declared: FunctionDeclaration = { name: 'get_weather', description: 'The weather', parametersJsonSchema: weather };
const other: FunctionDeclaration = { name: 'get_time', description: 'The time' };
const tools = [{ functionDeclarations: [declared] }];

/** The client takes no `fetch` of its own: the one that records answers stands in for the global one. */
function client(c: Case, apiKey = key): GoogleGenAI {
  globalThis.fetch = c.fetch;
  return new GoogleGenAI({ apiKey, httpOptions: { baseUrl: base } });
}

function user(...parts: readonly Part[]): Content[] {
  return [{ role: 'user', parts: [...parts] }];
}

function create(c: Case, model: string, contents: string | Content[], config: GenerateContentConfig = {}) {
  return client(c).models.generateContent({ model: c.model(model), contents, config });
}

async function stream(c: Case, model: string, contents: string | Content[], config: GenerateContentConfig = {}): Promise<GenerateContentResponse[]> {
  return await drain(await client(c).models.generateContentStream({ model: c.model(model), contents, config }));
}

function textOf(chunks: readonly GenerateContentResponse[]): string {
  return chunks.map((chunk) => chunk.text ?? '').join('');
}

function partsOf(chunks: readonly GenerateContentResponse[]): Part[] {
  return chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
}

/** The conversation after an answer that called tools and the results that it got. */
function goOn(contents: readonly Content[], said: readonly Content[], ...results: readonly Part[]): Content[] {
  return [...contents, ...said, ...user(...results)];
}

function saidBy(answer: GenerateContentResponse): Content[] {
  const content = answer.candidates?.[0]?.content;
  return content === undefined ? [] : [content];
}

async function chat_whole(c: Case): Promise<void> {
  const answer = await create(c, 'echo', 'Hello there');
  assert.equal(answer.text, 'Hello there');
  assert.equal(answer.candidates?.[0]?.finishReason, FinishReason.STOP);
  const { promptTokenCount, candidatesTokenCount, totalTokenCount } = answer.usageMetadata ?? {};
  assert.deepEqual([promptTokenCount, candidatesTokenCount, totalTokenCount], [5, 2, 7]);
  assert.equal(answer.modelVersion, 'echo');
  assert.ok(answer.responseId);
}

async function chat_stream(c: Case): Promise<void> {
  const chunks = await stream(c, 'text-30', 'Hello there');
  assert.ok(chunks.length >= 30, `${chunks.length} chunks: streamed piece by piece`);
  assert.equal(textOf(chunks).split(' ').length, 30);
  assert.deepEqual(
    chunks.flatMap((chunk) => chunk.candidates?.[0]?.finishReason ?? []),
    [FinishReason.STOP],
  );
  assert.equal(chunks.at(-1)?.usageMetadata?.candidatesTokenCount, 30);
}

/** A chat keeps what it was answered, chunk by chunk, and sends it all back. */
async function chat_history(c: Case): Promise<void> {
  const chat = client(c).chats.create({ model: c.model('echo') });
  assert.equal(textOf(await drain(await chat.sendMessageStream({ message: 'one two' }))), 'one two');
  assert.equal((await chat.sendMessage({ message: 'three' })).text, 'three');
  assert.equal((await chat.sendMessage({ message: `four ${c.mark}` })).text, `four ${c.mark}`);
  assert.ok(chat.getHistory(true).length >= 6, 'every turn was kept');
}

async function unicode_text(c: Case): Promise<void> {
  assert.equal((await create(c, 'echo', unicode)).text, unicode);
  assert.equal(textOf(await stream(c, 'echo', unicode)), unicode, 'streamed');
}

async function system_text(c: Case): Promise<void> {
  await create(c, 'echo', `One ${c.mark}`, { systemInstruction: 'Be brief.', temperature: 0.5, stopSequences: ['never'], maxOutputTokens: 100 });
  const body: unknown = await upstreamValue(c.mark);
  const system: { readonly [back: string]: unknown } = {
    mg: valueAt(body, 'systemInstruction', 'parts', 0, 'text'),
    mc: valueAt(body, 'messages', 0, 'content'),
    ma: valueAt(body, 'system'),
    mr: valueAt(body, 'instructions') ?? valueAt(body, 'input', 0, 'content'),
  };
  assert.equal(system[c.back], 'Be brief.');
}

async function tool_round(c: Case): Promise<void> {
  const first = await create(c, 'tool', 'Weather?', { tools });
  const [call] = first.functionCalls ?? [];
  assert.deepEqual([call?.name, call?.args, first.candidates?.[0]?.finishReason], ['get_weather', weatherCall, FinishReason.STOP]);
  const result = { functionResponse: { ...(call?.id === undefined ? {} : { id: call.id }), name: 'get_weather', response: { output: '21 degrees' } } };
  const second = await create(c, 'tool', goOn(user({ text: 'Weather?' }), saidBy(first), result), { tools });
  assert.equal(second.text, 'get_weather returned 21 degrees');
}

async function tool_stream(c: Case): Promise<void> {
  const chunks = await stream(c, 'tool', 'Weather?', { tools });
  const calls = partsOf(chunks).flatMap((part) => part.functionCall ?? []);
  assert.deepEqual(
    calls.map((call) => [call.name, call.args]),
    [['get_weather', weatherCall]],
  );
  // Results may come without an id: the order tells.
  const said = chunks.flatMap(saidBy);
  const result = { functionResponse: { name: 'get_weather', response: { error: 'no such city' } } };
  const second = textOf(await stream(c, 'tool', goOn(user({ text: 'Weather?' }), said, result), { tools }));
  assert.match(second, c.back === 'mc' || c.back === 'mr' ? /get_weather returned .*no such city/ : /get_weather failed with no such city/);
}

async function tools_parallel(c: Case): Promise<void> {
  const config = { tools: [{ functionDeclarations: [declared, other] }] };
  const first = await create(c, 'tools', 'Both?', config);
  const calls = first.functionCalls ?? [];
  assert.deepEqual(
    calls.map((call) => [call.name, call.args]),
    [
      ['get_weather', weatherCall],
      ['get_time', {}],
    ],
  );
  const results = calls.map((call) => ({ functionResponse: { id: call.id ?? '', name: call.name ?? '', response: { output: `${call.name} done` } } }));
  const second = await create(c, 'tools', goOn(user({ text: 'Both?' }), saidBy(first), ...results), config);
  assert.equal(second.text, 'get_weather returned get_weather done\nget_time returned get_time done');
}

async function tool_choice(c: Case): Promise<void> {
  const config = (mode: FunctionCallingConfigMode, names?: string[]): GenerateContentConfig => ({
    tools: [{ functionDeclarations: [declared, other] }],
    toolConfig: { functionCallingConfig: { mode, ...(names === undefined ? {} : { allowedFunctionNames: names }) } },
  });
  assert.equal((await create(c, 'echo', 'x', config(FunctionCallingConfigMode.ANY, ['get_time']))).functionCalls?.[0]?.name, 'get_time');
  assert.equal((await create(c, 'echo', 'x', config(FunctionCallingConfigMode.ANY))).functionCalls?.[0]?.name, 'get_weather');
  assert.equal((await create(c, 'tool', 'x', config(FunctionCallingConfigMode.NONE))).functionCalls, undefined);
  assert.equal((await create(c, 'tool', 'x', config(FunctionCallingConfigMode.VALIDATED))).functionCalls?.length, 1);
}

/** The client calls the function itself and asks again. */
async function automatic_calls(c: Case): Promise<void> {
  const asked: unknown[] = [];
  const callable: CallableTool = {
    tool: () => Promise.resolve({ functionDeclarations: [declared] }),
    callTool(calls) {
      asked.push(...calls.map((call) => call.args));
      return Promise.resolve(calls.map((call) => ({ functionResponse: { id: call.id ?? '', name: call.name ?? '', response: { output: 'rain' } } })));
    },
  };
  const answer = await create(c, 'tool', 'Weather?', { tools: [callable] });
  assert.deepEqual([answer.text, asked], ['get_weather returned rain', [weatherCall]]);
}

async function image(c: Case): Promise<void> {
  const answer = await create(c, 'vision', user({ inlineData: { mimeType: 'image/png', data: png } }, { text: 'See?' }));
  assert.equal(answer.text, `image image/png ${pngBytes} bytes`);
}

async function document(c: Case): Promise<void> {
  const answer = await create(c, 'vision', user({ inlineData: { mimeType: 'application/pdf', data: pdf } }, { text: 'See?' }));
  assert.match(answer.text ?? '', new RegExp(`^document application/pdf ${pdfBytes} bytes`));
}

const thinking: GenerateContentConfig = { thinkingConfig: { includeThoughts: true, thinkingBudget: 2000 }, maxOutputTokens: 8000 };

function thoughtsIn(parts: readonly Part[]): string {
  return parts.flatMap((part) => (part.thought === true ? (part.text ?? '') : [])).join('');
}

async function reasoning_whole(c: Case): Promise<void> {
  const answer = await create(c, 'reasoning', 'Hello there', thinking);
  assert.deepEqual([thoughtsIn(partsOf([answer])), answer.text], [c.back === 'mr' ? summary : thought, 'Hello there']);
  assert.ok((answer.usageMetadata?.thoughtsTokenCount ?? 0) > 0, 'thoughts are counted');
  const quiet = await create(c, 'reasoning', 'Hello there', { maxOutputTokens: 8000 });
  assert.equal(thoughtsIn(partsOf([quiet])), '', 'thoughts are shown to those who ask alone');
}

/** Many clients leave the thoughts out of the history: what must come back stands in the signature of the call. */
async function reasoning_stream(c: Case): Promise<void> {
  const config = { ...thinking, tools };
  const chunks = await stream(c, 'reasoning', 'Hello there', config);
  const parts = partsOf(chunks);
  assert.equal(thoughtsIn(parts), c.back === 'mr' ? summary : thought);
  const signed = parts.filter((part) => part.functionCall !== undefined);
  assert.ok(signed[0]?.thoughtSignature, 'the call is signed');
  const said: Content[] = [{ role: 'model', parts: signed }];
  const result = { functionResponse: { id: signed[0]?.functionCall?.id ?? '', name: 'get_weather', response: { output: 'rain' } } };
  const second = await create(c, 'reasoning', goOn(user({ text: 'Hello there' }), said, result), config);
  assert.equal(second.text, 'get_weather returned rain');
}

async function structured(c: Case): Promise<void> {
  const answer = await create(c, 'json', 'Weather?', { responseMimeType: 'application/json', responseJsonSchema: weather });
  assert.deepEqual(JSON.parse(answer.text ?? ''), weatherCall);
}

async function refusal(c: Case): Promise<void> {
  const answer = await create(c, 'refusal', 'Hello there');
  const candidate = answer.candidates?.[0];
  assert.equal(candidate?.finishReason, FinishReason.SAFETY);
  // The client leaves out why, where it is not said in the answer itself.
  if (c.back === 'mc' || c.back === 'mr') assert.equal(answer.text, refusalText);
}

async function length_stop(c: Case): Promise<void> {
  const answer = await create(c, 'text-50', 'x', { maxOutputTokens: 20 });
  assert.deepEqual([answer.text?.split(' ').length, answer.candidates?.[0]?.finishReason], [20, FinishReason.MAX_TOKENS]);
}

async function stop_string(c: Case): Promise<void> {
  const answer = await create(c, 'echo', 'one two three', { stopSequences: [' three'] });
  assert.deepEqual([answer.text, answer.candidates?.[0]?.finishReason], ['one two', FinishReason.STOP]);
}

async function cache_usage(c: Case): Promise<void> {
  const { cachedContentTokenCount, promptTokenCount } = (await create(c, 'cache', 'Hello there')).usageMetadata ?? {};
  assert.deepEqual([cachedContentTokenCount, promptTokenCount], [40, 65]);
}

async function count_tokens(c: Case): Promise<void> {
  const { totalTokens } = await client(c).models.countTokens({ model: c.model('echo'), contents: 'Hello there' });
  assert.ok(totalTokens !== undefined && totalTokens >= 2 && totalTokens <= 20, String(totalTokens));
}

async function models(c: Case): Promise<void> {
  const ai = client(c);
  const names: (string | undefined)[] = [];
  for await (const model of await ai.models.list({ config: { pageSize: 4 } })) names.push(model.name);
  assert.ok(names.includes(`models/${c.model('echo')}`), names.join());
  assert.equal(new Set(names).size, names.length, 'no page comes twice');
  assert.equal((await ai.models.get({ model: c.model('echo') })).name, `models/${c.model('echo')}`);
}

const question = { contents: [{ role: 'user', parts: [{ text: 'Hello there' }] }] };

/** Without `alt=sse` a stream is one JSON array. */
async function array_stream(c: Case): Promise<void> {
  const response = await c.fetch(`${base}/v1beta/models/${c.model('echo')}:streamGenerateContent`, {
    method: 'POST',
    headers: { 'x-goog-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify(question),
  });
  const chunks: unknown = await response.json();
  assert.ok(Array.isArray(chunks) && chunks.length >= 2);
  assert.equal(chunks.map((chunk) => String(valueAt(chunk, 'candidates', 0, 'content', 'parts', 0, 'text'))).join(''), 'Hello there');
  assert.equal(valueAt(chunks.at(-1), 'candidates', 0, 'finishReason'), 'STOP');
}

/** Both versions of the path, and the key in the query. */
async function query_key(c: Case): Promise<void> {
  for (const version of ['v1beta', 'v1']) {
    const response = await fetch(`${base}/${version}/models/${c.model('echo')}:generateContent?key=${key}`, { method: 'POST', body: JSON.stringify(question) });
    assert.equal(response.status, 200);
    assert.equal(valueAt(await response.json(), 'candidates', 0, 'content', 'parts', 0, 'text'), 'Hello there');
  }
}

async function fails(run: () => PromiseLike<unknown>, status: number, word: string): Promise<void> {
  const error = await raises(ApiError, run);
  assert.deepEqual([error.status, valueAt(JSON.parse(error.message), 'error', 'status')], [status, word]);
}

async function error_key(c: Case): Promise<void> {
  const wrong = client(c, 'sk-wrong');
  await fails(() => wrong.models.generateContent({ model: c.model('echo'), contents: 'x' }), 401, 'UNAUTHENTICATED');
}

async function error_model(c: Case): Promise<void> {
  await fails(() => create(c, 'ecko', 'x'), 404, 'NOT_FOUND');
}

async function error_param(c: Case): Promise<void> {
  await fails(() => create(c, 'echo', 'x', { temperature: 3 }), 400, 'INVALID_ARGUMENT');
}

async function error_rate_limit(c: Case): Promise<void> {
  await fails(() => create(c, 'status-429', 'x'), 429, 'RESOURCE_EXHAUSTED');
}

async function torn_stream(c: Case): Promise<void> {
  c.outcome = 'torn';
  await raises(ApiError, () => stream(c, 'text-30+cut-6', 'x'));
}

async function abort(c: Case): Promise<void> {
  c.outcome = 'aborted';
  const controller = new AbortController();
  const chunks = await client(c).models.generateContentStream({
    model: c.model('text-100+drip-50'),
    contents: c.mark,
    config: { abortSignal: controller.signal },
  });
  let count = 0;
  await assert.rejects(async () => {
    for await (const _chunk of chunks) if (++count === 3) controller.abort();
  });
  await waitGone(c.mark);
}

await runCases({
  chat_whole,
  chat_stream,
  chat_history,
  unicode_text,
  system_text,
  tool_round,
  tool_stream,
  tools_parallel,
  tool_choice,
  automatic_calls,
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
  array_stream,
  query_key,
  error_key,
  error_model,
  error_param,
  error_rate_limit,
  torn_stream,
  abort,
});
