import { effortToAsk } from '../../core/thinking.ts';
import type { Effort, RawJson } from '../../core/ir.ts';
import { printString } from '../../core/json-print.ts';
import { nameOf, type Writing } from './writing.ts';

/** The levels that every Ollama since 0.12 takes, where a model has any. */
const levels: { readonly [effort in Exclude<Effort, 'none'>]: 'low' | 'medium' | 'high' } = {
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};

/** `think`: on, off, or a level. The caller's own stands among the extras. */
export function encodeThink(writing: Writing): RawJson | undefined {
  const { request, context, own, ledger } = writing;
  const { reasoning } = request;
  if (reasoning === undefined || own) return undefined;
  const path = nameOf(request, 'reasoning', 'reasoning');
  if (reasoning.display === 'omitted') ledger.drop(nameOf(request, 'display', `${path}.display`), 'thinking is always shown there');
  else if (reasoning.display !== undefined) ledger.note('changed', nameOf(request, 'display', `${path}.display`), 'thinking is shown as it is');
  if (reasoning.mode === 'disabled' || reasoning.effort === 'none') {
    if (reasoning.effort !== undefined && reasoning.effort !== 'none')
      ledger.note('changed', nameOf(request, 'effort', path), 'thinking is off: its effort is not sent');
    if (reasoning.budget !== undefined) ledger.note('changed', nameOf(request, 'budget', path), 'thinking is off: its budget is not sent');
    return 'false';
  }
  if (reasoning.effort === undefined && reasoning.budget === undefined) return encodeMode(writing, path);
  const effort = effortToAsk(request, context, path);
  if (context.target.info?.reasoning === false) return undefined;
  if (effort === undefined || effort === 'none') return 'true';
  const level = levels[effort];
  if (level !== effort) ledger.note('changed', path, `the effort "${effort}" is sent as "${level}"`);
  return printString(level);
}

/** On, with nothing said of how much. */
function encodeMode({ request, context, ledger }: Writing, path: string): RawJson | undefined {
  const { mode } = request.reasoning ?? {};
  if (mode === undefined) return undefined;
  if (context.target.info?.reasoning === false) {
    ledger.drop(path, 'the model does not think');
    return undefined;
  }
  if (mode !== 'enabled') ledger.note('changed', path, 'thinking is on or off there');
  return 'true';
}
