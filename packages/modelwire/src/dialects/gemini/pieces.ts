import { isObject, valueEnd } from '../../core/json-text.ts';
import { createTextSlot, type Unread } from '../../core/text-slot.ts';
import type { Piece } from './reading.ts';

/** Knows chunks that differ from the last in their text alone, without a parse. */
export type Pieces = {
  read(data: string): Piece | undefined;
  /** A chunk that was parsed, with the parts it brought. */
  learn(data: string, parts: unknown): void;
};

export function createPieces(): Pieces {
  const slot = createTextSlot(counts);
  let known: Piece | undefined;
  return {
    read(data) {
      const text = known === undefined ? undefined : slot.read(data);
      if (known !== undefined && text !== undefined) return { ...known, text };
      slot.forget();
      known = undefined;
      return undefined;
    },
    learn(data, parts) {
      known = Array.isArray(parts) ? loneText(parts) : undefined;
      if (known !== undefined) slot.learn(data, known.text);
    },
  };
}

/** A text that the chunk brings and nothing else but what goes with every chunk: thinking or answer, unsigned. */
function loneText(parts: readonly unknown[]): Piece | undefined {
  const [part, ...others] = parts;
  if (!isObject(part) || others.length > 0 || typeof part['text'] !== 'string' || part['text'] === '') return undefined;
  if (part['thought'] === true) return Object.keys(part).length === 2 ? { kind: 'reasoning', text: part['text'] } : undefined;
  return Object.keys(part).length === 1 ? { kind: 'text', text: part['text'] } : undefined;
}

/** Counts are cumulative: those of the last chunk hold, and it has a finish reason, so it is parsed. */
const counts: Unread = { key: '"usageMetadata":', end: valueEnd };
