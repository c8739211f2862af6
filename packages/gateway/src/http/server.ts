import { createServer, type AddressInfo, type Server } from 'node:net';
import { type Connection, openConnection } from './connection.ts';
import { defaultTimeouts, type HttpServer, type ServerOptions } from './exchange.ts';

const sweepMs = 500;

/**
 * The server side of HTTP/1.1 over plain sockets: a request's head is read as one string, its body is not copied when it came in one
 * piece, an answer's head and body leave in one write. One timer looks after the time limits of all connections.
 */
export function createHttpServer(options: ServerOptions): HttpServer {
  const connections = new Set<Connection>();
  const timeouts = options.timeouts ?? defaultTimeouts;
  let sweep: NodeJS.Timeout | undefined;
  const state = { closing: false };

  const server: Server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    const connection = openConnection(socket, { options, timeouts, isClosing: () => state.closing });
    connections.add(connection);
    socket.on('close', () => connections.delete(connection));
    sweep ??= setInterval(
      () => {
        const now = performance.now();
        for (const one of connections) one.checkTime(now);
        if (connections.size > 0) return;
        clearInterval(sweep);
        sweep = undefined;
      },
      Math.min(sweepMs, timeouts.head, timeouts.request, timeouts.idle),
    ).unref();
  });

  return {
    listen: (at) => listen(server, at),
    close() {
      state.closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.closeIfIdle();
      return closed;
    },
    closeAll() {
      for (const connection of connections) connection.destroy();
    },
  };
}

export function listen(server: Server, at: { readonly host: string; readonly port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, () => {
      server.off('error', reject);
      const address = server.address() as AddressInfo;
      resolve(address.port);
    });
  });
}
