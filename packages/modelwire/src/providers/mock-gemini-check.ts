import { GatewayError } from '../core/errors.ts';
import { isBase64 } from './mock-count.ts';
import { isObject, type JsonObject } from '../core/json-text.ts';
import { callSignatureOf, thoughtSignatureOf } from './mock-signature.ts';
import { objectAt, objectsAt, textAt, textsAt } from './mock-view.ts';
import type { MockRules } from './mock-wire.ts';

const keys = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** Every field that the endpoint documents; `model` and `stream` are what the path said. `x_…` passes for tests. */
const fields = keys(
  'model stream contents systemInstruction tools toolConfig safetySettings generationConfig cachedContent labels serviceTier store modelArmorConfig continuationToken',
);
const configFields = keys(
  'candidateCount stopSequences maxOutputTokens temperature topP topK seed presencePenalty frequencyPenalty responseMimeType responseSchema responseJsonSchema ' +
    'responseModalities responseLogprobs logprobs thinkingConfig speechConfig imageConfig mediaResolution audioTimestamp enableEnhancedCivicAnswers',
);
const partFields = keys(
  'text inlineData fileData functionCall functionResponse executableCode codeExecutionResult toolCall toolResponse thought thoughtSignature videoMetadata mediaResolution partMetadata',
);
const dataFields = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse', 'executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'];
const declarationFields = keys('name description parameters parametersJsonSchema response responseJsonSchema behavior');

function refused(message: string): GatewayError {
  return new GatewayError('invalid_request', message);
}

function checkKeys(object: JsonObject, known: ReadonlySet<string>, at: string): void {
  const extra = Object.keys(object).find((key) => !known.has(key) && !key.startsWith('x_'));
  if (extra !== undefined) throw refused(`Invalid JSON payload received. Unknown name "${extra}"${at === '' ? '' : ` at '${at}'`}: Cannot find field.`);
}

/** Refuses what Google refuses, in its words. */
export function checkGeminiRequest(body: JsonObject, rules: MockRules): void {
  if (!rules.lenient) checkKeys(body, fields, '');
  checkConfig(objectAt(body, 'generationConfig'), rules.lenient);
  const contents = body['contents'];
  if (!Array.isArray(contents) || contents.length === 0) throw refused('* GenerateContentRequest.contents: contents is not specified');
  contents.forEach((content: unknown, index) => checkContent(content, `contents[${index}]`));
  const system = body['systemInstruction'];
  if (isObject(system) && objectsAt(system, 'parts').some((part) => typeof part['text'] !== 'string'))
    throw refused('System instruction only supports text parts');
  checkTurns(contents.filter(isObject));
  if (rules.thinks) checkSignatures(turnsOf(contents.filter(isObject)));
  checkTools(body);
}

const ranges: { readonly [field: string]: readonly [number, number] } = {
  temperature: [0, 2],
  topP: [0, 1],
  topK: [1, Infinity],
  maxOutputTokens: [1, Infinity],
  candidateCount: [1, 8],
};

function checkConfig(config: JsonObject, lenient: boolean): void {
  if (!lenient) checkKeys(config, configFields, 'generation_config');
  for (const [field, [least, most]] of Object.entries(ranges)) {
    const value = config[field];
    if (value === undefined) continue;
    if (typeof value !== 'number' || value < least || value > most)
      throw refused(`* GenerateContentRequest.generation_config.${field}: must be in the range [${least}, ${most}]`);
  }
  if (textsAt(config, 'stopSequences').length > 5) throw refused('* GenerateContentRequest.generation_config.stop_sequences: at most 5 are allowed');
  const schemas = ['responseSchema', 'responseJsonSchema'].filter((key) => config[key] !== undefined);
  if (schemas.length > 1) throw refused('response_schema and response_json_schema are mutually exclusive');
  if (schemas.length === 1 && config['responseMimeType'] !== 'application/json' && config['responseMimeType'] !== 'text/x.enum')
    throw refused('response_schema can only be set if response_mime_type is application/json or text/x.enum');
  checkThinking(objectAt(config, 'thinkingConfig'));
}

function checkThinking(thinking: JsonObject): void {
  checkKeys(thinking, keys('includeThoughts thinkingBudget thinkingLevel'), 'generation_config.thinking_config');
  if (thinking['thinkingBudget'] !== undefined && thinking['thinkingLevel'] !== undefined)
    throw refused('You can only set only one of thinking budget and thinking level.');
}

function checkContent(content: unknown, at: string): void {
  if (!isObject(content)) throw refused(`Invalid value at '${at}'`);
  const { role, parts } = content;
  if (role !== undefined && role !== 'user' && role !== 'model' && role !== 'function') throw refused('Please use a valid role: user, model.');
  if (!Array.isArray(parts) || parts.length === 0) throw refused(`* GenerateContentRequest.${at}.parts: contents.parts must not be empty.`);
  parts.forEach((part: unknown, index) => checkPart(part, `${at}.parts[${index}]`));
}

function checkPart(part: unknown, at: string): void {
  if (!isObject(part)) throw refused(`Invalid value at '${at}'`);
  checkKeys(part, partFields, at);
  const data = dataFields.filter((key) => part[key] !== undefined);
  if (data.length !== 1) throw refused(`* GenerateContentRequest.${at}.data: required oneof field 'data' must have one initialized field`);
  const { inlineData, fileData, functionCall, thoughtSignature } = part;
  if (isObject(inlineData) && (textAt(inlineData, 'mimeType') === '' || !isBase64(textAt(inlineData, 'data'))))
    throw refused(`Invalid value at '${at}.inline_data'`);
  if (isObject(fileData) && textAt(fileData, 'fileUri') === '') throw refused(`Invalid value at '${at}.file_data'`);
  if (isObject(functionCall) && textAt(functionCall, 'name') === '') throw refused(`* GenerateContentRequest.${at}.function_call.name: Name cannot be empty.`);
  if (isObject(functionCall) && functionCall['args'] !== undefined && !isObject(functionCall['args']))
    throw refused(`Invalid value at '${at}.function_call.args'`);
  if (thoughtSignature !== undefined && !isSignature(thoughtSignature, part)) throw refused('Thought signature is not valid.');
}

/** https://ai.google.dev/gemini-api/docs/thought-signatures */
const standIn = 'skip_thought_signature_validator';

/** A signature of ours, in the place that it was made for. One without text belongs to the text before it. */
function isSignature(signature: unknown, part: JsonObject): boolean {
  if (signature === standIn) return true;
  const { functionCall, text } = part;
  if (isObject(functionCall)) return signature === callSignatureOf(textAt(functionCall, 'name'), functionCall['args'] ?? {});
  return (
    typeof signature === 'string' &&
    signature.startsWith('EqMock') &&
    (text === '' || part['thought'] === true || signature === thoughtSignatureOf(String(text)))
  );
}

function partsWith(content: JsonObject, key: string): readonly JsonObject[] {
  return objectsAt(content, 'parts').flatMap((part) => {
    const data = part[key];
    return isObject(data) ? [data] : [];
  });
}

/** As many results as there were calls in the turn before, each by its name. The chunks of a stream, kept one by one, are one turn. */
function checkTurns(contents: readonly JsonObject[]): void {
  const turns = turnsOf(contents);
  turns.forEach((content, index) => {
    const before = turns[index - 1];
    const calls = before?.['role'] === 'model' ? partsWith(before, 'functionCall') : [];
    const results = partsWith(content, 'functionResponse');
    if (results.length !== calls.length && (results.length > 0 || content['role'] !== 'model'))
      throw refused('Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.');
    for (const result of results) {
      if (!calls.some((call) => call['name'] === result['name'] && (result['id'] === undefined || call['id'] === result['id'])))
        throw refused('Please ensure that function response turn comes immediately after a function call turn.');
      if (!isObject(result['response'])) throw refused("Invalid value at 'function_response.response'");
    }
  });
}

function turnsOf(contents: readonly JsonObject[]): readonly JsonObject[] {
  const turns: JsonObject[] = [];
  for (const content of contents) {
    const last = turns.at(-1);
    if (last?.['role'] !== 'model' || content['role'] !== 'model') turns.push(content);
    else turns[turns.length - 1] = { ...last, parts: [...objectsAt(last, 'parts'), ...objectsAt(content, 'parts')] };
  }
  return turns;
}

/** Since the last words of the user, the first call of each step must bear its signature. */
function checkSignatures(contents: readonly JsonObject[]): void {
  const turn = contents.findLastIndex((content) => content['role'] !== 'model' && partsWith(content, 'functionResponse').length === 0);
  contents.slice(turn + 1).forEach((content, index) => {
    const first = objectsAt(content, 'parts').find((part) => isObject(part['functionCall']));
    if (first !== undefined && content['role'] === 'model' && first['thoughtSignature'] === undefined)
      throw refused(
        `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`${textAt(objectAt(first, 'functionCall'), 'name')}\`, position ${index + 1}.`,
      );
  });
}

function checkTools(body: JsonObject): void {
  const declared = objectsAt(body, 'tools').flatMap((tool) => objectsAt(tool, 'functionDeclarations'));
  const names = declared.map((tool) => {
    checkKeys(tool, declarationFields, 'tools[0].function_declarations');
    const name = textAt(tool, 'name');
    if (!/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/.test(name)) throw refused('Invalid function name. Must start with a letter or an underscore.');
    if (tool['parameters'] !== undefined && tool['parametersJsonSchema'] !== undefined)
      throw refused('parameters and parameters_json_schema are mutually exclusive');
    return name;
  });
  if (new Set(names).size < names.length) throw refused('Duplicate function declaration found');
  const calling = objectAt(objectAt(body, 'toolConfig'), 'functionCallingConfig');
  const allowed = textsAt(calling, 'allowedFunctionNames');
  if (allowed.length > 0 && calling['mode'] !== 'ANY' && calling['mode'] !== 'VALIDATED')
    throw refused('Allowed function names is only supported for the modes ANY and VALIDATED.');
  const unknown = allowed.find((name) => !names.includes(name));
  if (unknown !== undefined) throw refused(`Function calling config is set with an allowed function name that is not declared: ${unknown}`);
  if (calling['mode'] === 'ANY' && names.length === 0) throw refused('Function calling config is set without function_declarations.');
}
