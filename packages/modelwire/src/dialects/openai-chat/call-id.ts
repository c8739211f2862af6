import { decodeBase64, encodeBase64 } from '../../core/base64.ts';
import type { Context } from '../../core/dialect.ts';
import type { Block, ChatRequest, ReasoningBlock } from '../../core/ir.ts';
import { printBundle, readBundle, seal, sealMark } from '../../core/seal.ts';

/**
 * Many clients send nothing back of a message but its text and its calls. So that thinking comes back even so, the id of the call that
 * it led to bears it, until the client has shown that it keeps `reasoning_details`.
 */

/** Most characters of an id: whose thinking is longer must keep it otherwise. */
const longestId = 64 * 1024;

/** `mw1.<provider>.<thinking>.<id>`. */
export function sealedCallId(id: string, thoughts: readonly ReasoningBlock[], { target, back }: Context): string {
  if (thoughts.length === 0) return id;
  const sealed = seal(target, `${toUrl(encodeBase64(printBundle(thoughts, back)))}.${id}`);
  return sealed.length > longestId ? id : sealed;
}

/** The id that the provider gave, and the thinking that came with it. */
export function openCallId(given: string, at: string): { readonly id: string; readonly thoughts: readonly ReasoningBlock[] } {
  const start = given.startsWith(sealMark) ? given.indexOf('.', sealMark.length) + 1 : 0;
  const end = given.indexOf('.', start);
  const bundle = start === 0 || end === -1 ? undefined : decodeBase64(given.slice(start, end));
  // Somebody else's id.
  if (bundle === undefined) return { id: given, thoughts: [] };
  return { id: given.slice(end + 1), thoughts: readBundle(given.slice(0, start) + bundle, at) };
}

function toUrl(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The format of the details that we write. */
export const detailsFormat = 'modelwire';

/** Whether the client has sent such details back, all those of a message: OpenAI's own library keeps the last list of a stream alone. */
export function keepsDetails({ messages }: ChatRequest): boolean {
  const kept = messages.map(({ blocks }) => blocks.flatMap(indexOfOurs)).filter((indexes) => indexes.length > 0);
  return kept.length > 0 && kept.every((indexes) => indexes.every((index, place) => index === String(place)));
}

function indexOfOurs({ type, ext = [] }: Block): readonly string[] {
  if (type !== 'reasoning' || !ext.some(({ key, raw }) => key === 'format' && raw === `"${detailsFormat}"`)) return [];
  return [ext.find(({ key }) => key === 'index')?.raw ?? ''];
}
