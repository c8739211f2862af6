import { isObject, type JsonObject } from '../core/json-text.ts';

/** What a script needs to know of a request, whichever dialect it came in. */
export type MockView = {
  readonly model: string;
  /** The body as it came. */
  readonly text: string;
  readonly stream: boolean;
  /** The text parts of the last message of the user, joined by line breaks. */
  readonly lastUserText: string;
  /** What the user said in the whole conversation, oldest first: one text for each part. */
  readonly userTexts: readonly string[];
  readonly media: readonly MockMedia[];
  readonly tools: readonly MockTool[];
  readonly toolChoice: MockToolChoice;
  readonly parallel: boolean;
  /** The tool results that the conversation ends with. */
  readonly results: readonly MockResult[];
  /** Those of the whole conversation, oldest first. */
  readonly everyResult: readonly MockResult[];
  /** The JSON Schema that the answer must follow. */
  readonly schema: unknown;
  /** Whether thinking was not switched off. */
  readonly thinking: boolean;
  readonly maxTokens: number | undefined;
  readonly stop: readonly string[];
  /** How many answers are wanted. */
  readonly choices: number;
  readonly inputTokens: number;
};

export type MockMedia = {
  readonly kind: 'image' | 'document' | 'audio';
  readonly mediaType: string;
  readonly bytes?: number;
  readonly url?: string;
  readonly name?: string;
};
export type MockTool = { readonly name: string; readonly schema: unknown; readonly kind: 'function' | 'custom' };
export type MockToolChoice = { readonly mode: 'auto' | 'none' | 'required' } | { readonly mode: 'named'; readonly name: string };
export type MockResult = { readonly name: string; readonly text: string; readonly isError: boolean };

export type MockBlock =
  | { readonly type: 'thinking'; readonly text: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'refusal'; readonly text: string }
  | { readonly type: 'call'; readonly name: string; readonly arguments: string; readonly kind: 'function' | 'custom' };

export type MockStop = { readonly reason: 'end' | 'length' | 'calls' | 'refusal' } | { readonly reason: 'stop'; readonly text: string };

export type MockUsage = { readonly input: number; readonly cacheRead: number; readonly cacheWrite: number; readonly output: number; readonly thinking: number };

/** The answer before it is spelled in a dialect. */
export type MockReply = { readonly blocks: readonly MockBlock[]; readonly stop: MockStop; readonly usage: MockUsage };

/** The object at a key; an empty one when there is none. */
export function objectAt(from: JsonObject, key: string): JsonObject {
  const value = from[key];
  return isObject(value) ? value : {};
}

/** The objects in the array at a key. */
export function objectsAt(from: JsonObject, key: string): readonly JsonObject[] {
  const value = from[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function textAt(from: JsonObject, key: string): string {
  const value = from[key];
  return typeof value === 'string' ? value : '';
}

export function numberAt(from: JsonObject, key: string): number | undefined {
  const value = from[key];
  return typeof value === 'number' ? value : undefined;
}

/** A field that holds one string or several. */
export function textsAt(from: JsonObject, key: string): readonly string[] {
  const value = from[key];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
