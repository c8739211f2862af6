import type { RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { printArray, printObject, printString } from '../../../packages/modelwire/src/core/json-print.ts';
import { isObject, type JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import type { Target } from '../../../packages/modelwire/src/core/target.ts';
import { checkOpenaiRequest } from '../../../packages/modelwire/src/providers/mock-openai-check.ts';
import {
  type Issued,
  objectIn,
  objectsIn,
  pieces,
  read,
  refuse,
  refusing,
  resultMessages,
  sse,
  type StrictProvider,
  textOf,
  type Turn,
} from './strict-provider.ts';

/** How a vendor of OpenAI's format differs from OpenAI. */
export type OpenaiRules = {
  readonly target: Target;
  /** The id of a call: `count` of all, `index` in its answer. */
  id(name: string, count: number, index: number): string;
  /** What the messages may hold besides OpenAI's own fields. */
  readonly messageFields?: readonly string[];
  /** Top-level fields that are this vendor's. */
  readonly fields?: readonly string[];
  /** Where the thinking stands; absent: it shows none. `details` are OpenRouter's. */
  readonly thinks?: 'reasoning_content' | 'details';
  /** Pieces of parallel calls come by turns. */
  readonly interleaves?: boolean;
  /** What this vendor refuses besides. */
  check?(messages: readonly JsonObject[], body: JsonObject): void;
};

type Thought = { readonly text: string; readonly fields: readonly (readonly [string, RawJson])[]; readonly states: readonly string[] };
type Made = { readonly thought: Thought | undefined; readonly says: string; readonly calls: readonly { id: string; name: string; args: RawJson }[] };

export function strictOpenai(rules: OpenaiRules): StrictProvider {
  const { target } = rules;
  const issued: Issued[] = [];
  let answers = 0;
  let calls = 0;

  const make = (turn: Turn, body: JsonObject): Made => {
    const tools = toolsIn(body);
    const thought = rules.thinks === undefined ? undefined : thoughtOf(rules, ++answers);
    for (const state of thought?.states ?? [])
      issued.push({
        state,
        secrets: rules.thinks === 'details' ? [`Esig+${target.provider}/${answers}`, `gAAAAA${target.provider}-${answers}`] : [],
        shown: `thought ${answers} of ${target.provider}`,
        withCalls: turn.calls.length > 0,
        plain: rules.thinks === 'reasoning_content',
      });
    return {
      thought,
      says: turn.says,
      calls: turn.calls.map(({ tool, args }, index) => ({ id: rules.id(tools[tool] ?? '', calls++, index), name: tools[tool] ?? '', args })),
    };
  };

  return {
    target,
    dialect: 'openai-chat',
    issued,
    answer(text, stream, turn) {
      const body = objectIn(read(text).value);
      check(body, rules);
      // Who seals its details knows them again.
      if (rules.thinks === 'details')
        for (const state of detailsIn(body)) refuse(!issued.some((one) => one.state === state), 'Invalid `reasoning_details`: the signature does not match');
      const made = make(turn, body);
      return stream ? streamOf(made, rules) : wholeOf(made, rules);
    },
    returned(body) {
      const assistants = objectsIn(body['messages']).filter((message) => message['role'] === 'assistant');
      if (rules.thinks === 'reasoning_content')
        return assistants.flatMap(({ reasoning_content: text }) => (typeof text === 'string' && text.trim() !== '' ? [text] : []));
      return detailsIn(body);
    },
    told({ value }) {
      const body = objectIn(value);
      const messages = objectsIn(body['messages']);
      const calls = messages.flatMap((message) => objectsIn(message['tool_calls'] ?? []));
      return {
        tools: toolsIn(body),
        results: resultMessages(messages),
        said: messages.map(({ role, content }) => (role === 'assistant' ? textOf(content) : '')).join(''),
        calls: calls.map(({ function: called }) => ({ name: String(objectIn(called)['name']), args: String(objectIn(called)['arguments']) })),
      };
    },
    cached: { list: 'messages', fixed: ['tools'] },
  };
}

function toolsIn(body: JsonObject): readonly string[] {
  return objectsIn(body['tools']).map((tool) => String(objectIn(tool['function'])['name']));
}

function detailsIn(body: JsonObject): readonly string[] {
  return objectsIn(body['messages']).flatMap(({ reasoning_details: details }) => (Array.isArray(details) ? details.map(stateOf) : []));
}

/** All of a detail but its place, which is told anew. */
function stateOf(detail: unknown): string {
  const state = Object.entries(objectIn(detail)).filter(([key]) => key !== 'index');
  return JSON.stringify(Object.fromEntries(state.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

const openaiMessage = ['role', 'content', 'name', 'refusal', 'audio', 'annotations', 'function_call', 'tool_calls', 'tool_call_id'];

function check(body: JsonObject, rules: OpenaiRules): void {
  const { target, fields = [], messageFields = [] } = rules;
  refuse(body['model'] !== target.model, `The model \`${String(body['model'])}\` does not exist`);
  const messages = objectsIn(body['messages']);
  for (const [at, message] of messages.entries()) {
    const extra = Object.keys(message).find((key) => !openaiMessage.includes(key) && !messageFields.includes(key));
    refuse(extra !== undefined, `Unknown parameter: 'messages[${at}].${extra}'.`);
  }
  const known = (object: JsonObject, left: readonly string[]): JsonObject => Object.fromEntries(Object.entries(object).filter(([key]) => !left.includes(key)));
  refusing(() =>
    checkOpenaiRequest(
      { ...known(body, fields), messages: messages.map((message) => plainTool(known(message, messageFields), rules)) },
      { lenient: false, thinks: false },
    ),
  );
  rules.check?.(messages, body);
}

/** Where a tool's message may hold media, the rest of the check sees its text. */
function plainTool(message: JsonObject, { messageFields = [] }: OpenaiRules): JsonObject {
  const { content } = message;
  if (message['role'] !== 'tool' || !messageFields.includes('media') || !Array.isArray(content)) return message;
  return { ...message, content: content.filter((part) => isObject(part) && part['type'] === 'text') };
}

function thoughtOf({ target: { provider }, thinks }: OpenaiRules, count: number): Thought {
  const text = `thought ${count} of ${provider}: "考虑" 😀\n`;
  if (thinks === 'reasoning_content') return { text, states: [text], fields: [['reasoning_content', printString(text)]] };
  const details = [
    { type: 'reasoning.text', text, signature: `Esig+${provider}/${count}==`, format: 'anthropic-claude-v1', id: null },
    { type: 'reasoning.encrypted', data: `gAAAAA${provider}-${count}_==`, id: `rs_${provider}${count}`, format: 'openai-responses-v1' },
  ].map((detail) => Object.fromEntries(Object.entries(detail).filter(([, value]) => value !== null)));
  return {
    text,
    states: details.map(stateOf),
    fields: [
      ['reasoning', printString(text)],
      ['reasoning_details', JSON.stringify(details.map((detail, index) => ({ ...detail, index })))],
    ],
  };
}

function head({ target }: OpenaiRules, object: string): readonly (readonly [string, RawJson])[] {
  return [
    ['id', '"chatcmpl-1"'],
    ['object', printString(object)],
    ['created', '1793000000'],
    ['model', printString(target.model)],
  ];
}

const usage = '{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}';

function callOf({ id, name, args }: Made['calls'][number], written: string, index?: number): RawJson {
  return printObject([
    ['index', index === undefined ? undefined : String(index)],
    ['id', printString(id)],
    ['type', '"function"'],
    ['function', `{"name":${printString(name)},"arguments":${printString(written === '' ? '' : args)}}`],
  ]);
}

function wholeOf({ thought, says, calls }: Made, rules: OpenaiRules): string {
  const message = printObject([
    ['role', '"assistant"'],
    ['content', printString(says)],
    ['refusal', 'null'],
    ...(thought?.fields ?? []),
    ['tool_calls', calls.length === 0 ? undefined : printArray(calls.map((call) => callOf(call, call.args)))],
  ]);
  const finish = calls.length > 0 ? 'tool_calls' : 'stop';
  return printObject([
    ...head(rules, 'chat.completion'),
    ['choices', `[{"index":0,"message":${message},"logprobs":null,"finish_reason":"${finish}"}]`],
    ['usage', usage],
  ]);
}

function streamOf({ thought, says, calls }: Made, rules: OpenaiRules): string {
  const chunk = (delta: RawJson, finish = 'null'): string =>
    sse(printObject([...head(rules, 'chat.completion.chunk'), ['choices', `[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}]`]]));
  const key = rules.thinks === 'details' ? 'reasoning' : 'reasoning_content';
  const details = thought?.fields.find(([name]) => name === 'reasoning_details');
  const written = calls.map(({ args }, index) => pieces(args).map((text) => ({ index, text })));
  const longest = Math.max(0, ...written.map((list) => list.length));
  const mixed = Array.from({ length: longest }, (_, at) => written.flatMap((list) => list[at] ?? [])).flat();
  const argument = ({ index, text }: { index: number; text: string }): string =>
    chunk(`{"tool_calls":[{"index":${index},"function":{"arguments":${printString(text)}}}]}`);
  const begin = (index: number): string => {
    const call = calls[index];
    return call === undefined ? '' : chunk(`{"tool_calls":[${callOf(call, '', index)}]}`);
  };
  const called =
    rules.interleaves === true
      ? [...calls.map((_, index) => begin(index)), ...mixed.map(argument)]
      : written.flatMap((list, index) => [begin(index), ...list.map(argument)]);
  return [
    chunk('{"role":"assistant","content":"","refusal":null}'),
    ...(thought === undefined ? [] : pieces(thought.text).map((text) => chunk(`{"${key}":${printString(text)}}`))),
    ...(details === undefined ? [] : [chunk(`{"reasoning_details":${details[1]}}`)]),
    ...pieces(says).map((text) => chunk(`{"content":${printString(text)}}`)),
    ...called,
    chunk('{}', calls.length > 0 ? '"tool_calls"' : '"stop"'),
    sse(printObject([...head(rules, 'chat.completion.chunk'), ['choices', '[]'], ['usage', usage]])),
    'data: [DONE]\n\n',
  ].join('');
}
