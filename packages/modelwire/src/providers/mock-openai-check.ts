import { isBase64 } from './mock-count.ts';
import { isObject, type JsonObject } from '../core/json-text.ts';
import { listWords, mustBe, onlyKeys, openaiError, wholeNumber } from './mock-openai-error.ts';
import type { MockRules } from './mock-wire.ts';
import { checkOpenaiFormat, checkOpenaiTools } from './mock-openai-tools-check.ts';

/** Every field that OpenAI's chat endpoint documents. Another one is refused there, and here; `x_…` is let through for tests. */
const fields = new Set(
  (
    'messages model audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens metadata modalities moderation n ' +
    'parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options prompt_cache_retention reasoning_effort response_format ' +
    'safety_identifier seed service_tier stop store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options'
  ).split(' '),
);

const roles = ['system', 'assistant', 'user', 'function', 'tool', 'developer'] as const;
const partTypes: { readonly [role: string]: readonly string[] } = {
  user: ['text', 'image_url', 'input_audio', 'refusal', 'file'],
  assistant: ['text', 'refusal'],
  system: ['text'],
  developer: ['text'],
  tool: ['text'],
};
const messageKeys: { readonly [role: string]: readonly string[] } = {
  user: ['role', 'content', 'name'],
  system: ['role', 'content', 'name'],
  developer: ['role', 'content', 'name'],
  tool: ['role', 'content', 'tool_call_id'],
  function: ['role', 'content', 'name'],
  // Clients send an answer back as they got it, with what the official library adds (`parsed`); the thinking is where DeepSeek has it.
  assistant: ['role', 'content', 'name', 'refusal', 'audio', 'annotations', 'function_call', 'tool_calls', 'reasoning_content', 'parsed'],
};

/** Refuses what OpenAI refuses, in its words; and what DeepSeek does, where the model thinks. */
export function checkOpenaiRequest(body: JsonObject, { lenient, thinks }: MockRules): void {
  if (typeof body['model'] !== 'string') throw openaiError('you must provide a model parameter', 'model');
  for (const key of Object.keys(body)) {
    if (!lenient && !fields.has(key) && !key.startsWith('x_')) throw openaiError(`Unrecognized request argument supplied: ${key}`);
  }
  checkNumbers(body);
  checkStream(body);
  const messages = body['messages'];
  if (messages === undefined) throw openaiError("Missing required parameter: 'messages'.", 'messages', 'missing_required_parameter');
  if (!Array.isArray(messages)) throw mustBe('messages', 'an array of objects', messages);
  if (messages.length === 0) {
    throw openaiError("Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.", 'messages', 'empty_array');
  }
  messages.forEach((message: unknown, index) => checkMessage(message, `messages[${index}]`));
  checkToolOrder(messages.filter(isObject));
  if (thinks) checkThoughts(messages.filter(isObject));
  checkOpenaiTools(body);
  checkOpenaiFormat(body, messages);
}

type Range = readonly [least: number, most: number];
const decimals: { readonly [field: string]: Range } = { temperature: [0, 2], top_p: [0, 1], frequency_penalty: [-2, 2], presence_penalty: [-2, 2] };
const wholes: { readonly [field: string]: Range } = { max_tokens: [1, Infinity], max_completion_tokens: [1, Infinity], n: [1, 128] };
const booleans = ['stream', 'store', 'logprobs', 'parallel_tool_calls'] as const;

function checkNumbers(body: JsonObject): void {
  for (const [field, range] of Object.entries(decimals)) checkRange(body, field, range, 'decimal');
  for (const [field, range] of Object.entries(wholes)) checkRange(body, field, range, 'integer');
  for (const field of booleans) {
    const value = body[field];
    if (value !== undefined && value !== null && typeof value !== 'boolean') throw mustBe(field, 'a boolean', value);
  }
  if (
    body['max_tokens'] !== undefined &&
    body['max_tokens'] !== null &&
    body['max_completion_tokens'] !== undefined &&
    body['max_completion_tokens'] !== null
  ) {
    throw openaiError("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", undefined, 'invalid_parameter_combination');
  }
  const stop = body['stop'];
  if (Array.isArray(stop) && stop.length > 4) {
    throw openaiError(
      `Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length ${stop.length} instead.`,
      'stop',
      'array_above_max_length',
    );
  }
  if (body['logprobs'] === true) throw openaiError("Unsupported parameter: 'logprobs' is not supported with this model.", 'logprobs', 'unsupported_parameter');
}

function checkRange(body: JsonObject, field: string, [least, most]: Range, kind: 'decimal' | 'integer'): void {
  const value = body[field];
  if (value === undefined || value === null) return;
  if (typeof value !== 'number' || (kind === 'integer' && !wholeNumber(value))) throw mustBe(field, kind === 'integer' ? 'an integer' : 'a decimal', value);
  if (value >= least && value <= most) return;
  const [word, bound, code] = value < least ? ['below minimum', `>= ${least}`, 'below_min'] : ['above maximum', `<= ${most}`, 'above_max'];
  throw openaiError(`Invalid '${field}': ${kind} ${word} value. Expected a value ${bound}, but got ${value} instead.`, field, `${kind}_${code}_value`);
}

function checkStream(body: JsonObject): void {
  const options = body['stream_options'];
  if (options === undefined || options === null) return;
  if (body['stream'] !== true) throw openaiError("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options');
  if (!isObject(options)) throw mustBe('stream_options', 'an object', options);
  onlyKeys(options, ['include_usage', 'include_obfuscation'], 'stream_options');
}

function checkMessage(message: unknown, at: string): void {
  if (!isObject(message)) throw mustBe(at, 'an object', message);
  const role = message['role'];
  if (role === undefined) throw openaiError(`Missing required parameter: '${at}.role'.`, `${at}.role`, 'missing_required_parameter');
  if (typeof role !== 'string' || !roles.some((known) => known === role)) {
    throw openaiError(`Invalid value: '${String(role)}'. Supported values are: ${listWords(roles)}.`, `${at}.role`, 'invalid_value');
  }
  onlyKeys(message, messageKeys[role] ?? [], at);
  const calls = message['tool_calls'];
  if (calls !== undefined) checkCalls(calls, `${at}.tool_calls`);
  if (role === 'tool' && typeof message['tool_call_id'] !== 'string') {
    throw openaiError(`Missing required parameter: '${at}.tool_call_id'.`, `${at}.tool_call_id`, 'missing_required_parameter');
  }
  checkContent(message, role, at);
}

function checkContent(message: JsonObject, role: string, at: string): void {
  const content = message['content'];
  if (typeof content === 'string') return;
  if (content === undefined || content === null) {
    const saysElse =
      message['tool_calls'] !== undefined || message['function_call'] !== undefined || typeof message['refusal'] === 'string' || isObject(message['audio']);
    if (role === 'assistant' && saysElse) return;
    throw openaiError(`Invalid value for 'content': expected a string, got null.`, `${at}.content`);
  }
  if (!Array.isArray(content)) throw mustBe(`${at}.content`, 'one of a string or array of objects', content);
  if (content.length === 0 && role !== 'tool') {
    throw openaiError(
      `Invalid '${at}.content': empty array. Expected an array with minimum length 1, but got an empty array instead.`,
      `${at}.content`,
      'empty_array',
    );
  }
  content.forEach((part: unknown, index) => checkPart(part, partTypes[role] ?? [], `${at}.content[${index}]`));
}

function checkPart(part: unknown, types: readonly string[], at: string): void {
  if (!isObject(part)) throw mustBe(at, 'an object', part);
  const type = part['type'];
  if (typeof type !== 'string' || !types.includes(type)) {
    throw openaiError(`Invalid value: '${String(type)}'. Supported values are: ${listWords(types)}.`, `${at}.type`, 'invalid_value');
  }
  onlyKeys(part, ['type', type, 'prompt_cache_breakpoint'], at);
  if (type === 'text' || type === 'refusal') {
    if (typeof part[type] !== 'string') throw mustBe(`${at}.${type}`, 'a string', part[type]);
    return;
  }
  const inner = part[type];
  if (!isObject(inner)) throw mustBe(`${at}.${type}`, 'an object', inner);
  if (type === 'image_url') checkImage(inner, `${at}.image_url`);
  else if (type === 'file') checkFile(inner, `${at}.file`);
  else checkAudio(inner, `${at}.input_audio`);
}

const imageData = /^data:image\/(?:png|jpe?g|gif|webp);base64,(.+)$/s;

function checkImage(image: JsonObject, at: string): void {
  onlyKeys(image, ['url', 'detail'], at);
  const url = image['url'];
  if (typeof url !== 'string') throw mustBe(`${at}.url`, 'a string', url);
  const detail = image['detail'];
  if (detail !== undefined && !['auto', 'low', 'high', 'original'].includes(String(detail))) {
    throw openaiError(`Invalid value: '${String(detail)}'. Supported values are: 'low', 'high', 'auto', and 'original'.`, `${at}.detail`, 'invalid_value');
  }
  const data = imageData.exec(url)?.[1];
  if (/^https?:\/\//.test(url) || (data !== undefined && isBase64(data))) return;
  throw openaiError(
    `Invalid '${at}.url'. Expected a valid URL or a base64-encoded image (png, jpeg, gif, webp) as a data URL.`,
    `${at}.url`,
    'invalid_image_url',
  );
}

function checkFile(file: JsonObject, at: string): void {
  onlyKeys(file, ['file_data', 'file_id', 'filename'], at);
  if (typeof file['file_id'] === 'string') return;
  const data = file['file_data'];
  if (typeof data !== 'string') throw openaiError(`Missing required parameter: '${at}.file_id'.`, `${at}.file_id`, 'missing_required_parameter');
  if (typeof file['filename'] !== 'string') throw openaiError(`Missing required parameter: '${at}.filename'.`, `${at}.filename`, 'missing_required_parameter');
  const encoded = /^data:[\w.+-]+\/[\w.+-]+;base64,(.+)$/s.exec(data)?.[1];
  if (encoded === undefined || !isBase64(encoded)) {
    throw openaiError(
      `Invalid '${at}.file_data'. Expected a base64-encoded data URL with a MIME type, but got a value without one.`,
      `${at}.file_data`,
      'invalid_value',
    );
  }
}

function checkAudio(audio: JsonObject, at: string): void {
  onlyKeys(audio, ['data', 'format'], at);
  if (typeof audio['data'] !== 'string' || !isBase64(audio['data'])) throw openaiError(`Invalid base64 in '${at}.data'.`, `${at}.data`, 'invalid_value');
  if (audio['format'] !== 'wav' && audio['format'] !== 'mp3') {
    throw openaiError(`Invalid value: '${String(audio['format'])}'. Supported values are: 'wav' and 'mp3'.`, `${at}.format`, 'invalid_value');
  }
}

function checkCalls(calls: unknown, at: string): void {
  if (!Array.isArray(calls)) throw mustBe(at, 'an array of objects', calls);
  if (calls.length === 0)
    throw openaiError(`Invalid '${at}': empty array. Expected an array with minimum length 1, but got an empty array instead.`, at, 'empty_array');
  calls.forEach((call: unknown, index) => checkCall(call, `${at}[${index}]`));
}

function checkCall(call: unknown, at: string): void {
  if (!isObject(call)) throw mustBe(at, 'an object', call);
  const { id, type } = call;
  if (typeof id !== 'string') throw mustBe(`${at}.id`, 'a string', id);
  if (id.length > 40) {
    throw openaiError(
      `Invalid '${at}.id': string too long. Expected a string with maximum length 40, but got a string with length ${id.length} instead.`,
      `${at}.id`,
      'string_above_max_length',
    );
  }
  if (type !== 'function' && type !== 'custom')
    throw openaiError(`Invalid value: '${String(type)}'. Supported values are: 'function' and 'custom'.`, `${at}.type`, 'invalid_value');
  // The official library's stream helpers leave `index` and `parsed_arguments` in the message that goes back.
  onlyKeys(call, ['id', 'type', 'index', type], at);
  const inner = call[type];
  if (!isObject(inner)) throw mustBe(`${at}.${type}`, 'an object', inner);
  const written = type === 'function' ? 'arguments' : 'input';
  onlyKeys(inner, ['name', written, 'parsed_arguments'], `${at}.${type}`);
  if (typeof inner['name'] !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(inner['name'])) {
    throw openaiError(
      `Invalid '${at}.${type}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      `${at}.${type}.name`,
      'invalid_value',
    );
  }
  if (typeof inner[written] !== 'string') throw mustBe(`${at}.${type}.${written}`, 'a string', inner[written]);
}

/** Every call is answered by a tool message before anything else is said, and no tool message answers what was never called. */
function checkToolOrder(messages: readonly JsonObject[]): void {
  let waiting = new Set<string>();
  let asker = '';
  messages.forEach((message, index) => {
    if (message['role'] === 'tool') {
      const id = String(message['tool_call_id']);
      if (waiting.delete(id)) return;
      throw openaiError(
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        `messages.[${index}].role`,
      );
    }
    requireAnswers(waiting, asker);
    const calls = message['tool_calls'];
    waiting = new Set(Array.isArray(calls) ? calls.filter(isObject).map((call) => String(call['id'])) : []);
    asker = `messages.[${index}].role`;
  });
  requireAnswers(waiting, asker);
}

function requireAnswers(waiting: ReadonlySet<string>, asker: string): void {
  if (waiting.size === 0) return;
  throw openaiError(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...waiting].join(', ')}`,
    asker,
  );
}

/** While a turn with tools goes on, its thinking must come back: DeepSeek's rule, in its words. */
function checkThoughts(messages: readonly JsonObject[]): void {
  const turn = messages.findLastIndex((message) => message['role'] === 'user');
  messages.forEach((message, index) => {
    if (index < turn || message['tool_calls'] === undefined || typeof message['reasoning_content'] === 'string') return;
    throw openaiError(`Missing \`reasoning_content\` field in the assistant message at message index ${index}.`);
  });
}
