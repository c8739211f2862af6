import { defined } from '../../core/defined.ts';
import type { Block, CacheMark, Extra, MediaSource, Message } from '../../core/ir.ts';
import { booleanAt, childPath, type Cursor, fieldOf, itemsOf, objectAt, optionalAt, rawOf, textAt, valueAt, wrongType } from '../../core/json-cursor.ts';
import { isObject } from '../../core/json-text.ts';
import { uncover } from '../../core/seal.ts';
import type { Shape } from '../../core/verdicts.ts';
import { documentType } from './formats.ts';
import {
  audio,
  block as blockShape,
  cachePoint,
  citations,
  citing,
  document,
  documentSource,
  image,
  mediaSource,
  message,
  opaqueLoss,
  reasoning,
  reasoningText,
  resultContent,
  s3Location,
  searchResult,
  systemBlock,
  textPiece,
  toolResult,
  toolUse,
} from './verdicts.ts';
import { childOf, dialect, extrasOf, mark, optionalText, spelled } from './wire.ts';

/** The system text as one message; an empty one is none. */
export function decodeSystem(root: Cursor): readonly Message[] {
  const items = optionalAt(root, 'system', itemsOf);
  return items === undefined || items.length === 0 ? [] : [{ role: 'system', at: 'system', ...decodeBlocks(items, systemBlock) }];
}

export function decodeMessages(root: Cursor): readonly Message[] {
  return (optionalAt(root, 'messages', itemsOf) ?? []).map((cursor) => {
    objectAt(cursor);
    const role = valueAt(cursor, 'role');
    if (role !== 'user' && role !== 'assistant' && role !== 'system') throw wrongType(childPath(cursor.path, 'role'), '"user", "assistant" or "system"');
    const { blocks, ext } = decodeBlocks(itemsOf(fieldOf(cursor, 'content')), blockShape);
    return { role, at: cursor.path, blocks, ext: [...ext, ...extrasOf(cursor, message)] };
  });
}

type Content = { readonly blocks: readonly Block[]; readonly ext: readonly Extra[] };

/** Blocks with their cache marks, which stand after them. `ext` is what stands beside the one field that each has. */
function decodeBlocks(items: readonly Cursor[], shape: Shape): Content {
  const blocks: Block[] = [];
  const ext: Extra[] = [];
  for (const item of items) {
    const kind = kindOf(item, shape);
    const last = blocks.at(-1);
    if (kind === 'cachePoint' && last !== undefined && last.cache === undefined) {
      blocks[blocks.length - 1] = { ...last, cache: decodeCache(fieldOf(item, kind)) };
      ext.push(...extrasOf(fieldOf(item, kind), cachePoint), ...extrasOf(item, shape));
    } else {
      const decoded = decodeBlock(item, kind);
      if (decoded.type !== 'opaque') ext.push(...extrasOf(item, shape));
      blocks.push(decoded);
    }
  }
  return { blocks, ext };
}

export function decodeCache(cursor: Cursor): CacheMark {
  objectAt(cursor);
  return defined({ ttl: optionalText(cursor, 'ttl'), at: cursor.path });
}

/** The one field that says what a block is: a known one, or else the first. */
export function kindOf(item: Cursor, { fields }: Shape): string {
  const given = Object.keys(objectAt(item)).filter((key) => valueAt(item, key) !== null);
  const known = given.filter((key) => fields.has(key));
  const [kind = given[0], second] = known;
  if (kind === undefined || second !== undefined) throw wrongType(item.path, `an object with one of ${[...fields.keys()].join(', ')}`);
  return kind;
}

/** One block by its kind. Its place is that of what its one field holds. */
export function decodeBlock(item: Cursor, kind: string): Block {
  const inner = fieldOf(item, kind);
  switch (kind) {
    case 'text':
      return { type: 'text', text: textAt(item, kind), at: inner.path };
    case 'image':
      return decodeImage(inner) ?? opaque(item, kind);
    case 'document':
      return decodeDocument(inner);
    case 'audio':
      return decodeAudio(inner) ?? opaque(item, kind);
    case 'searchResult':
      return decodeSearchResult(inner);
    case 'citationsContent':
      return decodeCitations(inner);
    case 'reasoningContent':
      return decodeReasoning(inner);
    case 'toolUse':
      return isGivenType(inner) ? opaque(item, kind) : decodeToolUse(inner);
    case 'toolResult':
      return isGivenType(inner) ? opaque(item, kind) : decodeToolResult(inner);
    default:
      return opaque(item, kind);
  }
}

/** A call or result of a tool that Bedrock runs itself says so. */
function isGivenType(inner: Cursor): boolean {
  objectAt(inner);
  return typeof valueAt(inner, 'type') === 'string';
}

function opaque(item: Cursor, kind: string): Block {
  return { type: 'opaque', dialect, kind, raw: rawOf(item), loss: kind === 'cachePoint' ? 'hint' : opaqueLoss(kind), at: item.path };
}

type Base = { readonly at: string; readonly ext?: readonly Extra[] };

function baseOf(inner: Cursor, shape: Shape, more: readonly Extra[] = []): Base {
  const ext = [...extrasOf(inner, shape), ...more];
  return { at: inner.path, ...(ext.length === 0 ? {} : { ext }) };
}

type Source = { readonly source: MediaSource; readonly ext: readonly Extra[] };

/** The bytes, or where they are kept; undefined when neither is said. */
function decodeSource(inner: Cursor, mediaType: string): Source | undefined {
  const cursor = fieldOf(inner, 'source');
  const place = childOf(cursor, 's3Location');
  const ext = extrasOf(cursor, mediaSource);
  if (place !== undefined) return { source: { kind: 'file', id: textAt(place, 'uri'), dialect }, ext: [...ext, ...extrasOf(place, s3Location)] };
  const data = optionalText(cursor, 'bytes');
  return data === undefined ? undefined : { source: { kind: 'base64', mediaType, data }, ext };
}

function decodeImage(inner: Cursor): Block | undefined {
  const decoded = isObject(valueAt(inner, 'source')) ? decodeSource(inner, `image/${textAt(inner, 'format')}`) : undefined;
  if (decoded === undefined) return undefined;
  return { type: 'image', source: decoded.source, ...baseOf(inner, image, [...decoded.ext, ...spelled(inner, 'format')]) };
}

/** Audio that is kept elsewhere has a place in no other format. */
function decodeAudio(inner: Cursor): Block | undefined {
  const format = textAt(inner, 'format');
  const decoded = isObject(valueAt(inner, 'source')) ? decodeSource(inner, `audio/${format}`) : undefined;
  if (decoded?.source.kind !== 'base64') return undefined;
  return { type: 'audio', format, data: decoded.source.data, ...baseOf(inner, audio, decoded.ext) };
}

function decodeDocument(inner: Cursor): Block {
  objectAt(inner);
  const cursor = fieldOf(inner, 'source');
  const format = optionalText(inner, 'format');
  const media = decodeSource(inner, documentType(format));
  const text = optionalText(cursor, 'text');
  const pieces = optionalAt(cursor, 'content', itemsOf);
  const config = childOf(inner, 'citations');
  const more = [
    ...(media === undefined ? extrasOf(cursor, documentSource) : media.ext),
    ...formatExtra(inner, media?.source),
    ...(config === undefined ? [] : extrasOf(config, citing)),
    ...(pieces ?? []).flatMap((piece) => extrasOf(piece, textPiece)),
  ];
  if (media === undefined && text === undefined && pieces === undefined)
    throw wrongType(cursor.path, `an object with one of ${[...documentSource.fields.keys()].join(', ')}`);
  const source =
    media?.source ?? (text === undefined ? ({ kind: 'blocks', blocks: (pieces ?? []).map(decodePiece) } as const) : ({ kind: 'text', text } as const));
  return defined({
    type: 'document' as const,
    source,
    filename: textAt(inner, 'name'),
    names: { filename: childPath(inner.path, 'name') },
    context: optionalText(inner, 'context'),
    cite: config === undefined ? undefined : optionalAt(config, 'enabled', booleanAt),
    ...baseOf(inner, document, more),
  });
}

/** Of a document that is text already, the format has a place in no other format. */
function formatExtra(inner: Cursor, source: MediaSource | undefined): Extra[] {
  const extras = spelled(inner, 'format');
  return source?.kind === 'base64' ? extras : extras.map((extra) => ({ ...extra, loss: 'hint', reason: 'the format of a document is not told' }));
}

function decodePiece(cursor: Cursor): Block & { readonly type: 'text' } {
  return { type: 'text', text: textAt(cursor, 'text'), at: cursor.path };
}

function decodeSearchResult(inner: Cursor): Block {
  objectAt(inner);
  const pieces = itemsOf(fieldOf(inner, 'content'));
  const config = childOf(inner, 'citations');
  const more = [...pieces.flatMap((piece) => extrasOf(piece, textPiece)), ...(config === undefined ? [] : extrasOf(config, citing))];
  return defined({
    type: 'searchResult' as const,
    title: textAt(inner, 'title'),
    source: textAt(inner, 'source'),
    content: pieces.map(decodePiece),
    cite: config === undefined ? undefined : optionalAt(config, 'enabled', booleanAt),
    ...baseOf(inner, searchResult, more),
  });
}

/** Text with what it cites. Its pieces are one text elsewhere. */
function decodeCitations(inner: Cursor): Block {
  objectAt(inner);
  const pieces = optionalAt(inner, 'content', itemsOf) ?? [];
  const text = pieces.map((piece) => textAt(piece, 'text')).join('');
  const more = [...spelled(inner, 'content'), ...pieces.flatMap((piece) => extrasOf(piece, textPiece))];
  const cited = fieldOf(inner, 'citations');
  return defined({ type: 'text' as const, text, citations: Array.isArray(cited.value) ? rawOf(cited) : '[]', ...baseOf(inner, citations, more) });
}

function decodeReasoning(inner: Cursor): Block {
  objectAt(inner);
  const clear = childOf(inner, 'reasoningText');
  if (clear === undefined) {
    return { type: 'reasoning', text: '', redacted: openRedacted(textAt(inner, 'redactedContent')), ...baseOf(inner, reasoning) };
  }
  return defined({
    type: 'reasoning' as const,
    text: textAt(clear, 'text'),
    signature: optionalText(clear, 'signature'),
    ...baseOf(inner, reasoning, extrasOf(clear, reasoningText)),
  });
}

/** What is under our seal stands there in base64, as bytes must. */
export function openRedacted(data: string): string {
  return uncover(data) ?? data;
}

function decodeToolUse(inner: Cursor): Block {
  const input = fieldOf(inner, 'input');
  return {
    type: 'toolCall',
    kind: 'function',
    id: textAt(inner, 'toolUseId'),
    name: textAt(inner, 'name'),
    arguments: input.value === undefined || input.value === null ? '{}' : rawOf(input),
    ...baseOf(inner, toolUse),
  };
}

function decodeToolResult(inner: Cursor): Block {
  const items = itemsOf(fieldOf(inner, 'content'));
  const status = optionalText(inner, 'status');
  if (status !== undefined && status !== 'error' && status !== 'success') throw wrongType(childPath(inner.path, 'status'), '"success" or "error"');
  const decoded = items.map((item) => [item, decodeResultBlock(item)] as const);
  const beside = decoded.flatMap(([item, block]) => (block.type === 'opaque' ? [] : extrasOf(item, resultContent)));
  return defined({
    type: 'toolResult' as const,
    callId: textAt(inner, 'toolUseId'),
    content: decoded.map(([, block]) => block),
    isError: status === undefined ? undefined : status === 'error',
    names: status === undefined ? undefined : { is_error: childPath(inner.path, 'status') },
    ...baseOf(inner, toolResult, beside),
  });
}

/** A result that is a JSON value is text elsewhere, as it was written. */
function decodeResultBlock(item: Cursor): Block {
  const kind = kindOf(item, resultContent);
  if (kind !== 'json') return decodeBlock(item, kind);
  const inner = fieldOf(item, kind);
  return { type: 'text', text: rawOf(inner), at: inner.path, ext: [mark(inner.path, 'json')] };
}
