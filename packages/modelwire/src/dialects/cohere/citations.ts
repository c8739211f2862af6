import type { Context } from '../../core/dialect.ts';
import type { RawJson } from '../../core/ir.ts';
import { type Entry, printArray, printObject, printOptional, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';

/** The text that citations stand with: the words, where they begin in their part of the content, and which part that is. */
export type Cited = { readonly text: string; readonly start: number; readonly index: number };

/** Citations of another format as Cohere's. Those that name nothing which could be called a source are lost, with a note. */
export function toCitations(citations: RawJson, cited: Cited, { ledger }: Context): readonly RawJson[] {
  const value: unknown = JSON.parse(citations);
  const items = Array.isArray(value) ? value.filter(isObject) : [];
  return items.flatMap((item) => {
    // OpenAI's format has its fields one level down.
    const inner = isObject(item['url_citation']) ? item['url_citation'] : item;
    const printed = printCitation(inner, cited);
    if (printed === undefined) ledger.lost('citations', `a citation of type ${String(item['type']).slice(0, 40)} names no source`);
    else noteOnce(ledger);
    return printed === undefined ? [] : [printed];
  });
}

/** Said once of an answer, however many it cites. */
function noteOnce(ledger: Context['ledger']): void {
  const reason = 'a citation is shown as the source that it names';
  if (!ledger.notes.some((note) => note.reason === reason)) ledger.note('changed', 'citations', reason);
}

function printCitation(item: JsonObject, { text, start, index }: Cited): RawJson | undefined {
  const url = textIn(item['url']);
  const title = textIn(item['title']) ?? textIn(item['document_title']);
  const id = textIn(item['source']) ?? url ?? textIn(item['file_id']) ?? title;
  if (id === undefined) return undefined;
  const from = countIn(item['start_index']);
  const to = countIn(item['end_index']);
  const isPlaced = from !== undefined && to !== undefined && from <= to;
  const document: Entry[] = [
    ['id', printString(id)],
    ['title', printString(title ?? id)],
    ['url', printOptional(url)],
    ['text', printOptional(textIn(item['cited_text']))],
  ];
  const source = printObject([
    ['type', '"document"'],
    ['id', printString(id)],
    ['document', printObject(document)],
  ]);
  return printObject([
    ['start', String(isPlaced ? from : start)],
    ['end', String(isPlaced ? to : start + text.length)],
    ['text', printString(isPlaced ? text.slice(from, to) : text)],
    ['sources', printArray([source])],
    ['content_index', String(index)],
    ['type', '"TEXT_CONTENT"'],
  ]);
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function countIn(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}
