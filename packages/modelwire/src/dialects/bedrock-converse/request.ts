import { defined } from '../../core/defined.ts';
import type { Asked, Context } from '../../core/dialect.ts';
import { efforts } from '../../core/effort.ts';
import type { ChatRequest, Extra, RawJson, ReasoningRequest, ResponseFormat, ServerTool, Tool, ToolChoice } from '../../core/ir.ts';
import {
  booleanAt,
  childPath,
  type Cursor,
  cursorAt,
  fieldOf,
  isGivenAt,
  itemsOf,
  numberAt,
  objectAt,
  optionalAt,
  rawOf,
  stringAt,
  textAt,
  valueAt,
  wrongType,
} from '../../core/json-cursor.ts';
import { isObject, type JsonText } from '../../core/json-text.ts';
import { decodeCache, decodeMessages, decodeSystem, kindOf } from './content.ts';
import {
  cachePoint,
  formatStructure,
  inferenceConfig,
  inputSchema,
  jsonSchema,
  modelFields,
  namedTool,
  outputConfig,
  request,
  serviceTier,
  serviceTiers,
  textFormat,
  thinking,
  tool as toolShape,
  toolChoice as toolChoiceShape,
  toolConfig,
  toolSpec,
} from './verdicts.ts';
import { childOf, dialect, extrasOf, mark, optionalText, spelled } from './wire.ts';

/** The caller's own spelling of what the IR names differently, for notes and errors. */
const names = {
  maxTokens: 'inferenceConfig.maxTokens',
  temperature: 'inferenceConfig.temperature',
  topP: 'inferenceConfig.topP',
  topK: 'additionalModelRequestFields.top_k',
  stop: 'inferenceConfig.stopSequences',
  tools: 'toolConfig.tools',
  toolChoice: 'toolConfig.toolChoice',
  responseFormat: 'outputConfig.textFormat',
  schemaName: 'outputConfig.textFormat.structure.jsonSchema.name',
  schemaDescription: 'outputConfig.textFormat.structure.jsonSchema.description',
  budget: 'additionalModelRequestFields.thinking.budget_tokens',
  serviceTier: 'serviceTier',
} as const;

/** What a part of the request became: fields of the IR request, and extras. */
type Part = { readonly fields: Partial<ChatRequest>; readonly ext: readonly Extra[] };

const nothing: Part = { fields: {}, ext: [] };

export function decodeRequest(json: JsonText, context: Context, asked: Asked | undefined): ChatRequest {
  const root = conversationIn(cursorAt(json));
  objectAt(root);
  const config = decodeConfig(root);
  const tools = decodeTools(root);
  const output = decodeOutput(root);
  const model = decodeModelFields(root);
  const tier = decodeTier(root);
  const reasoning: ReasoningRequest = { ...model.reasoning, ...output.reasoning };
  const asks = Object.keys(reasoning).length > 0;
  return {
    ...config.fields,
    ...tools.fields,
    ...output.fields,
    ...model.fields,
    ...tier.fields,
    ...(asks ? { reasoning } : {}),
    model: asked?.model ?? context.target.model,
    messages: [...decodeSystem(root), ...decodeMessages(root)],
    stream: asked?.stream ?? false,
    streamUsage: true,
    names: {
      ...names,
      reasoning: model.reasoning === undefined ? 'outputConfig.effort' : 'additionalModelRequestFields.thinking',
      effort: 'outputConfig.effort',
    },
    ext: [
      mark('', 'request'),
      ...(isGivenAt(root, 'messages') ? [] : [mark('', 'absent')]),
      ...extrasOf(root, request),
      ...config.ext,
      ...tools.ext,
      ...output.ext,
      ...model.ext,
      ...tier.ext,
    ],
  };
}

/** Tokens are counted of a conversation that stands in `input.converse`. */
function conversationIn(root: Cursor): Cursor {
  const input = childOf(root, 'input');
  const converse = input === undefined || valueAt(root, 'messages') !== undefined ? undefined : fieldOf(input, 'converse');
  return converse === undefined ? root : { ...converse, path: '' };
}

function decodeConfig(root: Cursor): Part {
  const config = childOf(root, 'inferenceConfig');
  if (config === undefined) return nothing;
  if (Object.keys(objectAt(config)).length === 0) return { fields: {}, ext: spelled(root, 'inferenceConfig') };
  const fields = defined({
    maxTokens: optionalAt(config, 'maxTokens', numberAt),
    temperature: optionalAt(config, 'temperature', numberAt),
    topP: optionalAt(config, 'topP', numberAt),
    stop: optionalAt(config, 'stopSequences', (field) => itemsOf(field).map(stringAt)),
  });
  return { fields, ext: extrasOf(config, inferenceConfig) };
}

function decodeTier(root: Cursor): Part {
  const cursor = childOf(root, 'serviceTier');
  if (cursor === undefined) return nothing;
  const type = textAt(cursor, 'type');
  const ext = [...spelled(root, 'serviceTier'), ...extrasOf(cursor, serviceTier)];
  return serviceTiers.includes(type) ? { fields: { serviceTier: type }, ext } : { fields: {}, ext: ext.map((extra) => ({ ...extra, loss: 'hint' })) };
}

// Tools.

function decodeTools(root: Cursor): Part {
  const config = childOf(root, 'toolConfig');
  if (config === undefined) return nothing;
  const { tools, ext } = decodeToolList(itemsOf(fieldOf(config, 'tools')));
  const choice = decodeChoice(config);
  return {
    fields: { ...(tools.length === 0 ? {} : { tools }), ...choice.fields },
    ext: [...ext, ...choice.ext, ...extrasOf(config, toolConfig)],
  };
}

type Tools = { readonly tools: readonly (Tool | ServerTool)[]; readonly ext: readonly Extra[] };

/** Tools with their cache marks, which stand after them. A mark that stands after none is nobody's. */
function decodeToolList(items: readonly Cursor[]): Tools {
  const tools: (Tool | ServerTool)[] = [];
  const ext: Extra[] = [];
  for (const item of items) {
    const kind = kindOf(item, toolShape);
    const inner = fieldOf(item, kind);
    const last = tools.at(-1);
    if (kind === 'toolSpec') {
      ext.push(...extrasOf(item, toolShape));
      tools.push(decodeTool(inner));
    } else if (kind === 'cachePoint' && last !== undefined && last.kind !== 'server' && last.cache === undefined) {
      ext.push(...extrasOf(item, toolShape), ...extrasOf(inner, cachePoint));
      tools[tools.length - 1] = { ...last, cache: decodeCache(inner) };
    } else tools.push({ kind: 'server', dialect, name: serverName(inner, kind), raw: rawOf(item), at: item.path });
  }
  return { tools, ext };
}

function serverName(inner: Cursor, kind: string): string {
  const name = isObject(inner.value) ? inner.value['name'] : undefined;
  return typeof name === 'string' ? name : kind;
}

function decodeTool(cursor: Cursor): Tool {
  objectAt(cursor);
  const wrapped = childOf(cursor, 'inputSchema');
  const ext = [...extrasOf(cursor, toolSpec), ...(wrapped === undefined ? [] : extrasOf(wrapped, inputSchema))];
  const schema = wrapped === undefined ? undefined : fieldOf(wrapped, 'json');
  return defined({
    kind: 'function' as const,
    name: textAt(cursor, 'name'),
    description: optionalText(cursor, 'description'),
    schema: schema === undefined || schema.value === undefined || schema.value === null ? undefined : rawOf(schema),
    strict: optionalAt(cursor, 'strict', booleanAt),
    at: cursor.path,
    ext: ext.length === 0 ? undefined : ext,
  });
}

function decodeChoice(config: Cursor): Part {
  const cursor = childOf(config, 'toolChoice');
  if (cursor === undefined) return nothing;
  const kind = kindOf(cursor, toolChoiceShape);
  const inner = childOf(cursor, kind);
  const ext = [...extrasOf(cursor, toolChoiceShape), ...(inner === undefined ? [] : extrasOf(inner, namedTool))];
  const of = (toolChoice: ToolChoice): Part => ({ fields: { toolChoice }, ext });
  switch (kind) {
    case 'auto':
      return of({ type: 'auto' });
    case 'any':
      return of({ type: 'required' });
    case 'tool':
      return of({ type: 'tool', name: textAt(fieldOf(cursor, kind), 'name'), kind: 'function' });
    default:
      throw wrongType(cursor.path, 'an object with one of auto, any, tool');
  }
}

// What shapes the answer.

type Output = Part & { readonly reasoning?: ReasoningRequest };

function decodeOutput(root: Cursor): Output {
  const config = childOf(root, 'outputConfig');
  if (config === undefined) return nothing;
  const format = decodeFormat(config);
  const text = optionalText(config, 'effort');
  const effort = efforts.find((name) => name === text);
  const unread = text === undefined || effort !== undefined ? [] : ['effort'];
  return {
    fields: format.fields,
    ext: [
      ...format.ext,
      ...spelled(config, 'textFormat'),
      ...(effort === undefined ? [] : spelled(config, 'effort')),
      ...extrasOf(config, outputConfig, unread),
    ],
    ...(effort === undefined ? {} : { reasoning: { effort } }),
  };
}

/** The schema of an answer is JSON in a string. */
function decodeFormat(config: Cursor): Part {
  const format = childOf(config, 'textFormat');
  if (format === undefined) return nothing;
  if (valueAt(format, 'type') !== 'json_schema') throw wrongType(childPath(format.path, 'type'), '"json_schema"');
  const structure = fieldOf(format, 'structure');
  objectAt(structure);
  const definition = fieldOf(structure, 'jsonSchema');
  objectAt(definition);
  const responseFormat: ResponseFormat = defined({
    type: 'schema' as const,
    schema: schemaIn(fieldOf(definition, 'schema')),
    name: optionalText(definition, 'name'),
    description: optionalText(definition, 'description'),
  });
  return { fields: { responseFormat }, ext: [...extrasOf(format, textFormat), ...extrasOf(structure, formatStructure), ...extrasOf(definition, jsonSchema)] };
}

function schemaIn(cursor: Cursor): RawJson {
  const text = stringAt(cursor);
  try {
    if (isObject(JSON.parse(text))) return text;
  } catch {
    // Falls through: what is no JSON is no schema.
  }
  throw wrongType(cursor.path, 'a JSON Schema, as a string');
}

/** Of the fields that only some models have, those that every format has a word for. Any other the model may need. */
function decodeModelFields(root: Cursor): Output {
  const cursor = childOf(root, 'additionalModelRequestFields');
  if (cursor === undefined) return nothing;
  const read = readThinking(cursor);
  const topK = valueAt(cursor, 'top_k');
  const unread = [...(typeof topK === 'number' || topK === undefined ? [] : ['top_k']), ...(read.understood ? [] : ['thinking'])];
  const extras = extrasOf(cursor, modelFields, unread).map((extra): Extra => {
    if (extra.raw === 'null' || modelFields.fields.get(extra.key)?.becomes === 'extra') return extra;
    return { ...extra, loss: 'demand', reason: 'the field is the model’s own' };
  });
  return {
    fields: typeof topK === 'number' ? { topK } : {},
    ext: [...spelled(root, 'additionalModelRequestFields'), ...extras, ...read.ext],
    ...(read.reasoning === undefined ? {} : { reasoning: read.reasoning }),
  };
}

type Thinking = { readonly understood: boolean; readonly reasoning?: ReasoningRequest; readonly ext: readonly Extra[] };

function readThinking(fields: Cursor): Thinking {
  const cursor = fieldOf(fields, 'thinking');
  if (cursor.value === undefined || cursor.value === null) return { understood: true, ext: [] };
  const mode = valueAt(cursor, 'type');
  if (mode !== 'enabled' && mode !== 'disabled' && mode !== 'adaptive') return { understood: false, ext: [] };
  const reasoning: ReasoningRequest = defined({
    mode: mode as NonNullable<ReasoningRequest['mode']>,
    budget: optionalAt(cursor, 'budget_tokens', numberAt),
    display: optionalText(cursor, 'display'),
  });
  return { understood: true, reasoning, ext: extrasOf(cursor, thinking) };
}
