import { isObject, type JsonObject } from '../core/json-text.ts';
import { listWords, mustBe, onlyKeys, openaiError, wholeNumber } from './mock-openai-error.ts';
import { checkResponsesChoice, checkResponsesFormat, checkResponsesTools } from './mock-responses-tools-check.ts';
import { isEncryptedThought } from './mock-signature.ts';
import type { MockRules } from './mock-wire.ts';

/** Every field that OpenAI's Responses endpoint documents. Another one is refused there, and here; `x_…` is let through for tests. */
const fields = new Set(
  (
    'background context_management conversation include input instructions max_output_tokens max_tool_calls metadata model moderation parallel_tool_calls ' +
    'previous_response_id prompt prompt_cache_key prompt_cache_options prompt_cache_retention reasoning safety_identifier service_tier store stream ' +
    'stream_options temperature text tool_choice tools top_logprobs top_p truncation user access_programs image'
  ).split(' '),
);

const includable = [
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'message.input_image.image_url',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
  'reasoning.encrypted_content',
  'message.output_text.logprobs',
];

/** Refuses what OpenAI refuses, in its words. */
export function checkResponsesRequest(body: JsonObject, { lenient, thinks }: MockRules): void {
  if (typeof body['model'] !== 'string') throw missing('model');
  for (const key of Object.keys(body)) {
    if (!lenient && !fields.has(key) && !key.startsWith('x_')) throw openaiError(`Unknown parameter: '${key}'.`, key, 'unknown_parameter');
  }
  checkSettings(body);
  const { input } = body;
  if (input === undefined) throw missing('input');
  if (typeof input !== 'string') checkInput(input, { stores: body['store'] !== false, thinks });
  checkResponsesTools(body);
  checkResponsesChoice(body);
  checkResponsesFormat(body);
}

function missing(field: string): Error {
  return openaiError(`Missing required parameter: '${field}'.`, field, 'missing_required_parameter');
}

function invalid(value: unknown, words: readonly string[], at: string): Error {
  return openaiError(`Invalid value: '${String(value)}'. Supported values are: ${listWords(words)}.`, at, 'invalid_value');
}

type Range = readonly [least: number, most: number];
const decimals: { readonly [field: string]: Range } = { temperature: [0, 2], top_p: [0, 1] };
const wholes: { readonly [field: string]: Range } = { max_output_tokens: [16, Infinity], max_tool_calls: [1, Infinity], top_logprobs: [0, 20] };
const booleans = ['stream', 'store', 'background', 'parallel_tool_calls'] as const;
const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

function checkSettings(body: JsonObject): void {
  for (const [field, range] of Object.entries(decimals)) checkRange(body, field, range, 'decimal');
  for (const [field, range] of Object.entries(wholes)) checkRange(body, field, range, 'integer');
  for (const field of booleans) {
    const value = body[field] ?? undefined;
    if (value !== undefined && typeof value !== 'boolean') throw mustBe(field, 'a boolean', value);
  }
  for (const field of ['previous_response_id', 'conversation', 'prompt']) {
    if ((body[field] ?? undefined) !== undefined) throw openaiError(`The scripted provider keeps nothing: '${field}' is not found.`, field);
  }
  const instructions = body['instructions'] ?? undefined;
  if (instructions !== undefined && typeof instructions !== 'string') throw mustBe('instructions', 'a string', instructions);
  checkInclude(body['include']);
  checkReasoning(body['reasoning']);
  checkStreamOptions(body);
}

function checkRange(body: JsonObject, field: string, [least, most]: Range, kind: 'decimal' | 'integer'): void {
  const value = body[field];
  if (value === undefined || value === null) return;
  if (typeof value !== 'number' || (kind === 'integer' && !wholeNumber(value))) throw mustBe(field, kind === 'integer' ? 'an integer' : 'a decimal', value);
  if (value >= least && value <= most) return;
  const [word, bound, code] = value < least ? ['below minimum', `>= ${least}`, 'below_min'] : ['above maximum', `<= ${most}`, 'above_max'];
  throw openaiError(`Invalid '${field}': ${kind} ${word} value. Expected a value ${bound}, but got ${value} instead.`, field, `${kind}_${code}_value`);
}

function checkInclude(include: unknown): void {
  if (include === undefined || include === null) return;
  if (!Array.isArray(include)) throw mustBe('include', 'an array of strings', include);
  include.forEach((word: unknown, index) => {
    if (typeof word !== 'string' || !includable.includes(word)) throw invalid(word, includable, `include[${index}]`);
  });
}

function checkReasoning(reasoning: unknown): void {
  if (reasoning === undefined || reasoning === null) return;
  if (!isObject(reasoning)) throw mustBe('reasoning', 'an object', reasoning);
  onlyKeys(reasoning, ['effort', 'summary', 'generate_summary', 'context', 'mode'], 'reasoning');
  const { effort, summary } = reasoning;
  if (typeof effort === 'string' && !efforts.includes(effort)) throw invalid(effort, efforts, 'reasoning.effort');
  const summaries = ['auto', 'concise', 'detailed'];
  if (typeof summary === 'string' && !summaries.includes(summary)) throw invalid(summary, summaries, 'reasoning.summary');
}

function checkStreamOptions(body: JsonObject): void {
  const options = body['stream_options'];
  if (options === undefined || options === null) return;
  if (body['stream'] !== true) throw openaiError("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options');
  if (!isObject(options)) throw mustBe('stream_options', 'an object', options);
  onlyKeys(options, ['include_obfuscation'], 'stream_options');
}

type Rules = { readonly stores: boolean; readonly thinks: boolean };

function checkInput(input: unknown, rules: Rules): void {
  if (!Array.isArray(input)) throw mustBe('input', 'one of a string or array of input items', input);
  if (input.length === 0)
    throw openaiError("Invalid 'input': empty array. Expected an array with minimum length 1, but got an empty array instead.", 'input', 'empty_array');
  input.forEach((item: unknown, index) => checkItem(item, `input[${index}]`, rules));
  const items = input.filter(isObject);
  checkPairs(items);
  if (rules.thinks) checkThoughts(items);
}

const itemKeys: { readonly [type: string]: readonly string[] } = {
  message: ['type', 'role', 'content', 'id', 'status', 'phase'],
  // Clients send an answer back as they got it, with what the official library adds (`parsed_arguments`).
  function_call: ['type', 'id', 'call_id', 'name', 'arguments', 'status', 'namespace', 'caller', 'async', 'parsed_arguments'],
  function_call_output: ['type', 'id', 'call_id', 'output', 'status', 'caller', 'name', 'namespace'],
  custom_tool_call: ['type', 'id', 'call_id', 'name', 'input', 'status', 'namespace', 'caller', 'async'],
  custom_tool_call_output: ['type', 'id', 'call_id', 'output', 'status', 'caller'],
  reasoning: ['type', 'id', 'summary', 'content', 'encrypted_content', 'status'],
};
const prefixes: { readonly [type: string]: string } = { message: 'msg', function_call: 'fc', custom_tool_call: 'ctc', reasoning: 'rs' };

function typeOf(item: JsonObject): unknown {
  return item['type'] ?? ('role' in item ? 'message' : undefined);
}

function checkItem(item: unknown, at: string, rules: Rules): void {
  if (!isObject(item)) throw mustBe(at, 'an object', item);
  const type = typeOf(item);
  if (type === 'item_reference') throw notFound(String(item['id']));
  const keys = typeof type === 'string' && Object.hasOwn(itemKeys, type) ? itemKeys[type] : undefined;
  if (typeof type !== 'string' || keys === undefined) throw invalid(type, Object.keys(itemKeys), at);
  onlyKeys(item, keys, at);
  const { id } = item;
  const prefix = prefixes[type];
  if (typeof id === 'string' && prefix !== undefined && item['role'] !== 'user' && !id.startsWith(`${prefix}_`))
    throw openaiError(`Invalid '${at}.id': '${id}'. Expected an ID that begins with '${prefix}'.`, `${at}.id`, 'invalid_value');
  if (type === 'message') return checkMessage(item, at);
  if (type === 'reasoning') return checkReasoningItem(item, at, rules);
  checkCallId(item['call_id'], `${at}.call_id`);
  if (type.endsWith('_output')) return checkParts(item['output'], ['input_text', 'input_image', 'input_file'], `${at}.output`);
  for (const key of ['name', type === 'function_call' ? 'arguments' : 'input']) if (typeof item[key] !== 'string') throw missing(`${at}.${key}`);
}

function notFound(id: string): Error {
  return openaiError(
    `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`,
    'input',
  );
}

function checkCallId(id: unknown, at: string): void {
  if (typeof id !== 'string' || id === '') throw missing(at);
  if (id.length <= 64) return;
  throw openaiError(
    `Invalid '${at}': string too long. Expected a string with maximum length 64, but got a string with length ${id.length} instead.`,
    at,
    'string_above_max_length',
  );
}

const roles = ['assistant', 'system', 'developer', 'user'] as const;

function checkMessage(item: JsonObject, at: string): void {
  const { role } = item;
  if (role === undefined) throw missing(`${at}.role`);
  if (typeof role !== 'string' || !roles.some((known) => known === role)) throw invalid(role, roles, `${at}.role`);
  const types = role === 'assistant' ? ['output_text', 'refusal'] : role === 'user' ? ['input_text', 'input_image', 'input_file'] : ['input_text'];
  checkParts(item['content'], types, `${at}.content`);
}

function checkParts(content: unknown, types: readonly string[], at: string): void {
  if (typeof content === 'string') return;
  if (!Array.isArray(content)) throw mustBe(at, 'one of an array of objects or string', content);
  content.forEach((part: unknown, index) => checkPart(part, types, `${at}[${index}]`));
}

const partKeys: { readonly [type: string]: readonly string[] } = {
  input_text: ['type', 'text', 'prompt_cache_breakpoint'],
  input_image: ['type', 'image_url', 'file_id', 'detail', 'prompt_cache_breakpoint'],
  input_file: ['type', 'file_data', 'file_id', 'file_url', 'filename', 'detail', 'prompt_cache_breakpoint'],
  // As in calls, the official library's `parsed`.
  output_text: ['type', 'text', 'annotations', 'logprobs', 'parsed'],
  refusal: ['type', 'refusal'],
};
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const dataUrl = /^data:([\w.+-]+\/[\w.+-]+);base64,(.+)$/s;

function checkPart(part: unknown, types: readonly string[], at: string): void {
  if (!isObject(part)) throw mustBe(at, 'an object', part);
  const { type } = part;
  if (typeof type !== 'string' || !types.includes(type)) throw invalid(type, types, `${at}.type`);
  onlyKeys(part, partKeys[type] ?? [], at);
  if (type === 'input_image') checkImage(part, at);
  else if (type === 'input_file') checkFile(part, at);
  else {
    const key = type === 'refusal' ? 'refusal' : 'text';
    if (typeof part[key] !== 'string') throw mustBe(`${at}.${key}`, 'a string', part[key]);
  }
}

function checkImage(image: JsonObject, at: string): void {
  if (typeof image['file_id'] === 'string') return;
  const url = image['image_url'];
  if (typeof url !== 'string') throw missing(`${at}.image_url`);
  const [, mediaType = '', data = ''] = dataUrl.exec(url) ?? [];
  if (/^https?:\/\//.test(url) || (/^image\/(?:png|jpe?g|gif|webp)$/.test(mediaType) && base64.test(data))) return;
  throw openaiError(
    `Invalid '${at}.image_url'. Expected a valid URL or a base64-encoded image (png, jpeg, gif, webp) as a data URL.`,
    `${at}.image_url`,
    'invalid_value',
  );
}

function checkFile(file: JsonObject, at: string): void {
  if (typeof file['file_id'] === 'string' || typeof file['file_url'] === 'string') return;
  const data = file['file_data'];
  if (typeof data !== 'string') throw missing(`${at}.file_id`);
  if (typeof file['filename'] !== 'string') throw missing(`${at}.filename`);
  const encoded = dataUrl.exec(data)?.[2];
  if (encoded !== undefined && base64.test(encoded)) return;
  throw openaiError(
    `Invalid '${at}.file_data'. Expected a base64-encoded data URL with a MIME type (e.g. 'data:application/pdf;base64,aGVsbG8='), but got a value without the 'data:' prefix.`,
    `${at}.file_data`,
    'invalid_value',
  );
}

/** What is not stored must bring its secret, unchanged. */
function checkReasoningItem(item: JsonObject, at: string, { stores }: Rules): void {
  if (!Array.isArray(item['summary'])) throw missing(`${at}.summary`);
  const secret = item['encrypted_content'] ?? undefined;
  if (secret === undefined) {
    if (!stores) throw notFound(String(item['id']));
    return;
  }
  if (typeof secret === 'string' && isEncryptedThought(secret)) return;
  throw openaiError(
    `The encrypted content for item ${String(item['id'])} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
    undefined,
    'invalid_encrypted_content',
  );
}

/** Every result answers a call, and every call has its result. */
function checkPairs(items: readonly JsonObject[]): void {
  const open = new Map<string, string>();
  for (const item of items) {
    const type = String(typeOf(item));
    const id = String(item['call_id']);
    if (type === 'function_call' || type === 'custom_tool_call') open.set(id, type);
    else if (type.endsWith('_output') && !open.delete(id))
      throw openaiError(`No tool call found for ${type.replace('_output', ' output').replaceAll('_', ' ')} with call_id ${id}.`, 'input');
  }
  for (const [id, type] of open) throw openaiError(`No tool output found for ${type.replaceAll('_', ' ')} ${id}.`, 'input');
}

/** While a turn with tools goes on, the thinking that led to its calls must come back. */
function checkThoughts(items: readonly JsonObject[]): void {
  const turn = items.findLastIndex((item) => item['role'] === 'user');
  const calls = items.slice(turn + 1);
  const first = calls.findIndex((item) => typeOf(item) === 'function_call');
  if (first === -1 || calls.slice(0, first).some((item) => typeOf(item) === 'reasoning')) return;
  throw openaiError(
    `Item '${String(calls[first]?.['id'] ?? calls[first]?.['call_id'])}' of type 'function_call' was provided without its required 'reasoning' item.`,
    'input',
  );
}
