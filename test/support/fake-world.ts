import type { World } from '../../packages/modelwire/src/core/attempt.ts';
import type { ByteSink, ByteSource, Transport, WireRequest } from '../../packages/modelwire/src/core/transport.ts';
import { authorize } from '../../packages/modelwire/src/auth/authorize.ts';
import { dialects } from './dialects.ts';
import { toEvents } from '../../packages/modelwire/src/framing/to-events.ts';
import { embeddingFormat } from '../../packages/modelwire/src/embeddings/index.ts';
import { decodeSse } from '../../packages/modelwire/src/framing/sse.ts';

/** A world without chance and with a clock that only `pass` moves. */
export type FakeWorld = World & {
  /** Lets `ms` pass: timers that fall due run in order. */
  pass(ms: number): void;
  /** Timers that are still set. */
  timers(): number;
};

export function createFakeWorld(transport: Transport): FakeWorld {
  let now = Date.UTC(2026, 10, 1);
  let ids = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const nextDue = (until: number) => [...timers].filter((timer) => timer.at <= until).toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    random: () => 0,
    newId: (prefix) => `${prefix}${++ids}`,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    transport: () => transport,
    frames: decodeSse,
    toEvents,
    authorize,
    dialect: (name) => dialects[name],
    embeddings: embeddingFormat,
    pass(ms) {
      const until = now + ms;
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        timers.delete(timer);
        now = timer.at;
        timer.run();
      }
      now = until;
    },
    timers: () => timers.size,
  };
}

/** A body that the test feeds by hand. */
export type HandFed = ByteSource & {
  feed(text: string | Uint8Array): void;
  finish(): void;
  break(error: unknown): void;
  readonly state: { paused: boolean; aborted: boolean };
};

export function handFed(): HandFed {
  let sink: ByteSink | undefined;
  const state = { paused: false, aborted: false };
  return {
    state,
    start(to) {
      sink = to;
    },
    pause() {
      state.paused = true;
    },
    resume() {
      state.paused = false;
    },
    abort() {
      state.aborted = true;
    },
    feed: (text) => sink?.data(typeof text === 'string' ? new TextEncoder().encode(text) : text),
    finish: () => sink?.end(),
    break: (error) => sink?.fail(error),
  };
}

/** Answers every request with the same status, headers and body, and keeps what was asked. */
export function scriptedTransport(
  status: number,
  headers: Record<string, string>,
  ...chunks: readonly (string | Uint8Array)[]
): { transport: Transport; requests: WireRequest[] } {
  const requests: WireRequest[] = [];
  const transport: Transport = (request) => {
    requests.push(request);
    return Promise.resolve({ status, headers, body: bodyOf(chunks) });
  };
  return { transport, requests };
}

export function bodyOf(chunks: readonly (string | Uint8Array)[]): ByteSource {
  let stopped = false;
  return {
    start(sink) {
      for (const chunk of chunks) if (!stopped) sink.data(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk);
      if (!stopped) sink.end();
    },
    pause: () => undefined,
    resume: () => undefined,
    abort: () => {
      stopped = true;
    },
  };
}

export function sentBody(request: WireRequest | undefined): string {
  return (request?.body ?? []).map((part) => (typeof part === 'string' ? part : new TextDecoder().decode(part))).join('');
}
