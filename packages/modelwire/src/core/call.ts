import type { Answer, Attempt, AttemptScope, Call, World } from './attempt.ts';
import type { Context, Dialect, TopLevelEdit } from './dialect.ts';
import { GatewayError, isGatewayError } from './errors.ts';
import type { DialectName } from './ir.ts';
import { lazily } from './lazily.ts';
import { createLedger } from './notes.ts';
import { relay } from './relay.ts';
import { type Target, targetName } from './target.ts';

/**
 * One attempt at one target, from the request to the committed answer. Relay when the target speaks the caller's dialect and nothing
 * needs the body touched, translation otherwise: decided here, per attempt, never mixed in one stream.
 */
export async function attemptCall(call: Call, target: Target, world: World, attempts: Attempt[]): Promise<Answer> {
  const attempt: Attempt = { target, startedAt: world.now(), mode: 'translate', back: undefined, notes: [] };
  attempts.push(attempt);
  try {
    const spoken = backFor(call, target, world);
    const found = spoken === undefined || spoken === call.front.name ? undefined : world.dialect(spoken);
    const back = found instanceof Promise ? await found : spoken === undefined ? undefined : (found ?? call.front);
    if (call.signal.aborted) throw call.signal.reason;
    const scope = scopeOf({ call, target, world, attempt }, back);
    if (call.pass !== undefined) return await (await loadPassThrough()).passThrough(scope, call.pass);
    if (call.operation === 'embeddings') return await (await loadEmbed()).embed(scope);
    const edits = relayEdits(scope);
    if (edits !== undefined) return await relay(scope, edits);
    const translating = loadTranslating();
    return await (translating instanceof Promise ? await translating : translating).translate(scope);
  } catch (thrown) {
    attempt.endedAt = world.now();
    attempt.error = isGatewayError(thrown) ? thrown : new GatewayError('internal_error', 'modelwire failed on its own account', { cause: thrown });
    throw attempt.error;
  }
}

/** Many a gateway and most programs only relay: what else there is is read for the first call that takes it. */
const loadTranslating = lazily(() => import('./translate.ts'));
const loadEmbed = lazily(() => import('./embed.ts'));
const loadPassThrough = lazily(() => import('./pass-through.ts'));

/** What must be edited in a relayed request; undefined when the call must be translated. */
function relayEdits({ call, target, back, context, attempt }: AttemptScope): readonly TopLevelEdit[] | undefined {
  if (back.name !== call.front.name) return undefined;
  const edits = call.front.relay.edits(call.top, { quirks: target.quirks, wantUsage: call.wantUsage });
  if (edits === undefined) return undefined;
  attempt.mode = 'relay';
  for (const edit of edits) if (edit.kind === 'remove') context.ledger.drop(edit.key, edit.reason);
  return edits;
}

type Beginning = Pick<AttemptScope, 'call' | 'target' | 'world' | 'attempt'>;

function scopeOf({ call, target, world, attempt }: Beginning, back: Dialect | undefined): AttemptScope {
  const endpoint = back === undefined ? undefined : target.speaks[back.name];
  if (back === undefined || endpoint === undefined) {
    if (call.operation === 'embeddings') throw new GatewayError('not_found', `${target.provider} speaks no format that has embeddings`, { param: 'model' });
    if (call.pass !== undefined) throw new GatewayError('not_found', `${target.provider} does not speak ${call.front.name}, in which this is asked`);
    throw new GatewayError('internal_error', `${target.provider} speaks no dialect`, { hint: 'Give the provider `speaks` in the config' });
  }
  attempt.back = back.name;
  const ledger = createLedger(targetName(target), call.fidelity);
  attempt.notes = ledger.notes;
  const context: Context = { callId: call.id, target, back: back.name, ledger, now: world.now, newId: world.newId };
  return { call, world, target, back, endpoint, context, attempt };
}

/** The target's dialect for a caller: its own when it is spoken there, else the first that is. */
export function dialectFor(target: Target, front: DialectName): DialectName | undefined {
  if (target.speaks[front] !== undefined) return front;
  return preferred.find((name) => target.speaks[name] !== undefined);
}

/** Where a vendor offers a common format beside its own, its own says the most. */
const preferred: readonly DialectName[] = ['gemini', 'cohere', 'ollama', 'bedrock-converse', 'openai-chat', 'openai-responses', 'anthropic-messages'];

function backFor(call: Call, target: Target, world: World): DialectName | undefined {
  const front = call.front.name;
  if (call.operation === 'embeddings') return embeddingDialectFor(target, front, world);
  if (call.pass !== undefined) return target.speaks[front] === undefined ? undefined : front;
  return dialectFor(target, front);
}

/** The same among the dialects that have embeddings. */
function embeddingDialectFor(target: Target, front: DialectName, world: World): DialectName | undefined {
  return [front, ...preferred].find((name) => target.speaks[name] !== undefined && world.embeddings(name) !== undefined);
}
