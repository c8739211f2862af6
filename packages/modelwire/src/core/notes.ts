import { GatewayError } from './errors.ts';
import type { CacheMark, Extra, Names } from './ir.ts';

/**
 * What a translation did to a field: `changed` by a stated rule, `emulated` here, `carried` (kept for the answer or the next turn,
 * not sent), `dropped` (a hint is lost), `rejected` (400 before anything is sent).
 */
export type Verdict = 'changed' | 'emulated' | 'carried' | 'dropped' | 'rejected';

/** One line of the fidelity receipt. */
export type Note = {
  /** The field in the caller's own names, e.g. `messages[3].content[0].cache_control`. */
  readonly path: string;
  readonly verdict: Verdict;
  /** `provider/model` that the field could not reach as it was. */
  readonly target: string;
  readonly reason: string;
};

/** `strict` refuses any drop, `carry` (default) refuses only what changes the answer's contract, `lenient` drops that too. */
export type Fidelity = 'strict' | 'carry' | 'lenient';

const order: readonly Verdict[] = ['changed', 'carried', 'emulated', 'dropped', 'rejected'];

/** The value of the `modelwire-notes` header: how many, and the worst verdict; undefined when there is nothing to say. */
export function summarizeNotes(notes: readonly Note[]): string | undefined {
  if (notes.length === 0) return undefined;
  const worst = notes.reduce((max, note) => Math.max(max, order.indexOf(note.verdict)), 0);
  return `${notes.length}; worst=${order[worst]}`;
}

/** Collects the notes of one attempt, and turns a loss into a refusal where the call's fidelity demands it. */
export type Ledger = {
  readonly notes: readonly Note[];
  /** The value changed or moved, nothing is lost. */
  note(verdict: 'changed' | 'emulated' | 'carried', path: string, reason: string): void;
  /** A hint is lost: a note, or 400 when strict. */
  drop(path: string, reason: string): void;
  /** The answer's contract cannot be kept: 400 naming field, target and alternative, or a drop when lenient. */
  refuse(path: string, reason: string, alternative?: string): void;
  /** A part of the answer has no place in the caller's format: a note in every mode, since the answer is made and paid for. */
  lost(path: string, reason: string): void;
};

export function createLedger(target: string, fidelity: Fidelity): Ledger {
  const notes: Note[] = [];
  const reject = (path: string, reason: string, alternative?: string): never => {
    throw new GatewayError('unsupported_parameter', `${path} cannot be sent to ${target}: ${reason}`, {
      param: path,
      hint: alternative ?? 'Leave the field out, choose another model, or set fidelity: lenient to drop it',
    });
  };
  return {
    notes,
    note(verdict, path, reason) {
      notes.push({ path, verdict, target, reason });
    },
    drop(path, reason) {
      if (fidelity === 'strict') reject(path, reason);
      notes.push({ path, verdict: 'dropped', target, reason });
    },
    refuse(path, reason, alternative) {
      if (fidelity !== 'lenient') reject(path, reason, alternative);
      notes.push({ path, verdict: 'dropped', target, reason });
    },
    lost(path, reason) {
      notes.push({ path, verdict: 'dropped', target, reason });
    },
  };
}

/** Accounts for every extra that is not `own`'s: the back calls this for each place where extras can stand. */
export function accountForExtras(extras: readonly Extra[] | undefined, own: string, ledger: Ledger): void {
  if (extras === undefined) return;
  for (const extra of extras) {
    if (extra.dialect === own || extra.loss === 'nothing') continue;
    const reason = extra.reason ?? `${own} has no such field`;
    if (extra.loss === 'hint') ledger.drop(extra.path, reason);
    else ledger.refuse(extra.path, reason);
  }
}

/** Where the cache mark of a block or tool stands, for notes. */
export function cachePath({ cache, at }: { readonly cache?: CacheMark; readonly at?: string }, otherwise: string): string {
  return cache?.at ?? `${at ?? otherwise}.cache_control`;
}

type Named = { readonly at?: string | undefined; readonly names?: Names | undefined };

/** Where a field of a block or tool stands in the caller's body, for notes. `word` is what most formats call it. */
export function fieldPath({ at, names }: Named, word: string, otherwise: string): string {
  return names?.[word] ?? `${at ?? otherwise}.${word}`;
}

/** The same for an answer: says what of it the caller's format has no place for. */
export function loseExtras(extras: readonly Extra[] | undefined, own: Extra['dialect'], ledger: Ledger): void {
  if (extras === undefined) return;
  for (const extra of extras) {
    if (extra.dialect !== own && extra.loss !== 'nothing') ledger.lost(extra.path, extra.reason ?? `${own} has no such field`);
  }
}
