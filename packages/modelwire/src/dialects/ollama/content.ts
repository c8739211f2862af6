import { type BearingCall, openCallId, turnOf } from '../../core/call-id.ts';
import { createPairing, type Pairing } from '../../core/call-pairing.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Block, Extra, Message, ToolCallBlock } from '../../core/ir.ts';
import { childOf, type Cursor, fieldOf, itemsOf, objectAt, optionalAt, optionalText, rawOf, textAt, valueAt } from '../../core/json-cursor.ts';
import { shapeOf } from '../../core/verdicts.ts';
import { decodeImages } from './images.ts';
import { call as callShape, calledFunction, messages } from './verdicts.ts';
import { extrasOf, mark, spelled } from './wire.ts';

/** The messages as turns of ordered blocks. The results of one turn belong together: a run of tool messages is one message of blocks. */
export function decodeMessages(list: Cursor, own: boolean): Message[] {
  const reading: Reading = { pairing: createPairing(), own };
  const turns: Message[] = [];
  let results: Block[] | undefined;
  for (const item of itemsOf(list)) {
    objectAt(item);
    const role = roleOf(item);
    if (role !== 'tool') {
      results = undefined;
      turns.push(decodeMessage(item, role, reading));
      continue;
    }
    if (results === undefined) {
      results = [];
      turns.push({ role: 'user', blocks: results, at: item.path });
    }
    results.push(decodeResult(item, reading));
  }
  return turns;
}

/** `own`: it goes to a server of the same kind, which judges it. */
type Reading = { readonly pairing: Pairing; readonly own: boolean };

const roles = ['system', 'user', 'assistant', 'tool'] as const;
type Role = (typeof roles)[number];

/** Ollama takes any case. */
function roleOf(item: Cursor): Role {
  const given = textAt(item, 'role');
  const role = roles.find((known) => known === given.toLowerCase());
  if (role !== undefined) return role;
  const path = `${item.path}.role`;
  throw new GatewayError('invalid_request', `${path} "${given.slice(0, 40)}" is not known`, { param: path, hint: 'Use system, user, assistant or tool' });
}

function decodeMessage(item: Cursor, role: Exclude<Role, 'tool'>, { pairing, own }: Reading): Message {
  const ext = extrasOf(item, shapeOf(messages, role));
  const blocks = role === 'assistant' ? decodeAssistant(item, pairing) : [...decodeText(item), ...(role === 'user' ? decodeImages(item, own) : [])];
  return { role, blocks, at: item.path, ...(ext.length === 0 ? {} : { ext }) };
}

/** An empty content is none where something else says what the message is for. */
function decodeText(item: Cursor): Block[] {
  const text = optionalText(item, 'content') ?? '';
  const isSilent = text === '' && [valueAt(item, 'images'), valueAt(item, 'tool_calls'), valueAt(item, 'thinking')].some(isFilled);
  return isSilent ? [] : [{ type: 'text', text, at: `${item.path}.content` }];
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== '';
}

/** Thinking, then content, then calls: the order in which Ollama's models make them. Thinking that an id brought back stands for what was shown of it. */
function decodeAssistant(item: Cursor, pairing: Pairing): Block[] {
  const calls = (optionalAt(item, 'tool_calls', itemsOf) ?? []).map((made) => decodeCall(made, pairing));
  const isBorne = calls.some(({ thoughts }) => thoughts.length > 0);
  return turnOf([...(isBorne ? [] : decodeThinking(item)), ...decodeText(item)], calls);
}

/** The caller's spelling is kept: it goes to those who take thinking that nobody signed. */
function decodeThinking(item: Cursor): Block[] {
  const text = optionalText(item, 'thinking') ?? '';
  return text === '' ? [] : [{ type: 'reasoning', text, at: `${item.path}.thinking` }];
}

function decodeCall(item: Cursor, pairing: Pairing): BearingCall {
  objectAt(item);
  const inner = fieldOf(item, 'function');
  objectAt(inner);
  const name = textAt(inner, 'name');
  const given = optionalText(item, 'id');
  const { id, thoughts } = given === undefined || given === '' ? { id: undefined, thoughts: [] } : openCallId(given, `${item.path}.id`);
  const args = childOf(inner, 'arguments');
  const ext: Extra[] = [
    ...extrasOf(item, callShape),
    ...extrasOf(inner, calledFunction),
    ...spelled(item, 'type'),
    ...spelled(inner, 'index'),
    ...(id === undefined ? [mark(item.path, 'madeId')] : []),
  ];
  const call: ToolCallBlock = {
    type: 'toolCall',
    kind: 'function',
    id: pairing.called(name, id),
    name,
    arguments: args === undefined ? '{}' : rawOf(args),
    at: item.path,
    ...(ext.length === 0 ? {} : { ext }),
  };
  return { call, thoughts };
}

function decodeResult(item: Cursor, { pairing, own }: Reading): Block {
  const name = optionalText(item, 'tool_name');
  const given = optionalText(item, 'tool_call_id');
  const id = given === undefined || given === '' ? undefined : openCallId(given, item.path).id;
  const ext = [...extrasOf(item, shapeOf(messages, 'tool')), ...spelled(item, 'tool_name'), ...(id === undefined ? [mark(item.path, 'madeId')] : [])];
  return {
    type: 'toolResult',
    callId: pairing.answered(name === '' ? undefined : name, id),
    content: [...decodeText(item), ...decodeImages(item, own)],
    at: item.path,
    ...(ext.length === 0 ? {} : { ext }),
  };
}
