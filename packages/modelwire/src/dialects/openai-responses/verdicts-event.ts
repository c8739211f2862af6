import {
  type Fields,
  implied,
  json,
  list,
  lost,
  object,
  oneOf,
  required,
  type Shape,
  tag,
  text,
  to,
  vendor,
  whole,
  wholeFrom,
  word,
} from '../../core/verdicts.ts';
import { contentParts, outputItems } from './verdicts-items.ts';
import { reply } from './verdicts-reply.ts';

/** What becomes of every field of a stream's events: see core/verdicts.ts. */

const numbered: Fields = { sequence_number: required(implied(whole)) };
const index = required(implied(wholeFrom(0, 0)));
/** Where in the output an event belongs. */
const placed: Fields = { ...numbered, output_index: index, item_id: required(implied(text)) };
const inContent: Fields = { ...placed, content_index: index };
const inSummary: Fields = { ...placed, summary_index: index };
/** It hides the length of the text that it goes with. */
const padded: Fields = { obfuscation: vendor(implied(text)) };

type Named = { readonly [type: string]: Shape };

/** What the item says as well, once it is done: how far the provider's own tool has come. */
const progress = (...types: readonly string[]): Named =>
  Object.fromEntries(types.map((type) => [`response.${type}`, object({ type: tag(`response.${type}`), ...placed })]));

/** Pieces and wholes of what the item holds as well, once it is done. */
const pieces = (fields: { readonly [type: string]: Fields }): Named =>
  Object.fromEntries(
    Object.entries(fields).map(([type, more]) => [`response.${type}`, object({ type: tag(`response.${type}`), ...numbered, ...more, ...padded })]),
  );

const said = implied(text);
const audio = lost('audio does not pass a translated stream', text);
const picture: Fields = {
  partial_image_b64: required(lost('a picture in the making does not pass a translated stream', text)),
  partial_image_index: implied(whole),
  background: implied(text),
  output_format: implied(text),
  quality: implied(text),
  size: implied(text),
};

const ofResponse = (type: string, name: string): Shape => object({ type: tag(type), response: required(to(name, reply)), ...numbered });

export const events = oneOf('type', {
  'response.created': ofResponse('response.created', 'start'),
  'response.queued': ofResponse('response.queued', 'start'),
  'response.in_progress': ofResponse('response.in_progress', 'start'),
  'response.completed': ofResponse('response.completed', 'finish'),
  'response.incomplete': ofResponse('response.incomplete', 'finish'),
  'response.failed': ofResponse('response.failed', 'fail'),
  error: object({ type: tag('error'), code: to('fail', text), message: to('fail', text), param: to('fail', text), ...numbered }),
  'response.output_item.added': object({ type: tag('response.output_item.added'), item: required(to('open', outputItems)), output_index: index, ...numbered }),
  'response.output_item.done': object({ type: tag('response.output_item.done'), item: required(to('close', outputItems)), output_index: index, ...numbered }),
  ...pieces({
    'content_part.added': { ...inContent, part: required(to('open', contentParts)) },
    'content_part.done': { ...inContent, part: required(to('close', contentParts)) },
    'output_text.delta': { ...inContent, delta: required(to('text', text)), logprobs: required(implied(list(json))) },
    'output_text.done': { ...inContent, text: required(to('text', text)), logprobs: required(implied(list(json))) },
    'output_text.annotation.added': { ...inContent, annotation: required(to('citations', json)), annotation_index: required(implied(whole)) },
    'refusal.delta': { ...inContent, delta: required(to('text', text)) },
    'refusal.done': { ...inContent, refusal: required(to('text', text)) },
    'reasoning_text.delta': { ...inContent, delta: required(to('text', text)) },
    'reasoning_text.done': { ...inContent, text: required(to('text', text)) },
    'reasoning_summary_part.added': { ...inSummary, part: required(implied(json)) },
    'reasoning_summary_part.done': { ...inSummary, part: required(implied(json)), status: implied(word(['incomplete'])) },
    'reasoning_summary_text.delta': { ...inSummary, delta: required(to('text', text)) },
    'reasoning_summary_text.done': { ...inSummary, text: required(to('text', text)) },
    'function_call_arguments.delta': { ...placed, delta: required(to('arguments', text)) },
    'function_call_arguments.done': { ...placed, arguments: required(to('arguments', text)), name: vendor(implied(text)) },
    'custom_tool_call_input.delta': { ...placed, delta: required(to('arguments', text)) },
    'custom_tool_call_input.done': { ...placed, input: required(to('arguments', text)) },
    'mcp_call_arguments.delta': { ...placed, delta: said },
    'mcp_call_arguments.done': { ...placed, arguments: said },
    'code_interpreter_call_code.delta': { ...placed, delta: said },
    'code_interpreter_call_code.done': { ...placed, code: said },
    'shell_call_command.added': { output_index: index, command: said, command_index: implied(whole) },
    'shell_call_command.delta': { output_index: index, delta: said, command_index: implied(whole) },
    'shell_call_command.done': { output_index: index, command: said, command_index: implied(whole) },
    'shell_call_output_content.delta': { ...placed, delta: implied(json), command_index: implied(whole) },
    'shell_call_output_content.done': { ...placed, output: implied(list(json)), command_index: implied(whole) },
    'image_generation_call.partial_image': { ...placed, ...picture },
    'audio.delta': { delta: audio },
    'audio.done': {},
    'audio.transcript.delta': { delta: audio },
    'audio.transcript.done': {},
  }),
  ...progress(
    'code_interpreter_call.in_progress',
    'code_interpreter_call.interpreting',
    'code_interpreter_call.completed',
    'compaction.compacting',
    'file_search_call.in_progress',
    'file_search_call.searching',
    'file_search_call.completed',
    'image_generation_call.in_progress',
    'image_generation_call.generating',
    'image_generation_call.completed',
    'mcp_call.in_progress',
    'mcp_call.completed',
    'mcp_call.failed',
    'mcp_list_tools.in_progress',
    'mcp_list_tools.completed',
    'mcp_list_tools.failed',
    'web_search_call.in_progress',
    'web_search_call.searching',
    'web_search_call.completed',
  ),
});
