import { cachePath, fieldPath } from './notes.ts';
import type { Context } from './dialect.ts';
import { type Emulation, through, withInstruction } from './emulation.ts';
import type { Block, ChatRequest, Extra, ServerTool, Tool } from './ir.ts';
import { createCallEditing, splitCalls } from './call-in-text.ts';
import { createCallReader } from './call-reader.ts';
import { checkToolPairs, isToolCall, isToolResult } from './tool-pairs.ts';
import { tellTools, toolInstruction } from './tools-in-words.ts';

/**
 * Tools for models that have none: they are described in words, a call is a JSON object that the model writes, and calls and results of
 * earlier turns are told to it in the same words. What it writes is held against the tool's schema before it becomes a call.
 */
export function emulateTools(request: ChatRequest, context: Context): Emulation | undefined {
  const { target, ledger } = context;
  if (target.quirks.tools !== false) return undefined;
  const tools = request.tools?.filter((tool): tool is Tool => tool.kind !== 'server') ?? [];
  const told = request.messages.some((message) => message.blocks.some(isOfTools));
  if (tools.length === 0 && !told) return undefined;
  const offered = offeredTools(tools, request);
  const path = request.names['tools'] ?? 'tools';
  ledger.note('emulated', tools[0]?.at ?? path, 'the model has no tools: they are described in a system message, and what it writes as a call is checked here');
  const servers = request.tools?.filter((tool): tool is ServerTool => tool.kind === 'server') ?? [];
  const { tools: _, toolChoice, parallelToolCalls, ext, ...rest } = request;
  checkToolPairs(request.messages, ledger);
  const messages = request.messages.map((message) => tellTools(message, ledger));
  const plain: ChatRequest = {
    ...rest,
    ext: withoutChoice(ext, request, context),
    ...(servers.length === 0 ? {} : { tools: servers }),
    messages:
      offered.length === 0
        ? messages
        : withInstruction(messages, toolInstruction(offered, { must: mustCall(toolChoice), single: parallelToolCalls === false })),
  };
  if (toolChoice !== undefined && toolChoice.type !== 'auto')
    ledger.note('emulated', request.names['toolChoice'] ?? 'tool_choice', 'the choice is put in words');
  accountForChoice(request, tools, offered, context);
  const reader = createCallReader(offered, { must: mustCall(toolChoice), single: parallelToolCalls === false }, context);
  return {
    request: plain,
    reply(reply) {
      const blocks = reader.isCut(reply.finish)
        ? reply.blocks
        : reply.blocks.flatMap((block) => (block.type === 'text' ? splitCalls(block, reader.read) : [block]));
      return { ...reply, blocks, finish: reader.ended(reply.finish, blocks.some(isToolCall)) };
    },
    stream: (decoder) => through(decoder, createCallEditing(reader)),
  };
}

function isOfTools(block: Block): boolean {
  return isToolCall(block) || isToolResult(block);
}

/** A call is wanted, whichever. */
export function mustCall(choice: ChatRequest['toolChoice']): boolean {
  return choice !== undefined && (choice.type === 'required' || choice.type === 'tool' || (choice.type === 'allowed' && choice.mode === 'required'));
}

/** The tools that the choice leaves. */
export function offeredTools(tools: readonly Tool[], { toolChoice: choice }: ChatRequest): readonly Tool[] {
  switch (choice?.type) {
    case 'none':
      return [];
    case 'tool':
      return tools.filter((tool) => tool.name === choice.name);
    case 'allowed':
      return tools.filter((tool) => choice.names.includes(tool.name));
    default:
      return tools;
  }
}

/** What is said of the tools and the choice besides, where both are put in words. */
export function accountForChoice({ parallelToolCalls, names }: ChatRequest, tools: readonly Tool[], offered: readonly Tool[], { ledger }: Context): void {
  if (parallelToolCalls === false) ledger.note('emulated', names['parallelToolCalls'] ?? 'parallel_tool_calls', 'that one call is wanted is put in words');
  for (const tool of tools) {
    const { at = 'tools', cache, strict, ext = [], name } = tool;
    const strictPath = fieldPath(tool, 'strict', 'tools');
    if (!offered.some((other) => other.name === name)) ledger.note('carried', at, 'the choice leaves the tool out: the model is not told of it');
    if (cache !== undefined) ledger.drop(cachePath(tool, 'tools'), 'a tool that is described in words has no cache mark');
    if (strict === true) ledger.note('emulated', strictPath, 'calls are held to their schema here');
    else if (strict === false) ledger.note('carried', strictPath, 'calls are held to their schema here all the same');
    for (const extra of ext) if (extra.loss !== 'nothing') ledger.drop(extra.path, 'a tool that is described in words has no such field');
  }
}

/** What the caller's own format says of the tools and the choice besides, and would write again. */
export function withoutChoice(ext: readonly Extra[], { names }: ChatRequest, { back, ledger }: Context): readonly Extra[] {
  const path = names['toolChoice'] ?? 'tool_choice';
  const isTools = (at: string): boolean => at === (names['tools'] ?? 'tools') || at === path || at.startsWith(`${path}.`);
  return ext.filter((extra) => {
    if (extra.dialect !== back || !isTools(extra.path)) return true;
    if (extra.loss !== 'nothing') ledger.drop(extra.path, 'the model has no tools to choose from');
    return false;
  });
}
