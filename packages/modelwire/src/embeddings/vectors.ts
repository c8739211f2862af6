import type { Vector } from '../core/embedding.ts';
import { GatewayError } from '../core/errors.ts';

/** Vectors as base64 of little-endian 32-bit floats, and as numbers. https://platform.openai.com/docs/api-reference/embeddings */
export function toBase64(vector: Vector): string {
  const bytes = new Uint8Array(vector.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of vector.entries()) view.setFloat32(index * 4, value, true);
  let text = '';
  // A call takes so many arguments and no more.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** The numbers of a vector in either spelling; throws `upstream_invalid_response` when it is neither. */
export function readVector(value: unknown, provider: string): Vector {
  if (Array.isArray(value) && value.length > 0 && value.every((item): item is number => typeof item === 'number')) return value;
  const vector = typeof value === 'string' && value !== '' ? fromBase64(value) : undefined;
  if (vector === undefined) throw noVectors(provider);
  return vector;
}

function fromBase64(text: string): Vector | undefined {
  let plain: string;
  try {
    plain = atob(text);
  } catch {
    return undefined;
  }
  if (plain.length % 4 !== 0) return undefined;
  const view = new DataView(new ArrayBuffer(plain.length));
  for (let i = 0; i < plain.length; i++) view.setUint8(i, plain.charCodeAt(i));
  return Array.from({ length: plain.length / 4 }, (_, index) => view.getFloat32(index * 4, true));
}

export function noVectors(provider: string): GatewayError {
  return new GatewayError('upstream_invalid_response', `${provider}: the answer has no vectors`, {
    provider,
    hint: 'Check that the model is one for embeddings',
  });
}
