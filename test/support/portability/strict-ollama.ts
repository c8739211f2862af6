import type { RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { printArray, printObject, printString } from '../../../packages/modelwire/src/core/json-print.ts';
import { type JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import type { Target } from '../../../packages/modelwire/src/core/target.ts';
import { checkOllamaRequest } from '../../../packages/modelwire/src/providers/mock-ollama-check.ts';
import { type Issued, objectIn, objectsIn, pieces, read, refuse, refusing, type StrictProvider, type Turn } from './strict-provider.ts';

/** Ollama: thinking in clear, calls whole, results that name their tool. */
export function strictOllama({ target }: { readonly target: Target }): StrictProvider {
  const issued: Issued[] = [];
  let answers = 0;
  let calls = 0;

  const make = (turn: Turn, body: JsonObject): Made => {
    const tools = toolsIn(body);
    const thinks = body['think'] !== undefined && body['think'] !== false;
    const thinking = thinks ? `thought ${++answers} of ${target.provider}: "考虑" 😀\n` : '';
    if (thinks) issued.push({ state: thinking, secrets: [], shown: `thought ${answers} of ${target.provider}`, withCalls: turn.calls.length > 0, plain: true });
    return {
      thinking,
      content: turn.says,
      calls: turn.calls.map(
        ({ tool, args }, index) =>
          `{"id":"call_${String(calls++).padStart(8, 'e')}","function":{"index":${index},"name":${printString(tools[tool] ?? '')},"arguments":${args}}}`,
      ),
    };
  };

  return {
    target,
    dialect: 'ollama',
    streamType: 'application/x-ndjson',
    issued,
    answer(text, stream, turn) {
      const body = objectIn(read(text).value);
      refuse(body['model'] !== target.model, `model '${String(body['model'])}' not found`);
      refuse((body['stream'] !== false) !== stream, 'stream: not what was asked for');
      refusing(() => checkOllamaRequest(body, { lenient: false, thinks: true }));
      checkNames(objectsIn(body['messages']));
      const made = make(turn, body);
      return stream ? streamOf(made, target) : lineOf(made, true, target);
    },
    returned: thoughtsIn,
    told(json) {
      const body = objectIn(json.value);
      const messages = objectsIn(body['messages']);
      return {
        tools: toolsIn(body),
        results: messages.flatMap((message) => (message['role'] === 'tool' ? [{ name: String(message['tool_name']), text: JSON.stringify(message) }] : [])),
        said: messages.map(({ role, content }) => (role === 'assistant' ? String(content ?? '') : '')).join(''),
        calls: messages.flatMap(({ tool_calls: made }, at) =>
          objectsIn(made ?? []).map(({ function: called }, index) => ({
            name: String(objectIn(called)['name']),
            args: json.raw(['messages', at, 'tool_calls', index, 'function', 'arguments']) ?? '',
          })),
        ),
      };
    },
    cached: { list: 'messages', fixed: ['tools', 'think', 'options'] },
  };
}

function toolsIn(body: JsonObject): readonly string[] {
  return objectsIn(body['tools']).map((tool) => String(objectIn(tool['function'])['name']));
}

function thoughtsIn(body: JsonObject): readonly string[] {
  return objectsIn(body['messages']).flatMap(({ thinking }) => (typeof thinking === 'string' && thinking !== '' ? [thinking] : []));
}

/** The templates of some models (gpt-oss) write the result of a tool under its name, and ids must be there on both sides or on none. */
function checkNames(messages: readonly JsonObject[]): void {
  let called: readonly JsonObject[] = [];
  for (const { role, tool_name: name, tool_call_id: id, tool_calls: calls } of messages) {
    if (role !== 'tool') called = objectsIn(calls ?? []);
    else {
      refuse(typeof name !== 'string' || name === '', 'a tool message must have a tool_name');
      const call = called.find((one) => id === undefined || one['id'] === id);
      refuse(id !== undefined && objectIn(call?.['function'])['name'] !== name, `the result of ${String(name)} has the id of another tool's call`);
    }
  }
}

type Made = { readonly thinking: string; readonly content: string; readonly calls: readonly RawJson[] };

const counts = '"total_duration":1,"load_duration":1,"prompt_eval_count":10,"prompt_eval_duration":1,"eval_count":5,"eval_duration":1';

function lineOf({ thinking, content, calls }: Made, done: boolean, { model }: Target): string {
  const message = printObject([
    ['role', '"assistant"'],
    ['content', printString(content)],
    ['thinking', thinking === '' ? undefined : printString(thinking)],
    ['tool_calls', calls.length === 0 ? undefined : printArray(calls)],
  ]);
  const end = done ? `"done":true,"done_reason":"stop",${counts}` : '"done":false';
  return `{"model":${printString(model)},"created_at":"2026-11-01T00:00:00.123456789Z","message":${message},${end}}`;
}

const nothing: Made = { thinking: '', content: '', calls: [] };

function streamOf({ thinking, content, calls }: Made, target: Target): string {
  const lines: readonly Partial<Made>[] = [
    ...pieces(thinking).map((piece) => ({ thinking: piece })),
    ...pieces(content).map((piece) => ({ content: piece })),
    ...calls.map((call) => ({ calls: [call] })),
  ];
  return [...lines.map((line) => lineOf({ ...nothing, ...line }, false, target)), lineOf(nothing, true, target), ''].join('\n');
}
