import type { AnswerListener, KeptTurn, SseEvent, StoredRules } from '../core/dialect.ts';
import { GatewayError } from '../core/errors.ts';
import type { RawJson } from '../core/ir.ts';
import { isObject } from '../core/json-text.ts';
import type { Chunk, ChunkSink, ChunkSource } from '../core/pump.ts';
import { decodeSse } from '../framing/sse.ts';
import { printEvent } from './answer-listening.ts';
import type { Owner } from './conversation-store.ts';
import type { Handling, Outgoing } from './handling.ts';

/** An answer that is made while nobody waits for it. */
export type Job = {
  readonly owner: Owner;
  readonly id: string;
  /** The answer as far as it has come. */
  answer(): RawJson;
  isOver(): boolean;
  /** Resolves when it is over, well or not. */
  over(): Promise<void>;
  /** The events after the one of this number, those to come included. */
  events(after: number): ChunkSource;
  cancel(error: GatewayError): void;
};

/** The answers under way, and the events of those that ended lately. */
export type Jobs = {
  start(given: JobStart): Job;
  find(owner: Owner, id: string): Job | undefined;
  remove(owner: Owner, id: string): void;
  /** Ends all that are under way. */
  close(error: GatewayError): void;
};

export type JobStart = {
  readonly owner: Owner;
  readonly id: string;
  readonly queued: RawJson;
  readonly rules: StoredRules;
  readonly listener: AnswerListener;
  /** Begins the call; its answer is a stream. */
  run(): Handling;
  /** Keeps the turn, whole or not. */
  keep(answered: Pick<KeptTurn, 'id' | 'answer'>): Promise<void>;
};

/** Answers under way at a time; each holds its call's memory. */
const mostUnderWay = 1000;
/** Events of answers that are over are kept while there are no more of these; the answers themselves are in the store. */
const mostEnded = 100;
const endedBytes = 64 * 1024 * 1024;

export function createJobs(): Jobs {
  const jobs = new Map<string, Running>();
  const keyOf = ({ caller, dialect }: Owner, id: string): string => JSON.stringify([dialect, caller, id]);
  /** In the order of their start. */
  const forgetEnded = (): void => {
    const ended = [...jobs].filter(([, job]) => job.isOver());
    let count = ended.length;
    let bytes = ended.reduce((sum, [, job]) => sum + job.size(), 0);
    for (const [key, job] of ended) {
      if (count <= mostEnded && bytes <= endedBytes) return;
      jobs.delete(key);
      count--;
      bytes -= job.size();
    }
  };
  return {
    start(given) {
      forgetEnded();
      if ([...jobs.values()].filter((job) => !job.isOver()).length >= mostUnderWay)
        throw new GatewayError('overloaded', `${mostUnderWay} answers are being made in the background`, { retryAfter: 5 });
      const job = runJob(given);
      jobs.set(keyOf(given.owner, given.id), job);
      return job;
    },
    find: (owner, id) => jobs.get(keyOf(owner, id)),
    remove: (owner, id) => void jobs.delete(keyOf(owner, id)),
    close(error) {
      for (const job of jobs.values()) if (!job.isOver()) job.cancel(error);
    },
  };
}

type Running = Job & { /** Characters of the events that are held. */ size(): number };

type Reader = { at: number; paused: boolean; readonly sink: ChunkSink };

function runJob({ owner, id, queued, rules, listener, run, keep }: JobStart): Running {
  const events: { readonly number: number; readonly text: string }[] = [];
  const readers = new Set<Reader>();
  let size = 0;
  let ended: RawJson | undefined;
  let stopped: GatewayError | undefined;
  const answer = (): RawJson => ended ?? listener.latest?.() ?? queued;

  const serve = (reader: Reader): void => {
    while (!reader.paused && reader.at < events.length) reader.sink.data(events[reader.at++]?.text ?? '');
    if (reader.paused || ended === undefined || reader.at < events.length) return;
    readers.delete(reader);
    reader.sink.end();
  };
  const add = (event: SseEvent): void => {
    const data = listener.event(event);
    const text = printEvent(data === undefined ? event : { ...event, data });
    size += text.length;
    events.push({ number: numberIn(event.data) ?? events.length, text });
  };
  const end = async (error: GatewayError | undefined): Promise<void> => {
    const whole = listener.heard();
    const cause = stopped ?? error ?? new GatewayError('upstream_stream_cut', 'the answer broke off');
    const final = whole?.answer ?? rules.broken(answer(), cause);
    try {
      await keep({ id, answer: final });
    } catch {
      // The store is full or gone: whoever asks soon is told from here.
    }
    ended = final;
    for (const reader of readers) serve(reader);
  };
  const handling = run();
  const over = follow(handling, {
    event: add,
    moved: () => {
      for (const reader of readers) serve(reader);
    },
    quiet: (chunk) => {
      for (const reader of readers) if (!reader.paused) reader.sink.data(chunk);
    },
  }).then(end, end);

  return {
    owner,
    id,
    answer,
    isOver: () => ended !== undefined,
    over: () => over,
    size: () => size,
    events(after) {
      const first = events.findIndex(({ number }) => number > after);
      const reader: Omit<Reader, 'sink'> & { sink?: ChunkSink } = { at: first === -1 ? events.length : first, paused: false };
      let begun: Reader | undefined;
      return {
        start(sink) {
          begun = { ...reader, sink };
          readers.add(begun);
          serve(begun);
        },
        pause() {
          if (begun !== undefined) begun.paused = true;
        },
        resume() {
          if (begun === undefined) return;
          begun.paused = false;
          if (readers.has(begun)) serve(begun);
        },
      };
    },
    cancel(error) {
      if (ended !== undefined) return;
      stopped ??= error;
      handling.cancel(error);
    },
  };
}

function numberIn(data: string): number | undefined {
  const number = /"sequence_number"\s*:\s*(\d+)/.exec(data)?.[1];
  return number === undefined ? undefined : Number(number);
}

type Following = { event(event: SseEvent): void; moved(): void; /** A keep-alive: no event. */ quiet(chunk: Chunk): void };

const encoder = new TextEncoder();

/** Resolves at the end of the answer: with what went wrong, when the call was answered by an error. */
async function follow(handling: Handling, { event, moved, quiet }: Following): Promise<GatewayError | undefined> {
  const outgoing = await handling.outgoing;
  const frames = decodeSse();
  const hear = (chunk: Chunk): void => {
    let count = 0;
    frames.push(typeof chunk === 'string' ? encoder.encode(chunk) : chunk, (one) => {
      count++;
      event(one);
    });
    if (count === 0) quiet(chunk);
    else moved();
  };
  try {
    if (outgoing.body.kind === 'whole' && outgoing.status !== 200) return errorIn(outgoing, outgoing.body.chunks);
    if (outgoing.body.kind === 'whole') for (const chunk of outgoing.body.chunks) hear(chunk);
    else await flow(outgoing.body.source, hear);
    return undefined;
  } finally {
    handling.sent();
  }
}

function flow(source: ChunkSource, hear: (chunk: Chunk) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    source.start({
      data(chunk) {
        try {
          hear(chunk);
        } catch (error) {
          reject(error);
        }
      },
      end: resolve,
      reset: reject,
    });
  });
}

/** The error that the caller would have got as a status. */
function errorIn({ status }: Outgoing, chunks: readonly Chunk[]): GatewayError {
  const decoder = new TextDecoder();
  const text = chunks.map((chunk) => (typeof chunk === 'string' ? chunk : decoder.decode(chunk))).join('');
  const value: unknown = JSON.parse(text);
  const error = isObject(value) && isObject(value['error']) ? value['error'] : {};
  const code = status === 429 ? 'rate_limit_exceeded' : status < 500 ? 'invalid_request' : 'upstream_error';
  return new GatewayError(code, typeof error['message'] === 'string' ? error['message'] : `the call failed with status ${status}`);
}
