import type { RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { printArray, printObject, printString } from '../../../packages/modelwire/src/core/json-print.ts';
import { isObject, type JsonObject, parseJsonText } from '../../../packages/modelwire/src/core/json-text.ts';
import { chatBeginning, type Client, type ClientCall, dataIn, type Setup } from './client.ts';
import { objectIn, objectsIn } from './strict-provider.ts';

/**
 * `keeps` pushes the message of the answer, as `cohere-ai` makes easy. `drops` writes what Cohere's guides do: of an answer with calls the
 * calls and the plan, of any other the text.
 */
export function cohereClient({ manner, names }: Setup): Client {
  const { messages, tools, say } = chatBeginning(names);
  return {
    say,
    request: (model, stream) =>
      printObject([
        ['model', printString(model)],
        ['messages', printArray(messages)],
        ['tools', tools],
        ['thinking', '{"type":"enabled"}'],
        ['stream', stream ? 'true' : undefined],
      ]),
    hear(answer, stream) {
      const raw = stream ? joined(answer) : (parseJsonText(answer).raw(['message']) ?? '');
      const message = objectIn(JSON.parse(raw));
      const calls = callsIn(message);
      messages.push(manner === 'drops' ? typed(message, calls) : raw);
      return calls;
    },
    answerCalls(results) {
      for (const { call, text } of results) {
        const document = `[{"type":"document","document":{"data":{"text":${printString(text)}}}}]`;
        const content = manner === 'drops' ? printString(text) : document;
        messages.push(`{"role":"tool","tool_call_id":${printString(call.id)},"content":${content}}`);
      }
    },
  };
}

function callsIn(message: JsonObject): readonly ClientCall[] {
  return objectsIn(message['tool_calls'] ?? []).map(({ id, function: called }) => {
    const { name, arguments: args } = objectIn(called);
    return { id: String(id), name: String(name), args: String(args) };
  });
}

function typed(message: JsonObject, calls: readonly ClientCall[]): RawJson {
  const { content, tool_plan, tool_calls } = message;
  if (calls.length > 0) return JSON.stringify({ role: 'assistant', tool_calls, tool_plan });
  const [first] = objectsIn(content).filter(({ type }) => type === 'text');
  return JSON.stringify({ role: 'assistant', content: first?.['text'] });
}

/** The message that the events add up to. */
function joined(stream: string): RawJson {
  const content: Record<string, unknown>[] = [];
  const calls: { id: string; name: string; args: string }[] = [];
  let plan = '';
  for (const data of dataIn(stream)) {
    if (data === '[DONE]') break;
    const event = objectIn(JSON.parse(data));
    const delta = isObject(event['delta']) ? event['delta'] : {};
    const message = isObject(delta['message']) ? delta['message'] : {};
    const at = Number(event['index']);
    const part = isObject(message['content']) ? message['content'] : {};
    const call = isObject(message['tool_calls']) ? message['tool_calls'] : {};
    const made = isObject(call['function']) ? call['function'] : {};
    if (typeof message['tool_plan'] === 'string') plan += message['tool_plan'];
    if (event['type'] === 'content-start') content[at] = { ...part };
    if (event['type'] === 'content-delta')
      for (const [key, text] of Object.entries(part)) content[at] = { ...content[at], [key]: `${String(content[at]?.[key])}${String(text)}` };
    if (event['type'] === 'tool-call-start') calls[at] = { id: String(call['id']), name: String(made['name']), args: String(made['arguments'] ?? '') };
    const open = calls[at];
    if (event['type'] === 'tool-call-delta' && open !== undefined) open.args += String(made['arguments']);
  }
  return JSON.stringify({
    role: 'assistant',
    ...(content.length === 0 ? {} : { content }),
    ...(plan === '' ? {} : { tool_plan: plan }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(({ id, name, args }) => ({ id, type: 'function', function: { name, arguments: args } })) }),
  });
}
