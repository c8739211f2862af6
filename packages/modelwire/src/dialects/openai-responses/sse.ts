import type { RawJson } from '../../core/ir.ts';

/** One named event. The framing belongs to the format: every event of it has a name. */
export function encodeSse(event: string, data: RawJson): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}
