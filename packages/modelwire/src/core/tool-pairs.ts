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
