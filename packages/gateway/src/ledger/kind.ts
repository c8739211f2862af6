import type { CallRecord } from 'modelwire/internal/runtime/record';

/**
 * Whether two records tell the same but for the id, the times, the tokens and the provider's own id: the calls of a
 * program, say.
 */
export function isSameKind(one: CallRecord, other: CallRecord): boolean {
  const [first, second] = [one.attempts[0], other.attempts[0]];
  return (
    first !== undefined &&
    second !== undefined &&
    hasKind(one) &&
    hasKind(other) &&
    one.key === other.key &&
    one.asked === other.asked &&
    one.served === other.served &&
    // The same list for all calls that the same configuration resolved.
    one.candidates === other.candidates &&
    one.how === other.how &&
    one.client === other.client &&
    one.stream === other.stream &&
    one.finish === other.finish &&
    one.format === other.format &&
    one.operation === other.operation &&
    one.status === other.status &&
    one.outcome === other.outcome &&
    first.provider === second.provider &&
    first.model === second.model &&
    first.mode === second.mode &&
    first.back === second.back &&
    first.status === second.status
  );
}

/** Of the records with an error, a note or a second attempt each is its own. */
export function hasKind({ attempts, notes, error }: CallRecord): boolean {
  return attempts.length === 1 && notes.length === 0 && error === undefined && attempts[0]?.error === undefined;
}
