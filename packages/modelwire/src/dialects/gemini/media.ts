import { fieldPath } from '../../core/notes.ts';
import { accountForDocument } from '../../core/accounting.ts';
import { type FileBlock, nameOf } from '../../core/in-words.ts';
import type { AudioBlock, ImageBlock, MediaSource, RawJson } from '../../core/ir.ts';
import { printOptional, printString } from '../../core/json-print.ts';
import { sendBytes } from '../../core/media.ts';
import { typeOfAddress } from './content.ts';
import { dialect, printWithExtras } from './wire.ts';
import { printPart, type Writing } from './writing.ts';

export function encodeImage(block: ImageBlock, writing: Writing): RawJson[] {
  const { ledger, quirks } = writing;
  const at = block.at ?? 'contents';
  if (quirks.images === false) {
    ledger.refuse(at, 'the model takes no images', 'Choose a model that does');
    return [];
  }
  if (quirks.imageUrls === false && block.source.kind === 'url') {
    ledger.refuse(at, 'the provider takes no image by its address', sendBytes);
    return [];
  }
  if (block.detail !== undefined && block.detail !== 'auto') ledger.drop(fieldPath(block, 'detail', 'contents'), 'the detail of an image cannot be chosen');
  return encodeSource(block.source, block, writing);
}

export function encodeAudio(block: AudioBlock, writing: Writing): RawJson[] {
  return encodeSource({ kind: 'base64', mediaType: `audio/${block.format}`, data: block.data }, block, writing);
}

export function encodeDocument(block: FileBlock, writing: Writing): RawJson[] {
  const { ledger, own, quirks } = writing;
  const at = block.at ?? 'contents';
  accountForDocument(block, writing);
  if (quirks.documents === false) {
    ledger.refuse(at, 'the model takes no documents', 'Send the text of the document');
    return [];
  }
  if (nameOf(block) !== undefined && !own)
    ledger.note('carried', fieldPath(block, block.title === undefined ? 'filename' : 'title', 'contents'), 'there is no place for the name of a document');
  return encodeSource(block.source, block, writing);
}

function encodeSource(source: MediaSource, block: ImageBlock | FileBlock | AudioBlock, writing: Writing): RawJson[] {
  const at = block.at ?? '';
  const name = printOptional(writing.own && block.type === 'document' ? block.filename : undefined);
  if (source.kind === 'base64') {
    const data = printWithExtras(
      [
        ['mimeType', printString(source.mediaType)],
        ['data', printString(source.data)],
        ['displayName', name],
      ],
      block.ext,
      `${at}.inlineData`,
    );
    return [printPart([['inlineData', data]], block, writing)];
  }
  if (source.kind === 'file' && source.dialect !== dialect) {
    writing.ledger.refuse(block.at ?? 'contents', 'the file was uploaded to another provider', 'Send the file itself');
    return [];
  }
  const uri = source.kind === 'file' ? source.id : source.url;
  const type = writing.own ? undefined : (typeOfAddress(uri) ?? (block.type === 'document' ? 'application/pdf' : undefined));
  const data = printWithExtras(
    [
      ['mimeType', printOptional(type)],
      ['fileUri', printString(uri)],
      ['displayName', name],
    ],
    block.ext,
    `${at}.fileData`,
  );
  return [printPart([['fileData', data]], block, writing)];
}
