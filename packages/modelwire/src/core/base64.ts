/** Text as base64 of its UTF-8 bytes. */
export function encodeBase64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Text out of base64 in either alphabet; undefined when it is none. */
export function decodeBase64(data: string): string | undefined {
  try {
    const plain = atob(data.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = new Uint8Array(plain.length);
    for (let i = 0; i < plain.length; i++) bytes[i] = plain.charCodeAt(i);
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}
