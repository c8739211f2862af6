import type { RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { printArray, printObject, printString } from '../../../packages/modelwire/src/core/json-print.ts';
import { isObject, type JsonObject, parseJsonText } from '../../../packages/modelwire/src/core/json-text.ts';
import { chatBeginning, type Client, type ClientCall, dataIn, type Setup } from './client.ts';
import { objectIn, objectsIn } from './strict-provider.ts';

export function openaiClient({ manner, names }: Setup): Client {
  const { messages, tools, say } = chatBeginning(names);
  return {
    say,
    request: (model, stream) =>
      printObject([
        ['model', printString(model)],
        ['messages', printArray(messages)],
        ['tools', tools],
        ['reasoning_effort', '"high"'],
        ['stream', stream ? 'true' : undefined],
      ]),
    hear(answer, stream) {
      const raw = stream
        ? JSON.stringify(joined(answer, manner === 'overwrites' ? overwritten : grown))
        : (parseJsonText(answer).raw(['choices', 0, 'message']) ?? '');
      const message = objectIn(JSON.parse(raw));
      const calls = callsIn(message);
      messages.push(manner === 'drops' ? typed(message, calls) : raw);
      return calls;
    },
    answerCalls(results) {
      for (const { call, text } of results) messages.push(`{"role":"tool","tool_call_id":${printString(call.id)},"content":${printString(text)}}`);
    },
  };
}

function callsIn(message: JsonObject): readonly ClientCall[] {
  return objectsIn(message['tool_calls'] ?? []).map(({ id, function: called }) => {
    const { name, arguments: args } = objectIn(called);
    return { id: String(id), name: String(name), args: String(args) };
  });
}

function typed({ content }: JsonObject, calls: readonly ClientCall[]): RawJson {
  const printed = calls.map(
    ({ id, name, args }) => `{"id":${printString(id)},"type":"function","function":{"name":${printString(name)},"arguments":${printString(args)}}}`,
  );
  return printObject([
    ['role', '"assistant"'],
    ['content', JSON.stringify(content ?? null)],
    ['tool_calls', printed.length === 0 ? undefined : printArray(printed)],
  ]);
}

/** The message that the deltas add up to, as the official Python library does it: strings grow, lists are joined by their `index`. */
function joined(stream: string, grow: (whole: JsonObject, delta: JsonObject) => JsonObject): JsonObject {
  let message: JsonObject = {};
  for (const data of dataIn(stream)) {
    if (data === '[DONE]') break;
    const [choice] = objectsIn(objectIn(JSON.parse(data))['choices']);
    if (choice !== undefined) message = grow(message, objectIn(choice['delta']));
  }
  return withoutIndexes(message);
}

const knownDeltas = ['role', 'content', 'refusal', 'tool_calls'];

function overwritten(whole: JsonObject, delta: JsonObject): JsonObject {
  const known = Object.fromEntries(Object.entries(delta).filter(([key]) => knownDeltas.includes(key)));
  return { ...whole, ...delta, ...grown(whole, known), ...Object.fromEntries(Object.entries(delta).filter(([key]) => !knownDeltas.includes(key))) };
}

function grown(whole: JsonObject, delta: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...whole };
  for (const [key, value] of Object.entries(delta)) merged[key] = key === 'type' || key === 'index' ? value : added(merged[key], value);
  return merged;
}

function added(whole: unknown, more: unknown): unknown {
  if (whole === undefined || whole === null) return more;
  if (typeof whole === 'string' && typeof more === 'string') return whole + more;
  if (isObject(whole) && isObject(more)) return grown(whole, more);
  if (!Array.isArray(whole) || !Array.isArray(more)) return more ?? whole;
  const list = objectsIn(whole).slice();
  for (const item of objectsIn(more)) {
    const at = list.findIndex(({ index }) => index === item['index']);
    if (at === -1) list.push(item);
    else list[at] = grown(list[at] ?? {}, item);
  }
  return list;
}

/** Where a call stands in a stream has no place in a message that goes back. */
function withoutIndexes(message: JsonObject): JsonObject {
  if (!Array.isArray(message['tool_calls'])) return message;
  const calls = objectsIn(message['tool_calls']).map((call) => Object.fromEntries(Object.entries(call).filter(([key]) => key !== 'index')));
  return { ...message, tool_calls: calls };
}
