import { GatewayError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json-text.ts';
import { objectAt, objectsAt, textAt } from './mock-view.ts';
import type { MockRules } from './mock-wire.ts';

const keys = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** Every field that Ollama documents. It passes over others, which here is a fault of whoever sends them; `x_…` passes for tests. */
const fields = keys('model messages stream format tools think options keep_alive logprobs top_logprobs truncate shift');
const optionFields = keys(
  'num_ctx num_batch num_gpu main_gpu use_mmap num_thread num_keep seed num_predict top_k top_p min_p typical_p repeat_last_n temperature repeat_penalty ' +
    'presence_penalty frequency_penalty stop numa mirostat mirostat_tau mirostat_eta penalize_newline tfs_z low_vram f16_kv logits_all vocab_only use_mlock embedding_only',
);
const messageFields = keys('role content thinking images tool_calls tool_name tool_call_id');
const callFields = keys('id function');
const calledFields = keys('index name arguments');
const toolFields = keys('type function items');
const functionFields = keys('name description parameters type');

function refused(message: string): GatewayError {
  return new GatewayError('invalid_request', message);
}

function checkKeys(object: JsonObject, known: ReadonlySet<string>, at: string): void {
  const extra = Object.keys(object).find((key) => !known.has(key) && !key.startsWith('x_'));
  if (extra !== undefined) throw refused(`unknown field "${at}${extra}"`);
}

const promptFields = keys(
  'model prompt suffix system template context stream raw format images keep_alive think logprobs top_logprobs options truncate shift width height steps',
);

/** The same of `/api/generate`. */
export function checkOllamaPrompt(body: JsonObject): void {
  checkKeys(body, promptFields, '');
  checkKind(body, 'prompt', 'string');
  checkKind(body, 'stream', 'bool');
  checkThink(body['think']);
  checkFormat(body['format']);
  checkOptions(objectAt(body, 'options'));
}

/** Refuses what Ollama refuses, in its words, and what it would pass over. */
export function checkOllamaRequest(body: JsonObject, rules: MockRules): void {
  if (!rules.lenient) checkKeys(body, fields, '');
  if (textAt(body, 'model') === '') throw refused('model is required');
  checkKind(body, 'stream', 'bool');
  checkThink(body['think']);
  checkFormat(body['format']);
  checkOptions(objectAt(body, 'options'));
  const messages = body['messages'];
  if (!Array.isArray(messages) || messages.length === 0) throw refused('messages are required');
  messages.forEach((message: unknown) => checkMessage(isObject(message) ? message : {}));
  checkTurns(messages.filter(isObject));
  for (const tool of objectsAt(body, 'tools')) checkTool(tool);
}

const kinds: { readonly [kind: string]: string } = { bool: 'boolean', string: 'string', float: 'number' };

function checkKind(object: JsonObject, key: string, kind: 'bool' | 'string' | 'float'): void {
  const value = object[key];
  if (value === undefined || value === null || typeof value === kinds[kind]) return;
  throw refused(`json: cannot unmarshal ${typeof value} into Go struct field ChatRequest.${key} of type ${kind}`);
}

function checkThink(think: unknown): void {
  if (think === undefined || think === null || typeof think === 'boolean' || ['low', 'medium', 'high'].includes(String(think))) return;
  throw refused(`invalid think value: ${JSON.stringify(think)} (must be "high", "medium", "low", true, or false)`);
}

function checkFormat(format: unknown): void {
  if (format === undefined || format === null || format === '' || format === 'json' || isObject(format)) return;
  throw refused(`invalid format: ${JSON.stringify(format)}; expected "json" or a JSON schema`);
}

const integers = keys('num_ctx num_batch num_gpu main_gpu num_thread num_keep seed num_predict top_k repeat_last_n');

function checkOptions(options: JsonObject): void {
  checkKeys(options, optionFields, 'options.');
  for (const [key, value] of Object.entries(options)) {
    if (integers.has(key) && !Number.isInteger(value)) throw refused(`option "${key}" must be of type integer`);
    if (key === 'stop' && (!Array.isArray(value) || !value.every((stop) => typeof stop === 'string')))
      throw refused('option "stop" must be of type array of strings');
  }
}

const roles = keys('system user assistant tool');
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function checkMessage(message: JsonObject): void {
  checkKeys(message, messageFields, 'messages.');
  if (!roles.has(textAt(message, 'role'))) throw refused(`invalid role: ${textAt(message, 'role')}`);
  checkKind(message, 'content', 'string');
  checkKind(message, 'thinking', 'string');
  const images: readonly unknown[] = Array.isArray(message['images']) ? message['images'] : [];
  if (!images.every((image) => typeof image === 'string' && base64.test(image))) throw refused('illegal base64 data at input byte 0');
  for (const call of objectsAt(message, 'tool_calls')) {
    checkKeys(call, callFields, 'messages.tool_calls.');
    const inner = objectAt(call, 'function');
    checkKeys(inner, calledFields, 'messages.tool_calls.function.');
    if (textAt(inner, 'name') === '') throw refused('a tool call must have a name');
    if (!isObject(inner['arguments']))
      throw refused('json: cannot unmarshal into Go struct field ToolCallFunction.arguments of type api.ToolCallFunctionArguments');
  }
}

/** Templates of models put calls and results one after the other: a result that answers nothing, or a call without one, is a fault of the sender. */
function checkTurns(messages: readonly JsonObject[]): void {
  let open: readonly JsonObject[] = [];
  for (const message of messages) {
    if (message['role'] !== 'tool') {
      if (open.length > 0) throw refused(`no result for the call of ${textAt(objectAt(open[0] ?? {}, 'function'), 'name')}`);
      open = objectsAt(message, 'tool_calls');
      continue;
    }
    const answered = open.findIndex((call) => isAnswered(call, message));
    if (answered === -1) throw refused(`a result of ${textAt(message, 'tool_name')} answers no call`);
    open = open.filter((_, index) => index !== answered);
  }
  if (open.length > 0) throw refused('the last calls have no result');
}

function isAnswered(call: JsonObject, message: JsonObject): boolean {
  const id = message['tool_call_id'];
  return id === undefined ? textAt(objectAt(call, 'function'), 'name') === textAt(message, 'tool_name') : call['id'] === id;
}

function checkTool(tool: JsonObject): void {
  checkKeys(tool, toolFields, 'tools.');
  if (tool['type'] !== 'function') throw refused('a tool must be of type function');
  const inner = objectAt(tool, 'function');
  checkKeys(inner, functionFields, 'tools.function.');
  if (textAt(inner, 'name') === '') throw refused('a tool must have a name');
}
