import type { Context } from '../../packages/modelwire/src/core/dialect.ts';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { createLedger, type Fidelity } from '../../packages/modelwire/src/core/notes.ts';
import type { ModelInfo, Quirks, Target } from '../../packages/modelwire/src/core/target.ts';

export type ContextOptions = {
  /** Default: `upstream`. */ readonly provider?: string;
  /** Default: `model-1`. */ readonly model?: string;
  /** Default: none. */ readonly speaks?: Target['speaks'];
  /** Default: none. */ readonly quirks?: Quirks;
  readonly info?: ModelInfo;
  /** Default: `carry`. */ readonly fidelity?: Fidelity;
  /** What the clock shows, in milliseconds since the epoch. Default: a day in September 2026. */ readonly now?: number;
};

/** A context with a clock that stands still and ids that count. */
export function contextTo(back: DialectName, options: ContextOptions = {}): Context {
  const { provider = 'upstream', model = 'model-1', speaks = {}, quirks = {}, info, fidelity = 'carry', now = 1_790_000_000_000 } = options;
  let ids = 0;
  return {
    callId: 'req_1',
    target: { provider, model, speaks, quirks, ...(info === undefined ? {} : { info }) },
    back,
    ledger: createLedger(`${provider}/${model}`, fidelity),
    now: () => now,
    newId: (prefix) => `${prefix}${++ids}`,
  };
}

/** What was noted: `verdict path`. */
export function notesOf(context: Context): string[] {
  return context.ledger.notes.map(({ verdict, path }) => `${verdict} ${path}`);
}
