import type { Carried } from '../reply-streams.ts';
import assert from 'node:assert/strict';
import type { RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { isObject, type JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import type { Target } from '../../../packages/modelwire/src/core/target.ts';

/** One answer of a scripted model. `tool` is the place of the tool in the request's list; `args` is what the model writes, to the byte. */
export type Turn = { readonly says: string; readonly calls: readonly { readonly tool: number; readonly args: RawJson }[] };

/** Something that a provider gave out and wants back unchanged. */
export type Issued = {
  readonly state: string;
  /** What of it nobody else may see, as it stands in JSON. */
  readonly secrets: readonly string[];
  /** The answer that it came with called tools. */
  readonly withCalls: boolean;
  /** It can be read by anybody: no provider can tell whose it is. */
  readonly plain: boolean;
  /** The provider asks for it and does without. */
  readonly optional?: true;
};

/** A provider that refuses what the real one refuses, and nothing else, and that plays the turns of a script. */
export type StrictProvider = {
  readonly target: Target;
  readonly dialect: Carried;
  /** Throws the refusal. */
  answer(body: string, stream: boolean, turn: Turn): string;
  /** What it has given out so far, in order. */
  readonly issued: readonly Issued[];
  /** What a request brings back of such things, in order. */
  returned(body: JsonObject): readonly string[];
  /** The tools of a request by their places, and the calls in its history, arguments as they stand there. */
  told(body: string): { readonly tools: readonly string[]; readonly calls: readonly { readonly name: string; readonly args: RawJson }[] };
  /**
   * The parts of a request that a prompt cache goes by: each must begin as it did in the request before. Tools and system text to the
   * byte; messages are read by the vendor, to whom the order of `role` and `content` is all one (arguments are in `told`).
   */
  prefix(body: string): { readonly fixed: readonly RawJson[]; readonly messages: readonly unknown[] };
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
  assert.ok(isObject(value), `no object: ${JSON.stringify(value)}`);
  return value;
}

export function objectsIn(value: unknown): readonly JsonObject[] {
  assert.ok(Array.isArray(value), `no list: ${JSON.stringify(value)}`);
  return value.map(objectIn);
}

/** Text in the pieces of a stream: small, and never through a character. */
export function pieces(text: string, length = 7): readonly string[] {
  const all = [...text];
  return Array.from({ length: Math.ceil(all.length / length) }, (_, at) => all.slice(at * length, (at + 1) * length).join(''));
}

export function sse(data: RawJson, event?: string): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`;
}
