import { GatewayError } from '../../core/errors.ts';
import type { ChatEvent } from '../../core/event.ts';
import type { Block, RawJson } from '../../core/ir.ts';
import { type Cursor, cursorAt, fieldOf, objectAt, rawOf } from '../../core/json-cursor.ts';
import { printArray, printObject } from '../../core/json-print.ts';
import { type JsonObject, parseJsonText } from '../../core/json-text.ts';
import { createSequencer, type Sequencer } from '../../core/sequence.ts';
import { targetName } from '../../core/target.ts';
import { customText } from '../../core/tool-input.ts';
import { type AnswerScope, decodeBlock, isCall, signatureIn } from './reply.ts';

type Emit = (event: ChatEvent) => void;

/** A block that is being read, with what its own events cannot say before its end. */
type Reading = {
  readonly key: string;
  readonly block: Block;
  /** The fields of a block that only this dialect knows: later pieces change them. */
  readonly fields: Map<string, RawJson>;
  readonly citations: RawJson[];
  input: string;
  changed: boolean;
};

/** Where a delta holds a piece of its block, the first that is there. */
export const pieceKeys = ['partial_json', 'text', 'thinking'] as const;
export type PieceKey = (typeof pieceKeys)[number];

/** The blocks of a stream by their index. Several may be open; the sequencer lets them out one after the other. */
export type Blocks = {
  /** `content_block_start`. */
  begin(index: number | undefined, cursor: Cursor, emit: Emit): void;
  /** `content_block_delta`; `data` is the event's text. */
  delta(index: number | undefined, delta: JsonObject, data: string, emit: Emit): void;
  /** The same for a delta that is known to hold this piece and nothing else. */
  piece(index: number | undefined, key: PieceKey, text: string, emit: Emit): void;
  close(index: number | undefined, emit: Emit): void;
  closeAll(emit: Emit): void;
  /** Whether the answer calls a tool of the caller's. */
  called(): boolean;
  /** How many have begun. */
  count(): number;
};

export function createBlocks(scope: AnswerScope): Blocks {
  const { ledger } = scope.context;
  const sequence = createSequencer();
  const byIndex = new Map<number, Reading>();
  let last = -1;
  let count = 0;
  let called = false;

  const close = (index: number, emit: Emit): void => {
    const reading = byIndex.get(index);
    if (reading === undefined) return;
    byIndex.delete(index);
    settle(reading, sequence, emit);
    sequence.close(reading.key, emit);
  };
  const open = (index: number, block: Block, fields: Map<string, RawJson>, emit: Emit): Reading => {
    close(index, emit);
    const reading: Reading = { key: `block ${count++}`, block, fields, citations: [], input: '', changed: false };
    byIndex.set(index, reading);
    last = index;
    called ||= isCall(block);
    sequence.open(reading.key, emptied(block), emit);
    if (block.type === 'text' || block.type === 'reasoning') sequence.delta(reading.key, block.text, emit);
    return reading;
  };
  /** Prose of a block that was never announced begins one. */
  const say = (index: number, type: 'text' | 'reasoning', text: string, emit: Emit): void => {
    const reading = byIndex.get(index);
    const { key } = reading?.block.type === type ? reading : open(index, { type, text: '' }, new Map(), emit);
    sequence.delta(key, text, emit);
  };
  const addInput = (index: number, text: string, emit: Emit): void => {
    const reading = byIndex.get(index) ?? neverBegun(scope);
    if (reading.block.type === 'toolCall' && reading.block.kind === 'function') sequence.delta(reading.key, text, emit);
    else reading.input += text;
  };
  const piece = (index: number, key: PieceKey, text: string, emit: Emit): void => {
    if (key === 'partial_json') addInput(index, text, emit);
    else say(index, key === 'text' ? 'text' : 'reasoning', text, emit);
  };
  const change = (index: number, delta: JsonObject, data: string): void => {
    const reading = byIndex.get(index);
    if (reading === undefined || !amend(reading, delta, data, sequence))
      ledger.lost(`stream.${String(delta['type']).slice(0, 40)}`, 'the delta is not known here');
  };

  return {
    begin(index = last + 1, cursor, emit) {
      const block = decodeBlock(cursor, scope);
      open(index, block, block.type === 'opaque' ? fieldsOf(cursor) : new Map(), emit);
    },
    delta(index = last, delta, data, emit) {
      const key = pieceKeys.find((name) => typeof delta[name] === 'string');
      if (key === undefined) change(index, delta, data);
      else piece(index, key, String(delta[key]), emit);
    },
    piece: (index = last, key, text, emit) => piece(index, key, text, emit),
    close: (index = last, emit) => close(index, emit),
    closeAll(emit) {
      for (const index of byIndex.keys()) close(index, emit);
    },
    called: () => called,
    count: () => count,
  };
}

function neverBegun({ context: { target } }: AnswerScope): never {
  throw new GatewayError('upstream_invalid_response', `${target.provider}: arguments came for a tool call that never began`, { provider: targetName(target) });
}

function fieldsOf(cursor: Cursor): Map<string, RawJson> {
  return new Map(Object.keys(objectAt(cursor)).map((key) => [key, rawOf(fieldOf(cursor, key))]));
}

/** A block as it opens. Arguments that came whole wait for its end: pieces may follow that say them again. */
function emptied(block: Block): Block {
  if (block.type === 'toolCall') return { ...block, arguments: '' };
  return block.type === 'text' || block.type === 'reasoning' ? { ...block, text: '' } : block;
}

/** Writes what is known only at a block's end: arguments that came whole, a block that was built out of pieces. */
function settle({ key, block, fields, input, changed }: Reading, sequence: Sequencer, emit: Emit): void {
  if (block.type === 'toolCall' && block.kind === 'custom') sequence.delta(key, input === '' ? block.arguments : customText(input), emit);
  else if (block.type === 'toolCall' && sequence.textOf(key) === '') sequence.delta(key, block.arguments, emit);
  else if (block.type === 'opaque' && (input !== '' || changed)) {
    if (input !== '') fields.set('input', input);
    sequence.amend(key, () => ({ ...block, raw: printObject([...fields]) }));
  }
}

/** A signature, a citation, or new fields of a block that only this dialect knows. False for what cannot be used. */
function amend(reading: Reading, delta: JsonObject, data: string, sequence: Sequencer): boolean {
  const { key, block, fields, citations } = reading;
  if (typeof delta['signature'] === 'string' && block.type === 'reasoning') {
    const signature = signatureIn(delta['signature']);
    sequence.amend(key, (now) => (now.type === 'reasoning' ? { ...now, ...signature } : now));
    return true;
  }
  const raw = fieldOf(cursorAt(parseJsonText(data)), 'delta');
  if (delta['type'] === 'citations_delta' && block.type === 'text') {
    citations.push(rawOf(fieldOf(raw, 'citation')));
    sequence.amend(key, (now) => (now.type === 'text' ? { ...now, citations: printArray(citations) } : now));
    return true;
  }
  if (block.type !== 'opaque') return false;
  reading.changed = true;
  for (const name of Object.keys(delta)) if (name !== 'type') fields.set(name, rawOf(fieldOf(raw, name)));
  return true;
}
