import type { Socket } from 'node:net';

/**
 * What goes out on a socket. Pieces written in one turn leave in one write, copied together when they are small: a system call costs more
 * than a copy. Large ones are not copied.
 */
export type Outlet = {
  /** `bytes` is the length of the piece in UTF-8. */
  add(piece: string | Uint8Array, bytes: number): void;
  /** ASCII text. */
  addText(text: string): void;
  /** A head, which may hold any latin1 character. */
  addHead(head: string): void;
  /** Bytes that wait for the end of the turn. */
  gathered(): number;
  /** Everything added so far leaves now; `sent` is called once the kernel has it, and never when the connection is gone. */
  flush(sent?: () => void): void;
  /** Bytes that wait, here and in the socket. */
  waiting(): number;
};

const copyBelow = 64 * 1024;

export function createOutlet(socket: Socket): Outlet {
  let pieces: (string | Uint8Array)[] = [];
  let length = 0;
  let planned = false;

  const flush = (sent?: () => void): void => {
    planned = false;
    if (socket.destroyed || (length === 0 && sent === undefined)) {
      pieces = [];
      length = 0;
      return;
    }
    const out = pieces;
    const bytes = length;
    pieces = [];
    length = 0;
    if (bytes <= copyBelow) {
      const joined = join(out, bytes);
      socket.write(joined, sent === undefined ? undefined : (error) => (error ? undefined : sent()));
      return;
    }
    socket.cork();
    const last = out.length - 1;
    out.forEach((piece, index) => socket.write(piece, index < last || sent === undefined ? undefined : (error) => (error ? undefined : sent())));
    socket.uncork();
  };
  const flushPlanned = (): void => {
    if (planned) flush();
  };
  const add = (piece: string | Uint8Array, bytes: number): void => {
    pieces.push(piece);
    length += bytes;
    if (planned) return;
    planned = true;
    queueMicrotask(flushPlanned);
  };
  return {
    add,
    addText: (text) => add(text, text.length),
    addHead(head) {
      if (Buffer.byteLength(head) === head.length) add(head, head.length);
      else add(Buffer.from(head, 'latin1'), head.length);
    },
    gathered: () => length,
    flush,
    waiting: () => length + socket.writableLength,
  };
}

function join(pieces: readonly (string | Uint8Array)[], bytes: number): Buffer {
  const joined = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') at += joined.write(piece, at);
    else {
      joined.set(piece, at);
      at += piece.length;
    }
  }
  return joined;
}
