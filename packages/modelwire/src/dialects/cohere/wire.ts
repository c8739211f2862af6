import type { RawJson } from '../../core/ir.ts';
import { ownFields } from '../../core/own-fields.ts';

/** How Cohere's chat JSON (v2) is read and written. */
export const dialect = 'cohere';

export const chatPath = '/v2/chat';

/** Names of tools. */
export const toolNames = { pattern: /^[a-zA-Z_][a-zA-Z0-9_]*$/, max: 128 };

export const { extrasOf, spelled, mark, isMarked, ownEntries, printWithExtras, isOwn } = ownFields(dialect);

/**
 * One named event. Cohere's clients end a stream at the text `[DONE]` wherever it stands in a line, so in an answer it is spelled in
 * another way that means the same.
 */
export function encodeSse(event: string, data: RawJson): string {
  return `event: ${event}\ndata: ${data.includes(done) ? data.replaceAll(done, '\\u005bDONE]') : data}\n\n`;
}

const done = '[DONE]';

export const terminator = `data: ${done}\n\n`;
