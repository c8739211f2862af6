import type { SseEvent } from '../core/dialect.ts';
import { isObject } from '../core/json-text.ts';
import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Vendor } from './connection.ts';
import * as errors from './errors-openai.ts';
import { openaiErrors } from './family-openai.ts';
import type { Reading } from './stream.ts';

export const openaiVendor: Vendor = {
  name: 'openai',
  front: openaiChat,
  family: openaiErrors,
  format: {
    read: readChunk,
    cut: () => new errors.APIConnectionError({ message: 'The stream ended before the answer was complete.' }),
    consumed: () => new errors.OpenAIError('A stream can be iterated once. Use tee() for two readers.'),
  },
  idHeader: 'x-request-id',
  baseURL: 'https://api.openai.com/v1',
  auth: 'bearer',
  modelsPath: '/models',
  quirks: {},
};

function readChunk(event: SseEvent, headers: Headers): Reading {
  if (event.data === '[DONE]') return { kind: 'end' };
  const chunk: unknown = JSON.parse(event.data);
  if (event.event === 'error' || (isObject(chunk) && chunk['error'] !== undefined && chunk['error'] !== null)) {
    return { kind: 'error', error: openaiErrors.inStream(chunk, headers) };
  }
  if (isObject(chunk) && Array.isArray(chunk['choices'])) for (const choice of chunk['choices']) finishOrNull(choice);
  return { kind: 'item', item: chunk };
}

/** Some servers leave `finish_reason` out until it is known, where the type has null. */
function finishOrNull(choice: unknown): void {
  if (isObject(choice) && choice['finish_reason'] === undefined) Object.assign(choice, { finish_reason: null });
}
