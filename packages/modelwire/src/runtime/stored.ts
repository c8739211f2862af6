import { GatewayError } from '../core/errors.ts';
import type { Dialect, StateRules, StoredRules } from '../core/dialect.ts';
import type { DialectName, RawJson } from '../core/ir.ts';
import type { ChunkSource } from '../core/pump.ts';
import type { Job } from './background.ts';
import type { KeptElsewhere, Owner } from './conversation-store.ts';
import { type Keeper, turnsUpTo } from './conversations.ts';
import { settledTurn } from './settled-turn.ts';

/** What a caller may do with an answer that is kept for it. */
export type StoredEndpoint = {
  readonly kind: 'stored';
  readonly front: DialectName;
  readonly id: string;
  readonly action: 'get' | 'delete' | 'cancel' | 'items';
};

/** `elsewhere`: it is kept by the provider that made it. */
export type StoredAnswer = { readonly json: RawJson } | { readonly stream: ChunkSource } | { readonly elsewhere: KeptElsewhere };

/** Throws `not_found` for what is not kept, or is another key's. */
export async function storedAnswer(
  { id, action }: StoredEndpoint,
  { front, caller, query }: { readonly front: Dialect; readonly caller: string; readonly query: string },
  keeper: Keeper | undefined,
): Promise<StoredAnswer> {
  const { state } = front;
  const rules = state?.stored;
  if (state === undefined || rules === undefined) throw new GatewayError('not_found', 'answers of this format are not kept');
  if (keeper === undefined) throw rules.missing(id);
  const owner: Owner = { caller, dialect: front.name };
  const asked: Asked = { owner, id, state, rules, params: new URLSearchParams(query), job: keeper.jobs.find(owner, id) };
  try {
    return await actions[action](asked, keeper);
  } catch (error) {
    const elsewhere = await keeper.store.get(owner, 'elsewhere', id);
    if (elsewhere === undefined || asked.job !== undefined || (await keeper.store.get(owner, 'turn', id)) !== undefined) throw error;
    return { elsewhere };
  }
}

type Asked = {
  readonly owner: Owner;
  readonly id: string;
  readonly state: StateRules;
  readonly rules: StoredRules;
  readonly params: URLSearchParams;
  readonly job: Job | undefined;
};
type Action = (asked: Asked, keeper: Keeper) => Promise<StoredAnswer>;

const actions: { readonly [action in StoredEndpoint['action']]: Action } = {
  get: async (asked, { store }) => (asked.params.get('stream') === 'true' ? { stream: eventsOf(asked) } : { json: await answerOf(asked, store) }),
  async delete({ owner, id, rules, job }, { store, jobs }) {
    const wasKept = await store.remove(owner, 'turn', id);
    if (!wasKept && job === undefined) throw rules.missing(id);
    job?.cancel(new GatewayError('client_gone', 'the answer was deleted'));
    jobs.remove(owner, id);
    return { json: rules.removed(id) };
  },
  async cancel(asked, { store }) {
    const { owner, id, rules, job } = asked;
    if (job === undefined) {
      const json = await answerOf(asked, store);
      const turn = await store.get(owner, 'turn', id);
      if (turn !== undefined && rules.isOpen(turn.answer)) return { json };
      throw new GatewayError('invalid_request', `Response ${id.slice(0, 100)} was not made in the background: it cannot be cancelled`);
    }
    job.cancel(new GatewayError('client_gone', 'the answer was cancelled'));
    await job.over();
    return { json: job.answer() };
  },
  async items({ owner, id, state, rules, params }, keeper) {
    const turns = await turnsUpTo(id, { owner, rules: state, keeper });
    if (turns === undefined) throw rules.missing(id);
    return { json: rules.items(turns, params) };
  },
};

async function answerOf({ owner, id, state, rules, job }: Asked, store: Keeper['store']): Promise<RawJson> {
  if (job !== undefined) return job.answer();
  const turn = await store.get(owner, 'turn', id);
  if (turn === undefined) throw rules.missing(id);
  return settledTurn(turn, undefined, state).answer;
}

function eventsOf({ id, params, job, rules }: Asked): ChunkSource {
  const given = params.get('starting_after');
  const after = given === null ? -1 : Number(given);
  if (!Number.isInteger(after)) throw new GatewayError('invalid_request', 'starting_after must be the number of an event', { param: 'starting_after' });
  if (job !== undefined) return job.events(after);
  throw new GatewayError('invalid_request', `${rules.missing(id).message}, or its events are kept no longer`, {
    param: 'stream',
    hint: 'Only answers made in the background can be streamed again; ask for it without `stream`',
  });
}
