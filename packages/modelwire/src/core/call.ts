import type { Answer, Attempt, AttemptScope, Call, World } from './attempt.ts';
import type { Context } from './dialect.ts';
import { GatewayError, isGatewayError } from './errors.ts';
import type { DialectName } from './ir.ts';
import { createLedger } from './notes.ts';
import { relay } from './relay.ts';
import { type Target, targetName } from './target.ts';
import { translate } from './translate.ts';

/**
 * One attempt at one target, from the request to the committed answer. Relay when the target speaks the caller's dialect and nothing
 * needs the body touched, translation otherwise: decided here, per attempt, never mixed in one stream.
 */
export async function attemptCall(call: Call, target: Target, world: World, attempts: Attempt[]): Promise<Answer> {
  const attempt: Attempt = { target, startedAt: world.now(), mode: 'translate', back: undefined, notes: [] };
  attempts.push(attempt);
  try {
    if (call.signal.aborted) throw call.signal.reason;
    return await run(scopeOf(call, target, world, attempt));
  } catch (thrown) {
    attempt.endedAt = world.now();
    attempt.error = isGatewayError(thrown) ? thrown : new GatewayError('internal_error', 'modelwire failed on its own account', { cause: thrown });
    throw attempt.error;
  }
}

async function run(scope: AttemptScope): Promise<Answer> {
  const { call, target, context, attempt } = scope;
  if (scope.back.name === call.front.name) {
    const edits = call.front.relay.edits(call.top, { quirks: target.quirks, wantUsage: call.wantUsage });
    if (edits !== undefined) {
      attempt.mode = 'relay';
      for (const edit of edits) if (edit.kind === 'remove') context.ledger.drop(edit.key, edit.reason);
      return await relay(scope, edits);
    }
  }
  return await translate(scope);
}

/** The target's dialect for this call: the caller's own when it is spoken there, else the first that is. */
function scopeOf(call: Call, target: Target, world: World, attempt: Attempt): AttemptScope {
  const own = target.speaks[call.front.name];
  const name = own === undefined ? firstDialect(target) : call.front.name;
  const endpoint = own ?? (name === undefined ? undefined : target.speaks[name]);
  if (name === undefined || endpoint === undefined) {
    throw new GatewayError('internal_error', `${target.provider} speaks no dialect`, { hint: 'Give the provider `speaks` in the config' });
  }
  attempt.back = name;
  const ledger = createLedger(targetName(target), call.fidelity);
  attempt.notes = ledger.notes;
  const context: Context = { callId: call.id, target, back: name, ledger, now: world.now, newId: world.newId };
  return { call, world, target, back: world.dialect(name), endpoint, context, attempt };
}

function firstDialect(target: Target): DialectName | undefined {
  const names: readonly DialectName[] = ['openai-chat', 'anthropic-messages'];
  return names.find((name) => target.speaks[name] !== undefined);
}
