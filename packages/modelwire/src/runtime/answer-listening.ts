import type { Answer } from '../core/attempt.ts';
import { joinChunks } from '../core/body.ts';
import type { AnswerListener, KeptTurn, SseEvent } from '../core/dialect.ts';
import type { Chunk, ChunkSink } from '../core/pump.ts';
import { scanTopLevel, spliceTopLevel } from '../core/top-level.ts';
import { decodeSse } from '../framing/sse.ts';

type Answered = Pick<KeptTurn, 'id' | 'answer'>;

/**
 * Hears an answer on its way out, and puts into it what the listener says. `keep` has done its work before the caller has the end, so
 * that the next request finds it. An answer that cannot be heard goes out as it is, and is not kept.
 */
export async function listening(answer: Answer, listener: AnswerListener, keep: (answered: Answered) => Promise<void>): Promise<Answer> {
  const { body } = answer;
  const finish = async (): Promise<void> => {
    try {
      const answered = listener.heard();
      if (answered !== undefined) await keep(answered);
    } catch {
      // The store is full or gone: the answer itself is the caller's all the same.
    }
  };
  const ear = answer.contentType === 'application/json' ? hearWhole(listener) : hearEvents(listener);
  if (body.kind === 'whole') {
    const chunks = [...body.chunks.map(ear.hear), ...ear.end()].filter(isSomething);
    await finish();
    return { ...answer, body: { kind: 'whole', chunks } };
  }
  const start = (sink: ChunkSink): void =>
    body.source.start({
      data(chunk) {
        const heard = ear.hear(chunk);
        if (isSomething(heard)) sink.data(heard);
      },
      end() {
        for (const chunk of ear.end()) sink.data(chunk);
        void finish().then(sink.end);
      },
      reset: sink.reset,
    });
  return { ...answer, body: { kind: 'stream', source: { ...body.source, start } } };
}

const isSomething = (chunk: Chunk): boolean => chunk.length > 0;

/** What goes out for a chunk, '' for nothing yet, and what is still to go out at the end. Neither throws. */
type Ear = { hear(chunk: Chunk): Chunk; end(): readonly Chunk[] };

const encoder = new TextEncoder();
const bytesOf = (chunk: Chunk): Uint8Array => (typeof chunk === 'string' ? encoder.encode(chunk) : chunk);

/** An answer longer than this, in bytes, goes out as it comes and is not heard. */
const longest = 32 * 1024 * 1024;

/** A whole answer is held until it is there: what is changed in it may stand anywhere. */
function hearWhole(listener: AnswerListener): Ear {
  let held: Uint8Array[] | undefined = [];
  let length = 0;
  return {
    hear(chunk) {
      if (held === undefined) return chunk;
      const bytes = bytesOf(chunk);
      held.push(bytes);
      length += bytes.length;
      if (length <= longest) return '';
      const all = joinChunks(held, length);
      held = undefined;
      return all;
    },
    end: () => (held === undefined ? [] : heardWhole(joinChunks(held, length), listener)),
  };
}

function heardWhole(bytes: Uint8Array, listener: AnswerListener): readonly Chunk[] {
  try {
    const top = scanTopLevel(bytes);
    return spliceTopLevel(top, listener.whole(top));
  } catch {
    return [bytes];
  }
}

/** A chunk holds whole events, and is written anew only when one of them is to say something else. */
function hearEvents(listener: AnswerListener): Ear {
  const frames = decodeSse();
  let isLost = false;
  const hear = (chunk: Chunk): Chunk => {
    if (isLost) return chunk;
    const events: SseEvent[] = [];
    let isChanged = false;
    try {
      frames.push(bytesOf(chunk), (event) => {
        const data = listener.event(event);
        isChanged ||= data !== undefined;
        events.push(data === undefined ? event : { ...event, data });
      });
    } catch {
      isLost = true;
      return chunk;
    }
    return isChanged ? events.map(printEvent).join('') : chunk;
  };
  return { hear, end: () => [] };
}

/** Chunks that are looked at for the id of an answer. */
const mostLooks = 20;

/**
 * Tells the id of an answer as soon as it stands in what goes by, which goes out as it came. `idIn` reads one event's data or the whole
 * answer. The note has been taken before the caller has the end.
 */
export function noting(answer: Answer, idIn: (text: string) => string | undefined, note: (id: string) => Promise<void>): Answer | Promise<Answer> {
  const { body } = answer;
  let noted: Promise<void> | undefined;
  const look = (text: string): void => {
    try {
      const id = noted === undefined ? idIn(text) : undefined;
      // The store is full or gone: the answer itself is the caller's all the same.
      if (id !== undefined) noted = note(id).catch(() => undefined);
    } catch {
      // What cannot be read is not for us.
    }
  };
  if (body.kind === 'whole') {
    const chunks = body.chunks.map(bytesOf);
    look(
      new TextDecoder().decode(
        joinChunks(
          chunks,
          chunks.reduce((sum, chunk) => sum + chunk.length, 0),
        ),
      ),
    );
    return noted === undefined ? answer : noted.then(() => answer);
  }
  const frames = answer.contentType === 'application/json' ? undefined : decodeSse();
  let looks = 0;
  const lookInto = (chunk: Chunk): void => {
    // A whole answer that comes in pieces is a long one; OpenAI says its id first.
    if (frames === undefined) return look(`{${firstId.exec(headOf(chunk))?.[1] ?? ''}}`);
    try {
      frames.push(bytesOf(chunk), ({ data }) => look(data));
    } catch {
      looks = mostLooks;
    }
  };
  const start = (sink: ChunkSink): void =>
    body.source.start({
      data(chunk) {
        if (noted === undefined && looks++ < mostLooks) lookInto(chunk);
        sink.data(chunk);
      },
      end: () => (noted === undefined ? sink.end() : void noted.then(sink.end)),
      reset: sink.reset,
    });
  return { ...answer, body: { kind: 'stream', source: { ...body.source, start } } };
}

const firstId = /^\s*\{\s*("id"\s*:\s*"[^"\\]{1,200}")/;

function headOf(chunk: Chunk): string {
  return typeof chunk === 'string' ? chunk.slice(0, 1000) : new TextDecoder().decode(chunk.subarray(0, 1000));
}

export function printEvent({ event, data }: SseEvent): string {
  return `${event === '' ? '' : `event: ${event}\n`}data: ${data}\n\n`;
}
