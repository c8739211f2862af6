import type { Block, Message } from './ir.ts';
import type { Ledger } from './notes.ts';

/** A system message in the middle, for formats that have it at the start alone: it keeps its place as marked user text, never moved to the top. */
export function lateSystem(message: Message, ledger: Ledger): Message {
  ledger.note('emulated', message.at ?? 'messages', 'a later system message is sent as marked user text');
  const blocks = message.blocks.map((block): Block => (block.type === 'text' ? { ...block, text: `<system>\n${block.text}\n</system>` } : block));
  return { ...message, role: 'user', blocks, ext: message.ext?.filter((extra) => extra.raw !== '') ?? [] };
}
