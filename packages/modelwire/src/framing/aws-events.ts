import { decodeBase64 } from '../core/base64.ts';
import type { Step } from '../core/event.ts';
import { isObject, type JsonObject } from '../core/json-text.ts';
import { decodeEventStream, encodeEventMessage, type EventMessage } from './aws-event-stream.ts';
import { decodeSse, encodeSse } from './sse.ts';

/**
 * An AWS event stream as server-sent events and back, so that everything else knows one framing. An event is its name with its payload,
 * `data: {"contentBlockDelta":{…}}`, as the vendor's own types have it; an exception is the same after `event: error`. What
 * InvokeModel streams are the events of the model's own format, each in base64: they come out bare.
 */
export const eventStreamType = 'application/vnd.amazon.eventstream' as const;
const errorEvent = 'error';

const utf8 = new TextDecoder();
const encoder = new TextEncoder();

export function eventStreamToSse(): Step<Uint8Array, Uint8Array> {
  const messages = decodeEventStream();
  return {
    push(bytes, emit) {
      let text = '';
      messages.push(bytes, (message) => {
        text += sseOf(message);
      });
      if (text !== '') emit(encoder.encode(text));
    },
    end: () => undefined,
  };
}

function sseOf({ headers, payload }: EventMessage): string {
  const text = utf8.decode(payload);
  switch (headers.get(':message-type')) {
    case 'exception':
      return encodeSse(wrap(headers.get(':exception-type') ?? 'internalServerException', asObject(text)), errorEvent);
    case 'error':
      return encodeSse(wrap(headers.get(':error-code') ?? 'internalServerException', saying(headers.get(':error-message') ?? '')), errorEvent);
    default: {
      const name = headers.get(':event-type') ?? '';
      return name === 'chunk' ? modelEvent(text) : encodeSse(wrap(name, text.trim() === '' ? '{}' : text));
    }
  }
}

/** A line break in JSON is white space. */
function wrap(name: string, payload: string): string {
  return `{${JSON.stringify(name)}:${/[\r\n]/.test(payload) ? payload.replaceAll(/[\r\n]+/g, ' ') : payload}}`;
}

function saying(message: string): string {
  return JSON.stringify({ message });
}

/** What is no JSON object is taken for the words of the exception. */
function asObject(text: string): string {
  return parsed(text) === undefined ? saying(text) : text;
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** An event of the model's own format, by the name that it gives itself. One that cannot be read goes on as it is: its reader says so. */
function modelEvent(text: string): string {
  const bytes = parsed(text)?.['bytes'];
  const data = typeof bytes === 'string' ? decodeBase64(bytes) : undefined;
  if (data === undefined) return encodeSse(JSON.stringify(text));
  const type = parsed(data)?.['type'];
  return encodeSse(data.replaceAll(/[\r\n]+/g, ' '), typeof type === 'string' && /^\w+$/.test(type) ? type : undefined);
}

/** Server-sent events, as `eventStreamToSse` makes them, as messages. What holds no event (a comment) has no form there. */
export function sseToEventStream(): Step<Uint8Array | string, Uint8Array> {
  const frames = decodeSse();
  const message = (event: string, data: string): Uint8Array => {
    const colon = data.indexOf('":');
    const name = data.slice(2, colon);
    const type = event === errorEvent ? 'exception' : 'event';
    return encodeEventMessage(
      { [`:${type}-type`]: name, ':content-type': 'application/json', ':message-type': type },
      encoder.encode(data.slice(colon + 2, -1)),
    );
  };
  return {
    push: (chunk, emit) => frames.push(typeof chunk === 'string' ? encoder.encode(chunk) : chunk, ({ event, data }) => emit(message(event, data))),
    end: (emit) => frames.end(({ event, data }) => emit(message(event, data))),
  };
}
