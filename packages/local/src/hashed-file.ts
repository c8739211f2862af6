import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** What was written or read: how many bytes, and their hex SHA-256. */
export type Hashed = { readonly bytes: number; readonly sha256: string };

/** Writes a stream of bytes to a new file and hashes them on the way. Throws once more than `limit` bytes come. */
export async function writeHashed(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  options: { readonly signal: AbortSignal; readonly limit?: number; readonly onBytes?: (bytes: number) => void },
): Promise<Hashed> {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (options.limit !== undefined && bytes > options.limit) throw new Error(`more than the expected ${options.limit} bytes`);
      hash.update(chunk);
      options.onBytes?.(bytes);
      yield chunk;
    }
  }
  await pipeline(counted, createWriteStream(file, { flags: 'wx' }), { signal: options.signal });
  return { bytes, sha256: hash.digest('hex') };
}

/** Hashes a file on disk. */
export async function hashFile(file: string, signal: AbortSignal): Promise<Hashed> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024, signal })) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    hash.update(chunk);
  }
  return { bytes, sha256: hash.digest('hex') };
}
