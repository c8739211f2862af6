import assert from 'node:assert/strict';
import type { Context } from '../../packages/modelwire/src/core/dialect.ts';
import type { Block, ChatRequest, DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { parseJsonText } from '../../packages/modelwire/src/core/json-text.ts';
import { createLedger } from '../../packages/modelwire/src/core/notes.ts';
import { dialects } from './dialects.ts';
import type { PairOutcome } from './pair-call.ts';

/** What went to the provider, understood as its own format's server would. */
export function understood(back: DialectName, { sent, error }: PairOutcome): ChatRequest {
  assert.equal(error, undefined, error?.message);
  const [body] = sent;
  assert.ok(body !== undefined && sent.length === 1, 'it was sent once');
  const context: Context = {
    callId: 'req_1',
    target: { provider: 'lab', model: 'm', speaks: {}, quirks: {} },
    back,
    ledger: createLedger('lab/m', 'carry'),
    now: () => 0,
    newId: (prefix) => `${prefix}1`,
  };
  return dialects[back].accept(parseJsonText(body), context, { model: 'm', stream: false }).request;
}

export function blocksOf<T extends Block['type']>({ messages }: ChatRequest, type: T): readonly (Block & { readonly type: T })[] {
  return messages.flatMap(({ blocks }) => blocks.filter((block): block is Block & { readonly type: T } => block.type === type));
}

/** The text of each message, with whose it is. */
export function saidIn({ messages }: ChatRequest): readonly string[] {
  return messages.map(({ role, blocks }) => `${role}: ${blocks.map((block) => (block.type === 'text' ? block.text : `<${block.type}>`)).join(' ')}`);
}
