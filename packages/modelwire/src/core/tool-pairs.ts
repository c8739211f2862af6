import type { Block, Message, ToolCallBlock, ToolResultBlock } from './ir.ts';
import type { Ledger } from './notes.ts';

/**
 * Every tool result must answer a call of the turn before it, and every call must be answered before the next turn: providers refuse
 * anything else, and nobody may invent the missing half. Refuses (400) naming the id; lenient calls pass with a note.
 */
export function checkToolPairs(messages: readonly Message[], ledger: Ledger): void {
  let open = new Map<string, string>();
  const missing = (): void => {
    for (const [id, at] of open) ledger.refuse(at, `tool call "${id}" has no result before the next turn`, 'Send a tool result for every tool call');
    open = new Map();
  };
  for (const [index, message] of messages.entries()) {
    const at = message.at ?? `messages[${index}]`;
    if (message.role === 'assistant') {
      missing();
      open = new Map(message.blocks.filter(isToolCall).map((call) => [call.id, call.at ?? at]));
    } else if (message.role === 'user') {
      for (const result of message.blocks.filter(isToolResult)) {
        if (open.delete(result.callId)) continue;
        ledger.refuse(
          result.at ?? at,
          `tool result "${result.callId}" answers no tool call of the turn before it`,
          'Send the assistant message that made the call',
        );
      }
      if (message.blocks.some((block) => !isToolResult(block))) missing();
    }
  }
}

export function isToolCall(block: Block): block is ToolCallBlock {
  return block.type === 'toolCall';
}

export function isToolResult(block: Block): block is ToolResultBlock {
  return block.type === 'toolResult';
}
