import type { Extra, RawJson, SearchResultBlock, TextBlock } from '../../core/ir.ts';
import { type Cursor, fieldOf, rawOf, valueAt, wrongType } from '../../core/json-cursor.ts';
import { type Entry, printObject, printOptional, printString } from '../../core/json-print.ts';
import { isObject } from '../../core/json-text.ts';
import { documentShape } from './verdicts.ts';
import { extrasOf } from './wire.ts';

/** Whether documents are to be cited, and the field that says so; without one, those are cited that are there. */
export type Citing = { readonly cite: boolean; readonly citedBy?: string };

/** How a document of Cohere's is read as what every format knows. `id` is what Cohere itself would call it. */
export type Reading = Citing & { readonly id: string; readonly ext?: readonly Extra[] };

/** A text, or an object of named texts with an id of its own. */
export function decodeDocument(cursor: Cursor, reading: Reading): SearchResultBlock {
  const { id, ext = [] } = reading;
  if (typeof cursor.value === 'string') return searchResult(cursor, { id, title: id, text: cursor.value }, reading);
  if (!isObject(cursor.value)) throw wrongType(cursor.path, 'a string or an object with data');
  const given = valueAt(cursor, 'id');
  const own = typeof given === 'string' && given !== '' ? given : id;
  const { title = own, text } = wordsOf(fieldOf(cursor, 'data'));
  return searchResult(cursor, { id: own, title, text }, { ...reading, ext: [...ext, ...extrasOf(cursor, documentShape)] });
}

type Words = { readonly id: string; readonly title: string; readonly text: string };

function searchResult({ path: at }: Cursor, { id, title, text }: Words, { cite, citedBy, ext = [] }: Reading): SearchResultBlock {
  const content: readonly TextBlock[] = [{ type: 'text', text, at }];
  return { type: 'searchResult', title, source: id, content, cite, at, names: { citations: citedBy ?? at }, ...(ext.length === 0 ? {} : { ext }) };
}

/** The title apart; the rest as it is when it is one text, else each value with its name. */
function wordsOf(data: Cursor): { readonly title?: string; readonly text: string } {
  if (typeof data.value === 'string') return { text: data.value };
  if (!isObject(data.value)) throw wrongType(data.path, 'an object or a string');
  const { value } = data;
  const title = typeof value['title'] === 'string' && value['title'] !== '' ? value['title'] : undefined;
  const keys = Object.keys(value).filter((key) => key !== 'title' || title === undefined);
  const wordOf = (key: string): string => {
    const word = value[key];
    return typeof word === 'string' ? word : rawOf(fieldOf(data, key));
  };
  const [only] = keys;
  const text = keys.length === 1 && only !== undefined ? wordOf(only) : keys.map((key) => `${key}: ${wordOf(key)}`).join('\n');
  return { ...(title === undefined ? {} : { title }), text };
}

/** A document as Cohere takes it. */
export type DocumentWords = { readonly id?: string; readonly title?: string; readonly source?: string; readonly context?: string; readonly text: string };

export function printDocument({ id, title, source, context, text }: DocumentWords): RawJson {
  const data: Entry[] = [
    ['title', printOptional(title)],
    ['source', printOptional(source)],
    ['context', printOptional(context)],
    ['text', printString(text)],
  ];
  return printObject([
    ['data', printObject(data)],
    ['id', printOptional(id)],
  ]);
}
