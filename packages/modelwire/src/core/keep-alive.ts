import type { Answer, World } from './attempt.ts';
import { type GatewayError, toGatewayError } from './errors.ts';
import type { ChunkSink } from './pump.ts';

export type KeepAlive = {
  /** Milliseconds without an answer after which the stream is begun with a keep-alive; 0: never. */
  readonly everyMs: number;
  readonly ping: string;
  /** The error as an event of the caller's stream: after a keep-alive no status can tell it. */
  errorEvent(error: GatewayError): string;
  /** Told when the answer turns out to be an error after it was begun. */
  failed(error: GatewayError): void;
};

/**
 * A stream whose provider is silent (a model that loads, a long queue) is begun with keep-alives, so that proxies and clients in
 * between do not give up. From then on a failure is an event of the stream, no longer a status.
 */
export function withKeepAlive(answer: Promise<Answer>, options: KeepAlive, world: World): Promise<Answer> {
  if (options.everyMs <= 0 || options.ping === '') return answer;
  return new Promise((resolve, reject) => {
    let begun = false;
    const cancel = world.after(options.everyMs, () => {
      begun = true;
      resolve(begin(answer, options, world));
    });
    answer.then(
      (ready) => {
        cancel();
        if (!begun) resolve(ready);
      },
      (error: unknown) => {
        cancel();
        if (!begun) reject(toGatewayError(error));
      },
    );
  });
}

function begin(answer: Promise<Answer>, options: KeepAlive, world: World): Answer {
  let ready: Answer | undefined;
  const connect = (sink: ChunkSink): void => {
    let cancel: () => void = () => undefined;
    const ping = (): void => {
      sink.data(options.ping);
      cancel = world.after(options.everyMs, ping);
    };
    ping();
    answer.then(
      (arrived) => {
        cancel();
        ready = arrived;
        if (arrived.body.kind === 'stream') arrived.body.source.start(sink);
        else {
          for (const chunk of arrived.body.chunks) sink.data(chunk);
          sink.end();
        }
      },
      (thrown: unknown) => {
        cancel();
        const error = toGatewayError(thrown);
        options.failed(error);
        sink.data(options.errorEvent(error));
        sink.end();
      },
    );
  };
  const inner = () => (ready?.body.kind === 'stream' ? ready.body.source : undefined);
  return {
    status: 200,
    contentType: 'text/event-stream; charset=utf-8',
    headers: {},
    body: { kind: 'stream', source: { start: connect, pause: () => inner()?.pause(), resume: () => inner()?.resume() } },
  };
}
