import { isObject, type JsonObject } from '../core/json-text.ts';
import { mustBe, onlyKeys, openaiError } from './mock-openai-error.ts';

export const namePattern = /^[a-zA-Z0-9_-]{1,64}$/;

export function checkOpenaiTools(body: JsonObject): void {
  const tools = body['tools'];
  if (tools === undefined || tools === null) {
    for (const field of ['tool_choice', 'parallel_tool_calls']) {
      const set = body[field] !== undefined && body[field] !== null && body[field] !== 'none';
      if (set) throw openaiError(`Invalid value for '${field}': '${field}' is only allowed when 'tools' are specified.`, field);
    }
    return;
  }
  if (!Array.isArray(tools)) throw mustBe('tools', 'an array of objects', tools);
  if (tools.length === 0)
    throw openaiError("Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.", 'tools', 'empty_array');
  const names = tools.map((tool: unknown, index) => checkTool(tool, `tools[${index}]`));
  checkChoice(body['tool_choice'], names);
}

function checkTool(tool: unknown, at: string): string {
  if (!isObject(tool)) throw mustBe(at, 'an object', tool);
  const { type } = tool;
  if (type !== 'function' && type !== 'custom')
    throw openaiError(`Invalid value: '${String(type)}'. Supported values are: 'function' and 'custom'.`, `${at}.type`, 'invalid_value');
  onlyKeys(tool, ['type', type], at);
  const inner = tool[type];
  if (!isObject(inner)) throw openaiError(`Missing required parameter: '${at}.${type}'.`, `${at}.${type}`, 'missing_required_parameter');
  onlyKeys(inner, type === 'function' ? ['name', 'description', 'parameters', 'strict'] : ['name', 'description', 'format'], `${at}.${type}`);
  const { name } = inner;
  if (typeof name !== 'string') throw openaiError(`Missing required parameter: '${at}.${type}.name'.`, `${at}.${type}.name`, 'missing_required_parameter');
  if (!namePattern.test(name)) {
    throw openaiError(
      `Invalid '${at}.${type}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      `${at}.${type}.name`,
      'invalid_value',
    );
  }
  if (inner['description'] !== undefined && typeof inner['description'] !== 'string')
    throw mustBe(`${at}.${type}.description`, 'a string', inner['description']);
  if (inner['parameters'] !== undefined) checkParameters(inner, name, at);
  return name;
}

function checkParameters(definition: JsonObject, name: string, at: string): void {
  const { parameters } = definition;
  const type = isObject(parameters) ? parameters['type'] : undefined;
  if (!isObject(parameters) || type !== 'object') {
    throw schemaError(
      `Invalid schema for function '${name}': schema must be a JSON Schema of 'type: "object"', got 'type: "${type === undefined ? 'None' : String(type)}"'.`,
      `${at}.function.parameters`,
    );
  }
  if (definition['strict'] !== true) return;
  const complaint = strictFault(parameters, []);
  if (complaint !== undefined) throw schemaError(`Invalid schema for function '${name}': ${complaint}`, `${at}.function.parameters`);
}

export function schemaError(message: string, param: string): Error {
  return openaiError(message, param, 'invalid_function_parameters');
}

/** What strict mode has against a schema: every object closed, every property required. */
export function strictFault(schema: unknown, path: readonly string[]): string | undefined {
  if (!isObject(schema)) return undefined;
  const context = `In context=(${path.map((step) => `'${step}'`).join(', ')}${path.length === 1 ? ',' : ''})`;
  const properties = schema['properties'];
  if (schema['type'] === 'object' || properties !== undefined) {
    if (schema['additionalProperties'] !== false) return `${context}, 'additionalProperties' is required to be supplied and to be false.`;
    const names = isObject(properties) ? Object.keys(properties) : [];
    const required: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
    const missing = names.find((name) => !required.includes(name));
    if (missing !== undefined)
      return `${context}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
  }
  for (const [step, inner] of innerSchemas(schema)) {
    const fault = strictFault(inner, [...path, ...step]);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function innerSchemas(schema: JsonObject): readonly (readonly [step: readonly string[], schema: unknown])[] {
  const named = ['properties', '$defs', 'definitions'].flatMap((key) =>
    Object.entries(isObject(schema[key]) ? schema[key] : {}).map(([name, inner]) => [[key, name], inner] as const),
  );
  const listed = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => {
    const list: readonly unknown[] = Array.isArray(schema[key]) ? schema[key] : [];
    return list.map((inner, index) => [[key, String(index)], inner] as const);
  });
  return [...named, ...listed, [['items'], schema['items']] as const];
}

function checkChoice(choice: unknown, names: readonly string[]): void {
  if (choice === undefined || choice === 'none' || choice === 'auto' || choice === 'required') return;
  if (typeof choice === 'string')
    throw openaiError(`Invalid value: '${choice}'. Supported values are: 'none', 'auto', and 'required'.`, 'tool_choice', 'invalid_value');
  if (!isObject(choice)) throw mustBe('tool_choice', 'one of a string or an object', choice);
  const { type } = choice;
  if (type === 'allowed_tools') {
    const allowed = choice['allowed_tools'];
    if (!isObject(allowed) || !Array.isArray(allowed['tools']))
      throw openaiError("Missing required parameter: 'tool_choice.allowed_tools.tools'.", 'tool_choice', 'missing_required_parameter');
    return;
  }
  const inner = type === 'function' || type === 'custom' ? choice[type] : undefined;
  if (!isObject(inner))
    throw openaiError(
      `Invalid value: '${String(type)}'. Supported values are: 'function', 'custom', and 'allowed_tools'.`,
      'tool_choice.type',
      'invalid_value',
    );
  if (!names.includes(String(inner['name']))) throw openaiError(`Tool choice '${String(inner['name'])}' not found in 'tools' parameter.`, 'tool_choice');
}

export function checkOpenaiFormat(body: JsonObject, messages: readonly unknown[]): void {
  const format = body['response_format'];
  if (format === undefined || format === null) return;
  if (!isObject(format)) throw mustBe('response_format', 'an object', format);
  if (format['type'] === 'text') return;
  if (format['type'] === 'json_object') {
    if (/json/i.test(JSON.stringify(messages))) return;
    throw openaiError("'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.", 'messages');
  }
  if (format['type'] !== 'json_schema') {
    throw openaiError(
      `Invalid value: '${String(format['type'])}'. Supported values are: 'json_object', 'json_schema', and 'text'.`,
      'response_format.type',
      'invalid_value',
    );
  }
  checkSchemaFormat(format['json_schema']);
}

function checkSchemaFormat(format: unknown): void {
  const at = 'response_format.json_schema';
  if (!isObject(format)) throw openaiError(`Missing required parameter: '${at}'.`, at, 'missing_required_parameter');
  onlyKeys(format, ['name', 'description', 'schema', 'strict'], at);
  const { name, schema, strict } = format;
  if (typeof name !== 'string') throw openaiError(`Missing required parameter: '${at}.name'.`, `${at}.name`, 'missing_required_parameter');
  if (!namePattern.test(name))
    throw openaiError(
      `Invalid '${at}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      `${at}.name`,
      'invalid_value',
    );
  if (schema !== undefined && !isObject(schema)) throw mustBe(`${at}.schema`, 'an object', schema);
  if (strict !== true) return;
  const fault =
    isObject(schema) && schema['type'] === 'object' ? strictFault(schema, []) : `schema must be a JSON Schema of 'type: "object"', got 'type: "None"'.`;
  if (fault !== undefined) throw openaiError(`Invalid schema for response_format '${name}': ${fault}`, 'response_format', 'invalid_json_schema');
}
