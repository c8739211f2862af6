import type { Step } from './event.ts';
import type { ByteSource } from './transport.ts';

/** The body in another framing. What cannot be read ends it as a broken connection does. */
export function reframe(source: ByteSource, step: Step<Uint8Array, Uint8Array>): ByteSource {
  return {
    ...source,
    start(sink) {
      let over = false;
      const guarded = (act: () => void): void => {
        if (over) return;
        try {
          act();
        } catch (cause) {
          over = true;
          source.abort();
          sink.fail(cause);
        }
      };
      source.start({
        data: (chunk) => guarded(() => step.push(chunk, sink.data)),
        end: () =>
          guarded(() => {
            step.end(sink.data);
            sink.end();
          }),
        fail(error) {
          if (!over) sink.fail(error);
        },
      });
    },
  };
}
