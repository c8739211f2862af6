import { decodeBase64 } from '../../core/base64.ts';
import { defined } from '../../core/defined.ts';
import { createPairing, type Pairing } from '../../core/call-pairing.ts';
import type { Block, Extra, MediaSource, Message, ToolCallBlock, ToolResultBlock } from '../../core/ir.ts';
import {
  childOf,
  childPath,
  type Cursor,
  fieldOf,
  itemsOf,
  objectAt,
  optionalAt,
  optionalText,
  rawOf,
  stringAt,
  textAt,
  valueAt,
  wrongType,
} from '../../core/json-cursor.ts';
import { isObject } from '../../core/json-text.ts';
import { bundledBlocks, isBundle, missingSignature } from './signature.ts';
import { anyPart, blob, content as contentShape, fileData, functionCall, functionResponse, opaqueParts, systemContent } from './verdicts.ts';
import { dialect, extrasOf, mark, spelled } from './wire.ts';

/** The system text as one message; an empty one is none. */
export function decodeSystem(root: Cursor): readonly Message[] {
  const cursor = childOf(root, 'systemInstruction');
  if (cursor === undefined) return [];
  const pairing = createPairing();
  const blocks = partsOf(cursor).map((part) => decodePart(part, pairing).block);
  const ext = [...spelled(cursor, 'role'), ...extrasOf(cursor, systemContent)];
  return [defined({ role: 'system' as const, at: 'systemInstruction', blocks, ext: ext.length === 0 ? undefined : ext })];
}

/** A part as it came. `bundle`: the thinking that its signature brought back. */
export type Decoded = { readonly block: Block; readonly bundle?: readonly Block[] };
/** A content with its parts not yet put in order. */
export type DecodedContent = { readonly role: 'user' | 'assistant'; readonly parts: readonly Decoded[]; readonly at: string; readonly ext: readonly Extra[] };

export function decodeContents(root: Cursor): DecodedContent[] {
  const pairing = createPairing();
  return itemsOf(fieldOf(root, 'contents')).map((item) => decodeContent(item, pairing));
}

/** Results come from the caller, whatever role the older versions of the API gave them. */
const roles: ReadonlyMap<unknown, 'user' | 'assistant'> = new Map([
  [undefined, 'user'],
  [null, 'user'],
  ['user', 'user'],
  ['function', 'user'],
  ['tool', 'user'],
  ['model', 'assistant'],
]);

function decodeContent(cursor: Cursor, pairing: Pairing): DecodedContent {
  objectAt(cursor);
  const role = roles.get(valueAt(cursor, 'role'));
  if (role === undefined) throw wrongType(childPath(cursor.path, 'role'), '"user" or "model"');
  const parts = partsOf(cursor).map((part) => decodePart(part, pairing));
  return { role, parts, at: cursor.path, ext: [...spelled(cursor, 'role'), ...extrasOf(cursor, contentShape)] };
}

function partsOf(cursor: Cursor): readonly Cursor[] {
  return optionalAt(cursor, 'parts', itemsOf) ?? [];
}

const dataKeys = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse', ...opaqueParts] as const;

function decodePart(cursor: Cursor, pairing: Pairing): Decoded {
  objectAt(cursor);
  const kind = dataKeys.find((key) => isObject(valueAt(cursor, key)) || typeof valueAt(cursor, key) === 'string');
  const signature = optionalText(cursor, 'thoughtSignature');
  const isBundled = signature !== undefined && isBundle(signature);
  const ext = [...extrasOf(cursor, anyPart), ...(isBundled ? [] : ownSignature(cursor, signature))];
  const base: Base = { at: cursor.path, ...(ext.length === 0 ? {} : { ext }) };
  const block = decodeData(cursor, kind, { base, pairing });
  return isBundled ? { block, bundle: bundledBlocks(signature, cursor.path) } : { block };
}

type Base = { readonly at: string; readonly ext?: readonly Extra[] };
type PartScope = { readonly base: Base; readonly pairing: Pairing };

/** Google's own signature is for Google alone; the word that stands for a missing one is nobody's. */
function ownSignature(cursor: Cursor, signature: string | undefined): Extra[] {
  if (signature === undefined || valueAt(cursor, 'thought') === true) return [];
  const isNone = signature === missingSignature || decodeBase64(signature) === missingSignature;
  const extras = spelled(cursor, 'thoughtSignature');
  return isNone ? extras : extras.map((extra) => ({ ...extra, loss: 'hint', reason: 'the signature is withheld from any other than its origin' }));
}

function decodeData(cursor: Cursor, kind: (typeof dataKeys)[number] | undefined, scope: PartScope): Block {
  const { base } = scope;
  switch (kind) {
    case 'text':
      if (valueAt(cursor, 'thought') !== true) return { type: 'text', text: textAt(cursor, 'text'), ...base };
      return defined({ type: 'reasoning' as const, text: textAt(cursor, 'text'), signature: optionalText(cursor, 'thoughtSignature'), ...base });
    case 'inlineData':
      return decodeBlob(fieldOf(cursor, kind), cursor, base);
    case 'fileData':
      return decodeFile(fieldOf(cursor, kind), cursor, base);
    case 'functionCall':
      return decodeCall(fieldOf(cursor, kind), scope);
    case 'functionResponse':
      return decodeResult(fieldOf(cursor, kind), scope);
    default:
      return decodeOther(cursor, kind, base);
  }
}

/** What only Google understands, whole; and a part that holds nothing at all. */
function decodeOther(cursor: Cursor, kind: string | undefined, base: Base): Block {
  const name = kind ?? Object.keys(objectAt(cursor)).find((key) => !anyPart.fields.has(key));
  if (name !== undefined) return opaque(cursor, name);
  return { type: 'text', text: '', ...base };
}

function opaque(part: Cursor, kind: string): Block {
  return { type: 'opaque', dialect, kind, raw: rawOf(part), loss: 'demand', at: part.path };
}

function withMore(base: Base, more: readonly Extra[]): Base {
  return more.length === 0 ? base : { ...base, ext: [...(base.ext ?? []), ...more] };
}

/** Audio types by other names than most formats have for them. */
const audioFormats: ReadonlyMap<string, string> = new Map([
  ['mpeg', 'mp3'],
  ['x-wav', 'wav'],
  ['wave', 'wav'],
]);

function decodeBlob(cursor: Cursor, part: Cursor, base: Base): Block {
  const mediaType = textAt(cursor, 'mimeType');
  const data = textAt(cursor, 'data');
  const filename = optionalText(cursor, 'displayName');
  const more = extrasOf(cursor, blob);
  const source: MediaSource = { kind: 'base64', mediaType, data };
  const [kind = '', subtype = ''] = mediaType.toLowerCase().split(';')[0]?.split('/') ?? [];
  if (kind === 'audio')
    return { type: 'audio', format: audioFormats.get(subtype) ?? subtype, data, ...withMore(base, [...spelled(cursor, 'mimeType'), ...more]) };
  return mediaBlock(kind, source, { part, filename, base: withMore(base, more) });
}

type Media = { readonly part: Cursor; readonly filename: string | undefined; readonly base: Base };

function mediaBlock(kind: string, source: MediaSource, { part, filename, base }: Media): Block {
  if (kind === 'image') {
    const named = filename === undefined ? [] : [{ ...nameExtra(part, base), loss: 'hint' as const }];
    return { type: 'image', source, ...withMore(base, named) };
  }
  if (kind === 'text' || kind === 'application') {
    const names = filename === undefined ? undefined : { filename: nameExtra(part, base).path };
    return defined({ type: 'document' as const, source, filename, names, ...base });
  }
  return opaque(part, kind === '' ? 'fileData' : kind);
}

/** The name of an image, which has a place for it in no other format. */
function nameExtra(part: Cursor, base: Base): Omit<Extra, 'loss'> {
  const key = valueAt(part, 'inlineData') === undefined ? 'fileData' : 'inlineData';
  const field = fieldOf(fieldOf(part, key), 'displayName');
  return { dialect, path: childPath(`${base.at}.${key}`, 'displayName'), key: 'displayName', raw: rawOf(field) };
}

const endings: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['heic', 'image/heic'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['html', 'text/html'],
  ['csv', 'text/csv'],
  ['md', 'text/markdown'],
  ['json', 'application/json'],
]);

/** What the ending of an address says of its media type. */
export function typeOfAddress(url: string): string | undefined {
  const ending = /\.([a-z0-9]+)(?:[?#]|$)/i.exec(url)?.[1];
  return ending === undefined ? undefined : endings.get(ending.toLowerCase());
}

/** Uploaded files and those of Google's storage belong to an account; any other address is one of the web. */
const accountFile = /^gs:|^(?:https:\/\/generativelanguage\.googleapis\.com\/[^/]+\/)?files\//;

function decodeFile(cursor: Cursor, part: Cursor, base: Base): Block {
  const uri = textAt(cursor, 'fileUri');
  const mediaType = optionalText(cursor, 'mimeType') ?? typeOfAddress(uri) ?? '';
  const source: MediaSource = accountFile.test(uri) ? { kind: 'file', id: uri, dialect } : { kind: 'url', url: uri };
  const more = [...spelled(cursor, 'mimeType'), ...extrasOf(cursor, fileData)];
  return mediaBlock(mediaType.split('/')[0] ?? '', source, { part, filename: optionalText(cursor, 'displayName'), base: withMore(base, more) });
}

function decodeCall(cursor: Cursor, { base, pairing }: PartScope): ToolCallBlock {
  const name = textAt(cursor, 'name');
  const given = optionalText(cursor, 'id');
  const args = childOf(cursor, 'args');
  const more = [...extrasOf(cursor, functionCall), ...(given === undefined ? [mark(base.at, 'madeId')] : [])];
  return {
    type: 'toolCall',
    kind: 'function',
    id: pairing.called(name, given === '' ? undefined : given),
    name,
    arguments: args === undefined ? '{}' : rawOf(args),
    ...withMore(base, more),
  };
}

function decodeResult(cursor: Cursor, { base, pairing }: PartScope): ToolResultBlock {
  const given = optionalText(cursor, 'id');
  const response = childOf(cursor, 'response');
  const { text, isError } = readResponse(response);
  const media = (optionalAt(cursor, 'parts', itemsOf) ?? []).map((part) => decodePart(part, pairing).block);
  const more = [
    ...spelled(cursor, 'name'),
    ...spelled(cursor, 'response'),
    ...extrasOf(cursor, functionResponse),
    ...(given === undefined ? [mark(base.at, 'madeId')] : []),
  ];
  const at = childPath(cursor.path, 'response');
  return defined({
    type: 'toolResult' as const,
    callId: pairing.answered(optionalAt(cursor, 'name', stringAt), given === '' ? undefined : given),
    content: [...(text === undefined ? [] : [{ type: 'text' as const, text, at }]), ...media],
    isError: isError ? true : undefined,
    names: isError ? { is_error: childPath(at, 'error') } : undefined,
    ...withMore(base, more),
  });
}

/** `output` is the result and `error` its failure; a response with neither is the result as a whole. */
function readResponse(response: Cursor | undefined): { readonly text: string | undefined; readonly isError: boolean } {
  if (response === undefined) return { text: undefined, isError: false };
  const keys = Object.keys(objectAt(response));
  const only = keys.length === 1 && (keys[0] === 'output' || keys[0] === 'error') ? keys[0] : undefined;
  if (only === undefined) return { text: rawOf(response), isError: false };
  const field = fieldOf(response, only);
  return { text: typeof field.value === 'string' ? field.value : rawOf(field), isError: only === 'error' };
}
