import { joinChunks } from '../core/body.ts';
import type { Dialect, Earlier, KeptAs, KeptConversation, KeptItem, KeptTurn, StateRules, StateWish } from '../core/dialect.ts';
import type { Answer } from '../core/attempt.ts';
import { GatewayError } from '../core/errors.ts';
import type { RawJson } from '../core/ir.ts';
import type { Target } from '../core/target.ts';
import { scanTopLevel, spliceTopLevel, type TopLevel } from '../core/top-level.ts';
import { listening, noting } from './answer-listening.ts';
import type { Jobs } from './background.ts';
import type { ConversationStore, ItemPlace, Kept, Owner } from './conversation-store.ts';
import { settledTurn } from './settled-turn.ts';

/** What a gateway that keeps conversations keeps them with. */
export type Conversations = {
  readonly store: ConversationStore;
  /** How long a request may become, in bytes, with all its turns. */
  bodyLimit(): number;
};

/** The same, with the answers that are under way. */
export type Keeper = Conversations & { readonly jobs: Jobs; newId(prefix: string): string };

type Answered = Pick<KeptTurn, 'id' | 'answer'>;

/** A request made whole, and what is to become of its answer. */
export type Continued = {
  readonly top: TopLevel;
  readonly rules: StateRules;
  readonly owner: Owner;
  readonly wish: StateWish;
  /** What it goes on from is the target's to know, and the answer the target's to keep. */
  readonly isLeft: boolean;
  /** What its answer says of itself. */
  readonly as: KeptAs;
  /** Keeps what is known of an answer that is only promised. */
  promise(answered: Answered): Promise<void>;
  /** Keeps the turn that this request makes with an answer, if its caller wishes it. */
  finish(answered: Answered): Promise<void>;
  /** Hears the answer of a target, and keeps the turn, or where it is kept. */
  keep(answer: Answer, target: Target): Answer | Promise<Answer>;
};

type Asked = { readonly front: Dialect; readonly caller: string; readonly target: Target | undefined; readonly name: string };

/**
 * For a request that leaves what was said so far to the server, or wants its answer kept; undefined for any other. The caller's format has
 * a way to say so (`thread`, `previous_response_id`, `conversation`, an item's id), and every target gets all of it in full, but for what is
 * not kept here and a target that keeps such things may know.
 */
export function continued(top: TopLevel, { front, caller, target, name }: Asked, keeper: Keeper): Promise<Continued> | undefined {
  const rules = front.state;
  const wish = rules?.wish(top);
  if (rules === undefined || wish === undefined) return undefined;
  const isTheirs = target !== undefined && rules.keeps(target.quirks);
  return goOn({ top, wish, rules, isTheirs, owner: { caller, dialect: front.name }, name, keeper });
}

type Going = {
  readonly top: TopLevel;
  readonly wish: StateWish;
  readonly rules: StateRules;
  readonly isTheirs: boolean;
  readonly owner: Owner;
  readonly name: string;
  readonly keeper: Keeper;
};

async function goOn(going: Going): Promise<Continued> {
  const { wish, rules, owner, name, keeper } = going;
  const { store, bodyLimit } = keeper;
  const said = await withItems(going);
  const earlier = await earlierOf(going);
  const { previous } = wish;
  const conversation = earlier?.conversation;
  const full = earlier === undefined ? said : scanTopLevel(joined(spliceTopLevel(said, rules.resume(said, earlier)), bodyLimit()));
  // A turn in a conversation stands for itself: the conversation may change.
  const asked = rules.asked(conversation === undefined ? said : full, previous === undefined);
  const turn = (answered: Answered): KeptTurn => ({ ...answered, ...(previous === undefined ? {} : { previous }), asked });
  const as = { ...(previous === undefined ? {} : { previous }), ...(conversation === undefined ? {} : { conversation: conversation.id }) };
  const finish = async (answered: Answered): Promise<void> => {
    const made = rules.items?.answered(answered.answer);
    const grown = conversation === undefined || made === undefined ? [] : await addTo(conversation, [...givenIn(said, rules, keeper), ...made], going);
    const inTurn = made === undefined || conversation !== undefined ? [] : made.map(({ id }): Kept => ['item', { id, turn: answered.id }]);
    await store.put(owner, ...grown, ...(wish.keep ? [['turn', turn(answered)] as const, ...inTurn] : []));
  };
  return {
    top: full,
    rules,
    owner,
    wish,
    isLeft: earlier === undefined,
    as,
    promise: (answered) => store.put(owner, ['turn', turn(answered)]),
    finish,
    keep(answer, target) {
      const isLeft = earlier === undefined && rules.keeps(target.quirks);
      if (!isLeft) return wish.keep || conversation !== undefined ? listening(answer, rules.listen(as), finish) : answer;
      if (!wish.keep || rules.stored === undefined) return answer;
      return noting(answer, rules.stored.idOf, (id) => store.put(owner, ['elsewhere', { id, asked: name, provider: target.provider, model: target.model }]));
    },
  };
}

function givenIn(said: TopLevel, rules: StateRules, { newId }: Keeper): readonly KeptItem[] {
  return rules.items?.given(said, newId('')) ?? [];
}

/** What was said of a conversation stands in it as it is by then. */
async function addTo({ id }: KeptConversation, items: readonly KeptItem[], { owner, keeper }: Going): Promise<Kept[]> {
  const changed = await keeper.store.change(owner, 'conversation', id, (kept) => ({ ...kept, items: [...kept.items, ...items] }));
  return changed === undefined ? [] : placesIn(changed.id, items);
}

/** Where items of a conversation stand. */
export function placesIn(conversation: string, items: readonly KeptItem[]): Kept[] {
  return items.map(({ id }): Kept => ['item', { id, conversation }]);
}

/** What the request goes on from; undefined for what the target may know. */
async function earlierOf({ wish: { previous, conversation: id }, rules, isTheirs, owner, keeper }: Going): Promise<Earlier | undefined> {
  if (id !== undefined) {
    const conversation = await keeper.store.get(owner, 'conversation', id);
    if (conversation !== undefined) return { turns: [], conversation };
  } else if (previous !== undefined) {
    const turns = await turnsUpTo(previous, { owner, rules, keeper });
    if (turns !== undefined) return { turns };
  } else if (!isTheirs) return { turns: [] };
  if (isTheirs) return undefined;
  throw id === undefined ? rules.unknown(previous ?? '') : (rules.conversations?.missing(id) ?? rules.unknown(id));
}

/** The request with the items in it that it names by their ids. A target that keeps items itself may know those that are not here. */
async function withItems(going: Going): Promise<TopLevel> {
  const { top, wish, rules, isTheirs, keeper } = going;
  if (wish.items === undefined || rules.items === undefined) return top;
  const known = new Map<string, RawJson>();
  const find = finder(going);
  for (const id of wish.items) {
    const raw = await find(id);
    if (raw !== undefined) known.set(id, raw);
    else if (!isTheirs) throw rules.items.unknown(id);
  }
  return known.size === 0 ? top : scanTopLevel(joined(spliceTopLevel(top, rules.items.told(top, known)), keeper.bodyLimit()));
}

/** Many items of a request are of one turn, which is read once. */
function finder({ rules, owner, keeper: { store } }: Going): (id: string) => Promise<RawJson | undefined> {
  const read = new Map<string, ReadonlyMap<string, RawJson>>();
  const itemsOf = async (place: ItemPlace): Promise<readonly KeptItem[]> => {
    if ('conversation' in place) return (await store.get(owner, 'conversation', place.conversation))?.items ?? [];
    const turn = await store.get(owner, 'turn', place.turn);
    return turn === undefined ? [] : (rules.items?.of(turn) ?? []);
  };
  return async (id) => {
    const guess = rules.items?.turnOf(id);
    const place = (await store.get(owner, 'item', id)) ?? (guess === undefined ? undefined : { id, turn: guess });
    if (place === undefined) return undefined;
    const key = JSON.stringify({ ...place, id: '' });
    const items = read.get(key) ?? new Map((await itemsOf(place)).map((item) => [item.id, item.raw]));
    read.set(key, items);
    return items.get(id);
  };
}

/** A chain longer than this is no conversation. */
const mostTurns = 10_000;

type Chain = { readonly owner: Owner; readonly rules: StateRules; readonly keeper: Pick<Keeper, 'store' | 'jobs'> };

/** The turns of a conversation, the oldest first; undefined when one of them is gone. */
export async function turnsUpTo(last: string, { owner, rules, keeper: { store, jobs } }: Chain): Promise<readonly KeptTurn[] | undefined> {
  const turns: KeptTurn[] = [];
  for (let id: string | undefined = last; id !== undefined;) {
    const turn: KeptTurn | undefined = await store.get(owner, 'turn', id);
    if (turn === undefined || turns.length === mostTurns) return undefined;
    turns.push(settledTurn(turn, jobs.find(owner, id), rules));
    id = turn.previous;
  }
  return turns.reverse();
}

const encoder = new TextEncoder();

function joined(parts: readonly (Uint8Array | string)[], limit: number): Uint8Array {
  const chunks = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part));
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (length <= limit) return joinChunks(chunks, length);
  throw new GatewayError('request_too_large', `with all its turns the conversation is longer than ${limit} bytes`, {
    hint: 'Begin a new conversation, or raise server.bodyLimit',
  });
}
