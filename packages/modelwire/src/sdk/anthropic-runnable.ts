import type { Tool, ToolResultBlockParam, ToolUnion, ToolUseBlock } from './anthropic-types.ts';

/** What a tool answers: a text, or blocks. */
export type ToolResultContent = string | Exclude<ToolResultBlockParam['content'], string | undefined>;

type Promisable<T> = T | Promise<T>;

export type BetaToolRunContext = {
  /** The call that is served. */
  toolUse: ToolUseBlock;
  /** The same, by its older name. */
  toolUseBlock: ToolUseBlock;
  /** Aborts with the runner. */
  signal?: AbortSignal | null | undefined;
};

/** A tool with what runs it. `parse` reads the model's input, and throws for what does not fit. */
// oxlint-disable-next-line typescript/no-explicit-any -- Tools of different inputs share a list.
export type BetaRunnableTool<Input = any> = Extract<ToolUnion, { name: string }> & {
  run: (args: Input, context?: BetaToolRunContext) => Promisable<ToolResultContent>;
  parse: (content: unknown) => Input;
  close?: () => Promisable<void>;
};

/** What the tool helpers take besides the tool's schema: every other field of a tool is sent as it is. */
export type RunnableOptions<Input> = {
  name: string;
  description: string;
  run: (args: Input, context?: BetaToolRunContext) => Promisable<ToolResultContent>;
  /** Called by whoever runs the tool once it is needed no more. */
  close?: () => Promisable<void>;
} & Omit<Tool, 'type' | 'name' | 'description' | 'input_schema'>;

/** Thrown by a tool to answer with content of its own, marked as an error. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  readonly content: ToolResultContent;

  constructor(content: ToolResultContent) {
    super(typeof content === 'string' ? content : content.map((block) => (block.type === 'text' ? block.text : `[${block.type}]`)).join(' '));
    this.content = content;
  }
}

/** The answer to a call. What a tool throws becomes an answer too: the model may try again. */
export async function runTool(tool: BetaRunnableTool | undefined, call: ToolUseBlock, signal: AbortSignal | null | undefined): Promise<ToolResultBlockParam> {
  const answer = { type: 'tool_result', tool_use_id: call.id } as const;
  if (tool === undefined) return { ...answer, content: `Error: Tool '${call.name}' not found`, is_error: true };
  try {
    const content = await tool.run(tool.parse(call.input), { toolUse: call, toolUseBlock: call, signal });
    return { ...answer, content };
  } catch (thrown) {
    return { ...answer, content: contentOf(thrown), is_error: true };
  }
}

function contentOf(thrown: unknown): ToolResultContent {
  if (thrown instanceof ToolError) return thrown.content;
  return `Error: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
}
