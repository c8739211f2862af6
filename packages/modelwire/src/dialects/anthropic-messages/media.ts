import { fieldPath } from '../../core/notes.ts';
import { decodeBase64 } from '../../core/base64.ts';
import type { Block, DocumentBlock, ImageBlock, MediaSource, RawJson, SearchResultBlock } from '../../core/ir.ts';
import { type Entry, printArray, printOptional, printString } from '../../core/json-print.ts';
import { imageTypes } from './verdicts.ts';
import { dialect, isSpelled, printWithExtras } from './wire.ts';
import { printBlock, type Writing } from './writing.ts';

export function encodeImage(block: ImageBlock, writing: Writing): RawJson | undefined {
  const { ledger, own, quirks } = writing;
  const at = block.at ?? 'messages';
  if (quirks.images === false) {
    ledger.refuse(at, 'the model takes no images', 'Choose a model that does');
    return undefined;
  }
  const { source, detail } = block;
  if (!own && source.kind === 'base64' && !imageTypes.includes(source.mediaType)) {
    ledger.refuse(at, `images of type ${source.mediaType} are not taken`, `Send one of ${imageTypes.join(', ')}`);
    return undefined;
  }
  if (detail !== undefined && detail !== 'auto') ledger.drop(fieldPath(block, 'detail', 'messages'), 'the detail of an image cannot be chosen');
  const raw = encodeSource(source, block, writing);
  return raw === undefined ? undefined : printBlock('image', [['source', raw]], block, writing);
}

function encodeSource(source: MediaSource, block: Block, writing: Writing): RawJson | undefined {
  const entries = sourceEntries(source);
  if (source.kind !== 'file' || source.dialect === dialect) return printWithExtras(entries, block.ext, `${block.at ?? ''}.source`);
  writing.ledger.refuse(block.at ?? 'messages', 'the file was uploaded to another provider', 'Send the file itself');
  return undefined;
}

function sourceEntries(source: MediaSource): Entry[] {
  switch (source.kind) {
    case 'base64':
      return [
        ['type', '"base64"'],
        ['media_type', printString(source.mediaType)],
        ['data', printString(source.data)],
      ];
    case 'url':
      return [
        ['type', '"url"'],
        ['url', printString(source.url)],
      ];
    case 'file':
      return [
        ['type', '"file"'],
        ['file_id', printString(source.id)],
      ];
  }
}

/** `encode` writes the blocks that a document may be made of. */
export function encodeDocument(block: DocumentBlock, writing: Writing, encode: (block: Block) => RawJson | undefined): RawJson | undefined {
  const { ledger, quirks } = writing;
  const at = block.at ?? 'messages';
  if (quirks.documents === false) {
    ledger.refuse(at, 'the model takes no documents', 'Send the text of the document');
    return undefined;
  }
  const source = encodeDocumentSource(block, writing, encode);
  if (source === undefined) return undefined;
  const asTitle = block.filename !== undefined && block.title === undefined;
  if (block.filename !== undefined)
    ledger.note(
      asTitle ? 'changed' : 'carried',
      fieldPath(block, 'filename', 'messages'),
      asTitle ? 'the file name is sent as the title' : 'the document has a title of its own',
    );
  const entries: Entry[] = [
    ['source', source],
    ['title', printOptional(block.title ?? block.filename)],
    ['context', printOptional(block.context)],
    ['citations', encodeCite(block)],
  ];
  return printBlock('document', entries, block, writing);
}

function encodeDocumentSource(block: DocumentBlock, writing: Writing, encode: (block: Block) => RawJson | undefined): RawJson | undefined {
  const { source } = block;
  const at = block.at ?? '';
  if (source.kind === 'text') return plainSource(source.text, block);
  if (source.kind === 'blocks') {
    const printed = source.blocks.flatMap((item) => encode(item) ?? []);
    const only = source.blocks[0];
    const content = isSpelled(block.ext, 'string') && only?.type === 'text' ? printString(only.text) : printArray(printed);
    return printWithExtras(
      [
        ['type', '"content"'],
        ['content', content],
      ],
      block.ext,
      `${at}.source`,
    );
  }
  if (!writing.own && source.kind === 'base64' && source.mediaType !== 'application/pdf') return textFile(source.mediaType, source.data, block, writing);
  return encodeSource(source, block, writing);
}

function plainSource(text: string, block: DocumentBlock): RawJson {
  return printWithExtras(
    [
      ['type', '"text"'],
      ['media_type', '"text/plain"'],
      ['data', printString(text)],
    ],
    block.ext,
    `${block.at ?? ''}.source`,
  );
}

/** A text file goes as its text; of other files only PDF is taken. */
function textFile(mediaType: string, data: string, block: DocumentBlock, { ledger }: Writing): RawJson | undefined {
  const at = block.at ?? 'messages';
  const text = /^(?:text\/|application\/json\b)/.test(mediaType) ? decodeBase64(data) : undefined;
  if (text === undefined) {
    ledger.refuse(at, `documents of type ${mediaType} are not taken`, 'Send a PDF or plain text');
    return undefined;
  }
  if (mediaType !== 'text/plain') ledger.note('changed', at, `a ${mediaType} file is sent as plain text`);
  return plainSource(text, block);
}

export function encodeCite(block: DocumentBlock | SearchResultBlock): RawJson | undefined {
  const raw = printWithExtras([['enabled', printOptional(block.cite)]], block.ext, `${block.at ?? ''}.citations`);
  return raw === '{}' ? undefined : raw;
}
