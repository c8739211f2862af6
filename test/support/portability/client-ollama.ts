import type { RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { type Entry, printArray, printObject, printString } from '../../../packages/modelwire/src/core/json-print.ts';
import { parseJsonText } from '../../../packages/modelwire/src/core/json-text.ts';
import { type Client, type ClientCall, dataIn, describe, type Setup, png, systemText, toolSchema } from './client.ts';
import { objectIn, objectsIn } from './strict-provider.ts';

/**
 * `keeps` pushes the message of the answer, as `ollama` for JavaScript makes easy. `drops` is `ollama` for Python: a call is its name and
 * its arguments, and has no id. Neither sends the id with a result: it goes by the tool's name.
 */
export function ollamaClient({ manner, names }: Setup): Client {
  const messages: RawJson[] = [`{"role":"system","content":${printString(systemText)}}`];
  const tools = printArray(
    names.map((name) => `{"type":"function","function":{"name":${printString(name)},"description":${describe(name)},"parameters":${toolSchema}}}`),
  );
  const images = `"images":["${png}"]`;
  return {
    say: (text, image) => void messages.push(`{"role":"user","content":${printString(text)}${image ? `,${images}` : ''}}`),
    request: (model, stream) =>
      printObject([
        ['model', printString(model)],
        ['messages', printArray(messages)],
        ['tools', tools],
        ['think', 'true'],
        ['stream', String(stream)],
      ]),
    hear(answer, stream) {
      const lines = (stream ? dataIn(answer) : [answer]).map(lineOf);
      const heard = lines.length === 1 ? lines[0] : undefined;
      messages.push(heard !== undefined && manner !== 'drops' ? heard.raw : joined(lines, manner === 'drops'));
      return lines.flatMap(({ calls }) => calls.map(callOf));
    },
    answerCalls(results) {
      for (const { call, text, image } of results)
        messages.push(`{"role":"tool","tool_name":${printString(call.name)},"content":${printString(text)}${image === true ? `,${images}` : ''}}`);
    },
  };
}

type Line = { readonly raw: RawJson; readonly content: string; readonly thinking: string; readonly calls: readonly RawJson[] };

function lineOf(data: string): Line {
  const json = parseJsonText(data);
  const message = objectIn(objectIn(json.value)['message']);
  const calls = objectsIn(message['tool_calls'] ?? []).map((_, index) => json.raw(['message', 'tool_calls', index]) ?? '');
  return { raw: json.raw(['message']) ?? '', content: String(message['content'] ?? ''), thinking: String(message['thinking'] ?? ''), calls };
}

function callOf(raw: RawJson): ClientCall {
  const json = parseJsonText(raw);
  const { id, function: called } = objectIn(json.value);
  return { id: String(id ?? ''), name: String(objectIn(called)['name']), args: json.raw(['function', 'arguments']) ?? '{}' };
}

function joined(lines: readonly Line[], isTyped: boolean): RawJson {
  const calls = lines.flatMap((line) => line.calls);
  const thinking = lines.map((line) => line.thinking).join('');
  const entries: Entry[] = [
    ['role', '"assistant"'],
    ['content', printString(lines.map((line) => line.content).join(''))],
    ['thinking', thinking === '' ? undefined : printString(thinking)],
    ['tool_calls', calls.length === 0 ? undefined : printArray(isTyped ? calls.map(typed) : calls)],
  ];
  return printObject(entries);
}

function typed(raw: RawJson): RawJson {
  const { name, args } = callOf(raw);
  return `{"function":{"name":${printString(name)},"arguments":${JSON.stringify(JSON.parse(args))}}}`;
}
