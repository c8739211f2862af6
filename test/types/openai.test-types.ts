/** Compiled, never run: our types and the official package's are assignable both ways, and `create` narrows on `stream`. */
import type Official from 'openai';
import type { Stream as OfficialStream } from 'openai/streaming';
import type OpenAI from 'modelwire/openai';
import type { APIPromise, Stream } from 'modelwire/openai';
import type { All, Equal, Mutual } from './assignable.ts';

export type Results = All<
  [
    Mutual<OpenAI.ChatCompletion, Official.ChatCompletion>,
    Mutual<OpenAI.ChatCompletionMessage, Official.ChatCompletionMessage>,
    Mutual<OpenAI.ChatCompletionMessageToolCall, Official.ChatCompletionMessageToolCall>,
    Mutual<OpenAI.ChatCompletionChunk, Official.ChatCompletionChunk>,
    Mutual<OpenAI.CompletionUsage, Official.CompletionUsage>,
    Mutual<OpenAI.Model, Official.Model>,
    Mutual<OpenAI.CreateEmbeddingResponse, Official.CreateEmbeddingResponse>,
    Mutual<OpenAI.EmbeddingCreateParams, Official.EmbeddingCreateParams>,
  ]
>;

export type Parameters = All<
  [
    Mutual<OpenAI.ChatCompletionMessageParam, Official.ChatCompletionMessageParam>,
    Mutual<OpenAI.ChatCompletionContentPart, Official.ChatCompletionContentPart>,
    Mutual<OpenAI.ChatCompletionTool, Official.ChatCompletionTool>,
    Mutual<OpenAI.ChatCompletionToolChoiceOption, Official.ChatCompletionToolChoiceOption>,
    Mutual<OpenAI.ChatCompletionCreateParamsNonStreaming, Official.ChatCompletionCreateParamsNonStreaming>,
    Mutual<OpenAI.ChatCompletionCreateParamsStreaming, Official.ChatCompletionCreateParamsStreaming>,
    Mutual<OpenAI.ChatCompletionCreateParams, Official.ChatCompletionCreateParams>,
    Mutual<OpenAI.Chat.Completions.ChatCompletionMessageParam, Official.Chat.Completions.ChatCompletionMessageParam>,
  ]
>;

/** Every request option of ours is one of theirs, and an official client's options fit ours where both have them. */
type Shared = 'apiKey' | 'baseURL' | 'organization' | 'project' | 'timeout' | 'maxRetries' | 'fetch' | 'dangerouslyAllowBrowser';
type OfficialOptions = NonNullable<ConstructorParameters<typeof Official>[0]>;
export type Options = All<
  [
    OpenAI.ClientOptions extends { [key in Shared]?: unknown } ? true : false,
    Pick<OfficialOptions, 'apiKey' | 'baseURL' | 'timeout' | 'maxRetries'> extends OpenAI.ClientOptions ? true : false,
  ]
>;

declare const client: OpenAI;
declare const body: { model: string; messages: OpenAI.ChatCompletionMessageParam[] };
declare const either: boolean;

const whole = client.chat.completions.create({ ...body });
const wholeToo = client.chat.completions.create({ ...body, stream: false });
const streamed = client.chat.completions.create({ ...body, stream: true });
const unknown = client.chat.completions.create({ ...body, stream: either });

export type Narrowing = All<
  [
    Equal<typeof whole, APIPromise<OpenAI.ChatCompletion>>,
    Equal<typeof wholeToo, APIPromise<OpenAI.ChatCompletion>>,
    Equal<typeof streamed, APIPromise<Stream<OpenAI.ChatCompletionChunk>>>,
    Equal<typeof unknown, APIPromise<Stream<OpenAI.ChatCompletionChunk> | OpenAI.ChatCompletion>>,
  ]
>;

/** Code written against the official package keeps its types. */
export async function fromOfficial(params: Official.ChatCompletionCreateParamsNonStreaming): Promise<Official.ChatCompletion> {
  const completion = await client.chat.completions.create(params);
  const id: string | null | undefined = completion._request_id;
  const { data, response, request_id } = await client.chat.completions.create(params).withResponse();
  const raw: Response = await client.chat.completions.create(params).asResponse();
  return [id, response, request_id, raw].length > 0 ? data : completion;
}

export async function streamFromOfficial(params: Official.ChatCompletionCreateParamsStreaming): Promise<AsyncIterable<Official.ChatCompletionChunk>> {
  const stream = await client.chat.completions.create(params);
  const pair: [Stream<OpenAI.ChatCompletionChunk>, Stream<OpenAI.ChatCompletionChunk>] = stream.tee();
  const controller: AbortController = stream.controller;
  const readable: ReadableStream = pair[0].toReadableStream();
  const official: Pick<OfficialStream<Official.ChatCompletionChunk>, 'controller'> = { controller };
  return [readable, official].length > 0 ? pair[1] : stream;
}

export async function listed(): Promise<Official.Model[]> {
  const all: Official.Model[] = [];
  for await (const model of client.models.list()) all.push(model);
  const page = await client.models.list();
  return [...all, ...page.data, await client.models.retrieve('gpt-5')];
}
