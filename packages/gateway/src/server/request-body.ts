import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { GatewayError } from 'modelwire/internal/core/errors';

const unpackers: { readonly [encoding: string]: (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer> } = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
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
  try {
    return await unpacker(body, { maxOutputLength: limit });
  } catch (cause) {
    if (cause instanceof RangeError) throw new GatewayError('request_too_large', `the unpacked body is larger than ${limit} bytes`, { cause });
    throw new GatewayError('invalid_request', `the body is not valid ${encoding}`, { cause });
  }
}
