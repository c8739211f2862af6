import type { Operation } from '../../core/dialect.ts';
import { ownFields } from '../../core/own-fields.ts';

/** How Ollama's `/api/chat` JSON is read and written. */
export const dialect = 'ollama';

export const { extrasOf, spelled, mark, isMarked, ownEntries, printWithExtras, isOwn } = ownFields(dialect);

export const chatPath = '/api/chat';

/** Ollama counts no tokens before it is asked. */
export function pathOf(operation: Operation): string | undefined {
  if (operation === 'count_tokens') return undefined;
  return operation === 'generate' ? '/api/generate' : chatPath;
}
