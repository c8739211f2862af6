import { hashHex } from './mock-count.ts';

/** The signature that the scripted provider puts under its thinking, and asks to have back unchanged. Looks like a real one: base64. */
export function signatureOf(thinking: string): string {
  return `EqMock${hashHex(thinking, 58)}`;
}

/** Google's is bytes as base64, and stands on what the thinking led to: a text, or a call. */
export function thoughtSignatureOf(text: string): string {
  return `EqMock${hashHex(text, 58)}`;
}

export function callSignatureOf(name: string, args: unknown): string {
  return thoughtSignatureOf(`${name} ${JSON.stringify(args)}`);
}
