import type { Accounting } from '../../core/accounting.ts';
import type { Context } from '../../core/dialect.ts';
import type { ChatRequest } from '../../core/ir.ts';
import type { Quirks } from '../../core/target.ts';

/** What one request's encoding knows. `own`: it came in this dialect, and goes out as it came but for what a quirk asks. */
export type Writing = Accounting & {
  readonly request: ChatRequest;
  readonly context: Context;
  readonly quirks: Quirks;
  readonly own: boolean;
};

/** The caller's own name of a field. */
export function nameOf(request: ChatRequest, field: string, otherwise: string): string {
  return request.names[field] ?? otherwise;
}
