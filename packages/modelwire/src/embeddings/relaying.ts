import type { RelayedEmbedding } from '../core/embedding.ts';
import type { Usage } from '../core/ir.ts';
import type { TopLevel } from '../core/top-level.ts';

/** A request that passes with the target's name for the model. */
export function relayTo(path: string, top: TopLevel, model: string): RelayedEmbedding {
  return { path, edits: top.value('model') === model ? [] : [{ kind: 'set', key: 'model', raw: JSON.stringify(model) }] };
}

/** The count under the first of these keys that stands in a piece of an answer. */
export function countIn(piece: string, ...keys: readonly string[]): Usage | undefined {
  for (const key of keys) {
    const at = piece.indexOf(`"${key}"`);
    const count = at === -1 ? undefined : /^\s*:\s*(\d{1,15})/.exec(piece.slice(at + key.length + 2))?.[1];
    if (count !== undefined) return { input: Number(count), output: 0 };
  }
  return undefined;
}
