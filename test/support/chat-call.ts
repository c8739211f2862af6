import type { Call } from '../../packages/modelwire/src/core/attempt.ts';
import { createCanceller } from '../../packages/modelwire/src/core/cancel.ts';
import { defaultDeadlines } from '../../packages/modelwire/src/core/deadline.ts';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { scanTopLevel } from '../../packages/modelwire/src/core/top-level.ts';
import { dialects } from './dialects.ts';

/** A chat as a front's caller asks for it; whole, with every default, unless `more` says otherwise. */
export function chatCall(front: DialectName, body: string | Uint8Array, more: Partial<Call> = {}): Call {
  return {
    id: 'req_1',
    front: dialects[front],
    operation: 'chat',
    top: scanTopLevel(typeof body === 'string' ? new TextEncoder().encode(body) : body),
    headers: {},
    stream: false,
    fidelity: 'carry',
    deadlines: defaultDeadlines,
    signal: createCanceller().signal,
    wantUsage: true,
    pingMs: 0,
    ...more,
  };
}
