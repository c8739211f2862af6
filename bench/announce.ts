import type { Server } from 'node:net';

const longestLife = 15 * 60_000;

/** Listens on a free loopback port and says where, in the line that the bench waits for. */
export function announce(server: Server, name: string): void {
  server.listen(0, '127.0.0.1', 1024, () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') process.stdout.write(`${name} http://127.0.0.1:${address.port}\n`);
  });
}

/** A child of the bench ends with its parent (whose end closes our stdin), and in any case after a quarter of an hour. */
export function lifetime(): void {
  process.stdin.on('end', () => process.exit(0)).resume();
  setTimeout(() => process.exit(1), longestLife).unref();
}
