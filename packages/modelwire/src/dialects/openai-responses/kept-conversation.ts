import type { ConversationRules, KeptConversation } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { RawJson } from '../../core/ir.ts';
import { printObject, printString } from '../../core/json-print.ts';
import { isObject, parseJsonText } from '../../core/json-text.ts';
import type { TopLevel } from '../../core/top-level.ts';
import { itemsIn, pageOf, printItem, printList } from './stored-items.ts';

/** Conversations that are kept here, for every target. https://developers.openai.com/api/reference/resources/conversations */
export const conversationRules: ConversationRules = {
  made: (body, { id, base, created }) => ({ id, created, metadata: metadataIn(body) ?? '{}', items: added(body, base) }),
  changed(conversation, body) {
    if (!body.has('metadata')) throw malformed('metadata', 'given: an object of strings, or null');
    return { ...conversation, metadata: metadataIn(body) ?? '{}' };
  },
  added(body, base) {
    if (!body.has('items')) throw malformed('items', 'an array of items');
    return added(body, base);
  },
  show,
  showItem: printItem,
  list: printList,
  page: pageOf,
  removed: (id) => JSON.stringify({ id, object: 'conversation.deleted', deleted: true }),
  missing: (id) =>
    new GatewayError('not_found', `Conversation with id '${id.slice(0, 100)}' not found`, {
      param: 'conversation',
      hint: 'It was begun elsewhere, with another key, or is kept no longer. One that a provider keeps is asked for with the header modelwire-provider',
    }),
  missingItem: (id) => new GatewayError('not_found', `Item with id '${id.slice(0, 100)}' not found in the conversation`),
};

function show({ id, created, metadata }: KeptConversation): RawJson {
  return printObject([
    ['id', printString(id)],
    ['object', '"conversation"'],
    ['created_at', String(created)],
    ['metadata', metadata],
  ]);
}

const mostPairs = 16;
const longestKey = 64;
const longestValue = 512;

function metadataIn(body: TopLevel): RawJson | undefined {
  const raw = body.raw('metadata');
  if (raw === undefined || raw === 'null') return undefined;
  const { value } = parseJsonText(raw);
  const pairs = isObject(value) ? Object.entries(value) : undefined;
  const fits = ([key, one]: readonly [string, unknown]): boolean => key.length <= longestKey && typeof one === 'string' && one.length <= longestValue;
  if (pairs === undefined || pairs.length > mostPairs || !pairs.every(fits))
    throw malformed('metadata', `an object of at most ${mostPairs} strings of at most ${longestValue} characters, each under a key of at most ${longestKey}`);
  return raw;
}

function added(body: TopLevel, base: string): KeptConversation['items'] {
  const raw = body.raw('items');
  if (raw === undefined || raw === 'null') return [];
  const { value } = parseJsonText(raw);
  if (!Array.isArray(value) || !value.every(isSaid)) throw malformed('items', 'an array of items, each of them said and not named by its id');
  return itemsIn(raw, base);
}

function isSaid(item: unknown): boolean {
  return isObject(item) && item['type'] !== 'item_reference' && (typeof item['type'] === 'string' || typeof item['role'] === 'string');
}

function malformed(param: string, expected: string): GatewayError {
  return new GatewayError('invalid_request', `${param} must be ${expected}`, { param });
}
