import type { KeptTurn, StateRules } from '../core/dialect.ts';
import { GatewayError } from '../core/errors.ts';
import type { Job } from './background.ts';

/** A turn as it stands now: an answer that was promised and that nobody makes any more was lost with the process that made it. */
export function settledTurn(turn: KeptTurn, job: Job | undefined, { stored }: StateRules): KeptTurn {
  if (job !== undefined) return { ...turn, answer: job.answer() };
  return stored?.isOpen(turn.answer) === true ? { ...turn, answer: stored.broken(turn.answer, lost()) } : turn;
}

function lost(): GatewayError {
  return new GatewayError('internal_error', 'the gateway was started again while this answer was being made, and what had come of it is lost', {
    hint: 'Ask again',
  });
}
