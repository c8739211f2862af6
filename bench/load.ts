import { connect, type Socket } from 'node:net';
import { type RequestSpec, requestBytes } from './requests.ts';
import { createResponseReader, type Finished } from './response-reader.ts';

/**
 * The load generator, a process of its own: keep-alive connections by hand on sockets. It takes one job at a time from the bench, runs
 * it for its bounded time and sends back the result.
 */

/** `closed`: so many connections, each with one request at a time. `open`: so many requests a second, whatever becomes of them. */
export type Load = { readonly kind: 'closed'; readonly connections: number } | { readonly kind: 'open'; readonly perSecond: number };

export type Job = {
  readonly port: number;
  readonly request: RequestSpec;
  readonly load: Load;
  readonly ms: number;
  /** An answer with fewer events is an error. */
  readonly minEvents: number;
};

export type LoadResult = {
  /** Good answers. */
  readonly done: number;
  readonly events: number;
  /** From the first request to the last answer. */
  readonly elapsedMs: number;
  readonly p50: number;
  readonly p99: number;
  /** Milliseconds to the head of the answer, median. */
  readonly head50: number;
  readonly errors: number;
  readonly firstError: string;
};

/** Requests in flight that are still waited for at the end of a job. */
const graceMs = 10_000;
const mostConnections = 1024;

type Tally = { done: number; events: number; errors: number; firstError: string; lastAt: number; readonly totals: number[]; readonly heads: number[] };

type Connection = { send(): void; close(): void };

/** `failed` tells whether a request was lost with the connection. */
type Listener = { idle(connection: Connection): void; failed(connection: Connection, wasBusy: boolean): void };

function openConnection(job: Job, bytes: Buffer, tally: Tally, listener: Listener): Connection {
  const socket: Socket = connect({ port: job.port, host: '127.0.0.1', noDelay: true });
  let sentAt = 0;
  let headAt = 0;
  let busy = false;
  let closed = false;
  const fail = (reason: string): void => {
    if (closed) return;
    closed = true;
    socket.destroy();
    if (busy) {
      tally.errors++;
      tally.firstError ||= reason;
    }
    listener.failed(connection, busy);
  };
  const finished = (answer: Finished): void => {
    const now = performance.now();
    busy = false;
    tally.lastAt = now;
    if (answer.status === 200 && answer.events >= job.minEvents) {
      tally.done++;
      tally.events += answer.events;
      tally.totals.push(now - sentAt);
      tally.heads.push(headAt - sentAt);
    } else {
      tally.errors++;
      tally.firstError ||= `status ${answer.status}, ${answer.events} events, ${answer.bytes} bytes ${answer.sample}`;
    }
    listener.idle(connection);
  };
  const reader = createResponseReader({ firstByte: () => (headAt = performance.now()), finished, broken: fail });
  const connection: Connection = {
    send() {
      busy = true;
      sentAt = performance.now();
      socket.write(bytes);
    },
    close() {
      closed = true;
      socket.destroy();
    },
  };
  socket.on('data', (chunk) => reader.push(chunk));
  socket.on('error', (error) => fail(error.message));
  socket.on('close', () => fail('the connection was closed in the middle of an answer'));
  return connection;
}

type Pool = { idle(connection: Connection): void; failed(connection: Connection): void; stop(): void };

/** Runs a job; resolves when its time is over and what was in flight has come, or the grace has passed. */
function runJob(job: Job): Promise<LoadResult> {
  const bytes = requestBytes(job.request, job.port);
  const tally: Tally = { done: 0, events: 0, errors: 0, firstError: '', lastAt: 0, totals: [], heads: [] };
  const startedAt = performance.now();
  const open = new Set<Connection>();
  const free: Connection[] = [];
  let flying = 0;
  let stopping = false;

  return new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(grace);
      for (const connection of open) connection.close();
      resolve(resultOf(tally, startedAt, flying));
    };
    const landed = (): void => {
      flying--;
      if (stopping && flying === 0) settle();
    };
    const launch = (connection: Connection): void => {
      flying++;
      connection.send();
    };
    const fresh = (): Connection => {
      const connection = openConnection(job, bytes, tally, {
        idle: (one) => {
          landed();
          if (!stopping) pool.idle(one);
        },
        failed: (one, wasBusy) => {
          open.delete(one);
          if (wasBusy) landed();
          if (!stopping) pool.failed(one);
        },
      });
      open.add(connection);
      return connection;
    };
    const pool =
      job.load.kind === 'closed'
        ? closedLoop(job.load.connections, { fresh, launch, tally })
        : openLoop(job.load.perSecond, { fresh, launch, free, open, startedAt });
    const grace = setTimeout(settle, job.ms + graceMs);
    setTimeout(() => {
      stopping = true;
      pool.stop();
      if (flying === 0) settle();
    }, job.ms);
  });
}

type Launcher = { fresh(): Connection; launch(connection: Connection): void };

function closedLoop(connections: number, { fresh, launch, tally }: Launcher & { readonly tally: Tally }): Pool {
  for (let i = 0; i < connections; i++) launch(fresh());
  return {
    idle: launch,
    // A server that refuses everything must not be hammered for the rest of the job.
    failed: () => {
      if (tally.errors < 100) launch(fresh());
    },
    stop: () => undefined,
  };
}

/**
 * A request is sent when it is due, on a connection that is free or new: a slow answer delays no other request. What is measured runs
 * from the write, so lateness of this process's own timer is not held against the server.
 */
function openLoop(
  perSecond: number,
  { fresh, launch, free, open, startedAt }: Launcher & { readonly free: Connection[]; readonly open: ReadonlySet<Connection>; readonly startedAt: number },
): Pool {
  let sent = 0;
  const tick = (): void => {
    const due = Math.floor(((performance.now() - startedAt) * perSecond) / 1000);
    for (; sent < due; sent++) {
      const connection = free.pop() ?? (open.size < mostConnections ? fresh() : undefined);
      if (connection !== undefined) launch(connection);
    }
  };
  const timer = setInterval(tick, 1);
  return {
    idle: (connection) => free.push(connection),
    failed(connection) {
      const at = free.indexOf(connection);
      if (at !== -1) free.splice(at, 1);
    },
    stop: () => clearInterval(timer),
  };
}

function resultOf(tally: Tally, startedAt: number, lost: number): LoadResult {
  const totals = Float64Array.from(tally.totals).sort();
  const heads = Float64Array.from(tally.heads).sort();
  return {
    done: tally.done,
    events: tally.events,
    elapsedMs: Math.max(tally.lastAt - startedAt, 1),
    p50: quantile(totals, 0.5),
    p99: quantile(totals, 0.99),
    head50: quantile(heads, 0.5),
    errors: tally.errors + lost,
    firstError: tally.firstError || (lost > 0 ? `${lost} requests had no answer ${graceMs / 1000} s after the end` : ''),
  };
}

function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** The bench is the only sender, over a private channel; the check is for a message of another kind. */
function isJob(message: unknown): message is Job {
  return typeof message === 'object' && message !== null && 'request' in message && 'load' in message;
}

if (process.send !== undefined) {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message) => {
    if (!isJob(message)) return;
    void runJob(message).then((result) => process.send?.(result));
  });
}
