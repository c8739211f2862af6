import type { RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { printArray, printString } from '../../../packages/modelwire/src/core/json-print.ts';
import { isObject, type JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import type { Target } from '../../../packages/modelwire/src/core/target.ts';
import { checkGeminiRequest } from '../../../packages/modelwire/src/providers/mock-gemini-check.ts';
import { callSignatureOf, thoughtSignatureOf } from '../../../packages/modelwire/src/providers/mock-signature.ts';
import { type Issued, objectIn, objectsIn, pieces, read, refuse, refusing, sse, type StrictProvider, textOf, type Turn } from './strict-provider.ts';

/** Google: signs the first call of a step, and the text of an answer without calls. Its calls have no ids. */
export function strictGemini({ target }: { readonly target: Target }): StrictProvider {
  const issued: Issued[] = [];
  let answers = 0;

  const make = (turn: Turn, body: JsonObject): readonly RawJson[] => {
    const tools = toolsIn(body);
    const config = isObject(body['generationConfig']) ? body['generationConfig'] : {};
    const shows = isObject(config['thinkingConfig']) && config['thinkingConfig']['includeThoughts'] === true;
    const thought = `thought ${++answers} of ${target.provider}: "考虑" 😀\n`;
    const shown = `thought ${answers} of ${target.provider}`;
    const thoughts = shows ? pieces(thought).map((text) => `{"text":${printString(text)},"thought":true}`) : [];
    const said = pieces(turn.says).map((text) => `{"text":${printString(text)}}`);
    const calls = turn.calls.map(({ tool, args }, index) => {
      const name = tools[tool] ?? '';
      const call = `{"functionCall":{"name":${printString(name)},"args":${args}}`;
      const signature = callSignatureOf(name, JSON.parse(args));
      if (index === 0) issued.push({ state: signature, secrets: [signature], shown, withCalls: true, plain: false });
      return index === 0 ? `${call},"thoughtSignature":${printString(signature)}}` : `${call}}`;
    });
    if (calls.length > 0) return [...thoughts, ...said, ...calls];
    const signature = thoughtSignatureOf(turn.says);
    issued.push({ state: signature, secrets: [signature], shown, withCalls: false, plain: false, optional: true });
    return [...thoughts, ...said, `{"text":"","thoughtSignature":${printString(signature)}}`];
  };

  return {
    target,
    dialect: 'gemini',
    issued,
    answer(text, stream, turn) {
      const body = objectIn(read(text).value);
      refusing(() => checkGeminiRequest({ ...body, model: target.model, stream }, { lenient: false, thinks: true }));
      for (const state of statesIn(body)) refuse(!issued.some((one) => one.state === state), 'Thought signature is not valid.');
      checkOrder(objectsIn(body['contents']));
      const parts = make(turn, body);
      return stream ? streamOf(parts, target) : answerOf(parts, true, target);
    },
    returned: statesIn,
    told(json) {
      const body = objectIn(json.value);
      const calls = objectsIn(body['contents']).flatMap(({ parts }, at) =>
        objectsIn(parts).flatMap(({ functionCall }, index) =>
          isObject(functionCall)
            ? [{ name: String(functionCall['name']), args: json.raw(['contents', at, 'parts', index, 'functionCall', 'args']) ?? '' }]
            : [],
        ),
      );
      const said = objectsIn(body['contents']).map(({ role, parts }) =>
        role === 'model' ? textOf(objectsIn(parts).filter(({ thought }) => thought !== true)) : '',
      );
      // Nothing but the name tells whose it is.
      const results = objectsIn(body['contents'])
        .flatMap(({ parts }) => objectsIn(parts))
        .flatMap(({ functionResponse }) =>
          isObject(functionResponse) ? [{ name: String(functionResponse['name']), text: JSON.stringify(functionResponse) }] : [],
        );
      return { tools: toolsIn(body), calls, results, said: said.join('') };
    },
    cached: { list: 'contents', fixed: ['tools', 'systemInstruction'] },
  };
}

function toolsIn(body: JsonObject): readonly string[] {
  return objectsIn(body['tools'])
    .flatMap((tool) => objectsIn(tool['functionDeclarations']))
    .map((tool) => String(tool['name']));
}

const standIn = 'skip_thought_signature_validator';

function statesIn(body: JsonObject): readonly string[] {
  return objectsIn(body['contents']).flatMap(({ parts }) =>
    objectsIn(parts).flatMap(({ thoughtSignature: state }) => (typeof state === 'string' && state !== standIn ? [state] : [])),
  );
}

/** Results stand in the order of their calls, where several are of one name nothing else tells them apart. */
function checkOrder(contents: readonly JsonObject[]): void {
  const namesIn = (content: JsonObject | undefined, key: string): string[] =>
    objectsIn(content?.['parts'] ?? []).flatMap((part) => (isObject(part[key]) ? [String(part[key]['name'])] : []));
  let called: string[] = [];
  for (const content of contents) {
    if (content['role'] === 'model') {
      called.push(...namesIn(content, 'functionCall'));
      continue;
    }
    const answered = namesIn(content, 'functionResponse');
    refuse(
      answered.some((name, index) => name !== called[index]),
      'Please ensure that the function responses are in the order of their calls.',
    );
    called = [];
  }
}

function answerOf(parts: readonly RawJson[], last: boolean, { model }: Target): string {
  const end = last ? ',"finishReason":"STOP"' : '';
  const usage = '"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":5,"totalTokenCount":15}';
  return `{"candidates":[{"content":{"parts":${printArray(parts)},"role":"model"}${end},"index":0}],${usage},"modelVersion":${printString(model)},"responseId":"r1"}`;
}

function streamOf(parts: readonly RawJson[], target: Target): string {
  return parts.map((part, index) => sse(answerOf([part], index === parts.length - 1, target))).join('');
}
