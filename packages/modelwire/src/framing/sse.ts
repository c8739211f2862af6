import type { SseEvent } from '../core/dialect.ts';
import type { Step } from '../core/event.ts';
import { GatewayError } from '../core/errors.ts';

/** A line longer than this ends the stream as invalid: memory stays bounded under an endless line. Bytes are counted as UTF-16 units. */
export const maxLineLength = 16 * 1024 * 1024;

/**
 * Server-sent events from bytes, by the WHATWG rules: UTF-8 with invalid sequences replaced, one BOM stripped, lines ended by LF, CR or
 * CRLF, comments ignored, several `data:` lines joined by LF, an event without data not dispatched. Any cut of the bytes gives the
 * same events. An event that the end of input leaves unfinished is dropped, as the rules say; the terminal-event law catches it.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function decodeSse(): Step<Uint8Array, SseEvent> {
  const decoder = new TextDecoder();
  let pending: string[] = [];
  let pendingLength = 0;
  let afterCr = false;
  let event = '';
  let data: string | undefined;

  const line = (text: string, emit: (out: SseEvent) => void): void => {
    if (text === '') {
      if (data !== undefined) emit({ event, data });
      event = '';
      data = undefined;
      return;
    }
    const colon = text.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? text : text.slice(0, colon);
    const at = colon === -1 ? text.length : text.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1;
    if (field === 'data') {
      data = data === undefined ? text.slice(at) : `${data}\n${text.slice(at)}`;
      bound(data.length);
    } else if (field === 'event') event = text.slice(at);
  };

  const feed = (text: string, emit: (out: SseEvent) => void): void => {
    let from = 0;
    if (afterCr && text.length > 0) {
      if (text.charCodeAt(0) === 10) from = 1;
      afterCr = false;
    }
    const hasCr = text.includes('\r', from);
    for (;;) {
      const end = hasCr ? nextBreak(text, from) : text.indexOf('\n', from);
      if (end === -1) break;
      let whole = text.slice(from, end);
      if (pending.length > 0) {
        pending.push(whole);
        whole = pending.join('');
        pending = [];
        pendingLength = 0;
      }
      line(whole, emit);
      from = end + 1;
      if (text.charCodeAt(end) === 13) {
        if (from === text.length) afterCr = true;
        else if (text.charCodeAt(from) === 10) from++;
      }
    }
    if (from < text.length) {
      pending.push(text.slice(from));
      pendingLength += text.length - from;
      bound(pendingLength + (data?.length ?? 0));
    }
  };

  return {
    push: (bytes, emit) => feed(decoder.decode(bytes, { stream: true }), emit),
    end: (emit) => feed(decoder.decode(), emit),
  };
}

function nextBreak(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 10 || c === 13) return i;
  }
  return -1;
}

function bound(length: number): void {
  if (length > maxLineLength) throw new GatewayError('upstream_invalid_response', `an event of the stream is longer than ${maxLineLength} bytes`);
}

/** One event as text. `data` must hold no line break (JSON never does). */
export function encodeSse(data: string, event?: string): string {
  return event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`;
}
