import type { RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { printArray, printObject, printString } from '../../../packages/modelwire/src/core/json-print.ts';
import { type JsonObject, parseJsonText } from '../../../packages/modelwire/src/core/json-text.ts';
import { type Client, dataIn, describe, type Setup, png, systemText, toolSchema } from './client.ts';
import { objectIn, objectsIn } from './strict-provider.ts';

const mark = '"cache_control":{"type":"ephemeral"}';
const image = `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"${png}"}}`;

export function anthropicClient({ manner, names }: Setup): Client {
  const messages: RawJson[] = [];
  const tools = printArray(
    names.map((name, index) => {
      const last = index === names.length - 1 ? `,${mark}` : '';
      return `{"name":${printString(name)},"description":${describe(name)},"input_schema":${toolSchema}${last}}`;
    }),
  );
  return {
    say(text, withImage) {
      const first = messages.length === 0 ? `,${mark}` : '';
      const said = `{"type":"text","text":${printString(text)}${first}}`;
      messages.push(`{"role":"user","content":[${said}${withImage ? `,${image}` : ''}]}`);
    },
    request: (model, stream) =>
      printObject([
        ['model', printString(model)],
        ['max_tokens', '8192'],
        ['thinking', '{"type":"enabled","budget_tokens":2048}'],
        ['system', `[{"type":"text","text":${printString(systemText)},${mark}}]`],
        ['tools', tools],
        ['messages', printArray(messages)],
        ['stream', stream ? 'true' : undefined],
      ]),
    hear(answer, stream) {
      const raw = stream ? blocksIn(answer) : blocksOf(answer);
      messages.push(`{"role":"assistant","content":${printArray(manner === 'keeps' ? raw : raw.map(typed))}}`);
      return raw.flatMap((block) => {
        const json = parseJsonText(block);
        const { type, id, name } = objectIn(json.value);
        return type === 'tool_use' ? [{ id: String(id), name: String(name), args: json.raw(['input']) ?? '' }] : [];
      });
    },
    answerCalls(results) {
      const printed = results.map(({ call, text, image: withImage, isError }) => {
        const content = withImage === true ? `[{"type":"text","text":${printString(text)}},${image}]` : printString(text);
        return `{"type":"tool_result","tool_use_id":${printString(call.id)},"content":${content}${isError === true ? ',"is_error":true' : ''}}`;
      });
      messages.push(`{"role":"user","content":${printArray(printed)}}`);
    },
  };
}

function blocksOf(answer: string): readonly RawJson[] {
  const json = parseJsonText(answer);
  return objectsIn(objectIn(json.value)['content']).map((_, index) => json.raw(['content', index]) ?? '');
}

/** What the official library names of each block, spelled anew. */
function typed(raw: RawJson): RawJson {
  const { type, text, thinking, signature, data, id, name, input } = objectIn(JSON.parse(raw));
  return JSON.stringify({ type, text, thinking, signature, data, id, name, input });
}

type Growing = { readonly start: JsonObject; readonly grown: Record<string, string>; input: string };

/** The blocks that a stream adds up to. Input stays the text that came. */
function blocksIn(stream: string): readonly RawJson[] {
  const blocks: Growing[] = [];
  for (const data of dataIn(stream)) {
    const event = objectIn(JSON.parse(data));
    const at = Number(event['index']);
    if (event['type'] === 'content_block_start') blocks[at] = { start: objectIn(event['content_block']), grown: {}, input: '' };
    const block = blocks[at];
    if (event['type'] !== 'content_block_delta' || block === undefined) continue;
    const { type: _, partial_json: json, ...rest } = objectIn(event['delta']);
    if (typeof json === 'string') block.input += json;
    for (const [key, text] of Object.entries(rest)) block.grown[key] = (block.grown[key] ?? '') + String(text);
  }
  return blocks.map(({ start, grown, input }) =>
    printObject(
      Object.entries({ ...start, ...grown }).map(([key, value]) => [key, key === 'input' ? (input === '' ? '{}' : input) : JSON.stringify(value)] as const),
    ),
  );
}
