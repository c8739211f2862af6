import type { RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { printArray, printObject, printString } from '../../../packages/modelwire/src/core/json-print.ts';
import { parseJsonText } from '../../../packages/modelwire/src/core/json-text.ts';
import { type Client, dataIn, describe, png, type Setup, systemText, toolSchema } from './client.ts';
import { objectIn, objectsIn } from './strict-provider.ts';

const image = `{"type":"input_image","detail":"auto","image_url":"data:image/png;base64,${png}"}`;

/** Keeps nothing with the provider: every request has the whole conversation, encrypted thinking included. */
export function responsesClient({ manner, names }: Setup): Client {
  const input: RawJson[] = [];
  const tools = printArray(
    names.map((name) => `{"type":"function","name":${printString(name)},"description":${describe(name)},"parameters":${toolSchema},"strict":false}`),
  );
  return {
    say(text, withImage) {
      const said = `{"type":"input_text","text":${printString(text)}}`;
      input.push(`{"type":"message","role":"user","content":[${said}${withImage ? `,${image}` : ''}]}`);
    },
    request: (model, stream) =>
      printObject([
        ['model', printString(model)],
        ['instructions', printString(systemText)],
        ['input', printArray(input)],
        ['tools', tools],
        ['reasoning', '{"effort":"high"}'],
        ['include', '["reasoning.encrypted_content"]'],
        ['store', 'false'],
        ['stream', stream ? 'true' : undefined],
      ]),
    hear(answer, stream) {
      const items = outputOf(stream ? completed(answer) : answer);
      input.push(...(manner === 'keeps' ? items : items.map(typed)));
      return items.flatMap((raw) => {
        const { type, call_id: id, name, arguments: args } = objectIn(JSON.parse(raw));
        return type === 'function_call' ? [{ id: String(id), name: String(name), args: String(args) }] : [];
      });
    },
    answerCalls(results) {
      for (const { call, text, image: withImage } of results) {
        const output = withImage === true ? `[{"type":"input_text","text":${printString(text)}},${image}]` : printString(text);
        input.push(`{"type":"function_call_output","call_id":${printString(call.id)},"output":${output}}`);
      }
    },
  };
}

/** The last event of a stream holds the whole answer. */
function completed(stream: string): string {
  const last = dataIn(stream).find((data) => objectIn(JSON.parse(data))['type'] === 'response.completed') ?? '{}';
  return parseJsonText(last).raw(['response']) ?? '{}';
}

function outputOf(answer: string): readonly RawJson[] {
  const json = parseJsonText(answer);
  return objectsIn(objectIn(json.value)['output']).map((_, index) => json.raw(['output', index]) ?? '');
}

/** What the documents ask to be sent back of each item. */
function typed(raw: RawJson): RawJson {
  const { type, id, role, content, call_id, name, arguments: args, summary, encrypted_content } = objectIn(JSON.parse(raw));
  if (type === 'message') return JSON.stringify({ type, role, content: objectsIn(content).map(({ text }) => ({ type: 'output_text', text })) });
  if (type === 'function_call') return JSON.stringify({ type, call_id, name, arguments: args });
  return JSON.stringify({ type, id, summary, encrypted_content });
}
