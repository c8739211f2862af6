/** Compiled, never run: our types and the official package's are assignable both ways, and `create` narrows on `stream`. */
import type Official from 'openai';
import { zodFunction as officialZodFunction, zodResponseFormat as officialZodFormat } from 'openai/helpers/zod';
import type {
  ChatCompletionSnapshot as OfficialSnapshot,
  ChatCompletionStreamEvents as OfficialStreamEvents,
  ChatCompletionStreamParams as OfficialStreamParams,
  ContentDoneEvent as OfficialContentDone,
  FunctionToolCallArgumentsDeltaEvent as OfficialArgumentsDelta,
} from 'openai/lib/ChatCompletionStream';
import type { Stream as OfficialStream } from 'openai/streaming';
import * as v from 'valibot';
import { z } from 'zod';
import type OpenAI from 'modelwire/openai';
import type {
  APIPromise,
  ChatCompletionRunner,
  ChatCompletionSnapshot,
  ChatCompletionStream,
  ChatCompletionStreamEvents,
  ChatCompletionStreamingRunner,
  ContentDoneEvent,
  FunctionToolCallArgumentsDeltaEvent,
  Stream,
} from 'modelwire/openai';
import type { ChatCompletionStream as FromLib } from 'modelwire/openai/lib/ChatCompletionStream';
import type { ChatCompletionMessageParam } from 'modelwire/openai/resources/chat/completions';
import type { Response as FromResponses } from 'modelwire/openai/resources/responses/responses';
import type { Stream as FromStreaming } from 'modelwire/openai/streaming';
import { standardFunction, standardResponseFormat, standardTextFormat } from 'modelwire/openai/helpers/standard-schema';
import { zodFunction, zodResponseFormat } from 'modelwire/openai/helpers/zod';
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
    Mutual<OpenAI.ParsedChatCompletion<{ a: number }>, Official.ParsedChatCompletion<{ a: number }>>,
    Mutual<OpenAI.Completion, Official.Completion>,
    Mutual<OpenAI.ModelDeleted, Official.ModelDeleted>,
    Mutual<ChatCompletionSnapshot, OfficialSnapshot>,
    Mutual<ChatCompletionStreamEvents<{ a: number }>['chunk'], OfficialStreamEvents<{ a: number }>['chunk']>,
    Mutual<ContentDoneEvent<{ a: number }>, OfficialContentDone<{ a: number }>>,
    Mutual<FunctionToolCallArgumentsDeltaEvent, OfficialArgumentsDelta>,
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
    Mutual<OpenAI.CompletionCreateParamsNonStreaming, Official.CompletionCreateParamsNonStreaming>,
    Mutual<OpenAI.CompletionCreateParamsStreaming, Official.CompletionCreateParamsStreaming>,
    Mutual<OpenAI.Chat.Completions.ChatCompletionStreamParams, OfficialStreamParams>,
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

// What is parsed has the type of its schema, whichever package made the format.

const person = z.object({ name: z.string(), age: z.number().nullable() });
type Person = { name: string; age: number | null };
type Listed = { list: string[] };
const listOfTexts = v.object({ list: v.array(v.string()) });

async function parsedTypes() {
  const { completions } = client.chat;
  const ours = await completions.parse({ ...body, response_format: zodResponseFormat(person, 'person') });
  const theirs = await completions.parse({ ...body, response_format: officialZodFormat(person, 'person') });
  const valibot = await completions.parse({ ...body, response_format: standardResponseFormat(listOfTexts, 'list', { schema: {} }) });
  const plain = await completions.parse({ ...body });
  const response = await client.responses.parse({ ...body, input: 'Hi', text: { format: standardTextFormat(person, 'person') } });
  return {
    ours: ours.choices[0]?.message.parsed,
    theirs: theirs.choices[0]?.message.parsed,
    valibot: valibot.choices[0]?.message.parsed,
    plain: plain.choices[0]?.message.parsed,
    response: response.output_parsed,
  };
}
type ParsedTypes = Awaited<ReturnType<typeof parsedTypes>>;

const streamedPerson = client.chat.completions.stream({ ...body, response_format: zodResponseFormat(person, 'person') });
const tools = [
  zodFunction({ name: 'f', parameters: person, function: ({ name }) => name.length }),
  officialZodFunction({ name: 'g', parameters: person, function: ({ age }) => age }),
  standardFunction({ name: 'h', parameters: listOfTexts, schema: {}, function: ({ list }) => list.length }),
];
const ran = client.chat.completions.runTools({ ...body, tools });
const ranStreaming = client.chat.completions.runTools({ ...body, tools, stream: true });
client.chat.completions.runTools({
  ...body,
  tools: [{ type: 'function', function: { name: 'k', parse: JSON.parse, function: (args: Person) => args.name, parameters: {}, description: '' } }],
});

export type Parsing = All<
  [
    Equal<ParsedTypes['ours'], Person | null | undefined>,
    Equal<ParsedTypes['theirs'], Person | null | undefined>,
    Equal<ParsedTypes['valibot'], Listed | null | undefined>,
    Equal<ParsedTypes['plain'], null | undefined>,
    Equal<ParsedTypes['response'], Person | null>,
    Equal<typeof streamedPerson, ChatCompletionStream<Person>>,
    Equal<typeof ran, ChatCompletionRunner<null>>,
    Equal<typeof ranStreaming, ChatCompletionStreamingRunner<null>>,
  ]
>;

/** The paths below the official package lead to the same types. */
export type Paths = All<
  [
    Equal<FromLib<Person>, ChatCompletionStream<Person>>,
    Equal<ChatCompletionMessageParam, OpenAI.ChatCompletionMessageParam>,
    Equal<FromResponses, OpenAI.Responses.Response>,
    Equal<FromStreaming<Person>, Stream<Person>>,
  ]
>;

export function wrongUses(): void {
  // @ts-expect-error -- An unknown event.
  streamedPerson.on('contents', () => undefined);
  // @ts-expect-error -- The function takes what the schema gives.
  zodFunction({ name: 'f', parameters: person, function: ({ city }) => city });
  // @ts-expect-error -- A tool without a function cannot be run.
  client.chat.completions.runTools({ ...body, tools: [zodFunction({ name: 'f', parameters: person })] });
  // @ts-expect-error -- Not a schema.
  zodResponseFormat({ type: 'object' }, 'person');
}
