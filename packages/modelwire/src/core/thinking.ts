import type { Context } from './dialect.ts';
import { effortForBudget } from './effort.ts';
import type { ChatRequest, Effort } from './ir.ts';

/** The effort to ask of a target that knows no other measure of thinking; undefined when there is nothing to send. `path` is the caller's field. */
export function effortToAsk(request: ChatRequest, { ledger, target }: Context, path: string): Effort | undefined {
  const { effort, budget, mode } = request.reasoning ?? {};
  const doesNotThink = target.info?.reasoning === false;
  if (mode === 'disabled' || effort === 'none') {
    if (effort !== undefined && effort !== 'none') ledger.note('changed', request.names['effort'] ?? path, 'thinking is off: its effort is not sent');
    if (doesNotThink) return undefined;
    if (effort === 'none' || target.info?.reasoning === true) return 'none';
    ledger.drop(path, 'it is not known how this model’s thinking is switched off');
    return undefined;
  }
  if (doesNotThink) {
    ledger.drop(path, 'the model does not think');
    return undefined;
  }
  if (effort !== undefined) {
    if (budget !== undefined) ledger.note('changed', request.names['budget'] ?? path, 'of effort and budget, the effort is sent');
    return effort;
  }
  const limit = request.maxTokens ?? target.info?.maxOutput;
  if (budget === undefined) {
    if (mode !== undefined) ledger.note('changed', path, 'how much the model thinks is left to it');
    return undefined;
  }
  if (limit === undefined) {
    ledger.drop(path, 'without an output limit a budget says no effort');
    return undefined;
  }
  const nearest = effortForBudget(budget, limit);
  ledger.note('changed', path, `a budget of ${budget} tokens is sent as the effort "${nearest}"`);
  return nearest;
}
