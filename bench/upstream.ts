import { createServer, type Socket } from 'node:net';
import { anthropicEvents, anthropicWhole, openaiEvents, openaiWhole } from './answers.ts';
import { announce, lifetime } from './announce.ts';

/**
 * The mock provider: HTTP/1.1 by hand on a socket, every answer a buffer made at the start, so that it costs a fraction of whatever is
 * measured in front of it. It reads no more of a request than its path, its length and two needles in a small body. Not a server for
 * anything else: it trusts its caller.
 *
 * `POST …/chat/completions` and `…/messages`: a whole answer, or with `"stream":true` a stream in one write; below `/paced/` one event
 * every 20 ms. `GET /v1/models`: an empty list.
 */

const paceMs = 20;
const slots = 10;
/** A body longer than this is never a stream, so it need not be searched. */
const searchedBody = 16 * 1024;

const headers = (contentType: string, framing: string): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\n${framing}\r\ncache-control: no-cache\r\nx-request-id: req_bench_0123456789abcdef\r\n` +
  'openai-processing-ms: 12\r\nopenai-version: 2020-10-01\r\nx-ratelimit-limit-requests: 30000\r\nx-ratelimit-remaining-requests: 29999\r\nserver: bench\r\n\r\n';

function whole(body: string): Buffer {
  return Buffer.from(headers('application/json', `content-length: ${Buffer.byteLength(body)}`) + body);
}

/** Each event is an HTTP chunk of its own, as providers send them. */
function chunk(event: string): string {
  return `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`;
}

type Stream = { readonly atOnce: Buffer; readonly pieces: readonly Buffer[] };

function stream(events: readonly string[]): Stream {
  const head = headers('text/event-stream; charset=utf-8', 'transfer-encoding: chunked');
  const pieces = events.map((event, index) => (index === 0 ? head : '') + chunk(event) + (index === events.length - 1 ? '0\r\n\r\n' : ''));
  return { atOnce: Buffer.from(pieces.join('')), pieces: pieces.map((piece) => Buffer.from(piece)) };
}

const models = whole('{"object":"list","data":[]}');
const openai = { whole: whole(openaiWhole()), stream: stream(openaiEvents(false)), streamWithUsage: stream(openaiEvents(true)) };
const anthropic = { whole: whole(anthropicWhole()), stream: stream(anthropicEvents()) };

type Asked = { readonly path: string; readonly text: string };

function answer(socket: Socket, asked: Asked): void {
  if (asked.path.startsWith('GET')) {
    socket.write(models);
    return;
  }
  const isMessages = asked.path.includes('/messages');
  if (!asked.text.includes('"stream":true')) {
    socket.write(isMessages ? anthropic.whole : openai.whole);
    return;
  }
  const openaiStream = asked.text.includes('"include_usage":true') ? openai.streamWithUsage : openai.stream;
  const chosen = isMessages ? anthropic.stream : openaiStream;
  if (asked.path.includes('/paced/')) pace(socket, chosen.pieces);
  else socket.write(chosen.atOnce);
}

type Paced = { readonly socket: Socket; readonly pieces: readonly Buffer[]; next: number };

/** Paced streams sit in a wheel of ten slots, so that their events do not all come in the same instant. */
const wheel: Set<Paced>[] = Array.from({ length: slots }, () => new Set());
let slot = 0;

function pace(socket: Socket, pieces: readonly Buffer[]): void {
  const first = pieces[0];
  if (first !== undefined) socket.write(first);
  wheel[slot]?.add({ socket, pieces, next: 1 });
}

function turnWheel(): void {
  slot = (slot + 1) % slots;
  const due = wheel[slot];
  if (due === undefined) return;
  for (const paced of due) {
    const piece = paced.pieces[paced.next++];
    if (piece === undefined || paced.socket.destroyed) due.delete(paced);
    else paced.socket.write(piece);
  }
}

/** A request's framing, from its head. */
function lengthOf(head: string): number | 'chunked' {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return Number(length);
  return /\r\ntransfer-encoding: *chunked/i.test(head) ? 'chunked' : 0;
}

function serve(socket: Socket): void {
  let pending: Buffer | undefined;
  let path = '';
  let text = '';
  /** Bytes of the body still to come; `chunked` until the last chunk has been seen. */
  let left: number | 'chunked' = 0;
  let searched = false;

  const done = (): void => {
    left = 0;
    answer(socket, { path, text });
    text = '';
  };
  /** Takes body bytes, and tells what belongs to the next request. */
  const body = (bytes: Buffer): Buffer | undefined => {
    if (left === 'chunked') {
      text += bytes.toString('latin1');
      if (text.endsWith('0\r\n\r\n')) done();
      return undefined;
    }
    const mine = Math.min(left, bytes.length);
    if (searched) text += bytes.toString('latin1', 0, mine);
    left -= mine;
    if (left === 0) done();
    return mine < bytes.length ? bytes.subarray(mine) : undefined;
  };
  const head = (bytes: Buffer): Buffer | undefined => {
    const all = pending === undefined ? bytes : Buffer.concat([pending, bytes]);
    const end = all.indexOf('\r\n\r\n');
    pending = end === -1 ? all : undefined;
    if (end === -1) return undefined;
    const lines = all.toString('latin1', 0, end);
    path = lines.slice(0, lines.indexOf('\r\n'));
    left = lengthOf(lines);
    searched = left === 'chunked' || left <= searchedBody;
    const rest = end + 4 < all.length ? all.subarray(end + 4) : undefined;
    if (left === 0) done();
    return rest;
  };

  socket.setNoDelay(true);
  socket.on('data', (bytes) => {
    let rest: Buffer | undefined = bytes;
    while (rest !== undefined) rest = left === 0 ? head(rest) : body(rest);
  });
  // A caller that resets its connection is done with it; there is nobody to tell.
  socket.on('error', () => socket.destroy());
}

lifetime();
setInterval(turnWheel, paceMs / slots);
announce(createServer(serve), 'upstream');
