import { defined } from '../../core/defined.ts';
import type { Asked, Context } from '../../core/dialect.ts';
import { efforts } from '../../core/effort.ts';
import type { ChatRequest, Effort, Extra, ReasoningRequest, ResponseFormat, ServerTool, Tool, ToolChoice } from '../../core/ir.ts';
import {
  booleanAt,
  childOf,
  type Cursor,
  cursorAt,
  fieldOf,
  isGivenAt,
  itemsOf,
  numberAt,
  objectAt,
  optionalAt,
  optionalText,
  rawOf,
  stringAt,
  textAt,
  wrongType,
} from '../../core/json-cursor.ts';
import { printObject } from '../../core/json-print.ts';
import { type JsonText } from '../../core/json-text.ts';
import { canonicalJson } from './canonical.ts';
import { decodeContents, decodeSystem } from './content.ts';
import { toMessages } from './conversation.ts';
import { toJsonSchema } from './schema.ts';
import { callingConfig, declaration, generationConfig, request, serverTools, serviceTiers, thinkingConfig, tool as toolShape, toolConfig } from './verdicts.ts';
import { dialect, extrasOf, mark, spelled } from './wire.ts';

/** The caller's own spelling of what the IR names differently, for notes and errors. */
const names = {
  messages: 'contents',
  system: 'systemInstruction',
  maxTokens: 'generationConfig.maxOutputTokens',
  temperature: 'generationConfig.temperature',
  topP: 'generationConfig.topP',
  topK: 'generationConfig.topK',
  stop: 'generationConfig.stopSequences',
  seed: 'generationConfig.seed',
  frequencyPenalty: 'generationConfig.frequencyPenalty',
  presencePenalty: 'generationConfig.presencePenalty',
  tools: 'tools',
  toolChoice: 'toolConfig.functionCallingConfig',
  responseFormat: 'generationConfig.responseMimeType',
  reasoning: 'generationConfig.thinkingConfig',
  effort: 'generationConfig.thinkingConfig.thinkingLevel',
  budget: 'generationConfig.thinkingConfig.thinkingBudget',
  display: 'generationConfig.thinkingConfig.includeThoughts',
  serviceTier: 'serviceTier',
} as const;

/** What a part of the request became: fields of the IR request, and extras. */
type Part = { readonly fields: Partial<ChatRequest>; readonly ext: readonly Extra[] };

const nothing: Part = { fields: {}, ext: [] };

export function decodeRequest(json: JsonText, context: Context, asked: Asked | undefined): ChatRequest {
  const root = cursorAt(canonicalJson(json, request));
  objectAt(root);
  const config = decodeConfig(root);
  const choice = decodeToolConfig(root);
  const tier = optionalText(root, 'serviceTier');
  const tools = decodeTools(root);
  return {
    ...config.fields,
    ...choice.fields,
    ...(tools === undefined ? {} : { tools }),
    ...(tier === undefined || !serviceTiers.includes(tier) ? {} : { serviceTier: tier }),
    model: asked?.model ?? context.target.model,
    messages: [...decodeSystem(root), ...toMessages(decodeContents(root), context)],
    stream: asked?.stream ?? false,
    streamUsage: true,
    names,
    ext: [mark('', 'request'), ...extrasOf(root, request), ...config.ext, ...choice.ext],
  };
}

function decodeConfig(root: Cursor): Part {
  const config = childOf(root, 'generationConfig');
  if (config === undefined) return nothing;
  if (Object.keys(objectAt(config)).length === 0) return { fields: {}, ext: spelled(root, 'generationConfig') };
  const format = decodeFormat(config);
  const reasoning = decodeThinking(config);
  const fields = defined({
    maxTokens: optionalAt(config, 'maxOutputTokens', numberAt),
    temperature: optionalAt(config, 'temperature', numberAt),
    topP: optionalAt(config, 'topP', numberAt),
    topK: optionalAt(config, 'topK', numberAt),
    seed: optionalAt(config, 'seed', numberAt),
    presencePenalty: optionalAt(config, 'presencePenalty', numberAt),
    frequencyPenalty: optionalAt(config, 'frequencyPenalty', numberAt),
    stop: optionalAt(config, 'stopSequences', stringsAt),
  });
  return { fields: { ...fields, ...format.fields, ...reasoning.fields }, ext: [...extrasOf(config, generationConfig), ...format.ext, ...reasoning.ext] };
}

function stringsAt(field: Cursor): readonly string[] {
  return itemsOf(field).map(stringAt);
}

const formatKeys = ['responseMimeType', 'responseSchema', 'responseJsonSchema'] as const;

/** An answer that is one of several words is asked for by a media type of Google's own. */
function decodeFormat(config: Cursor): Part {
  const ext = formatKeys.flatMap((key) => spelled(config, key));
  const type = optionalText(config, 'responseMimeType');
  const key = isGivenAt(config, 'responseJsonSchema') ? 'responseJsonSchema' : isGivenAt(config, 'responseSchema') ? 'responseSchema' : undefined;
  if (type === undefined || type === 'text/plain') return { fields: type === undefined ? {} : { responseFormat: { type: 'text' } }, ext };
  if (type !== 'application/json') {
    const reason = `answers of type ${type.slice(0, 40)} are given by Google alone`;
    return { fields: {}, ext: ext.map((extra) => (extra.key === 'responseMimeType' ? { ...extra, loss: 'demand', reason } : extra)) };
  }
  const format: ResponseFormat = key === undefined ? { type: 'json' } : { type: 'schema', schema: toJsonSchema(fieldOf(config, key)) };
  return { fields: { responseFormat: format }, ext };
}

const levels: ReadonlyMap<string, Effort> = new Map(efforts.map((effort) => [effort.toUpperCase(), effort]));

/** A budget of 0 switches thinking off, -1 leaves it to the model. */
function decodeThinking(config: Cursor): Part {
  const thinking = childOf(config, 'thinkingConfig');
  if (thinking === undefined) return nothing;
  const budget = optionalAt(thinking, 'thinkingBudget', numberAt);
  const effort = levels.get(optionalText(thinking, 'thinkingLevel')?.toUpperCase() ?? '');
  const shown = optionalAt(thinking, 'includeThoughts', booleanAt);
  const reasoning: ReasoningRequest = defined({
    effort,
    budget: budget !== undefined && budget > 0 ? budget : undefined,
    mode: budget === undefined ? undefined : budget === 0 ? ('disabled' as const) : budget < 0 ? ('adaptive' as const) : ('enabled' as const),
    display: shown === true ? 'summarized' : undefined,
  });
  const ext = [...spelled(config, 'thinkingConfig'), ...extrasOf(thinking, thinkingConfig)];
  return { fields: Object.keys(reasoning).length === 0 ? {} : { reasoning }, ext };
}

function decodeTools(root: Cursor): readonly (Tool | ServerTool)[] | undefined {
  const list = optionalAt(root, 'tools', itemsOf);
  const tools = list?.flatMap((item): (Tool | ServerTool)[] => {
    const declared = optionalAt(item, 'functionDeclarations', itemsOf) ?? [];
    return [...declared.map(decodeTool), ...serverToolsIn(item)];
  });
  return tools === undefined || tools.length === 0 ? undefined : tools;
}

/** Every other key of a tool is one that Google runs, known or not yet. */
function serverToolsIn(item: Cursor): ServerTool[] {
  return Object.keys(objectAt(item)).flatMap((key): ServerTool[] => {
    const field = fieldOf(item, key);
    if (toolShape.fields.get(key)?.becomes === 'ir' && !serverTools.some((name) => name === key)) return [];
    return field.value === null ? [] : [{ kind: 'server', dialect, name: key, raw: printObject([[key, rawOf(field)]]), at: field.path }];
  });
}

const schemaKeys = ['parametersJsonSchema', 'parameters'] as const;

function decodeTool(cursor: Cursor): Tool {
  const key = schemaKeys.find((name) => isGivenAt(cursor, name));
  const description = optionalText(cursor, 'description');
  const ext = [...extrasOf(cursor, declaration), ...schemaKeys.flatMap((name) => spelled(cursor, name))];
  return {
    kind: 'function',
    name: textAt(cursor, 'name'),
    at: cursor.path,
    ...(description === undefined ? {} : { description }),
    ...(key === undefined ? {} : { schema: toJsonSchema(fieldOf(cursor, key)) }),
    ...(ext.length === 0 ? {} : { ext }),
  };
}

function decodeToolConfig(root: Cursor): Part {
  const config = childOf(root, 'toolConfig');
  if (config === undefined) return nothing;
  const calling = childOf(config, 'functionCallingConfig');
  const ext = [...extrasOf(config, toolConfig)];
  if (calling === undefined) return { fields: {}, ext };
  const toolChoice = toToolChoice(calling);
  return { fields: toolChoice === undefined ? {} : { toolChoice }, ext: [...ext, ...extrasOf(calling, callingConfig).map(heldToSchema)] };
}

/** Of the modes VALIDATED alone says more than the choice: its calls are held to their schema. */
function heldToSchema(extra: Extra): Extra {
  return extra.key === 'mode' && extra.raw === '"VALIDATED"'
    ? { ...extra, loss: 'hint', reason: 'calls are not held to their schema by this word there' }
    : extra;
}

function toToolChoice(calling: Cursor): ToolChoice | undefined {
  const mode = optionalText(calling, 'mode')?.toUpperCase() ?? 'AUTO';
  const allowed = optionalAt(calling, 'allowedFunctionNames', stringsAt) ?? [];
  const [only] = allowed;
  switch (mode) {
    case 'NONE':
      return { type: 'none' };
    case 'ANY':
      if (only === undefined) return { type: 'required' };
      return allowed.length === 1 ? { type: 'tool', name: only, kind: 'function' } : { type: 'allowed', mode: 'required', names: allowed };
    case 'AUTO':
    case 'VALIDATED':
    case 'MODE_UNSPECIFIED':
      return allowed.length === 0 ? (isGivenAt(calling, 'mode') ? { type: 'auto' } : undefined) : { type: 'allowed', mode: 'auto', names: allowed };
    default:
      throw wrongType('toolConfig.functionCallingConfig.mode', '"AUTO", "ANY", "NONE" or "VALIDATED"');
  }
}

/** Whether the caller wants to be shown the model's thoughts. Google keeps them back unless asked. */
export function wantsThoughts({ reasoning }: ChatRequest): boolean {
  return reasoning?.display === 'summarized';
}
