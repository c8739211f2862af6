import { hashHex } from './mock-count.ts';

/** The signature that the scripted provider puts under its thinking, and asks to have back unchanged. Looks like a real one: base64. */
export function signatureOf(thinking: string): string {
  return `EqMock${hashHex(thinking, 58)}==`;
}

/** Google's is bytes as base64, and stands on what the thinking led to: a text, or a call. */
export function thoughtSignatureOf(text: string): string {
  return `EqMock${hashHex(text, 56)}==`;
}

export function callSignatureOf(name: string, args: unknown): string {
  return thoughtSignatureOf(`${name} ${JSON.stringify(args)}`);
}

/** OpenAI's holds the thinking itself, in secret: whoever changes it is found out. */
export function encryptedThought(text: string): string {
  return `gAAAAMock${hashHex(text, 24)}${Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** Whether the text is what `encryptedThought` makes. */
export function isEncryptedThought(content: string): boolean {
  const [, hash = '', hex = ''] = /^gAAAAMock([0-9a-f]{24})((?:[0-9a-f]{2})*)$/.exec(content) ?? [];
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return hash !== '' && hashHex(new TextDecoder().decode(bytes), 24) === hash;
}
