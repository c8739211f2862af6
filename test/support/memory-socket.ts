import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

/** One end of a connection without a network: what the other side sends is fed in, what it would get is kept. */
export type MemorySocket = {
  readonly socket: Socket;
  feed(bytes: Uint8Array): void;
  /** The other side has said its last. */
  feedEnd(): void;
  /** From now on nothing that is written moves; from now on it does. */
  stall(): void;
  flow(): void;
  /** All that was written, in latin1. */
  written(): string;
  /** The end was said here. */
  ended(): boolean;
  destroyed(): boolean;
};

/** `onActivity` is called whenever something moves. */
export function createMemorySocket(onActivity: () => void = () => undefined): MemorySocket {
  const out: Buffer[] = [];
  let ended = false;
  let stalled = false;
  let waiting: (() => void) | undefined;
  const duplex = new Duplex({
    allowHalfOpen: true,
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      const move = (): void => {
        out.push(chunk);
        onActivity();
        done();
      };
      if (stalled) waiting = move;
      else move();
    },
    final(done) {
      ended = true;
      onActivity();
      done();
    },
    destroy(error, done) {
      onActivity();
      done(error);
    },
  });
  duplex.on('error', () => undefined);
  return {
    // Both servers take any duplex stream; node says so of its own.
    socket: duplex as unknown as Socket,
    feed(bytes) {
      if (!duplex.destroyed) duplex.push(bytes);
    },
    feedEnd() {
      if (!duplex.destroyed) duplex.push(null);
    },
    stall() {
      stalled = true;
    },
    flow() {
      stalled = false;
      const move = waiting;
      waiting = undefined;
      move?.();
    },
    written: () => Buffer.concat(out).toString('latin1'),
    ended: () => ended,
    destroyed: () => duplex.destroyed,
  };
}

/** Resolves once nothing has moved for some turns of the event loop. */
export async function settled(moves: () => number, turns = 4): Promise<void> {
  let last = -1;
  for (let still = 0; still < turns;) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = moves();
    still = now === last ? still + 1 : 0;
    last = now;
  }
}
