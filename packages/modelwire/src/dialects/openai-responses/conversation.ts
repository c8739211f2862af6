import type { Block, Message } from '../../core/ir.ts';
import { type Cursor, fieldOf, isGiven, itemsOf, objectAt, optionalAt, stringAt, valueAt, wrongType } from '../../core/json-cursor.ts';
import { itemBlocks, messageParts, typeOf } from './items.ts';
import type { Reading } from './parts.ts';
import { givenItems } from './verdicts-items.ts';
import { mark } from './wire.ts';

/** One item: who speaks, and what is said. */
type Item = { readonly role: Message['role']; readonly kind: 'message' | 'result' | 'other'; readonly message: Message };

/** The items of `input`; none when it is a plain string. */
export function inputItems(root: Cursor): readonly Cursor[] {
  const input = fieldOf(root, 'input');
  if (!isGiven(input) || typeof input.value === 'string') return [];
  if (!Array.isArray(input.value)) throw wrongType(input.path, 'a string or an array of items');
  const items = itemsOf(input);
  for (const item of items) objectAt(item);
  return items;
}

/** The conversation: `instructions` first, then the items of `input` as turns. */
export function decodeConversation(root: Cursor, items: readonly Cursor[], reading: Reading): Message[] {
  const instructions = optionalAt(root, 'instructions', stringAt);
  const leading: Message[] =
    instructions === undefined
      ? []
      : [{ role: 'system', at: 'instructions', blocks: [{ type: 'text', text: instructions, at: 'instructions' }], ext: [mark('instructions', 'string')] }];
  const input = valueAt(root, 'input');
  if (typeof input !== 'string') return [...leading, ...joinItems(items.map((item) => decodeItem(item, reading)))];
  return [...leading, { role: 'user', at: 'input', blocks: [{ type: 'text', text: input, at: 'input' }], ext: [mark('input', 'string')] }];
}

const roles: readonly Message['role'][] = ['user', 'assistant', 'system', 'developer'];

function decodeItem(item: Cursor, reading: Reading): Item {
  const type = typeOf(item);
  if (type === 'message') {
    const given = stringAt(fieldOf(item, 'role'));
    const role = roles.find((known) => known === given);
    if (role === undefined) throw wrongType(`${item.path}.role`, '"user", "assistant", "system" or "developer"');
    return {
      role,
      kind: 'message',
      message: role === 'assistant' ? { role, blocks: itemBlocks(item, reading), at: item.path } : givenMessage(role, item, reading),
    };
  }
  const blocks = itemBlocks(item, reading);
  const isResult = blocks[0]?.type === 'toolResult';
  const role = isResult || givenItems.has(type) ? 'user' : 'assistant';
  return { role, kind: isResult ? 'result' : 'other', message: { role, blocks, at: item.path } };
}

/** What an item of the caller's has besides stands with its message: there it is one to one. */
function givenMessage(role: Message['role'], item: Cursor, reading: Reading): Message {
  return { role, at: item.path, ...messageParts(item, reading) };
}

/** What the model made in one go is one message, and so are the results that follow it. */
function joinItems(items: readonly Item[]): Message[] {
  const messages: Message[] = [];
  let last: Item | undefined;
  let blocks: Block[] = [];
  for (const item of items) {
    const continues = last !== undefined && (item.role === 'assistant' ? last.role === 'assistant' : item.kind === 'result' && last.kind === 'result');
    if (continues) for (const block of item.message.blocks) blocks.push(block);
    else {
      blocks = [...item.message.blocks];
      messages.push({ ...item.message, blocks });
    }
    last = item;
  }
  return messages.filter((message) => message.blocks.length > 0);
}
