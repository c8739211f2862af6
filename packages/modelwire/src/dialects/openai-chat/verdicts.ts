import type { StopReason } from '../../core/ir.ts';
import { isObject } from '../../core/json-text.ts';
import {
  beside,
  bytes,
  carried,
  choosing,
  common,
  contract,
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
  list,
  lost,
  nullable,
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
  type Value,
  vendor,
  type VerdictTable,
  whole,
  wholeFrom,
  word,
} from '../../core/verdicts.ts';
import { contract as asksNothing } from './contract.ts';
import { thinkingFields } from './wire.ts';

/** What becomes of every field of OpenAI's chat completions: see core/verdicts.ts. */

export const serviceTiers: readonly string[] = ['auto', 'default', 'flex', 'scale', 'priority', 'fast'];

export const wireEfforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

/** OpenAI's words for why an answer ended, and those of vendors. */
export const finishReasons: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ['stop', 'end'],
  ['length', 'length'],
  ['tool_calls', 'toolCalls'],
  ['function_call', 'toolCalls'],
  ['content_filter', 'filter'],
  ['eos', 'end'],
  ['eos_token', 'end'],
  ['end_turn', 'end'],
  ['stop_sequence', 'stopString'],
  ['max_tokens', 'length'],
  ['model_length', 'contextFull'],
  ['model_context_window_exceeded', 'contextFull'],
  ['tool_use', 'toolCalls'],
  ['sensitive', 'filter'],
  ['refusal', 'filter'],
]);

const markFields = ['prompt_cache_breakpoint', 'cache_control'];

/** Below the top, vendors number things: that says nothing which is not said elsewhere. */
const piece = (fields: Fields): Shape => {
  const shape = object({ index: vendor(kept(whole)), ...fields });
  return markFields.every((key) => Object.hasOwn(fields, key)) ? choosing(shape, markFields) : shape;
};

/** Both spellings of a cache mark: OpenAI's, and the one that gateways and OpenRouter took over from Anthropic. Each target of this dialect gets its own. */
const marks: Fields = {
  prompt_cache_breakpoint: to(
    'cache',
    jsonLike(() => ({ mode: 'explicit', ttl: '30m' })),
    isObject,
  ),
  cache_control: vendor(
    to(
      'cache',
      jsonLike(() => ({ type: 'ephemeral', ttl: '1h' })),
      isObject,
    ),
  ),
};
const vendorMarks: Fields = Object.fromEntries(Object.entries(marks).map(([key, field]) => [key, vendor(field)]));

export const imageShape = piece({
  url: required(
    to(
      'source',
      textLike((mark) => `https://example.com/${mark}.png`),
    ),
  ),
  detail: to('detail', word(['auto', 'low', 'high', 'original'], 'low')),
});
export const audioShape = piece({ data: required(to('data', bytes)), format: required(to('format', word(['wav', 'mp3']))) });
export const fileShape = choosing(
  piece({
    file_data: to(
      'source',
      textLike((mark) => `data:application/pdf;base64,${mark}`),
    ),
    file_id: to('source', text),
    filename: to('filename', text),
  }),
  ['file_data', 'file_id'],
);

const textPart = piece({ type: tag('text'), text: required(to('text', text)), ...marks });
const refusalPart = piece({ type: tag('refusal'), refusal: required(to('text', text)), ...vendorMarks });

/** Parts of a message's content. Those that some vendors take besides OpenAI's own can be sent to them alone. */
export const parts = oneOf('type', {
  text: textPart,
  refusal: refusalPart,
  image_url: piece({ type: tag('image_url'), image_url: required(to('image', imageShape)), ...marks }),
  input_audio: piece({ type: tag('input_audio'), input_audio: required(to('audio', audioShape)), ...marks }),
  file: piece({ type: tag('file'), file: required(to('document', fileShape)), ...marks }),
  thinking: vendor(opaque('hint', { type: tag('thinking'), thinking: kept(text) })),
  video_url: vendor(opaque('demand', { type: tag('video_url'), video_url: kept(json) })),
  document_url: vendor(opaque('demand', { type: tag('document_url'), document_url: kept(text) })),
});

const textOrParts = either(text, list(oneOf('type', { text: textPart })));

export const calledFunction = piece({
  name: required(to('name', text)),
  arguments: required(
    to(
      'arguments',
      textLike((mark) => `{"note":"${mark}"}`),
    ),
  ),
});
export const calledCustom = piece({ name: required(to('name', text)), input: required(to('arguments', text)) });
/** The one call of old, which its result names by the function. */
export const legacyCall = piece({
  name: required(to('name', id('function'))),
  arguments: required(
    to(
      'arguments',
      textLike((mark) => `{"note":"${mark}"}`),
    ),
  ),
});
/** The calls of an assistant message. Google's `extra_content` and the like go back as they came. */
export const calls = oneOf('type', {
  function: piece({ id: required(to('id', id('call'))), type: tag('function'), function: required(to('call', calledFunction)) }),
  custom: piece({ id: required(to('id', id('call'))), type: tag('custom'), custom: required(to('call', calledCustom)) }),
});

const detailFields = {
  format: kept(text),
  id: kept(text),
  text: to('text', text),
  summary: to('text', text),
  signature: to('signature', text),
  data: to('redacted', text),
  index: implied(whole),
} satisfies Fields;
const { text: spoken, summary, signature, data, ...besides } = detailFields;
const detailType = (type: string): Field => required(kept(word([type])));
/** OpenRouter's shape. What else a detail holds goes back as it came. */
const details = oneOf('type', {
  'reasoning.text': object({ type: detailType('reasoning.text'), text: required(spoken), signature, ...besides }),
  'reasoning.summary': object({ type: detailType('reasoning.summary'), summary: required(summary), ...besides }),
  'reasoning.encrypted': object({ type: detailType('reasoning.encrypted'), data: required(data), ...besides }),
});
/** What a detail may hold, whatever its type. */
export const detailShape = object({ type: kept(text), ...detailFields });

const named: Fields = { name: to('name', text) };
const thoughtFields = ['reasoning_content', 'reasoning', 'reasoning_details'];
const thoughts: Fields = {
  reasoning_content: vendor(to('reasoning', text)),
  reasoning: vendor(to('reasoning', text)),
  reasoning_details: vendor(to('reasoning', list(details))),
};

export const messages = oneOf('role', {
  developer: piece({ role: tag('developer'), content: required(nullable(to('blocks', textOrParts))), ...named }),
  system: piece({ role: tag('system'), content: required(nullable(to('blocks', textOrParts))), ...named }),
  user: piece({ role: tag('user'), content: required(nullable(to('blocks', either(text, list(parts))))), ...named }),
  assistant: piece({
    role: tag('assistant'),
    content: nullable(to('blocks', either(text, list(oneOf('type', { text: textPart, refusal: refusalPart }))))),
    refusal: to('refusal', text),
    tool_calls: to('toolCall', list(calls)),
    function_call: to('toolCall', legacyCall),
    audio: demand('the audio of an earlier answer is kept by its provider', json),
    ...named,
    ...thoughts,
  }),
  tool: piece({
    role: tag('tool'),
    content: required(nullable(to('toolResult', textOrParts))),
    tool_call_id: required(to('callId', reference('call'))),
    ...vendorMarks,
  }),
  function: piece({
    role: tag('function'),
    content: required(nullable(to('toolResult', text))),
    name: required(to('callId', reference('function'))),
    ...vendorMarks,
  }),
});

export const functionShape = piece({
  name: required(to('name', id('tool'))),
  description: to('description', text),
  parameters: to(
    'schema',
    jsonLike((mark) => ({ type: 'object', description: mark })),
  ),
  strict: to('strict', flag),
});
export const customShape = piece({
  name: required(to('name', id('tool'))),
  description: to('description', text),
  format: to(
    'grammar',
    jsonLike((mark) => ({ type: 'grammar', grammar: { syntax: 'lark', definition: mark } })),
    (value) => isObject(value) && (value['type'] === 'text' || value['type'] === 'grammar'),
  ),
});
/** Of any other type: a tool that its vendor runs. */
export const tools = oneOf('type', {
  function: piece({ type: tag('function'), function: required(to('tool', functionShape)), ...vendorMarks }),
  custom: piece({ type: tag('custom'), custom: required(to('tool', customShape)), ...vendorMarks }),
});

export const schemaShape = piece({
  name: required(to('name', text)),
  description: to('description', text),
  schema: to(
    'schema',
    jsonLike((mark) => ({ type: 'object', description: mark })),
  ),
  strict: to('strict', flag),
});
export const formats = oneOf('type', {
  text: piece({ type: tag('text') }),
  json_object: piece({ type: tag('json_object') }),
  json_schema: piece({ type: tag('json_schema'), json_schema: required(to('schema', schemaShape)) }),
});

const choiceOf = (kind: string): Shape => object({ type: tag(kind), [kind]: required(to('name', object({ name: required(to('name', text)) }))) });

export const choices = oneOf('type', {
  function: choiceOf('function'),
  custom: choiceOf('custom'),
  allowed_tools: object({
    type: tag('allowed_tools'),
    allowed_tools: required(
      to(
        'allowed',
        object({
          mode: required(to('mode', word(['auto', 'required']))),
          tools: required(
            to(
              'names',
              jsonLike((_, refer) => [{ type: 'function', function: { name: refer('tool') } }]),
            ),
          ),
        }),
      ),
    ),
  }),
});

export const streamOptions = piece({
  include_usage: carried(to('streamUsage', flag)),
  include_obfuscation: common('include_obfuscation', hint(undefined, flag)),
});

/** Fields of the top level that OpenAI's other format has too. */
export const sharedFields: readonly string[] = ['metadata', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'store', 'user', 'verbosity'];

export const request = choosing(
  object({
    model: required(to('model', text)),
    messages: required(to('messages', list(messages, ['developer', 'system', 'user', 'assistant', 'tool', 'tool', 'function', 'user']))),
    audio: demand(
      'audio cannot be asked for there',
      jsonLike((mark) => ({ voice: mark, format: 'wav' })),
    ),
    frequency_penalty: to('frequencyPenalty', number(-2, 2)),
    function_call: contract(beside(to('toolChoice', either(word(['none', 'auto']), object({ name: required(to('name', text)) }))), 'functions')),
    functions: contract(to('tools', list(functionShape))),
    logit_bias: demand(
      'token biases belong to one tokenizer',
      jsonLike((mark) => ({ [mark]: 1 })),
      asksNothing.logit_bias,
    ),
    logprobs: common('logprobs', demand('log probabilities are not given there', flag, asksNothing.logprobs)),
    max_completion_tokens: to('maxTokens', wholeFrom(2048, 8000)),
    max_tokens: to('maxTokens', wholeFrom(2048, 8000)),
    metadata: common('metadata', hint('metadata is kept by OpenAI alone', json)),
    modalities: demand(
      'only text can be asked for there',
      jsonLike(() => ['text', 'audio']),
      asksNothing.modalities,
    ),
    moderation: demand(
      'moderation results are made by OpenAI alone',
      jsonLike((mark) => ({ model: mark })),
    ),
    n: demand('one answer is given to a call', wholeFrom(2, 8), asksNothing.n),
    parallel_tool_calls: beside(to('parallelToolCalls', { ...flag, sample: false }), 'tools'),
    prediction: hint(
      'a predicted output is only a hint for speed',
      jsonLike((mark) => ({ type: 'content', content: mark })),
    ),
    presence_penalty: to('presencePenalty', number(-2, 2)),
    prompt_cache_key: common('prompt_cache_key', hint('there is no key for prompt caching', text)),
    prompt_cache_options: common(
      'prompt_cache_options',
      hint(
        'prompt caching is not steered by this field',
        jsonLike(() => ({ mode: 'explicit', ttl: '30m' })),
      ),
    ),
    prompt_cache_retention: common('prompt_cache_retention', hint('prompt caching is not steered by this field', word(['in_memory', '24h']))),
    reasoning_effort: to('reasoning.effort', word(wireEfforts, 'low')),
    response_format: contract(to('responseFormat', formats)),
    safety_identifier: to('endUser', text),
    seed: to('seed', wholeFrom(0, 1e9)),
    service_tier: to('serviceTier', word(serviceTiers, 'flex')),
    stop: to('stop', either(text, list(text))),
    store: common('store', hint('answers are stored by OpenAI alone', flag, isFalse)),
    stream: to('stream', flag),
    stream_options: beside(to('streamOptions', streamOptions), 'stream'),
    temperature: to('temperature', number(0, 2)),
    tools: contract(to('tools', list(tools))),
    tool_choice: contract(beside(to('toolChoice', either(word(['none', 'auto', 'required'], 'required'), choices)), 'tools', 'functions')),
    top_logprobs: common('top_logprobs', demand('log probabilities are not given there', wholeFrom(1, 20), asksNothing.top_logprobs)),
    top_p: to('topP', number(0, 1)),
    user: to('endUser', text),
    verbosity: common('verbosity', hint('there is no verbosity setting', word(['low', 'medium', 'high']))),
    web_search_options: demand(
      'the web search is run by OpenAI',
      jsonLike((mark) => ({ user_location: { type: 'approximate', approximate: { city: mark } } })),
    ),
    top_k: vendor(to('topK', wholeFrom(1, 500))),
    thinking: vendor(
      to(
        'reasoning',
        jsonLike(() => ({ type: 'enabled', budget_tokens: 2000 })),
      ),
    ),
    enable_thinking: vendor(to('reasoning.mode', flag)),
    thinking_budget: vendor(to('reasoning.budget', wholeFrom(1024, 2000))),
    reasoning: vendor(
      to(
        'reasoning',
        jsonLike(() => ({ effort: 'low' })),
      ),
    ),
  }),
  ['reasoning_effort', ...thinkingFields],
);

/** Whether a top-level field with this value asks for nothing. */
export function isHarmless(key: string, value: unknown): boolean {
  const field = request.fields.get(key);
  return field?.becomes === 'extra' && field.harmless?.(value) === true;
}

// Answers.

const tokens = wholeFrom(0, 9999);
const total = wholeFrom(100_000, 1e6);
const counted = (name: string, value: Value = tokens): Field => to(`usage.${name}`, value);
/** A part of a count that has no bucket of its own: the record keeps it. */
const uncounted = kept(tokens);

export const usage = object({
  prompt_tokens: required(counted('input', total)),
  completion_tokens: required(counted('output', total)),
  total_tokens: required(implied(total)),
  prompt_tokens_details: to(
    'usage',
    object({
      cached_tokens: counted('cacheRead'),
      cache_write_tokens: counted('cacheWrite'),
      audio_tokens: counted('inputAudio'),
      image_tokens: uncounted,
      text_tokens: uncounted,
    }),
  ),
  completion_tokens_details: to(
    'usage',
    object({
      reasoning_tokens: counted('reasoning'),
      audio_tokens: counted('outputAudio'),
      accepted_prediction_tokens: uncounted,
      rejected_prediction_tokens: uncounted,
      text_tokens: uncounted,
    }),
  ),
  prompt_cache_hit_tokens: vendor(implied(tokens)),
  cached_tokens: vendor(implied(tokens)),
});

const annotation = jsonLike((mark) => ({ type: 'url_citation', url_citation: { start_index: 0, end_index: 1, title: mark, url: 'https://example.com' } }));
const extraContent: Fields = { extra_content: vendor(hint('only callers of openai-chat can send it back', json)) };

export const message = choosing(
  object({
    role: tag('assistant'),
    content: required(to('text', text)),
    refusal: required(to('refusal', text)),
    annotations: to('citations', list(annotation)),
    audio: to(
      'content.audio',
      jsonLike((mark) => ({ id: mark, data: 'AAAA', expires_at: 1, transcript: mark })),
    ),
    function_call: to('toolCall', calledFunction),
    tool_calls: to(
      'toolCall',
      list(
        oneOf('type', {
          function: object({ id: required(to('id', text)), type: tag('function'), function: required(to('call', calledFunction)), ...extraContent }),
          custom: object({ id: required(to('id', text)), type: tag('custom'), custom: required(to('call', calledCustom)), ...extraContent }),
        }),
      ),
    ),
    ...thoughts,
  }),
  thoughtFields,
);

const head: Fields = {
  // An answer has an id and a time of its own in every format.
  id: required(implied(textLike((mark) => `chatcmpl-${mark}`))),
  created: required(implied(whole)),
  model: required(to('model', text)),
  service_tier: to('serviceTier', word(serviceTiers, 'flex')),
  system_fingerprint: kept(text),
};
const finish: Fields = { finish_reason: required(to('finish', word(finishReasons.keys()))), usage: vendor(implied(usage)) };
const logprobs = jsonLike((mark) => ({ content: [{ token: mark, bytes: null, logprob: -1, top_logprobs: [] }], refusal: null }));

export const choice = object({
  index: required(implied(wholeFrom(0, 0))),
  message: required(to('blocks', message)),
  logprobs: required(common('logprobs', hint(undefined, logprobs))),
  ...finish,
});

export const reply = object({
  ...head,
  object: tag('chat.completion'),
  choices: required(to('blocks', list(choice))),
  usage: to('usage', usage),
  metadata: hint(undefined, json),
  moderation: hint(undefined, json),
});

const deltaCall = choosing(
  object({
    index: required(implied(wholeFrom(0, 0))),
    id: to('id', text),
    type: implied(word(['function', 'custom'])),
    function: to('call', calledFunction),
    custom: to('call', calledCustom),
    ...extraContent,
  }),
  ['function', 'custom'],
);

export const delta = choosing(
  object({
    role: implied(word(['developer', 'system', 'user', 'assistant', 'tool'], 'assistant')),
    content: to('text', text),
    refusal: to('refusal', text),
    annotations: vendor(to('citations', list(annotation))),
    audio: lost('audio does not pass a translated stream', json),
    function_call: to('toolCall', calledFunction),
    tool_calls: to('toolCall', list(deltaCall)),
    ...thoughts,
  }),
  thoughtFields,
);

export const chunkChoice = object({
  index: required(implied(wholeFrom(0, 0))),
  delta: required(to('blocks', delta)),
  logprobs: lost('a translated stream has no place for it', logprobs),
  ...finish,
});

export const chunk = object({
  ...head,
  object: tag('chat.completion.chunk'),
  choices: required(to('blocks', list(chunkChoice))),
  usage: to('usage', usage),
  moderation: lost('a translated stream has no place for it', json),
  obfuscation: implied(text),
});

const file = 'resources/chat/completions/completions.d.ts';

export const verdicts: VerdictTable = {
  official: {
    package: 'openai',
    request: [`${file}#ChatCompletionCreateParams`],
    reply: [`${file}#ChatCompletion`],
    event: [`${file}#ChatCompletionChunk`],
  },
  request,
  reply,
  event: chunk,
};
