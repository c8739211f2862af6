import { hash64 } from './fit.ts';
import type { Block, Message, ToolCallBlock, ToolResultBlock } from './ir.ts';
import type { Ledger } from './notes.ts';

/**
 * Every tool result must answer a call of the turn before it, and every call must be answered before the next turn: providers refuse
 * anything else, and nobody may invent the missing half. Refuses (400) naming the id; lenient calls pass with a note.
 */
export function checkToolPairs(messages: readonly Message[], ledger: Ledger): void {
  const open = new Map<string, string>();
  const missing = (): void => {
    if (open.size === 0) return;
    for (const [id, at] of open) ledger.refuse(at, `tool call "${id}" has no result before the next turn`, 'Send a tool result for every tool call');
    open.clear();
  };
  for (const [index, message] of messages.entries()) {
    const { role, blocks, at = `messages[${index}]` } = message;
    if (role === 'assistant') {
      missing();
      for (const block of blocks) if (isToolCall(block)) open.set(block.id, block.at ?? at);
    } else if (role === 'user') {
      for (const block of blocks) {
        if (!isToolResult(block) || open.delete(block.callId)) continue;
        ledger.refuse(
          block.at ?? at,
          `tool result "${block.callId}" answers no tool call of the turn before it`,
          'Send the assistant message that made the call',
        );
      }
      if (open.size > 0 && blocks.some((block) => !isToolResult(block))) missing();
    }
  }
}

/**
 * The conversation with an id of its own for every call: some servers count anew with every answer, and others take an id once. The same
 * for the same beginning of a conversation, so that what was sent before is sent again.
 */
export function separateIds(messages: readonly Message[], ledger: Ledger): readonly Message[] {
  const turns = new Map<string, number>();
  /** What the repeated ids of the turn under way became. */
  const renamed = new Map<string, string>();
  const separated = messages.map((message) => {
    const calls = message.role === 'assistant' ? message.blocks.filter(isToolCall) : [];
    for (const id of new Set(calls.map((call) => call.id))) {
      const before = turns.get(id) ?? 0;
      turns.set(id, before + 1);
      if (before === 0) renamed.delete(id);
      else renamed.set(id, `call_${hash64(`${before} ${id}`)}`);
    }
    return renamed.size === 0 ? message : { ...message, blocks: message.blocks.map((block) => withOwnId(block, renamed, ledger)) };
  });
  return [...turns.values()].some((count) => count > 1) ? separated : messages;
}

function withOwnId(block: Block, renamed: ReadonlyMap<string, string>, ledger: Ledger): Block {
  if (isToolResult(block)) return { ...block, callId: renamed.get(block.callId) ?? block.callId };
  const id = isToolCall(block) ? renamed.get(block.id) : undefined;
  if (id === undefined || !isToolCall(block)) return block;
  ledger.note('changed', block.at ?? 'messages', 'the id of an earlier call again: it is sent as another');
  return { ...block, id };
}

/** The ids of the calls of a conversation. */
export function callIds(messages: readonly Message[]): ReadonlySet<string> {
  return new Set(messages.flatMap(({ blocks }) => blocks.filter(isToolCall).map(({ id }) => id)));
}

/** The names of the tools that the conversation has calls of, one for each call. */
export function calledNames(messages: readonly Message[]): string[] {
  const names: string[] = [];
  for (const { blocks } of messages) for (const block of blocks) if (isToolCall(block)) names.push(block.name);
  return names;
}

export function isToolCall(block: Block): block is ToolCallBlock {
  return block.type === 'toolCall';
}

export function isToolResult(block: Block): block is ToolResultBlock {
  return block.type === 'toolResult';
}
