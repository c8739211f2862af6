import type { Step } from '../core/event.ts';
import { eventStreamToSse, eventStreamType } from './aws-events.ts';
import { decodeNdjson } from './ndjson.ts';

const lines = /^application\/(?:x-)?(?:ndjson|jsonl|json-lines|jsonlines)\b/i;

/** What turns a stream of this content type into server-sent events; undefined for one that is that already, or no stream. */
export function toEvents(contentType: string): Step<Uint8Array, Uint8Array> | undefined {
  if (lines.test(contentType)) return decodeNdjson();
  return contentType.toLowerCase().startsWith(eventStreamType) ? eventStreamToSse() : undefined;
}
