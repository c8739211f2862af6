import { skipSpace } from '../../core/bytes.ts';
import { defined } from '../../core/defined.ts';
import type { Context, HeaderMap, Operation } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
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
import type { TopLevel } from '../../core/top-level.ts';
import { shapeOf } from '../../core/verdicts.ts';
import { citationExtras, decodeConversation } from './content.ts';
import { formats, functionShape, request, thinkingShape, toolShape } from './verdicts.ts';
import { extrasOf, mark, spelled } from './wire.ts';

type Check = readonly [key: string, expected: string, holds: (value: unknown) => boolean];

const isPositive = (value: unknown): boolean => Number.isInteger(value) && Number(value) > 0;
const isWithin = (low: number, high: number) => (value: unknown) => typeof value === 'number' && value >= low && value <= high;

/** What can be told of optional fields without the rest of the request. Null means the default, everywhere. */
const checks: readonly Check[] = [
  ['stream', 'true or false', (value) => typeof value === 'boolean'],
  ['temperature', 'a number between 0 and 1', isWithin(0, 1)],
  ['p', 'a number between 0 and 1', isWithin(0, 1)],
  ['k', 'a number between 0 and 500', isWithin(0, 500)],
  ['max_tokens', 'a positive integer', isPositive],
  ['stop_sequences', 'an array of strings', (value) => Array.isArray(value) && value.every((item) => typeof item === 'string')],
];

const longestModel = 256;

/** Throws 400 naming the field for what the byte scan of the top level can see. */
export function checkRequest(top: TopLevel, _headers: HeaderMap, _operation: Operation): void {
  const messages = top.field('messages');
  if (messages === undefined && top.has('message')) throw olderVersion();
  checkModel(top.has('model') ? (top.value('model') ?? '?'.repeat(longestModel + 1)) : undefined);
  if (messages === undefined) throw missing('messages');
  if (top.bytes[messages.start] !== 91) throw wrongType('messages', 'an array');
  if (skipSpace(top.bytes, messages.start + 1) === messages.end - 1) throw wrongType('messages', 'a non-empty array');
  checkFields((key) => top.value(key));
}

function olderVersion(): GatewayError {
  return new GatewayError('invalid_request', 'messages is required: the fields are those of version 1 of the API', {
    param: 'messages',
    hint: 'Send messages to /v2/chat, with CohereClientV2 or ClientV2',
  });
}

function missing(field: string): GatewayError {
  return new GatewayError('invalid_request', `${field} is required`, { param: field });
}

function checkModel(model: unknown): void {
  if (model === undefined) throw missing('model');
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (typeof model !== 'string' || model === '' || model.length > longestModel || /[\u0000-\u001f\u007f]/.test(model))
    throw wrongType('model', `a non-empty string of at most ${longestModel} characters`);
}

function checkFields(valueOf: (key: string) => unknown): void {
  for (const [key, expected, holds] of checks) {
    const value = valueOf(key);
    if (value !== undefined && value !== null && !holds(value)) throw wrongType(key, expected);
  }
}

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
  checkFields((key) => valueAt(root, key));
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
