import assert from 'node:assert/strict';
import type { DialectName, RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { isObject, type JsonObject, type JsonText, parseJsonText } from '../../../packages/modelwire/src/core/json-text.ts';
import type { Target } from '../../../packages/modelwire/src/core/target.ts';

/** One answer of a scripted model. `tool` is the place of the tool in the request's list; `args` is what the model writes, to the byte. */
export type Turn = { readonly says: string; readonly calls: readonly { readonly tool: number; readonly args: RawJson }[] };

/** Something that a provider gave out and wants back unchanged. */
export type Issued = {
  readonly state: string;
  /** What of it nobody else may see, as it stands in JSON. */
  readonly secrets: readonly string[];
  /** The thinking that came with it in clear, up to where JSON has to escape it. */
  readonly shown?: string;
  /** The answer that it came with called tools. */
  readonly withCalls: boolean;
  /** It is but the thinking in clear: no provider can tell whose it is. */
  readonly plain: boolean;
  /** The provider asks for it and does without. */
  readonly optional?: true;
};

/** The tools of a request by their places; the calls in its history, arguments as they stand there; their results; and all that the model said, in one. */
export type History = {
  readonly tools: readonly string[];
  readonly calls: readonly { readonly name: string; readonly args: RawJson }[];
  readonly results: readonly Result[];
  readonly said: string;
};

/** A result as it stands in a request, with the name of the tool whose call it answers. */
export type Result = { readonly name: string; readonly text: string };

/** The results among the calls and results of a conversation, in order. An id may come again in a later turn. */
export function resultsIn(
  blocks: readonly JsonObject[],
  { callOf, answers }: { callOf(block: JsonObject): readonly [id: unknown, name: unknown] | undefined; answers(block: JsonObject): unknown },
): readonly Result[] {
  const names = new Map<unknown, string>();
  return blocks.flatMap((block) => {
    const [id, name] = callOf(block) ?? [];
    if (id !== undefined) names.set(id, String(name));
    const answered = answers(block);
    return answered === undefined ? [] : [{ name: names.get(answered) ?? '', text: JSON.stringify(block) }];
  });
}

/** The same of messages of OpenAI's kind, whose results are messages of their own. */
export function resultMessages(messages: readonly JsonObject[]): readonly Result[] {
  return resultsIn(
    messages.flatMap((message) => [...objectsIn(message['tool_calls'] ?? []), message]),
    { callOf: ({ id, function: called }) => (isObject(called) ? [id, called['name']] : undefined), answers: (message) => message['tool_call_id'] },
  );
}

/** A provider that refuses what the real one refuses, and nothing else, and that plays the turns of a script. */
export type StrictProvider = {
  readonly target: Target;
  readonly dialect: DialectName;
  /** Content type of its streams; absent: server-sent events. */
  readonly streamType?: string;
  /** Throws the refusal. */
  answer(body: string, stream: boolean, turn: Turn): string | Uint8Array;
  /** What it has given out so far, in order. */
  readonly issued: readonly Issued[];
  /** What a request brings back of such things, in order. */
  returned(body: JsonObject): readonly string[];
  /** What a request tells of the conversation. */
  told(body: JsonText): History;
  /** The fields that a prompt cache goes by: the list of messages, and what stays as it is. */
  readonly cached: { readonly list: string; readonly fixed: readonly string[] };
};

/** The provider's 400. */
export class Refused extends Error {}

export function refuse(when: boolean, message: string): void {
  if (when) throw new Refused(message);
}

/** The checks of the scripted provider throw plain errors of their own: all are refusals here. */
export function refusing(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new Refused(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

export function objectIn(value: unknown): JsonObject {
  if (!isObject(value)) assert.fail(`no object: ${JSON.stringify(value)}`);
  return value;
}

export function objectsIn(value: unknown): readonly JsonObject[] {
  if (!Array.isArray(value)) assert.fail(`no list: ${JSON.stringify(value)}`);
  return value.map(objectIn);
}

let last = parseJsonText('{}');

/** A body, parsed once however many look at it. */
export function read(text: string): JsonText {
  if (last.text !== text) last = parseJsonText(text);
  return last;
}

/** Text in the pieces of a stream: small, and never through a character. */
export function pieces(text: string, length = 7): readonly string[] {
  const all = [...text];
  return Array.from({ length: Math.ceil(all.length / length) }, (_, at) => all.slice(at * length, (at + 1) * length).join(''));
}

/** The text of a message's content: a string, or parts. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? content.map((part: unknown) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('') : '';
}

export function sse(data: RawJson, event?: string): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`;
}
