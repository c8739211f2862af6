import type { Step } from '../core/event.ts';
import { decodeSse } from './sse.ts';

const encoder = new TextEncoder();
const lineFeed = 10;
const carriageReturn = 13;

/** How an event of one line begins and ends. */
const before = encoder.encode('data: ');
const after = encoder.encode('\n\n');

/**
 * Lines of JSON as server-sent events, an event a line, its bytes untouched: what Ollama streams. Nothing is held: a line may come in any
 * number of pieces, and the last one without its end.
 */
export function decodeNdjson(): Step<Uint8Array, Uint8Array> {
  const unmark = createUnmarker();
  let within = false;
  return {
    push(bytes, emit) {
      const given = unmark(bytes);
      // White space between two values, which an event takes for the end of its line.
      const text = given.includes(carriageReturn) ? given.filter((byte) => byte !== carriageReturn) : given;
      const pieces: Uint8Array[] = [];
      for (let from = 0; from < text.length;) {
        const found = text.indexOf(lineFeed, from);
        const end = found === -1 ? text.length : found;
        if (end > from) {
          if (!within) pieces.push(before);
          pieces.push(text.subarray(from, end));
          within = true;
        }
        if (found !== -1 && within) {
          pieces.push(after);
          within = false;
        }
        from = end + 1;
      }
      if (pieces.length > 0) emit(joined(pieces));
    },
    end(emit) {
      if (within) emit(after);
      within = false;
    },
  };
}

const byteOrderMark = Uint8Array.of(0xef, 0xbb, 0xbf);

/** Takes the mark off the beginning, wherever it is cut. No JSON begins like it, so nothing else waits for what follows. */
function createUnmarker(): (bytes: Uint8Array) => Uint8Array {
  let matched = 0;
  let begun = false;
  return (bytes) => {
    if (begun) return bytes;
    const before = matched;
    let at = 0;
    while (matched < byteOrderMark.length && at < bytes.length && bytes[at] === byteOrderMark[matched]) {
      at++;
      matched++;
    }
    begun = matched === byteOrderMark.length || at < bytes.length;
    if (matched === byteOrderMark.length) return bytes.subarray(at);
    return begun && before > 0 ? joined([byteOrderMark.subarray(0, before), bytes]) : begun ? bytes : bytes.subarray(0, 0);
  };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/**
 * Server-sent events as lines of JSON, a line an event. What holds no event (a keep-alive) becomes a space before the next line: clients
 * take an empty line for one that they cannot read.
 */
export function encodeNdjson(): Step<Uint8Array | string, string> {
  const frames = decodeSse();
  return {
    push(chunk, emit) {
      const lines = typeof chunk === 'string' ? linesIn(chunk) : undefined;
      if (lines !== undefined) return emit(lines);
      let text = '';
      frames.push(typeof chunk === 'string' ? encoder.encode(chunk) : chunk, ({ data }) => {
        text += line(data);
      });
      emit(text === '' ? ' ' : text);
    },
    end(emit) {
      frames.end(({ data }) => emit(line(data)));
    },
  };
}

/** JSON may stand over several lines of an event. */
function line(data: string): string {
  return `${data.replaceAll('\n', ' ')}\n`;
}

/** Whole events of one line each, as we write them; undefined for anything else. */
function linesIn(chunk: string): string | undefined {
  if (!chunk.startsWith('data: ') || !chunk.endsWith('\n\n')) return undefined;
  const lines = chunk.slice('data: '.length, -2).split('\n\ndata: ');
  return lines.some((data) => data.includes('\n')) ? undefined : `${lines.join('\n').replace(lineBreaks, escaped)}\n`;
}

/** What some readers of lines take for the end of one too. In JSON they stand in strings alone, where Ollama escapes them. */
const lineBreaks = /[\u0085\u2028\u2029]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
