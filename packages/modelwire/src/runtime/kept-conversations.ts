import type { ConversationRules, Dialect, KeptConversation } from '../core/dialect.ts';
import { GatewayError } from '../core/errors.ts';
import type { DialectName, RawJson } from '../core/ir.ts';
import { scanTopLevel, type TopLevel } from '../core/top-level.ts';
import type { Owner } from './conversation-store.ts';
import { type Keeper, placesIn } from './conversations.ts';

/** What a caller may do with a conversation that is kept for it. */
export type ConversationEndpoint = { readonly kind: 'conversation'; readonly front: DialectName } & (
  | { readonly action: 'create' }
  | { readonly action: 'get' | 'update' | 'delete' | 'list' | 'add'; readonly id: string }
  | { readonly action: 'item' | 'removeItem'; readonly id: string; readonly item: string }
);

type Given = { readonly front: Dialect; readonly caller: string; readonly query: string; readonly body: Uint8Array; /** Milliseconds. */ readonly now: number };

/** Throws `not_found` for what is not kept, or is another key's. */
export async function conversationAnswer(endpoint: ConversationEndpoint, given: Given, keeper: Keeper | undefined): Promise<RawJson> {
  const { front } = given;
  const rules = front.state?.conversations;
  if (rules === undefined) throw new GatewayError('not_found', 'conversations of this format are not kept');
  if (keeper === undefined)
    throw new GatewayError('not_found', 'no conversations are kept here (conversations: off)', {
      hint: 'Name a provider that keeps them in the header modelwire-provider, or send the whole conversation in `input`',
    });
  const asked: Asked = { owner: { caller: given.caller, dialect: front.name }, rules, given, keeper };
  if (endpoint.action === 'create') return await create(asked);
  const { id } = endpoint;
  if (endpoint.action === 'item') return rules.showItem(itemIn(await found(asked, id), endpoint.item, rules));
  if (endpoint.action === 'removeItem') return await removeItem(asked, id, endpoint.item);
  return await actions[endpoint.action](asked, id);
}

type Asked = { readonly owner: Owner; readonly rules: ConversationRules; readonly given: Given; readonly keeper: Keeper };

const actions: { readonly [action in 'get' | 'update' | 'delete' | 'list' | 'add']: (asked: Asked, id: string) => Promise<RawJson> } = {
  get: async (asked, id) => asked.rules.show(await found(asked, id)),
  async update(asked, id) {
    const { rules, given } = asked;
    return rules.show(await changed(asked, id, (kept) => rules.changed(kept, bodyOf(given))));
  },
  async delete({ owner, rules, keeper: { store } }, id) {
    if (!(await store.remove(owner, 'conversation', id))) throw rules.missing(id);
    return rules.removed(id);
  },
  list: async (asked, id) => asked.rules.page((await found(asked, id)).items, new URLSearchParams(asked.given.query)),
  async add(asked, id) {
    const { owner, rules, given, keeper } = asked;
    const items = rules.added(bodyOf(given), keeper.newId(''));
    await changed(asked, id, (kept) => ({ ...kept, items: [...kept.items, ...items] }));
    await keeper.store.put(owner, ...placesIn(id, items));
    return rules.list(items);
  },
};

async function create({ owner, rules, given, keeper: { store, newId } }: Asked): Promise<RawJson> {
  const conversation = rules.made(bodyOf(given), { id: newId('conv_'), base: newId(''), created: Math.floor(given.now / 1000) });
  await store.put(owner, ['conversation', conversation], ...placesIn(conversation.id, conversation.items));
  return rules.show(conversation);
}

async function removeItem(asked: Asked, id: string, item: string): Promise<RawJson> {
  const { owner, rules, keeper } = asked;
  const conversation = await changed(asked, id, (kept) => {
    const gone = itemIn(kept, item, rules);
    return { ...kept, items: kept.items.filter((one) => one !== gone) };
  });
  await keeper.store.remove(owner, 'item', item);
  return rules.show(conversation);
}

function itemIn({ items }: KeptConversation, id: string, rules: ConversationRules): KeptConversation['items'][number] {
  const item = items.find((one) => one.id === id);
  if (item === undefined) throw rules.missingItem(id);
  return item;
}

async function found({ owner, rules, keeper: { store } }: Asked, id: string): Promise<KeptConversation> {
  const conversation = await store.get(owner, 'conversation', id);
  if (conversation === undefined) throw rules.missing(id);
  return conversation;
}

async function changed({ owner, rules, keeper: { store } }: Asked, id: string, edit: (kept: KeptConversation) => KeptConversation): Promise<KeptConversation> {
  const conversation = await store.change(owner, 'conversation', id, edit);
  if (conversation === undefined) throw rules.missing(id);
  return conversation;
}

/** A body may be left out. */
function bodyOf({ body }: Given): TopLevel {
  return scanTopLevel(body.length === 0 ? new TextEncoder().encode('{}') : body);
}
