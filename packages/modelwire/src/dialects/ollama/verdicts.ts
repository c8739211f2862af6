import type { StopReason } from '../../core/ir.ts';
import {
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
  number,
  object,
  oneOf,
  reference,
  required,
  type Shape,
  tag,
  text,
  textLike,
  to,
  type VerdictTable,
  vendor,
  whole,
  wholeFrom,
  word,
} from '../../core/verdicts.ts';

/** What becomes of every field of Ollama's chat API: see core/verdicts.ts. https://docs.ollama.com/api/chat */

/** Ollama's words for why an answer ended; for calls it says `stop` as well. */
export const finishReasons: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ['stop', 'end'],
  ['length', 'length'],
]);

/** A model was loaded or unloaded: that is no answer. */
export const loadReasons: readonly string[] = ['load', 'unload'];

export const thinkLevels = ['low', 'medium', 'high', 'max'] as const;

const images = to('image', list(textLike((mark) => `iVBORw0KGgo${mark}`)));

export const calledFunction = object({
  name: required(to('name', id('function'))),
  arguments: to('arguments', json),
  // Its place among the calls.
  index: vendor(implied(whole)),
});
export const call = object({
  id: vendor(to('id', id('call'))),
  function: required(to('toolCall', calledFunction)),
  type: vendor(implied(word(['function']))),
});

const content = { content: required(to('text', text)) };
const thinking = { thinking: to('reasoning', text) };
const called = { tool_calls: to('toolCall', list(call)) };
const answered = { tool_name: to('callId', reference('function')), tool_call_id: vendor(to('callId', reference('call'))) };
const messageOf = (role: string, more: Fields): Shape => object({ role: tag(role), ...content, ...more });

export const messages = oneOf('role', {
  system: messageOf('system', {}),
  user: messageOf('user', { images }),
  assistant: messageOf('assistant', { ...thinking, ...called }),
  tool: messageOf('tool', { images, ...answered }),
});
/** A message of the official types, which tell no roles apart. */
const message = object({ role: implied(text), ...content, ...thinking, images, ...called, ...answered });

const schema = jsonLike((mark) => ({ type: 'object', description: mark }));

export const functionShape = object({
  name: required(to('name', id('tool'))),
  description: to('description', text),
  parameters: to('schema', schema),
  // Of the official types; nothing reads it.
  type: kept(text),
});
export const tool = object({ type: implied(word(['function'])), function: required(to('tool', functionShape)) });

const machine = 'how the model is run is its server’s matter';
const sampling = 'the model is not sampled so there';
const onMachine = (value: Field['value']): Field => hint(machine, value);
const onSampling = (value: Field['value']): Field => hint(sampling, value);

export const options = object({
  num_predict: to('maxTokens', wholeFrom(2048, 8000)),
  temperature: to('temperature', number(0, 2)),
  top_p: to('topP', number(0, 1)),
  top_k: to('topK', wholeFrom(1, 500)),
  seed: to('seed', wholeFrom(0, 1e9)),
  stop: to('stop', list(text)),
  presence_penalty: to('presencePenalty', number(-2, 2)),
  frequency_penalty: to('frequencyPenalty', number(-2, 2)),
  num_ctx: hint('how long a context may be is the provider’s matter', wholeFrom(2048, 8000)),
  min_p: onSampling(number(0, 1)),
  tfs_z: onSampling(number(0, 1)),
  typical_p: onSampling(number(0, 1)),
  repeat_last_n: onSampling(whole),
  repeat_penalty: onSampling(number(0, 2)),
  mirostat: onSampling(wholeFrom(0, 2)),
  mirostat_tau: onSampling(number(0, 10)),
  mirostat_eta: onSampling(number(0, 1)),
  penalize_newline: onSampling(flag),
  num_keep: onMachine(whole),
  num_batch: onMachine(whole),
  num_gpu: onMachine(whole),
  main_gpu: onMachine(whole),
  num_thread: onMachine(whole),
  numa: onMachine(flag),
  low_vram: onMachine(flag),
  f16_kv: onMachine(flag),
  logits_all: onMachine(flag),
  vocab_only: onMachine(flag),
  use_mmap: onMachine(flag),
  use_mlock: onMachine(flag),
  embedding_only: onMachine(flag),
});

const noLogprobs = 'log probabilities are not given there';

const commonFields: Fields = {
  model: required(implied(text)),
  stream: implied(flag),
  format: contract(to('responseFormat', either(word(['json']), schema))),
  think: to('reasoning', either(flag, word(thinkLevels))),
  options: to('options', options),
  keep_alive: hint('how long a model stays loaded is its server’s matter', either(text, whole)),
  logprobs: demand(noLogprobs, flag, isFalse),
  top_logprobs: demand(noLogprobs, wholeFrom(1, 20), (value) => value === 0),
  // Elsewhere a conversation that is too long is refused, never cut.
  truncate: vendor(hint('a conversation that is too long is not cut there', flag, isFalse)),
  shift: vendor(hint('an answer that fills the context ends there', flag, isFalse)),
};
const requestFields: Fields = {
  ...commonFields,
  messages: required(to('messages', list(messages, ['system', 'user', 'assistant', 'tool', 'user']))),
  tools: contract(to('tools', list(tool))),
};
export const request = object(requestFields);

const noTemplate = 'only an Ollama server lets the template of a model be written';
const noImages = 'images are not made there';

/** What `/api/generate` has that a chat has no place for, with what it asks for: it goes to Ollama servers alone, as it came. */
export const generateAlone: Fields = {
  suffix: demand('text before a suffix is written by Ollama servers alone', text, (value) => value === ''),
  template: demand(noTemplate, text, (value) => value === ''),
  raw: demand(noTemplate, flag, isFalse),
  context: demand('the tokens of an earlier answer are its server’s own', list(whole), (value) => Array.isArray(value) && value.length === 0),
  width: demand(noImages, whole, (value) => value === 0),
  height: demand(noImages, whole, (value) => value === 0),
  steps: demand(noImages, whole, (value) => value === 0),
};
/** `/api/generate`: one prompt, which is a chat of one message. https://docs.ollama.com/api/generate */
export const generateRequest = object({
  ...commonFields,
  prompt: required(to('text', text)),
  system: to('system', text),
  images,
  ...generateAlone,
});

// Answers.

const tokens = wholeFrom(1, 1e6);

const answerCall = object({
  id: vendor(to('id', id('call'))),
  function: required(to('toolCall', calledFunction)),
});
export const answerMessage = object({
  role: implied(word(['assistant'])),
  content: to('text', text),
  ...thinking,
  tool_calls: to('toolCall', list(answerCall)),
  // Ollama’s models make none.
  images: hint('images of an answer have no place', list(text)),
  // Of the type that requests and answers share.
  tool_name: kept(text),
});

const onlyOllama = 'only callers of ollama can be shown it';

export const reply = choosing(
  object({
    model: to('model', text),
    created_at: kept(textLike((mark) => `2026-01-01T00:00:00.${mark}Z`)),
    message: to('blocks', answerMessage),
    // Of an answer to a single prompt, which has no message.
    response: to('text', text),
    thinking: to('reasoning', text),
    context: kept(list(whole)),
    // Of models that make images, and how far they are.
    image: hint('images of an answer have no place', text),
    completed: kept(whole),
    total: kept(whole),
    done: required(implied({ ...flag, sample: true })),
    done_reason: to('finish', word([...finishReasons.keys(), ...loadReasons])),
    total_duration: kept(whole),
    load_duration: kept(whole),
    prompt_eval_count: to('usage.input', tokens),
    prompt_eval_duration: kept(whole),
    eval_count: to('usage.output', tokens),
    eval_duration: kept(whole),
    logprobs: hint(
      onlyOllama,
      jsonLike((mark) => [{ token: mark, logprob: -1 }]),
      (value) => Array.isArray(value) && value.length === 0,
    ),
    // A model of Ollama’s cloud.
    remote_model: vendor(kept(text)),
    remote_host: vendor(kept(text)),
  }),
  ['message', 'response'],
);

const types = 'dist/browser.d.ts';

export const verdicts: VerdictTable = {
  official: {
    package: 'ollama',
    request: [],
    reply: [`${types}#ChatResponse`, `${types}#GenerateResponse`],
    event: [`${types}#ChatResponse`, `${types}#GenerateResponse`],
    pieces: [
      [`${types}#ChatRequest`, object({ ...requestFields, messages: required(to('messages', list(message))) })],
      [`${types}#GenerateRequest`, generateRequest],
    ],
  },
  request,
  reply,
  event: reply,
};
