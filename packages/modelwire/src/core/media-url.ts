import type { MediaSource } from './ir.ts';
import { wrongType } from './json-cursor.ts';

/** Media by their address: one of the web, or the data itself. Throws 400 naming the path for data that are not base64. */
export function mediaOf(url: string, path: string): MediaSource {
  if (!/^data:/i.test(url)) return { kind: 'url', url };
  const comma = url.indexOf(',');
  const head = url.slice(5, comma === -1 ? 0 : comma);
  if (comma === -1 || !/;\s*base64$/i.test(head)) throw wrongType(path, 'a web address or a base64 data: URL');
  return { kind: 'base64', mediaType: (head.split(';')[0] ?? '').trim().toLowerCase() || 'text/plain', data: url.slice(comma + 1) };
}
