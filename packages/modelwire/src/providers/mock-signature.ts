import { hashHex } from './mock-count.ts';

/** The signature that the scripted provider puts under its thinking, and asks to have back unchanged. Looks like a real one: base64. */
export function signatureOf(thinking: string): string {
  return `EqMock${hashHex(thinking, 58)}==`;
}
