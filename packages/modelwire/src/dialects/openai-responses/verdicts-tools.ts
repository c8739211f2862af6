import { isObject } from '../../core/json-text.ts';
import {
  type Fields,
  flag,
  hint,
  id,
  isFalse,
  json,
  jsonLike,
  kept,
  list,
  object,
  oneOf,
  opaque,
  required,
  type Shape,
  tag,
  text,
  to,
  type Union,
  word,
} from '../../core/verdicts.ts';

/** What becomes of the tools of a request: see core/verdicts.ts. */

const isDirect = (value: unknown): boolean => Array.isArray(value) && value.every((caller) => caller === 'direct');

const toolFields: Fields = {
  name: required(to('name', id('tool'))),
  description: to('description', text),
  // Sent at once, a tool does all that it does when it is looked for first.
  defer_loading: kept(flag),
  allowed_callers: hint('tools are called by the model alone there', list(word(['programmatic', 'direct'])), isDirect),
  async: hint('there are no calls that are not waited for', flag, isFalse),
};

export const functionTool = object({
  type: tag('function'),
  ...toolFields,
  parameters: required(
    to(
      'schema',
      jsonLike((mark) => ({ type: 'object', description: mark })),
    ),
  ),
  strict: required(to('strict', flag)),
  output_schema: hint('what a tool gives back is not described there', json),
});

export const customTool = object({
  type: tag('custom'),
  ...toolFields,
  format: to(
    'grammar',
    jsonLike((mark) => ({ type: 'grammar', syntax: 'lark', definition: mark })),
    (value) => isObject(value) && (value['type'] === 'text' || value['type'] === 'grammar'),
  ),
});

export const namespaceTool = object({
  type: tag('namespace'),
  name: required(to('name', text)),
  description: required(to('description', text)),
  tools: required(to('tools', list(oneOf('type', { function: functionTool, custom: customTool })))),
});

type Loss = 'hint' | 'demand';
const hosted = (type: string, loss: Loss, fields: Fields = {}): Shape => opaque(loss, { type: tag(type), ...fields });
const search = (type: string): Shape => hosted(type, 'hint', { filters: kept(json) });

/** Tools that OpenAI runs. A hint does its caller no harm by not being there, as long as the caller's own tools are. */
const hostedTools = {
  web_search: search('web_search'),
  web_search_2025_08_26: search('web_search_2025_08_26'),
  web_search_preview: search('web_search_preview'),
  web_search_preview_2025_03_11: search('web_search_preview_2025_03_11'),
  file_search: hosted('file_search', 'demand', { vector_store_ids: kept(list(text)) }),
  computer: hosted('computer', 'demand', { display: kept(json) }),
  computer_use_preview: hosted('computer_use_preview', 'demand', { environment: kept(text) }),
  mcp: hosted('mcp', 'demand', { server_label: kept(text) }),
  code_interpreter: hosted('code_interpreter', 'demand', { container: kept(text) }),
  programmatic_tool_calling: hosted('programmatic_tool_calling', 'demand', { note: kept(json) }),
  image_generation: hosted('image_generation', 'demand', { model: kept(text) }),
  local_shell: hosted('local_shell', 'demand', { note: kept(json) }),
  shell: hosted('shell', 'demand', { environment: kept(json) }),
  apply_patch: hosted('apply_patch', 'demand', { note: kept(json) }),
} as const satisfies { readonly [type: string]: Shape };

const searched: Fields = {
  type: tag('tool_search'),
  description: to('description', text),
  parameters: to(
    'schema',
    jsonLike((mark) => ({ type: 'object', description: mark })),
  ),
};
/** A search for tools is one of the caller's own tools where the caller runs it; where the provider does, all tools are there from the start. */
export const searchTool = object({ ...searched, execution: to('execution', word(['client', 'server'])) });

export const tools: Union = oneOf('type', { function: functionTool, custom: customTool, namespace: namespaceTool, tool_search: searchTool, ...hostedTools });
