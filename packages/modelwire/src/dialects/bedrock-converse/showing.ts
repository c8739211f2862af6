import { encodeBase64 } from '../../core/base64.ts';
import type { Context } from '../../core/dialect.ts';
import { fitId } from '../../core/fit.ts';
import type { Block, Extra, ImageBlock, RawJson, ReasoningBlock, TextBlock, ToolCallBlock } from '../../core/ir.ts';
import { type Entry, printArray, printObject, printString } from '../../core/json-print.ts';
import { loseExtras } from '../../core/notes.ts';
import { sealedState, sealMark } from '../../core/seal.ts';
import { objectInput } from '../../core/tool-input.ts';
import { audioFormats, imageFormat } from './formats.ts';
import { contentPath } from './reading.ts';
import { dialect, isOwn, printWithExtras } from './wire.ts';

/** How a caller is answered. */
export type AnswerStyle = {
  readonly context: Context;
  /** When the call came, in milliseconds: how long an answer took is part of it. */
  readonly since: number;
};

/** Thinking in clear and thinking in secret are two blocks here. */
export function shownBlocks(block: Block): readonly Block[] {
  if (block.type !== 'reasoning' || block.redacted === undefined || block.text === '') return [block];
  const { redacted, ...clear } = block;
  return [clear, { type: 'reasoning', text: '', redacted }];
}

/** A block of a whole answer; nothing where the format has no place for it, with a note. */
export function printAnswerBlock(block: Block, context: Context): RawJson[] {
  return shownBlocks(block).flatMap((shown) => printShown(shown, context));
}

function printShown(block: Block, context: Context): RawJson[] {
  loseExtras(block.ext, dialect, context.ledger);
  const ext = isOwn(context) ? block.ext : undefined;
  const of = (kind: string, inner: RawJson): RawJson[] => [printWithExtras([[kind, inner]], ext, contentPath)];
  const fields = (kind: string, entries: readonly Entry[]): RawJson[] => of(kind, printWithExtras(entries, ext, `${contentPath}.${kind}`));
  switch (block.type) {
    case 'text':
      return printText(block, context, { of, fields });
    case 'refusal':
      return of('text', printString(block.text));
    case 'reasoning':
      if (block.redacted !== undefined) return fields('reasoningContent', [['redactedContent', redactedFor(block, context)]]);
      return fields('reasoningContent', [['reasoningText', printClear(block, ext, context)]]);
    case 'toolCall':
      return fields('toolUse', [...startOf(block), ['input', objectInput(block, 'content')]]);
    case 'image': {
      const entries = imageEntries(block, ext);
      return entries === undefined ? lose(block, context) : fields('image', entries);
    }
    case 'audio':
      if (!audioFormats.some((format) => format === block.format)) return lose(block, context);
      return fields('audio', [
        ['format', printString(block.format)],
        ['source', printObject([['bytes', printString(block.data)]])],
      ]);
    case 'opaque':
      return block.dialect === dialect ? [block.raw] : lose(block, context);
    case 'document':
    case 'toolResult':
    case 'searchResult':
      return lose(block, context);
  }
}

/** Undefined where the image is in a form that the format has not. */
function imageEntries({ source }: ImageBlock, ext: readonly Extra[] | undefined): Entry[] | undefined {
  const at = `${contentPath}.image.source`;
  if (source.kind === 'file' && source.dialect === dialect) {
    const place = printWithExtras([['uri', printString(source.id)]], ext, `${at}.s3Location`);
    // Its format stands among the extras.
    return [
      ['format', undefined],
      ['source', printWithExtras([['s3Location', place]], ext, at)],
    ];
  }
  const format = source.kind === 'base64' ? imageFormat(source.mediaType) : undefined;
  if (source.kind !== 'base64' || format === undefined) return undefined;
  return [
    ['format', printString(format)],
    ['source', printWithExtras([['bytes', printString(source.data)]], ext, at)],
  ];
}

function lose(block: Block, { ledger }: Context): [] {
  const kind = block.type === 'opaque' ? block.kind : block.type;
  ledger.lost(`content.${kind}`, `an answer in ${dialect} cannot hold ${kind}`);
  return [];
}

type Print = { of(kind: string, inner: RawJson): RawJson[]; fields(kind: string, entries: readonly Entry[]): RawJson[] };

function printText(block: TextBlock, context: Context, { of, fields }: Print): RawJson[] {
  const citations = ownCitations(block, context);
  if (citations === undefined) return of('text', printString(block.text));
  return fields('citationsContent', [
    ['content', printArray(block.text === '' ? [] : [printObject([['text', printString(block.text)]])])],
    ['citations', citations],
  ]);
}

export function ownCitations({ citations }: TextBlock, context: Context): RawJson | undefined {
  if (citations === undefined || isOwn(context)) return citations;
  context.ledger.lost('citations', 'citations of another format have no place');
  return undefined;
}

function printClear(block: ReasoningBlock, ext: readonly Extra[] | undefined, context: Context): RawJson {
  const signature = signatureFor(block, context);
  const entries: Entry[] = [
    ['text', printString(block.text)],
    ['signature', signature === undefined ? undefined : printString(signature)],
  ];
  return printWithExtras(entries, ext, `${contentPath}.reasoningContent.reasoningText`);
}

/** A signature of another format's provider travels under a seal; none is a seal as well, so that the thinking is known for its own. */
export function signatureFor(block: ReasoningBlock, context: Context): string | undefined {
  return isOwn(context) ? block.signature : sealedState(block, 'signature', context);
}

/** Secret thinking is bytes there: what is under our seal goes in base64. */
function redactedFor(block: ReasoningBlock, context: Context): RawJson {
  if (!isOwn(context)) return printString(encodeBase64(sealedState(block, 'redacted', context)));
  const redacted = block.redacted ?? '';
  return printString(redacted.startsWith(sealMark) ? encodeBase64(redacted) : redacted);
}

/** Call ids that Amazon's clients take. Some of any length hold state that their provider wants back. */
const idRule = { pattern: /^[a-zA-Z0-9_-]+$/, make: (hash: string): string => `tooluse_${hash}` };

/** What is known of a call as it begins. */
export function startOf({ id, name }: ToolCallBlock): Entry[] {
  return [
    ['toolUseId', printString(fitId(id, idRule))],
    ['name', printString(name)],
  ];
}
