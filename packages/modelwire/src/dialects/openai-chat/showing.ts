import { type CallIds, createCallIds } from '../../core/call-id.ts';
import type { Context } from '../../core/dialect.ts';
import type { Block, Finish, RawJson, ReasoningBlock, TextBlock, ToolCallBlock, Usage } from '../../core/ir.ts';
import { type Entry, printObject, printOptional, printString } from '../../core/json-print.ts';
import { isObject, parseJsonText } from '../../core/json-text.ts';
import { loseExtras } from '../../core/notes.ts';
import { sealedState } from '../../core/seal.ts';
import { detailsFormat } from './details.ts';
import { dialect } from './wire.ts';

/** How a caller wants to be answered. */
export type AnswerStyle = {
  readonly context: Context;
  /** The caller asked for usage in the stream. */
  readonly streamUsage: boolean;
  /** The caller speaks of `functions`: the call is answered as `function_call`. */
  readonly legacyFunctions: boolean;
  /** The caller may lose what it does not know of a message: the ids of calls bear the thinking besides. */
  readonly sealsIds: boolean;
};

/** Says what of the end of an answer has no place in this format. */
export function accountForFinish({ reason, stopString, details, ext }: Finish, style: AnswerStyle): void {
  loseExtras(ext, dialect, style.context.ledger);
  if (style.context.back === dialect) return;
  if (stopString !== undefined) style.context.ledger.lost('finish.stopString', 'which stop string ended the answer has no place');
  else if (reason === 'stopString') style.context.ledger.lost('finish', 'that a stop string ended the answer has no place');
  if (details !== undefined) style.context.ledger.lost('finish.details', 'of the details of a refusal only the words have a place');
}

/** Says what of the counts has no place in this format. */
export function accountForUsage({ cacheWriteTtl }: Usage, { context }: AnswerStyle): void {
  if (Object.values(cacheWriteTtl ?? {}).some((tokens) => tokens > 0))
    context.ledger.lost('usage.cacheWriteTtl', 'how long what was cached lives has no place');
}

/** Says what of a block has no place in this format. */
export function accountForBlock(block: Block, style: AnswerStyle): void {
  const { ledger } = style.context;
  const isOwn = block.type === 'opaque' && block.dialect === dialect;
  if (!shownBlocks.has(block.type) && !isOwn) ledger.lost(placeOf(block), `${block.type === 'opaque' ? block.kind : block.type} has no place in ${dialect}`);
  loseExtras(block.ext, dialect, ledger);
}

/** The blocks of an answer have no index that whole answers and streams share: the kind names them. */
function placeOf(block: Block): string {
  return block.at ?? `content.${block.type === 'opaque' ? block.kind : block.type}`;
}

const shownBlocks: ReadonlySet<Block['type']> = new Set(['text', 'refusal', 'reasoning', 'toolCall'] as const);

/** A call without arguments is `{}` in this format. */
export function argumentsOf(call: ToolCallBlock): string {
  return call.kind === 'function' && call.arguments === '' ? '{}' : call.arguments;
}

/** The answer broke off at a limit: empty arguments may be missing ones. */
export function isCutOff(finish: Finish): boolean {
  return finish.reason === 'length' || finish.reason === 'contextFull' || finish.reason === 'filter';
}

/** Most characters of an id: who has longer thinking must keep it otherwise. */
const longestId = 64 * 1024;

/** The ids of the calls of one answer. Until the client has shown that it keeps `reasoning_details`, they bear the thinking besides. */
export function callIdsFor({ context, sealsIds }: AnswerStyle): Pick<CallIds, 'think' | 'idOf'> {
  const ids = createCallIds(dialect, context, longestId);
  return sealsIds ? ids : { think: () => undefined, idOf: ({ id }) => id };
}

/** `index` only in a stream. */
export function printCall(call: ToolCallBlock, text: string, index?: number): RawJson {
  const inner =
    call.kind === 'function'
      ? printFunction(call, text)
      : printObject([
          ['name', printString(call.name)],
          ['input', printString(text)],
        ]);
  return printObject([
    ['index', printOptional(index)],
    ['id', printString(call.id)],
    ['type', printString(call.kind)],
    [call.kind, inner],
    ...(call.ext ?? []).filter((extra) => extra.dialect === dialect).map((extra): Entry => [extra.key, extra.raw]),
  ]);
}

export function printFunction(call: ToolCallBlock, text: string): RawJson {
  return printObject([
    ['name', printString(call.name)],
    ['arguments', printString(text)],
  ]);
}

/** What thinking holds besides its text, in OpenRouter's shape; under our seal when its origin speaks another dialect. */
export function createDetails(style: AnswerStyle): (block: ReasoningBlock) => RawJson[] {
  const isForeign = style.context.back !== dialect;
  const state = (block: ReasoningBlock, key: 'signature' | 'redacted'): RawJson =>
    printString(isForeign ? sealedState(block, key, style.context) : (block[key] ?? ''));
  let index = 0;
  return (block) => {
    const own: Entry[] = isForeign
      ? [['format', printString(detailsFormat)]]
      : (block.ext ?? []).filter((extra) => extra.key !== 'type').map((extra) => [extra.key, extra.raw]);
    const type = isForeign ? undefined : block.ext?.find((extra) => extra.dialect === dialect && extra.key === 'type')?.raw;
    const details: RawJson[] = [];
    const textKey = type === '"reasoning.summary"' ? 'summary' : 'text';
    // Another's thinking bears its origin's name even when nobody signed it.
    if (block.signature !== undefined || ((type !== undefined || isForeign) && block.redacted === undefined)) {
      const signature = block.signature === undefined && !isForeign ? undefined : state(block, 'signature');
      details.push(
        printObject([['type', type ?? '"reasoning.text"'], [textKey, printString(block.text)], ['signature', signature], ...own, ['index', String(index++)]]),
      );
    }
    if (block.redacted !== undefined)
      details.push(printObject([['type', '"reasoning.encrypted"'], ['data', state(block, 'redacted')], ...own, ['index', String(index++)]]));
    return details;
  };
}

/** Citations as annotations: OpenAI's own as they came, others when they name a page on the web. */
export function printAnnotations(texts: readonly TextBlock[], style: AnswerStyle, from = 0): RawJson[] {
  let start = from;
  return texts.flatMap((block) => {
    const end = start + block.text.length;
    const json = block.citations === undefined ? undefined : parseJsonText(block.citations);
    const items: readonly unknown[] = Array.isArray(json?.value) ? json.value : [];
    const printed = items.flatMap((item, at) => printCitation(item, json?.raw([at]) ?? 'null', { start, end }, style));
    start = end;
    return printed;
  });
}

function printCitation(item: unknown, raw: RawJson, { start, end }: { start: number; end: number }, style: AnswerStyle): RawJson[] {
  if (!isObject(item)) return [];
  if (style.context.back === dialect || isObject(item['url_citation'])) return [raw];
  // The other format of OpenAI's has the same, one level higher.
  if (item['type'] === 'url_citation') return [nested(raw, start)];
  const { url, title, type } = item;
  if (typeof url !== 'string' || typeof title !== 'string') {
    style.context.ledger.lost('citations', `a citation of type ${String(type).slice(0, 40)} names no web page`);
    return [];
  }
  noteCitation(style);
  const citation = printObject([
    ['start_index', String(start)],
    ['end_index', String(end)],
    ['title', printString(title)],
    ['url', printString(url)],
  ]);
  return [
    printObject([
      ['type', '"url_citation"'],
      ['url_citation', citation],
    ]),
  ];
}

/** Its places are those in its own part of the text. */
function nested(raw: RawJson, start: number): RawJson {
  const json = parseJsonText(raw);
  const value = isObject(json.value) ? json.value : {};
  const keys = Object.keys(value).filter((key) => key !== 'type');
  const shifted = (key: string): RawJson | undefined => {
    const place = key === 'start_index' || key === 'end_index' ? value[key] : undefined;
    return typeof place === 'number' ? String(place + start) : json.raw([key]);
  };
  return printObject([
    ['type', '"url_citation"'],
    ['url_citation', printObject(keys.map((key): Entry => [key, shifted(key)]))],
  ]);
}

/** Said once of an answer, however many it cites. */
function noteCitation({ context: { ledger } }: AnswerStyle): void {
  const reason = 'a citation is shown as the page that it names, without the words that it cites';
  if (!ledger.notes.some((note) => note.reason === reason)) ledger.note('changed', 'citations', reason);
}

/** Where a provider says in words why it refused, these are the refusal. */
export function explanationOf(finish: Finish): string {
  return finish.reason === 'filter' ? (finish.explanation ?? '') : '';
}

/** The deltas of one block after the other. */
export type BlockWriter = {
  open(block: Block): readonly string[];
  delta(text: string): string | undefined;
  /** What must stand before the next piece. */
  before(): readonly string[];
  close(block: Block): readonly string[];
  /** What was held back until the finish reason is known. */
  finish(finish: Finish): readonly string[];
  callCount(): number;
};

const none: readonly string[] = [];

/** Details of thoughts wait until what was thought in one go is over: the official library keeps the last such list of a stream alone. */
function createHeldDetails(): { add(printed: readonly RawJson[]): void; take(): readonly string[] } {
  let held: readonly RawJson[] = [];
  return {
    add(printed) {
      held = [...held, ...printed];
    },
    take() {
      const list = held;
      held = none;
      return list.length === 0 ? none : [`{"reasoning_details":[${list.join(',')}]}`];
    },
  };
}

export function createBlockWriter(style: AnswerStyle): BlockWriter {
  const details = createDetails(style);
  const ids = callIdsFor(style);
  const held = createHeldDetails();
  let current: Block | undefined;
  let calls = 0;
  let textLength = 0;
  let refused = false;
  /** The last call, while it has no arguments: `{}` unless the answer broke off there. */
  let bare: ToolCallBlock | undefined;

  const shows = (): boolean => !style.legacyFunctions || calls === 1;
  const callDelta = (call: ToolCallBlock, text: string): string => {
    const inner = `{"${call.kind === 'function' ? 'arguments' : 'input'}":${printString(text)}}`;
    return style.legacyFunctions ? `{"function_call":${inner}}` : `{"tool_calls":[{"index":${calls - 1},"${call.kind}":${inner}}]}`;
  };
  const settle = (): string[] => {
    const settled = bare === undefined || !shows() ? [] : [callDelta(bare, argumentsOf(bare))];
    bare = undefined;
    return settled;
  };
  const openCall = (call: ToolCallBlock): string[] => {
    const before = settle();
    calls++;
    if (!style.legacyFunctions) return [...before, `{"tool_calls":[${printCall({ ...call, id: ids.idOf(call) }, '', calls - 1)}]}`];
    if (calls > 1) style.context.ledger.lost('choices[0].delta.tool_calls[1]', 'function_call holds one call');
    return calls > 1 ? before : [`{"function_call":${printFunction(call, '')}}`];
  };

  return {
    open(block) {
      current = block;
      refused ||= block.type === 'refusal';
      const before = block.type === 'reasoning' ? none : held.take();
      return [...before, ...(block.type === 'toolCall' ? openCall(block) : settle())];
    },
    delta(text) {
      switch (current?.type) {
        case 'text':
          textLength += text.length;
          return `{"content":${printString(text)}}`;
        case 'reasoning':
          return `{"reasoning_content":${printString(text)}}`;
        case 'refusal':
          return `{"refusal":${printString(text)}}`;
        case 'toolCall':
          return shows() ? callDelta(current, text) : undefined;
        default:
          return undefined;
      }
    },
    // Thoughts that are told only in details stand before those that are told in words.
    before: () => (current?.type === 'reasoning' ? held.take() : none),
    close(block) {
      if (current?.type !== block.type) return [];
      current = undefined;
      accountForBlock(block, style);
      if (block.type === 'toolCall' && block.arguments === '' && block.kind === 'function') bare = block;
      return closing(block);
    },
    finish(finish) {
      const explanation = refused ? '' : explanationOf(finish);
      return [...(isCutOff(finish) ? [] : settle()), ...held.take(), ...(explanation === '' ? [] : [`{"refusal":${printString(explanation)}}`])];
    },
    callCount: () => calls,
  };

  function closing(block: Block): string[] {
    if (block.type === 'reasoning') {
      ids.think(block);
      held.add(details(block));
      return [];
    }
    if (block.type !== 'text' || block.citations === undefined) return [];
    const annotations = printAnnotations([block], style, textLength - block.text.length);
    return annotations.length === 0 ? [] : [`{"annotations":[${annotations.join(',')}]}`];
  }
}
