import { isBase64 } from './mock-count.ts';
import { isObject, type JsonObject } from '../core/json-text.ts';
import { anthropicError, extraInput, missing } from './mock-anthropic-error.ts';
import { signatureOf } from './mock-signature.ts';

const keys: { readonly [type: string]: readonly string[] } = {
  text: ['text', 'cache_control', 'citations'],
  image: ['source', 'cache_control', 'transformations'],
  document: ['source', 'cache_control', 'citations', 'context', 'title'],
  search_result: ['content', 'source', 'title', 'cache_control', 'citations'],
  thinking: ['thinking', 'signature'],
  redacted_thinking: ['data'],
  tool_use: ['id', 'name', 'input', 'cache_control', 'caller', 'toolset_name'],
  tool_result: ['tool_use_id', 'content', 'is_error', 'cache_control', 'toolset_name'],
  tool_reference: ['tool_name', 'cache_control'],
};

const rolesOf: { readonly [type: string]: readonly string[] } = {
  text: ['user', 'assistant', 'system', 'tool_result'],
  image: ['user', 'tool_result'],
  document: ['user', 'tool_result'],
  search_result: ['user', 'tool_result'],
  thinking: ['assistant'],
  redacted_thinking: ['assistant'],
  tool_use: ['assistant'],
  tool_result: ['user'],
  tool_reference: ['tool_result'],
};

/** `seen` holds the tool-use ids so far; `role` is `tool_result` inside one. */
type Place = { readonly role: string; readonly at: string; readonly seen: Set<string> };

export function checkBlock(block: unknown, { role, at, seen }: Place): void {
  if (!isObject(block)) throw anthropicError(`${at}: Input should be a valid dictionary or object to extract fields from`);
  const type = block['type'];
  if (typeof type !== 'string') throw anthropicError(`${at}.type: Field required`);
  // Blocks of Anthropic's own tools are checked by nobody but Anthropic.
  if (/^(?:server_tool_use|container_upload|compaction|.*_tool_result)$/.test(type)) return;
  const allowed = rolesOf[type];
  if (allowed === undefined || !allowed.includes(role)) {
    const tags = Object.keys(rolesOf).filter((name) => rolesOf[name]?.includes(role));
    throw anthropicError(`${at}: Input tag '${type}' found using 'type' does not match any of the expected tags: ${tags.map((tag) => `'${tag}'`).join(', ')}`);
  }
  const place = `${at}.${type}`;
  const extra = Object.keys(block).find((key) => key !== 'type' && keys[type]?.includes(key) !== true);
  if (extra !== undefined) throw extraInput(`${place}.${extra}`);
  checkKind(type, block, { role: place, at, seen });
}

function checkKind(type: string, block: JsonObject, { role: place, at, seen }: Place): void {
  switch (type) {
    case 'text':
      return checkText(block, place);
    case 'image':
      return checkSource(block['source'], 'image', `${place}.source`);
    case 'document':
      return checkSource(block['source'], 'document', `${place}.source`);
    case 'thinking':
      return checkThinkingBlock(block, at);
    case 'redacted_thinking':
      if (typeof block['data'] !== 'string' || block['data'] === '') throw anthropicError(`${at}: Invalid \`data\` in \`redacted_thinking\` block`);
      return;
    case 'tool_use':
      return checkCall(block, { role: place, at, seen });
    case 'tool_result':
      return checkResult(block, { role: place, at, seen });
    default:
      return;
  }
}

export function checkTextBlocks(blocks: readonly unknown[], at: string): void {
  blocks.forEach((block, index) => checkBlock(block, { role: 'system', at: `${at}.${index}`, seen: new Set() }));
}

function checkText(block: JsonObject, place: string): void {
  const { text } = block;
  if (typeof text !== 'string') throw missing(`${place}.text`, text, 'string');
  if (text === '') throw anthropicError('messages: text content blocks must be non-empty');
  if (text.trim() === '') throw anthropicError('messages: text content blocks must contain non-whitespace text');
}

function checkThinkingBlock(block: JsonObject, at: string): void {
  if (typeof block['thinking'] !== 'string') throw missing(`${at}.thinking.thinking`, block['thinking'], 'string');
  if (typeof block['signature'] !== 'string') throw missing(`${at}.thinking.signature`, block['signature'], 'string');
  if (block['signature'] !== signatureOf(block['thinking'])) throw anthropicError(`${at}: Invalid \`signature\` in \`thinking\` block`);
}

const idPattern = /^[a-zA-Z0-9_-]+$/;

function checkCall(block: JsonObject, { role: place, at, seen }: Place): void {
  const { id, name, input } = block;
  if (typeof id !== 'string') throw missing(`${place}.id`, id, 'string');
  if (!idPattern.test(id)) throw anthropicError(`${place}.id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
  if (seen.has(id)) throw anthropicError(`${at}: \`tool_use\` ids must be unique`);
  seen.add(id);
  if (typeof name !== 'string' || !/^[a-zA-Z0-9_-]{1,200}$/.test(name))
    throw anthropicError(`${place}.name: String should match pattern '^[a-zA-Z0-9_-]{1,200}$'`);
  if (!isObject(input)) throw missing(`${place}.input`, input, 'dictionary');
}

function checkResult(block: JsonObject, { role: place, seen }: Place): void {
  if (typeof block['tool_use_id'] !== 'string') throw missing(`${place}.tool_use_id`, block['tool_use_id'], 'string');
  if (!idPattern.test(block['tool_use_id'])) throw anthropicError(`${place}.tool_use_id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
  if (block['is_error'] !== undefined && typeof block['is_error'] !== 'boolean') throw anthropicError(`${place}.is_error: Input should be a valid boolean`);
  const { content } = block;
  if (block['is_error'] === true && (content === undefined || content === '' || (Array.isArray(content) && content.length === 0))) {
    throw anthropicError(`${place}: content cannot be empty if \`is_error\` is true`);
  }
  if (content === undefined || typeof content === 'string') return;
  if (!Array.isArray(content)) throw anthropicError(`${place}.content: Input should be a valid list`);
  content.forEach((inner: unknown, index) => checkBlock(inner, { role: 'tool_result', at: `${place}.content.${index}`, seen }));
}

const imageTypes = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];

function checkSource(source: unknown, kind: 'image' | 'document', at: string): void {
  if (!isObject(source)) throw missing(at, source, 'dictionary');
  const { type } = source;
  const tags = kind === 'image' ? ['base64', 'url', 'file'] : ['base64', 'text', 'content', 'url', 'file'];
  if (!tags.includes(String(type))) {
    throw anthropicError(
      `${at}: Input tag '${String(type)}' found using 'type' does not match any of the expected tags: ${tags.map((tag) => `'${tag}'`).join(', ')}`,
    );
  }
  if (type === 'url' && !/^https?:\/\//.test(String(source['url']))) throw anthropicError(`${at}.url.url: Only HTTP(S) URLs are supported.`);
  if (type === 'file' && typeof source['file_id'] !== 'string') throw missing(`${at}.file.file_id`, source['file_id'], 'string');
  if (type === 'text' && (source['media_type'] !== 'text/plain' || typeof source['data'] !== 'string'))
    throw anthropicError(`${at}.text.media_type: Input should be 'text/plain'`);
  if (type !== 'base64') return;
  const known = kind === 'image' ? imageTypes : ['application/pdf'];
  if (!known.includes(String(source['media_type'])))
    throw anthropicError(`${at}.base64.media_type: Input should be ${known.map((name) => `'${name}'`).join(', ')}`);
  const data = source['data'];
  if (typeof data !== 'string' || data === '' || !isBase64(data)) throw anthropicError(`${at}.base64: invalid base64 data`);
}
