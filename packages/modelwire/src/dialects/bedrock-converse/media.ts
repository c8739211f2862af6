import type { AudioBlock, Block, DocumentBlock, ImageBlock, MediaSource, RawJson, TextBlock } from '../../core/ir.ts';
import { type Entry, printArray, printObject, printOptional, printString } from '../../core/json-print.ts';
import { sendBytes } from '../../core/media.ts';
import { accountForExtras, fieldPath } from '../../core/notes.ts';
import { audioFormats, documentFormat, imageFormat, imageFormats } from './formats.ts';
import { dialect, printWithExtras } from './wire.ts';
import { loseCitations, type Place, printBlock, type Writing } from './writing.ts';

export function encodeImage(block: ImageBlock, place: Place): RawJson[] {
  const { ledger, own, quirks } = place.writing;
  const at = block.at ?? 'messages';
  if (quirks.images === false) {
    ledger.refuse(at, 'the model takes no images', 'Choose a model that does');
    return [];
  }
  const { source, detail } = block;
  const format = source.kind === 'base64' ? imageFormat(source.mediaType) : undefined;
  if (!own && source.kind === 'base64' && format === undefined) {
    ledger.refuse(at, `images of type ${source.mediaType.slice(0, 40)} are not taken`, `Send one of ${imageFormats.join(', ')}`);
    return [];
  }
  if (detail !== undefined && detail !== 'auto') ledger.drop(fieldPath(block, 'detail', 'messages'), 'the detail of an image cannot be chosen');
  const raw = encodeSource(source, block, place.writing);
  const entries: Entry[] = [
    ['format', printOptional(format)],
    ['source', raw],
  ];
  return raw === undefined ? [] : [printBlock('image', entries, block, place)];
}

/** Bytes, or what Bedrock reads from its own storage. Nothing is fetched from the web. */
function encodeSource(source: MediaSource, block: ImageBlock | DocumentBlock, { ledger }: Writing): RawJson | undefined {
  const at = block.at ?? 'messages';
  if (source.kind === 'base64') return printSource([['bytes', printString(source.data)]], block);
  if (source.kind === 'url') {
    ledger.refuse(at, 'nothing is taken by its address there', sendBytes);
    return undefined;
  }
  if (source.dialect !== dialect) {
    ledger.refuse(at, 'the file was uploaded to another provider', 'Send the file itself');
    return undefined;
  }
  const place = printWithExtras([['uri', printString(source.id)]], block.ext, `${at}.source.s3Location`);
  return printSource([['s3Location', place]], block);
}

function printSource(entries: readonly Entry[], block: ImageBlock | DocumentBlock | AudioBlock): RawJson {
  return printWithExtras(entries, block.ext, `${block.at ?? ''}.source`);
}

export function encodeAudio(block: AudioBlock, place: Place): RawJson[] {
  const { ledger, own } = place.writing;
  if (!own && !audioFormats.some((format) => format === block.format)) {
    ledger.refuse(block.at ?? 'messages', `audio of the format ${block.format.slice(0, 40)} is not taken`, `Send one of ${audioFormats.join(', ')}`);
    return [];
  }
  const entries: Entry[] = [
    ['format', printString(block.format)],
    ['source', printSource([['bytes', printString(block.data)]], block)],
  ];
  return [printBlock('audio', entries, block, place)];
}

export function encodeDocument(block: DocumentBlock, place: Place): RawJson[] {
  const { writing } = place;
  const { ledger, quirks } = writing;
  const at = block.at ?? 'messages';
  if (quirks.documents === false) {
    ledger.refuse(at, 'the model takes no documents', 'Send the text of the document');
    return [];
  }
  const source = encodeDocumentSource(block, writing);
  if (source === undefined) return [];
  const { title, filename } = block;
  if (title !== undefined && filename !== undefined) ledger.note('carried', fieldPath(block, 'filename', 'messages'), 'the document has a title of its own');
  const entries: Entry[] = [
    ['format', printOptional(source.format)],
    ['name', printString(writing.documentName(title ?? filename, at))],
    ['source', source.raw],
    ['context', printOptional(block.context)],
    ['citations', block.cite === undefined ? undefined : printWithExtras([['enabled', String(block.cite)]], block.ext, `${at}.citations`)],
  ];
  return [printBlock('document', entries, block, place)];
}

type PrintedSource = { readonly raw: RawJson; readonly format?: string };

function encodeDocumentSource(block: DocumentBlock, writing: Writing): PrintedSource | undefined {
  const { source } = block;
  if (source.kind === 'text') return { raw: printSource([['text', printString(source.text)]], block), ...(writing.own ? {} : { format: 'txt' }) };
  if (source.kind === 'blocks') return encodePieces(block, source.blocks, writing);
  const format = source.kind === 'base64' ? documentFormat(source.mediaType) : undefined;
  if (!writing.own && source.kind === 'base64' && format === undefined) {
    writing.ledger.refuse(
      block.at ?? 'messages',
      `documents of type ${source.mediaType.slice(0, 80)} are not taken`,
      'Send a PDF, or the text of the document',
    );
    return undefined;
  }
  const raw = encodeSource(source, block, writing);
  return raw === undefined ? undefined : { raw, ...(format === undefined ? {} : { format }) };
}

/** A document that is made of blocks may be made of text there. */
function encodePieces(block: DocumentBlock, blocks: readonly Block[], writing: Writing): PrintedSource {
  const pieces = blocks.flatMap((item) => {
    if (item.type === 'text') return [encodePiece(item, block, writing)];
    writing.ledger.refuse(item.at ?? block.at ?? 'messages', `a document of blocks holds text only, not ${item.type}`, 'Send it beside the document');
    return [];
  });
  return { raw: printSource([['content', printArray(pieces)]], block), ...(writing.own ? {} : { format: 'txt' }) };
}

/** A piece of text of a document or search result. */
export function encodePiece(piece: TextBlock, owner: { readonly ext?: DocumentBlock['ext'] }, writing: Writing): RawJson {
  loseCitations(piece, writing);
  accountForExtras(piece.ext, dialect, writing.ledger);
  const entries: Entry[] = [['text', printString(piece.text)]];
  return piece.at === undefined ? printObject(entries) : printWithExtras(entries, owner.ext, piece.at);
}

const unnamed = 'document';

/** Bedrock takes letters, digits, single spaces, hyphens, parentheses and square brackets, and every name once. */
export function createDocumentNames(note: (at: string, reason: string) => void): Writing['documentName'] {
  const taken = new Set<string>();
  /** Where to go on counting. */
  const counts = new Map<string, number>();
  return (given, at) => {
    const plain = (given ?? unnamed)
      .replace(/[^\p{L}\p{N}\s\-()[\]]+/gu, ' ')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, 190);
    const base = plain === '' ? unnamed : plain;
    let count = counts.get(base) ?? 1;
    let name = count === 1 ? base : `${base} ${count}`;
    while (taken.has(name)) name = `${base} ${++count}`;
    counts.set(base, count + 1);
    taken.add(name);
    if (name !== given) note(at, given === undefined ? `a document must have a name: "${name}"` : `the document is named "${name}"`);
    return name;
  };
}
