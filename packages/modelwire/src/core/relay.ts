import type { Answer, AttemptScope } from './attempt.ts';
import { bodyText, cutError, joinChunks, readBody } from './body.ts';
import type { Tap, TopLevelEdit } from './dialect.ts';
import { GatewayError } from './errors.ts';
import { isObject } from './json-text.ts';
import { type Chunk, type Machine, pump } from './pump.ts';
import { failureOf, isEventStream, passHeaders, send } from './send.ts';
import { targetName } from './target.ts';
import { createTemplate } from './template.ts';
import { spliceTopLevel } from './top-level.ts';
import { answerOf, requestForAnswer } from './translate.ts';
import type { WireAnswer } from './transport.ts';

/** A whole answer up to this size is held and checked for being complete, legal JSON; a longer one passes as it comes. */
const heldAnswer = 1024 * 1024;

/**
 * Front and back speak the same dialect: the request's bytes go out with only its top level edited (the model's name, what a quirk
 * asks), the answer's bytes come back as they are, and a tap reads them on the side.
 */
export async function relay(scope: AttemptScope, edits: readonly TopLevelEdit[]): Promise<Answer> {
  const { call, target, back } = scope;
  const path = back.back.relayPath(call.operation);
  if (path === undefined) throw new GatewayError('not_found', `${back.name} has no ${call.operation}`);
  const all = call.top.value('model') === target.model ? edits : [...edits, { kind: 'set' as const, key: 'model', raw: JSON.stringify(target.model) }];
  const answer = await send(scope, { path, headers: back.back.relayHeaders(call.headers), body: spliceTopLevel(call.top, all), stream: call.stream });
  if (answer.status !== 200) throw await failureOf(scope, answer);
  const sse = isEventStream(answer.headers);
  // The caller asked for the other shape than came: only a translation of the answer can give it.
  if (sse !== call.stream) return await answerOf(requestForAnswer(scope), answer);
  const headers = passHeaders(answer.headers);
  if (!sse) return { status: 200, contentType: 'application/json', headers, body: await wholeBody(scope, answer) };
  const tap = call.front.relay.tap({ withholdUsage: all.some((edit) => edit.key === 'stream_options' && edit.kind === 'set') });
  const source = await pump(scope, answer.body, relayMachine(scope, tap));
  return { status: 200, contentType: 'text/event-stream; charset=utf-8', headers, body: { kind: 'stream', source } };
}

async function wholeBody(scope: AttemptScope, answer: WireAnswer): Promise<Answer['body']> {
  const { call, world, attempt } = scope;
  const length = Number(answer.headers['content-length'] ?? 0);
  if (length > heldAnswer) return { kind: 'stream', source: await pump(scope, answer.body, longBodyMachine()) };
  const held = await readBody(scope, answer.body, heldAnswer);
  if (held.long !== undefined) return { kind: 'stream', source: await pump(scope, held.long, longBodyMachine()) };
  const text = bodyText(held);
  const value = parseAnswer(scope, text);
  // A token count is no answer of the model: that it is JSON is all there is to see.
  const seen = call.operation === 'chat' ? call.front.relay.whole(value, text, scope.target) : { usage: undefined, finish: undefined };
  if (seen.usage !== undefined) attempt.usage = seen.usage;
  if (seen.finish !== undefined) attempt.finish = seen.finish;
  attempt.endedAt = world.now();
  return { kind: 'whole', chunks: held.chunks };
}

/** A body that passes unread: a fault resets the connection, since no legal ending can be written for it. */
function longBodyMachine(): Machine {
  let count = 0;
  let failure: GatewayError | undefined;
  return {
    read(bytes) {
      count++;
      return bytes;
    },
    end: () => undefined,
    broken(error) {
      failure = error;
      return undefined;
    },
    committed: () => true,
    progress: () => count,
    finishing: () => false,
    done: () => false,
    failure: () => failure,
    ping: '',
  };
}

/** The answer's JSON, or the error that says what came instead. */
export function parseAnswer(scope: AttemptScope, text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Falls through: what came is described by the dialect below, which reads HTML, text and torn JSON alike.
  }
  const { target } = scope;
  const said = text.trimStart().startsWith('<') ? 'HTML came' : text.trim() === '' ? 'an empty body came' : 'a body came that is not a JSON object';
  throw new GatewayError('upstream_invalid_response', `${target.provider}: ${said} where an answer was expected`, { provider: targetName(target), hint: 'Check the base URL and any proxy in between' });
}

/** Passes whole SSE events; looks at each on the way. */
function relayMachine(scope: AttemptScope, tap: Tap): Machine {
  const { call, attempt, back, target } = scope;
  const { front } = call.front;
  const template = createTemplate();
  let tail: Uint8Array | undefined;
  let content = 0;
  let terminal = false;
  let failure: GatewayError | undefined;

  const note = (): void => {
    const usage = tap.usage();
    const finish = tap.finish();
    if (usage !== undefined) attempt.usage = usage;
    if (finish !== undefined) attempt.finish = finish;
  };

  /** Looks at the events in `bytes`, which holds whole ones only; returns what may pass. */
  const look = (bytes: Uint8Array): Chunk | undefined => {
    const text = latin1(bytes);
    const endOf = text.includes('\r') ? eventEnd : plainEventEnd;
    let from = 0;
    let passFrom = 0;
    let kept: Uint8Array[] | undefined;
    while (from < text.length && failure === undefined && !terminal) {
      const end = endOf(text, from);
      if (template.fits(text, from, end)) {
        content++;
        from = end;
        continue;
      }
      const event = text.slice(from, end);
      const seen = tap.see(event);
      if (seen.content) {
        content++;
        if (!seen.finish && !seen.error && !seen.withhold) template.learn(event);
      }
      if (seen.terminal) terminal = true;
      if (seen.error) failure = back.back.failure({ status: 200, headers: {}, text: dataOf(bytes.subarray(from, end)) }, target);
      else if (!seen.terminal && !isPlausible(event)) {
        failure = new GatewayError('upstream_invalid_response', `${target.provider}: an event of the stream is not JSON`, { provider: targetName(target) });
        // The broken event itself does not pass.
        return joined(kept, bytes.subarray(passFrom, from), front.errorEvent(failure, call.id));
      }
      if (seen.withhold) {
        kept ??= [];
        if (from > passFrom) kept.push(bytes.subarray(passFrom, from));
        passFrom = end;
      }
      from = end;
    }
    if (kept === undefined && from >= bytes.length) return bytes;
    return joined(kept, bytes.subarray(passFrom, from));
  };

  return {
    read(bytes) {
      const whole = tail === undefined ? bytes : joinChunks([tail, bytes], tail.length + bytes.length);
      const end = lastEventEnd(whole);
      tail = end === whole.length ? undefined : whole.subarray(end);
      if (tail !== undefined && tail.length > 16 * 1024 * 1024) throw new GatewayError('upstream_invalid_response', `${target.provider}: an event of the stream is longer than 16 MiB`);
      if (end === 0) return undefined;
      const out = look(end === whole.length ? whole : whole.subarray(0, end));
      note();
      return out;
    },
    end() {
      note();
      if (terminal || failure !== undefined) return undefined;
      // A last event without its blank line still counts when it is the terminator, and a known finish reason makes the answer whole.
      const rest = tail === undefined ? undefined : tap.see(latin1(tail));
      terminal = true;
      if (rest?.terminal === true || tap.finish() !== undefined) return call.front.relay.terminator;
      failure = cutError(scope, undefined);
      return front.errorEvent(failure, call.id);
    },
    broken(error) {
      failure = error;
      return front.errorEvent(error, call.id);
    },
    committed: () => content > 0 || (terminal && failure === undefined),
    progress: () => content,
    finishing: () => tap.finish() !== undefined,
    done: () => terminal || failure !== undefined,
    failure: () => failure,
    ping: front.ping,
  };
}

function joined(kept: Uint8Array[] | undefined, last: Uint8Array, text = ''): Chunk | undefined {
  const parts = kept ?? [];
  if (last.length > 0) parts.push(last);
  if (text !== '') parts.push(new TextEncoder().encode(text));
  const only = parts[0];
  if (only === undefined) return undefined;
  return parts.length === 1 ? only : joinChunks(parts, parts.reduce((sum, part) => sum + part.length, 0));
}

/** Node's Buffer turns bytes into a one-byte string without decoding; elsewhere a decoder for the same. */
function latin1(bytes: Uint8Array): string {
  const buffer = bytes as Uint8Array & { latin1Slice?: (start: number, end: number) => string };
  return buffer.latin1Slice === undefined ? latin1Decoder.decode(bytes) : buffer.latin1Slice(0, bytes.length);
}

// The encoding standard's "latin1" is windows-1252; the two differ only above ASCII, where no needle looks.
const latin1Decoder = new TextDecoder('latin1');
const utf8 = new TextDecoder();

/** Index after the blank line that ends the event starting at `from`; the text's length when none does. */
function plainEventEnd(text: string, from: number): number {
  const end = text.indexOf('\n\n', from);
  return end === -1 ? text.length : end + 2;
}

/** The same where lines may end in CR. */
function eventEnd(text: string, from: number): number {
  blankLine.lastIndex = from;
  return blankLine.exec(text) === null ? text.length : blankLine.lastIndex;
}

const blankLine = /\r\n\r\n|\n\n|\r\r|\n\r\n/g;

/** Index after the last blank line; 0 when there is none. */
function lastEventEnd(bytes: Uint8Array): number {
  for (let i = bytes.length - 1; i > 0; i--) {
    const c = bytes[i];
    if (c !== 10 && c !== 13) continue;
    const before = bytes[i - 1];
    if (c === before) return i + 1;
    if (c === 10 && before === 13 && bytes[i - 2] === 10) return i + 1;
  }
  return 0;
}

/** Whether an event's data can be JSON by its first and last character; comments and events without data pass. */
function isPlausible(event: string): boolean {
  const at = event.startsWith('data:') ? 0 : event.indexOf('\ndata:') + 1;
  if (at === 0 && !event.startsWith('data:')) return true;
  let start = at + 5;
  while (event.charCodeAt(start) === 32) start++;
  let end = event.length - 1;
  while (end > start && event.charCodeAt(end) <= 32) end--;
  const first = event.charCodeAt(start);
  const last = event.charCodeAt(end);
  if (first <= 32) return true;
  return (first === 123 && last === 125) || (first === 91 && last === 93);
}

/** The data of one event as text. */
function dataOf(bytes: Uint8Array): string {
  return utf8
    .decode(bytes)
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trimStart())
    .join('\n');
}
