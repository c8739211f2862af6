import type { StopReason } from '../../core/ir.ts';
import { isObject } from '../../core/json-text.ts';
import {
  beside,
  demand,
  either,
  type Field,
  type Fields,
  flag,
  hint,
  id,
  implied,
  isFalse,
  json,
  jsonLike,
  kept,
  later,
  list,
  number,
  object,
  oneOf,
  opaque,
  reference,
  required,
  type Shape,
  tag,
  text,
  textLike,
  to,
  type Union,
  type Value,
  vendor,
  type VerdictTable,
  whole,
  wholeFrom,
  word,
} from '../../core/verdicts.ts';

/** What becomes of every field of Anthropic's messages: see core/verdicts.ts. */

/** Anthropic's words for why an answer ended; `compaction` is a pause of a beta. */
export const stopReasons: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ['end_turn', 'end'],
  ['stop_sequence', 'stopString'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'contextFull'],
  ['tool_use', 'toolCalls'],
  ['refusal', 'filter'],
  ['pause_turn', 'pause'],
  ['compaction', 'pause'],
]);

export const modes = ['enabled', 'disabled', 'adaptive', 'between_tools'] as const;
export const serviceTiers: readonly string[] = ['standard', 'priority', 'batch'];
export const imageTypes: readonly string[] = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];

export const cacheShape = object({ type: tag('ephemeral'), ttl: to('cache.ttl', word(['5m', '1h'], '1h')) });
const marks: Fields = { cache_control: to('cache', cacheShape) };

export const citeShape = object({ enabled: to('cite', flag) });
const cite: Fields = { citations: to('cite', citeShape) };

/** `{type: direct}` is what a call without a caller means. */
export const isDirect = (value: unknown): boolean => isObject(value) && value['type'] === 'direct';

const imageSources = {
  base64: object({ type: tag('base64'), media_type: required(to('source.mediaType', word(imageTypes))), data: required(to('source', text)) }),
  url: object({
    type: tag('url'),
    url: required(
      to(
        'source',
        textLike((mark) => `https://example.com/${mark}.png`),
      ),
    ),
  }),
  file: object({ type: tag('file'), file_id: required(to('source', text)) }),
};
export const sources = oneOf('type', {
  ...imageSources,
  base64: object({ type: tag('base64'), media_type: required(to('source.mediaType', word(['application/pdf']))), data: required(to('source', text)) }),
  text: object({ type: tag('text'), media_type: required(implied(word(['text/plain']))), data: required(to('source', text)) }),
  content: object({
    type: tag('content'),
    content: required(
      to(
        'source',
        either(
          text,
          later(() => list(pick('text', 'image'))),
        ),
      ),
    ),
  }),
});

const textShape = object({
  type: tag('text'),
  text: required(to('text', text)),
  citations: to(
    'citations',
    list(jsonLike((mark) => ({ type: 'char_location', cited_text: mark, document_index: 0, document_title: null, start_char_index: 0, end_char_index: 1 }))),
  ),
  ...marks,
});

/** What only Anthropic understands. What merely changes when a tool is shown is a hint; the rest is part of the conversation. */
const foreign = (type: string, fields: Fields = {}): Shape => opaque('demand', { type: tag(type), ...fields });
const serverResult = (type: string): Shape => foreign(type, { tool_use_id: kept(text), content: kept(json) });
const opaqueBlocks = {
  server_tool_use: foreign('server_tool_use', { id: kept(text), name: kept(text), input: kept(json) }),
  web_search_tool_result: serverResult('web_search_tool_result'),
  web_fetch_tool_result: serverResult('web_fetch_tool_result'),
  advisor_tool_result: serverResult('advisor_tool_result'),
  code_execution_tool_result: serverResult('code_execution_tool_result'),
  bash_code_execution_tool_result: serverResult('bash_code_execution_tool_result'),
  text_editor_code_execution_tool_result: serverResult('text_editor_code_execution_tool_result'),
  tool_search_tool_result: serverResult('tool_search_tool_result'),
  mcp_tool_use: foreign('mcp_tool_use', { id: kept(text), name: kept(text), server_name: kept(text), input: kept(json) }),
  mcp_tool_result: serverResult('mcp_tool_result'),
  mcp_tool_listing: foreign('mcp_tool_listing', { server_name: kept(text) }),
  container_upload: foreign('container_upload', { file_id: kept(text) }),
  compaction: foreign('compaction', { content: kept(text) }),
  fallback: opaque('hint', { type: tag('fallback'), from: kept(json), to: kept(json) }),
};

/** The content of messages, tool results and documents. */
export const blocks: Union = oneOf('type', {
  text: textShape,
  image: object({
    type: tag('image'),
    source: required(to('source', oneOf('type', imageSources))),
    transformations: hint(
      'image transformations are Anthropic’s',
      jsonLike(() => ({ oversized_image: 'error' })),
    ),
    ...marks,
  }),
  document: object({
    type: tag('document'),
    source: required(to('source', sources)),
    title: to('title', text),
    context: to('context', text),
    ...cite,
    ...marks,
  }),
  search_result: object({
    type: tag('search_result'),
    title: required(to('title', text)),
    source: required(
      to(
        'source',
        textLike((mark) => `https://example.com/${mark}`),
      ),
    ),
    content: required(to('content', list(oneOf('type', { text: textShape })))),
    ...cite,
    ...marks,
  }),
  thinking: object({ type: tag('thinking'), thinking: required(to('text', text)), signature: required(to('signature', text)) }),
  redacted_thinking: object({ type: tag('redacted_thinking'), data: required(to('redacted', text)) }),
  tool_use: object({
    type: tag('tool_use'),
    id: required(
      to(
        'id',
        id('call', (mark) => `toolu_${mark}`),
      ),
    ),
    name: required(to('name', text)),
    input: required(to('arguments', json)),
    caller: hint(
      'which party called a tool has no place',
      jsonLike((mark) => ({ type: 'code_execution_20260120', tool_id: mark })),
      isDirect,
    ),
    toolset_name: hint('toolsets are Anthropic’s', text),
    ...marks,
  }),
  tool_result: object({
    type: tag('tool_result'),
    tool_use_id: required(to('callId', reference('call'))),
    content: to(
      'content',
      either(
        text,
        later(() => list(pick('text', 'image', 'search_result', 'document', 'tool_reference', 'browser_state'))),
      ),
    ),
    is_error: to('isError', flag),
    toolset_name: hint('toolsets are Anthropic’s', text),
    ...marks,
  }),
  tool_reference: opaque('hint', { type: tag('tool_reference'), tool_name: kept(text) }),
  browser_state: foreign('browser_state', { tabs: kept(json) }),
  tool_addition: foreign('tool_addition', { tool: kept(jsonLike((mark) => ({ type: 'tool_definition', name: mark }))) }),
  tool_removal: foreign('tool_removal', { tool: kept(jsonLike((mark) => ({ type: 'mcp_toolset', mcp_server_name: mark }))) }),
  ...opaqueBlocks,
});

/** The same shapes where only some of them may stand. */
function pick(...types: readonly string[]): Union {
  return { ...blocks, of: new Map([...blocks.of].filter(([type]) => types.includes(type))) };
}

const inUser = ['tool_result', 'text', 'image', 'document', 'search_result', 'container_upload'] as const;
const systemBlocks = pick('text', 'tool_addition', 'tool_removal');
const notInTurns = new Set(['tool_reference', 'browser_state']);
const turnBlocks: Union = { ...blocks, of: new Map([...blocks.of].filter(([type]) => !notInTurns.has(type))) };

export const messages = oneOf('role', {
  user: object({ role: tag('user'), content: required(to('blocks', either(text, list(turnBlocks, inUser)))) }),
  assistant: object({
    role: tag('assistant'),
    content: required(
      to(
        'blocks',
        either(
          text,
          list(
            turnBlocks,
            [...turnBlocks.of.keys()].filter((type) => !inUser.some((user) => user === type)),
          ),
        ),
      ),
    ),
  }),
  system: object({
    role: tag('system'),
    content: to('blocks', either(text, list(systemBlocks))),
    clear_at: hint('when a system message is cleared has no place', word(['next_user_message', 'never'])),
    output_config: hint(
      'an effort within the conversation has no place',
      jsonLike(() => ({ effort: 'low' })),
    ),
  }),
});

export const toolShape = object({
  type: kept(word(['custom'])),
  name: required(to('name', text)),
  description: to('description', text),
  input_schema: required(
    to(
      'schema',
      jsonLike((mark) => ({ type: 'object', description: mark })),
    ),
  ),
  strict: to('strict', flag),
  allowed_callers: hint(
    'calls from code are made by Anthropic',
    jsonLike(() => ['code_execution_20260120']),
  ),
  defer_loading: hint('tools are loaded late by Anthropic alone', { ...flag, sample: false }, isFalse),
  eager_input_streaming: hint('how finely arguments stream is the provider’s matter', flag),
  input_examples: hint(
    'there is no place for examples of a tool’s input',
    jsonLike((mark) => [{ note: mark }]),
  ),
  ...marks,
});

const serverTools = [
  'bash_20241022',
  'bash_20250124',
  'code_execution_20250522',
  'code_execution_20250825',
  'code_execution_20260120',
  'code_execution_20260521',
  'browser_toolset_20260801',
  'computer_toolset_20260801',
  'computer_20241022',
  'computer_20250124',
  'computer_20251124',
  'memory_20250818',
  'text_editor_20241022',
  'text_editor_20250124',
  'text_editor_20250429',
  'text_editor_20250728',
  'web_search_20250305',
  'web_search_20260209',
  'web_search_20260318',
  'web_fetch_20250910',
  'web_fetch_20260209',
  'web_fetch_20260309',
  'web_fetch_20260318',
  'advisor_20260301',
  'mcp_toolset',
  'tool_search_tool_bm25',
  'tool_search_tool_bm25_20251119',
  'tool_search_tool_regex',
  'tool_search_tool_regex_20251119',
];

/** Tools of the caller's, and those that Anthropic runs or defines: a tool of any type but `custom` is one of these. */
export const tools = oneOf('type', {
  custom: toolShape,
  ...Object.fromEntries(serverTools.map((type) => [type, foreign(type, { name: kept(text) })])),
});

const parallel: Fields = { disable_parallel_tool_use: to('parallelToolCalls', flag) };
const choice = (...words: readonly string[]): Shape => object({ type: tag(...words), ...parallel });
export const choices = oneOf('type', {
  auto: choice('auto'),
  any: choice('any'),
  tool: object({ type: tag('tool'), name: required(to('toolChoice', text)), ...parallel }),
  none: object({ type: tag('none'), disable_parallel_tool_use: vendor(to('parallelToolCalls', flag)) }),
});
/** What a choice of tools may hold, whatever its type. */
export const choiceShape = object({ type: tag('tool'), name: to('toolChoice', text), ...parallel });

const display: Fields = { display: to('reasoning.display', word(['summarized', 'omitted', 'updates'])) };
const binding: Fields = {
  block_binding: hint(
    'thinking is bound to its conversation by Anthropic',
    jsonLike(() => ({ mode: 'strict' })),
  ),
};
const budget: Fields = { budget_tokens: to('reasoning.budget', wholeFrom(1024, 1500)) };
export const thinkings = oneOf('type', {
  enabled: object({ type: required(to('reasoning.mode', word(['enabled']))), ...budget, ...display, ...binding }),
  adaptive: object({ type: required(to('reasoning.mode', word(['adaptive']))), ...display, ...binding }),
  between_tools: object({ type: required(to('reasoning.mode', word(['between_tools']))) }),
  disabled: object({ type: required(to('reasoning.mode', word(['disabled']))) }),
});
/** What a way of thinking may hold, whatever its type. */
export const thinkingShape = object({ type: required(to('reasoning.mode', word(modes))), ...budget, ...display, ...binding });

export const formatShape = object({
  type: tag('json_schema'),
  schema: required(
    to(
      'schema',
      jsonLike((mark) => ({ type: 'object', description: mark })),
    ),
  ),
});
export const configShape = object({
  effort: to('reasoning.effort', word(['low', 'medium', 'high', 'xhigh', 'max'])),
  format: to('responseFormat', formatShape),
  task_budget: hint(
    'a budget for the whole task is kept by Anthropic',
    jsonLike(() => ({ type: 'tokens', total: 20_000 })),
  ),
});

export const metadataShape = object({ user_id: to('endUser', text) });

export const request = object({
  model: required(to('model', text)),
  max_tokens: required(to('maxTokens', wholeFrom(2048, 8000))),
  messages: required(to('messages', list(messages, ['user', 'assistant', 'user', 'system']))),
  system: to('system', either(text, list(oneOf('type', { text: textShape })))),
  stream: to('stream', flag),
  stop_sequences: to('stop', list(text)),
  temperature: vendor(to('temperature', number(0, 1))),
  top_p: vendor(to('topP', number(0, 1))),
  top_k: vendor(to('topK', wholeFrom(1, 500))),
  tools: to('tools', list(tools)),
  tool_choice: beside(to('toolChoice', choices), 'tools'),
  thinking: to('reasoning', thinkings),
  output_config: to('outputConfig', configShape),
  output_format: to('responseFormat', formatShape),
  metadata: to('metadata', metadataShape),
  service_tier: to('serviceTier', word(['auto', 'standard_only'], 'standard_only')),
  ...marks,
  betas: hint(
    'betas are a header of this dialect alone',
    jsonLike((mark) => [mark]),
  ),
  billing_policy: hint('it names accounts at Anthropic', json),
  compaction: demand('the answer would be a summary that only Anthropic makes', json),
  container: demand('a code-execution container lives at Anthropic', text),
  context_management: hint('edits of the context are made by Anthropic', json),
  diagnostics: hint(
    'cache diagnostics are made by Anthropic',
    jsonLike((mark) => ({ previous_message_id: mark })),
  ),
  fallback_credit_token: hint('it is credit at Anthropic', text),
  fallbacks: hint(
    'fallback models are run by Anthropic',
    jsonLike((mark) => [{ model: mark }]),
  ),
  inference_geo: demand('where inference runs is a promise that only Anthropic can keep', text),
  mcp_servers: demand(
    'MCP servers are called by Anthropic',
    jsonLike((mark) => [{ type: 'url', name: mark, url: 'https://example.com' }]),
  ),
  speed: hint('no other provider has this speed mode', word(['fast', 'standard'])),
  thread: demand(
    'a message thread is kept by Anthropic',
    jsonLike((mark) => ({ type: 'continue', id: mark })),
  ),
  user_profile_id: hint('user profiles are kept by Anthropic', text),
  workspace_id: hint('workspaces exist at Anthropic', text),
});

// Answers.

const tokens = wholeFrom(0, 9999);
const counted = (name: string, value: Value = tokens): Field => required(to(`usage.${name}`, value));
/** Kept with the provider's own usage object, for callers of this dialect and the record. */
const asCame = (value: Field['value']): Field => required(kept(value));

const deltaUsage: Fields = {
  input_tokens: counted('input', wholeFrom(100_000, 1e6)),
  output_tokens: counted('output', wholeFrom(100_000, 1e6)),
  cache_creation_input_tokens: counted('cacheWrite'),
  cache_read_input_tokens: counted('cacheRead'),
  output_tokens_details: required(to('usage', object({ thinking_tokens: counted('reasoning') }))),
  server_tool_use: asCame(jsonLike(() => ({ web_search_requests: 1, web_fetch_requests: 2 }))),
  fallback_credit: asCame(json),
  iterations: asCame(json),
};
export const usage = object({
  ...deltaUsage,
  cache_creation: required(to('usage', object({ ephemeral_5m_input_tokens: counted('cacheWriteTtl'), ephemeral_1h_input_tokens: counted('cacheWriteTtl') }))),
  inference_geo: asCame(text),
  service_tier: required(to('serviceTier', word(serviceTiers, 'priority'))),
  speed: asCame(word(['standard', 'fast'])),
});

export const answerBlocks = oneOf('type', {
  text: object({
    type: tag('text'),
    text: required(to('text', text)),
    citations: required(
      to(
        'citations',
        list(jsonLike((mark) => ({ type: 'web_search_result_location', cited_text: mark, url: 'https://example.com', title: 't', encrypted_index: 'x' }))),
      ),
    ),
  }),
  thinking: object({ type: tag('thinking'), thinking: required(to('text', text)), signature: required(to('signature', text)) }),
  redacted_thinking: object({ type: tag('redacted_thinking'), data: required(to('redacted', text)) }),
  tool_use: object({
    type: tag('tool_use'),
    id: required(
      to(
        'id',
        textLike((mark) => `toolu_${mark}`),
      ),
    ),
    name: required(to('name', text)),
    input: required(to('arguments', json)),
    caller: required(
      hint(
        undefined,
        jsonLike((mark) => ({ type: 'code_execution_20260120', tool_id: mark })),
        isDirect,
      ),
    ),
    toolset_name: hint(undefined, text),
  }),
  ...Object.fromEntries(Object.entries(opaqueBlocks).map(([type, shape]) => [type, { ...shape, opaque: { loss: 'hint' as const } }])),
});

const stops: Fields = {
  stop_reason: required(to('finish', word(stopReasons.keys(), 'refusal'))),
  stop_sequence: required(to('finish.stopString', text)),
  stop_details: required(
    to(
      'finish.details',
      jsonLike((mark) => ({ type: 'refusal', category: null, explanation: mark })),
    ),
  ),
};

/** Fields that a stream tells only at its end. */
const late: Fields = {
  container: required(hint(undefined, json)),
  context_management: hint(undefined, json),
  input_transformations: hint(
    undefined,
    jsonLike((mark) => [{ type: mark }]),
  ),
};
export const lateFields: readonly string[] = Object.keys(late);

export const reply = object({
  // An answer has an id of its own in every format.
  id: required(implied(textLike((mark) => `msg_${mark}`))),
  type: tag('message'),
  role: tag('assistant'),
  model: required(to('model', text)),
  content: required(to('blocks', list(answerBlocks))),
  ...stops,
  usage: required(to('usage', usage)),
  diagnostics: required(hint(undefined, json)),
  ...late,
});

const deltas = oneOf('type', {
  text_delta: object({ type: tag('text_delta'), text: required(to('text', text)) }),
  input_json_delta: object({ type: tag('input_json_delta'), partial_json: required(to('arguments', text)) }),
  thinking_delta: object({ type: tag('thinking_delta'), thinking: required(to('text', text)), estimated_tokens: implied(whole) }),
  signature_delta: object({ type: tag('signature_delta'), signature: required(to('signature', text)) }),
  citations_delta: object({ type: tag('citations_delta'), citation: required(to('citations', json)) }),
  compaction_delta: opaque('hint', { type: tag('compaction_delta'), content: kept(text) }),
});

const index: Fields = { index: required(implied(whole)) };

export const events = oneOf('type', {
  message_start: object({ type: tag('message_start'), message: required(to('start', reply)) }),
  content_block_start: object({ type: tag('content_block_start'), content_block: required(to('open', answerBlocks)), ...index }),
  content_block_delta: object({ type: tag('content_block_delta'), delta: required(to('delta', deltas)), ...index }),
  content_block_stop: object({ type: tag('content_block_stop'), ...index }),
  message_delta: object({
    type: tag('message_delta'),
    delta: required(to('finish', object({ ...stops, container: required(hint(undefined, json)) }))),
    usage: required(to('usage', object(deltaUsage))),
    context_management: hint(undefined, json),
    input_transformations: hint(
      undefined,
      jsonLike((mark) => [{ type: mark }]),
    ),
  }),
  message_stop: object({ type: tag('message_stop') }),
  ping: vendor(object({ type: tag('ping') })),
});

const stable = 'resources/messages/messages.d.ts';
const beta = 'resources/beta/messages/messages.d.ts';

export const verdicts: VerdictTable = {
  official: {
    package: '@anthropic-ai/sdk',
    request: [`${stable}#MessageCreateParams`, `${beta}#MessageCreateParams`],
    reply: [`${stable}#Message`, `${beta}#BetaMessage`],
    event: [`${stable}#RawMessageStreamEvent`, `${beta}#BetaRawMessageStreamEvent`],
  },
  request,
  reply,
  event: events,
};
