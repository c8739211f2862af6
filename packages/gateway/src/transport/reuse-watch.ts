import { subscribe } from 'node:diagnostics_channel';

export type ReuseWatch = {
  /** To be called as a request begins to be sent: `reused` is called, in the same turn, when its connection has carried a request before. */
  begin(reused: () => void): void;
};

/** Learns from undici's diagnostics which socket a request goes out on: its handlers are not told. */
export function createReuseWatch(): ReuseWatch {
  const used = new WeakSet<object>();
  let tell: (() => void) | undefined;
  // Published after the handler's `onRequestStart`, before anything else can run.
  subscribe('undici:client:sendHeaders', (message) => {
    const told = tell;
    tell = undefined;
    if (typeof message !== 'object' || message === null || !('socket' in message)) return;
    const { socket } = message;
    if (typeof socket !== 'object' || socket === null) return;
    if (used.has(socket)) told?.();
    else used.add(socket);
  });
  return {
    begin(reused) {
      tell = reused;
    },
  };
}
