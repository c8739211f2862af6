import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { GatewayError } from 'modelwire/internal/core/errors';

/** The body's bytes, unpacked; undefined when the caller left. Refuses what is longer than `limit` bytes without reading it all. */
export async function readRequestBody(request: IncomingMessage, response: ServerResponse, limit: number): Promise<Uint8Array | undefined> {
  const tooLarge = (): GatewayError => {
    // What is still coming is not read: the connection ends with the answer.
    response.setHeader('connection', 'close');
    return new GatewayError('request_too_large', `the body is larger than ${limit} bytes`, { hint: 'Send less, or raise server.bodyLimit' });
  };
  if (declaredLength(request) > limit) throw tooLarge();
  const body = await collect(request, limit, tooLarge);
  return body === undefined ? undefined : await unpack(body, request.headers['content-encoding']?.toLowerCase(), limit);
}

/** What `content-length` says; 0 without it. */
export function declaredLength(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? 0);
}

function collect(request: IncomingMessage, limit: number, tooLarge: () => GatewayError): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit) {
        request.pause();
        request.removeAllListeners('data');
        reject(tooLarge());
      }
    });
    request.on('end', () => {
      const only = chunks[0];
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, length));
    });
    request.on('error', () => resolve(undefined));
    request.on('close', () => resolve(undefined));
  });
}

const unpackers: { readonly [encoding: string]: (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer> } = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

async function unpack(body: Buffer, encoding: string | undefined, limit: number): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity') return body;
  const unpacker = Object.hasOwn(unpackers, encoding) ? unpackers[encoding] : undefined;
  if (unpacker === undefined)
    throw new GatewayError('invalid_request', `content-encoding ${encoding.slice(0, 40)} is not supported`, {
      hint: 'Send gzip, deflate, br, or no encoding',
      status: 415,
    });
  try {
    return await unpacker(body, { maxOutputLength: limit });
  } catch (cause) {
    if (cause instanceof RangeError) throw new GatewayError('request_too_large', `the unpacked body is larger than ${limit} bytes`, { cause });
    throw new GatewayError('invalid_request', `the body is not valid ${encoding}`, { cause });
  }
}
