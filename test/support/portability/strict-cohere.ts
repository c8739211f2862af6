import type { RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { printArray, printObject, printString } from '../../../packages/modelwire/src/core/json-print.ts';
import { isObject, type JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import type { Target } from '../../../packages/modelwire/src/core/target.ts';
import { checkCohereRequest } from '../../../packages/modelwire/src/providers/mock-cohere-check.ts';
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

type Call = { readonly id: string; readonly name: string; readonly args: RawJson };
type Made = { readonly thought: string | undefined; readonly says: string; readonly calls: readonly Call[] };

/** Cohere: thinking that nobody signs, a plan before calls, ids with the name of the tool in them. */
export function strictCohere({ target }: { readonly target: Target }): StrictProvider {
  const issued: Issued[] = [];
  let answers = 0;
  let calls = 0;

  const make = (turn: Turn, body: JsonObject): Made => {
    const tools = toolsIn(body);
    const isOff = isObject(body['thinking']) && body['thinking']['type'] === 'disabled';
    const thought = isOff ? undefined : `thought ${++answers} of ${target.provider}: "考虑" 😀\n`;
    const shown = `thought ${answers} of ${target.provider}`;
    if (thought !== undefined) issued.push({ state: thought, secrets: [], shown, withCalls: turn.calls.length > 0, plain: true });
    return {
      thought,
      says: turn.says,
      calls: turn.calls.map(({ tool, args }) => ({ id: `${tools[tool]}_x9k2m4q8w${String(calls++).padStart(3, '0')}`, name: tools[tool] ?? '', args })),
    };
  };

  return {
    target,
    dialect: 'cohere',
    issued,
    answer(text, stream, turn) {
      const body = objectIn(read(text).value);
      refuse(body['model'] !== target.model, `model '${String(body['model'])}' not found`);
      refusing(() => checkCohereRequest(body, { lenient: false, thinks: true }));
      checkPlans(objectsIn(body['messages']));
      const made = make(turn, body);
      return stream ? streamOf(made) : wholeOf(made);
    },
    returned: thoughtsIn,
    told({ value }) {
      const body = objectIn(value);
      const assistants = objectsIn(body['messages']).filter(({ role }) => role === 'assistant');
      return {
        tools: toolsIn(body),
        results: resultMessages(objectsIn(body['messages'])),
        said: assistants.map(({ tool_plan: plan, content }) => textOf(content) + (typeof plan === 'string' ? plan : '')).join(''),
        calls: assistants
          .flatMap((message) => objectsIn(message['tool_calls'] ?? []))
          .map(({ function: called }) => ({ name: String(objectIn(called)['name']), args: String(objectIn(called)['arguments']) })),
      };
    },
    cached: { list: 'messages', fixed: ['tools', 'thinking'] },
  };
}

function toolsIn(body: JsonObject): readonly string[] {
  return objectsIn(body['tools']).map((tool) => String(objectIn(tool['function'])['name']));
}

function thoughtsIn(body: JsonObject): readonly string[] {
  const parts = objectsIn(body['messages']).flatMap(({ content }) => (Array.isArray(content) ? objectsIn(content) : []));
  return parts.flatMap(({ type, thinking }) => (type === 'thinking' ? [String(thinking)] : []));
}

/** A plan is one of calls, and arguments are an object. */
function checkPlans(messages: readonly JsonObject[]): void {
  for (const { tool_plan: plan, tool_calls: calls } of messages) {
    const made = objectsIn(calls ?? []);
    refuse(plan !== undefined && made.length === 0, 'invalid request: tool_plan must be provided with tool_calls');
    for (const { function: called } of made) refusing(() => objectIn(JSON.parse(String(objectIn(called)['arguments']))));
  }
}

function callOf({ id, name, args }: Call, written: string): RawJson {
  return `{"id":${printString(id)},"type":"function","function":{"name":${printString(name)},"arguments":${printString(written === '' ? '' : args)}}}`;
}

const usage = '{"billed_units":{"input_tokens":10,"output_tokens":5},"tokens":{"input_tokens":10,"output_tokens":5}}';
const id = '"c14c80c3-18eb-4519-9460-6c92edd8cfb4"';

function endOf({ calls }: Made): RawJson {
  return calls.length > 0 ? '"TOOL_CALL"' : '"COMPLETE"';
}

function partsOf({ thought, says, calls }: Made): readonly { readonly kind: 'thinking' | 'text'; readonly text: string }[] {
  return [
    ...(thought === undefined ? [] : [{ kind: 'thinking' as const, text: thought }]),
    ...(calls.length > 0 ? [] : [{ kind: 'text' as const, text: says }]),
  ];
}

function wholeOf(made: Made): string {
  const { says, calls } = made;
  const content = partsOf(made).map(({ kind, text }) => `{"type":"${kind}","${kind}":${printString(text)}}`);
  const message = printObject([
    ['role', '"assistant"'],
    ['tool_plan', calls.length === 0 ? undefined : printString(says)],
    ['tool_calls', calls.length === 0 ? undefined : printArray(calls.map((call) => callOf(call, call.args)))],
    ['content', content.length === 0 ? undefined : printArray(content)],
  ]);
  return `{"id":${id},"message":${message},"finish_reason":${endOf(made)},"usage":${usage}}`;
}

function streamOf(made: Made): string {
  const { says, calls } = made;
  const event = (type: string, rest: string): string => sse(`{"type":"${type}"${rest}}`, type);
  const said = (index: number, message: RawJson): string => `,"index":${index},"delta":{"message":${message}}`;
  return [
    event('message-start', `,"id":${id},"delta":{"message":{"role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[]}}`),
    ...partsOf(made).flatMap(({ kind, text }, index) => [
      event('content-start', said(index, `{"content":{"type":"${kind}","${kind}":""}}`)),
      ...pieces(text).map((piece) => event('content-delta', said(index, `{"content":{"${kind}":${printString(piece)}}}`))),
      event('content-end', `,"index":${index}`),
    ]),
    ...(calls.length === 0 ? [] : pieces(says).map((piece) => event('tool-plan-delta', `,"delta":{"message":{"tool_plan":${printString(piece)}}}`))),
    ...calls.flatMap((call, index) => [
      event('tool-call-start', said(index, `{"tool_calls":${callOf(call, '')}}`)),
      ...pieces(call.args).map((piece) => event('tool-call-delta', said(index, `{"tool_calls":{"function":{"arguments":${printString(piece)}}}}`))),
      event('tool-call-end', `,"index":${index}`),
    ]),
    event('message-end', `,"id":${id},"delta":{"finish_reason":${endOf(made)},"usage":${usage}}`),
    'data: [DONE]\n\n',
  ].join('');
}
