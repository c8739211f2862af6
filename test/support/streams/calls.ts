import assert from 'node:assert/strict';
import fc from 'fast-check';
import { collect } from '../../../packages/modelwire/src/core/collect.ts';
import type { Accepted, Context, Prepared } from '../../../packages/modelwire/src/core/dialect.ts';
import { isGatewayError } from '../../../packages/modelwire/src/core/errors.ts';
import type { ChatEvent } from '../../../packages/modelwire/src/core/event.ts';
import type { Block, DialectName, Reply } from '../../../packages/modelwire/src/core/ir.ts';
import { isObject, type JsonObject, parseJsonText } from '../../../packages/modelwire/src/core/json-text.ts';
import { createLedger } from '../../../packages/modelwire/src/core/notes.ts';
import { dialects } from '../dialects.ts';
import { joinRuns } from '../../../packages/modelwire/src/core/runs.ts';
import { arbitraryOf } from '../arbitraries.ts';
import { streams } from '../reply-streams.ts';
import type { Cut, Frame } from './frames.ts';

/** The formats, and how many generated cases each law is tried with. */
export const names = Object.keys(dialects) as readonly DialectName[];
export const lawRuns = Number(process.env['MODELWIRE_LAW_RUNS'] ?? 150);

const messages = '"model":"m","max_tokens":100,"messages":[{"role":"user","content":"hi"}]';
const asked: { readonly [name in DialectName]: string } = {
  'openai-chat': `{${messages},"stream":true,"stream_options":{"include_usage":true}}`,
  'openai-responses': '{"model":"m","input":"hi","include":["reasoning.encrypted_content"],"stream":true}',
  'anthropic-messages': `{${messages},"stream":true}`,
  gemini: '{"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true}}}',
  cohere: `{${messages},"stream":true}`,
  ollama: '{"model":"m","messages":[{"role":"user","content":"hi"}]}',
  'bedrock-converse': '{"messages":[{"role":"user","content":[{"text":"hi"}]}]}',
};

/** One call of a front to a back, before its answer. */
export type Call = { readonly context: Context; readonly accepted: Accepted; readonly prepared: Prepared };

export function callOf(front: DialectName, back: DialectName): Call {
  let ids = 0;
  const target = { provider: 'lab', model: 'm', speaks: {}, quirks: {} } as const;
  const context = {
    callId: 'req_1',
    target,
    back,
    ledger: createLedger('lab/m', 'carry'),
    now: () => 1_700_000_000_000,
    newId: (prefix: string) => `${prefix}${++ids}`,
  };
  const accepted = dialects[front].accept(parseJsonText(asked[front]), context, { model: 'm', stream: true });
  return { context, accepted, prepared: dialects[back].prepare(accepted.request, context) };
}

/** What the back reads out of a stream. */
export function eventsOf({ prepared }: Call, frames: readonly Frame[]): ChatEvent[] {
  const events: ChatEvent[] = [];
  const decoder = prepared.stream();
  for (const frame of frames) decoder.push(frame, (event) => events.push(event));
  decoder.end((event) => events.push(event));
  return events;
}

/** What the front writes of events, before it is framed. */
export function shown({ accepted }: Call, events: readonly ChatEvent[]): string {
  let text = '';
  const write = (piece: string): void => void (text += piece);
  const encoder = accepted.stream();
  for (const event of events) encoder.push(event, write);
  encoder.end(write);
  return text;
}

/** The whole answer, or the code of the failure that it is. */
export function whole(call: Call, reply: unknown): Reply | string {
  return wholeText(call, JSON.stringify(reply));
}

export function wholeText({ prepared }: Call, text: string): Reply | string {
  try {
    return prepared.reply(text);
  } catch (error) {
    if (isGatewayError(error) && error.status >= 500) return error.code;
    throw error;
  }
}

export function collected(events: readonly ChatEvent[]): Reply | string {
  try {
    return collect(events);
  } catch (error) {
    if (isGatewayError(error)) return error.code;
    throw error;
  }
}

/** An id that was made for an item. */
const ourId = /"id":"[a-z]+_\d+",/;

/** A stream brings the fields of what only one format understands in another order, and cannot say that a text has no citations. */
function withoutSpelling(block: Omit<Block, 'ext' | 'at'>): { readonly type: string; readonly [more: string]: unknown } {
  if ('raw' in block && typeof block.raw === 'string') return { ...block, raw: JSON.parse(block.raw.replace(ourId, '')) as unknown };
  if (!('citations' in block) || block.citations !== '[]') return block;
  const { citations: _none, ...text } = block;
  return text;
}

export type Said = { readonly blocks: readonly { readonly type: string; readonly [more: string]: unknown }[]; readonly [more: string]: unknown };

/** What an answer says. What stands beside it (ids, fields of its own format) has other places in a stream. */
export function said(reply: Reply | string): Said {
  if (typeof reply === 'string') return { blocks: [], failed: true };
  // A stream tells how long what was cached lives at its beginning.
  const { raw: _raw, cacheWriteTtl: _ttl, ...counts } = reply.usage ?? {};
  return {
    blocks: reply.blocks.map(({ ext: _ext, at: _at, ...block }) => withoutSpelling(block)),
    finish: [reply.finish.reason, reply.finish.stopString, reply.finish.native, reply.finish.explanation],
    usage: counts,
    tier: reply.serviceTier,
  };
}

/** What a whole message has in fields of their own, in that order, however it was streamed; and what is one text in each of them. */
const fields: { readonly [name in DialectName]?: { readonly order: readonly string[]; readonly joined: readonly string[] } } = {
  'openai-chat': { order: ['reasoning', 'text', 'refusal', 'toolCall', 'opaque'], joined: ['text', 'refusal'] },
  ollama: { order: ['reasoning', 'text', 'toolCall'], joined: ['text', 'reasoning'] },
  // All but the calls are parts of one content.
  cohere: { order: ['toolCall'], joined: ['text'] },
};

/** What an answer says in an order that a whole message of the format can tell. */
export function inOrder(front: DialectName, { blocks, ...rest }: Said): unknown {
  // A stream of Anthropic's tells at its beginning which tier serves it, which no other provider has told by then.
  if (front === 'anthropic-messages') return { ...rest, tier: undefined, blocks };
  const { order = [], joined = [] } = fields[front] ?? {};
  const sorted = blocks.toSorted((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
  const runs = joinRuns(sorted, (last, block) => last.type === block.type && joined.includes(block.type));
  return { ...rest, blocks: runs.map((run) => (run.length === 1 ? run[0] : asOne(run))) };
}

function asOne(run: readonly [Said['blocks'][number], ...Said['blocks'][number][]]): object {
  const citations = run.flatMap((block): unknown[] => (typeof block['citations'] === 'string' ? (JSON.parse(block['citations']) as unknown[]) : []));
  return { ...run[0], text: run.map((block) => String(block['text'])).join(''), ...(citations.length === 0 ? {} : { citations: JSON.stringify(citations) }) };
}

/** Where texts come apart: lengths of pieces, used over and over. */
export const cuts: fc.Arbitrary<Cut> = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }).map(cutter);

function cutter(lengths: readonly number[]): Cut {
  return (text) => {
    const all = [...text];
    const pieces: string[] = [];
    for (let at = 0, turn = 0; at < all.length; turn++) {
      const length = lengths[turn % lengths.length] ?? 1;
      pieces.push(all.slice(at, at + length).join(''));
      at += length;
    }
    return pieces.length === 0 ? [''] : pieces;
  };
}

/** Whole answers of a format, of what a stream can tell. */
export function replies(name: DialectName): fc.Arbitrary<JsonObject> {
  const { tellable = (reply: JsonObject): JsonObject => reply } = streams[name];
  return arbitraryOf(dialects[name].verdicts.reply)
    .map((value) => {
      assert.ok(isObject(value));
      return tellable(value);
    })
    .filter((value) => value !== undefined);
}
