import { optional } from './json-fields.ts';
import type { Fields } from './json-fields.ts';
import { badValue, unsupported } from './wire-error.ts';

/** What is to be turned into vectors, checked. */
export type EmbeddingAsk = {
  readonly texts: readonly string[];
  readonly encoding: 'float' | 'base64';
  /** The length of vector asked for; only the model's own can be had. */
  readonly dimensions?: number;
};

const mostTexts = 2048;

/** Checks the body of POST /v1/embeddings. */
export function decodeEmbeddingRequest(body: Fields): EmbeddingAsk {
  const encoding = optional.string(body, 'encoding_format') ?? 'float';
  if (encoding !== 'float' && encoding !== 'base64') throw badValue('encoding_format', 'must be float or base64');
  const dimensions = optional.whole(body, 'dimensions', { from: 1 });
  return { texts: textsOf(body['input']), encoding, ...(dimensions === undefined ? {} : { dimensions }) };
}

function textsOf(input: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(input) ? input : [input];
  if (list.length === 0 || list.length > mostTexts) throw badValue('input', `must be a text, or an array of 1 to ${mostTexts} texts`);
  return list.map((item, index) => {
    const param = Array.isArray(input) ? `input[${index}]` : 'input';
    if (typeof item === 'number' || Array.isArray(item))
      throw unsupported(param, 'the token ids of another model mean nothing to the embedded one; send the text');
    if (typeof item !== 'string' || item === '') throw badValue(param, 'must be a text that is not empty');
    return item;
  });
}

/** A vector of unit length, so that its product with another is their likeness. Throws for one that is all zeros. */
export function normalized(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  if (!(length > 0)) throw new Error('the model gave a vector without a direction');
  return vector.map((value) => value / length);
}

/** The answer in the OpenAI shape. */
export function embeddingReply(
  vectors: readonly (readonly number[])[],
  { encoding }: EmbeddingAsk,
  about: { readonly model: string; readonly tokens: number },
) {
  const { model, tokens } = about;
  const data = vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encoding === 'float' ? vector : toBase64(vector) }));
  return { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

/** Little-endian 32-bit floats. */
function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
