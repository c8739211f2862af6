import type { Context } from '../../core/dialect.ts';
import type { Block, RawJson } from '../../core/ir.ts';
import { cursorAt, fieldOf, itemsOf, rawOf } from '../../core/json-cursor.ts';
import { printObject, printString } from '../../core/json-print.ts';
import { loseExtras } from '../../core/notes.ts';
import { isObject, parseJsonText } from '../../core/json-text.ts';
import { isCallable, isSameBlock } from '../../core/tool-input.ts';
import { dialect } from './wire.ts';
import { ownCitations, printAnswerBlock, shownBlocks, signatureFor, startOf } from './showing.ts';

type Write = (text: string) => void;

/** The block that the caller is being shown. Text and thinking begin with their first piece, calls at once. */
type Showing = { readonly block: Block; begun: boolean; shown: string };

/** Writes the blocks of a caller's stream, one after the other. Calls and what comes whole have a start; text and thinking have none. */
export type Shower = {
  open(block: Block, out: Write): void;
  say(text: string, out: Write): void;
  /** `block` is the whole one. */
  close(block: Block, out: Write): void;
  /** Closes what is still open. */
  end(out: Write): void;
  /** What was shown, and the first tool call whose arguments are not one complete object. */
  seen(): { readonly called: boolean; readonly refused: boolean; readonly broken: string | undefined };
};

export function createShower(context: Context): Shower {
  let index = 0;
  let showing: Showing | undefined;
  let called = false;
  let refused = false;
  let broken: string | undefined;

  // The one event that comes by the thousand: written in one go.
  const delta = (raw: RawJson, out: Write): void => out(`data: {"contentBlockDelta":{"contentBlockIndex":${index},"delta":${raw}}}\n\n`);
  const start = (kind: string, raw: RawJson, out: Write): void =>
    out(`data: {"contentBlockStart":{"contentBlockIndex":${index},"start":${printObject([[kind, raw]])}}}\n\n`);
  const stop = (out: Write): void => out(`data: {"contentBlockStop":{"contentBlockIndex":${index++}}}\n\n`);
  const begin = (at: Showing, out: Write): void => {
    if (at.begun) return;
    at.begun = true;
    if (at.block.type === 'toolCall') start('toolUse', printObject(startOf(at.block)), out);
  };
  const say = (at: Showing, text: string, out: Write): void => {
    if (text === '' || !isStreamed(at.block)) return;
    begin(at, out);
    delta(pieceOf(at.block, text), out);
    at.shown += text;
  };
  const whole = (block: Block, out: Write): void => {
    for (const raw of printAnswerBlock(block, context)) {
      const kind = showWhole(raw, { start, delta }, out);
      if (kind === undefined) stop(out);
      else context.ledger.lost(`content.${kind}`, `a stream in ${dialect} cannot hold ${kind}`);
    }
  };
  const finish = (at: Showing, block: Block, out: Write): void => {
    loseExtras(block.ext, dialect, context.ledger);
    const rest = textOf(block);
    if (rest.startsWith(at.shown)) say(at, rest.slice(at.shown.length), out);
    const last = lastDeltas(block, at.shown, context);
    // Nothing at all was said: there is no block.
    if (!at.begun && last.length === 0) return;
    begin(at, out);
    for (const raw of last) delta(raw, out);
    stop(out);
  };
  const close = (block: Block, out: Write): void => {
    const at = showing ?? { block, begun: false, shown: '' };
    showing = undefined;
    const given = isSameBlock(at.block, block) ? block : at.block;
    called ||= given.type === 'toolCall';
    refused ||= given.type === 'refusal';
    if (given.type === 'toolCall' && !isCallable(given)) broken ??= given.name;
    const [first, ...more] = shownBlocks(given);
    if (first !== undefined && isStreamed(first)) finish(at, first, out);
    else if (first !== undefined) whole(first, out);
    for (const other of more) whole(other, out);
  };

  return {
    open(block, out) {
      if (showing !== undefined) close(showing.block, out);
      showing = { block, begun: false, shown: '' };
      if (block.type === 'toolCall' && block.kind === 'function') begin(showing, out);
    },
    say(text, out) {
      if (showing !== undefined) say(showing, text, out);
    },
    close,
    end(out) {
      if (showing !== undefined) close(showing.block, out);
    },
    seen: () => ({ called, refused, broken }),
  };
}

/** Blocks whose text comes in pieces. Free text of a custom tool is told when it is whole. */
function isStreamed(block: Block): boolean {
  if (block.type === 'reasoning') return block.redacted === undefined || block.text !== '';
  return block.type === 'text' || block.type === 'refusal' || (block.type === 'toolCall' && block.kind === 'function');
}

function textOf(block: Block): string {
  if (block.type === 'toolCall') return block.arguments;
  return block.type === 'text' || block.type === 'refusal' || block.type === 'reasoning' ? block.text : '';
}

function pieceOf(block: Block, text: string): RawJson {
  if (block.type === 'reasoning') return `{"reasoningContent":{"text":${printString(text)}}}`;
  return block.type === 'toolCall' ? inputDelta(text) : `{"text":${printString(text)}}`;
}

function inputDelta(text: string): RawJson {
  return `{"toolUse":{"input":${printString(text)}}}`;
}

/** What a block says last: a call's empty input, the signature of thinking, citations. */
function lastDeltas(block: Block, shown: string, context: Context): RawJson[] {
  switch (block.type) {
    case 'toolCall':
      return shown.trim() === '' ? [inputDelta('{}')] : [];
    case 'reasoning': {
      const signature = signatureFor(block, context);
      return signature === undefined ? [] : [`{"reasoningContent":{"signature":${printString(signature)}}}`];
    }
    case 'text':
      return citationDeltas(ownCitations(block, context));
    default:
      return [];
  }
}

function citationDeltas(citations: RawJson | undefined): RawJson[] {
  if (citations === undefined) return [];
  return itemsOf(cursorAt(parseJsonText(citations))).map((item) => printObject([['citation', rawOf(item)]]));
}

type Events = { start(kind: string, raw: RawJson, out: Write): void; delta(raw: RawJson, out: Write): void };

/** A block that came whole, as the events that a client puts together again; the kind for which there are none. */
function showWhole(raw: RawJson, { start, delta }: Events, out: Write): string | undefined {
  const root = cursorAt(parseJsonText(raw));
  const [kind = ''] = isObject(root.value) ? Object.keys(root.value) : [];
  const inner = fieldOf(root, kind);
  const fields = isObject(inner.value) ? Object.keys(inner.value).map((key) => [key, rawOf(fieldOf(inner, key))] as const) : [];
  const pick = (...keys: readonly string[]): RawJson => printObject(fields.filter(([key]) => keys.includes(key)));
  const rest = (...keys: readonly string[]): RawJson => printObject(fields.filter(([key]) => !keys.includes(key)));
  const raws = new Map(fields);
  switch (kind) {
    case 'image':
      start(kind, rest('source', 'error'), out);
      delta(printObject([[kind, pick('source', 'error')]]), out);
      return undefined;
    case 'toolUse':
      start(kind, rest('input'), out);
      delta(inputDelta(raws.get('input') ?? '{}'), out);
      return undefined;
    case 'toolResult':
      start(kind, rest('content'), out);
      delta(printObject([[kind, raws.get('content') ?? '[]']]), out);
      return undefined;
    case 'reasoningContent':
      delta(raw, out);
      return undefined;
    default:
      return kind;
  }
}
