import { joinChunks } from '../core/body.ts';
import type { Dialect, KeptTurn, StateRules, StateWish } from '../core/dialect.ts';
import type { Answer } from '../core/attempt.ts';
import { GatewayError } from '../core/errors.ts';
import type { Target } from '../core/target.ts';
import { scanTopLevel, spliceTopLevel, type TopLevel } from '../core/top-level.ts';
import { listening } from './answer-listening.ts';
import type { ConversationStore, Owner } from './conversation-store.ts';

/** What a gateway that keeps conversations keeps them with. */
export type Conversations = {
  readonly store: ConversationStore;
  /** How long a request may become, in bytes, with all its turns. */
  bodyLimit(): number;
};

/** A request made whole, and what is to become of its answer. */
export type Continued = {
  readonly top: TopLevel;
  readonly rules: StateRules;
  readonly owner: Owner;
  readonly wish: StateWish;
  /** The turn that this request makes with an answer. */
  turn(answered: Pick<KeptTurn, 'id' | 'answer'>): KeptTurn;
  /** Hears the answer, and keeps the turn if its caller wishes it. */
  keep(answer: Answer): Answer | Promise<Answer>;
};

type Asked = { readonly front: Dialect; readonly caller: string; readonly target: Target | undefined };

/**
 * For a request that leaves the turns so far to the server: undefined when it does not, or when its target keeps them itself and they
 * are not here. The caller's format has a way to say so (`thread`, `previous_response_id`), and every target gets all turns in full.
 */
export function continued(top: TopLevel, { front, caller, target }: Asked, kept: Conversations): Promise<Continued | undefined> | undefined {
  const rules = front.state;
  const wish = rules?.wish(top);
  if (rules === undefined || wish === undefined) return undefined;
  const isTheirs = target !== undefined && rules.keeps(target.quirks);
  if (isTheirs && wish.previous === undefined) return undefined;
  return goOn({ top, wish, rules, isTheirs, owner: { caller, dialect: front.name }, kept });
}

type Going = {
  readonly top: TopLevel;
  readonly wish: StateWish;
  readonly rules: StateRules;
  readonly isTheirs: boolean;
  readonly owner: Owner;
  readonly kept: Conversations;
};

async function goOn({ top, wish, rules, isTheirs, owner, kept: { store, bodyLimit } }: Going): Promise<Continued | undefined> {
  const { previous } = wish;
  const turns = previous === undefined ? [] : await turnsUpTo(previous, owner, store);
  if (turns === undefined) {
    if (isTheirs) return undefined;
    throw rules.unknown(previous ?? '');
  }
  const full = scanTopLevel(joined(spliceTopLevel(top, rules.resume(top, turns)), bodyLimit()));
  const turn: Continued['turn'] = (answered) => ({
    ...answered,
    ...(previous === undefined ? {} : { previous }),
    asked: rules.asked(top, previous === undefined),
  });
  return {
    top: full,
    rules,
    owner,
    wish,
    turn,
    keep: (answer) =>
      listening(answer, rules.listen(previous === undefined ? {} : { previous }), async (answered) => {
        if (wish.keep) await store.put(owner, turn(answered));
      }),
  };
}

/** A chain longer than this is no conversation. */
const mostTurns = 10_000;

/** The turns of a conversation, the oldest first; undefined when one of them is gone. */
export async function turnsUpTo(last: string, owner: Owner, store: ConversationStore): Promise<readonly KeptTurn[] | undefined> {
  const turns: KeptTurn[] = [];
  for (let id: string | undefined = last; id !== undefined;) {
    const turn: KeptTurn | undefined = await store.get(owner, id);
    if (turn === undefined || turns.length === mostTurns) return undefined;
    turns.push(turn);
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
