import type * as ZlibModule from 'node:zlib';
import { promisify } from 'node:util';
import { GatewayError } from 'modelwire/internal/core/errors';

type Zlib = typeof ZlibModule;
type Unpack = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const unpackers: { readonly [encoding: string]: (zlib: Zlib) => Unpack } = {
  gzip: (zlib) => promisify(zlib.gunzip),
  'x-gzip': (zlib) => promisify(zlib.gunzip),
  deflate: (zlib) => promisify(zlib.inflate),
  br: (zlib) => promisify(zlib.brotliDecompress),
};

/** A body as it was before `content-encoding`. Refuses what unpacks to more than `limit` bytes. */
export async function unpackBody(body: Uint8Array, contentEncoding: string, limit: number): Promise<Uint8Array> {
  const encoding = contentEncoding.toLowerCase();
  if (encoding === 'identity') return body;
  const unpacker = Object.hasOwn(unpackers, encoding) ? unpackers[encoding] : undefined;
  if (unpacker === undefined)
    throw new GatewayError('invalid_request', `content-encoding ${encoding.slice(0, 40)} is not supported`, {
      hint: 'Send gzip, deflate, br, or no encoding',
      status: 415,
    });
  // Few callers compress, so a start does not wait for it.
  const unpack = unpacker(await import('node:zlib'));
  try {
    return await unpack(body, { maxOutputLength: limit });
  } catch (cause) {
    if (cause instanceof RangeError) throw new GatewayError('request_too_large', `the unpacked body is larger than ${limit} bytes`, { cause });
    throw new GatewayError('invalid_request', `the body is not valid ${encoding}`, { cause });
  }
}
