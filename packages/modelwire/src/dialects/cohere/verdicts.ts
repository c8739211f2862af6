import type { StopReason } from '../../core/ir.ts';
import {
  beside,
  choosing,
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
  number,
  object,
  oneOf,
  reference,
  required,
  tag,
  text,
  textLike,
  to,
  vendor,
  type VerdictTable,
  wholeFrom,
  word,
} from '../../core/verdicts.ts';

/** What becomes of every field of Cohere's chat (v2): see core/verdicts.ts. */

/** Cohere's words for why an answer ended. Those that mean a failure of the answer are in `failedReasons`. */
export const finishReasons: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ['COMPLETE', 'end'],
  ['STOP_SEQUENCE', 'stopString'],
  ['MAX_TOKENS', 'length'],
  ['TOOL_CALL', 'toolCalls'],
]);

/** The answer broke off: nobody may take what there is of it for an answer. */
export const failedReasons: ReadonlySet<string> = new Set(['ERROR', 'TIMEOUT']);

/** How many stop strings Cohere takes. */
export const mostStops = 5;

const onlyCohere = 'only callers of cohere can be shown it';

export const imageShape = object({
  url: required(
    to(
      'source',
      textLike((mark) => `https://example.com/${mark}.png`),
    ),
  ),
  detail: to('detail', word(['auto', 'low', 'high'], 'low')),
});
/** Both the names and the values of `data` are shown to the model. */
export const documentShape = object({
  data: required(
    to(
      'searchResult',
      jsonLike((mark) => ({ snippet: mark })),
    ),
  ),
  id: to('source', id('document')),
});

const textPart = object({ type: tag('text'), text: required(to('text', text)) });
const thinkingPart = object({ type: tag('thinking'), thinking: required(to('reasoning', text)) });

/** The parts of each kind of message. */
export const userParts = oneOf('type', { text: textPart, image_url: object({ type: tag('image_url'), image_url: required(to('image', imageShape)) }) });
export const assistantParts = oneOf('type', { thinking: thinkingPart, text: textPart });
export const systemParts = oneOf('type', { text: textPart });
export const resultParts = oneOf('type', {
  text: textPart,
  document: object({ type: tag('document'), document: required(to('searchResult', documentShape)) }),
});

const writtenArguments = to(
  'arguments',
  textLike((mark) => `{"note":"${mark}"}`),
);
export const calledFunction = object({ name: required(to('name', text)), arguments: required(writtenArguments) });
export const callShape = object({ id: required(to('id', id('call'))), type: tag('function'), function: required(to('call', calledFunction)) });

const citation = jsonLike((mark) => ({
  start: 0,
  end: 1,
  text: mark,
  sources: [{ type: 'document', id: mark, document: { title: mark } }],
  content_index: 0,
  type: 'TEXT_CONTENT',
}));

export const messages = oneOf('role', {
  system: object({ role: tag('system'), content: required(to('blocks', either(text, list(systemParts)))) }),
  user: object({ role: tag('user'), content: required(to('blocks', either(text, list(userParts)))) }),
  assistant: object({
    role: tag('assistant'),
    content: to('blocks', either(text, list(assistantParts))),
    tool_plan: to('text', text),
    tool_calls: to('toolCall', list(callShape)),
    citations: hint('citations have no place in the history', list(citation)),
  }),
  tool: object({
    role: tag('tool'),
    tool_call_id: required(to('callId', reference('call'))),
    content: required(to('toolResult', either(text, list(resultParts)))),
  }),
});

export const functionShape = object({
  name: required(to('name', id('tool'))),
  description: to('description', text),
  parameters: required(
    to(
      'schema',
      jsonLike((mark) => ({ type: 'object', description: mark })),
    ),
  ),
});
export const toolShape = object({ type: tag('function'), function: required(to('tool', functionShape)) });

const schema = to(
  'schema',
  jsonLike((mark) => ({ type: 'object', description: mark })),
);
/** An older version of the API had the schema under `schema`. */
export const formats = oneOf('type', {
  text: object({ type: tag('text') }),
  json_object: choosing(object({ type: tag('json_object'), json_schema: schema, schema: vendor(schema) }), ['json_schema', 'schema']),
});

export const thinkingShape = object({
  type: required(to('reasoning.mode', word(['enabled', 'disabled']))),
  token_budget: to('reasoning.budget', wholeFrom(1024, 2000)),
});

/** The modes that ask for nothing which is not done anyway. */
const usualModes: readonly unknown[] = ['ENABLED', 'DISABLED', 'OFF'];
export const citationOptions = object({
  mode: hint('how citations are made cannot be chosen there', word(['ENABLED', 'DISABLED', 'FAST', 'ACCURATE', 'OFF'], 'FAST'), (value) =>
    usualModes.includes(value),
  ),
});

export const request = object({
  model: required(to('model', text)),
  messages: required(to('messages', list(messages, ['system', 'user', 'assistant', 'tool', 'user']))),
  documents: to('documents', list(either(documentShape, text), [documentShape, text])),
  citation_options: to('citationOptions', citationOptions),
  frequency_penalty: to('frequencyPenalty', number(0, 1)),
  k: to('topK', wholeFrom(1, 500)),
  logprobs: demand('log probabilities are not given there', flag, isFalse),
  max_tokens: to('maxTokens', wholeFrom(2048, 8000)),
  p: to('topP', number(0.01, 0.99)),
  presence_penalty: to('presencePenalty', number(0, 1)),
  priority: hint('which calls are handled first cannot be chosen there', wholeFrom(1, 999), (value) => value === 0),
  response_format: contract(to('responseFormat', formats)),
  safety_mode: demand(
    'safety instructions of this name are obeyed by Cohere alone',
    word(['CONTEXTUAL', 'STRICT', 'OFF'], 'STRICT'),
    (value) => value === 'OFF' || value === 'NONE',
  ),
  seed: to('seed', wholeFrom(0, 1e9)),
  stop_sequences: to('stop', list(text)),
  stream: vendor(to('stream', flag)),
  strict_tools: beside(to('strict', flag), 'tools'),
  temperature: to('temperature', number(0, 1)),
  thinking: to('reasoning', thinkingShape),
  tool_choice: contract(beside(to('toolChoice', word(['REQUIRED', 'NONE'])), 'tools')),
  tools: contract(to('tools', list(toolShape))),
});

// Answers.

const tokens = wholeFrom(0, 9999);
const total = wholeFrom(100_000, 1e6);
const counted = (name: string, value = tokens): Field => to(`usage.${name}`, value);

export const usage = object({
  // Tells what is paid for: in the record it stands as it came.
  billed_units: kept(json),
  tokens: to('usage', object({ input_tokens: counted('input', total), output_tokens: counted('output', total) })),
  cached_tokens: counted('cacheRead'),
});

const finish: Fields = { finish_reason: required(to('finish', word([...finishReasons.keys(), ...failedReasons]))), usage: to('usage', usage) };
const logprobs = jsonLike((mark) => ({ text: mark, token_ids: [1], logprobs: [-0.5] }));

export const message = object({
  role: tag('assistant'),
  content: to('blocks', list(assistantParts)),
  tool_plan: to('text', text),
  tool_calls: to('toolCall', list(callShape)),
  citations: hint(onlyCohere, list(citation)),
});

export const reply = object({
  // An answer has an id of its own in every format.
  id: required(implied(text)),
  ...finish,
  message: required(to('blocks', message)),
  logprobs: hint(onlyCohere, list(logprobs)),
});

const within = (fields: Fields): Field => to('blocks', object({ message: to('blocks', object(fields)) }));
const index = implied(wholeFrom(0, 0));
const startedPart = object({ type: implied(word(['text', 'thinking'])), text: to('text', text), thinking: to('reasoning', text) });
const morePart = object({ text: to('text', text), thinking: to('reasoning', text) });
const noLogprobs = 'a translated stream has no place for it';

/** One event of a stream. */
export const events = oneOf('type', {
  'message-start': object({ type: tag('message-start'), id: implied(text), delta: within({ role: implied(word(['assistant'])) }) }),
  'content-start': object({ type: tag('content-start'), index, delta: within({ content: to('blocks', choosing(startedPart, ['text', 'thinking'])) }) }),
  'content-delta': object({
    type: tag('content-delta'),
    index,
    delta: within({ content: to('blocks', choosing(morePart, ['text', 'thinking'])) }),
    logprobs: lost(noLogprobs, logprobs),
  }),
  'content-end': object({ type: tag('content-end'), index }),
  'tool-plan-delta': object({ type: tag('tool-plan-delta'), delta: within({ tool_plan: to('text', text) }) }),
  'tool-call-start': object({ type: tag('tool-call-start'), index, delta: within({ tool_calls: to('toolCall', callShape) }) }),
  'tool-call-delta': object({
    type: tag('tool-call-delta'),
    index,
    delta: within({ tool_calls: to('toolCall', object({ function: to('call', object({ arguments: writtenArguments })) })) }),
  }),
  'tool-call-end': object({ type: tag('tool-call-end'), index }),
  'citation-start': object({ type: tag('citation-start'), index, delta: within({ citations: hint(onlyCohere, citation) }) }),
  'citation-end': object({ type: tag('citation-end'), index }),
  'message-end': object({
    type: tag('message-end'),
    id: implied(text),
    delta: to('finish', object({ ...finish, error: to('finish.explanation', text) })),
  }),
  debug: object({ type: tag('debug'), prompt: lost('what the model was asked with is not shown', text) }),
});

const requests = 'serialization/resources/v2/client/requests';
const answers = 'serialization/resources/v2/types';

export const verdicts: VerdictTable = {
  official: {
    package: 'cohere-ai',
    request: [`${requests}/V2ChatRequest.d.ts#V2ChatRequest.Raw`, `${requests}/V2ChatStreamRequest.d.ts#V2ChatStreamRequest.Raw`],
    reply: [`${answers}/V2ChatResponse.d.ts#V2ChatResponse.Raw`],
    event: [`${answers}/V2ChatStreamResponse.d.ts#V2ChatStreamResponse.Raw`],
  },
  request,
  reply,
  event: events,
};
