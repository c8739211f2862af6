import { GatewayError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json-text.ts';
import { hashHex, wordTokens } from './mock-count.ts';

/** Length of a scripted vector, unless another is asked for. */
const usualLength = 64;
const longest = 4096;

/** The scripted embeddings of OpenAI's format (`/embeddings`) and of Google's (the two methods). Written apart from the real ones. */
export function mockEmbeddings(path: string, body: JsonObject): string | undefined {
  const method = /:(embedContent|batchEmbedContents)$/.exec(path)?.[1];
  if (method !== undefined) return googleAnswer(method, body);
  return path.endsWith('/embeddings') ? openaiAnswer(body) : undefined;
}

/** The model of Google's methods stands in the path. */
export function mockEmbeddingModel(path: string, body: JsonObject): unknown {
  const model = /\/models\/(.+):(?:embedContent|batchEmbedContents)$/.exec(path)?.[1];
  return model === undefined ? body['model'] : decodeURIComponent(model);
}

const openaiFields: ReadonlySet<string> = new Set(['model', 'input', 'dimensions', 'encoding_format', 'user']);

function openaiAnswer(body: JsonObject): string {
  const unknown = Object.keys(body).find((key) => !openaiFields.has(key));
  if (unknown !== undefined) throw bad(`Unrecognized request argument supplied: ${unknown}`, unknown);
  const { input, dimensions, encoding_format: encoding = 'float' } = body;
  const texts = textsOf(input);
  const data = texts.map((text, index) => {
    const vector = vectorOf(text, lengthOf(dimensions, 'dimensions'));
    return { object: 'embedding', index, embedding: encoding === 'base64' ? base64(vector) : vector };
  });
  const tokens = texts.reduce((sum, text) => sum + wordTokens(text), 0);
  return JSON.stringify({ object: 'list', data, model: body['model'], usage: { prompt_tokens: tokens, total_tokens: tokens } });
}

/** Texts, or lists of token ids, which are taken for words. */
function textsOf(input: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(input) && !input.every((item) => typeof item === 'number') ? input : [input];
  if (list.length === 0) throw bad("'$.input' is invalid.", 'input');
  return list.map((item) => {
    if (typeof item === 'string' && item !== '') return item;
    if (Array.isArray(item) && item.length > 0 && item.every((token) => Number.isInteger(token))) return item.join(' ');
    throw bad("'$.input' is invalid.", 'input');
  });
}

const googleFields: ReadonlySet<string> = new Set(['model', 'content', 'taskType', 'title', 'outputDimensionality', 'autoTruncate']);

function googleAnswer(method: string, body: JsonObject): string {
  const list: unknown = method === 'embedContent' ? [body] : body['requests'];
  if (!Array.isArray(list) || list.length === 0) throw bad('requests: must not be empty', 'requests');
  const embeddings = list.map((item: unknown) => {
    if (!isObject(item)) throw bad('Invalid value at requests', 'requests');
    const unknown = Object.keys(item).find((key) => !googleFields.has(key));
    if (unknown !== undefined) throw bad(`Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`, unknown);
    if (method !== 'embedContent' && typeof item['model'] !== 'string') throw bad('model is required', 'model');
    return { values: vectorOf(googleText(item['content']), lengthOf(item['outputDimensionality'], 'outputDimensionality')) };
  });
  return JSON.stringify(method === 'embedContent' ? { embedding: embeddings[0] } : { embeddings });
}

function googleText(content: unknown): string {
  const parts = isObject(content) && Array.isArray(content['parts']) ? content['parts'].filter(isObject) : [];
  const text = parts.map((part) => (typeof part['text'] === 'string' ? part['text'] : '')).join('');
  if (text === '') throw bad('content is empty', 'content');
  return text;
}

function lengthOf(given: unknown, param: string): number {
  if (given === undefined) return usualLength;
  if (typeof given !== 'number' || !Number.isInteger(given) || given < 1 || given > longest) throw bad(`${param}: must be from 1 to ${longest}`, param);
  return given;
}

/** Each word has a place and a sign; texts with words in common are alike. Of unit length. */
function vectorOf(text: string, length: number): readonly number[] {
  const vector = Array.from({ length }, () => 0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text]) {
    const hash = Number.parseInt(hashHex(word, 8), 16);
    const place = hash % length;
    vector[place] = (vector[place] ?? 0) + ((hash >>> 16) % 2 === 0 ? 1 : -1);
  }
  const size = Math.hypot(...vector);
  if (size === 0) vector[0] = 1;
  return vector.map((value) => Math.fround(value / (size === 0 ? 1 : size)));
}

function base64(vector: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4));
  for (const [index, value] of vector.entries()) view.setFloat32(index * 4, value, true);
  return btoa(Array.from(new Uint8Array(view.buffer), (byte) => String.fromCharCode(byte)).join(''));
}

function bad(message: string, param: string): GatewayError {
  return new GatewayError('invalid_request', message, { param });
}
