import type { Block, Message, TextBlock, Tool, ToolCallBlock, ToolResultBlock } from './ir.ts';
import { printArray, printObject, printOptional, printString } from './json-print.ts';
import type { Ledger } from './notes.ts';
import { customSchema, objectInput } from './tool-input.ts';
import { isToolCall, isToolResult } from './tool-pairs.ts';

/** The form of a call, in the words of the instruction, of earlier turns and of the answer. */
export const callsKey = 'tool_calls';

/** Says what tools there are and how they are called. `must`: one must be called now; `single`: one alone. */
export function toolInstruction(tools: readonly Tool[], { must, single }: { readonly must: boolean; readonly single: boolean }): string {
  const list = printArray(
    tools.map((tool) =>
      printObject([
        ['name', printString(tool.name)],
        ['description', printOptional(tool.description)],
        ['arguments', tool.kind === 'custom' ? customSchema : tool.schema],
      ]),
    ),
  );
  const when = must ? 'You must call one of them now.' : 'Call one when it helps; otherwise answer in words and say nothing of tools.';
  const how = single ? 'Make one call only.' : 'Make several calls at once when they do not need one another.';
  return (
    `You can call these tools; the arguments of each must be valid against its JSON Schema:\n${list}\n` +
    `To call, answer with one JSON object and nothing else: {"${callsKey}":[{"name":"NAME","arguments":{}}]}. ${when} ${how} The results come in the next message.`
  );
}

/** What a call or a result says besides has no place in words. */
function accountFor({ ext = [], cache, at = 'messages' }: Block, ledger: Ledger): void {
  if (cache !== undefined) ledger.drop(`${at}.cache_control`, 'what is told in words has no cache mark');
  for (const extra of ext) if (extra.loss !== 'nothing') ledger.drop(extra.path, 'what is told in words has no such field');
}

/** The calls and results of a turn as text, in their places. */
export function tellTools(message: Message, ledger: Ledger): Message {
  if (!message.blocks.some(isOfTools)) return message;
  for (const block of message.blocks) if (isOfTools(block)) accountFor(block, ledger);
  const blocks: Block[] = [];
  for (let at = 0; at < message.blocks.length; at++) {
    const block = message.blocks[at];
    if (block === undefined) continue;
    if (block.type === 'toolResult') blocks.push(...tellResult(block));
    else if (block.type !== 'toolCall') blocks.push(block);
    else {
      const calls = message.blocks.slice(at);
      const end = calls.findIndex((one) => one.type !== 'toolCall');
      const run = calls.slice(0, end === -1 ? calls.length : end).filter((one): one is ToolCallBlock => one.type === 'toolCall');
      blocks.push({ type: 'text', text: tellCalls(run), ...(block.at === undefined ? {} : { at: block.at }) });
      at += run.length - 1;
    }
  }
  return { ...message, blocks };
}

function tellCalls(calls: readonly ToolCallBlock[]): string {
  const told = calls.map((call) =>
    printObject([
      ['id', printString(call.id)],
      ['name', printString(call.name)],
      ['arguments', objectInput(call, call.at ?? 'messages')],
    ]),
  );
  return printObject([[callsKey, printArray(told)]]);
}

function tellResult({ callId, content, isError, at }: ToolResultBlock): Block[] {
  const place = at === undefined ? {} : { at };
  const open: TextBlock = { type: 'text', text: `${isError === true ? 'Error' : 'Result'} of the call ${JSON.stringify(callId)}:`, ...place };
  return [open, ...(content.length === 0 ? [{ type: 'text' as const, text: '(empty)', ...place }] : content)];
}

function isOfTools(block: Block): block is ToolCallBlock | ToolResultBlock {
  return isToolCall(block) || isToolResult(block);
}
