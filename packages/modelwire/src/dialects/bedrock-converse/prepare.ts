import type { Context, Prepared } from '../../core/dialect.ts';
import { fitNames } from '../../core/fit.ts';
import type { ChatRequest, Extra, RawJson, ResponseFormat } from '../../core/ir.ts';
import { type Entry, printArray, printObject, printOptional, printString } from '../../core/json-print.ts';
import { isObject, parseJsonText } from '../../core/json-text.ts';
import { accountForExtras } from '../../core/notes.ts';
import { cutReply, withStops } from '../../core/stop-scan.ts';
import { calledNames } from '../../core/tool-pairs.ts';
import { createDocumentNames } from './media.ts';
import { encodeConversation } from './messages.ts';
import { type AnswerScope } from './reading.ts';
import { decodeReply } from './reply.ts';
import { createDecoder } from './stream.ts';
import { encodeThinking, type Thinking } from './thinking.ts';
import { encodeToolConfig } from './tools.ts';
import { request as requestShape, serviceTiers } from './verdicts.ts';
import { conversePath, dialect, isMarked, printWithExtras, toolNames } from './wire.ts';
import { nameOf, type Writing } from './writing.ts';

export function prepare(request: ChatRequest, context: Context): Prepared {
  const writing = createWriting(request, context);
  accountForExtras(request.ext, dialect, context.ledger);
  const customs = new Set(request.tools?.filter((tool) => tool.kind === 'custom').map((tool) => tool.name));
  const answers: AnswerScope = { context, toolName: writing.names.from, isCustom: (name) => customs.has(name) };
  const stops = splitStops(writing);
  return {
    path: conversePath('chat', { model: context.target.model, stream: request.stream }),
    headers: {},
    body: encodeBody(writing, stops.sent),
    reply: (text) => cutReply(decodeReply(text, answers), stops.scanned),
    stream: () => withStops(createDecoder(answers), stops.scanned),
  };
}

function createWriting(request: ChatRequest, context: Context): Writing {
  const { ledger, target } = context;
  const own = isMarked(request.ext, 'request');
  const declared = request.tools?.filter((tool) => tool.kind !== 'server').map((tool) => tool.name) ?? [];
  const names = fitNames([...declared, ...calledNames(request.messages)], toolNames);
  for (const name of names.renamed) ledger.note('changed', nameOf(request, 'tools', 'tools'), `the tool name "${name}" is sent as "${names.to(name)}"`);
  const documentName: Writing['documentName'] = own ? (name) => name ?? '' : createDocumentNames((at, reason) => ledger.note('changed', at, reason));
  return { request, context, ledger, quirks: target.quirks, own, names, documentName };
}

/** `scanned` are the stop strings that the provider does not take. */
function splitStops({ request, quirks, ledger }: Writing): { readonly sent: readonly string[]; readonly scanned: readonly string[] } {
  const stops = request.stop ?? [];
  const most = quirks.stopMax ?? Infinity;
  if (stops.length > most) ledger.note('emulated', nameOf(request, 'stop', 'stop'), `more than ${most} stop strings: the rest are looked for here`);
  return { sent: stops.slice(0, most), scanned: stops.slice(most) };
}

function encodeBody(writing: Writing, stops: readonly string[]): string {
  const { request } = writing;
  const thinking = encodeThinking(writing);
  const tools = encodeToolConfig(writing, thinking.on);
  const { system, messages } = encodeConversation(writing, tools.instruction);
  const output: Entry[] = [
    ['textFormat', encodeFormat(writing)],
    ['effort', thinking.effort],
  ];
  const entries: Entry[] = [
    ['messages', messages],
    ['system', system],
    ['inferenceConfig', optionalObject(printWithExtras(configEntries(writing, stops, thinking.on), request.ext, 'inferenceConfig'))],
    ['toolConfig', tools.raw],
    [modelFields, encodeModelFields(writing, thinking)],
    ['serviceTier', encodeServiceTier(writing)],
    ['outputConfig', optionalObject(printWithExtras(output, request.ext, 'outputConfig'))],
  ];
  dropUnknowable(writing);
  return printWithExtras(withoutRefused(entries, writing), sentExtras(writing, thinking), '');
}

function optionalObject(raw: RawJson): RawJson | undefined {
  return raw === '{}' ? undefined : raw;
}

/** Our own fields of the top level, less those that the provider refuses. */
function sentExtras({ request, quirks, ledger }: Writing, { thinking }: Thinking): ChatRequest['ext'] {
  const all = thinking === undefined ? request.ext : request.ext.map((extra) => withThinking(extra, thinking));
  return all.filter((extra) => {
    if (extra.dialect !== dialect || extra.path !== extra.key || quirks.refuses?.includes(extra.key) !== true) return true;
    if (extra.loss !== 'nothing') ledger.drop(extra.path, 'the provider refuses this field');
    return false;
  });
}

/** Our own fields of the model with other thinking. */
function withThinking(extra: Extra, thinking: RawJson): Extra {
  if (extra.dialect !== dialect || extra.path !== modelFields || extra.raw === 'null') return extra;
  const json = parseJsonText(extra.raw);
  const keys = isObject(json.value) ? Object.keys(json.value) : [];
  return { ...extra, raw: printObject(keys.map((key): Entry => [key, key === 'thinking' ? thinking : json.raw([key])])) };
}

const modelFields = 'additionalModelRequestFields';

/** Top-level fields that the provider refuses are left out. */
function withoutRefused(entries: readonly Entry[], { quirks, ledger }: Writing): readonly Entry[] {
  return entries.filter(([key, raw]) => {
    if (raw === undefined || quirks.refuses?.includes(key) !== true) return true;
    if (requestShape.fields.get(key)?.contract === true) ledger.refuse(key, 'the provider refuses this field');
    else ledger.drop(key, 'the provider refuses this field');
    return false;
  });
}

/** Hints that the format has no place for. A zero penalty is the default. */
function dropUnknowable({ request, ledger }: Writing): void {
  const lost = (field: 'seed' | 'frequencyPenalty' | 'presencePenalty', name: string): void => {
    const value = request[field];
    if (value !== undefined && (field === 'seed' || value !== 0)) ledger.drop(nameOf(request, field, name), 'there is no such field');
  };
  lost('seed', 'seed');
  lost('frequencyPenalty', 'frequency_penalty');
  lost('presencePenalty', 'presence_penalty');
  if (request.endUser !== undefined) ledger.drop(nameOf(request, 'endUser', 'user'), 'there is no place for an end user');
  if (request.parallelToolCalls === false)
    ledger.drop(nameOf(request, 'parallelToolCalls', 'parallel_tool_calls'), 'parallel calls cannot be switched off there');
}

function configEntries(writing: Writing, stops: readonly string[], thinks: boolean): Entry[] {
  const { request } = writing;
  return [
    ['maxTokens', printOptional(request.maxTokens)],
    ['temperature', encodeTemperature(writing, thinks)],
    ['topP', refused('topP', 'top_p', writing) ? undefined : printOptional(request.topP)],
    ['stopSequences', stops.length === 0 && request.stop?.length !== 0 ? undefined : printArray(stops.map(printString))],
  ];
}

/** Sampling fields go by their own names where a model refuses them. */
function refused(field: 'temperature' | 'topP' | 'topK', name: string, { request, quirks, own, ledger }: Writing): boolean {
  if (own || request[field] === undefined || quirks.refuses?.includes(name) !== true) return false;
  ledger.drop(nameOf(request, field, name), 'the model refuses this field');
  return true;
}

function encodeTemperature(writing: Writing, thinks: boolean): RawJson | undefined {
  const { request, quirks, own, ledger } = writing;
  const { temperature } = request;
  if (temperature === undefined || refused('temperature', 'temperature', writing)) return undefined;
  const path = nameOf(request, 'temperature', 'temperature');
  const most = quirks.temperatureMax ?? (own ? Infinity : 1);
  if (temperature > most) ledger.refuse(path, `it is at most ${most} there`, `Send a temperature of at most ${most}`);
  else if (!own && thinks && temperature !== 1)
    ledger.refuse(path, 'with thinking on, the temperature is 1', 'Leave the temperature out, or turn reasoning off');
  else return JSON.stringify(temperature);
  return undefined;
}

/** Fields that only some models have. The caller's own stand among the extras. */
function encodeModelFields(writing: Writing, { thinking }: Thinking): RawJson | undefined {
  const { request, own, ledger } = writing;
  if (own) return undefined;
  const topK = refused('topK', 'top_k', writing) ? undefined : request.topK;
  if (topK !== undefined) ledger.note('changed', nameOf(request, 'topK', 'top_k'), 'it is sent as a field of the model’s own');
  return optionalObject(
    printObject([
      ['top_k', printOptional(topK)],
      ['thinking', thinking],
    ]),
  );
}

function encodeServiceTier({ request, own, ledger }: Writing): RawJson | undefined {
  const tier = request.serviceTier;
  // Left to the provider, which is what it does when nothing is said. The caller's own stands among the extras.
  if (tier === undefined || tier === 'auto' || own) return undefined;
  if (serviceTiers.includes(tier)) return printObject([['type', printString(tier)]]);
  ledger.drop(nameOf(request, 'serviceTier', 'service_tier'), `there is no service tier "${tier.slice(0, 40)}"`);
  return undefined;
}

function encodeFormat({ request, own, ledger }: Writing): RawJson | undefined {
  const format = request.responseFormat;
  const path = nameOf(request, 'responseFormat', 'response_format');
  // The caller's own stands among the extras; one that stands for a forced call does not.
  if (format?.type !== 'schema' || (own && path.startsWith('outputConfig.'))) return undefined;
  if (format.strict !== undefined) ledger.note('carried', nameOf(request, 'schemaStrict', path), 'answers are always held to the schema');
  return printFormat(format);
}

function printFormat({ schema, name, description }: Extract<ResponseFormat, { readonly type: 'schema' }>): RawJson {
  const definition = printObject([
    ['schema', printString(schema)],
    ['name', printOptional(name)],
    ['description', printOptional(description)],
  ]);
  return printObject([
    ['type', '"json_schema"'],
    ['structure', printObject([['jsonSchema', definition]])],
  ]);
}
