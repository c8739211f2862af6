import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';

/** One conversation told in the words of each format, so that what holds for one can be tried from all. */
export type Turn =
  | { readonly user: string }
  | { readonly system: string }
  /** `calls` come after `text`, `after` after them. */
  | { readonly assistant: string; readonly calls?: readonly TestCall[]; readonly after?: string }
  | { readonly results: readonly TestResult[] };

/** `args` is source text. */
export type TestCall = { readonly id: string; readonly name: string; readonly args: string };
export type TestResult = { readonly id: string; readonly name: string; readonly text: string };
export type TestTool = { readonly name: string; /** Undefined: none is given. */ readonly schema?: unknown };

export type Told = {
  readonly turns: readonly Turn[];
  readonly tools?: readonly TestTool[];
  /** Top-level fields of the format itself. */ readonly more?: object;
};

/** Source text that goes into the body as it stands. */
type Raws = string[];

type Teller = (told: Told, raw: (text: string) => string) => object;

/** The request's body as text. */
export function tell(front: DialectName, told: Told): string {
  const raws: Raws = [];
  const raw = (text: string): string => `\u0001${raws.push(text) - 1}\u0001`;
  const body = JSON.stringify({ ...tellers[front](told, raw), ...told.more });
  return body.replaceAll(/"\\u0001(\d+)\\u0001"/g, (_all, index: string) => raws[Number(index)] ?? '');
}

const tellers: { readonly [name in DialectName]: Teller } = {
  'openai-chat': ({ turns, tools }) => ({ model: 'm', messages: turns.flatMap((turn) => chatMessages(turn)), ...ifAny('tools', tools?.map(chatTool)) }),
  'openai-responses': ({ turns, tools }) => ({
    model: 'm',
    store: false,
    input: turns.flatMap(responsesItems),
    ...ifAny(
      'tools',
      tools?.map(({ name, schema }) => ({ type: 'function', name, parameters: schema === undefined ? null : schema, strict: false })),
    ),
  }),
  'anthropic-messages': ({ turns, tools }, raw) => ({
    model: 'm',
    max_tokens: 1000,
    messages: turns.map((turn) => anthropicMessage(turn, raw)),
    ...ifAny(
      'tools',
      tools?.map(({ name, schema }) => ({ name, ...(schema === undefined ? { input_schema: { type: 'object' } } : { input_schema: schema }) })),
    ),
  }),
  gemini: ({ turns, tools }, raw) => ({
    contents: turns.flatMap((turn) => geminiContents(turn, raw)),
    ...systemOf(turns, (text) => ({ systemInstruction: { parts: [{ text }] } })),
    ...ifAny(
      'tools',
      tools && [{ functionDeclarations: tools.map(({ name, schema }) => ({ name, ...(schema === undefined ? {} : { parametersJsonSchema: schema }) })) }],
    ),
  }),
  cohere: ({ turns, tools }) => ({
    model: 'm',
    messages: turns.flatMap((turn) => chatMessages(turn)),
    ...ifAny(
      'tools',
      tools?.map(({ name, schema }) => ({ type: 'function', function: { name, ...(schema === undefined ? {} : { parameters: schema }) } })),
    ),
  }),
  ollama: ({ turns, tools }, raw) => ({
    model: 'm',
    stream: false,
    messages: turns.flatMap((turn) => ollamaMessages(turn, raw)),
    ...ifAny('tools', tools?.map(chatTool)),
  }),
  'bedrock-converse': ({ turns, tools }, raw) => ({
    messages: turns.flatMap((turn) => bedrockMessages(turn, raw)),
    ...ifAny(
      'toolConfig',
      tools && { tools: tools.map(({ name, schema }) => ({ toolSpec: { name, inputSchema: { json: schema === undefined ? { type: 'object' } : schema } } })) },
    ),
  }),
};

function ifAny(key: string, value: unknown): object {
  return value === undefined ? {} : { [key]: value };
}

function systemOf(turns: readonly Turn[], told: (text: string) => object): object {
  const [first] = turns;
  return first !== undefined && 'system' in first ? told(first.system) : {};
}

function chatTool({ name, schema }: TestTool): object {
  return { type: 'function', function: { name, ...(schema === undefined ? {} : { parameters: schema }) } };
}

function chatMessages(turn: Turn): object[] {
  if ('user' in turn) return [{ role: 'user', content: turn.user }];
  if ('system' in turn) return [{ role: 'system', content: turn.system }];
  if ('results' in turn) return turn.results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text }));
  const { assistant, calls = [] } = turn;
  const called = calls.map(({ id, name, args }) => ({ id, type: 'function', function: { name, arguments: args } }));
  return [{ role: 'assistant', ...(assistant === '' ? {} : { content: assistant }), ...(called.length === 0 ? {} : { tool_calls: called }) }];
}

function responsesItems(turn: Turn): object[] {
  if ('user' in turn) return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: turn.user }] }];
  if ('system' in turn) return [{ type: 'message', role: 'system', content: [{ type: 'input_text', text: turn.system }] }];
  if ('results' in turn) return turn.results.map(({ id, text }) => ({ type: 'function_call_output', call_id: id, output: text }));
  const said = (text: string): object[] =>
    text === '' ? [] : [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] }];
  const { assistant, calls = [], after = '' } = turn;
  return [...said(assistant), ...calls.map(({ id, name, args }) => ({ type: 'function_call', call_id: id, name, arguments: args })), ...said(after)];
}

function anthropicMessage(turn: Turn, raw: (text: string) => string): object {
  if ('user' in turn) return { role: 'user', content: turn.user };
  if ('system' in turn) return { role: 'system', content: turn.system };
  if ('results' in turn) return { role: 'user', content: turn.results.map(({ id, text }) => ({ type: 'tool_result', tool_use_id: id, content: text })) };
  const said = (text: string): object[] => (text === '' ? [] : [{ type: 'text', text }]);
  const { assistant, calls = [], after = '' } = turn;
  const called = calls.map(({ id, name, args }) => ({ type: 'tool_use', id, name, input: raw(args) }));
  return { role: 'assistant', content: [...said(assistant), ...called, ...said(after)] };
}

function geminiContents(turn: Turn, raw: (text: string) => string): object[] {
  if ('user' in turn) return [{ role: 'user', parts: [{ text: turn.user }] }];
  if ('system' in turn) return [];
  if ('results' in turn)
    return [{ role: 'user', parts: turn.results.map(({ id, name, text }) => ({ functionResponse: { id, name, response: { output: text } } })) }];
  const said = (text: string): object[] => (text === '' ? [] : [{ text }]);
  const { assistant, calls = [], after = '' } = turn;
  return [
    { role: 'model', parts: [...said(assistant), ...calls.map(({ id, name, args }) => ({ functionCall: { id, name, args: raw(args) } })), ...said(after)] },
  ];
}

function ollamaMessages(turn: Turn, raw: (text: string) => string): object[] {
  if ('results' in turn) return turn.results.map(({ id, name, text }) => ({ role: 'tool', tool_name: name, tool_call_id: id, content: text }));
  if (!('assistant' in turn)) return chatMessages(turn);
  const { assistant, calls = [] } = turn;
  const called = calls.map(({ id, name, args }) => ({ id, function: { name, arguments: raw(args) } }));
  return [{ role: 'assistant', content: assistant, ...(called.length === 0 ? {} : { tool_calls: called }) }];
}

function bedrockMessages(turn: Turn, raw: (text: string) => string): object[] {
  if ('user' in turn) return [{ role: 'user', content: [{ text: turn.user }] }];
  if ('system' in turn) return [{ role: 'system', content: [{ text: turn.system }] }];
  if ('results' in turn) return [{ role: 'user', content: turn.results.map(({ id, text }) => ({ toolResult: { toolUseId: id, content: [{ text }] } })) }];
  const said = (text: string): object[] => (text === '' ? [] : [{ text }]);
  const { assistant, calls = [], after = '' } = turn;
  const called = calls.map(({ id, name, args }) => ({ toolUse: { toolUseId: id, name, input: raw(args) } }));
  return [{ role: 'assistant', content: [...said(assistant), ...called, ...said(after)] }];
}
