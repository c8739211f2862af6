import type { MediaSource } from './ir.ts';
import { wrongType } from './json-cursor.ts';

/** A web address, or the data itself as a base64 data: URL; throws 400 naming the path for a data: URL of another kind. */
export function mediaOf(url: string, path: string): MediaSource {
  if (!/^data:/i.test(url)) return { kind: 'url', url };
  const comma = url.indexOf(',');
  const head = url.slice(5, comma === -1 ? 0 : comma);
  if (comma === -1 || !/;\s*base64$/i.test(head)) throw wrongType(path, 'a web address or a base64 data: URL');
  return { kind: 'base64', mediaType: (head.split(';')[0] ?? '').trim().toLowerCase() || 'text/plain', data: url.slice(comma + 1) };
}

/** The data of a file: OpenAI documents plain base64 and takes data URLs; others take a web address too. */
export function fileData(data: string, path: string): MediaSource {
  return /^(?:data:|https?:)/i.test(data) ? mediaOf(data, path) : { kind: 'base64', mediaType: 'application/pdf', data };
}
