/** Compiled, never run: what the official types take ours take, and what ours give serves code written for theirs. */
import type Official from 'openai';
import type OpenAI from 'modelwire/openai';
import type { All, Mutual } from './assignable.ts';

type Ours = OpenAI.Responses.Response;
type Theirs = Official.Responses.Response;

export type Same = All<
  [
    Mutual<OpenAI.Responses.ResponseOutputMessage, Official.Responses.ResponseOutputMessage>,
    Mutual<OpenAI.Responses.ResponseOutputText, Official.Responses.ResponseOutputText>,
    Mutual<OpenAI.Responses.ResponseFunctionToolCall, Official.Responses.ResponseFunctionToolCall>,
    Mutual<OpenAI.Responses.ResponseCustomToolCall, Official.Responses.ResponseCustomToolCall>,
    Mutual<OpenAI.Responses.ResponseReasoningItem, Official.Responses.ResponseReasoningItem>,
    Mutual<OpenAI.Responses.ResponseFunctionWebSearch, Official.Responses.ResponseFunctionWebSearch>,
    Mutual<OpenAI.Responses.ResponseUsage, Official.Responses.ResponseUsage>,
    Mutual<OpenAI.Responses.FunctionTool, Official.Responses.FunctionTool>,
    Mutual<OpenAI.Responses.ResponseTextConfig, Official.Responses.ResponseTextConfig>,
    Mutual<OpenAI.Responses.ResponseRetrieveParams, Official.Responses.ResponseRetrieveParams>,
  ]
>;

type Fits<A, B> = [A] extends [B] ? true : 'is not assignable';

export type Given = All<
  [
    Fits<Ours, Theirs>,
    Fits<OpenAI.Responses.ResponseStreamEvent, Official.Responses.ResponseStreamEvent>,
    Fits<OpenAI.Responses.ParsedResponse<{ a: number }>, Official.Responses.ParsedResponse<{ a: number }>>,
  ]
>;

export type Taken = All<
  [
    Fits<Official.Responses.ResponseCreateParamsNonStreaming, OpenAI.Responses.ResponseCreateParamsNonStreaming>,
    Fits<Official.Responses.ResponseCreateParamsStreaming, OpenAI.Responses.ResponseCreateParamsStreaming>,
    Fits<Official.Responses.ResponseInput, OpenAI.Responses.ResponseInput>,
  ]
>;
