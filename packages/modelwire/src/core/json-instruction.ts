import type { ResponseFormat } from './ir.ts';

/** Words that ask for JSON, for targets without a field that makes them give it. */
export function jsonInstruction(format: ResponseFormat): string {
  if (format.type !== 'schema') return 'Answer with one JSON object and nothing else: no text and no code fence around it.';
  const described = format.description === undefined ? '' : `${format.description}\n`;
  return `Answer with one JSON value and nothing else: no text and no code fence around it. It must be valid against this JSON Schema.\n${described}${format.schema}`;
}
