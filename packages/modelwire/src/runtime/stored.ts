import { GatewayError } from '../core/errors.ts';
import type { Dialect, StoredRules } from '../core/dialect.ts';
import type { DialectName, RawJson } from '../core/ir.ts';
import type { ChunkSource } from '../core/pump.ts';
import type { Job, Jobs } from './background.ts';
import type { Owner } from './conversation-store.ts';
import { type Conversations, turnsUpTo } from './conversations.ts';

/** What a caller may do with an answer that is kept for it. */
export type StoredEndpoint = {
  readonly kind: 'stored';
  readonly front: DialectName;
  readonly id: string;
  readonly action: 'get' | 'delete' | 'cancel' | 'items';
};

export type StoredAnswer = { readonly json: RawJson } | { readonly stream: ChunkSource };

/** Throws `not_found` for what is not kept, or is another key's. */
export async function storedAnswer(
  { id, action }: StoredEndpoint,
  { front, caller, query }: { readonly front: Dialect; readonly caller: string; readonly query: string },
  kept: (Conversations & { readonly jobs: Jobs }) | undefined,
): Promise<StoredAnswer> {
  const rules = front.state?.stored;
  if (rules === undefined) throw new GatewayError('not_found', 'answers of this format are not kept');
  if (kept === undefined) throw rules.missing(id);
  const owner: Owner = { caller, dialect: front.name };
  const asked: Asked = { owner, id, rules, params: new URLSearchParams(query), job: kept.jobs.find(owner, id) };
  return await actions[action](asked, kept);
}

type Asked = { readonly owner: Owner; readonly id: string; readonly rules: StoredRules; readonly params: URLSearchParams; readonly job: Job | undefined };
type Action = (asked: Asked, kept: Conversations & { readonly jobs: Jobs }) => Promise<StoredAnswer>;

const actions: { readonly [action in StoredEndpoint['action']]: Action } = {
  get: async (asked, { store }) => (asked.params.get('stream') === 'true' ? { stream: eventsOf(asked) } : { json: await answerOf(asked, store) }),
  async delete({ owner, id, rules, job }, { store, jobs }) {
    const wasKept = await store.remove(owner, id);
    if (!wasKept && job === undefined) throw rules.missing(id);
    job?.cancel(new GatewayError('client_gone', 'the answer was deleted'));
    jobs.remove(owner, id);
    return { json: rules.removed(id) };
  },
  async cancel(asked, { store }) {
    const { id, job } = asked;
    if (job === undefined) {
      await answerOf(asked, store);
      throw new GatewayError('invalid_request', `Response ${id.slice(0, 100)} was not made in the background: it cannot be cancelled`);
    }
    job.cancel(new GatewayError('client_gone', 'the answer was cancelled'));
    await job.over();
    return { json: job.answer() };
  },
  async items({ owner, id, rules, params }, { store }) {
    const turns = await turnsUpTo(id, owner, store);
    if (turns === undefined) throw rules.missing(id);
    return { json: rules.items(turns, params) };
  },
};

async function answerOf({ owner, id, rules, job }: Asked, store: Conversations['store']): Promise<RawJson> {
  if (job !== undefined) return job.answer();
  const turn = await store.get(owner, id);
  if (turn === undefined) throw rules.missing(id);
  return turn.answer;
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
