import { type BearingCall, openCallId, turnOf } from '../../core/call-id.ts';
import { fileData, mediaOf } from '../../core/data-url.ts';
import { defined } from '../../core/defined.ts';
import { GatewayError } from '../../core/errors.ts';
import { hash64 } from '../../core/fit.ts';
import type { Block, Extra, MediaSource, Message, ToolCallBlock } from '../../core/ir.ts';
import {
  type Cursor,
  fieldOf,
  isGiven,
  isGivenAt,
  itemsOf,
  objectAt,
  optionalAt,
  rawOf,
  stringAt,
  textAt,
  valueAt,
  wrongType,
} from '../../core/json-cursor.ts';
import { sealMark } from '../../core/seal.ts';
import { shapeOf } from '../../core/verdicts.ts';
import { audioShape, calledCustom, calledFunction, calls, detailShape, fileShape, imageShape, legacyCall, messages, parts } from './verdicts.ts';
import { dialect, extraOf, extrasOf, joined, marksOf } from './wire.ts';

/** The call that an old `function` message answers: the last one made. */
type Legacy = { call: ToolCallBlock | undefined };

/** The messages as turns of ordered blocks. */
export function decodeMessages(list: Cursor): Message[] {
  const items = itemsOf(list);
  if (items.length === 0) throw wrongType('messages', 'a non-empty array');
  const turns: Message[] = [];
  const legacy: Legacy = { call: undefined };
  let results: Block[] | undefined;
  for (const item of items) {
    objectAt(item);
    const role = textAt(item, 'role');
    if (role !== 'tool' && role !== 'function') {
      results = undefined;
      turns.push(decodeMessage(item, role, legacy));
      continue;
    }
    // The results of one turn belong together: a run of tool messages is one message of blocks.
    if (results === undefined) {
      results = [];
      turns.push({ role: 'user', blocks: results, at: item.path });
    }
    results.push(decodeResult(item, role, role === 'function' ? legacyCallId(item, legacy) : stringAt(fieldOf(item, 'tool_call_id'))));
  }
  return turns;
}

const roles: readonly Message['role'][] = ['system', 'developer', 'user', 'assistant'];

function unknownWord(path: string, word: string, hint: string): GatewayError {
  return new GatewayError('invalid_request', `${path} "${word.slice(0, 40)}" is not known`, { param: path, hint });
}

function decodeMessage(item: Cursor, given: string, legacy: Legacy): Message {
  const role = roles.find((known) => known === given);
  if (role === undefined) throw unknownWord(`${item.path}.role`, given, 'Use system, developer, user, assistant or tool');
  const isAssistant = role === 'assistant';
  return defined({
    role,
    blocks: isAssistant ? decodeAssistant(item, legacy) : decodeContent(fieldOf(item, 'content')),
    name: optionalAt(item, 'name', stringAt),
    at: item.path,
    ext: extrasOf(item, shapeOf(messages, role)),
  });
}

/** A string, or an array of parts. */
function decodeContent(content: Cursor): Block[] {
  if (typeof content.value === 'string') return [{ type: 'text', text: content.value, at: content.path }];
  if (!Array.isArray(content.value)) throw wrongType(content.path, 'a string or an array of parts');
  return itemsOf(content).map(decodePart);
}

function decodeResult(item: Cursor, role: string, callId: string): Block {
  const content = fieldOf(item, 'content');
  const marks = marksOf(item, shapeOf(messages, role));
  return { type: 'toolResult', callId: openCallId(callId, item.path).id, content: isGiven(content) ? decodeContent(content) : [], at: item.path, ...marks };
}

function legacyCallId(item: Cursor, legacy: Legacy): string {
  const name = stringAt(fieldOf(item, 'name'));
  return legacy.call?.name === name ? legacy.call.id : `call_${hash64(`${item.path} ${name}`)}`;
}

/** Thinking, then content, then calls: the order in which the model made them, as far as this format tells. */
function decodeAssistant(item: Cursor, legacy: Legacy): Block[] {
  const call = optionalAt(item, 'function_call', decodeLegacyCall);
  legacy.call = call ?? legacy.call;
  const made = (optionalAt(item, 'tool_calls', itemsOf) ?? []).map(decodeCall);
  const told = decodeThoughts(item);
  // What the ids bear is the same once more, and the more of the two is all of it.
  const borne = made.reduce((count, { thoughts }) => count + thoughts.length, 0);
  const isKept = borne === 0 || told.filter(isSealed).length > borne;
  const refusal = optionalAt(item, 'refusal', decodeRefusal);
  const said = [...(optionalAt(item, 'content', decodeContent) ?? []), ...(refusal === undefined ? [] : [refusal])];
  const turn = isKept ? [...told, ...said, ...made.map((one) => one.call)] : turnOf(said, made);
  return call === undefined ? turn : [...turn, call];
}

/** Under our seal. */
function isSealed(block: Block): boolean {
  return block.type === 'reasoning' && (block.signature ?? block.redacted ?? '').startsWith(sealMark);
}

function decodeRefusal(field: Cursor): Block {
  return { type: 'refusal', text: stringAt(field), at: field.path };
}

const callKinds = ['function', 'custom'] as const;
const callShapes = { function: calledFunction, custom: calledCustom } as const;

function decodeCall(item: Cursor): BearingCall {
  objectAt(item);
  const given = optionalAt(item, 'type', stringAt) ?? 'function';
  const kind = callKinds.find((known) => known === given);
  if (kind === undefined) throw unknownWord(`${item.path}.type`, given, 'Use function or custom');
  const inner = fieldOf(item, kind);
  objectAt(inner);
  const text = kind === 'function' ? 'arguments' : 'input';
  const { id, thoughts } = openCallId(stringAt(fieldOf(item, 'id')), item.path);
  const call = defined({
    type: 'toolCall' as const,
    kind,
    id,
    name: stringAt(fieldOf(inner, 'name')),
    arguments: stringAt(fieldOf(inner, text)),
    at: item.path,
    ext: joined(extrasOf(item, shapeOf(calls, kind)), extrasOf(inner, callShapes[kind])),
  });
  return { call, thoughts };
}

function decodeLegacyCall(field: Cursor): ToolCallBlock {
  const name = stringAt(fieldOf(field, 'name'));
  return defined({
    type: 'toolCall' as const,
    kind: 'function' as const,
    id: `call_${hash64(`${field.path} ${name}`)}`,
    name,
    arguments: stringAt(fieldOf(field, 'arguments')),
    at: field.path,
    ext: extrasOf(field, legacyCall),
  });
}

/** `reasoning_details` hold the most. Plain text that they hold too is the same thinking once more, and so is the other spelling of it. */
function decodeThoughts(item: Cursor): Block[] {
  const details = Array.isArray(valueAt(item, 'reasoning_details')) ? itemsOf(fieldOf(item, 'reasoning_details')).map(decodeDetail) : [];
  const given = thoughtFields.filter((name) => isGivenAt(item, name));
  // Details of ours are all of the thinking; the official library keeps the last piece alone of a text that it does not know.
  if (given.length === 0 || details.some(isSealed)) return details;
  const told = new Set([details.map((block) => (block.type === 'reasoning' ? block.text : '')).join('')]);
  const again: Extra[] = [];
  const plain = given.flatMap((key): Block[] => {
    const field = fieldOf(item, key);
    const text = stringAt(field);
    const spelled = extraOf(field, key, 'nothing');
    if (told.has(text) && (text !== '' || details.length > 0)) {
      again.push(spelled);
      return [];
    }
    told.add(text);
    return [{ type: 'reasoning', text, at: field.path, ext: [spelled] }];
  });
  // Said once more, for those who take both.
  return [...plain, ...details].map((block, index) => (index === 0 && again.length > 0 ? { ...block, ext: [...(block.ext ?? []), ...again] } : block));
}

const thoughtFields: readonly string[] = ['reasoning_content', 'reasoning'];

/** OpenRouter's shape: text, summary or encrypted. What else a detail holds (`type`, `format`, `id`) goes back as it came. */
function decodeDetail(item: Cursor): Block {
  objectAt(item);
  const text = optionalAt(item, 'text', stringAt) ?? optionalAt(item, 'summary', stringAt) ?? '';
  const ext = extrasOf(item, detailShape);
  return defined({
    type: 'reasoning' as const,
    text,
    signature: optionalAt(item, 'signature', stringAt),
    redacted: optionalAt(item, 'data', stringAt),
    at: item.path,
    ext,
  });
}

function decodePart(part: Cursor): Block {
  objectAt(part);
  const type = stringAt(fieldOf(part, 'type'));
  const shape = parts.of.get(type);
  if (shape === undefined) throw unknownWord(`${part.path}.type`, type, 'Use text, image_url, file or input_audio');
  if (shape.opaque !== undefined) return { type: 'opaque', dialect, kind: type, raw: rawOf(part), loss: shape.opaque.loss, at: part.path };
  const marks = { at: part.path, ...marksOf(part, shape) };
  const inner = fieldOf(part, type);
  if (type === 'text') return { type, text: stringAt(inner), ...marks };
  if (type === 'refusal') return { type, text: stringAt(inner), ...marks };
  if (type === 'image_url') return decodeImage(inner, marks);
  if (type === 'file') return decodeFile(inner, marks);
  return {
    type: 'audio',
    data: stringAt(fieldOf(inner, 'data')),
    format: stringAt(fieldOf(inner, 'format')),
    ...withExtras(marks, extrasOf(inner, audioShape)),
  };
}

type Marks = { readonly at: string } & ReturnType<typeof marksOf>;

function withExtras(marks: Marks, extras: readonly Extra[] | undefined): Marks {
  const ext = joined(marks.ext, extras);
  return ext === undefined ? marks : { ...marks, ext };
}

function decodeImage(inner: Cursor, marks: Marks): Block {
  objectAt(inner);
  const source = mediaOf(stringAt(fieldOf(inner, 'url')), `${inner.path}.url`);
  const detail = optionalAt(inner, 'detail', stringAt);
  const names = detail === undefined ? undefined : { detail: `${inner.path}.detail` };
  return defined({ type: 'image' as const, source, detail, names, ...withExtras(marks, extrasOf(inner, imageShape)) });
}

function decodeFile(inner: Cursor, marks: Marks): Block {
  objectAt(inner);
  const id = optionalAt(inner, 'file_id', stringAt);
  const filename = optionalAt(inner, 'filename', stringAt);
  const data = optionalAt(inner, 'file_data', stringAt);
  if (id === undefined && data === undefined) throw wrongType(inner.path, 'an object with file_id or file_data');
  const source: MediaSource = id !== undefined ? { kind: 'file', id, dialect } : fileData(data ?? '', `${inner.path}.file_data`);
  // An address is not OpenAI's way: it goes back as it came, to those who take it.
  const address = source.kind === 'url' ? [extraOf(fieldOf(inner, 'file_data'), 'file_data', 'nothing')] : undefined;
  return defined({
    type: 'document' as const,
    source,
    filename,
    names: filename === undefined ? undefined : { filename: `${inner.path}.filename` },
    ...withExtras(marks, joined(address, extrasOf(inner, fileShape))),
  });
}
