import type { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json-text.ts';
import type { MockReply, MockView } from './mock-view.ts';

/** When every scripted answer was made: 2026-01-01. */
export const mockCreated = 1_767_225_600;

export type MockRules = {
  /** Unknown top-level fields are let through, for the model that shows what it got. */
  readonly lenient: boolean;
  /** The model thinks, and wants the thinking of a turn with tools back. */
  readonly thinks: boolean;
};

/** What most formats stream. */
export const sseWire = { streamType: 'text/event-stream; charset=utf-8', torn: 'data: {"torn": "in the midd\n\n' } as const;

/** How a dialect is spoken by the scripted provider: written apart from the real dialects, so that it can judge them. */
export type MockWire = {
  /** Throws what the real vendor would refuse the request with. */
  check(body: JsonObject, rules: MockRules): void;
  view(body: JsonObject, text: string): MockView;
  whole(reply: MockReply, view: MockView): string;
  /** The framed events of a stream, without the terminator. */
  events(reply: MockReply, view: MockView, body: JsonObject): readonly string[];
  /** Content type of a stream. */
  readonly streamType: string;
  /** An event with torn JSON. */
  readonly torn: string;
  readonly terminator: string;
  error(error: GatewayError, requestId: string): string;
  errorEvent(error: GatewayError, requestId: string): string;
  /** The body of a token count; undefined for a dialect that has none. */
  count(view: MockView): string | undefined;
  /** Sent with an error besides. */
  errorHeaders?(error: GatewayError): Readonly<Record<string, string>>;
  readonly requestIdHeader: string;
  /** Sent with every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** The framing of a stream that is not text. */
  frame?(event: string): Uint8Array;
};
