import { type BearingCall, openCallId, turnOf } from '../../core/call-id.ts';
import { defined } from '../../core/defined.ts';
import type { Context } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Block, Extra, Message, ToolCallBlock, ToolResultBlock } from '../../core/ir.ts';
import {
  type Cursor,
  fieldOf,
  isGiven,
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
import { mediaOf } from '../../core/data-url.ts';
import { isToolResult } from '../../core/tool-pairs.ts';
import { type Shape, shapeOf, type Union } from '../../core/verdicts.ts';
import { type Citing, decodeDocument } from './documents.ts';
import { assistantParts, calledFunction, callShape, citationOptions, imageShape, messages, resultParts, systemParts, userParts } from './verdicts.ts';
import { dialect, extrasOf, isOwn, mark, spelled } from './wire.ts';

/** The conversation, and the documents with it: for others than Cohere they stand in the last message of the user's own. */
export function decodeConversation(root: Cursor, context: Context): { readonly messages: readonly Message[]; readonly ext: readonly Extra[] } {
  const cited = citing(root);
  const turns = decodeMessages(fieldOf(root, 'messages'), cited);
  const documents = optionalAt(root, 'documents', itemsOf);
  if (documents === undefined) return { messages: turns, ext: [] };
  if (isOwn(context)) return { messages: turns, ext: spelled(root, 'documents') };
  const blocks = documents.map((item, index) => decodeDocument(item, { id: `doc:${index}`, ...cited }));
  return { messages: blocks.length === 0 ? turns : withDocuments(turns, blocks), ext: [] };
}

/** Cohere cites unless it is told not to. */
function citing(root: Cursor): Citing {
  const mode = optionalAt(root, 'citation_options', (field) => valueAt(field, 'mode'));
  const cite = mode !== 'OFF' && mode !== 'DISABLED';
  return isGiven(fieldOf(root, 'citation_options')) ? { cite, citedBy: 'citation_options' } : { cite };
}

export function citationExtras(root: Cursor): readonly Extra[] {
  return optionalAt(root, 'citation_options', (field) => extrasOf(field, citationOptions)) ?? [];
}

function withDocuments(turns: readonly Message[], documents: readonly Block[]): readonly Message[] {
  const at = turns.findLastIndex(({ role, blocks }) => role === 'user' && !blocks.some(isToolResult));
  const turn = turns[at];
  if (turn === undefined) return [...turns, { role: 'user', at: 'documents', blocks: documents }];
  return turns.with(at, { ...turn, blocks: [...documents, ...turn.blocks] });
}

function decodeMessages(list: Cursor, cited: Citing): Message[] {
  const items = itemsOf(list);
  if (items.length === 0) throw wrongType('messages', 'a non-empty array');
  const turns: Message[] = [];
  let results: Block[] | undefined;
  for (const item of items) {
    objectAt(item);
    const role = textAt(item, 'role');
    if (role !== 'tool') {
      results = undefined;
      turns.push(decodeMessage(item, role));
      continue;
    }
    // The results of one turn belong together: a run of tool messages is one message of blocks.
    if (results === undefined) {
      results = [];
      turns.push({ role: 'user', blocks: results, at: item.path });
    }
    results.push(decodeResult(item, cited));
  }
  return turns;
}

function decodeMessage(item: Cursor, role: string): Message {
  switch (role) {
    case 'system':
      return messageOf(
        item,
        role,
        decodeParts(item, (part) => decodePart(part, systemParts)),
      );
    case 'user':
      return messageOf(
        item,
        role,
        decodeParts(item, (part) => decodePart(part, userParts)),
      );
    case 'assistant':
      return messageOf(item, role, decodeAssistant(item));
    default:
      throw unknownWord(`${item.path}.role`, role, 'Use system, user, assistant or tool');
  }
}

function unknownWord(path: string, word: string, hint: string): GatewayError {
  return new GatewayError('invalid_request', `${path} "${word.slice(0, 40)}" is not known`, { param: path, hint });
}

function messageOf(item: Cursor, role: 'system' | 'user' | 'assistant', blocks: readonly Block[]): Message {
  const ext = [...stringMark(item), ...extrasOf(item, shapeOf(messages, role))];
  return defined({ role, blocks, at: item.path, ext: ext.length === 0 ? undefined : ext });
}

function stringMark(item: Cursor): Extra[] {
  return typeof valueAt(item, 'content') === 'string' ? [mark(item.path, 'string')] : [];
}

/** A string, or a list of parts. */
function decodeParts(item: Cursor, decode: (part: Cursor) => Block): Block[] {
  const content = fieldOf(item, 'content');
  if (typeof content.value === 'string') return [{ type: 'text', text: content.value, at: content.path }];
  if (!Array.isArray(content.value)) throw wrongType(content.path, 'a string or an array of parts');
  return itemsOf(content).map(decode);
}

/** A part that the table does not have is one that only Cohere understands. */
function decodePart(part: Cursor, parts: Union): Block {
  objectAt(part);
  const type = textAt(part, 'type');
  const shape = parts.of.get(type);
  if (shape === undefined) return { type: 'opaque', dialect, kind: type, raw: rawOf(part), loss: 'demand', at: part.path };
  if (type === 'thinking') return { type: 'reasoning', text: textAt(part, 'thinking'), ...marked(part, shape) };
  return type === 'image_url' ? decodeImage(part, shape) : { type: 'text', text: textAt(part, 'text'), ...marked(part, shape) };
}

type Marked = { readonly at: string; readonly ext?: readonly Extra[] };

function marked(part: Cursor, shape: Shape, more: readonly Extra[] = []): Marked {
  const ext = [...extrasOf(part, shape), ...more];
  return { at: part.path, ...(ext.length === 0 ? {} : { ext }) };
}

function decodeImage(part: Cursor, shape: Shape): Block {
  const inner = fieldOf(part, 'image_url');
  objectAt(inner);
  const source = mediaOf(textAt(inner, 'url'), `${inner.path}.url`);
  const detail = optionalText(inner, 'detail');
  const names = detail === undefined ? undefined : { detail: `${inner.path}.detail` };
  return defined({ type: 'image' as const, source, detail, names, ...marked(part, shape, extrasOf(inner, imageShape)) });
}

/** Thinking and text, the plan, then the calls: the order in which models make them. */
function decodeAssistant(item: Cursor): Block[] {
  const content = isGiven(fieldOf(item, 'content')) ? decodeParts(item, (part) => decodePart(part, assistantParts)) : [];
  const plan = fieldOf(item, 'tool_plan');
  const planned: Block[] = isGiven(plan) ? [{ type: 'text', text: stringAt(plan), at: plan.path, ext: [mark(plan.path, 'plan')] }] : [];
  const calls = (optionalAt(item, 'tool_calls', itemsOf) ?? []).map(decodeCall);
  const isBorne = calls.some(({ thoughts }) => thoughts.length > 0);
  // What an id brought back stands for the thinking that was shown of it.
  const said = isBorne ? content.filter(({ type }) => type !== 'reasoning') : content;
  return turnOf([...said, ...planned], calls);
}

function decodeCall(item: Cursor): BearingCall {
  objectAt(item);
  const inner = fieldOf(item, 'function');
  objectAt(inner);
  const { id, thoughts } = openCallId(textAt(item, 'id'), item.path);
  const call: ToolCallBlock = {
    type: 'toolCall',
    kind: 'function',
    id,
    name: textAt(inner, 'name'),
    arguments: optionalText(inner, 'arguments') ?? '',
    ...marked(item, callShape, extrasOf(inner, calledFunction)),
  };
  return { call, thoughts };
}

function decodeResult(item: Cursor, cited: Citing): ToolResultBlock {
  const { id } = openCallId(stringAt(fieldOf(item, 'tool_call_id')), item.path);
  const content = fieldOf(item, 'content');
  let documents = 0;
  const decode = (part: Cursor): Block => {
    objectAt(part);
    if (valueAt(part, 'type') !== 'document') return decodePart(part, resultParts);
    const ext = [...extrasOf(part, shapeOf(resultParts, 'document')), ...spelled(part, 'document')];
    // The part is what a note or an error names.
    return { ...decodeDocument(fieldOf(part, 'document'), { id: `${id}:${documents++}`, ...cited, ext }), at: part.path };
  };
  const blocks = isGiven(content) ? decodeParts(item, decode) : [];
  return { type: 'toolResult', callId: id, content: blocks, ...marked(item, shapeOf(messages, 'tool'), stringMark(item)) };
}
