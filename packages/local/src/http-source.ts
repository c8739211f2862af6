import { writeHashed } from './hashed-file.ts';
import type { Hashed } from './hashed-file.ts';

type Options = {
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
  /** Size of the file when it is known; more than that is refused. */
  readonly expected?: number;
  /** How long the server may send nothing. Default 30 s. */
  readonly idle?: number;
  readonly onProgress: (received: number, total: number) => void;
};

/** Fetches a URL into a new file, with progress. Throws on any status but 200, on a cut stream, on silence, and on more bytes than expected. */
export async function downloadFile(url: string, file: string, options: Options): Promise<Hashed> {
  const idle = createIdleSignal(options.idle ?? 30_000);
  const signal = AbortSignal.any([options.signal, idle.signal]);
  try {
    // identity: with a content coding the length and the progress would be those of other bytes.
    const response = await options.fetch(url, { signal, headers: { 'accept-encoding': 'identity' } });
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel();
      throw new Error(`HTTP ${response.status}`);
    }
    const length = Number(response.headers.get('content-length') ?? 0);
    const total = length > 0 ? length : (options.expected ?? 0);
    options.onProgress(0, total);
    const written = await writeHashed(response.body, file, {
      signal,
      ...(options.expected === undefined ? {} : { limit: options.expected }),
      onBytes: (received) => {
        idle.touch();
        options.onProgress(received, total);
      },
    });
    if (written.bytes < total) throw new Error(`the answer ended after ${written.bytes} of ${total} bytes`);
    return written;
  } catch (error) {
    throw idle.signal.aborted && !options.signal.aborted ? new Error(`no bytes for ${idle.seconds} s`, { cause: error }) : error;
  } finally {
    idle.stop();
  }
}

function createIdleSignal(ms: number) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  return { signal: controller.signal, seconds: ms / 1000, touch: () => timer.refresh(), stop: () => clearTimeout(timer) };
}
