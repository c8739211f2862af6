import type { APIPromise } from './api-promise.ts';
import { type ApiKey, type CommonOptions, type Connection, createConnection } from './connection.ts';
import { environment, variable } from './environment.ts';
import * as errors from './errors-openai.ts';
import { listModels, retrieveModel } from './list-models.ts';
import { Completions as ChatCompletions } from './openai-completions.ts';
import type * as names from './openai-names.ts';
import { Responses } from './openai-responses.ts';
import type * as responses from './openai-responses-types.ts';
import type * as types from './openai-types.ts';
import { openaiVendor as vendor } from './openai-vendor.ts';
import type { PagePromise } from './page.ts';
import { post } from './post.ts';
import { pagedReply, streamedReply, wholeReply } from './read-reply.ts';
import { type PathOptions, pathReply, pathStep, postUnread, request } from './request.ts';
import type { RequestOptions } from './session.ts';
import type { Stream } from './stream.ts';

export { APIPromise } from './api-promise.ts';
export * from './errors-openai.ts';
export { ChatCompletionStream } from './openai-chat-stream.ts';
export { ResponseStream } from './openai-response-stream.ts';
export type * from './openai-response-stream.ts';
export type * from './openai-runner-events.ts';
export { ChatCompletionRunner, ChatCompletionStreamingRunner } from './openai-tool-runners.ts';
export { ParsingToolFunction } from './openai-tool-loop.ts';
export type * from './openai-tool-loop.ts';
export type * from './openai-types.ts';
export { Page, PagePromise } from './page.ts';
export type { PathOptions } from './request.ts';
export type { RequestOptions } from './session.ts';
export { Stream } from './stream.ts';

export type ClientOptions = CommonOptions & {
  /** The key, or a function that is asked for it before every call. Default: `OPENAI_API_KEY`. */
  apiKey?: ApiKey;
  /** Default: `OPENAI_ORG_ID`. */
  organization?: string | null | undefined;
  /** Default: `OPENAI_PROJECT_ID`. */
  project?: string | null | undefined;
};

class Embeddings {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Turns texts into vectors. */
  create(body: types.EmbeddingCreateParams, options?: RequestOptions): APIPromise<types.CreateEmbeddingResponse> {
    return wholeReply<types.CreateEmbeddingResponse>(post(this.#connection, 'embeddings', body, options), vendor);
  }
}

class Models {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  list(options?: RequestOptions): PagePromise<types.Model> {
    return pagedReply<types.Model>((query) => listModels(this.#connection, query, options), {}, vendor);
  }

  retrieve(model: string, options?: RequestOptions): APIPromise<types.Model> {
    return wholeReply<types.Model>(retrieveModel(this.#connection, model, undefined, options), vendor);
  }

  /** Deletes a model of the caller's own. */
  delete(model: string, options?: RequestOptions): APIPromise<types.ModelDeleted> {
    return wholeReply<types.ModelDeleted>(
      request(this.#connection, { method: 'DELETE', path: `/models/${pathStep(this.#connection, model)}` }, options),
      vendor,
    );
  }
}

class Completions {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Goes on with a bare prompt, where a provider still has such models. With `stream: true` the result is a `Stream`. */
  create(body: types.CompletionCreateParamsNonStreaming, options?: RequestOptions): APIPromise<types.Completion>;
  create(body: types.CompletionCreateParamsStreaming, options?: RequestOptions): APIPromise<Stream<types.Completion>>;
  create(body: types.CompletionCreateParamsBase, options?: RequestOptions): APIPromise<Stream<types.Completion> | types.Completion>;
  create(body: types.CompletionCreateParamsBase, options?: RequestOptions): APIPromise<types.Completion> | APIPromise<Stream<types.Completion>> {
    const exchange = postUnread(this.#connection, '/completions', body, options);
    return body.stream === true ? streamedReply<types.Completion>(exchange, vendor) : wholeReply<types.Completion>(exchange, vendor);
  }
}

/** OpenAI's client, for every other provider too: by `provider/model`. */
export class OpenAI {
  static readonly DEFAULT_TIMEOUT = 600_000;
  static readonly OpenAIError = errors.OpenAIError;
  static readonly APIError = errors.APIError;
  static readonly APIConnectionError = errors.APIConnectionError;
  static readonly APIConnectionTimeoutError = errors.APIConnectionTimeoutError;
  static readonly APIUserAbortError = errors.APIUserAbortError;
  static readonly BadRequestError = errors.BadRequestError;
  static readonly AuthenticationError = errors.AuthenticationError;
  static readonly PermissionDeniedError = errors.PermissionDeniedError;
  static readonly NotFoundError = errors.NotFoundError;
  static readonly ConflictError = errors.ConflictError;
  static readonly UnprocessableEntityError = errors.UnprocessableEntityError;
  static readonly RateLimitError = errors.RateLimitError;
  static readonly InternalServerError = errors.InternalServerError;

  readonly baseURL: string;
  readonly timeout: number;
  readonly maxRetries: number;
  readonly organization: string | null;
  readonly project: string | null;
  readonly chat: { readonly completions: ChatCompletions };
  readonly completions: Completions;
  readonly embeddings: Embeddings;
  readonly models: Models;
  readonly responses: Responses;
  readonly #connection: Connection;
  readonly #options: ClientOptions;

  constructor(options: ClientOptions = {}) {
    const env = environment();
    this.organization = options.organization ?? variable(env, 'OPENAI_ORG_ID') ?? null;
    this.project = options.project ?? variable(env, 'OPENAI_PROJECT_ID') ?? null;
    const connection = createConnection(
      vendor,
      options,
      {
        keyName: 'OPENAI_API_KEY',
        baseName: 'OPENAI_BASE_URL',
        key: options.apiKey ?? variable(env, 'OPENAI_API_KEY'),
        headers: { 'openai-organization': this.organization ?? undefined, 'openai-project': this.project ?? undefined },
      },
      env,
    );
    this.#options = options;
    this.baseURL = connection.baseURL;
    this.timeout = connection.timeout;
    this.maxRetries = connection.maxRetries;
    this.#connection = connection;
    this.chat = { completions: new ChatCompletions(connection) };
    this.completions = new Completions(connection);
    this.embeddings = new Embeddings(connection);
    this.models = new Models(connection);
    this.responses = new Responses(connection);
  }

  /** A client with the same options but for these. */
  withOptions(options: Partial<ClientOptions>): OpenAI {
    return new OpenAI({ ...this.#options, ...options });
  }

  /**
   * Any other path of the vendor's, or of whoever answers at the `baseURL`, by the same retries and deadlines; what it answers is the
   * caller's to say. `post('/images/generations', { body })`
   */
  get<Answer>(path: string, options?: PathOptions): APIPromise<Answer> {
    return pathReply<Answer>(this.#connection, 'GET', path, options);
  }

  post<Answer>(path: string, options?: PathOptions): APIPromise<Answer> {
    return pathReply<Answer>(this.#connection, 'POST', path, options);
  }

  put<Answer>(path: string, options?: PathOptions): APIPromise<Answer> {
    return pathReply<Answer>(this.#connection, 'PUT', path, options);
  }

  patch<Answer>(path: string, options?: PathOptions): APIPromise<Answer> {
    return pathReply<Answer>(this.#connection, 'PATCH', path, options);
  }

  delete<Answer>(path: string, options?: PathOptions): APIPromise<Answer> {
    return pathReply<Answer>(this.#connection, 'DELETE', path, options);
  }
}

export default OpenAI;

/** The types under the names that the official package gives them: `OpenAI.ChatCompletion`, `OpenAI.Chat.Completions.ChatCompletion`. */
export declare namespace OpenAI {
  export type { ClientOptions, RequestOptions, names as Chat, responses as Responses };
  export type ChatCompletion = types.ChatCompletion;
  export type ChatCompletionAllowedToolChoice = types.ChatCompletionAllowedToolChoice;
  export type ChatCompletionAllowedTools = types.ChatCompletionAllowedTools;
  export type ChatCompletionAssistantMessageParam = types.ChatCompletionAssistantMessageParam;
  export type ChatCompletionAudio = types.ChatCompletionAudio;
  export type ChatCompletionAudioParam = types.ChatCompletionAudioParam;
  export type ChatCompletionChunk = types.ChatCompletionChunk;
  export type ChatCompletionContentPart = types.ChatCompletionContentPart;
  export type ChatCompletionContentPartImage = types.ChatCompletionContentPartImage;
  export type ChatCompletionContentPartInputAudio = types.ChatCompletionContentPartInputAudio;
  export type ChatCompletionContentPartRefusal = types.ChatCompletionContentPartRefusal;
  export type ChatCompletionContentPartText = types.ChatCompletionContentPartText;
  export type ChatCompletionCreateParams = types.ChatCompletionCreateParams;
  export type ChatCompletionCreateParamsBase = types.ChatCompletionCreateParamsBase;
  export type ChatCompletionCreateParamsNonStreaming = types.ChatCompletionCreateParamsNonStreaming;
  export type ChatCompletionCreateParamsStreaming = types.ChatCompletionCreateParamsStreaming;
  export type ChatCompletionCustomTool = types.ChatCompletionCustomTool;
  export type ChatCompletionDeveloperMessageParam = types.ChatCompletionDeveloperMessageParam;
  export type ChatCompletionFunctionMessageParam = types.ChatCompletionFunctionMessageParam;
  export type ChatCompletionFunctionTool = types.ChatCompletionFunctionTool;
  export type ChatCompletionMessage = types.ChatCompletionMessage;
  export type ChatCompletionMessageCustomToolCall = types.ChatCompletionMessageCustomToolCall;
  export type ChatCompletionMessageFunctionToolCall = types.ChatCompletionMessageFunctionToolCall;
  export type ChatCompletionMessageParam = types.ChatCompletionMessageParam;
  export type ChatCompletionMessageToolCall = types.ChatCompletionMessageToolCall;
  export type ChatCompletionNamedToolChoice = types.ChatCompletionNamedToolChoice;
  export type ChatCompletionNamedToolChoiceCustom = types.ChatCompletionNamedToolChoiceCustom;
  export type ChatCompletionParseParams = types.ChatCompletionParseParams;
  export type ChatCompletionRole = types.ChatCompletionRole;
  export type ChatCompletionStreamOptions = types.ChatCompletionStreamOptions;
  export type ChatCompletionSystemMessageParam = types.ChatCompletionSystemMessageParam;
  export type ChatCompletionTokenLogprob = types.ChatCompletionTokenLogprob;
  export type ChatCompletionTool = types.ChatCompletionTool;
  export type ChatCompletionToolChoiceOption = types.ChatCompletionToolChoiceOption;
  export type ChatCompletionToolMessageParam = types.ChatCompletionToolMessageParam;
  export type ChatCompletionUserMessageParam = types.ChatCompletionUserMessageParam;
  export type ChatModel = types.ChatModel;
  export type Completion = types.Completion;
  export type CompletionChoice = types.CompletionChoice;
  export type CompletionCreateParams = types.CompletionCreateParams;
  export type CompletionCreateParamsNonStreaming = types.CompletionCreateParamsNonStreaming;
  export type CompletionCreateParamsStreaming = types.CompletionCreateParamsStreaming;
  export type CompletionUsage = types.CompletionUsage;
  export type CreateEmbeddingResponse = types.CreateEmbeddingResponse;
  export type Embedding = types.Embedding;
  export type EmbeddingCreateParams = types.EmbeddingCreateParams;
  export type EmbeddingModel = types.EmbeddingModel;
  export type FunctionDefinition = types.FunctionDefinition;
  export type FunctionParameters = types.FunctionParameters;
  export type Metadata = types.Metadata;
  export type Model = types.Model;
  export type ModelDeleted = types.ModelDeleted;
  export type ParsedChatCompletion<Parsed> = types.ParsedChatCompletion<Parsed>;
  export type ParsedChatCompletionMessage<Parsed> = types.ParsedChatCompletionMessage<Parsed>;
  export type ParsedChoice<Parsed> = types.ParsedChoice<Parsed>;
  export type ParsedFunction = types.ParsedFunction;
  export type ParsedFunctionToolCall = types.ParsedFunctionToolCall;
  export type ReasoningEffort = types.ReasoningEffort;
  export type ResponseFormatJSONObject = types.ResponseFormatJSONObject;
  export type ResponseFormatJSONSchema = types.ResponseFormatJSONSchema;
  export type ResponseFormatText = types.ResponseFormatText;
}
