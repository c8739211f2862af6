import {
  beside,
  common,
  contract,
  demand,
  either,
  flag,
  hint,
  isFalse,
  json,
  jsonLike,
  kept,
  list,
  number,
  object,
  oneOf,
  opaque,
  required,
  type Shape,
  tag,
  text,
  to,
  type Union,
  vendor,
  wholeFrom,
  word,
} from '../../core/verdicts.ts';
import { isObject } from '../../core/json-text.ts';
import { inputItems, inputSample } from './verdicts-items.ts';
import { tools } from './verdicts-tools.ts';

/** What becomes of every field of a request: see core/verdicts.ts. */

export const serviceTiers: readonly string[] = ['auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast'];

export const wireEfforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

/** What is asked for with `include`: the state of the model's thinking is there in any answer, the rest belongs to tools that OpenAI runs. */
export const stateInclude = 'reasoning.encrypted_content';
export const logprobsInclude = 'message.output_text.logprobs';
const includables: readonly string[] = [
  logprobsInclude,
  stateInclude,
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'message.input_image.image_url',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
];

const schemaFormat = object({
  type: tag('json_schema'),
  name: required(to('schemaName', text)),
  description: to('schemaDescription', text),
  schema: required(
    to(
      'schema',
      jsonLike((mark) => ({ type: 'object', description: mark })),
    ),
  ),
  strict: to('schemaStrict', flag),
});
export const formats: Union = oneOf('type', {
  text: object({ type: tag('text') }),
  json_object: object({ type: tag('json_object') }),
  json_schema: schemaFormat,
});

export const textShape = object({
  format: contract(to('responseFormat', formats)),
  verbosity: common('verbosity', hint('there is no verbosity setting', word(['low', 'medium', 'high']))),
});

const summaries = word(['auto', 'concise', 'detailed']);
export const reasoningShape = object({
  effort: to('reasoning.effort', word(wireEfforts, 'low')),
  summary: to('reasoning.display', summaries),
  generate_summary: to('reasoning.display', summaries),
  context: hint('which thinking is shown to the model again is left to the provider', word(['current_turn', 'all_turns', 'auto']), (value) => value === 'auto'),
  mode: hint('there is no such mode of thinking', word(['pro', 'standard']), (value) => value === 'standard'),
});

const named = (type: string): Shape => object({ type: tag(type), name: required(to('name', text)) });
/** A choice of a tool that OpenAI runs is for OpenAI alone. */
const hostedChoices = Object.fromEntries(
  [
    'file_search',
    'web_search_preview',
    'web_search_preview_2025_03_11',
    'computer',
    'computer_use_preview',
    'computer_use',
    'image_generation',
    'code_interpreter',
    'mcp',
    'apply_patch',
    'shell',
    'programmatic_tool_calling',
  ].map((type) => [type, opaque('demand', { type: tag(type), name: kept(text) })] as const),
);
export const choices: Union = oneOf('type', {
  function: named('function'),
  custom: named('custom'),
  allowed_tools: object({
    type: tag('allowed_tools'),
    mode: required(to('mode', word(['auto', 'required']))),
    tools: required(
      to(
        'names',
        jsonLike((_, refer) => [{ type: 'function', name: refer('tool') }]),
      ),
    ),
  }),
  ...hostedChoices,
});

export const streamOptions = object({ include_obfuscation: common('include_obfuscation', hint(undefined, flag)) });

/** Fields of the top level that OpenAI's other format has too. */
export const sharedFields = ['metadata', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'store', 'user'] as const;

/** Of the options of prompt caching chat completions have these two alone, and only one time to live. */
function areOfBoth(options: unknown): boolean {
  return isObject(options) && Object.entries(options).every(([key, value]) => key === 'mode' || (key === 'ttl' && value === '30m'));
}

export const request = object({
  // OpenAI's types let a prompt template name it; a gateway cannot do without.
  model: required(to('model', text)),
  instructions: to('blocks', text),
  // Only what a provider keeps could stand for it.
  input: required(to('messages', either(text, list(inputItems, inputSample)))),
  max_output_tokens: to('maxTokens', wholeFrom(2048, 8000)),
  temperature: to('temperature', number(0, 2)),
  top_p: to('topP', number(0, 1)),
  stream: to('stream', flag),
  stream_options: to('streamOptions', streamOptions),
  tools: contract(to('tools', list(tools))),
  tool_choice: contract(beside(to('toolChoice', either(word(['none', 'auto', 'required'], 'required'), choices)), 'tools')),
  parallel_tool_calls: beside(to('parallelToolCalls', { ...flag, sample: false }), 'tools'),
  text: to('responseFormat', textShape),
  reasoning: to('reasoning', reasoningShape),
  include: to('include', list(word(includables))),
  user: to('endUser', text),
  safety_identifier: to('endUser', text),
  service_tier: to('serviceTier', word(serviceTiers, 'flex')),
  top_logprobs: common(
    'top_logprobs',
    demand('log probabilities are not given there', wholeFrom(1, 20), (value) => value === 0),
  ),
  max_tool_calls: demand('how many tools are called cannot be limited there', wholeFrom(1, 20)),
  truncation: demand('a conversation that is too long is never cut silently', word(['auto', 'disabled']), (value) => value === 'disabled'),
  context_management: demand('the conversation is compacted by OpenAI alone', list(json)),
  moderation: demand(
    'moderation results are made by OpenAI alone',
    jsonLike((mark) => ({ model: mark })),
  ),
  previous_response_id: demand('earlier answers are kept by a gateway with a store, or by their provider', text),
  conversation: demand('conversations are kept by a gateway with a store, or by their provider', text),
  prompt: demand('prompt templates are kept by OpenAI alone', json),
  background: demand('there are no answers in the background', flag, isFalse),
  store: common('store', hint('answers are stored by OpenAI alone', flag, isFalse)),
  metadata: common('metadata', hint('metadata is kept by OpenAI alone', json)),
  prompt_cache_key: common('prompt_cache_key', hint('there is no key for prompt caching', text)),
  prompt_cache_options: common(
    'prompt_cache_options',
    hint(
      'prompt caching is not steered by this field',
      jsonLike(() => ({ mode: 'explicit', ttl: '30m' })),
    ),
    areOfBoth,
  ),
  prompt_cache_retention: common('prompt_cache_retention', hint('prompt caching is not steered by this field', word(['in_memory', '24h']))),
  access_programs: hint('access programs are of OpenAI alone', json),
  image: hint('how images are compressed is left to the provider', json),
  /** Codex. */
  client_metadata: vendor(hint('what a client tells the makers of its provider is for them alone', json)),
});
