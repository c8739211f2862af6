import type { Step } from '../core/event.ts';
import { eventStreamToSse, eventStreamType } from './aws-events.ts';

/** What turns a stream of this content type into server-sent events; undefined for one that is that already, or no stream. */
export function toEvents(contentType: string): Step<Uint8Array, Uint8Array> | undefined {
  return contentType.toLowerCase().startsWith(eventStreamType) ? eventStreamToSse() : undefined;
}
