import type { RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { printArray, printObject, printString } from '../../../packages/modelwire/src/core/json-print.ts';
import { isObject, parseJsonText } from '../../../packages/modelwire/src/core/json-text.ts';
import { type Client, type ClientCall, dataIn, describe, type Setup, png, systemText, toolSchema } from './client.ts';
import { objectIn, objectsIn } from './strict-provider.ts';

const image = `{"inlineData":{"mimeType":"image/png","data":"${png}"}}`;

export function geminiClient({ manner, names }: Setup): Client {
  const contents: RawJson[] = [];
  const declared = printArray(names.map((name) => `{"name":${printString(name)},"description":${describe(name)},"parametersJsonSchema":${toolSchema}}`));
  return {
    say(text, withImage) {
      contents.push(`{"role":"user","parts":[{"text":${printString(text)}}${withImage ? `,${image}` : ''}]}`);
    },
    request: () =>
      printObject([
        ['contents', printArray(contents)],
        ['systemInstruction', `{"parts":[{"text":${printString(systemText)}}]}`],
        ['tools', `[{"functionDeclarations":${declared}}]`],
        ['generationConfig', '{"thinkingConfig":{"includeThoughts":true,"thinkingLevel":"HIGH"}}'],
      ]),
    hear(answer, stream) {
      const heard = (stream ? dataIn(answer) : [answer]).map(contentOf);
      // Each chunk of a stream is kept as it came, a content of its own.
      if (manner === 'keeps') contents.push(...heard.filter(({ parts }) => parts.length > 0).map(({ raw }) => raw));
      else contents.push(`{"role":"model","parts":${printArray(heard.flatMap(({ parts }) => parts.flatMap(typed)))}}`);
      return heard.flatMap(({ parts }) => parts.flatMap(callsIn));
    },
    answerCalls(results) {
      const printed = results.map(({ call, text, image: withImage, isError }) => {
        const id = call.id === '' || manner === 'drops' ? '' : `"id":${printString(call.id)},`;
        const media = withImage === true ? `,"parts":[${image}]` : '';
        return `{"functionResponse":{${id}"name":${printString(call.name)},"response":{"${isError === true ? 'error' : 'output'}":${printString(text)}}${media}}}`;
      });
      contents.push(`{"role":"user","parts":${printArray(printed)}}`);
    },
  };
}

function contentOf(chunk: string): { readonly raw: RawJson; readonly parts: readonly RawJson[] } {
  const json = parseJsonText(chunk);
  const [candidate] = objectsIn(objectIn(json.value)['candidates']);
  const parts = objectsIn(objectIn(candidate?.['content'])['parts'] ?? []);
  const at = ['candidates', 0, 'content'] as const;
  return { raw: json.raw(at) ?? '', parts: parts.map((_, index) => json.raw([...at, 'parts', index]) ?? '') };
}

function callsIn(part: RawJson): readonly ClientCall[] {
  const json = parseJsonText(part);
  const call = objectIn(json.value)['functionCall'];
  if (!isObject(call)) return [];
  return [{ id: typeof call['id'] === 'string' ? call['id'] : '', name: String(call['name']), args: json.raw(['functionCall', 'args']) ?? '{}' }];
}

/** Thoughts are left out of the history, as Google's own agent does, and calls have no ids. */
function typed(part: RawJson): readonly RawJson[] {
  const { text, thought, thoughtSignature, functionCall } = objectIn(JSON.parse(part));
  if (thought === true || (text === '' && thoughtSignature === undefined)) return [];
  const call = isObject(functionCall) ? { name: functionCall['name'], args: functionCall['args'] } : undefined;
  return [JSON.stringify({ text, functionCall: call, thoughtSignature })];
}
