import type { Block, DialectName, Message } from './ir.ts';
import type { Ledger } from './notes.ts';

/**
 * A system message in the middle, for formats that have it at the start alone: it keeps its place as marked user text, never moved to the
 * top. What `dialect` itself says of such a message has no place on one of the user's.
 */
export function lateSystem(message: Message, ledger: Ledger, dialect: DialectName): Message {
  ledger.note('emulated', message.at ?? 'messages', 'a later system message is sent as marked user text');
  const blocks = message.blocks.map((block): Block => (block.type === 'text' ? { ...block, text: `<system>\n${block.text}\n</system>` } : block));
  return { ...message, role: 'user', blocks, ext: message.ext?.filter((extra) => extra.dialect !== dialect) ?? [] };
}
