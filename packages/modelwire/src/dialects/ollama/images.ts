import { fieldPath } from '../../core/notes.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Block, ImageBlock } from '../../core/ir.ts';
import { type Cursor, itemsOf, optionalAt, stringAt } from '../../core/json-cursor.ts';
import { sendBytes } from '../../core/media.ts';
import type { Writing } from './writing.ts';

/** How the base64 of an image begins, by its type: other formats name it, Ollama looks at the bytes. */
const beginnings: readonly (readonly [start: string, mediaType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
];

function typeOfBytes(data: string): string | undefined {
  return beginnings.find(([start]) => data.startsWith(start))?.[1];
}

/** `own`: an Ollama server judges for itself. */
export function decodeImages(item: Cursor, own: boolean): Block[] {
  return (optionalAt(item, 'images', itemsOf) ?? []).map((field) => {
    const data = stringAt(field);
    return { type: 'image', source: { kind: 'base64', mediaType: typeOfBytes(data) ?? (own ? '' : unknownType(data, field.path)), data }, at: field.path };
  });
}

function unknownType(data: string, path: string): never {
  const isAddress = /^(?:https?|data|file):/i.test(data);
  throw new GatewayError('invalid_request', `${path} ${isAddress ? 'is an address' : 'is not the base64 of a PNG, JPEG, GIF or WebP image'}`, {
    param: path,
    hint: 'Send the bytes of the image as base64, without a data: prefix',
  });
}

export function encodeImage(block: ImageBlock, { ledger, quirks }: Writing): string[] {
  const { source, detail, at = 'messages' } = block;
  if (detail !== undefined && detail !== 'auto') ledger.drop(fieldPath(block, 'detail', 'messages'), 'the detail of an image cannot be chosen');
  if (quirks.images === false) ledger.refuse(at, 'the model takes no images', 'Choose a model that does');
  else if (source.kind === 'base64') {
    if ((typeOfBytes(source.data) ?? '') !== source.mediaType) ledger.note('carried', at, 'the type of an image is told by its bytes alone');
    return [source.data];
  } else if (source.kind === 'url') ledger.refuse(at, 'Ollama takes no image by its address', sendBytes);
  else ledger.refuse(at, 'an uploaded file belongs to the account that holds it', 'Send the image itself');
  return [];
}
