/** Compiled, never run: our types and the official package's are assignable both ways, and `create` narrows on `stream`. */
import type Official from '@anthropic-ai/sdk';
import type { MessageStream as OfficialMessageStream, MessageStreamEvents as OfficialMessageStreamEvents } from '@anthropic-ai/sdk/lib/MessageStream';
import type { ParsedMessage as OfficialParsedMessage } from '@anthropic-ai/sdk/lib/parser';
import * as v from 'valibot';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import * as z from 'zod';
import type Anthropic from 'modelwire/anthropic';
import type { APIPromise, BetaToolRunner, MessageStream, MessageStreamEvents, ParsedMessage, Stream } from 'modelwire/anthropic';
import { betaTool, betaZodTool, jsonSchemaOutputFormat, zodOutputFormat } from 'modelwire/anthropic/helpers';
import type { All, Equal, Mutual } from './assignable.ts';

export type Results = All<
  [
    Mutual<Anthropic.Message, Official.Message>,
    Mutual<Anthropic.ContentBlock, Official.ContentBlock>,
    Mutual<Anthropic.Usage, Official.Usage>,
    Mutual<Anthropic.RawMessageStreamEvent, Official.RawMessageStreamEvent>,
    Mutual<Anthropic.MessageTokensCount, Official.MessageTokensCount>,
    Mutual<Anthropic.ModelInfo, Official.ModelInfo>,
  ]
>;

export type Parameters = All<
  [
    Mutual<Anthropic.MessageParam, Official.MessageParam>,
    Mutual<Anthropic.ContentBlockParam, Official.ContentBlockParam>,
    Mutual<Anthropic.ToolUnion, Official.ToolUnion>,
    Mutual<Anthropic.ToolChoice, Official.ToolChoice>,
    Mutual<Anthropic.ThinkingConfigParam, Official.ThinkingConfigParam>,
    Mutual<Anthropic.MessageCreateParamsNonStreaming, Official.MessageCreateParamsNonStreaming>,
    Mutual<Anthropic.MessageCreateParamsStreaming, Official.MessageCreateParamsStreaming>,
    Mutual<Anthropic.MessageCreateParams, Official.MessageCreateParams>,
    Mutual<Anthropic.MessageCountTokensParams, Official.MessageCountTokensParams>,
    Mutual<Anthropic.Messages.MessageParam, Official.Messages.MessageParam>,
  ]
>;

type OfficialOptions = NonNullable<ConstructorParameters<typeof Official>[0]>;
export type Options = All<[Pick<OfficialOptions, 'authToken' | 'baseURL' | 'timeout' | 'maxRetries'> extends Anthropic.ClientOptions ? true : false]>;

declare const client: Anthropic;
declare const body: { model: string; max_tokens: number; messages: Anthropic.MessageParam[] };
declare const either: boolean;

const whole = client.messages.create({ ...body });
const wholeToo = client.messages.create({ ...body, stream: false });
const streamed = client.messages.create({ ...body, stream: true });
const unknown = client.messages.create({ ...body, stream: either });

export type Narrowing = All<
  [
    Equal<typeof whole, APIPromise<Anthropic.Message>>,
    Equal<typeof wholeToo, APIPromise<Anthropic.Message>>,
    Equal<typeof streamed, APIPromise<Stream<Anthropic.RawMessageStreamEvent>>>,
    Equal<typeof unknown, APIPromise<Stream<Anthropic.RawMessageStreamEvent> | Anthropic.Message>>,
  ]
>;

/** Code written against the official package keeps its types. */
export async function fromOfficial(params: Official.MessageCreateParamsNonStreaming): Promise<Official.Message> {
  const { tokens } = { tokens: await client.messages.countTokens(params) };
  const { data, response, request_id } = await client.messages.create(params).withResponse();
  const message = await client.messages.create(params);
  const id: string | null | undefined = message._request_id;
  return [id, response, request_id].length > tokens.input_tokens ? data : message;
}

export async function streamFromOfficial(params: Official.MessageCreateParamsStreaming): Promise<AsyncIterable<Official.RawMessageStreamEvent>> {
  return await client.messages.create(params);
}

export async function listed(): Promise<Official.ModelInfo[]> {
  const all: Official.ModelInfo[] = [];
  for await (const model of client.models.list({ limit: 5 })) all.push(model);
  const page = await client.models.list();
  return [...all, ...page.data, await client.models.retrieve('claude-sonnet-5')];
}

// Streams

export type Streams = All<
  [
    Mutual<MessageStreamEvents['text'], OfficialMessageStreamEvents['text']>,
    Mutual<MessageStreamEvents['streamEvent'], OfficialMessageStreamEvents['streamEvent']>,
    Mutual<MessageStreamEvents['contentBlock'], OfficialMessageStreamEvents['contentBlock']>,
    Mutual<MessageStreamEvents['citation'], OfficialMessageStreamEvents['citation']>,
    Mutual<MessageStreamEvents<{ a: number }>['finalMessage'], OfficialMessageStreamEvents<{ a: number }>['finalMessage']>,
    Equal<keyof MessageStreamEvents, keyof OfficialMessageStreamEvents>,
    Mutual<ParsedMessage<{ a: number }>, OfficialParsedMessage<{ a: number }>>,
    // What can be asked of the official stream can be asked of ours.
    Equal<Exclude<keyof OfficialMessageStream, keyof MessageStream>, never>,
    Mutual<Anthropic.MessageStreamEvent, Official.MessageStreamEvent>,
  ]
>;

export async function streamed2(): Promise<[Official.Message, string, number, string[]]> {
  const events = client.messages
    .stream(body)
    .on('text', (piece, whole) => `${piece}${whole}`.trim())
    .once('inputJson', (piece) => piece.length)
    .on('error', (error) => error.message);
  const [piece, whole] = await events.emitted('text');
  const nothing: void = await events.emitted('connect');
  const block: Official.ContentBlock = await events.emitted('contentBlock');
  const types: string[] = [piece, whole, block.type, String(nothing)];
  for await (const event of events) types.push(event.type);
  // @ts-expect-error -- no such event
  events.on('txt', () => undefined);
  // @ts-expect-error -- a listener of another event
  events.on('text', (piece: number) => piece);
  return [await events.finalMessage(), await events.finalText(), types.length, types];
}

// Parsed output

const person = z.object({ name: z.string(), age: z.number().optional() });
type Person = z.infer<typeof person>;

const byFormat = client.messages.parse({ ...body, output_config: { format: zodOutputFormat(person) } });
const bySchema = client.messages.parse({ ...body, output_config: { format: person, effort: 'low' } });
const byValibot = client.messages.parse({ ...body, output_config: { format: toStandardJsonSchema(v.object({ city: v.string() })) } });
const byJsonSchema = client.messages.parse({
  ...body,
  output_config: {
    format: jsonSchemaOutputFormat({
      type: 'object',
      properties: { kind: { enum: ['a', 'b'] }, tags: { type: 'array', items: { type: 'string' } }, at: { type: ['number', 'null'] } },
      required: ['kind', 'at'],
      additionalProperties: false,
    }),
  },
});
const unparsed = client.messages.parse({ ...body });
const parsedStream = client.messages.stream({ ...body, output_config: { format: person } });

export type Parsed = All<
  [
    Equal<typeof byFormat, APIPromise<ParsedMessage<Person>>>,
    Equal<typeof bySchema, APIPromise<ParsedMessage<Person>>>,
    Equal<typeof byValibot, APIPromise<ParsedMessage<{ city: string }>>>,
    Equal<typeof byJsonSchema, APIPromise<ParsedMessage<{ kind: 'a' | 'b'; at: number | null; tags?: string[] }>>>,
    Equal<typeof unparsed, APIPromise<ParsedMessage<null>>>,
    Equal<typeof parsedStream, MessageStream<Person>>,
  ]
>;

// @ts-expect-error -- no format
client.messages.parse({ ...body, output_config: { format: 'json' } });
// @ts-expect-error -- a stream has no whole to parse
client.messages.parse({ ...body, stream: true });

// Tools

const weather = betaZodTool({ name: 'weather', description: 'Tells it', inputSchema: z.object({ city: z.string() }), run: ({ city }) => city.toUpperCase() });
const byJson = betaTool({
  name: 'add',
  description: 'Adds',
  inputSchema: { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] },
  run: ({ a }, context) => `${a.toFixed(1)} ${context?.toolUse.id}`,
});
const runner = client.beta.messages.toolRunner({ ...body, tools: [weather, byJson, { type: 'web_search_20250305', name: 'web_search' }], max_iterations: 3 });
const streamingRunner = client.beta.messages.toolRunner({ ...body, tools: [weather], stream: true });

export type Runners = All<
  [
    Equal<typeof runner, BetaToolRunner<false>>,
    Equal<Awaited<typeof runner>, Anthropic.Message>,
    Equal<typeof streamingRunner extends AsyncIterable<infer Turn> ? Turn : never, MessageStream>,
  ]
>;

// @ts-expect-error -- the input has a city
betaZodTool({ name: 'weather', description: 'Tells it', inputSchema: z.object({ city: z.string() }), run: ({ town }) => town });
// @ts-expect-error -- tools are what it is for
client.beta.messages.toolRunner({ ...body });

// Batches, and any other path

export type Batches = All<
  [
    Mutual<Anthropic.Messages.MessageBatch, Official.Messages.MessageBatch>,
    Mutual<Anthropic.Messages.MessageBatchIndividualResponse, Official.Messages.MessageBatchIndividualResponse>,
    Mutual<Anthropic.Messages.BatchCreateParams, Official.Messages.BatchCreateParams>,
    Mutual<Anthropic.Messages.BatchListParams, Official.Messages.BatchListParams>,
    Mutual<Anthropic.Messages.DeletedMessageBatch, Official.Messages.DeletedMessageBatch>,
  ]
>;

export async function batched(params: Official.Messages.BatchCreateParams): Promise<Official.Messages.MessageBatchIndividualResponse[]> {
  const made: Official.Messages.MessageBatch = await client.messages.batches.create(params);
  const all: Official.Messages.MessageBatchIndividualResponse[] = [];
  for await (const batch of client.messages.batches.list({ limit: 5 })) await client.messages.batches.cancel(batch.id);
  for await (const result of await client.messages.batches.results(made.id)) all.push(result);
  return all;
}

export async function anyPath(): Promise<string> {
  const file = await client.get<{ id: string }>('/v1/files/1', { query: { a: 1 } });
  await client.post('/v1/files', { body: new FormData(), headers: { 'anthropic-beta': 'files' } });
  return file.id;
}

export type Beta = All<
  [
    Equal<Anthropic.Beta.Messages.BetaMessage, Anthropic.Message>,
    Equal<Anthropic.Beta.BetaMessageParam, Anthropic.MessageParam>,
    Equal<Awaited<ReturnType<typeof client.beta.messages.countTokens>>['input_tokens'], number>,
  ]
>;
