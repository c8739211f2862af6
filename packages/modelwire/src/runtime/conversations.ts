import type { Answer } from '../core/attempt.ts';
import type { AnswerListener, Dialect, KeptTurn, StateRules, StateWish } from '../core/dialect.ts';
import { joinChunks } from '../core/body.ts';
import { GatewayError } from '../core/errors.ts';
import type { ChunkSink } from '../core/pump.ts';
import type { Target } from '../core/target.ts';
import { scanTopLevel, spliceTopLevel, type TopLevel } from '../core/top-level.ts';
import { decodeSse } from '../framing/sse.ts';
import type { ConversationStore, Owner } from './conversation-store.ts';

/** A request made whole, and what is to become of its answer. */
export type Continued = { readonly top: TopLevel; keep(answer: Answer): Answer | Promise<Answer> };

/** What a gateway that keeps conversations keeps them with. */
export type Conversations = {
  readonly store: ConversationStore;
  /** How long a request may become, in bytes, with all its turns. */
  bodyLimit(): number;
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
  const turns = wish.previous === undefined ? [] : await turnsUpTo(wish.previous, owner, store);
  if (turns === undefined) {
    if (isTheirs) return undefined;
    throw rules.unknown(wish.previous ?? '');
  }
  const full = scanTopLevel(joined(spliceTopLevel(top, rules.resume(top, turns)), bodyLimit()));
  const { previous } = wish;
  return {
    top: full,
    keep(answer) {
      if (!wish.keep) return answer;
      return listening(answer, rules.listen(), (heard) =>
        store.put(owner, { ...heard, ...(previous === undefined ? {} : { previous }), asked: rules.asked(top, previous === undefined) }),
      );
    },
  };
}

/** A chain longer than this is no conversation. */
const mostTurns = 10_000;

/** The turns of a conversation, the oldest first; undefined when one of them is gone. */
async function turnsUpTo(last: string, owner: Owner, store: ConversationStore): Promise<readonly KeptTurn[] | undefined> {
  const turns: KeptTurn[] = [];
  for (let id: string | undefined = last; id !== undefined;) {
    const turn: KeptTurn | undefined = await store.get(owner, id);
    if (turn === undefined || turns.length === mostTurns) return undefined;
    turns.push(turn);
    id = turn.previous;
  }
  return turns.reverse();
}

function joined(parts: readonly (Uint8Array | string)[], limit: number): Uint8Array {
  const bytes = joinBytes(parts.map(bytesOf));
  if (bytes.length <= limit) return bytes;
  throw new GatewayError('request_too_large', `with all its turns the conversation is longer than ${limit} bytes`, {
    hint: 'Begin a new conversation, or raise server.bodyLimit',
  });
}

type Heard = NonNullable<ReturnType<AnswerListener['heard']>>;

/** Keeps the turn before the caller has the end of its answer, so that the next request finds it. What cannot be kept is found missing then. */
async function listening(answer: Answer, listener: AnswerListener, keep: (heard: Heard) => Promise<void>): Promise<Answer> {
  const { body } = answer;
  const ear = answer.contentType === 'application/json' ? hearWhole(listener) : hearEvents(listener);
  const finish = async (): Promise<void> => {
    try {
      ear.end();
      const heard = listener.heard();
      if (heard !== undefined) await keep(heard);
    } catch {
      // An answer that cannot be read, or a store that is full or gone: the answer itself is the caller's all the same.
    }
  };
  if (body.kind === 'whole') {
    for (const chunk of body.chunks) ear.hear(bytesOf(chunk));
    await finish();
    return answer;
  }
  const start = (sink: ChunkSink): void =>
    body.source.start({
      data(chunk) {
        ear.hear(bytesOf(chunk));
        sink.data(chunk);
      },
      end: () => void finish().then(sink.end),
      reset: sink.reset,
    });
  return { ...answer, body: { kind: 'stream', source: { ...body.source, start } } };
}

/** Hears the bytes of an answer. `hear` never throws. */
type Ear = { hear(bytes: Uint8Array): void; end(): void };

function hearWhole(listener: AnswerListener): Ear {
  const chunks: Uint8Array[] = [];
  return {
    hear: (bytes) => void chunks.push(bytes),
    end: () => listener.whole(scanTopLevel(joinBytes(chunks))),
  };
}

function hearEvents(listener: AnswerListener): Ear {
  const frames = decodeSse();
  let problem: unknown;
  return {
    hear(bytes) {
      if (problem !== undefined) return;
      try {
        frames.push(bytes, listener.event);
      } catch (error) {
        problem = error;
      }
    },
    end() {
      if (problem !== undefined) throw problem;
      frames.end(listener.event);
    },
  };
}

function joinBytes(chunks: readonly Uint8Array[]): Uint8Array {
  return joinChunks(
    chunks,
    chunks.reduce((sum, chunk) => sum + chunk.length, 0),
  );
}

const encoder = new TextEncoder();
const bytesOf = (chunk: Uint8Array | string): Uint8Array => (typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
