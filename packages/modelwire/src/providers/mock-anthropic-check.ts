import { isObject, type JsonObject } from '../core/json-text.ts';
import { anthropicError, checkCacheMarks, extraInput, missing } from './mock-anthropic-error.ts';
import { checkBlock, checkTextBlocks } from './mock-anthropic-blocks-check.ts';
import { objectsAt } from './mock-view.ts';
import type { MockRules } from './mock-wire.ts';

/** Every field that the messages endpoint documents, beta ones included. Another one is refused there, and here; `x_…` passes for tests. */
const fields = new Set(
  (
    'max_tokens messages model cache_control container context_management diagnostics fallbacks inference_geo mcp_servers metadata output_config ' +
    'service_tier speed stop_sequences stream system temperature thinking thread tool_choice tools top_k top_p user_profile_id workspace_id'
  ).split(' '),
);

/** Refuses what Anthropic refuses, in its words. */
export function checkAnthropicRequest(body: JsonObject, { lenient }: Pick<MockRules, 'lenient'>): void {
  if (typeof body['model'] !== 'string') throw missing('model', body['model'], 'string');
  checkLimit(body['max_tokens']);
  checkAnthropicPrompt(body, { lenient });
  if (body['stream'] !== undefined && typeof body['stream'] !== 'boolean') throw anthropicError('stream: Input should be a valid boolean');
  checkThinking(body);
}

/** What a token count checks too: everything but the fields of the answer. */
export function checkAnthropicPrompt(body: JsonObject, { lenient }: Pick<MockRules, 'lenient'>): void {
  if (typeof body['model'] !== 'string') throw missing('model', body['model'], 'string');
  const extra = Object.keys(body).find((key) => !lenient && !fields.has(key) && !key.startsWith('x_'));
  if (extra !== undefined) throw extraInput(extra);
  if (body['thread'] !== undefined) throw threadRefused();
  checkSampling(body);
  checkSystem(body['system']);
  checkMessages(body['messages']);
  checkTools(body);
  checkCacheMarks(body);
}

function threadRefused(): Error {
  return anthropicError('thread: not supported with this model', { error_code: 'thread_unsupported_request', unsupported: [] });
}

function checkLimit(value: unknown): void {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw missing('max_tokens', value, 'integer');
  if (value < 1) throw anthropicError('max_tokens: Input should be greater than or equal to 1');
}

const ranges: { readonly [field: string]: readonly [number, number] } = { temperature: [0, 1], top_p: [0, 1], top_k: [0, Infinity] };

function checkSampling(body: JsonObject): void {
  for (const [field, [least, most]] of Object.entries(ranges)) {
    const value = body[field];
    if (value === undefined) continue;
    if (typeof value !== 'number') throw anthropicError(`${field}: Input should be a valid number`);
    if (value < least || value > most) throw anthropicError(`${field}: range: ${least}..${most}`);
  }
  const stops = body['stop_sequences'];
  if (stops === undefined) return;
  if (!Array.isArray(stops)) throw anthropicError('stop_sequences: Input should be a valid list');
  for (const stop of stops) {
    if (typeof stop !== 'string' || stop.trim() === '') throw anthropicError('stop_sequences: each stop sequence must contain non-whitespace');
  }
}

function checkSystem(system: unknown): void {
  if (system === undefined || typeof system === 'string') return;
  if (!Array.isArray(system)) throw anthropicError('system: Input should be a valid list');
  checkTextBlocks(system, 'system');
}

function checkMessages(messages: unknown): void {
  if (!Array.isArray(messages)) throw missing('messages', messages, 'list');
  if (messages.length === 0) throw anthropicError('messages: at least one message is required');
  const seen = new Set<string>();
  let before: JsonObject | undefined;
  let lastRole = '';
  messages.forEach((message: unknown, index) => {
    const at = `messages.${index}`;
    if (!isObject(message)) throw anthropicError(`${at}: Input should be a valid dictionary or object to extract fields from`);
    checkMessage(message, { at, last: index === messages.length - 1, seen });
    const role = String(message['role']);
    if (role === 'system' && before === undefined)
      throw anthropicError('messages.0.role: a system message may not come first; use the top-level system parameter');
    if (role !== 'system') checkTurn(role, lastRole);
    checkResults(message, before, index);
    lastRole = role === 'system' ? lastRole : role;
    before = role === 'system' ? before : message;
  });
  checkResults({}, before, messages.length);
}

function checkTurn(role: string, before: string): void {
  if (before === '' && role !== 'user') throw anthropicError('messages: first message must use the "user" role');
  if (before === role) throw anthropicError(`messages: roles must alternate between "user" and "assistant", but found multiple "${role}" roles in a row`);
}

type Place = { readonly at: string; readonly last: boolean; readonly seen: Set<string> };

function checkMessage(message: JsonObject, { at, last, seen }: Place): void {
  const { role, content } = message;
  if (role !== 'user' && role !== 'assistant' && role !== 'system') throw anthropicError(`${at}.role: Input should be 'user', 'assistant' or 'system'`);
  const extra = Object.keys(message).find((key) => key !== 'role' && key !== 'content');
  if (extra !== undefined) throw extraInput(`${at}.${extra}`);
  if (content === undefined) throw anthropicError(`${at}.content: Field required`);
  if (typeof content !== 'string' && !Array.isArray(content)) throw anthropicError(`${at}.content: Input should be a valid list`);
  if (content.length === 0 && !(last && role === 'assistant'))
    throw anthropicError(`${at}: all messages must have non-empty content except for the optional final assistant message`);
  if (typeof content === 'string') {
    if (content.trim() === '' && content !== '') throw anthropicError('messages: text content blocks must contain non-whitespace text');
  } else content.forEach((block: unknown, index) => checkBlock(block, { role, at: `${at}.content.${index}`, seen }));
  if (last && role === 'assistant' && /\s$/.test(lastText(content)))
    throw anthropicError('messages: final assistant content cannot end with trailing whitespace');
}

function lastText(content: string | readonly unknown[]): string {
  if (typeof content === 'string') return content;
  const block = content.at(-1);
  return isObject(block) && typeof block['text'] === 'string' ? block['text'] : '';
}

/** Every call of the message before is answered at the start of this one, and nothing else is. */
function checkResults(message: JsonObject, before: JsonObject | undefined, index: number): void {
  if (message['role'] === 'system') return;
  const calls = before === undefined || before['role'] !== 'assistant' ? [] : objectsAt(before, 'content').filter((block) => block['type'] === 'tool_use');
  const open = new Set(calls.map((call) => String(call['id'])));
  const blocks = objectsAt(message, 'content');
  const leading = blocks.findIndex((block) => block['type'] !== 'tool_result');
  blocks.forEach((block, at) => {
    if (block['type'] !== 'tool_result') return;
    const id = String(block['tool_use_id']);
    if (!calls.some((call) => call['id'] === id)) {
      throw anthropicError(
        `messages.${index}.content.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    }
    if (leading === -1 || at < leading) open.delete(id);
  });
  if (open.size === 0) return;
  throw anthropicError(
    `messages.${index - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${[...open].join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  );
}

const toolKeys = [
  'name',
  'description',
  'input_schema',
  'type',
  'strict',
  'cache_control',
  'defer_loading',
  'eager_input_streaming',
  'input_examples',
  'allowed_callers',
];

function checkTools(body: JsonObject): void {
  const tools = body['tools'];
  const choice = body['tool_choice'];
  if (tools === undefined) {
    if (choice !== undefined) throw anthropicError('tool_choice: tool_choice may only be specified while providing tools.');
    return;
  }
  if (!Array.isArray(tools)) throw anthropicError('tools: Input should be a valid list');
  const names = tools.map((tool: unknown, index) => checkTool(tool, `tools.${index}`));
  if (new Set(names).size < names.length) throw anthropicError('tools: Tool names must be unique.');
  checkDeferred(tools.filter(isObject), names, objectsAt(body, 'messages'));
  checkChoice(choice, names);
}

/** https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-search-tool */
function checkDeferred(tools: readonly JsonObject[], names: readonly string[], messages: readonly JsonObject[]): void {
  if (tools.length > 0 && tools.every((tool) => tool['defer_loading'] === true))
    throw anthropicError('At least one tool must have defer_loading=false. All tools cannot be deferred.');
  const found = messages.flatMap((message) => objectsAt(message, 'content')).flatMap((block) => objectsAt(block, 'content'));
  const unknown = found.find((block) => block['type'] === 'tool_reference' && !names.includes(String(block['tool_name'])));
  if (unknown !== undefined) throw anthropicError(`Tool reference '${String(unknown['tool_name'])}' not found in available tools`);
}

function checkTool(tool: unknown, at: string): string {
  if (!isObject(tool)) throw anthropicError(`${at}: Input should be a valid dictionary or object to extract fields from`);
  const { name, type } = tool;
  // A tool of Anthropic's own: dated, and checked by nobody but Anthropic.
  if (typeof type === 'string' && /_\d{8}$/.test(type)) return typeof name === 'string' ? name : type;
  const place = `${at}.custom`;
  if (type !== undefined && type !== null && type !== 'custom')
    throw anthropicError(`${at}: Input tag '${String(type)}' found using 'type' does not match any of the expected tags`);
  const extra = Object.keys(tool).find((key) => !toolKeys.includes(key));
  if (extra !== undefined) throw extraInput(`${place}.${extra}`);
  if (typeof name !== 'string') throw missing(`${place}.name`, name, 'string');
  if (!/^[a-zA-Z0-9_-]{1,128}$/.test(name)) throw anthropicError(`${place}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
  if (tool['description'] !== undefined && typeof tool['description'] !== 'string')
    throw anthropicError(`${place}.description: Input should be a valid string`);
  const schema = tool['input_schema'];
  if (!isObject(schema)) throw missing(`${place}.input_schema`, schema, 'dictionary');
  if (schema['type'] === undefined) throw anthropicError(`${place}.input_schema.type: Field required`);
  if (schema['type'] !== 'object') throw anthropicError(`${place}.input_schema.type: Input should be 'object'`);
  return name;
}

function checkChoice(choice: unknown, names: readonly string[]): void {
  if (choice === undefined) return;
  const type = isObject(choice) ? choice['type'] : undefined;
  if (!isObject(choice) || !['auto', 'any', 'tool', 'none'].includes(String(type))) {
    throw anthropicError(`tool_choice: Input tag '${String(type)}' found using 'type' does not match any of the expected tags: 'auto', 'any', 'tool', 'none'`);
  }
  const known = ['type', ...(type === 'tool' ? ['name'] : []), ...(type === 'none' ? [] : ['disable_parallel_tool_use'])];
  const extra = Object.keys(choice).find((key) => !known.includes(key));
  if (extra !== undefined) throw extraInput(`tool_choice.${String(type)}.${extra}`);
  if (type === 'tool' && !names.includes(String(choice['name'])))
    throw anthropicError(`tool_choice.tool.name: Tool '${String(choice['name'])}' not found in provided tools`);
}

function checkThinking(body: JsonObject): void {
  const { thinking } = body;
  if (thinking === undefined) return;
  const type = isObject(thinking) ? thinking['type'] : undefined;
  if (!isObject(thinking) || !['enabled', 'disabled', 'adaptive', 'between_tools'].includes(String(type))) {
    throw anthropicError(
      `thinking: Input tag '${String(type)}' found using 'type' does not match any of the expected tags: 'enabled', 'disabled', 'between_tools', 'adaptive'`,
    );
  }
  const forced = isObject(body['tool_choice']) && (body['tool_choice']['type'] === 'any' || body['tool_choice']['type'] === 'tool');
  if (type !== 'disabled' && forced) throw anthropicError('Thinking may not be enabled when tool_choice forces tool use.');
  if (type === 'enabled') checkBudget(thinking['budget_tokens'], body);
}

function checkBudget(budget: unknown, body: JsonObject): void {
  if (typeof budget !== 'number' || !Number.isInteger(budget)) throw missing('thinking.enabled.budget_tokens', budget, 'integer');
  if (budget < 1024) throw anthropicError('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024');
  if (budget >= Number(body['max_tokens'])) throw anthropicError('`max_tokens` must be greater than `thinking.budget_tokens`.');
  if (body['temperature'] !== undefined && body['temperature'] !== 1) throw anthropicError('`temperature` may only be set to 1 when thinking is enabled.');
  if (body['top_k'] !== undefined) throw anthropicError('`top_k` must be unset when thinking is enabled.');
  checkThoughtfulTurn(objectsAt(body, 'messages'));
}

/** While a turn with tools goes on, its thinking must be there: the last assistant message that called a tool begins with it. */
function checkThoughtfulTurn(messages: readonly JsonObject[]): void {
  const index = messages.findLastIndex((message) => message['role'] === 'assistant');
  const message = messages[index];
  if (message === undefined) return;
  const blocks = objectsAt(message, 'content');
  const first = String(blocks[0]?.['type']);
  if (!blocks.some((block) => block['type'] === 'tool_use') || first === 'thinking' || first === 'redacted_thinking') return;
  throw anthropicError(
    `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks).`,
  );
}
