import type { Context } from '../../core/dialect.ts';
import type { RawJson, TextBlock } from '../../core/ir.ts';
import { type Cursor, cursorAt, fieldOf, itemsOf, rawOf } from '../../core/json-cursor.ts';
import { printObject, printString } from '../../core/json-print.ts';
import { isObject, parseJsonText } from '../../core/json-text.ts';
import { isOwn } from './wire.ts';

/** The citations of a text as annotations: OpenAI's as they came, others when they name a page on the web. */
export function annotationsOf(block: TextBlock, context: Context): RawJson[] {
  if (block.citations === undefined) return [];
  return itemsOf(cursorAt(parseJsonText(block.citations))).flatMap((item) => annotationOf(item, block, context));
}

function annotationOf(item: Cursor, block: TextBlock, context: Context): RawJson[] {
  const { value } = item;
  if (isOwn(context)) return [rawOf(item)];
  if (!isObject(value)) return [];
  // In chat completions the same stands one level deeper.
  if (isObject(value['url_citation'])) return [flattened(fieldOf(item, 'url_citation'), value['url_citation'])];
  const { url, title, type } = value;
  if (typeof url !== 'string' || typeof title !== 'string') {
    once(context, (path, reason) => context.ledger.lost(path, reason), `a citation of type ${String(type).slice(0, 40)} names no web page`);
    return [];
  }
  once(
    context,
    (path, reason) => context.ledger.note('changed', path, reason),
    'a citation is shown as the page that it names, without the words that it cites',
  );
  return [
    printObject([
      ['type', '"url_citation"'],
      ['start_index', '0'],
      ['end_index', String(block.text.length)],
      ['title', printString(title)],
      ['url', printString(url)],
    ]),
  ];
}

function flattened(inner: Cursor, value: object): RawJson {
  return printObject([['type', '"url_citation"'], ...Object.keys(value).map((key) => [key, rawOf(fieldOf(inner, key))] as const)]);
}

/** Said once of an answer, however many it cites. */
function once({ ledger }: Context, say: (path: string, reason: string) => void, reason: string): void {
  if (!ledger.notes.some((note) => note.reason === reason)) say('citations', reason);
}
