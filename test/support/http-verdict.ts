import type { Socket } from 'node:net';
import { openConnection } from '../../packages/gateway/src/http/connection.ts';
import { defaultTimeouts, type Exchange, type ServerOptions } from '../../packages/gateway/src/http/exchange.ts';
import { createNodeParser } from '../../packages/gateway/src/http/node-server.ts';
import { createMemorySocket, type MemorySocket, settled } from './memory-socket.ts';

/** A request as a server understood it; no body: it did not come to its end. */
export type Understood = {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  body: string | undefined;
};

/** What a server made of the bytes on one connection. `refused`: it would have no more of them; `closed`: it has answered and closed. */
export type Verdict = { readonly requests: readonly Understood[]; readonly end: 'open' | 'closed' | 'refused' };

export type Engine = 'lean' | 'node';

type Peer = { readonly wire: MemorySocket; verdict(): Verdict; /** Lets all time limits pass. */ expire(): void };

let moves = 0;
const move = (): void => void moves++;

/** A connection to a server that reads every body up to ten million bytes and answers `ok`. */
function openPeer(engine: Engine): Peer {
  const wire = createMemorySocket(move);
  const requests: Understood[] = [];
  let refused = false;
  let answered = 0;
  const options: ServerOptions = {
    handle(exchange: Exchange) {
      move();
      const { method, target, version, headers } = exchange.head;
      const request: Understood = { method, target, version, headers: defined(headers), body: undefined };
      requests.push(request);
      exchange.readBody(10_000_000, (outcome) => {
        move();
        if (outcome === 'too_large') exchange.send(413, {}, 'no');
        if (typeof outcome === 'string') return;
        request.body = Buffer.from(outcome).toString('latin1');
        exchange.onClose((whole) => {
          move();
          if (whole) answered++;
        });
        exchange.send(200, {}, 'ok');
      });
    },
    refuse(error) {
      move();
      refused = true;
      return { status: error.status, headers: {}, payload: error.message };
    },
  };
  const expire = connections[engine](wire.socket, options);
  return {
    wire,
    expire,
    verdict() {
      const over = wire.ended() || wire.destroyed();
      const clean = requests.every((request) => request.body !== undefined) && answered === requests.length && requests.length > 0;
      return { requests: requests.map((request) => ({ ...request })), end: refused || (over && !clean) ? 'refused' : over ? 'closed' : 'open' };
    },
  };
}

/** Open a connection; what is returned lets its time limits pass. */
const connections: { readonly [engine in Engine]: (socket: Socket, options: ServerOptions) => () => void } = {
  lean(socket, options) {
    const connection = openConnection(socket, { options, timeouts: defaultTimeouts, isClosing: () => false });
    return () => {
      // A refusal stays a moment, to be read.
      for (let i = 0; i < 2; i++) connection.checkTime(performance.now() + 1e9);
    };
  },
  node(socket, options) {
    createNodeParser(options).emit('connection', socket);
    return () => undefined;
  },
};

function defined(headers: Exchange['head']['headers']): Understood['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}

/** Turns without a move after which a server has done what it can. Node's hands on by streams, which takes some. */
const stillTurns: { readonly [engine in Engine]: number } = { lean: 1, node: 4 };

/** The verdict on each of the inputs; an input comes in pieces, each once all is still. */
export async function verdicts(engine: Engine, inputs: readonly (readonly Uint8Array[])[]): Promise<readonly Verdict[]> {
  const peers = inputs.map(() => openPeer(engine));
  const rounds = Math.max(0, ...inputs.map((pieces) => pieces.length));
  for (let round = 0; round < rounds; round++) {
    inputs.forEach((pieces, index) => {
      const piece = pieces[round];
      if (piece !== undefined) peers[index]?.wire.feed(piece);
    });
    await settled(() => moves, stillTurns[engine]);
  }
  const all = peers.map((peer) => peer.verdict());
  for (const { expire, wire } of peers) {
    expire();
    if (engine === 'lean' && !wire.destroyed()) throw new Error('a connection stays open for ever');
    wire.socket.destroy();
  }
  return all;
}

export async function verdict(engine: Engine, ...pieces: readonly Uint8Array[]): Promise<Verdict> {
  const [only] = await verdicts(engine, [pieces]);
  if (only === undefined) throw new Error('no verdict');
  return only;
}
