import type { Context } from '../../core/dialect.ts';
import type { Block, RawJson, ReasoningBlock, ToolCallBlock } from '../../core/ir.ts';
import { cursorAt, itemsOf, rawOf } from '../../core/json-cursor.ts';
import { printObject, printString } from '../../core/json-print.ts';
import { isObject, parseJsonText } from '../../core/json-text.ts';
import { loseExtras } from '../../core/notes.ts';
import { isCallable } from '../../core/tool-input.ts';
import { isCall, ownCitations, printStart, shownBlocks, stateFor } from './reply.ts';
import { dialect, encodeSse } from './wire.ts';

type Write = (text: string) => void;

/** The block that the caller is being shown. Text and thinking begin with their first piece, calls at once. */
type Showing = { readonly block: Block; begun: boolean; shown: string };

/** Writes the blocks of a caller's stream, one after the other, each with its start, its deltas and its stop. */
export type Shower = {
  open(block: Block, write: Write): void;
  say(text: string, write: Write): void;
  /** `block` is the whole one. Without an open block it is shown as a whole. */
  close(block: Block, write: Write): void;
  /** Closes what is still open. */
  end(write: Write): void;
  /** Whether a tool call, and whether a refusal, was shown. */
  seen(): { readonly called: boolean; readonly refused: boolean };
  /** The first tool call whose arguments are not one complete object. */
  broken(): string | undefined;
};

export function createShower(context: Context): Shower {
  let index = 0;
  let showing: Showing | undefined;
  let called = false;
  let refused = false;
  let broken: string | undefined;

  const write = (event: string, fields: readonly (readonly [string, RawJson])[], out: Write): void => {
    out(encodeSse(event, printObject([['type', printString(event)], ['index', String(index)], ...fields])));
  };
  const begin = (at: Showing, out: Write): void => {
    if (at.begun) return;
    at.begun = true;
    const start = printStart(at.block, context, at.block.type === 'toolCall' ? '{}' : '');
    if (start !== undefined) write('content_block_start', [['content_block', start]], out);
  };
  const stop = (out: Write): void => {
    write('content_block_stop', [], out);
    index++;
  };
  // The one event that comes by the thousand: written in one go.
  const delta = (raw: RawJson, out: Write): void => out(`event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":${raw}}\n\n`);
  const say = (at: Showing, text: string, out: Write): void => {
    if (text === '' || !isStreamed(at.block)) return;
    begin(at, out);
    delta(pieceOf(at, text), out);
    at.shown += text;
  };
  const open = (block: Block, out: Write): void => {
    // Whether thinking is secret is told at its end: until then it begins as thinking in clear.
    showing = { block: block.type === 'reasoning' ? inClear(block) : block, begun: false, shown: '' };
    called ||= isCall(block);
    refused ||= block.type === 'refusal';
    if (block.type === 'toolCall') begin(showing, out);
  };
  const whole = (block: Block, out: Write): void => {
    const { start, input } = splitInput(block, context);
    if (start === undefined) return;
    write('content_block_start', [['content_block', start]], out);
    if (input !== undefined) delta(inputDelta(input), out);
    stop(out);
  };
  const finish = (at: Showing, block: Block, out: Write): void => {
    loseExtras(lateExtras(block, at.block), dialect, context.ledger);
    const rest = textOf(block);
    if (rest.startsWith(at.shown)) say(at, rest.slice(at.shown.length), out);
    begin(at, out);
    for (const last of lastDeltas(block, at, context)) delta(last, out);
    stop(out);
  };
  const close = (block: Block, out: Write): void => {
    if (showing === undefined) open(block, out);
    const at = showing;
    if (at === undefined) return;
    showing = undefined;
    const given = block.type === at.block.type ? block : at.block;
    if (given.type === 'toolCall' && !isCallable(given)) broken ??= given.name;
    const [first, second] = shownBlocks(given);
    if (isStreamed(first)) finish(at, first, out);
    else {
      if (at.begun) finish(at, at.block, out);
      whole(first, out);
    }
    if (second !== undefined) whole(second, out);
  };

  return {
    open(block, out) {
      if (showing !== undefined) close(showing.block, out);
      open(block, out);
    },
    say(text, out) {
      if (showing !== undefined) say(showing, text, out);
    },
    close,
    end(out) {
      if (showing !== undefined) close(showing.block, out);
    },
    seen: () => ({ called, refused }),
    broken: () => broken,
  };
}

/** What came with a block after it had begun. */
function lateExtras({ ext }: Block, begun: Block): Block['ext'] {
  return ext?.filter((extra) => begun.ext?.includes(extra) !== true);
}

function inClear({ redacted: _secret, ...clear }: ReasoningBlock): Block {
  return clear;
}

/** Blocks whose text comes in pieces. */
function isStreamed(block: Block): boolean {
  if (block.type === 'reasoning') return block.redacted === undefined || block.text !== '';
  return block.type === 'text' || block.type === 'refusal' || block.type === 'toolCall';
}

function textOf(block: Block): string {
  if (block.type === 'toolCall') return block.arguments;
  return block.type === 'text' || block.type === 'refusal' || block.type === 'reasoning' ? block.text : '';
}

const customHead = '{"input":"';
const customTail = '"}';

function inputDelta(json: string): RawJson {
  return `{"type":"input_json_delta","partial_json":${printString(json)}}`;
}

/** A piece of the open block. Free text of a custom tool travels as the one string of an object. */
function pieceOf({ block, shown }: Showing, text: string): RawJson {
  if (block.type === 'reasoning') return `{"type":"thinking_delta","thinking":${printString(text)}}`;
  if (block.type !== 'toolCall') return `{"type":"text_delta","text":${printString(text)}}`;
  if (block.kind === 'function') return inputDelta(text);
  return inputDelta((shown === '' ? customHead : '') + JSON.stringify(text).slice(1, -1));
}

/** What a block says last: a call's empty input, the one signature of thinking, citations. */
function lastDeltas(block: Block, { shown }: Showing, context: Context): RawJson[] {
  if (block.type === 'reasoning') return [`{"type":"signature_delta","signature":${printString(stateFor(block, 'signature', context))}}`];
  if (block.type === 'text') return citationDeltas(ownCitations(block, context));
  if (block.type !== 'toolCall') return [];
  return lastInput(block, shown);
}

function lastInput({ kind }: ToolCallBlock, shown: string): RawJson[] {
  if (kind === 'custom') return [inputDelta(shown === '' ? customHead + customTail : customTail)];
  return shown === '' ? [inputDelta('')] : [];
}

function citationDeltas(citations: RawJson | undefined): RawJson[] {
  if (citations === undefined) return [];
  return itemsOf(cursorAt(parseJsonText(citations))).map((item) =>
    printObject([
      ['type', '"citations_delta"'],
      ['citation', rawOf(item)],
    ]),
  );
}

/** A whole block as it starts. The input of a server's tool comes after the start, as it does from Anthropic. */
function splitInput(block: Block, context: Context): { readonly start: RawJson | undefined; readonly input?: RawJson } {
  const start = printStart(block, context, '');
  if (start === undefined || block.type !== 'opaque') return { start };
  const root = cursorAt(parseJsonText(start));
  const value = isObject(root.value) ? root.value : {};
  if (!isObject(value['input'])) return { start };
  const entries = Object.keys(value).map((key) => [key, key === 'input' ? '{}' : (root.json.raw([key]) ?? 'null')] as const);
  return { start: printObject(entries), input: root.json.raw(['input']) ?? '{}' };
}
