import type { Answer, Attempt, AttemptScope, Call, World } from './attempt.ts';
import type { Context, TopLevelEdit } from './dialect.ts';
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
    const scope = scopeOf(call, target, world, attempt);
    const edits = relayEdits(scope);
    return await (edits === undefined ? translate(scope) : relay(scope, edits));
  } catch (thrown) {
    attempt.endedAt = world.now();
    attempt.error = isGatewayError(thrown) ? thrown : new GatewayError('internal_error', 'modelwire failed on its own account', { cause: thrown });
    throw attempt.error;
  }
}

/** What must be edited in a relayed request; undefined when the call must be translated. */
function relayEdits({ call, target, back, context, attempt }: AttemptScope): readonly TopLevelEdit[] | undefined {
  if (back.name !== call.front.name) return undefined;
  const edits = call.front.relay.edits(call.top, { quirks: target.quirks, wantUsage: call.wantUsage });
  if (edits === undefined) return undefined;
  attempt.mode = 'relay';
  for (const edit of edits) if (edit.kind === 'remove') context.ledger.drop(edit.key, edit.reason);
  return edits;
}

function scopeOf(call: Call, target: Target, world: World, attempt: Attempt): AttemptScope {
  const name = dialectFor(target, call.front.name);
  const endpoint = name === undefined ? undefined : target.speaks[name];
  if (name === undefined || endpoint === undefined) {
    throw new GatewayError('internal_error', `${target.provider} speaks no dialect`, { hint: 'Give the provider `speaks` in the config' });
  }
  attempt.back = name;
  const ledger = createLedger(targetName(target), call.fidelity);
  attempt.notes = ledger.notes;
  const context: Context = { callId: call.id, target, back: name, ledger, now: world.now, newId: world.newId };
  return { call, world, target, back: world.dialect(name), endpoint, context, attempt };
}

/** The target's dialect for a caller: its own when it is spoken there, else the first that is. */
export function dialectFor(target: Target, front: DialectName): DialectName | undefined {
  if (target.speaks[front] !== undefined) return front;
  // Where a vendor offers a common format beside its own, its own says the most.
  const names: readonly DialectName[] = ['gemini', 'openai-chat', 'openai-responses', 'anthropic-messages'];
  return names.find((name) => target.speaks[name] !== undefined);
}
