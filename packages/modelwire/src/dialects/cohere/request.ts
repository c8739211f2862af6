import { checkFields, checkModel } from '../../core/check-fields.ts';
import { defined } from '../../core/defined.ts';
import type { Context } from '../../core/dialect.ts';
import type { ChatRequest, Extra, ReasoningRequest, ResponseFormat, Tool, ToolChoice } from '../../core/ir.ts';
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
  valueAt,
  wrongType,
} from '../../core/json-cursor.ts';
import type { JsonText } from '../../core/json-text.ts';
import { shapeOf } from '../../core/verdicts.ts';
import { checks } from './check.ts';
import { citationExtras, decodeConversation } from './content.ts';
import { formats, functionShape, request, thinkingShape, toolShape } from './verdicts.ts';
import { extrasOf, mark, spelled } from './wire.ts';

/** The caller's own spelling of what the IR names differently, for notes and errors. */
const names = {
  maxTokens: 'max_tokens',
  topP: 'p',
  topK: 'k',
  stop: 'stop_sequences',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  toolChoice: 'tool_choice',
  responseFormat: 'response_format',
  reasoning: 'thinking',
  budget: 'thinking.token_budget',
} as const;

/** The whole request as IR. Throws 400 naming the path for whatever has the wrong type. */
export function decodeRequest(json: JsonText, context: Context): ChatRequest {
  const root = cursorAt(json);
  objectAt(root);
  checkModel(valueAt(root, 'model'));
  checkFields(checks, (key) => valueAt(root, key));
  const conversation = decodeConversation(root, context);
  const strict = optionalAt(root, 'strict_tools', booleanAt);
  const k = optionalAt(root, 'k', numberAt);
  return defined({
    model: textAt(root, 'model'),
    messages: conversation.messages,
    stream: valueAt(root, 'stream') === true,
    streamUsage: true,
    maxTokens: optionalAt(root, 'max_tokens', numberAt),
    temperature: optionalAt(root, 'temperature', numberAt),
    topP: optionalAt(root, 'p', numberAt),
    // None is what Cohere means by 0.
    topK: k === 0 ? undefined : k,
    stop: optionalAt(root, 'stop_sequences', (field) => itemsOf(field).map(stringAt)),
    seed: optionalAt(root, 'seed', safeInteger),
    frequencyPenalty: optionalAt(root, 'frequency_penalty', numberAt),
    presencePenalty: optionalAt(root, 'presence_penalty', numberAt),
    tools: optionalAt(root, 'tools', itemsOf)?.map((item) => decodeTool(item, strict)),
    toolChoice: optionalAt(root, 'tool_choice', decodeChoice),
    responseFormat: optionalAt(root, 'response_format', decodeFormat),
    reasoning: decodeThinking(root),
    names,
    ext: [mark('', 'request'), ...requestExtras(root), ...conversation.ext],
  });
}

/** Everything of the top level that has no place in the IR, and what only Cohere spells so. */
function requestExtras(root: Cursor): readonly Extra[] {
  const format = childOf(root, 'response_format');
  const thinking = childOf(root, 'thinking');
  return [
    ...extrasOf(root, request),
    ...bigSeed(root),
    ...spelled(root, 'strict_tools'),
    ...(valueAt(root, 'k') === 0 ? spelled(root, 'k') : []),
    ...citationExtras(root),
    ...(format === undefined ? [] : extrasOf(format, shapeOf(formats, textAt(format, 'type')))),
    ...(thinking === undefined ? [] : extrasOf(thinking, thinkingShape)),
  ];
}

function safeInteger(field: Cursor): number | undefined {
  const value = numberAt(field);
  return Number.isSafeInteger(value) ? value : undefined;
}

function bigSeed(root: Cursor): readonly Extra[] {
  if (optionalAt(root, 'seed', safeInteger) !== undefined) return [];
  return spelled(root, 'seed').map((extra) => ({ ...extra, loss: 'hint', reason: 'the number is too big to be kept exactly' }));
}

function decodeTool(item: Cursor, strict: boolean | undefined): Tool {
  objectAt(item);
  const type = optionalText(item, 'type');
  if (type !== undefined && type !== 'function') throw wrongType(`${item.path}.type`, '"function"');
  const inner = fieldOf(item, 'function');
  objectAt(inner);
  const schema = childOf(inner, 'parameters');
  const ext = [...extrasOf(item, toolShape), ...extrasOf(inner, functionShape)];
  return defined({
    kind: 'function' as const,
    name: textAt(inner, 'name'),
    description: optionalText(inner, 'description'),
    schema: schema === undefined ? undefined : rawOf(schema),
    strict: strict === true ? true : undefined,
    at: item.path,
    names: strict === true ? { strict: 'strict_tools' } : undefined,
    ext: ext.length === 0 ? undefined : ext,
  });
}

function decodeChoice(field: Cursor): ToolChoice {
  if (field.value === 'REQUIRED') return { type: 'required' };
  if (field.value === 'NONE') return { type: 'none' };
  throw wrongType(field.path, '"REQUIRED" or "NONE"');
}

function decodeFormat(field: Cursor): ResponseFormat {
  objectAt(field);
  const type = textAt(field, 'type');
  if (type === 'text') return { type };
  if (type !== 'json_object') throw wrongType(`${field.path}.type`, '"text" or "json_object"');
  const schema = childOf(field, 'json_schema') ?? childOf(field, 'schema');
  return schema === undefined ? { type: 'json' } : { type: 'schema', schema: rawOf(schema) };
}

function decodeThinking(root: Cursor): ReasoningRequest | undefined {
  const thinking = childOf(root, 'thinking');
  if (thinking === undefined) return undefined;
  const type = optionalText(thinking, 'type') ?? 'enabled';
  if (type !== 'enabled' && type !== 'disabled') throw wrongType(`${thinking.path}.type`, '"enabled" or "disabled"');
  return isGivenAt(thinking, 'token_budget') ? { mode: type, budget: numberAt(fieldOf(thinking, 'token_budget')) } : { mode: type };
}
