import { checkFields, checkModel, isPositive, required } from '../../core/check-fields.ts';
import { defined } from '../../core/defined.ts';
import type { ChatRequest, Effort, Extra, ReasoningRequest, ResponseFormat, ServerTool, Tool, ToolChoice } from '../../core/ir.ts';
import {
  booleanAt,
  type Cursor,
  cursorAt,
  fieldOf,
  isGiven,
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
import { shapeOf } from '../../core/verdicts.ts';
import { checks } from './check.ts';
import { decodeMessages } from './conversation.ts';
import {
  choices,
  customShape,
  formats,
  functionShape,
  request as requestShape,
  schemaShape,
  serviceTiers,
  streamOptions,
  tools,
  wireEfforts,
} from './verdicts.ts';
import { dialect, extraOf, extrasOf, joined, marksOf, thinkingFields } from './wire.ts';

/** A request of this dialect, and what its answer must look like besides. */
export type Decoded = {
  readonly request: ChatRequest;
  /** The caller speaks of `functions`: calls are answered as `function_call`. */
  readonly legacyFunctions: boolean;
};

/** The whole request as IR. Throws 400 naming the path for whatever has the wrong type. */
export function decodeRequest(body: JsonText): Decoded {
  const root = cursorAt(body);
  objectAt(root);
  checkModel(valueAt(root, 'model'));
  checkFields(checks, (key) => valueAt(root, key));
  const messages = fieldOf(root, 'messages');
  if (messages.value === undefined) throw required('messages');
  const legacyFunctions = isGivenAt(root, 'functions') && !isGivenAt(root, 'tools');
  const stop = optionalAt(root, 'stop', (field) => field.value);
  const format = optionalAt(root, 'response_format', decodeFormat);
  const reasoning = decodeReasoning(root);
  const request: ChatRequest = defined({
    model: textAt(root, 'model'),
    messages: decodeMessages(messages),
    stream: valueAt(root, 'stream') === true,
    streamUsage: optionalAt(root, 'stream_options', (field) => optionalAt(field, 'include_usage', booleanAt)) ?? false,
    maxTokens: optionalAt(root, 'max_completion_tokens', numberAt) ?? optionalAt(root, 'max_tokens', numberAt),
    temperature: optionalAt(root, 'temperature', numberAt),
    topP: optionalAt(root, 'top_p', numberAt),
    topK: optionalAt(root, 'top_k', numberAt),
    stop: stop === undefined ? undefined : Array.isArray(stop) ? stop.map(String) : [String(stop)],
    seed: optionalAt(root, 'seed', safeInteger),
    frequencyPenalty: optionalAt(root, 'frequency_penalty', numberAt),
    presencePenalty: optionalAt(root, 'presence_penalty', numberAt),
    tools: decodeTools(root),
    toolChoice: optionalAt(root, 'tool_choice', decodeChoice) ?? optionalAt(root, 'function_call', decodeLegacyChoice),
    parallelToolCalls: optionalAt(root, 'parallel_tool_calls', booleanAt),
    responseFormat: format,
    reasoning,
    endUser: optionalAt(root, 'safety_identifier', stringAt) ?? optionalAt(root, 'user', stringAt),
    serviceTier: optionalAt(root, 'service_tier', knownTier),
    names: namesOf(root),
    ext: requestExtras(root, { responseFormat: format, reasoning }),
  });
  return { request, legacyFunctions };
}

const effortFields: readonly string[] = ['reasoning_effort', ...thinkingFields];

const fixedNames = {
  topP: 'top_p',
  topK: 'top_k',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  parallelToolCalls: 'parallel_tool_calls',
  responseFormat: 'response_format',
  schemaName: 'response_format.json_schema.name',
  schemaDescription: 'response_format.json_schema.description',
  schemaStrict: 'response_format.json_schema.strict',
  serviceTier: 'service_tier',
  streamUsage: 'stream_options.include_usage',
};

function namesOf(root: Cursor): Readonly<Record<string, string>> {
  const first = (...keys: readonly string[]): string | undefined => keys.find((key) => isGivenAt(root, key));
  return {
    ...fixedNames,
    maxTokens: first('max_completion_tokens', 'max_tokens') ?? 'max_completion_tokens',
    tools: first('tools', 'functions') ?? 'tools',
    toolChoice: first('tool_choice', 'function_call') ?? 'tool_choice',
    reasoning: effortFields.find((key) => isGivenAt(root, key)) ?? 'reasoning_effort',
    endUser: first('safety_identifier', 'user') ?? 'user',
  };
}

/** Everything of the top level that has no place in the IR, and the second of two spellings of the same thing. */
function requestExtras(
  root: Cursor,
  { responseFormat: format, reasoning }: { responseFormat: ResponseFormat | undefined; reasoning: ReasoningRequest | undefined },
): Extra[] {
  const extras: Extra[] = extrasOf(root, requestShape) ?? [];
  const add = (key: string, loss: Extra['loss'], reason?: string): void => {
    extras.push(extraOf(fieldOf(root, key), key, loss, reason));
  };
  const given = (key: string): boolean => isGivenAt(root, key);
  const reason = (by: string): string => `${by} says the same and wins`;
  if (given('max_completion_tokens') && given('max_tokens')) add('max_tokens', 'hint', reason('max_completion_tokens'));
  if (given('safety_identifier') && given('user'))
    extras.push({ ...extraOf(fieldOf(root, 'user'), 'user', 'hint', reason('safety_identifier')), common: 'user' });
  if (given('tool_choice') && given('function_call')) add('function_call', 'hint', reason('tool_choice'));
  if (given('seed') && !Number.isSafeInteger(valueAt(root, 'seed'))) add('seed', 'hint', 'the number is too big to be kept exactly');
  if (given('service_tier') && knownTier(fieldOf(root, 'service_tier')) === undefined) add('service_tier', 'hint');
  if (given('response_format') && format === undefined) add('response_format', 'demand', 'this response format is known to no other provider');
  // Not OpenAI's, but many who took over its format take it: they get it as it came.
  if (given('top_k')) add('top_k', 'nothing');
  for (const key of effortFields) if (given(key)) addThinking(key);
  if (given('stream_options')) extras.push(...(extrasOf(fieldOf(root, 'stream_options'), streamOptions) ?? []));
  if (given('tool_choice')) extras.push(...choiceExtras(fieldOf(root, 'tool_choice')));
  if (format !== undefined) extras.push(...formatExtras(fieldOf(root, 'response_format'), format));
  return extras;

  function addThinking(key: string): void {
    const read = Object.entries(readThinking(fieldOf(root, key), key));
    if (read.some(([name, value]) => value !== Object.entries(reasoning ?? {}).find(([merged]) => merged === name)?.[1]))
      add(key, 'hint', 'another field says otherwise and wins');
    else if (key !== 'reasoning_effort' || read.length === 0) add(key, read.length > 0 ? 'nothing' : 'hint');
  }
}

function safeInteger(field: Cursor): number | undefined {
  const value = numberAt(field);
  return Number.isSafeInteger(value) ? value : undefined;
}

function knownTier(field: Cursor): string | undefined {
  const tier = stringAt(field);
  return serviceTiers.includes(tier) ? tier : undefined;
}

/** What says how to think, the weakest first. */
const reasoningFields: readonly string[] = [...thinkingFields].reverse().concat('reasoning_effort');

/** OpenAI's effort first; the vendors' switches add what it does not say. */
function decodeReasoning(root: Cursor): ReasoningRequest | undefined {
  const given = reasoningFields.filter((key) => isGivenAt(root, key));
  if (given.length === 0) return undefined;
  const merged: ReasoningRequest = Object.assign({}, ...given.map((key) => readThinking(fieldOf(root, key), key)));
  return Object.keys(merged).length === 0 ? undefined : merged;
}

/** What one field says of thinking; nothing when it is not understood. */
function readThinking(field: Cursor, key: string): ReasoningRequest {
  const { value } = field;
  if (key === 'reasoning_effort') return isGiven(field) ? effortOf(stringAt(field)) : {};
  if (key === 'enable_thinking') return typeof value === 'boolean' ? { mode: value ? 'enabled' : 'disabled' } : {};
  if (key === 'thinking_budget') return isPositive(value) ? { budget: Number(value) } : {};
  if (!isObject(value)) return {};
  const tokens = key === 'thinking' ? value['budget_tokens'] : value['max_tokens'];
  const mode = key === 'thinking' ? modes.get(value['type']) : typeof value['enabled'] === 'boolean' ? (value['enabled'] ? 'enabled' : 'disabled') : undefined;
  return defined({ ...effortOf(key === 'thinking' ? undefined : value['effort']), budget: isPositive(tokens) ? Number(tokens) : undefined, mode });
}

const modes: ReadonlyMap<unknown, NonNullable<ReasoningRequest['mode']>> = new Map([
  ['enabled', 'enabled'],
  ['disabled', 'disabled'],
  ['adaptive', 'adaptive'],
  ['auto', 'adaptive'],
]);

function effortOf(value: unknown): { effort?: Effort } {
  const effort = wireEfforts.find((known) => known === value);
  return effort === undefined ? {} : { effort };
}

/** Undefined for a format that is not OpenAI's: it stays an extra. */
function decodeFormat(field: Cursor): ResponseFormat | undefined {
  const type = stringAt(fieldOf(field, 'type'));
  if (type === 'text') return { type };
  if (type === 'json_object') return { type: 'json' };
  if (type !== 'json_schema') return undefined;
  const inner = fieldOf(field, 'json_schema');
  objectAt(inner);
  const schema = fieldOf(inner, 'schema');
  if (isGiven(schema)) objectAt(schema);
  return defined({
    type: 'schema' as const,
    name: stringAt(fieldOf(inner, 'name')),
    description: optionalAt(inner, 'description', stringAt),
    // A schema that is left out allows anything, as the empty one does.
    schema: isGiven(schema) ? rawOf(schema) : '{}',
    strict: optionalAt(inner, 'strict', booleanAt),
  });
}

function formatExtras(field: Cursor, { type }: ResponseFormat): Extra[] {
  const outer = extrasOf(field, shapeOf(formats, stringAt(fieldOf(field, 'type')))) ?? [];
  return type === 'schema' ? [...outer, ...(extrasOf(fieldOf(field, 'json_schema'), schemaShape) ?? [])] : outer;
}

function decodeTools(root: Cursor): readonly (Tool | ServerTool)[] | undefined {
  const tools = optionalAt(root, 'tools', itemsOf)?.map(decodeTool);
  const functions = optionalAt(root, 'functions', itemsOf)?.map((item) => decodeFunction(item, item, {}));
  return tools === undefined ? functions : [...tools, ...(functions ?? [])];
}

const functionTool = shapeOf(tools, 'function');
const customTool = shapeOf(tools, 'custom');

function decodeTool(item: Cursor): Tool | ServerTool {
  objectAt(item);
  const type = typeAt(item);
  if (type === 'custom') return decodeCustom(item);
  if (type !== 'function') return { kind: 'server', dialect, name: type, raw: rawOf(item), at: item.path };
  const inner = fieldOf(item, 'function');
  objectAt(inner);
  return decodeFunction(item, inner, marksOf(item, functionTool));
}

/** Some clients leave the type of a function out. */
function typeAt(item: Cursor): string {
  return !isGiven(fieldOf(item, 'type')) && isObject(fieldOf(item, 'function').value) ? 'function' : stringAt(fieldOf(item, 'type'));
}

/** `outer` is the tool, `inner` holds its name; both are the same in the old `functions`. */
function decodeFunction(outer: Cursor, inner: Cursor, marks: ReturnType<typeof marksOf>): Tool {
  const schema = fieldOf(inner, 'parameters');
  if (isGiven(schema)) objectAt(schema);
  const strict = optionalAt(inner, 'strict', booleanAt);
  return defined({
    kind: 'function' as const,
    name: stringAt(fieldOf(inner, 'name')),
    description: optionalAt(inner, 'description', stringAt),
    schema: isGiven(schema) ? rawOf(schema) : undefined,
    strict,
    at: outer.path,
    names: strict === undefined || outer === inner ? undefined : { strict: `${inner.path}.strict` },
    cache: marks.cache,
    ext: joined(marks.ext, extrasOf(inner, functionShape)),
  });
}

function decodeCustom(item: Cursor): Tool {
  const inner = fieldOf(item, 'custom');
  objectAt(inner);
  const marks = marksOf(item, customTool);
  return defined({
    kind: 'custom' as const,
    name: stringAt(fieldOf(inner, 'name')),
    description: optionalAt(inner, 'description', stringAt),
    grammar: optionalAt(inner, 'format', decodeGrammar),
    at: item.path,
    cache: marks.cache,
    ext: joined(marks.ext, extrasOf(inner, customShape)),
  });
}

function decodeGrammar(format: Cursor): Tool['grammar'] {
  if (valueAt(format, 'type') !== 'grammar') return undefined;
  const grammar = fieldOf(format, 'grammar');
  return { syntax: textAt(grammar, 'syntax'), definition: textAt(grammar, 'definition') };
}

function decodeChoice(field: Cursor): ToolChoice {
  const { value } = field;
  if (value === 'auto' || value === 'none' || value === 'required') return { type: value };
  // Mistral's word.
  if (value === 'any') return { type: 'required' };
  if (!isObject(value)) throw wrongType(field.path, '"auto", "none", "required" or an object');
  const type = typeAt(field);
  if (type === 'function' || type === 'custom') return { type: 'tool', kind: type, name: stringAt(fieldOf(fieldOf(field, type), 'name')) };
  if (type !== 'allowed_tools') throw wrongType(`${field.path}.type`, '"function", "custom" or "allowed_tools"');
  const allowed = fieldOf(field, 'allowed_tools');
  const mode = fieldOf(allowed, 'mode');
  if (mode.value !== 'auto' && mode.value !== 'required') throw wrongType(mode.path, '"auto" or "required"');
  return { type: 'allowed', mode: mode.value, names: itemsOf(fieldOf(allowed, 'tools')).map(allowedName) };
}

function allowedName(item: Cursor): string {
  const kind = typeAt(item);
  return stringAt(fieldOf(isGiven(fieldOf(item, kind)) ? fieldOf(item, kind) : item, 'name'));
}

/** What stands beside the name of a tool. */
function choiceExtras(field: Cursor): Extra[] {
  if (!isObject(field.value)) return [];
  const outer = shapeOf(choices, typeAt(field));
  return [...outer.fields]
    .flatMap(([key, { value }]) => {
      const inner = fieldOf(field, key);
      return value.kind === 'object' && isObject(inner.value) ? (extrasOf(inner, value) ?? []) : [];
    })
    .concat(extrasOf(field, outer) ?? []);
}

function decodeLegacyChoice(field: Cursor): ToolChoice {
  if (field.value === 'auto' || field.value === 'none') return { type: field.value };
  return { type: 'tool', kind: 'function', name: stringAt(fieldOf(field, 'name')) };
}
