import type { Context } from '../../core/dialect.ts';
import type { Block } from '../../core/ir.ts';
import { type Cursor, rawOf } from '../../core/json-cursor.ts';
import { customText } from '../../core/tool-input.ts';
import { decodeBlock, kindOf } from './content.ts';
import { block as blockShape } from './verdicts.ts';
import { dialect, extrasOf } from './wire.ts';

/** What reading an answer needs of the request it answers. */
export type AnswerScope = {
  readonly context: Context;
  /** The caller's name of a tool, from the provider's. */
  toolName(name: string): string;
  /** Whether the caller's tool of that name takes free text. */
  isCustom(name: string): boolean;
};

/** Where the blocks of an answer stand: for all of them, since indexes differ in streams. */
export const contentPath = 'output.message.content';

/** What only questions hold elsewhere: in an answer it goes to callers of this dialect as it came. */
const ofRequests: ReadonlySet<string> = new Set(['toolResult', 'document', 'searchResult']);

/** One block of an answer. What stands beside its kind goes with it. */
export function decodeAnswerBlock(cursor: Cursor, scope: AnswerScope): Block {
  const item = { ...cursor, path: contentPath };
  const kind = kindOf(item, blockShape);
  if (ofRequests.has(kind)) return { type: 'opaque', dialect, kind, raw: rawOf(item), loss: 'demand' };
  const { at: _place, ...block } = decodeBlock(item, kind);
  const beside = block.type === 'opaque' ? [] : extrasOf(item, blockShape);
  const ext = [...(block.ext ?? []), ...beside].filter((extra) => extra.raw !== 'null');
  return withName({ ...block, ...(ext.length === 0 ? {} : { ext }) }, scope);
}

/** A call by the caller's name of its tool. */
export function withName(block: Block, scope: AnswerScope): Block {
  if (block.type !== 'toolCall') return block;
  const name = scope.toolName(block.name);
  return scope.isCustom(name) ? { ...block, name, kind: 'custom', arguments: customText(block.arguments) } : { ...block, name };
}
