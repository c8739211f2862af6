import { isRecord, optional } from './json-fields.ts';
import { badValue, unsupported } from './wire-error.ts';

/** A function the model may call. */
export type Tool = {
  readonly name: string;
  readonly description?: string;
  /** JSON schema of the arguments; absent for a function without any. */
  readonly parameters?: unknown;
  /** Whether a schema keyword that cannot be enforced is an error or is left to the model's good will. */
  readonly strict: boolean;
  readonly path: string;
};

export type ToolChoice = 'none' | 'auto' | 'required';

/** Checks `tools`. */
export function decodeTools(tools: unknown): readonly Tool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw badValue('tools', 'must be a list');
  const decoded = tools.map((tool: unknown, index) => decodeTool(tool, `tools[${index}]`));
  for (const [index, tool] of decoded.entries()) {
    if (decoded.findIndex((each) => each.name === tool.name) < index) throw badValue(`${tool.path}.name`, `'${tool.name}' is there twice`);
  }
  return decoded;
}

function decodeTool(tool: unknown, path: string): Tool {
  if (!isRecord(tool)) throw badValue(path, 'must be an object');
  const made = tool['function'];
  if (tool['type'] !== 'function') throw unsupported(`${path}.type`, `the embedded model knows function tools only, not ${String(tool['type'])}`);
  if (!isRecord(made)) throw badValue(`${path}.function`, 'must be an object');
  const { name } = made;
  if (typeof name !== 'string' || !/^[\w-]{1,64}$/.test(name)) throw badValue(`${path}.function.name`, 'must be 1 to 64 letters, digits, _ or -');
  const description = optional.string(made, 'description', `${path}.function.`);
  const parameters = made['parameters'] ?? undefined;
  if (parameters !== undefined && !isRecord(parameters)) throw badValue(`${path}.function.parameters`, 'must be a JSON schema object');
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
    strict: made['strict'] === true,
    path: `${path}.function`,
  };
}

/** Checks `tool_choice` and leaves only the tools it allows. */
export function decodeToolChoice(choice: unknown, tools: readonly Tool[]): { readonly tools: readonly Tool[]; readonly toolChoice: ToolChoice } {
  if (choice === undefined || choice === null) return { tools, toolChoice: tools.length === 0 ? 'none' : 'auto' };
  if (choice === 'none') return { tools, toolChoice: 'none' };
  if (tools.length === 0) throw badValue('tool_choice', 'is only allowed with tools');
  if (choice === 'auto' || choice === 'required') return { tools, toolChoice: choice };
  if (!isRecord(choice)) throw badValue('tool_choice', 'must be none, auto, required or an object');
  if (choice['type'] === 'function') return { tools: [toolNamed(choice, tools, 'tool_choice')], toolChoice: 'required' };
  if (choice['type'] === 'allowed_tools') return decodeAllowed(choice['allowed_tools'], tools);
  throw unsupported('tool_choice.type', 'must be function or allowed_tools');
}

function decodeAllowed(allowed: unknown, tools: readonly Tool[]) {
  const path = 'tool_choice.allowed_tools';
  if (!isRecord(allowed) || !Array.isArray(allowed['tools'])) throw badValue(path, 'must be an object with mode and tools');
  const { mode } = allowed;
  if (mode !== 'auto' && mode !== 'required') throw badValue(`${path}.mode`, 'must be auto or required');
  const kept = allowed['tools'].map((each: unknown, index) => toolNamed(each, tools, `${path}.tools[${index}]`));
  return { tools: kept, toolChoice: mode } as const;
}

function toolNamed(reference: unknown, tools: readonly Tool[], path: string): Tool {
  const made = isRecord(reference) ? reference['function'] : undefined;
  const name = isRecord(made) ? made['name'] : undefined;
  const tool = tools.find((each) => each.name === name);
  if (tool === undefined) throw badValue(`${path}.function.name`, `'${String(name)}' is not among tools`);
  return tool;
}
