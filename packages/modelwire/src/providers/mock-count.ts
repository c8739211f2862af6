/**
 * The scripted provider's tokens, by a rule that anyone can count: a word (a run of non-space characters) is one token, JSON one per four
 * characters, an image, document or audio part a hundred, and each message or system block three more.
 */
export const messageTokens = 3;
export const mediaTokens = 100;

export function wordTokens(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

export function jsonTokens(json: string): number {
  return Math.ceil(json.length / 4);
}

/** The text up to the end of its `count`th word; the whole text when it has no more. */
export function firstWords(text: string, count: number): string {
  let seen = 0;
  for (const match of text.matchAll(/\S+/g)) {
    if (seen === count) return text.slice(0, match.index).trimEnd();
    seen++;
  }
  return text;
}

/** The bytes that a base64 text stands for. */
export function base64Bytes(data: string): number {
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  return Math.floor((data.length * 3) / 4) - padding;
}

/** Whether the text is base64. Looks for what must not be there: a pattern for the whole of megabytes would overflow the matcher's stack. */
export function isBase64(data: string): boolean {
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  return data.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(data.slice(0, data.length - padding));
}

/** A hash for ids that must be the same for the same request. Not for secrets. Based on cyrb53, https://github.com/bryc/code. */
export function hashHex(text: string, digits: number): string {
  let out = '';
  for (let seed = 0; out.length < digits; seed++) out += hash53(text, seed).toString(16).padStart(14, '0');
  return out.slice(0, digits);
}

function hash53(text: string, seed: number): number {
  let high = 0xdeadbeef ^ Math.imul(seed, 0x9e3779b1);
  let low = 0x41c6ce57 ^ Math.imul(seed, 0x85ebca77);
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    high = Math.imul(high ^ c, 2654435761);
    low = Math.imul(low ^ c, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}
