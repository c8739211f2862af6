/** Compiled, never run: our types and the official package's are assignable both ways, and `create` narrows on `stream`. */
import type Official from '@anthropic-ai/sdk';
import type Anthropic from 'modelwire/anthropic';
import type { APIPromise, Stream } from 'modelwire/anthropic';
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
