import type { ChatHistoryItem } from 'node-llama-cpp';
import type { ChatAsk } from './chat-request.ts';
import type { Tool } from './chat-tools.ts';
import { anyObject, toGrammarSchema } from './grammar-schema.ts';
import type { GrammarSchema } from './grammar-schema.ts';
import { toHistory } from './llama-history.ts';
import type { PromptStyle } from './models.ts';
import { badValue } from './wire-error.ts';

type Held = { readonly schema: GrammarSchema; readonly path: string };

/** How a request is put to the engine: the conversation, and what holds the model to a form. */
export type PromptPlan = { readonly history: ChatHistoryItem[] } & (
  | { readonly mode: 'text' }
  /** A grammar makes the text JSON. */
  | { readonly mode: 'json'; readonly grammar: Held }
  /** A grammar makes the text a call of one of the tools. */
  | { readonly mode: 'call'; readonly grammar: Held }
  /** The model may write a call in the way its chat template teaches it. */
  | { readonly mode: 'functions'; readonly functions: readonly { readonly name: string; readonly description?: string; readonly schema?: GrammarSchema }[] }
);

/** Decides how to ask. A wish for JSON wins over tools the model may leave alone; both at once no grammar can say. */
export function planPrompt(ask: ChatAsk, style: PromptStyle): PromptPlan {
  const { preface = '', plainTools = false } = style;
  const history = (after = '') => toHistory(ask.turns, { system: [preface, after], calls: plainTools ? 'plain' : 'template' });
  if (ask.toolChoice === 'required') {
    const calls = plainTools ? 'plain-unasked' : 'template';
    return {
      mode: 'call',
      history: toHistory(ask.turns, { system: [preface, callText(ask.tools)], calls }),
      grammar: { schema: callSchema(ask.tools), path: 'tools' },
    };
  }
  if (ask.format.type === 'json_schema') {
    const { schema, path } = ask.format;
    const text = `Answer with JSON only, following this JSON schema: ${JSON.stringify(schema)}`;
    return { mode: 'json', history: history(text), grammar: { schema: toGrammarSchema(schema, { path, strict: true }), path } };
  }
  if (ask.format.type === 'json_object') {
    return { mode: 'json', history: history('Answer with one JSON object only.'), grammar: { schema: anyObject, path: 'response_format' } };
  }
  if (ask.toolChoice === 'auto' && !plainTools) return { mode: 'functions', history: history(), functions: ask.tools.map(toFunction) };
  return { mode: 'text', history: history() };
}

function callText(tools: readonly Tool[]): string {
  const list = tools.map(({ name, description, parameters }) => JSON.stringify({ name, description, parameters }));
  return [
    'You answer by calling a function. The functions are:',
    ...list,
    'Answer with one JSON object: {"name": the function, "arguments": its arguments, taken from what the user says}.',
  ].join('\n');
}

function callSchema(tools: readonly Tool[]): GrammarSchema {
  const calls = tools.map((tool): GrammarSchema => {
    const args = argumentsSchema(tool) ?? { type: 'object', properties: {}, additionalProperties: false };
    return { type: 'object', properties: { name: { const: tool.name }, arguments: args } };
  });
  const [only] = calls;
  return calls.length === 1 && only !== undefined ? only : { oneOf: calls };
}

function argumentsSchema(tool: Tool): GrammarSchema | undefined {
  if (tool.parameters === undefined) return undefined;
  const path = `${tool.path}.parameters`;
  const schema = toGrammarSchema(tool.parameters, { path, strict: tool.strict });
  if ('type' in schema && schema.type === 'object') return schema;
  throw badValue(path, "must be a schema of type 'object'");
}

function toFunction(tool: Tool) {
  const schema = argumentsSchema(tool);
  const { name, description } = tool;
  return { name, ...(description === undefined ? {} : { description }), ...(schema === undefined ? {} : { schema }) };
}
