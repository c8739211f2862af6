import { GatewayError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json-text.ts';
import { signatureOf } from './mock-signature.ts';
import { objectAt, objectsAt, textAt, textsAt } from './mock-view.ts';
import type { MockRules } from './mock-wire.ts';

const keys = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** Every field that the endpoint documents; `model` and `stream` are what the path said. `x_…` passes for tests. */
const fields = keys(
  'model stream modelId messages system inferenceConfig toolConfig guardrailConfig additionalModelRequestFields promptVariables ' +
    'additionalModelResponseFieldPaths requestMetadata performanceConfig serviceTier outputConfig',
);
const kinds = keys(
  'text image document video audio toolUse toolResult guardContent cachePoint reasoningContent citationsContent searchResult toolAddition toolRemoval',
);
const resultKinds = keys('text json image document video searchResult');
const systemKinds = keys('text guardContent cachePoint');
const imageFormats = keys('png jpeg gif webp');
const documentFormats = keys('pdf csv doc docx xls xlsx html txt md');

function refused(message: string): GatewayError {
  return new GatewayError('invalid_request', message);
}

function checkKeys(object: JsonObject, known: ReadonlySet<string>, at: string): void {
  const extra = Object.keys(object).find((key) => !known.has(key) && !key.startsWith('x_'));
  if (extra !== undefined) throw refused(`${at}: extraneous key [${extra}] is not permitted`);
}

/** Refuses what Bedrock refuses, in its words. */
export function checkBedrockRequest(body: JsonObject, rules: MockRules): void {
  if (!rules.lenient) checkKeys(body, fields, '#');
  const messages = body['messages'];
  if (!Array.isArray(messages) || messages.length === 0) throw refused('messages: at least one message is required');
  const names = new Set<string>();
  messages.forEach((message: unknown, index) => checkMessage(message, index, names));
  for (const block of objectsAt(body, 'system')) kindOf(block, systemKinds, 'system');
  checkConfig(objectAt(body, 'inferenceConfig'));
  const turns = messages.filter(isObject);
  checkTurns(turns);
  checkTools(body, turns);
  if (rules.thinks && isThinkingOn(body)) checkThinking(turns);
  checkOutput(objectAt(body, 'outputConfig'));
}

/** The one member of a union. */
function kindOf(block: JsonObject, known: ReadonlySet<string>, at: string): string {
  const [kind, ...others] = Object.keys(block).filter((key) => !key.startsWith('x_'));
  if (kind === undefined || others.length > 0 || !known.has(kind)) throw refused(`${at}: exactly one of ${[...known].join(', ')} must be set`);
  if (kind === 'text' && textAt(block, 'text').trim() === '')
    throw refused(`The text field in the ContentBlock object at ${at} is blank. Add text to the text field, and try again.`);
  return kind;
}

function checkMessage(message: unknown, index: number, names: Set<string>): void {
  const at = `messages.${index}`;
  if (!isObject(message)) throw refused(`${at}: must be an object`);
  checkKeys(message, keys('role content'), at);
  const { role, content } = message;
  if (role !== 'user' && role !== 'assistant' && role !== 'system') throw refused(`${at}.role: Member must satisfy enum value set: [user, assistant, system]`);
  if (!Array.isArray(content) || content.length === 0)
    throw refused(`The content field in the Message object at ${at} is empty. Add a ContentBlock object to the content field and try again.`);
  content.forEach((block: unknown, place) => checkBlock(block, `${at}.content.${place}`, names));
}

const callId = /^[a-zA-Z0-9_-]{1,64}$/;
const toolName = /^[a-zA-Z0-9_-]{1,64}$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function checkBlock(block: unknown, at: string, names: Set<string>): void {
  if (!isObject(block)) throw refused(`${at}: must be an object`);
  const kind = kindOf(block, kinds, at);
  const inner = objectAt(block, kind);
  if (kind === 'image') checkImage(inner, at);
  if (kind === 'document') checkDocument(inner, at, names);
  if (kind === 'cachePoint' && inner['type'] !== 'default') throw refused(`${at}.cachePoint.type: Member must satisfy enum value set: [default]`);
  if (kind === 'toolUse') {
    if (!callId.test(textAt(inner, 'toolUseId'))) throw refused(`${at}.toolUse.toolUseId: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+`);
    if (!toolName.test(textAt(inner, 'name'))) throw refused(`${at}.toolUse.name: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+`);
    if (!isObject(inner['input']))
      throw refused(`The format of the value at ${at}.toolUse.input is invalid. Provide a json object for the field and try again.`);
  }
  if (kind === 'reasoningContent') checkReasoning(inner, at);
  if (kind !== 'toolResult') return;
  if (!callId.test(textAt(inner, 'toolUseId'))) throw refused(`${at}.toolResult.toolUseId: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+`);
  if (!Array.isArray(inner['content'])) throw refused(`${at}.toolResult.content: Member must not be null`);
  objectsAt(inner, 'content').forEach((item, place) => {
    const where = `${at}.toolResult.content.${place}`;
    const of = kindOf(item, resultKinds, where);
    if (of === 'image') checkImage(objectAt(item, of), where);
    if (of === 'document') checkDocument(objectAt(item, of), where, names);
  });
}

function checkSource(inner: JsonObject, at: string): void {
  const source = objectAt(inner, 'source');
  const { bytes } = source;
  if (bytes !== undefined && (typeof bytes !== 'string' || bytes === '' || !base64.test(bytes))) throw refused(`${at}.source.bytes: must be base64`);
  if (Object.keys(source).length !== 1) throw refused(`${at}.source: exactly one member must be set`);
}

function checkImage(inner: JsonObject, at: string): void {
  if (!imageFormats.has(textAt(inner, 'format'))) throw refused(`${at}.image.format: Member must satisfy enum value set: [png, jpeg, gif, webp]`);
  checkSource(inner, `${at}.image`);
}

function checkDocument(inner: JsonObject, at: string, names: Set<string>): void {
  const name = textAt(inner, 'name');
  if (!/^[\p{L}\p{N}\s\-()[\]]{1,200}$/u.test(name) || /\s\s/.test(name))
    throw refused(
      `The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets. The name can't contain more than one consecutive whitespace character.`,
    );
  if (names.has(name)) throw refused('The document names must be unique. Remove the duplicate names and try again.');
  names.add(name);
  if (inner['format'] !== undefined && !documentFormats.has(textAt(inner, 'format'))) throw refused(`${at}.document.format: unknown format`);
  checkSource(inner, `${at}.document`);
}

/** Thinking goes back as it came, or not at all. */
function checkReasoning(inner: JsonObject, at: string): void {
  const clear = objectAt(inner, 'reasoningText');
  if (inner['redactedContent'] === undefined && clear['signature'] !== signatureOf(textAt(clear, 'text')))
    throw refused(`The model returned the following errors: ${at}: Invalid \`signature\` in \`thinking\` block`);
}

const ranges: { readonly [field: string]: readonly [number, number] } = { temperature: [0, 1], topP: [0, 1], maxTokens: [1, Infinity] };

function checkConfig(config: JsonObject): void {
  checkKeys(config, keys('maxTokens temperature topP stopSequences'), 'inferenceConfig');
  for (const [field, [least, most]] of Object.entries(ranges)) {
    const value = config[field];
    if (value !== undefined && (typeof value !== 'number' || value < least || value > most))
      throw refused(`inferenceConfig.${field}: Member must have value between ${least} and ${most}`);
  }
  if (textsAt(config, 'stopSequences').some((stop) => stop === '')) throw refused('inferenceConfig.stopSequences: Member must have length greater than 0');
}

function blocksOf(message: JsonObject | undefined, kind: string): readonly JsonObject[] {
  return objectsAt(message ?? {}, 'content').flatMap((block) => (isObject(block[kind]) ? [block[kind]] : []));
}

/** User and assistant take turns; the results of a turn's calls come in the next. */
function checkTurns(messages: readonly JsonObject[]): void {
  const turns = messages.filter((message) => message['role'] !== 'system');
  if (turns[0]?.['role'] !== 'user')
    throw refused('A conversation must start with a user message. Try again with a conversation that starts with a user message.');
  turns.forEach((message, index) => {
    const before = turns[index - 1];
    if (before?.['role'] === message['role'])
      throw refused(
        'A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.',
      );
    const results = blocksOf(message, 'toolResult').map((result) => result['toolUseId']);
    const calls = blocksOf(before, 'toolUse').map((call) => call['toolUseId']);
    const missing = calls.filter((id) => !results.includes(id));
    if (missing.length > 0) throw refused(`Expected toolResult blocks at messages.${index}.content for the following Ids: ${missing.join(', ')}`);
    if (results.length > calls.length)
      throw refused(`The number of toolResult blocks at messages.${index}.content exceeds the number of toolUse blocks of previous turn.`);
  });
}

function checkTools(body: JsonObject, turns: readonly JsonObject[]): void {
  const { toolConfig } = body;
  const used = turns.some((message) => blocksOf(message, 'toolUse').length + blocksOf(message, 'toolResult').length > 0);
  if (!isObject(toolConfig)) {
    if (used) throw refused('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
    return;
  }
  const tools = objectsAt(toolConfig, 'tools');
  if (tools.length === 0) throw refused('toolConfig.tools: Member must have length greater than or equal to 1');
  const names = tools.flatMap((tool, index) => {
    if (!isObject(tool['toolSpec'])) return [];
    const name = textAt(tool['toolSpec'], 'name');
    if (!toolName.test(name)) throw refused(`toolConfig.tools.${index}.member.toolSpec.name: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+`);
    if (objectAt(objectAt(tool['toolSpec'], 'inputSchema'), 'json')['type'] !== 'object')
      throw refused(`The value at toolConfig.tools.${index}.toolSpec.inputSchema.json.type must be one of the following: object.`);
    return [name];
  });
  if (new Set(names).size < names.length) throw refused('toolConfig.tools: the tool names must be unique');
  const choice = objectAt(toolConfig, 'toolChoice');
  const [kind, ...others] = Object.keys(choice);
  if (kind !== undefined && (others.length > 0 || !['auto', 'any', 'tool'].includes(kind)))
    throw refused('toolConfig.toolChoice: exactly one of auto, any, tool');
  if (kind === 'tool' && !names.includes(textAt(objectAt(choice, kind), 'name'))) throw refused('toolConfig.toolChoice.tool.name: no such tool');
}

/** As Anthropic's, a model minds what is missing only where it was given a budget to think with. */
function isThinkingOn(body: JsonObject): boolean {
  return objectAt(objectAt(body, 'additionalModelRequestFields'), 'thinking')['type'] === 'enabled';
}

/** Since the last words of the user, a turn with calls begins with its thinking. */
function checkThinking(turns: readonly JsonObject[]): void {
  const last = turns.findLastIndex((message) => message['role'] === 'user' && blocksOf(message, 'toolResult').length === 0);
  for (const message of turns.slice(last + 1)) {
    if (message['role'] !== 'assistant' || blocksOf(message, 'toolUse').length === 0 || blocksOf(message, 'reasoningContent').length > 0) continue;
    throw refused('The model returned the following errors: a final `assistant` message must start with a thinking block when thinking is enabled');
  }
}

function checkOutput(output: JsonObject): void {
  const format = objectAt(output, 'textFormat');
  if (Object.keys(format).length === 0) return;
  const schema = objectAt(objectAt(format, 'structure'), 'jsonSchema')['schema'];
  try {
    if (format['type'] === 'json_schema' && isObject(JSON.parse(String(schema)))) return;
  } catch {
    // Falls through: what is no JSON is no schema.
  }
  throw refused('outputConfig.textFormat.structure.jsonSchema.schema: must be a JSON Schema');
}
