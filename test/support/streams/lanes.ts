import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Block, DialectName, ToolCallBlock } from '../../../packages/modelwire/src/core/ir.ts';
import { isObject, type JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import { callOf } from './calls.ts';
import type { Frame } from './frames.ts';

/** The whole answer of a format with these blocks. */
export function vendorReply(name: DialectName, blocks: readonly Block[]): JsonObject {
  const { accepted } = callOf(name, name);
  const isCalling = blocks.some(({ type }) => type === 'toolCall');
  const usage = { input: 11, output: 5 };
  const reply: unknown = JSON.parse(accepted.reply({ id: 'a', model: 'm', created: 1, blocks, finish: { reason: isCalling ? 'toolCalls' : 'end' }, usage }));
  assert.ok(isObject(reply));
  return reply;
}

const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,6}$/);
const input = fc.dictionary(word, fc.jsonValue({ maxDepth: 2, stringUnit: 'grapheme' }), { maxKeys: 3 }).map((value) => JSON.stringify(value));

function callsOf(count: number): fc.Arbitrary<readonly ToolCallBlock[]> {
  const call = fc.record({ name: word, arguments: input });
  return fc
    .array(call, { minLength: 1, maxLength: count })
    .map((calls) => calls.map((made, index): ToolCallBlock => ({ ...made, type: 'toolCall', kind: 'function', id: `call_${index}` })));
}

/** Answers with up to four calls, after a text or not. */
export function withCalls(name: DialectName): fc.Arbitrary<JsonObject> {
  const said = fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { nil: undefined });
  return fc.tuple(said, callsOf(4)).map(([text, calls]) => vendorReply(name, [...(text === undefined ? [] : [{ type: 'text', text } as const]), ...calls]));
}

/** Pieces of calls that stand side by side, in another order: each call's own stay in theirs, and the calls begin as they did. */
export function mixed(frames: readonly Frame[], turns: readonly number[]): readonly Frame[] {
  const lanes = [...new Set(frames.map(({ lane }) => lane))].filter((lane) => lane !== undefined);
  const left = new Map(lanes.map((lane) => [lane, frames.filter((frame) => frame.lane === lane)]));
  const first = frames.findIndex(({ lane }) => lane !== undefined);
  const between: Frame[] = [];
  let begun = 0;
  for (let turn = 0; [...left.values()].some((rest) => rest.length > 0); turn++) {
    const open = lanes.slice(0, begun + 1).filter((lane) => (left.get(lane) ?? []).length > 0);
    const lane = open[(turns[turn % turns.length] ?? 0) % open.length] ?? '';
    begun = Math.max(begun, lanes.indexOf(lane) + 1);
    const next = left.get(lane)?.shift();
    if (next !== undefined) between.push(next);
  }
  if (first === -1) return frames;
  return [...frames.slice(0, first), ...between, ...frames.slice(first).filter(({ lane }) => lane === undefined)];
}
