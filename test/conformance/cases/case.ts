import type { DialectName } from '../../../packages/modelwire/src/core/ir.ts';

/** One request of a front, to be sent to every back: what goes out is a golden file. */
export type RequestCase = { readonly front: DialectName; readonly name: string; readonly body: string };

export const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export const pdf = 'JVBERi0xLjQKJSVFT0YK';

export const weather = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

export const user = { role: 'user', content: 'hi' };

/** One answer of a back, whole and as a stream, to be given to every front. */
export type ReplyCase = { readonly back: DialectName; readonly name: string; readonly whole: string; readonly frames: string };
