import type * as beta from './anthropic-beta-names.ts';
import { BetaMessages, Messages } from './anthropic-messages.ts';
import { Models } from './anthropic-models.ts';
import type * as types from './anthropic-types.ts';
import { apiVersion, vendor } from './anthropic-vendor.ts';
import type { APIPromise } from './api-promise.ts';
import { type ApiKey, type CommonOptions, type Connection, createConnection } from './connection.ts';
import { environment, variable } from './environment.ts';
import * as errors from './errors-anthropic.ts';
import { type PathOptions, pathReply } from './request.ts';
import type { RequestOptions } from './session.ts';

export { MessageStream, type MessageStreamEvents } from './anthropic-message-stream.ts';
export type { AutoParseableOutputFormat, MessageParseParams, MessageStreamParams, ParsedContentBlock, ParsedMessage } from './anthropic-parse.ts';
export { type BetaRunnableTool, type BetaToolRunContext, ToolError } from './anthropic-runnable.ts';
export { BetaToolRunner, type BetaToolRunnerParams, type BetaToolRunnerRequestOptions } from './anthropic-tool-runner.ts';
export type * from './anthropic-types.ts';
export { APIPromise } from './api-promise.ts';
export * from './errors-anthropic.ts';
export { Page, PagePromise } from './page.ts';
export { JSONLDecoder } from './jsonl.ts';
export type { Logger, LogLevel } from './log.ts';
export type { PathOptions } from './request.ts';
export type { RequestOptions } from './session.ts';
export { Stream } from './stream.ts';

export type ClientOptions = CommonOptions & {
  /** Sent as `x-api-key`. Default: `ANTHROPIC_API_KEY`. */
  apiKey?: ApiKey;
  /** Sent as a bearer token. Default: `ANTHROPIC_AUTH_TOKEN`. */
  authToken?: string | null | undefined;
};

/** A client for Anthropic's messages, and for every other provider by `provider/model`. */
export class Anthropic {
  static readonly DEFAULT_TIMEOUT = 600_000;
  static readonly AnthropicError = errors.AnthropicError;
  static readonly APIError = errors.APIError;
  static readonly BadRequestError = errors.BadRequestError;
  static readonly AuthenticationError = errors.AuthenticationError;
  static readonly PaymentRequiredError = errors.PaymentRequiredError;
  static readonly PermissionDeniedError = errors.PermissionDeniedError;
  static readonly NotFoundError = errors.NotFoundError;
  static readonly RequestTimeoutError = errors.RequestTimeoutError;
  static readonly ConflictError = errors.ConflictError;
  static readonly PreconditionFailedError = errors.PreconditionFailedError;
  static readonly ContentTooLargeError = errors.ContentTooLargeError;
  static readonly UnprocessableEntityError = errors.UnprocessableEntityError;
  static readonly RateLimitError = errors.RateLimitError;
  static readonly RequestHeaderFieldsTooLargeError = errors.RequestHeaderFieldsTooLargeError;
  static readonly ClientClosedRequestError = errors.ClientClosedRequestError;
  static readonly InternalServerError = errors.InternalServerError;
  static readonly NotImplementedError = errors.NotImplementedError;
  static readonly ServiceUnavailableError = errors.ServiceUnavailableError;
  static readonly GatewayTimeoutError = errors.GatewayTimeoutError;
  static readonly OverloadedError = errors.OverloadedError;
  static readonly APIConnectionError = errors.APIConnectionError;
  static readonly APIConnectionTimeoutError = errors.APIConnectionTimeoutError;
  static readonly APIUserAbortError = errors.APIUserAbortError;

  readonly baseURL: string;
  readonly timeout: number;
  readonly maxRetries: number;
  readonly messages: Messages;
  readonly models: Models;
  readonly beta: { readonly messages: BetaMessages; readonly models: Models };
  readonly #connection: Connection;
  readonly #options: ClientOptions;

  constructor(options: ClientOptions = {}) {
    const env = environment();
    // Credentials that are given leave those of the environment unread, as in the official client.
    const given = (options.apiKey ?? options.authToken ?? undefined) !== undefined;
    const apiKey = given ? options.apiKey : variable(env, 'ANTHROPIC_API_KEY');
    const authToken = (given ? options.authToken : variable(env, 'ANTHROPIC_AUTH_TOKEN')) ?? undefined;
    const headers = { 'anthropic-version': apiVersion, authorization: authToken === undefined ? undefined : `Bearer ${authToken}` };
    const connection = createConnection(vendor, options, { keyName: 'ANTHROPIC_API_KEY', baseName: 'ANTHROPIC_BASE_URL', key: apiKey, headers }, env);
    this.#options = options;
    this.baseURL = connection.baseURL;
    this.timeout = connection.timeout;
    this.maxRetries = connection.maxRetries;
    this.messages = new Messages(connection);
    this.models = new Models(connection);
    this.beta = { messages: new BetaMessages(connection), models: this.models };
    this.#connection = connection;
  }

  /** Asks for any other path of the API: `/v1/files`, say. */
  get<Rsp>(path: string, options?: PathOptions): APIPromise<Rsp> {
    return pathReply<Rsp>(this.#connection, 'GET', path, options);
  }

  post<Rsp>(path: string, options?: PathOptions): APIPromise<Rsp> {
    return pathReply<Rsp>(this.#connection, 'POST', path, options);
  }

  put<Rsp>(path: string, options?: PathOptions): APIPromise<Rsp> {
    return pathReply<Rsp>(this.#connection, 'PUT', path, options);
  }

  patch<Rsp>(path: string, options?: PathOptions): APIPromise<Rsp> {
    return pathReply<Rsp>(this.#connection, 'PATCH', path, options);
  }

  delete<Rsp>(path: string, options?: PathOptions): APIPromise<Rsp> {
    return pathReply<Rsp>(this.#connection, 'DELETE', path, options);
  }

  /** A client with the same options but for these. */
  withOptions(options: Partial<ClientOptions>): Anthropic {
    return new Anthropic({ ...this.#options, ...options });
  }
}

export default Anthropic;

/** The types under the names that the official package gives them: `Anthropic.Message`, `Anthropic.Messages.Message`. */
export declare namespace Anthropic {
  export type { beta as Beta, ClientOptions, RequestOptions, types as Messages };
  export type AssistantMessageParam = types.AssistantMessageParam;
  export type Base64ImageSource = types.Base64ImageSource;
  export type Base64PDFSource = types.Base64PDFSource;
  export type BashCodeExecutionResultBlock = types.BashCodeExecutionResultBlock;
  export type BashCodeExecutionToolResultBlock = types.BashCodeExecutionToolResultBlock;
  export type BashCodeExecutionToolResultBlockParam = types.BashCodeExecutionToolResultBlockParam;
  export type BashCodeExecutionToolResultError = types.BashCodeExecutionToolResultError;
  export type BrowserStateBlockParam = types.BrowserStateBlockParam;
  export type BrowserToolset20260801 = types.BrowserToolset20260801;
  export type CacheControlEphemeral = types.CacheControlEphemeral;
  export type CitationsConfigParam = types.CitationsConfigParam;
  export type CitationsDelta = types.CitationsDelta;
  export type CodeExecutionOutputBlock = types.CodeExecutionOutputBlock;
  export type CodeExecutionResultBlock = types.CodeExecutionResultBlock;
  export type CodeExecutionToolResultBlock = types.CodeExecutionToolResultBlock;
  export type CodeExecutionToolResultBlockParam = types.CodeExecutionToolResultBlockParam;
  export type CodeExecutionToolResultError = types.CodeExecutionToolResultError;
  export type ComputerToolset20260801 = types.ComputerToolset20260801;
  export type Container = types.Container;
  export type ContainerUploadBlock = types.ContainerUploadBlock;
  export type ContainerUploadBlockParam = types.ContainerUploadBlockParam;
  export type ContentBlock = types.ContentBlock;
  export type ContentBlockParam = types.ContentBlockParam;
  export type ContentBlockSource = types.ContentBlockSource;
  export type DocumentBlock = types.DocumentBlock;
  export type DocumentBlockParam = types.DocumentBlockParam;
  export type EncryptedCodeExecutionResultBlock = types.EncryptedCodeExecutionResultBlock;
  export type ImageBlockParam = types.ImageBlockParam;
  export type InputJSONDelta = types.InputJSONDelta;
  export type JSONOutputFormat = types.JSONOutputFormat;
  export type Message = types.Message;
  export type MessageCountTokensParams = types.MessageCountTokensParams;
  export type MessageCreateParams = types.MessageCreateParams;
  export type MessageCreateParamsNonStreaming = types.MessageCreateParamsNonStreaming;
  export type MessageCreateParamsStreaming = types.MessageCreateParamsStreaming;
  export type MessageDeltaUsage = types.MessageDeltaUsage;
  export type MessageParam = types.MessageParam;
  export type MessageTokensCount = types.MessageTokensCount;
  export type MessageStreamEvent = types.MessageStreamEvent;
  export type Metadata = types.Metadata;
  export type Model = types.Model;
  export type ModelCapabilities = types.ModelCapabilities;
  export type ModelInfo = types.ModelInfo;
  export type ModelListParams = types.ModelListParams;
  export type OutputConfig = types.OutputConfig;
  export type PlainTextSource = types.PlainTextSource;
  export type RawContentBlockDelta = types.RawContentBlockDelta;
  export type RawContentBlockDeltaEvent = types.RawContentBlockDeltaEvent;
  export type RawContentBlockStartEvent = types.RawContentBlockStartEvent;
  export type RawContentBlockStopEvent = types.RawContentBlockStopEvent;
  export type RawMessageDeltaEvent = types.RawMessageDeltaEvent;
  export type RawMessageStartEvent = types.RawMessageStartEvent;
  export type RawMessageStopEvent = types.RawMessageStopEvent;
  export type RawMessageStreamEvent = types.RawMessageStreamEvent;
  export type RedactedThinkingBlock = types.RedactedThinkingBlock;
  export type RefusalStopDetails = types.RefusalStopDetails;
  export type SearchResultBlockParam = types.SearchResultBlockParam;
  export type ServerToolUseBlock = types.ServerToolUseBlock;
  export type ServerToolUseBlockParam = types.ServerToolUseBlockParam;
  export type SignatureDelta = types.SignatureDelta;
  export type StopReason = types.StopReason;
  export type SystemMessageParam = types.SystemMessageParam;
  export type TextBlock = types.TextBlock;
  export type TextBlockParam = types.TextBlockParam;
  export type TextCitation = types.TextCitation;
  export type TextCitationParam = types.TextCitationParam;
  export type TextDelta = types.TextDelta;
  export type TextEditorCodeExecutionCreateResultBlock = types.TextEditorCodeExecutionCreateResultBlock;
  export type TextEditorCodeExecutionStrReplaceResultBlock = types.TextEditorCodeExecutionStrReplaceResultBlock;
  export type TextEditorCodeExecutionToolResultBlock = types.TextEditorCodeExecutionToolResultBlock;
  export type TextEditorCodeExecutionToolResultBlockParam = types.TextEditorCodeExecutionToolResultBlockParam;
  export type TextEditorCodeExecutionToolResultError = types.TextEditorCodeExecutionToolResultError;
  export type TextEditorCodeExecutionViewResultBlock = types.TextEditorCodeExecutionViewResultBlock;
  export type ThinkingBlock = types.ThinkingBlock;
  export type ThinkingConfigAdaptive = types.ThinkingConfigAdaptive;
  export type ThinkingConfigBetweenTools = types.ThinkingConfigBetweenTools;
  export type ThinkingConfigDisabled = types.ThinkingConfigDisabled;
  export type ThinkingConfigEnabled = types.ThinkingConfigEnabled;
  export type ThinkingConfigParam = types.ThinkingConfigParam;
  export type ThinkingDelta = types.ThinkingDelta;
  export type Tool = types.Tool;
  export type ToolChoice = types.ToolChoice;
  export type ToolChoiceAny = types.ToolChoiceAny;
  export type ToolChoiceAuto = types.ToolChoiceAuto;
  export type ToolChoiceNone = types.ToolChoiceNone;
  export type ToolChoiceTool = types.ToolChoiceTool;
  export type ToolReferenceBlock = types.ToolReferenceBlock;
  export type ToolReferenceBlockParam = types.ToolReferenceBlockParam;
  export type ToolResultBlockParam = types.ToolResultBlockParam;
  export type ToolSearchToolResultBlock = types.ToolSearchToolResultBlock;
  export type ToolSearchToolResultBlockParam = types.ToolSearchToolResultBlockParam;
  export type ToolSearchToolResultError = types.ToolSearchToolResultError;
  export type ToolSearchToolSearchResultBlock = types.ToolSearchToolSearchResultBlock;
  export type ToolUnion = types.ToolUnion;
  export type ToolUseBlock = types.ToolUseBlock;
  export type ToolUseBlockParam = types.ToolUseBlockParam;
  export type ToolUseCaller = types.ToolUseCaller;
  export type Usage = types.Usage;
  export type UserLocation = types.UserLocation;
  export type UserMessageParam = types.UserMessageParam;
  export type WebFetchBlock = types.WebFetchBlock;
  export type WebFetchToolResultBlock = types.WebFetchToolResultBlock;
  export type WebFetchToolResultBlockParam = types.WebFetchToolResultBlockParam;
  export type WebSearchResultBlock = types.WebSearchResultBlock;
  export type WebSearchToolResultBlock = types.WebSearchToolResultBlock;
  export type WebSearchToolResultBlockParam = types.WebSearchToolResultBlockParam;
  export type WebSearchToolResultError = types.WebSearchToolResultError;
}
