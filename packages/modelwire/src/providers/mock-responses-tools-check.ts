import { isObject, type JsonObject } from '../core/json-text.ts';
import { listWords, mustBe, onlyKeys, openaiError } from './mock-openai-error.ts';
import { namePattern, schemaError, strictFault } from './mock-openai-tools-check.ts';

/** What OpenAI's Responses endpoint has against tools, the choice among them, and formats. */

const toolKeys: { readonly [type: string]: readonly string[] } = {
  function: ['type', 'name', 'description', 'parameters', 'strict', 'defer_loading', 'output_schema', 'allowed_callers', 'async'],
  custom: ['type', 'name', 'description', 'format', 'defer_loading', 'allowed_callers', 'async'],
  namespace: ['type', 'name', 'description', 'tools'],
  web_search: ['type', 'filters', 'search_context_size', 'user_location', 'external_web_access', 'search_content_types'],
  tool_search: ['type', 'description', 'execution', 'parameters'],
};

export function checkResponsesTools(body: JsonObject): void {
  const { tools } = body;
  if (tools === undefined || tools === null) return;
  if (!Array.isArray(tools)) throw mustBe('tools', 'an array of objects', tools);
  tools.forEach((tool: unknown, index) => checkTool(tool, `tools[${index}]`));
}

function checkTool(tool: unknown, at: string): void {
  if (!isObject(tool)) throw mustBe(at, 'an object', tool);
  const { type, name } = tool;
  const keys = typeof type === 'string' && Object.hasOwn(toolKeys, type) ? toolKeys[type] : undefined;
  if (keys === undefined)
    throw openaiError(`Invalid value: '${String(type)}'. Supported values are: ${listWords(Object.keys(toolKeys))}.`, `${at}.type`, 'invalid_value');
  onlyKeys(tool, keys, at);
  if (type === 'web_search' || type === 'tool_search') return;
  checkName(name, `${at}.name`);
  if (type === 'namespace') {
    if (!Array.isArray(tool['tools'])) throw mustBe(`${at}.tools`, 'an array of objects', tool['tools']);
    tool['tools'].forEach((inner: unknown, index) => checkTool(inner, `${at}.tools[${index}]`));
  } else if (type === 'function') checkParameters(tool, at);
}

function checkName(name: unknown, at: string): void {
  if (typeof name !== 'string') throw openaiError(`Missing required parameter: '${at}'.`, at, 'missing_required_parameter');
  if (namePattern.test(name)) return;
  throw openaiError(`Invalid '${at}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`, at, 'invalid_value');
}

function checkParameters(tool: JsonObject, at: string): void {
  const { parameters, strict } = tool;
  if (parameters === undefined || parameters === null) return;
  const name = String(tool['name']);
  const type = isObject(parameters) ? parameters['type'] : undefined;
  if (type !== 'object')
    throw schemaError(
      `Invalid schema for function '${name}': schema must be a JSON Schema of 'type: "object"', got 'type: "${type === undefined ? 'None' : String(type)}"'.`,
      `${at}.parameters`,
    );
  const fault = strict === true ? strictFault(parameters, []) : undefined;
  if (fault !== undefined) throw schemaError(`Invalid schema for function '${name}': ${fault}`, `${at}.parameters`);
}

function namesIn(tools: unknown): readonly string[] {
  return Array.isArray(tools) ? tools.filter(isObject).flatMap((tool) => [String(tool['name']), ...namesIn(tool['tools'])]) : [];
}

export function checkResponsesChoice(body: JsonObject): void {
  const choice = body['tool_choice'] ?? undefined;
  if (choice === undefined || choice === 'auto' || choice === 'none') return;
  const names = namesIn(body['tools']);
  if (choice === 'required') {
    if (names.length === 0) throw openaiError("Tool choice 'required' must be specified with 'tools' parameter.", 'tool_choice');
    return;
  }
  if (typeof choice === 'string')
    throw openaiError(`Invalid value: '${choice}'. Supported values are: 'none', 'auto', and 'required'.`, 'tool_choice', 'invalid_value');
  if (!isObject(choice)) throw mustBe('tool_choice', 'one of a string or an object', choice);
  if (choice['type'] === 'allowed_tools') {
    if (!Array.isArray(choice['tools']))
      throw openaiError("Missing required parameter: 'tool_choice.tools'.", 'tool_choice.tools', 'missing_required_parameter');
    return;
  }
  const { name } = choice;
  if (typeof name !== 'string' || !names.includes(name)) throw openaiError(`Tool choice '${String(name)}' not found in 'tools' parameter.`, 'tool_choice');
}

export function checkResponsesFormat(body: JsonObject): void {
  const text = body['text'] ?? undefined;
  if (text === undefined) return;
  if (!isObject(text)) throw mustBe('text', 'an object', text);
  onlyKeys(text, ['format', 'verbosity'], 'text');
  const format = text['format'] ?? undefined;
  if (format === undefined) return;
  if (!isObject(format)) throw mustBe('text.format', 'an object', format);
  if (format['type'] === 'text') return;
  if (format['type'] === 'json_object') return checkWord(body);
  if (format['type'] !== 'json_schema')
    throw openaiError(
      `Invalid value: '${String(format['type'])}'. Supported values are: 'json_object', 'json_schema', and 'text'.`,
      'text.format.type',
      'invalid_value',
    );
  checkSchema(format);
}

function checkWord({ input, instructions }: JsonObject): void {
  if (/json/i.test(JSON.stringify([input, instructions]))) return;
  throw openaiError("Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.", 'input');
}

function checkSchema(format: JsonObject): void {
  const at = 'text.format';
  onlyKeys(format, ['type', 'name', 'description', 'schema', 'strict'], at);
  checkName(format['name'], `${at}.name`);
  const { schema, strict } = format;
  if (!isObject(schema)) throw openaiError(`Missing required parameter: '${at}.schema'.`, `${at}.schema`, 'missing_required_parameter');
  const fault = strict === true ? strictFault(schema, []) : undefined;
  if (fault !== undefined) throw openaiError(`Invalid schema for response_format '${String(format['name'])}': ${fault}`, `${at}.schema`, 'invalid_json_schema');
}
