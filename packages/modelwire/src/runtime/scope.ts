import type { World } from '../core/attempt.ts';
import type { Deadlines } from '../core/deadline.ts';
import type { Context, Dialect, HeaderMap } from '../core/dialect.ts';
import { GatewayError } from '../core/errors.ts';
import type { ChatRequest } from '../core/ir.ts';
import { type Fidelity } from '../core/notes.ts';
import { type Target } from '../core/target.ts';
import type { RetryPolicy } from '../layers/retry.ts';
import { type Directory } from '../providers/resolve.ts';
import { type Jobs } from './background.ts';
import type { Conversations, Keeper } from './conversations.ts';
import { type Incoming } from './handling.ts';
import { type CallRecord } from './record.ts';

/** Who asks. `mayUse` says whether this caller may have a model, by the name asked for. */
export type Caller = { readonly name: string; mayUse(model: string): boolean };

export type Policies = {
  readonly directory: Directory;
  readonly retry: RetryPolicy;
  readonly deadlines: Deadlines;
  readonly fidelity: Fidelity;
  readonly pingMs: number;
};

export type HandlerOptions = {
  readonly world: World;
  /** The policies in force now; asked once per request, so a reload never mixes two. */
  policies(): Policies;
  /** Throws `invalid_api_key`. */
  authenticate(headers: HeaderMap): Caller;
  /** An exact token count of a chat request for targets that can give one here; undefined: estimate. */
  countTokens?(target: Target, request: ChatRequest, context: Context): Promise<number> | undefined;
  /** For callers that leave the turns so far to the server. Default: nothing is kept, and such a call is refused by the caller's format. */
  readonly conversations?: Conversations;
  /** One per call, after it has ended. */
  record?(record: CallRecord): void;
  /** Identifies this gateway to itself: a call that comes back to it is refused. */
  readonly instance: string;
  readonly version: string;
};

const viaHeader = 'modelwire-via';
/** The marker that our own requests carry, so that a loop is seen. */
export function viaHeaders(instance: string): Readonly<Record<string, string>> {
  return { [viaHeader]: instance };
}

/** A request being handled, and who asks. */
export type Scope = {
  readonly options: HandlerOptions;
  readonly jobs: Jobs;
  readonly incoming: Incoming;
  /** The caller's format. */
  readonly front: Dialect;
  readonly id: string;
  readonly policies: Policies;
  readonly caller: Caller;
};

export function forbidden(model: string): GatewayError {
  return new GatewayError('permission_denied', `this key may not use the model ${model}`, { param: 'model', hint: 'Ask for a model that the key is allowed' });
}

/** A call that has come back to the gateway that sent it is refused. */
export function guardLoop(options: HandlerOptions, incoming: Incoming): void {
  if (incoming.headers[viaHeader]?.split(',').some((via) => via.trim() === options.instance) !== true) return;
  throw new GatewayError('loop_detected', 'this call has come back to the gateway that sent it', {
    hint: 'A provider baseURL in the config points at this gateway itself',
  });
}

/** Where what callers leave to the server is kept. */
export function keeperOf({ options, jobs }: Scope): Keeper | undefined {
  const { conversations, world } = options;
  return conversations === undefined ? undefined : { ...conversations, jobs, newId: world.newId };
}
