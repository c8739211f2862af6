import { isObject, type JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';

/** One event. `lane` tells the pieces of one tool call from those of others: lanes may come in any mix. */
export type Frame = { readonly event: string; readonly data: string; readonly lane?: string };

/** Where a text comes apart. */
export type Cut = (text: string) => readonly string[];

/** A change that servers of the format make, or that it allows: the answer means the same. */
export type Oddity = (frames: readonly Frame[]) => readonly Frame[];

/** How a format streams. */
export type Streaming = {
  /** The events with which the format would have streamed a whole answer. */
  readonly make: (reply: JsonObject, cut: Cut) => readonly Frame[];
  /** The answer is whole with this event: all that comes after it may be missing. */
  readonly isEnd: (frame: Frame) => boolean;
  /** By names for people. */
  readonly oddities: { readonly [name: string]: Oddity };
  /** Makes a generated answer one that a stream can tell; undefined when it is none. Default: all of it can be. */
  readonly tellable?: (reply: JsonObject) => JsonObject | undefined;
};

export function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function frame(value: unknown, event = '', lane?: string): Frame {
  return { event, data: JSON.stringify(value), ...(lane === undefined ? {} : { lane }) };
}

/** What an event holds; nothing for one that is no object. */
export function valueOf({ data }: Frame): JsonObject {
  if (!data.startsWith('{')) return {};
  const value: unknown = JSON.parse(data);
  return isObject(value) ? value : {};
}

/** The same object under `key`, changed; an empty one where there is none. */
export function objectIn(value: JsonObject, key: string): JsonObject {
  const inner = value[key];
  return isObject(inner) ? inner : {};
}

/** Without these keys. */
export function without(value: JsonObject, ...keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

/** An oddity of single events: each is changed, or left as it is. */
export function changing(change: (value: JsonObject, frame: Frame, index: number) => unknown): Oddity {
  return (frames) =>
    frames.map((given, index) => {
      if (!given.data.startsWith('{')) return given;
      return { ...given, data: JSON.stringify(change(valueOf(given), given, index)) };
    });
}

/** Some events are missing. */
export function missing(isMissing: (frame: Frame, value: JsonObject) => boolean): Oddity {
  return (frames) => frames.filter((given) => !isMissing(given, valueOf(given)));
}

/** An event of another kind stands between every two. */
export function between(other: Frame): Oddity {
  return (frames) => frames.flatMap((given, index) => (index === 0 ? [given] : [other, given]));
}

/** Events have no names: what they are stands in their data as well. */
export const nameless: Oddity = (frames) => frames.map((given) => ({ ...given, event: '' }));

/** An answer without the first key of these that it has, and so on: what no stream of the format tells. */
export function dropping(...keys: readonly string[]): (reply: JsonObject) => JsonObject {
  return (reply) => {
    const made: unknown = JSON.parse(JSON.stringify(reply), (key, inner: unknown) => (keys.includes(key) ? undefined : inner));
    return isObject(made) ? made : {};
  };
}
