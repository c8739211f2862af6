import type { SseEvent } from '../core/dialect.ts';
import { isObject } from '../core/json-text.ts';
import { anthropicMessages } from '../dialects/anthropic-messages/index.ts';
import type { Vendor } from './connection.ts';
import * as errors from './errors-anthropic.ts';
import { anthropicErrors } from './family-anthropic.ts';
import type { Reading } from './stream.ts';

/** The API version whose fields the types describe. */
export const apiVersion = '2026-10-21';

export const vendor: Vendor = {
  name: 'anthropic',
  front: anthropicMessages,
  family: anthropicErrors,
  format: {
    read: readEvent,
    cut: () => new errors.APIConnectionError({ message: 'The stream ended before the answer was complete.' }),
    consumed: () => new errors.AnthropicError('A stream can be iterated once. Use tee() for two readers.'),
  },
  idHeader: 'request-id',
  baseURL: 'https://api.anthropic.com',
  auth: 'x-api-key',
  modelsPath: '/v1/models',
  quirks: { threads: true, systemInMessages: true },
};

function readEvent({ event, data }: SseEvent, headers: Headers): Reading {
  const item: unknown = JSON.parse(data);
  const type = isObject(item) ? item['type'] : undefined;
  if (type === 'ping') return { kind: 'skip' };
  if (event === 'error' || type === 'error') return { kind: 'error', error: anthropicErrors.inStream(item, headers) };
  return { kind: type === 'message_stop' ? 'last' : 'item', item };
}
