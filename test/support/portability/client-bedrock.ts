import type { RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { printArray, printObject, printString } from '../../../packages/modelwire/src/core/json-print.ts';
import { isObject, parseJsonText } from '../../../packages/modelwire/src/core/json-text.ts';
import { type Client, type ClientCall, dataIn, describe, type Setup, png, systemText, toolSchema } from './client.ts';
import { objectIn, objectsIn } from './strict-provider.ts';

const mark = '{"cachePoint":{"type":"default"}}';
const image = `{"image":{"format":"png","source":{"bytes":"${png}"}}}`;

/** `drops` is `@aws-sdk/client-bedrock-runtime`: it reads the members that its model has and prints them anew. `keeps` is who writes the JSON himself. */
export function bedrockClient({ manner, names }: Setup): Client {
  const messages: RawJson[] = [];
  const tools = names.map((name) => `{"toolSpec":{"name":${printString(name)},"description":${describe(name)},"inputSchema":{"json":${toolSchema}}}}`);
  return {
    say(text, withImage) {
      const first = messages.length === 0 ? `,${mark}` : '';
      messages.push(`{"role":"user","content":[{"text":${printString(text)}}${first}${withImage ? `,${image}` : ''}]}`);
    },
    // The model and whether it streams are in the path.
    request: () =>
      printObject([
        ['messages', printArray(messages)],
        ['system', printArray([`{"text":${printString(systemText)}}`, mark])],
        ['inferenceConfig', '{"maxTokens":8192}'],
        ['toolConfig', `{"tools":${printArray([...tools, mark])}}`],
        ['additionalModelRequestFields', '{"thinking":{"type":"enabled","budget_tokens":2048}}'],
      ]),
    hear(answer, stream) {
      const blocks = stream ? blocksIn(answer) : blocksOf(answer);
      messages.push(`{"role":"assistant","content":${printArray(manner === 'drops' ? blocks.map(typed) : blocks)}}`);
      return blocks.flatMap(callsIn);
    },
    answerCalls(results) {
      const printed = results.map(({ call, text, image: withImage, isError }) => {
        const content = `[{"text":${printString(text)}}${withImage === true ? `,${image}` : ''}]`;
        return `{"toolResult":{"toolUseId":${printString(call.id)},"content":${content}${isError === true ? ',"status":"error"' : ''}}}`;
      });
      messages.push(`{"role":"user","content":${printArray(printed)}}`);
    },
  };
}

function callsIn(block: RawJson): readonly ClientCall[] {
  const json = parseJsonText(block);
  const call = objectIn(json.value)['toolUse'];
  return isObject(call) ? [{ id: String(call['toolUseId']), name: String(call['name']), args: json.raw(['toolUse', 'input']) ?? '' }] : [];
}

function blocksOf(answer: string): readonly RawJson[] {
  const json = parseJsonText(answer);
  const message = objectIn(objectIn(objectIn(json.value)['output'])['message']);
  return objectsIn(message['content']).map((_, index) => json.raw(['output', 'message', 'content', index]) ?? '');
}

function typed(raw: RawJson): RawJson {
  const { text, toolUse, reasoningContent } = objectIn(JSON.parse(raw));
  if (isObject(toolUse)) return JSON.stringify({ toolUse: { toolUseId: toolUse['toolUseId'], name: toolUse['name'], input: toolUse['input'] } });
  if (!isObject(reasoningContent)) return JSON.stringify({ text });
  const { reasoningText, redactedContent } = reasoningContent;
  const clear = isObject(reasoningText) ? { text: reasoningText['text'], signature: reasoningText['signature'] } : undefined;
  return JSON.stringify({ reasoningContent: { reasoningText: clear, redactedContent } });
}

type Growing = { start: RawJson | undefined; text: string; input: string; thinking: string; signature: string | undefined; redacted: string | undefined };

/** The blocks that a stream adds up to. Input stays the text that came. */
function blocksIn(stream: string): readonly RawJson[] {
  const blocks: Growing[] = [];
  for (const data of dataIn(stream)) {
    const json = parseJsonText(data);
    const [name = '', inner] = Object.entries(objectIn(json.value))[0] ?? [];
    if (name !== 'contentBlockStart' && name !== 'contentBlockDelta') continue;
    const event = objectIn(inner);
    const at = Number(event['contentBlockIndex']);
    const block = (blocks[at] ??= { start: undefined, text: '', input: '', thinking: '', signature: undefined, redacted: undefined });
    block.start ??= json.raw([name, 'start', 'toolUse']);
    if (name === 'contentBlockDelta') grow(block, objectIn(event['delta']));
  }
  return blocks.map(printBlock);
}

function grow(block: Growing, { text, toolUse, reasoningContent }: { readonly [key: string]: unknown }): void {
  if (typeof text === 'string') block.text += text;
  if (isObject(toolUse)) block.input += String(toolUse['input']);
  if (!isObject(reasoningContent)) return;
  const { text: thought, signature, redactedContent } = reasoningContent;
  if (typeof thought === 'string') block.thinking += thought;
  if (typeof signature === 'string') block.signature = signature;
  if (typeof redactedContent === 'string') block.redacted = redactedContent;
}

function printBlock({ start, text, input, thinking, signature, redacted }: Growing): RawJson {
  if (start !== undefined) return `{"toolUse":${start.slice(0, -1)},"input":${input}}}`;
  if (redacted !== undefined) return `{"reasoningContent":{"redactedContent":${printString(redacted)}}}`;
  if (signature === undefined && thinking === '') return `{"text":${printString(text)}}`;
  const signed = signature === undefined ? '' : `,"signature":${printString(signature)}`;
  return `{"reasoningContent":{"reasoningText":{"text":${printString(thinking)}${signed}}}}`;
}
