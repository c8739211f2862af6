import type { Block, ChatRequest } from '../../core/ir.ts';

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
