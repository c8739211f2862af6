import { fileData, mediaOf } from '../../core/data-url.ts';
import { defined } from '../../core/defined.ts';
import type { Context } from '../../core/dialect.ts';
import type { Block, CacheMark, Extra, MediaSource } from '../../core/ir.ts';
import { childPath, type Cursor, fieldOf, isGiven, objectAt, optionalAt, rawOf, stringAt, textAt, valueAt, wrongType } from '../../core/json-cursor.ts';
import type { Shape } from '../../core/verdicts.ts';
import { parts } from './verdicts-items.ts';
import { cacheOf, dialect, extrasOf, isOwn, mark, spelled } from './wire.ts';

/** How items are read: those of a caller's conversation, or those of a provider's answer. */
export type Reading = {
  readonly where: 'input' | 'output';
  readonly context: Context;
  /** The one name that a tool has everywhere else. */
  toolName(name: string, namespace: string | undefined): string;
  /** What the caller's search for tools is called, where it is a tool like any other. */
  readonly search?: string;
};

/** A place that requests and answers name differently: a request by its path, an answer by what stands there, since a stream has no path. */
export function placeOf(cursor: Cursor, { where }: Reading, what: string): { readonly base: string; readonly at?: string } {
  return where === 'input' ? { base: cursor.path, at: cursor.path } : { base: what };
}

/** What every block of a place has. */
type Marks = { readonly at?: string; readonly cache?: CacheMark; readonly ext?: readonly Extra[] };

/** One part of a message or of a tool's result. */
export function decodePart(part: Cursor, reading: Reading, inside = 'message.content'): Block {
  objectAt(part);
  const type = textAt(part, 'type');
  const { base, at } = placeOf(part, reading, `output.${inside}.${type.slice(0, 40)}`);
  const shape = parts.of.get(type);
  if (shape === undefined) {
    const loss = reading.where === 'input' ? 'demand' : 'hint';
    return { type: 'opaque', dialect, kind: type, raw: rawOf(part), loss, ext: [mark(base, 'part')], ...(at === undefined ? {} : { at }) };
  }
  return readPart(part, type, marksOf(part, shape, { base, at, type, reading }));
}

type Place = { readonly base: string; readonly at: string | undefined; readonly type: string; readonly reading: Reading };

function marksOf(part: Cursor, shape: Shape, { base, at, type, reading }: Place): Marks {
  const ext = extrasOf(part, shape, base);
  if (type === 'output_text' && reading.where === 'input') ext.push(...annotations(part, base));
  // A part goes to its own dialect as it came.
  if (isOwn(reading.context)) ext.push(...spelled(part, 'type', base), ...spelled(part, 'prompt_cache_breakpoint', base));
  return defined({ at, cache: cacheOf(part), ext: ext.length === 0 ? undefined : ext });
}

/** Only this format has a place for them in a request. */
function annotations(part: Cursor, base: string): Extra[] {
  const isEmpty = !isFilled(valueAt(part, 'annotations'));
  return spelled(part, 'annotations', base).map((extra) => (isEmpty ? extra : { ...extra, loss: 'hint', reason: 'citations have no place in the history' }));
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function readPart(part: Cursor, type: string, marks: Marks): Block {
  switch (type) {
    case 'input_image':
      return defined({ type: 'image' as const, source: imageSource(part), detail: optionalAt(part, 'detail', stringAt), ...marks });
    case 'input_file':
      return defined({ type: 'document' as const, source: fileSource(part), filename: optionalAt(part, 'filename', stringAt), ...marks });
    case 'refusal':
      return { type, text: textAt(part, 'refusal'), ...marks };
    default: {
      const cited = marks.at === undefined && isFilled(valueAt(part, 'annotations')) ? rawOf(fieldOf(part, 'annotations')) : undefined;
      return defined({ type: 'text' as const, text: textAt(part, 'text'), citations: cited, ...marks });
    }
  }
}

function imageSource(part: Cursor): MediaSource {
  const id = optionalAt(part, 'file_id', stringAt);
  if (id !== undefined) return { kind: 'file', id, dialect };
  const url = fieldOf(part, 'image_url');
  if (!isGiven(url)) throw wrongType(part.path, 'an object with image_url or file_id');
  return mediaOf(stringAt(url), url.path);
}

function fileSource(part: Cursor): MediaSource {
  const id = optionalAt(part, 'file_id', stringAt);
  if (id !== undefined) return { kind: 'file', id, dialect };
  const url = optionalAt(part, 'file_url', stringAt);
  if (url !== undefined) return { kind: 'url', url };
  const data = fieldOf(part, 'file_data');
  if (!isGiven(data)) throw wrongType(part.path, 'an object with file_data, file_id or file_url');
  return fileData(stringAt(data), childPath(part.path, 'file_data'));
}
