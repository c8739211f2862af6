/** An answer of one format as callers of another are shown it, and where in it a field of the provider's stands. */
import { isGatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { DialectName, Reply } from '../../packages/modelwire/src/core/ir.ts';
import { parseJsonText } from '../../packages/modelwire/src/core/json-text.ts';
import type { Note } from '../../packages/modelwire/src/core/notes.ts';
import { prepareFor } from '../../packages/modelwire/src/core/prepare.ts';
import { dialects } from '../../test/support/dialects.ts';
import { decodeSse } from '../../packages/modelwire/src/framing/sse.ts';
import { asked, framesOf } from '../../test/support/sample-streams.ts';
import { type Leaf, type Sample, without } from '../../test/support/samples.ts';
import { openLedger, type Said, saidOf } from './cells.ts';

/** `values`: the answer, or the events of it. */
export type Shown = {
  readonly values: readonly unknown[];
  readonly notes: readonly Note[];
  readonly failed?: { readonly code: string; readonly status: number };
};

export type Show = (back: DialectName, front: DialectName, answer: unknown) => Shown;

function callOf(back: DialectName, front: DialectName) {
  const notes: Note[] = [];
  const target = { provider: back, model: 'm', speaks: {}, quirks: {}, info: { maxOutput: 16_000 } };
  let ids = 0;
  const context = {
    callId: 'docs',
    target,
    back,
    ledger: openLedger(front, notes),
    now: () => 1_700_000_000_000,
    newId: (prefix: string) => `${prefix}${++ids}`,
  };
  const accepted = dialects[front].accept(parseJsonText(JSON.stringify(asked[front])), context, { model: 'm', stream: true });
  const prepared = prepareFor(dialects[back], accepted.request, context);
  // What was said of the request is no note of the answer.
  notes.length = 0;
  return { notes, accepted, prepared };
}

export const showWhole: Show = (back, front, answer) => {
  const { notes, accepted, prepared } = callOf(back, front);
  try {
    return { values: [JSON.parse(accepted.reply(prepared.reply(JSON.stringify(answer)))) as unknown], notes };
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    return { values: [], notes, failed: { code: error.code, status: error.status } };
  }
};

export const showStream: Show = (back, front, events) => {
  const { notes, accepted, prepared } = callOf(back, front);
  const values: unknown[] = [];
  const frames = decodeSse();
  const onFrame = ({ data }: { readonly data: string }): void => void (data === '[DONE]' || values.push(JSON.parse(data)));
  const encoder = accepted.stream();
  const write = (text: string): void => frames.push(new TextEncoder().encode(text), onFrame);
  const decoder = prepared.stream();
  for (const frame of framesOf(back, events as readonly unknown[])) decoder.push(frame, (event) => encoder.push(event, write));
  decoder.end((event) => encoder.push(event, write));
  encoder.end(write);
  frames.end(onFrame);
  return { values, notes };
};

/** The answer in a format's own words. */
export function printReply(back: DialectName, reply: Reply): string {
  return callOf(back, back).accepted.reply(reply);
}

type Showing = { readonly sample: Sample; readonly shown: Shown; /** Places that are named. */ readonly most: number };

/** What becomes of a leaf of the sample: noted, shown in places, or both. */
export function become(leaf: Leaf, { sample: { value }, shown, most }: Showing, again: (changed: unknown) => Shown): Said {
  const said = saidOf(leaf, shown.notes);
  if (said.verdict === 'dropped') return said;
  const places = leaf.mark === undefined ? placesOfChange(shown, again(without(value, leaf, true))) : placesOfText(shown, leaf.mark);
  // A sample's object is any object.
  const named = [...new Set(places.map((place) => place.replace(/\.note$/, '')))].slice(0, most);
  return { ...said, places: named.map((place) => `\`${place}\``).join(', ') };
}

/** Paths, with the kind of an item for its number, and their values. */
function leavesIn(values: readonly unknown[]): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const item of value) walk(item, `${path}[${kindOf(item)}]`);
    else if (typeof value === 'object' && value !== null) for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`);
    else found.set(path, `${found.get(path) ?? ''} ${JSON.stringify(value)}`);
  };
  for (const value of values) walk(value, values.length === 1 ? '' : kindOf(value));
  return found;
}

function kindOf(item: unknown): string {
  if (typeof item !== 'object' || item === null || !('type' in item)) return '';
  return String(item.type);
}

function placesOfText({ values }: Shown, mark: string): string[] {
  const holds = (text: string): boolean => text.includes(mark) || base64Of(text).some((plain) => plain.includes(mark));
  return [...leavesIn(values)].flatMap(([path, text]) => (holds(text) ? [path] : []));
}

/** State of another provider may stand in base64. */
function base64Of(text: string): string[] {
  return [...text.matchAll(/"([A-Za-z0-9+/]{8,}={0,2})"/g)].map(([, base64 = '']) => Buffer.from(base64, 'base64').toString('latin1'));
}

function placesOfChange(before: Shown, after: Shown): string[] {
  const [one, other] = [leavesIn(before.values), leavesIn(after.values)];
  return [...new Set([...one.keys(), ...other.keys()])].filter((path) => one.get(path) !== other.get(path));
}
