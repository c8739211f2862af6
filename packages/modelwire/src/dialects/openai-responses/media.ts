import { fieldPath } from '../../core/notes.ts';
import type { Block, DocumentBlock, ImageBlock, MediaSource, SearchResultBlock } from '../../core/ir.ts';
import { type Entry, printOptional, printString } from '../../core/json-print.ts';
import { sendBytes } from '../../core/media.ts';
import { dialect } from './wire.ts';
import { accountForBlock, type Part, printPart, type Writing } from './writing.ts';

export function printImage(block: ImageBlock, writing: Writing): Part[] {
  const { quirks, own } = writing;
  const at = block.at ?? 'input';
  const { source } = block;
  if (quirks.images === false) return refuse(at, 'the model takes no images', 'Choose a model that does', writing);
  if (source.kind === 'url' && quirks.imageUrls === false) return refuse(at, 'the provider takes no image by its address', sendBytes, writing);
  if (isForeignFile(source)) return refuse(at, 'the file was uploaded to another provider', 'Send the image itself', writing);
  const entries: Entry[] = [
    ['type', '"input_image"'],
    ['image_url', source.kind === 'file' ? undefined : printString(addressOf(source))],
    ['file_id', source.kind === 'file' ? printString(source.id) : undefined],
    ['detail', printOptional(block.detail ?? (own ? undefined : 'auto'))],
  ];
  return [printPart(entries, block, writing)];
}

function refuse(at: string, reason: string, alternative: string, { ledger }: Writing): Part[] {
  ledger.refuse(at, reason, alternative);
  return [];
}

function isForeignFile(source: MediaSource): boolean {
  return source.kind === 'file' && source.dialect !== dialect;
}

function addressOf(source: Exclude<MediaSource, { kind: 'file' }>): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
}

/** Documents of text, and those made of parts, are told in words. */
export function printDocument(block: DocumentBlock, writing: Writing, print: (block: Block) => readonly Part[]): Part[] {
  const { ledger, quirks } = writing;
  const { source } = block;
  const at = block.at ?? 'input';
  if (block.context !== undefined) ledger.drop(`${at}.context`, 'there is no place for the context of a document');
  if (block.cite === true) ledger.drop(fieldPath(block, 'citations', 'input'), 'citations cannot be asked for there');
  const name = block.title ?? block.filename;
  const title = name === undefined ? '' : `[document: ${name}]`;
  switch (source.kind) {
    case 'text':
      ledger.note('emulated', at, 'a text document is sent as text');
      accountForBlock(block, writing);
      return [{ text: title === '' ? source.text : `${title}\n${source.text}` }];
    case 'blocks':
      ledger.note('emulated', at, 'a document is sent as its parts');
      accountForBlock(block, writing);
      return [...(title === '' ? [] : [{ text: title }]), ...source.blocks.flatMap(print)];
    default:
      if (quirks.documents === false) return refuse(at, 'the model takes no documents', 'Send the text of the document', writing);
      if (isForeignFile(source)) return refuse(at, 'the file was uploaded to another provider', 'Send the document itself', writing);
      return [printPart(fileEntries(block, source, writing), block, writing)];
  }
}

/** Data must have a name there. */
function fileEntries(block: DocumentBlock, source: MediaSource, { own, ledger }: Writing): Entry[] {
  const at = block.at ?? 'input';
  const isNamed = block.filename !== undefined || own;
  const made = block.title ?? 'document.pdf';
  if (source.kind === 'base64' && !isNamed) ledger.note('changed', at, `the document is named "${made}"`);
  if (source.kind !== 'base64' && block.title !== undefined) ledger.note('carried', `${at}.title`, 'there is no place for the title of a document');
  if (source.kind === 'base64' && block.title !== undefined && block.filename !== undefined)
    ledger.note('carried', `${at}.title`, 'the document is sent under its file name');
  const filename = block.filename ?? (source.kind === 'base64' && !own ? made : undefined);
  return [
    ['type', '"input_file"'],
    ['filename', printOptional(filename)],
    ['file_data', source.kind === 'base64' ? printString(addressOf(source)) : undefined],
    ['file_url', source.kind === 'url' ? printString(source.url) : undefined],
    ['file_id', source.kind === 'file' ? printString(source.id) : undefined],
  ];
}

/** A search result as text that names where it was found. */
export function printSearchResult(block: SearchResultBlock, writing: Writing): Part[] {
  const { ledger } = writing;
  const at = block.at ?? 'input';
  ledger.note('emulated', at, 'a search result is sent as text');
  if (block.cite !== undefined) ledger.drop(fieldPath(block, 'citations', 'input'), 'citations cannot be asked for there');
  for (const item of [block, ...block.content]) accountForBlock(item, writing);
  for (const item of block.content) if (item.citations !== undefined) ledger.drop(`${item.at ?? at}.citations`, 'citations have no place in the history');
  return [{ text: `${block.title}\nSource: ${block.source}\n\n${block.content.map(({ text }) => text).join('\n')}` }];
}
