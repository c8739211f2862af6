import { printEndUser } from '../../core/end-user.ts';
import type { Context, Prepared } from '../../core/dialect.ts';
import { type Shared, takeShared } from '../../core/common-fields.ts';
import { budgetForEffort } from '../../core/effort.ts';
import { alnum9IdRule, fitId, fitNames, type NameMap, openaiIdRule } from '../../core/fit.ts';
import type { ChatRequest, Extra, RawJson, ResponseFormat, ServerTool, Tool } from '../../core/ir.ts';
import { printArray, printObject, printOptional, printString } from '../../core/json-print.ts';
import { accountForExtras, cachePath } from '../../core/notes.ts';
import { cutReply, withStops } from '../../core/stop-scan.ts';
import { strictness } from '../../core/strict-schema.ts';
import { effortToAsk } from '../../core/thinking.ts';
import { customDescription, customSchema } from '../../core/tool-input.ts';
import { calledNames, callIds, checkToolPairs } from '../../core/tool-pairs.ts';
import { typedSchema } from '../../core/tool-schema.ts';
import { printMessages, type Scope } from './messages.ts';
import type { AnswerScope } from './reading.ts';
import { decodeReply } from './reply.ts';
import { createDecoder } from './stream.ts';
import { isHarmless, serviceTiers, sharedFields } from './verdicts.ts';
import { chatPath, dialect, hasOwnMark, nameLimitOf, nativeThinking, ownEntries, thinkingFields } from './wire.ts';
import { isContract } from './contract.ts';

/** The request in the provider's words, and how its answer is read. */
export function prepareRequest(request: ChatRequest, context: Context): Prepared {
  const { quirks } = context.target;
  checkToolPairs(request.messages, context.ledger);
  const rule = quirks.toolCallIds === 'alnum9' ? alnum9IdRule : openaiIdRule;
  const calls = calledNames(request.messages).length > 0;
  const wrapsCustom = !isOwnFront(request);
  const scope: Scope = { request, context, quirks, names: namesFor(request, context), calls, wrapsCustom, callId: (id) => fitId(id, rule) };
  const stops = splitStops(scope);
  const body = printBody(scope, stops.sent);
  const customs = new Set(wrapsCustom ? request.tools?.filter((tool) => tool.kind === 'custom').map((tool) => tool.name) : []);
  const answer: AnswerScope = { context, names: scope.names, stops: stops.sent, taken: callIds(request.messages), isWrapped: (name) => customs.has(name) };
  return {
    path: chatPath,
    headers: {},
    body,
    reply: (text) => cutReply(decodeReply(text, answer), stops.emulated),
    stream: () => (stops.emulated.length === 0 ? createDecoder(answer) : withStops(createDecoder(answer), stops.emulated)),
  };
}

/** Tool names that the provider takes; the answer is read through the same map. */
function namesFor(request: ChatRequest, { ledger, target }: Context): NameMap {
  const tools = (request.tools ?? []).filter((tool) => tool.kind !== 'server');
  const names = fitNames([...tools.map((tool) => tool.name), ...calledNames(request.messages)], nameLimitOf(target.quirks));
  if (names.renamed.length === 0) return names;
  const places = new Map(tools.toReversed().map((tool) => [tool.name, tool.at]));
  for (const name of names.renamed)
    ledger.note('changed', `${places.get(name) ?? 'tools'}.name`, 'the name is fitted to the provider and given back in the answer');
  return names;
}

function splitStops({ request, quirks, context }: Scope): { sent: readonly string[]; emulated: readonly string[] } {
  const stops = request.stop ?? [];
  const most = quirks.refuses?.includes('stop') === true ? 0 : (quirks.stopMax ?? 4);
  if (stops.length > most)
    context.ledger.note('emulated', request.names['stop'] ?? 'stop', `the provider takes ${most} stop strings; the others are looked for in the answer here`);
  return { sent: stops.slice(0, most), emulated: stops.slice(most) };
}

const sharedNames: readonly string[] = [...sharedFields, 'include_obfuscation'];
/** What a translated stream cannot keep. */
const tokenFields: readonly string[] = ['logprobs', 'top_logprobs'];

/** A top-level field and the caller's own name for it. */
type Field = readonly [key: string, raw: RawJson | undefined, path?: string];

function printBody(scope: Scope, stops: readonly string[]): string {
  const { request, context } = scope;
  const { shared, others } = takeShared(request.ext, dialect, request.stream ? sharedNames : [...sharedNames, ...tokenFields]);
  const path = (name: keyof ChatRequest, key: string): string => request.names[name] ?? key;
  const fields: Field[] = [
    ['model', printString(context.target.model)],
    ['messages', printArray(printMessages(scope))],
    ['tools', printTools(scope), path('tools', 'tools')],
    ['tool_choice', printChoice(scope), path('toolChoice', 'tool_choice')],
    ['parallel_tool_calls', printOptional(request.parallelToolCalls), path('parallelToolCalls', 'parallel_tool_calls')],
    ['response_format', printFormat(scope), path('responseFormat', 'response_format')],
    [limitField(scope), printOptional(request.maxTokens), path('maxTokens', 'max_tokens')],
    ['temperature', printTemperature(scope), path('temperature', 'temperature')],
    ['top_p', printOptional(request.topP), path('topP', 'top_p')],
    ['stop', stops.length === 0 ? undefined : printArray(stops.map(printString)), path('stop', 'stop')],
    [context.target.quirks.seedField ?? 'seed', printOptional(request.seed), path('seed', 'seed')],
    ['frequency_penalty', printOptional(request.frequencyPenalty), path('frequencyPenalty', 'frequency_penalty')],
    ['presence_penalty', printOptional(request.presencePenalty), path('presencePenalty', 'presence_penalty')],
    ...printThinking(scope),
    [request.names['endUser'] === 'safety_identifier' ? 'safety_identifier' : 'user', printEndUser(request, context.ledger), path('endUser', 'user')],
    ['service_tier', printTier(scope), path('serviceTier', 'service_tier')],
    ...printStream(scope, shared),
    ...sharedFields.map((key): Field => [key, shared.get(key)?.raw, shared.get(key)?.path ?? key]),
    ...printLogprobs(shared),
    ...printExtras(scope),
  ];
  accountForTop(scope, others);
  return printObject(scope.quirks.refuses === undefined ? fields : fields.filter((field) => isTaken(field, scope)));
}

/** Fields of the IR that this format has no name for, and foreign extras. */
function accountForTop({ request, context: { ledger } }: Scope, foreign: readonly Extra[]): void {
  if (request.topK !== undefined && !ownEntries(request.ext, '').some(([key]) => key === 'top_k'))
    ledger.drop(request.names['topK'] ?? 'top_k', 'there is no top_k in this format');
  if (request.cache !== undefined) ledger.drop('cache_control', 'prompt caching is automatic there');
  accountForExtras(foreign, dialect, ledger);
}

function isTaken([key, raw, path]: Field, { quirks, context: { ledger } }: Scope): boolean {
  if (raw === undefined || quirks.refuses?.includes(key) !== true) return true;
  if (isContract(key, JSON.parse(raw))) ledger.refuse(path ?? key, 'the provider refuses the field');
  else ledger.drop(path ?? key, 'the provider refuses the field');
  return false;
}

/** Whether the caller spoke this dialect: only its front names `stream_options`. */
function isOwnFront({ names }: ChatRequest): boolean {
  return names['streamUsage'] === 'stream_options.include_usage';
}

/** The caller's own spelling when it spoke this dialect. */
function limitField({ request, quirks }: Scope): string {
  if (quirks.maxTokensField !== undefined) return quirks.maxTokensField;
  return isOwnFront(request) && request.names['maxTokens'] === 'max_tokens' ? 'max_tokens' : 'max_completion_tokens';
}

function printTemperature({ request, quirks, context: { ledger } }: Scope): RawJson | undefined {
  const { temperature } = request;
  if (temperature === undefined || quirks.temperatureMax === undefined || temperature <= quirks.temperatureMax) return printOptional(temperature);
  ledger.refuse(
    request.names['temperature'] ?? 'temperature',
    `the provider takes at most ${quirks.temperatureMax}`,
    `Send a temperature of at most ${quirks.temperatureMax}`,
  );
  return undefined;
}

function printTier({ request, context: { ledger } }: Scope): RawJson | undefined {
  const { serviceTier } = request;
  if (serviceTier === undefined || serviceTiers.includes(serviceTier)) return printOptional(serviceTier);
  ledger.drop(request.names['serviceTier'] ?? 'service_tier', `the tier "${serviceTier.slice(0, 40)}" has no equal there`);
  return undefined;
}

/** Usage is always asked for: the caller's stream shows it only when the caller asked too. */
function printStream({ request, quirks, context: { ledger } }: Scope, shared: Shared['shared']): Field[] {
  const obfuscation = shared.get('include_obfuscation');
  const options = [...ownEntries(request.ext, 'stream_options'), ...(obfuscation === undefined ? [] : [['include_obfuscation', obfuscation.raw] as const])];
  if (!request.stream) {
    for (const [key] of options) ledger.drop(`stream_options.${key}`, 'the answer is not streamed');
    return [];
  }
  if (quirks.streamUsage === false && obfuscation !== undefined) ledger.drop(obfuscation.path, 'the provider refuses the field');
  const includes = quirks.streamUsage === false || quirks.refuses?.includes('stream_options') === true ? [] : [['include_usage', 'true'] as const];
  const entries = quirks.streamUsage === false ? [] : [...includes, ...options];
  return [
    ['stream', 'true'],
    ['stream_options', entries.length === 0 ? undefined : printObject(entries), 'stream_options'],
  ];
}

/** How many are wanted says as well that they are. */
function printLogprobs(shared: Shared['shared']): Field[] {
  const [asked, top] = tokenFields.map((key) => shared.get(key));
  const path = asked?.path ?? top?.path;
  return path === undefined
    ? []
    : [
        ['logprobs', 'true', path],
        ['top_logprobs', top?.raw, top?.path ?? path],
      ];
}

/** Our own extras of the top level, as they came, less those that a translated answer cannot keep. */
function printExtras({ request, quirks, context: { ledger } }: Scope): Field[] {
  const native = nativeThinking(quirks);
  return ownEntries(request.ext, '').filter(([key, raw]) => {
    if (thinkingFields.includes(key)) return native.includes(key);
    const reason = unkept(key, request);
    if (reason === undefined || isHarmless(key, JSON.parse(raw ?? 'null')) || raw === 'null') return true;
    ledger.refuse(key, reason, 'Use a route whose target speaks openai-chat and that has no failover');
    return false;
  });
}

/** Why a translated answer cannot keep what the field asks for. */
function unkept(key: string, request: ChatRequest): string | undefined {
  if (key === 'n') return 'one answer is given to a translated call';
  const isStreamLoss = request.stream && (key === 'logprobs' || key === 'top_logprobs' || key === 'audio' || key === 'modalities');
  return isStreamLoss ? 'a translated stream cannot carry it' : undefined;
}

function printThinking(scope: Scope): Field[] {
  const { request, quirks, context } = scope;
  const { reasoning } = request;
  if (reasoning === undefined) return [];
  const path = request.names['reasoning'] ?? 'reasoning_effort';
  if (reasoning.display !== undefined) context.ledger.drop(request.names['display'] ?? `${path}.display`, 'how thinking is shown cannot be chosen there');
  const native = nativeThinking(quirks);
  const isSpelled = ownEntries(request.ext, '').some(([key]) => native.includes(key));
  switch (quirks.reasoningSwitch ?? 'unset') {
    case 'none':
      context.ledger.drop(path, 'the provider has no switch for thinking');
      return [];
    case 'thinking_type':
      return isSpelled ? [] : [['thinking', printObject([['type', thinks(scope, path) ? '"enabled"' : '"disabled"']]), path]];
    case 'enable_thinking':
      return isSpelled ? [] : printEnabled(scope, path);
    case 'reasoning_effort':
    case 'unset':
      if (isSpelled && path !== 'reasoning_effort') return [];
      return [['reasoning_effort', printOptional(isSpelled ? reasoning.effort : effortToAsk(request, context, path)), path]];
  }
}

/** On or off, for providers that know no more. */
function thinks({ request, context: { ledger } }: Scope, path: string): boolean {
  const { mode, effort, budget } = request.reasoning ?? {};
  if (effort !== undefined || budget !== undefined) ledger.note('changed', path, 'thinking can only be on or off there');
  return mode === 'disabled' ? false : effort !== 'none';
}

function printEnabled(scope: Scope, path: string): Field[] {
  const { request, context } = scope;
  const { effort, budget: asked, mode } = request.reasoning ?? {};
  const isOn = mode !== 'disabled' && effort !== 'none';
  const limit = request.maxTokens ?? context.target.info?.maxOutput;
  const budget = asked ?? (effort === undefined || limit === undefined ? undefined : budgetForEffort(effort, limit));
  if (effort !== undefined)
    context.ledger.note('changed', path, budget === undefined ? 'thinking can only be on or off there' : `the effort is sent as a budget of ${budget} tokens`);
  return [
    ['enable_thinking', String(isOn), path],
    ['thinking_budget', isOn ? printOptional(budget) : undefined, path],
  ];
}

/** What the provider lacks of it has been emulated before. */
function printFormat(scope: Scope): RawJson | undefined {
  const { request, quirks } = scope;
  const { responseFormat: format } = request;
  if (format === undefined) return undefined;
  const own = ownEntries(request.ext, 'response_format');
  switch (format.type) {
    case 'text':
      return quirks.structuredOutput === 'none' ? undefined : printObject([['type', '"text"'], ...own]);
    case 'json':
      return printObject([['type', '"json_object"'], ...own]);
    case 'schema':
      return printObject([['type', '"json_schema"'], ['json_schema', printSchema(format, scope)], ...own]);
  }
}

function printSchema(format: ResponseFormat & { type: 'schema' }, scope: Scope): RawJson {
  return printObject([
    ['name', printString(format.name ?? 'response')],
    ['description', printOptional(format.description)],
    ['schema', format.schema],
    ['strict', printOptional(strictness(format, scope.request.names['responseFormat'], scope.context.ledger))],
    ...ownEntries(scope.request.ext, 'response_format.json_schema'),
  ]);
}

function printTools(scope: Scope): RawJson | undefined {
  const { tools } = scope.request;
  if (tools === undefined) return undefined;
  return printArray(tools.flatMap((tool) => (tool.kind === 'server' ? printServerTool(tool, scope) : [printTool(tool, scope)])));
}

function printServerTool(tool: ServerTool, { context: { ledger } }: Scope): RawJson[] {
  if (tool.dialect === dialect) return [tool.raw];
  ledger.refuse(tool.at ?? 'tools', `the tool "${tool.name}" is run by a provider that speaks ${tool.dialect}`);
  return [];
}

function printTool(given: Tool, { context: { ledger }, names, wrapsCustom }: Scope): RawJson {
  const tool = given.kind === 'custom' && wrapsCustom ? asFunction(given) : given;
  const at = tool.at ?? 'tools';
  if (tool !== given) ledger.note('emulated', at, 'a custom tool is sent as a function with one string');
  accountForExtras(tool.ext, dialect, ledger);
  if (tool.cache !== undefined && !hasOwnMark(tool.ext)) ledger.drop(cachePath(tool, at), 'prompt caching is automatic there');
  const isFunction = tool.kind === 'function';
  const inner = printObject([
    ['name', printString(names.to(tool.name))],
    ['description', printOptional(tool.description)],
    [
      'parameters',
      isFunction
        ? tool.schema === undefined
          ? undefined
          : typedSchema(tool.schema, () => ledger.note('changed', at, 'the schema had no type: "object" is added'))
        : undefined,
    ],
    ['strict', isFunction ? printOptional(tool.strict) : undefined],
    ...ownEntries(tool.ext, `${at}.${tool.kind}`),
  ]);
  return printObject([['type', printString(tool.kind)], [tool.kind, inner], ...ownEntries(tool.ext, at)]);
}

/** A custom tool as the function that it is sent as. */
function asFunction(tool: Tool): Tool {
  const { description: _said, grammar: _told, ...rest } = tool;
  const description = customDescription(tool);
  return { ...rest, kind: 'function', schema: customSchema, ...(description === undefined ? {} : { description }) };
}

function printChoice({ request, quirks, wrapsCustom, names, context: { ledger } }: Scope): RawJson | undefined {
  const { toolChoice: choice, tools } = request;
  if (choice === undefined) return undefined;
  const forces = choice.type === 'required' || choice.type === 'tool' || (choice.type === 'allowed' && choice.mode === 'required');
  if (forces && quirks.forcedToolChoice === false) {
    ledger.refuse(request.names['toolChoice'] ?? 'tool_choice', 'the provider cannot be made to call a tool', 'Use tool_choice "auto"');
    return undefined;
  }
  const named = (kind: string, name: string, at?: string): RawJson =>
    printObject([
      ['type', printString(kind)],
      [kind, printObject([['name', printString(names.to(name))], ...(at === undefined ? [] : ownEntries(request.ext, `${at}.${kind}`))])],
      ...(at === undefined ? [] : ownEntries(request.ext, at)),
    ]);
  const kinds = new Map((tools ?? []).toReversed().map((tool) => [tool.name, tool.kind]));
  const kindOf = (name: string): string => (wrapsCustom ? 'function' : (kinds.get(name) ?? 'function'));
  if (choice.type === 'tool') return named(wrapsCustom ? 'function' : choice.kind, choice.name, 'tool_choice');
  if (choice.type !== 'allowed') return printString(choice.type);
  const allowed = printObject([
    ['mode', printString(choice.mode)],
    ['tools', printArray(choice.names.map((name) => named(kindOf(name), name)))],
    ...ownEntries(request.ext, 'tool_choice.allowed_tools'),
  ]);
  return printObject([['type', '"allowed_tools"'], ['allowed_tools', allowed], ...ownEntries(request.ext, 'tool_choice')]);
}
