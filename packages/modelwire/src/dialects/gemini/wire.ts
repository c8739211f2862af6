import type { Asked, Operation } from '../../core/dialect.ts';
import { ownFields } from '../../core/own-fields.ts';

/** How Google's generateContent JSON is read and written. */
export const dialect = 'gemini';

export const { extrasOf, spelled, mark, isMarked, ownEntries, printWithExtras, isOwn } = ownFields(dialect);

/** The method's path. The model may come with the name of its collection. */
export function methodPath(operation: Operation, { model, stream }: Asked): string {
  const name = /^(?:models|tunedModels)\//.test(model) ? model : `models/${model}`;
  const path = `/v1beta/${name.split('/').map(encodeURIComponent).join('/')}`;
  if (operation === 'count_tokens') return `${path}:countTokens`;
  return stream ? `${path}:streamGenerateContent?alt=sse` : `${path}:generateContent`;
}

/** Names of functions. */
export const toolNames = { pattern: /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/, max: 128 };
