import { isObject } from '../../core/json-text.ts';
import {
  choosing,
  either,
  type Field,
  type Fields,
  flag,
  hint,
  id,
  implied,
  json,
  jsonLike,
  kept,
  list,
  object,
  oneOf,
  opaque,
  reference,
  required,
  type Shape,
  shapeOf,
  tag,
  text,
  textLike,
  to,
  type Union,
  vendor,
  word,
  common,
} from '../../core/verdicts.ts';
import { tools } from './verdicts-tools.ts';

/** What becomes of the items of a conversation, which requests and answers share: see core/verdicts.ts. */

const statuses = word(['in_progress', 'completed', 'incomplete'], 'completed');
const phase: Fields = { phase: hint('no other format tells commentary from the final answer', word(['commentary', 'final_answer'])) };
/** An item's id, and whether it is whole: they say something to the one that keeps it. */
const head: Fields = { id: kept(text), status: kept(statuses) };
/** The types of custom tools do not have it, and the API does. */
const unofficial: Fields = { status: vendor(kept(statuses)) };
const caller: Fields = { caller: hint('no other format says who called a tool', json) };

const marks: Fields = {
  prompt_cache_breakpoint: to(
    'cache',
    jsonLike(() => ({ mode: 'explicit', ttl: '30m' })),
    isObject,
  ),
};

const annotation = jsonLike((mark) => ({ type: 'url_citation', start_index: 0, end_index: 1, title: mark, url: 'https://example.com' }));
const logprob = jsonLike((mark) => ({ token: mark, bytes: [], logprob: -1, top_logprobs: [] }));

const inputText = object({ type: tag('input_text'), text: required(to('text', text)), ...marks });
const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
const spoken: Fields = {
  type: tag('output_text'),
  text: required(to('text', text)),
  logprobs: common('logprobs', hint('log probabilities of a part have no place', list(logprob), isEmpty)),
};
/** What a model said before: where its citations are sent, only this format can say. */
const saidBefore = object({ ...spoken, annotations: required(implied(list(annotation))) });
const outputText = object({ ...spoken, annotations: required(to('citations', list(annotation))) });
const refusal = object({ type: tag('refusal'), refusal: required(to('text', text)) });
const image = choosing(
  object({
    type: tag('input_image'),
    detail: to('detail', word(['auto', 'low', 'high', 'original'], 'low')),
    image_url: to(
      'source',
      textLike((mark) => `https://example.com/${mark}.png`),
    ),
    file_id: to('source', text),
    ...marks,
  }),
  ['image_url', 'file_id'],
);
const file = choosing(
  object({
    type: tag('input_file'),
    file_data: to(
      'source',
      textLike((mark) => `data:application/pdf;base64,${mark}`),
    ),
    file_id: to('source', text),
    file_url: to(
      'source',
      textLike((mark) => `https://example.com/${mark}.pdf`),
    ),
    filename: to('filename', text),
    detail: hint('the detail of a document cannot be chosen', word(['auto', 'low', 'high'], 'low'), (value) => value === 'auto'),
    ...marks,
  }),
  ['file_data', 'file_id', 'file_url'],
);

/** The content of messages, whoever speaks. */
export const parts: Union = oneOf('type', { input_text: inputText, input_image: image, input_file: file, output_text: saidBefore, refusal });
const inputParts: Union = oneOf('type', { input_text: inputText, input_image: image, input_file: file });
const formerParts: Union = oneOf('type', { output_text: saidBefore, refusal });
const outputParts: Union = oneOf('type', { output_text: outputText, refusal });

const roles = ['user', 'assistant', 'system', 'developer'] as const;

/** `by`: who speaks in it. */
function message(by: readonly string[], content: Field['value'], more: Fields = {}): Shape {
  return object({ type: implied(word(['message'])), role: required(implied(word(by))), content: required(to('blocks', content)), ...head, ...more });
}

export const messageShape = message(roles, either(text, list(parts)), phase);
const former = message(['assistant'], list(formerParts), phase);
/** What a model says. */
const said = message(['assistant'], list(outputParts), phase);

const calledNames: Fields = { name: required(to('name', text)), namespace: to('name', text) };
const called: Fields = {
  call_id: required(to('callId', id('call'))),
  ...calledNames,
  ...head,
  ...caller,
  async: hint('no other format has calls that are not waited for', flag, (value) => value === false),
};

export const functionCall = object({
  type: tag('function_call'),
  arguments: required(
    to(
      'arguments',
      textLike((mark) => `{"note":"${mark}"}`),
    ),
  ),
  ...called,
});
export const customCall = object({ type: tag('custom_tool_call'), input: required(to('arguments', text)), ...called, ...unofficial });

const given: Fields = {
  call_id: required(to('callId', reference('call'))),
  output: required(to('toolResult', either(text, list(inputParts)))),
  ...head,
  ...caller,
};
/** The call that a result answers says its name. */
const answered: Fields = { name: kept(text), namespace: kept(text) };
export const functionOutput = object({ type: tag('function_call_output'), ...given, ...answered });
export const customOutput = object({ type: tag('custom_tool_call_output'), ...given, ...unofficial });

/** What a part of an item's content is in a stream. */
export const contentParts: Union = oneOf('type', {
  output_text: outputText,
  refusal,
  reasoning_text: object({ type: tag('reasoning_text'), text: required(to('text', text)) }),
});

const summary = object({ type: tag('summary_text'), text: required(to('text', text)) });
const thought = shapeOf(contentParts, 'reasoning_text');
export const reasoning = object({
  type: tag('reasoning'),
  ...head,
  summary: required(to('reasoning', list(summary))),
  content: to('reasoning', list(thought)),
  encrypted_content: to('signature', text),
});

type Loss = 'hint' | 'demand';
const other = (type: string, loss: Loss, fields: Fields): Shape => opaque(loss, { type: tag(type), ...fields });

/** Items that only this format understands. A hint repeats what the model did on its own account; without a demand the conversation is another. */
const opaqueItems = {
  web_search_call: other('web_search_call', 'hint', { id: kept(text), action: kept(json) }),
  file_search_call: other('file_search_call', 'demand', { id: kept(text), queries: kept(list(text)) }),
  code_interpreter_call: other('code_interpreter_call', 'demand', { id: kept(text), code: kept(text) }),
  computer_call: other('computer_call', 'demand', { id: kept(text), action: kept(json) }),
  computer_call_output: other('computer_call_output', 'demand', { call_id: kept(text), output: kept(json) }),
  image_generation_call: other('image_generation_call', 'demand', { id: kept(text), result: kept(text) }),
  local_shell_call: other('local_shell_call', 'demand', { id: kept(text), action: kept(json) }),
  local_shell_call_output: other('local_shell_call_output', 'demand', { id: kept(text), output: kept(text) }),
  shell_call: other('shell_call', 'demand', { call_id: kept(text), action: kept(json) }),
  shell_call_output: other('shell_call_output', 'demand', { call_id: kept(text), output: kept(list(json)) }),
  apply_patch_call: other('apply_patch_call', 'demand', { call_id: kept(text), operation: kept(json) }),
  apply_patch_call_output: other('apply_patch_call_output', 'demand', { call_id: kept(text), output: kept(text) }),
  mcp_list_tools: other('mcp_list_tools', 'hint', { id: kept(text), tools: kept(list(json)) }),
  mcp_approval_request: other('mcp_approval_request', 'demand', { id: kept(text), arguments: kept(text) }),
  mcp_approval_response: other('mcp_approval_response', 'demand', { approval_request_id: kept(text) }),
  mcp_call: other('mcp_call', 'demand', { id: kept(text), arguments: kept(text) }),
  configuration_update: other('configuration_update', 'demand', { id: kept(text), reasoning: kept(json) }),
  compaction: other('compaction', 'demand', { id: kept(text), encrypted_content: kept(text) }),
  program: other('program', 'demand', { call_id: kept(text), code: kept(text) }),
  program_output: other('program_output', 'demand', { call_id: kept(text), result: kept(text) }),
} as const satisfies { readonly [type: string]: Shape };
/** What the provider's own search for tools has come to. */
const searchItems = {
  tool_search_call: other('tool_search_call', 'hint', { call_id: kept(text), arguments: kept(json) }),
  tool_search_output: other('tool_search_output', 'hint', { call_id: kept(text), tools: kept(list(json)) }),
  additional_tools: other('additional_tools', 'hint', { tools: kept(list(json)) }),
} as const satisfies { readonly [type: string]: Shape };
const inputOnly = {
  compaction_trigger: other('compaction_trigger', 'demand', { id: kept(text) }),
  item_reference: other('item_reference', 'demand', { id: kept(text) }),
} as const satisfies { readonly [type: string]: Shape };

/** What the caller gives rather than the model. */
export const givenItems: ReadonlySet<string> = new Set([
  'computer_call_output',
  'local_shell_call_output',
  'shell_call_output',
  'apply_patch_call_output',
  'mcp_approval_response',
  'configuration_update',
  'compaction_trigger',
  'item_reference',
  'program_output',
]);

const calls = { function_call: functionCall, custom_tool_call: customCall } as const;
const outputs = { function_call_output: functionOutput, custom_tool_call_output: customOutput } as const;

const execution = word(['client', 'server']);
/** A search that the caller runs is a call of a tool; one that the provider ran has told of tools, which are sent in the list. */
export const searchCall = object({
  type: tag('tool_search_call'),
  call_id: to('callId', id('call')),
  arguments: required(
    to(
      'arguments',
      jsonLike((mark) => ({ query: mark })),
    ),
  ),
  execution: to('execution', execution),
  ...head,
});
export const searchOutput = object({
  type: tag('tool_search_output'),
  call_id: to('callId', reference('call')),
  tools: required(to('tools', list(tools))),
  execution: to('execution', execution),
  ...head,
});
export const moreTools = object({ type: tag('additional_tools'), role: tag('developer'), tools: required(to('tools', list(tools))), id: kept(text) });
const toolItems = { tool_search_call: searchCall, tool_search_output: searchOutput, additional_tools: moreTools } as const;

export const inputItems: Union = oneOf('type', { message: messageShape, reasoning, ...calls, ...outputs, ...toolItems, ...opaqueItems, ...inputOnly });

/** A sample of a conversation that has every kind of item, each where it may stand. */
export const inputSample: readonly Shape[] = [
  message(['developer'], either(text, list(oneOf('type', { input_text: inputText })))),
  message(['user'], either(text, list(inputParts))),
  ...Object.values(opaqueItems),
  ...Object.values(inputOnly),
  reasoning,
  former,
  functionCall,
  customCall,
  searchCall,
  functionOutput,
  customOutput,
  searchOutput,
  moreTools,
  message(['user'], either(text, list(inputParts))),
  message(['assistant'], text, phase),
  message(['user'], text),
];

/** The items of an answer. */
export const outputItems: Union = oneOf('type', {
  message: said,
  reasoning,
  ...calls,
  function_call_output: vendor(opaque('hint', { type: tag('function_call_output'), output: kept(text) })),
  custom_tool_call_output: vendor(opaque('hint', { type: tag('custom_tool_call_output'), output: kept(text) })),
  ...opaqueItems,
  ...searchItems,
});
