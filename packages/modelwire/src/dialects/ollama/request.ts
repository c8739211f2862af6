import type { Context } from '../../core/dialect.ts';
import { defined } from '../../core/defined.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ChatRequest, Effort, Extra, ReasoningRequest, ResponseFormat, Tool } from '../../core/ir.ts';
import {
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
import { isObject, type JsonText } from '../../core/json-text.ts';
import type { Shape } from '../../core/verdicts.ts';
import { decodeMessages } from './content.ts';
import { functionShape, options as optionsShape, request, thinkLevels, tool as toolShape } from './verdicts.ts';
import { extrasOf, isOwn, mark, spelled } from './wire.ts';

/** Ollama streams unless it is told not to. */
export function wantsStream(stream: unknown): boolean {
  return stream !== false;
}

/** The caller's own spelling of what the IR names differently, for notes and errors. */
const names = {
  messages: 'messages',
  maxTokens: 'options.num_predict',
  temperature: 'options.temperature',
  topP: 'options.top_p',
  topK: 'options.top_k',
  stop: 'options.stop',
  seed: 'options.seed',
  frequencyPenalty: 'options.frequency_penalty',
  presencePenalty: 'options.presence_penalty',
  tools: 'tools',
  system: 'system',
  responseFormat: 'format',
  reasoning: 'think',
  effort: 'think',
} as const;

/** What a part of the request became: fields of the IR request, and extras. */
type Part = { readonly fields: Partial<ChatRequest>; readonly ext: readonly Extra[] };

const nothing: Part = { fields: {}, ext: [] };

export function decodeRequest(json: JsonText, context: Context): ChatRequest {
  const root = cursorAt(json);
  objectAt(root);
  const tools = optionalAt(root, 'tools', itemsOf)?.map(decodeTool);
  return {
    ...decodeCommon(root, request),
    ...(tools === undefined || tools.length === 0 ? {} : { tools }),
    messages: decodeConversation(root, isOwn(context)),
  };
}

/** What a chat and a single prompt have in common. */
export function decodeCommon(root: Cursor, shape: Shape): Omit<ChatRequest, 'messages'> {
  const options = decodeOptions(root);
  const format = decodeFormat(root);
  const think = decodeThink(root);
  return {
    ...options.fields,
    ...format.fields,
    ...think.fields,
    model: textAt(root, 'model'),
    stream: wantsStream(valueAt(root, 'stream')),
    streamUsage: true,
    names,
    ext: [mark('', 'request'), ...extrasOf(root, shape), ...options.ext, ...format.ext, ...think.ext],
  };
}

function decodeConversation(root: Cursor, own: boolean): ChatRequest['messages'] {
  const messages = optionalAt(root, 'messages', (list) => decodeMessages(list, own)) ?? [];
  if (messages.length > 0) return messages;
  throw new GatewayError('invalid_request', 'messages must be a non-empty array', {
    param: 'messages',
    hint: 'Send a message of the user',
  });
}

function decodeOptions(root: Cursor): Part {
  const options = childOf(root, 'options');
  if (options === undefined) return nothing;
  if (Object.keys(objectAt(options)).length === 0) return { fields: {}, ext: spelled(root, 'options') };
  const limit = optionalAt(options, 'num_predict', numberAt);
  const fields = defined({
    maxTokens: limit === undefined || limit < 0 ? undefined : limit,
    temperature: optionalAt(options, 'temperature', numberAt),
    topP: optionalAt(options, 'top_p', numberAt),
    topK: optionalAt(options, 'top_k', numberAt),
    seed: optionalAt(options, 'seed', numberAt),
    stop: optionalAt(options, 'stop', (field) => itemsOf(field).map(stringAt)),
    presencePenalty: optionalAt(options, 'presence_penalty', numberAt),
    frequencyPenalty: optionalAt(options, 'frequency_penalty', numberAt),
  });
  const unlimited = limit !== undefined && limit < 0 ? spelled(options, 'num_predict') : [];
  return { fields, ext: [...extrasOf(options, optionsShape), ...unlimited] };
}

/** `json`, or the schema itself. An empty string is no format. */
function decodeFormat(root: Cursor): Part {
  const field = fieldOf(root, 'format');
  if (field.value === undefined || field.value === null) return nothing;
  const ext = spelled(root, 'format');
  if (field.value === '') return { fields: {}, ext };
  if (field.value !== 'json' && !isObject(field.value)) throw wrongType('format', '"json" or a JSON Schema');
  const format: ResponseFormat = field.value === 'json' ? { type: 'json' } : { type: 'schema', schema: rawOf(field) };
  return { fields: { responseFormat: format }, ext };
}

const levels: readonly Effort[] = thinkLevels;

function decodeThink(root: Cursor): Part {
  const field = fieldOf(root, 'think');
  if (field.value === undefined || field.value === null) return nothing;
  const effort = levels.find((level) => level === field.value);
  if (typeof field.value !== 'boolean' && effort === undefined) throw wrongType('think', 'true, false, "low", "medium", "high" or "max"');
  const reasoning: ReasoningRequest = field.value === false ? { mode: 'disabled' } : { mode: 'enabled', ...(effort === undefined ? {} : { effort }) };
  return { fields: { reasoning }, ext: spelled(root, 'think') };
}

function decodeTool(cursor: Cursor): Tool {
  objectAt(cursor);
  const type = optionalText(cursor, 'type') ?? 'function';
  if (type !== 'function') {
    const path = `${cursor.path}.type`;
    throw new GatewayError('invalid_request', `${path} "${type.slice(0, 40)}" is not known`, { param: path, hint: 'Use function' });
  }
  const inner = fieldOf(cursor, 'function');
  objectAt(inner);
  const description = optionalText(inner, 'description');
  const ext = [...extrasOf(cursor, toolShape), ...extrasOf(inner, functionShape)];
  return {
    kind: 'function',
    name: textAt(inner, 'name'),
    at: cursor.path,
    ...(description === undefined ? {} : { description }),
    ...(isGivenAt(inner, 'parameters') ? { schema: rawOf(fieldOf(inner, 'parameters')) } : {}),
    ...(ext.length === 0 ? {} : { ext }),
  };
}
