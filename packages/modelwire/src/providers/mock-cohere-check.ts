import { GatewayError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json-text.ts';
import { objectAt, objectsAt, textAt } from './mock-view.ts';
import type { MockRules } from './mock-wire.ts';

const keys = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** Every field that the endpoint documents. Another one is refused there, and here; `x_…` is let through for tests. */
const fields = keys(
  'model messages stream tools strict_tools documents citation_options response_format safety_mode max_tokens stop_sequences temperature seed ' +
    'frequency_penalty presence_penalty k p logprobs tool_choice thinking priority',
);
const messageFields: { readonly [role: string]: ReadonlySet<string> } = {
  system: keys('role content'),
  user: keys('role content'),
  assistant: keys('role content tool_plan tool_calls citations'),
  tool: keys('role content tool_call_id'),
};
const partTypes: { readonly [role: string]: readonly string[] } = {
  system: ['text'],
  user: ['text', 'image_url'],
  assistant: ['text', 'thinking'],
  tool: ['text', 'document'],
};

function refused(message: string, status = 400): GatewayError {
  return new GatewayError('invalid_request', message, { status });
}

function checkKeys(object: JsonObject, known: ReadonlySet<string>): void {
  const extra = Object.keys(object).find((key) => !known.has(key) && !key.startsWith('x_'));
  if (extra !== undefined)
    throw refused(`unknown field: parameter '${extra}' is not a valid field. For proper usage, please refer to https://docs.cohere.com/reference/chat`, 422);
}

/** Refuses what Cohere refuses, in its words: https://docs.cohere.com/reference/errors. */
export function checkCohereRequest(body: JsonObject, { lenient }: MockRules): void {
  if (!lenient) checkKeys(body, fields);
  if (typeof body['model'] !== 'string') throw refused('a model parameter is required for this endpoint.');
  checkNumbers(body);
  const { messages } = body;
  if (!Array.isArray(messages) || messages.length === 0) throw refused('invalid request: all elements in history must have a message.');
  for (const message of messages) checkMessage(message);
  checkCalls(messages.filter(isObject));
  checkTools(body);
  checkDocuments(body);
  checkFormat(body);
}

const ranges: { readonly [field: string]: readonly [least: number, most: number, words: string] } = {
  temperature: [0, 1, '0 and 1.0'],
  p: [0.01, 0.99, '0.01 and 0.99'],
  k: [0, 500, '0 and 500'],
  frequency_penalty: [0, 1, '0 and 1'],
  presence_penalty: [0, 1, '0 and 1'],
};

function checkNumbers(body: JsonObject): void {
  for (const [field, [least, most, words]] of Object.entries(ranges)) {
    const value = body[field];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number' || value < least || value > most) throw refused(`invalid request: ${field} must be between ${words} inclusive.`);
  }
  const { max_tokens: limit, stop_sequences: stops } = body;
  if (limit !== undefined && limit !== null && !(Number.isInteger(limit) && Number(limit) > 0))
    throw refused('invalid request: max_tokens must be at least 1.');
  if (Array.isArray(stops) && stops.length > 5) throw refused('invalid request: at most 5 stop sequences are allowed.');
}

function checkMessage(message: unknown): void {
  if (!isObject(message)) throw refused('invalid json syntax');
  const role = textAt(message, 'role');
  const known = Object.hasOwn(messageFields, role) ? messageFields[role] : undefined;
  if (known === undefined) throw refused(`invalid request: Invalid role. Role must be one of the following: system, user, assistant, tool`);
  checkKeys(message, known);
  const { content } = message;
  const isCalling = role === 'assistant' && (objectsAt(message, 'tool_calls').length > 0 || textAt(message, 'tool_plan') !== '');
  if (content === undefined ? !isCalling : content === '' || (Array.isArray(content) && content.length === 0))
    throw refused('message must not be empty in a turn');
  if (content !== undefined && typeof content !== 'string' && !Array.isArray(content))
    throw refused('invalid type: parameter content is of type object but should be of type string.');
  for (const part of Array.isArray(content) ? content : []) checkPart(part, role);
  if (role === 'tool' && textAt(message, 'tool_call_id') === '') throw refused('tool call id must be provided with tool message');
}

function checkPart(part: unknown, role: string): void {
  const type = isObject(part) ? textAt(part, 'type') : '';
  if (!isObject(part) || partTypes[role]?.includes(type) !== true)
    throw refused(`invalid request: a message of the role ${role} has no content of type ${type}`);
  if (type === 'text' && textAt(part, 'text') === '') throw refused('message must not be empty in a turn');
  if (type === 'thinking' && typeof part['thinking'] !== 'string') throw refused('invalid request: thinking must be a string');
  if (type === 'image_url' && !/^(?:https?:\/\/|data:image\/[a-z]+;base64,)/.test(textAt(objectAt(part, 'image_url'), 'url')))
    throw refused('invalid request: image_url must be a web URL or a base64 data URI');
  if (type === 'document' && objectAt(part, 'document')['data'] === undefined) throw refused('invalid request: document at index 0 cannot be empty');
}

/** Results answer the calls of the turn before, each of them. */
function checkCalls(messages: readonly JsonObject[]): void {
  let open = new Set<string>();
  for (const message of messages) {
    if (message['role'] === 'tool') {
      if (!open.delete(textAt(message, 'tool_call_id'))) throw refused('tool call id not found in previous tool calls');
      continue;
    }
    if (open.size > 0) throw refused('invalid request: not all tool calls have tool results');
    const calls = objectsAt(message, 'tool_calls');
    for (const call of calls) checkCall(call);
    open = new Set(calls.map((call) => textAt(call, 'id')));
    if (open.size < calls.length) throw refused('cannot have duplicate tool ids');
  }
  if (open.size > 0) throw refused('invalid request: not all tool calls have tool results');
}

function checkCall(call: JsonObject): void {
  if (call['type'] !== 'function') throw refused('tool call must be of type function');
  const made = objectAt(call, 'function');
  if (textAt(made, 'name') === '' || typeof made['arguments'] !== 'string' || textAt(call, 'id') === '')
    throw refused('invalid request: a tool call must have an id, a name and arguments');
}

const toolName = /^[A-Za-z_][A-Za-z0-9_]*$/;

function checkTools(body: JsonObject): void {
  const tools = objectsAt(body, 'tools');
  for (const tool of tools) {
    const made = objectAt(tool, 'function');
    const name = textAt(made, 'name');
    checkKeys(made, keys('name description parameters'));
    if (tool['type'] !== 'function') throw refused('invalid request: tools must be of type function');
    if (!toolName.test(name))
      throw refused(`invalid request: tool names can only contain certain characters (A-Za-z0-9_) and can't begin with a digit (provided name: '${name}').`);
    if (!isObject(made['parameters'])) throw refused('schema must be an object');
    if (made['parameters']['type'] !== 'object') throw refused('invalid request: the schema of parameters must be of type object');
  }
  if (new Set(tools.map((tool) => textAt(objectAt(tool, 'function'), 'name'))).size < tools.length) throw refused('invalid request: duplicate tool names');
  const choice = body['tool_choice'];
  if (choice !== undefined && choice !== 'REQUIRED' && choice !== 'NONE') throw refused('invalid request: tool_choice must be one of REQUIRED, NONE.');
  if (choice === 'REQUIRED' && tools.length === 0) throw refused('invalid request: tool_choice REQUIRED needs tools.');
}

function checkDocuments(body: JsonObject): void {
  const { documents } = body;
  if (documents === undefined) return;
  if (!Array.isArray(documents) || documents.length === 0) throw refused('invalid request: list of documents must not be empty');
  const seen = new Map<string, number>();
  documents.forEach((document: unknown, index) => {
    const isEmpty = typeof document === 'string' ? document === '' : !isObject(document) || Object.keys(objectAt(document, 'data')).length === 0;
    if (isEmpty) throw refused(`invalid request: document at index ${index} cannot be empty`);
    const id = isObject(document) ? textAt(document, 'id') : '';
    const before = id === '' ? undefined : seen.get(id);
    if (before !== undefined) throw refused(`invalid request: duplicate document ID ${id} at index ${index} and ${before}`);
    if (id !== '') seen.set(id, index);
  });
}

function checkFormat(body: JsonObject): void {
  const format = objectAt(body, 'response_format');
  const type = format['type'];
  if (type === undefined || type === 'text') return;
  if (type !== 'json_object') throw refused('invalid request: response_format type must be one of text, json_object.');
  if (body['documents'] !== undefined) throw refused('invalid request: response_format is not supported with RAG.');
  if (objectsAt(body, 'tools').length > 0) throw refused('invalid request: response_format is not supported with tools.');
  const schema = format['json_schema'] ?? format['schema'];
  if (schema !== undefined && !isObject(schema)) throw refused('schema must be an object');
}
