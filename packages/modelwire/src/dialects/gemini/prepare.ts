import type { Context, Prepared } from '../../core/dialect.ts';
import { fitNames } from '../../core/fit.ts';
import type { ChatRequest, RawJson, ServerTool, Tool, ToolChoice } from '../../core/ir.ts';
import { type Entry, printArray, printObject, printOptional, printString } from '../../core/json-print.ts';
import { accountForExtras, cachePath, fieldPath } from '../../core/notes.ts';
import { cutReply, withStops } from '../../core/stop-scan.ts';
import { customDescription, customSchema } from '../../core/tool-input.ts';
import { isToolCall } from '../../core/tool-pairs.ts';
import { typedSchema } from '../../core/tool-schema.ts';
import { encodeConversation } from './messages.ts';
import type { AnswerScope } from './reading.ts';
import { fitSchema, type FittedSchema } from './schema.ts';
import { createDecoder, readReply } from './stream.ts';
import { encodeThinking } from './thinking.ts';
import { mostStops, request as requestShape, serviceTiers } from './verdicts.ts';
import { dialect, isMarked, methodPath, printWithExtras, toolNames } from './wire.ts';
import { nameOf, type Writing } from './writing.ts';

export function prepare(request: ChatRequest, context: Context): Prepared {
  const writing = createWriting(request, context);
  accountForExtras(request.ext, dialect, context.ledger);
  const customs = new Set(request.tools?.filter((tool) => tool.kind === 'custom').map((tool) => tool.name));
  const answers: AnswerScope = { context, toolName: writing.names.from, isCustom: (name) => customs.has(name) };
  const stops = splitStops(writing);
  return {
    path: methodPath('chat', { model: context.target.model, stream: request.stream }),
    headers: {},
    body: encodeBody(writing, stops.sent),
    reply: (text) => cutReply(readReply(text, answers), stops.scanned),
    stream: () => withStops(createDecoder(answers), stops.scanned),
  };
}

function createWriting(request: ChatRequest, context: Context): Writing {
  const { ledger, target } = context;
  const declared = request.tools?.filter((tool) => tool.kind !== 'server').map((tool) => tool.name) ?? [];
  const called = request.messages.flatMap((message) => message.blocks.filter(isToolCall).map((call) => call.name));
  const names = fitNames([...declared, ...called], toolNames);
  for (const name of names.renamed) ledger.note('changed', nameOf(request, 'tools', 'tools'), `the tool name "${name}" is sent as "${names.to(name)}"`);
  return { request, context, ledger, dialect, quirks: target.quirks, own: isMarked(request.ext, 'request'), names };
}

/** `scanned` are the stop strings that the provider does not take. */
function splitStops({ request, quirks, own, ledger }: Writing): { readonly sent: readonly string[]; readonly scanned: readonly string[] } {
  const stops = request.stop ?? [];
  const most = quirks.stopMax ?? (own ? Infinity : mostStops);
  if (stops.length > most) ledger.note('emulated', nameOf(request, 'stop', 'stop'), `more than ${most} stop strings: the rest are looked for here`);
  return { sent: stops.slice(0, most), scanned: stops.slice(most) };
}

function encodeBody(writing: Writing, stops: readonly string[]): string {
  const { system, contents } = encodeConversation(writing);
  const entries: Entry[] = [
    ['contents', contents],
    ['systemInstruction', system],
    ['tools', encodeTools(writing)],
    ['toolConfig', encodeToolConfig(writing)],
    ['generationConfig', encodeConfig(writing, stops)],
    ['serviceTier', encodeServiceTier(writing)],
  ];
  dropUnknowable(writing);
  return printWithExtras(withoutRefused(entries, writing), sentExtras(writing), '');
}

/** Our own fields of the top level, less those that the provider refuses. */
function sentExtras({ request, quirks, ledger }: Writing): ChatRequest['ext'] {
  return request.ext.filter((extra) => {
    if (extra.dialect !== dialect || extra.path !== extra.key || quirks.refuses?.includes(extra.key) !== true) return true;
    if (extra.loss !== 'nothing') ledger.drop(extra.path, 'the provider refuses this field');
    return false;
  });
}

/** Top-level fields that the provider refuses are left out. */
function withoutRefused(entries: readonly Entry[], { quirks, ledger }: Writing): readonly Entry[] {
  return entries.filter(([key, raw]) => {
    if (raw === undefined || quirks.refuses?.includes(key) !== true) return true;
    if (requestShape.fields.get(key)?.contract === true) ledger.refuse(key, 'the provider refuses this field');
    else ledger.drop(key, 'the provider refuses this field');
    return false;
  });
}

/** Hints that the format has no place for. */
function dropUnknowable({ request, ledger }: Writing): void {
  if (request.endUser !== undefined) ledger.drop(nameOf(request, 'endUser', 'user'), 'there is no place for an end user');
  if (request.parallelToolCalls === false)
    ledger.drop(nameOf(request, 'parallelToolCalls', 'parallel_tool_calls'), 'parallel calls cannot be switched off there');
  if (request.cache !== undefined) ledger.drop(nameOf(request, 'cache', 'cache_control'), 'prompt caching is automatic there');
}

function encodeServiceTier({ request, own, ledger }: Writing): RawJson | undefined {
  const tier = request.serviceTier === 'default' ? 'standard' : request.serviceTier;
  // Left to the provider, which is what it does when nothing is said.
  if (tier === undefined || (tier === 'auto' && !own)) return undefined;
  if (own || serviceTiers.includes(tier)) return printString(tier);
  ledger.drop(nameOf(request, 'serviceTier', 'service_tier'), `there is no service tier "${tier.slice(0, 40)}"`);
  return undefined;
}

function encodeConfig(writing: Writing, stops: readonly string[]): RawJson | undefined {
  const { request } = writing;
  const entries: Entry[] = [
    ['maxOutputTokens', printOptional(request.maxTokens)],
    ['temperature', encodeTemperature(writing)],
    ['topP', printOptional(request.topP)],
    ['topK', printOptional(request.topK)],
    ['seed', printOptional(request.seed)],
    ['presencePenalty', printOptional(request.presencePenalty)],
    ['frequencyPenalty', printOptional(request.frequencyPenalty)],
    ['stopSequences', stops.length === 0 && request.stop?.length !== 0 ? undefined : printArray(stops.map(printString))],
    ...encodeFormat(writing),
    ['thinkingConfig', encodeThinking(writing)],
  ];
  const raw = printWithExtras(entries, keptExtras(writing), 'generationConfig');
  return raw === '{}' ? undefined : raw;
}

/** More answers than one, and what a translated stream has no place for, are asked for in vain. */
function keptExtras({ request, ledger }: Writing): ChatRequest['ext'] {
  return request.ext.filter(({ path, loss }) => {
    if (path !== 'generationConfig.candidateCount' || loss !== 'demand') return true;
    ledger.refuse(path, 'one answer is given to a translated call', 'Ask again for each answer');
    return false;
  });
}

function encodeTemperature({ request, quirks, ledger }: Writing): RawJson | undefined {
  const { temperature } = request;
  const most = quirks.temperatureMax ?? 2;
  if (temperature === undefined || temperature <= most) return printOptional(temperature);
  ledger.refuse(nameOf(request, 'temperature', 'temperature'), `it is at most ${most} there`, `Send a temperature of at most ${most}`);
  return undefined;
}

function encodeFormat(writing: Writing): Entry[] {
  const { request, own, ledger } = writing;
  const format = request.responseFormat;
  if (format === undefined) return [];
  const path = nameOf(request, 'responseFormat', 'response_format');
  if (format.type !== 'schema') return [['responseMimeType', format.type === 'json' ? '"application/json"' : own ? '"text/plain"' : undefined]];
  // The caller's own schema stands among the extras; one that stands for a forced call does not.
  if (own && path.startsWith('generationConfig.'))
    return [
      ['responseMimeType', '"application/json"'],
      ['responseSchema', undefined],
      ['responseJsonSchema', undefined],
    ];
  const carried = (['name', 'description', 'strict'] as const).filter((key) => format[key] !== undefined);
  if (carried.length > 0) ledger.note('carried', path, `there is no place for the schema's ${carried.join(', ')}`);
  return [
    ['responseMimeType', '"application/json"'],
    ['responseJsonSchema', encodeSchema(format.schema, path, writing).raw],
  ];
}

/** A JSON Schema with what Google takes otherwise said otherwise. */
function encodeSchema(schema: RawJson, path: string, { ledger }: Writing): FittedSchema {
  const fitted = fitSchema(schema);
  const { notes } = fitted;
  if (notes.recursive !== undefined) ledger.refuse(path, `the schema's definition "${notes.recursive}" needs itself`, 'Make the recursive property optional');
  if (notes.changed.size > 0) ledger.note('changed', path, `the schema says ${[...notes.changed].join(', ')} in other words`);
  return fitted;
}

function encodeTools(writing: Writing): RawJson | undefined {
  const { tools } = writing.request;
  if (tools === undefined) return undefined;
  const declarations = tools.flatMap((tool) => (tool.kind === 'server' ? [] : [encodeTool(tool, writing)]));
  const servers = tools.flatMap((tool) => (tool.kind === 'server' ? encodeServerTool(tool, writing) : []));
  const declared = declarations.length === 0 ? [] : [printObject([['functionDeclarations', printArray(declarations)]])];
  return declared.length + servers.length === 0 ? undefined : printArray([...declared, ...servers]);
}

function encodeServerTool(tool: ServerTool, { ledger }: Writing): RawJson[] {
  if (tool.dialect === dialect) return [tool.raw];
  ledger.refuse(tool.at ?? 'tools', `"${tool.name}" is run by providers of ${tool.dialect}`, 'Leave the tool out, or choose a model that has it');
  return [];
}

function encodeTool(tool: Tool, writing: Writing): RawJson {
  const { ledger, names, own } = writing;
  const at = tool.at ?? 'tools';
  accountForExtras(tool.ext, dialect, ledger);
  if (tool.cache !== undefined) ledger.drop(cachePath(tool, at), 'prompt caching is automatic there');
  if (tool.kind === 'custom') ledger.note('emulated', at, 'a custom tool is sent as a function with one string');
  const entries: Entry[] = [
    ['name', printString(names.to(tool.name))],
    ['description', printOptional(customDescription(tool))],
    ['parameters', undefined],
    // A tool without a place is modelwire's own; those of our own callers are spelled among their extras.
    ['parametersJsonSchema', own && tool.at !== undefined ? undefined : tool.kind === 'custom' ? customSchema : parametersOf(tool, at, writing)],
  ];
  return printWithExtras(entries, tool.ext, at);
}

function parametersOf({ schema }: Tool, at: string, writing: Writing): RawJson | undefined {
  if (schema === undefined) return undefined;
  const { ledger } = writing;
  const typed = typedSchema(schema, () => ledger.note('changed', at, 'the schema is given "type": "object"'));
  const { raw, notes } = encodeSchema(typed, at, writing);
  if (notes.ignored.size > 0) ledger.drop(at, `the schema's ${[...notes.ignored].join(', ')} is sent, but not held to`);
  return raw;
}

function encodeToolConfig(writing: Writing): RawJson | undefined {
  const { request, own, quirks, ledger } = writing;
  const path = nameOf(request, 'toolChoice', 'tool_choice');
  const choice = request.toolChoice;
  const forces = choice !== undefined && (choice.type === 'required' || choice.type === 'tool' || (choice.type === 'allowed' && choice.mode === 'required'));
  const callable = request.tools?.some((tool) => tool.kind !== 'server') === true;
  if (forces && !own && !callable) ledger.refuse(path, 'there are no tools to call');
  if (forces && quirks.forcedToolChoice === false) ledger.refuse(path, 'a tool call cannot be forced there', 'Let the model choose');
  const isLeft = (!own && !callable) || (forces && quirks.forcedToolChoice === false);
  const calling = printWithExtras(
    isLeft ? [] : choiceEntries(strictChoice(writing), writing),
    withoutStreamedArguments(writing),
    'toolConfig.functionCallingConfig',
  );
  const raw = printWithExtras([['functionCallingConfig', calling === '{}' ? undefined : calling]], request.ext, 'toolConfig');
  return raw === '{}' ? undefined : raw;
}

/** The whole of a call's arguments is wanted here. */
function withoutStreamedArguments({ request, ledger }: Writing): ChatRequest['ext'] {
  return request.ext.filter((extra) => {
    if (extra.dialect !== dialect || extra.key !== 'streamFunctionCallArguments' || extra.raw !== 'true') return true;
    ledger.drop(extra.path, 'arguments come whole in a translated answer');
    return false;
  });
}

/** Google holds calls to their schema by the mode, for all tools at once: as it does anyway where one must be made. */
function strictChoice({ request, ledger }: Writing): ToolChoice | 'validated' | undefined {
  const { toolChoice, tools } = request;
  const strict = tools?.filter((tool) => tool.kind !== 'server' && tool.strict === true) ?? [];
  const isFree = toolChoice === undefined || toolChoice.type === 'auto';
  for (const tool of strict) {
    const at = fieldPath(tool, 'strict', 'tools');
    if (isFree) ledger.note('changed', at, 'every tool’s calls are held to their schema');
    else ledger.note('carried', at, 'with this choice of tools calls are held to their schema anyway');
  }
  return strict.length > 0 && isFree ? 'validated' : toolChoice;
}

function choiceEntries(choice: ToolChoice | 'validated' | undefined, { names }: Writing): Entry[] {
  if (choice === undefined) return [];
  if (choice === 'validated') return [['mode', '"VALIDATED"']];
  const named = (allowed: readonly string[]): Entry => ['allowedFunctionNames', printArray(allowed.map((name) => printString(names.to(name))))];
  switch (choice.type) {
    case 'auto':
      return [['mode', '"AUTO"']];
    case 'none':
      return [['mode', '"NONE"']];
    case 'required':
      return [['mode', '"ANY"']];
    case 'tool':
      return [['mode', '"ANY"'], named([choice.name])];
    case 'allowed':
      // Of the modes that leave the choice to the model, this one alone takes names.
      return [['mode', choice.mode === 'required' ? '"ANY"' : '"VALIDATED"'], named(choice.names)];
  }
}
