import type { Assembler, Emit } from '../../core/assemble.ts';
import type { RawJson } from '../../core/ir.ts';
import { cursorAt, fieldOf, rawOf } from '../../core/json-cursor.ts';
import { type Entry, printArray, printObject, printString } from '../../core/json-print.ts';
import { isCompleteObject, isObject, type JsonObject, parseJsonText } from '../../core/json-text.ts';
import { invalidAnswer } from '../../core/provider-fault.ts';
import { openRedacted } from './content.ts';
import { type AnswerScope, decodeAnswerBlock } from './reading.ts';

/** Reads the blocks of a stream. They are told apart by their index; text and thinking begin with their first piece. */
export type BlockReader = {
  begin(value: JsonObject, data: string, emit: Emit): void;
  delta(value: JsonObject, data: string, emit: Emit): void;
  /** A piece of a block, as `loneDelta` found it. */
  piece(known: Lone, text: string, emit: Emit): void;
  stop(value: JsonObject, emit: Emit): void;
  finish(emit: Emit): void;
  called(): boolean;
  count(): number;
};

type PieceKind = 'text' | 'reasoning' | 'input';

/** A delta that brings one piece and nothing else. */
export type Lone = { readonly index: number; readonly kind: PieceKind; readonly text: string };

export function loneDelta(value: unknown): Lone | undefined {
  if (!isObject(value) || !isObject(value['delta'])) return undefined;
  const { delta } = value;
  const [name, ...others] = Object.keys(delta);
  const held = name === undefined || others.length > 0 ? undefined : delta[name];
  const index = indexOf(value);
  if (name === 'text' && typeof held === 'string') return { index, kind: 'text', text: held };
  if (!isObject(held) || Object.keys(held).length !== 1) return undefined;
  if (name === 'toolUse' && typeof held['input'] === 'string') return { index, kind: 'input', text: held['input'] };
  return name === 'reasoningContent' && typeof held['text'] === 'string' ? { index, kind: 'reasoning', text: held['text'] } : undefined;
}

function indexOf(value: JsonObject): number {
  const index = value['contentBlockIndex'];
  return typeof index === 'number' ? index : 0;
}

/** A block that is put together here, to be read as it would stand in a whole answer. */
type Pending = { readonly kind: string; readonly start: readonly Entry[]; readonly pieces: string[]; ending: readonly Entry[] };

export function createBlockReader(into: Assembler, scope: AnswerScope): BlockReader {
  const pending = new Map<number, Pending>();
  /** Calls whose input has not begun. */
  const waiting = new Set<number>();
  const citations = createCitations(into);
  let current = 0;

  /** Another block goes on: the one before is not told of any more, unless it is a call that has not all of its input. */
  const moveTo = (index: number, emit: Emit): void => {
    const before = current;
    current = index;
    if (index === before) return;
    const held = pending.get(before);
    if (held !== undefined && isWhole(held)) settle(before, emit);
    else citations.settle(before, emit);
  };
  const say = ({ index, kind }: Omit<Lone, 'text'>, text: string, emit: Emit): void => {
    moveTo(index, emit);
    const held = pending.get(index);
    if (text !== '') waiting.delete(index);
    if (held !== undefined) held.pieces.push(text);
    else if (kind === 'input') into.call({ index, arguments: text }, emit);
    else into.say(kind, text, emit, place(index));
  };
  const settle = (index: number, emit: Emit): void => {
    citations.settle(index, emit);
    // A call without input is one with an empty object.
    if (waiting.delete(index)) into.call({ index, arguments: '{}' }, emit);
    const held = pending.get(index);
    pending.delete(index);
    if (held !== undefined) into.whole(decodeAnswerBlock(cursorAt(parseJsonText(printPending(held, scope))), scope), emit);
  };

  return {
    begin(value, data, emit) {
      const index = indexOf(value);
      const start = isObject(value['start']) ? value['start'] : {};
      const [kind] = Object.keys(start);
      const inner = kind === undefined ? undefined : start[kind];
      if (kind === undefined || !isObject(inner)) return;
      moveTo(index, emit);
      const name = kind === 'toolUse' ? callName(inner, scope) : undefined;
      if (name === undefined) pending.set(index, { kind, start: entriesOf(data, kind), pieces: [], ending: [] });
      else {
        into.call({ index, id: textIn(inner['toolUseId']), name, arguments: '' }, emit);
        waiting.add(index);
      }
    },
    delta(value, data, emit) {
      const index = indexOf(value);
      const lone = loneDelta(value);
      if (lone !== undefined) return say(lone, lone.text, emit);
      moveTo(index, emit);
      const delta = isObject(value['delta']) ? value['delta'] : {};
      const at = fieldOf(fieldOf(cursorAt(parseJsonText(data)), 'contentBlockDelta'), 'delta');
      sealReasoning(delta['reasoningContent'], index, emit);
      if (isObject(delta['citation'])) citations.add(index, rawOf(fieldOf(at, 'citation')));
      const held = pending.get(index);
      if (held === undefined) return;
      if (Array.isArray(delta['toolResult'])) held.pieces.push(rawOf(fieldOf(at, 'toolResult')).trim().slice(1, -1));
      if (isObject(delta['image'])) addImage(held, delta['image'], rawOf(fieldOf(at, 'image')));
    },
    piece: say,
    stop: (value, emit) => settle(indexOf(value), emit),
    finish(emit) {
      for (const index of new Set([current, ...waiting, ...pending.keys()])) settle(index, emit);
      into.finish(emit);
    },
    called: () => into.callCount() > 0,
    count: () => into.blockCount() + pending.size,
  };

  function sealReasoning(reasoning: unknown, index: number, emit: Emit): void {
    if (!isObject(reasoning)) return;
    const { signature, redactedContent } = reasoning;
    if (typeof signature === 'string') into.seal(place(index), { signature }, emit);
    if (typeof redactedContent === 'string') into.seal(place(index), { redacted: openRedacted(redactedContent) }, emit);
  }
}

function isWhole({ kind, pieces }: Pending): boolean {
  return kind !== 'toolUse' || isCompleteObject(pieces.join(''));
}

function place(index: number): string {
  return `block ${index}`;
}

/** The name of a call whose input is told as it comes; undefined for one that Bedrock answers itself, and for free text, which stands in an object. */
function callName(start: JsonObject, scope: AnswerScope): string | undefined {
  const { name, type } = start;
  if (typeof type === 'string') return undefined;
  if (typeof name !== 'string' || name === '') throw invalidAnswer(scope.context.target, 'a tool call without a name came');
  return scope.isCustom(scope.toolName(name)) ? undefined : name;
}

/** Citations go with their text while it is open. */
type Citations = { add(index: number, citation: RawJson): void; settle(index: number, emit: Emit): void };

function createCitations(into: Assembler): Citations {
  const found = new Map<number, RawJson[]>();
  return {
    add(index, citation) {
      const all = found.get(index);
      if (all === undefined) found.set(index, [citation]);
      else all.push(citation);
    },
    settle(index, emit) {
      const all = found.get(index);
      if (all === undefined) return;
      found.delete(index);
      const citations = printArray(all);
      if (into.openText('text', place(index)) === undefined) into.whole({ type: 'text', text: '', citations }, emit);
      else into.amendText((block) => (block.type === 'text' ? { ...block, citations } : block));
    },
  };
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What a block began with, as it was written. */
function entriesOf(data: string, kind: string): Entry[] {
  const cursor = fieldOf(fieldOf(fieldOf(cursorAt(parseJsonText(data)), 'contentBlockStart'), 'start'), kind);
  return isObject(cursor.value) ? Object.keys(cursor.value).map((key) => [key, rawOf(fieldOf(cursor, key))] as const) : [];
}

/** The bytes of an image come in pieces, what went wrong with it at once. */
function addImage(held: Pending, delta: JsonObject, raw: RawJson): void {
  const { source, error } = delta;
  const at = cursorAt(parseJsonText(raw));
  if (isObject(source) && typeof source['bytes'] === 'string') held.pieces.push(source['bytes']);
  else if (isObject(source)) held.ending = [...held.ending, ['source', rawOf(fieldOf(at, 'source'))]];
  if (isObject(error)) held.ending = [...held.ending, ['error', rawOf(fieldOf(at, 'error'))]];
}

function printPending({ kind, start, pieces, ending }: Pending, scope: AnswerScope): RawJson {
  switch (kind) {
    case 'toolUse':
      return printObject([[kind, printObject([...start, ['input', inputOf(pieces.join(''), scope)]])]]);
    case 'toolResult':
      return printObject([[kind, printObject([...start, ['content', printArray(pieces.filter((piece) => piece.trim() !== ''))]])]]);
    case 'image': {
      const bytes: Entry[] = pieces.length === 0 ? [] : [['source', printObject([['bytes', printString(joinBase64(pieces))]])]];
      return printObject([[kind, printObject([...start, ...bytes, ...ending])]]);
    }
    default:
      return printObject([[kind, printObject(start)]]);
  }
}

function inputOf(text: string, scope: AnswerScope): RawJson {
  if (text.trim() === '') return '{}';
  try {
    JSON.parse(text);
    return text;
  } catch (cause) {
    throw invalidAnswer(scope.context.target, 'the input of a tool call is not JSON', cause);
  }
}

/** Pieces that are each padded are put together by their bytes. */
function joinBase64(pieces: readonly string[]): string {
  return pieces.length > 1 && pieces.slice(0, -1).some((piece) => piece.includes('=')) ? btoa(pieces.map((piece) => atob(piece)).join('')) : pieces.join('');
}
