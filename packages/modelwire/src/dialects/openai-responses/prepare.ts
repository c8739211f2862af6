import { type Shared, takeShared } from '../../core/common-fields.ts';
import { printEndUser } from '../../core/end-user.ts';
import type { Context, Prepared } from '../../core/dialect.ts';
import { fitNames, type NameMap } from '../../core/fit.ts';
import type { ChatRequest, Extra, RawJson, ReasoningRequest, ResponseFormat, ServerTool, Tool, ToolChoice } from '../../core/ir.ts';
import { strictness } from '../../core/strict-schema.ts';
import { type Entry, printArray, printObject, printOptional, printString } from '../../core/json-print.ts';
import { accountForExtras, cachePath } from '../../core/notes.ts';
import { cutReply, withStops } from '../../core/stop-scan.ts';
import { effortToAsk } from '../../core/thinking.ts';
import { calledNames, isToolCall } from '../../core/tool-pairs.ts';
import { typedSchema } from '../../core/tool-schema.ts';
import { printConversation } from './messages.ts';
import type { Reading } from './parts.ts';
import { decodeReply } from './reply.ts';
import { createDecoder } from './stream.ts';
import { joinName, withNames } from './tools.ts';
import { logprobsInclude, request as requestShape, serviceTiers, sharedFields, stateInclude } from './verdicts-request.ts';
import { dialect, markOf, nameLimit, printWithExtras, responsesPath } from './wire.ts';
import { nameOf, type Writing } from './writing.ts';

/** The request in the provider's words, and how its answer is read. */
export function prepare(request: ChatRequest, context: Context): Prepared {
  const { shared, others } = takeShared(request.ext, dialect, givesLogprobs(request, context) ? [...sharedNames, ...tokenFields] : sharedNames);
  const writing = createWriting(request, context);
  accountForExtras(others, dialect, context.ledger);
  const { names, own } = writing;
  const toolName = (name: string, namespace?: string): string => names.from(namespace === undefined || own ? name : joinName(name, namespace));
  const reading: Reading = { where: 'output', context, toolName };
  const stops = request.stop ?? [];
  if (stops.length > 0)
    context.ledger.note('emulated', nameOf(request, 'stop', 'stop'), 'the format has no stop strings: they are looked for in the answer here');
  return {
    path: responsesPath,
    headers: {},
    body: printBody(writing, shared),
    reply: (text) => cutReply(decodeReply(text, reading), stops),
    stream: () => withStops(createDecoder(reading), stops),
  };
}

function createWriting(request: ChatRequest, context: Context): Writing {
  const { ledger, target } = context;
  const own = markOf(request.ext, 'request') !== undefined;
  const calls = request.messages.flatMap((message) => message.blocks.filter(isToolCall));
  const customCalls = new Set(calls.filter((call) => call.kind === 'custom').map((call) => call.id));
  return { request, context, ledger, quirks: target.quirks, own, names: namesFor(request, context), customCalls };
}

/** Tool names that the provider takes; the answer is read through the same map. */
function namesFor(request: ChatRequest, { ledger }: Context): NameMap {
  const tools = (request.tools ?? []).filter((tool) => tool.kind !== 'server');
  const names = fitNames([...tools.map((tool) => tool.name), ...calledNames(request.messages)], nameLimit);
  for (const name of names.renamed) ledger.note('changed', nameOf(request, 'tools', 'tools'), `the tool name "${name}" is sent as "${names.to(name)}"`);
  return names;
}

const tokenFields: readonly string[] = ['logprobs', 'top_logprobs'];

/** A translated stream cannot keep them, and models that think have none. */
function givesLogprobs({ stream }: ChatRequest, { target: { quirks } }: Context): boolean {
  return !stream && !tokenFields.some((key) => quirks.refuses?.includes(key));
}

const isTopLevel = (key: string): boolean => key !== 'store' && sharedFields.some((field) => field === key);
const sharedNames: readonly string[] = [...sharedFields, 'verbosity', 'include_obfuscation'];

function printBody(writing: Writing, shared: Shared['shared']): string {
  const { request, context } = writing;
  const { instructions, input } = printConversation(writing);
  const entries: Entry[] = [
    ['model', printString(context.target.model)],
    ['instructions', instructions],
    ['input', input],
    ['tools', printTools(writing)],
    ['tool_choice', printChoice(writing)],
    ['parallel_tool_calls', printOptional(request.parallelToolCalls)],
    ['text', printText(writing, shared.get('verbosity')?.raw)],
    ['reasoning', printReasoning(writing)],
    ['max_output_tokens', printLimit(writing)],
    ['temperature', printTemperature(writing)],
    ['top_p', printOptional(request.topP)],
    [request.names['endUser'] === 'safety_identifier' ? 'safety_identifier' : 'user', printEndUser(request, context.ledger)],
    ['service_tier', printTier(writing)],
    ['stream', request.stream ? 'true' : undefined],
    ['stream_options', printStreamOptions(writing, shared.get('include_obfuscation'))],
    ...printKept(writing, shared),
    ['top_logprobs', shared.get('top_logprobs')?.raw],
    ...[...shared].filter(([key]) => isTopLevel(key)).map(([key, { raw }]): Entry => [key, raw]),
  ];
  dropUnknowable(writing);
  return printWithExtras(withoutRefused(entries, writing), sentExtras(writing), '');
}

function printStreamOptions({ request, ledger }: Writing, obfuscation: Extra | undefined): RawJson | undefined {
  if (obfuscation === undefined) return undefined;
  if (request.stream) return printObject([['include_obfuscation', obfuscation.raw]]);
  ledger.drop(obfuscation.path, 'the answer is not streamed');
  return undefined;
}

/**
 * Nothing is kept at the provider unless the caller asks for it: what the model needs of its own thinking is asked for, and comes back with
 * the conversation.
 */
function printKept({ own, context: { target } }: Writing, shared: Shared['shared']): Entry[] {
  const store = shared.get('store')?.raw;
  const wantsState = !own && target.info?.reasoning !== false && target.quirks.refuses?.includes('include') !== true;
  const include = [...(wantsState ? [stateInclude] : []), ...(tokenFields.some((key) => shared.has(key)) ? [logprobsInclude] : [])];
  const unasked = own || target.quirks.refuses?.includes('store') === true ? undefined : 'false';
  return [
    ['include', include.length === 0 ? undefined : printArray(include.map(printString))],
    ['store', store ?? unasked],
  ];
}

const naming: readonly string[] = ['tools', 'tool_choice'];

/** Our own fields of the top level, with the names that the provider takes, less those that it refuses. */
function sentExtras({ request, quirks, ledger, names }: Writing): ChatRequest['ext'] {
  const isNaming = ({ dialect: from, path, raw }: Extra): boolean => from === dialect && naming.includes(path) && raw !== '';
  const all = names.renamed.length === 0 ? request.ext : request.ext.map((one) => (isNaming(one) ? { ...one, raw: withNames(one.raw, names.to) } : one));
  return all.filter((extra) => {
    if (extra.dialect !== dialect || extra.path !== extra.key || quirks.refuses?.includes(extra.key) !== true) return true;
    if (requestShape.fields.get(extra.key)?.contract === true || extra.loss === 'demand') ledger.refuse(extra.path, 'the provider refuses the field');
    else if (extra.raw !== 'null') ledger.drop(extra.path, 'the provider refuses the field');
    return false;
  });
}

/** Top-level fields that the provider refuses are left out. */
function withoutRefused(entries: readonly Entry[], { quirks, ledger }: Writing): readonly Entry[] {
  return entries.filter(([key, raw]) => {
    if (raw === undefined || quirks.refuses?.includes(key) !== true) return true;
    if (requestShape.fields.get(key)?.contract === true) ledger.refuse(key, 'the provider refuses the field');
    else ledger.drop(key, 'the provider refuses the field');
    return false;
  });
}

/** Hints that the format has no place for. A zero penalty is the default. */
function dropUnknowable({ request, ledger }: Writing): void {
  const lost = (field: 'topK' | 'seed' | 'frequencyPenalty' | 'presencePenalty', name: string): void => {
    const value = request[field];
    if (value !== undefined && (field === 'seed' || value !== 0)) ledger.drop(nameOf(request, field, name), 'the responses format has no such field');
  };
  lost('topK', 'top_k');
  lost('seed', 'seed');
  lost('frequencyPenalty', 'frequency_penalty');
  lost('presencePenalty', 'presence_penalty');
  if (request.cache !== undefined) ledger.drop(nameOf(request, 'cache', 'cache_control'), 'prompt caching is automatic there');
}

const leastTokens = 16;

function printLimit({ request, own, ledger }: Writing): RawJson | undefined {
  const { maxTokens } = request;
  if (maxTokens === undefined || own || maxTokens >= leastTokens) return printOptional(maxTokens);
  ledger.note('changed', nameOf(request, 'maxTokens', 'max_output_tokens'), `the least limit there is ${leastTokens}`);
  return String(leastTokens);
}

function printTemperature({ request, quirks, ledger }: Writing): RawJson | undefined {
  const { temperature } = request;
  const most = quirks.temperatureMax ?? 2;
  if (temperature === undefined || temperature <= most) return printOptional(temperature);
  ledger.refuse(nameOf(request, 'temperature', 'temperature'), `it is at most ${most} there`, `Send a temperature of at most ${most}`);
  return undefined;
}

function printTier({ request, own, ledger }: Writing): RawJson | undefined {
  const { serviceTier } = request;
  if (serviceTier === undefined || own || serviceTiers.includes(serviceTier)) return printOptional(serviceTier);
  ledger.drop(nameOf(request, 'serviceTier', 'service_tier'), `the tier "${serviceTier.slice(0, 40)}" has no equal there`);
  return undefined;
}

/** How much to think, and whether a summary of it is shown. The caller's own object stands among the extras. */
function printReasoning({ request, context, own, ledger }: Writing): RawJson | undefined {
  const { reasoning } = request;
  if (reasoning === undefined || own) return undefined;
  const path = nameOf(request, 'reasoning', 'reasoning');
  const effort = effortToAsk(request, context, path);
  const isShown = showsThinking(reasoning, request);
  if (isShown && context.target.info?.reasoning === false) ledger.drop(nameOf(request, 'display', `${path}.display`), 'the model does not think');
  const raw = printObject([
    ['effort', printOptional(effort)],
    ['summary', isShown && context.target.info?.reasoning !== false ? '"auto"' : undefined],
  ]);
  return raw === '{}' ? undefined : raw;
}

/**
 * Anthropic's callers are shown the thinking that they switch on, unless they say otherwise; an effort alone asks for nothing to be shown.
 * A front with a field that must ask for it names the field.
 */
function showsThinking({ mode, display }: ReasoningRequest, { names }: ChatRequest): boolean {
  if (mode === 'disabled') return false;
  return display === undefined ? mode !== undefined && names['display'] === undefined : display !== 'omitted';
}

/** Our own caller's field stands among the extras, as it came; what was put in its place by an emulation is written here. */
function isSpelled(key: string, { request, own }: Writing): boolean {
  return own && request.ext.some((extra) => extra.dialect === dialect && extra.path === key);
}

function printText(writing: Writing, verbosity: RawJson | undefined): RawJson | undefined {
  const format = printFormat(writing);
  if (format === undefined && verbosity === undefined) return undefined;
  return printObject([
    ['format', format],
    ['verbosity', verbosity],
  ]);
}

/** What the provider lacks of it has been emulated before. The caller's own stands among the extras, unless it was emulated. */
function printFormat(writing: Writing): RawJson | undefined {
  const { responseFormat: format } = writing.request;
  if (format === undefined || isSpelled('text', writing)) return undefined;
  switch (format.type) {
    case 'text':
      return '{"type":"text"}';
    case 'json':
      return '{"type":"json_object"}';
    case 'schema':
      return printSchema(format, writing);
  }
}

function printSchema(format: ResponseFormat & { type: 'schema' }, { request, ledger }: Writing): RawJson {
  return printObject([
    ['type', '"json_schema"'],
    ['name', printString(format.name ?? 'response')],
    ['description', printOptional(format.description)],
    ['schema', format.schema],
    ['strict', printOptional(strictness(format, request.names['responseFormat'], ledger))],
  ]);
}

/** The caller's own list stands among the extras. */
function printTools(writing: Writing): RawJson | undefined {
  const { tools } = writing.request;
  if (tools === undefined || isSpelled('tools', writing)) return undefined;
  return printArray(tools.flatMap((tool) => (tool.kind === 'server' ? refuseServerTool(tool, writing) : [printTool(tool, writing)])));
}

function refuseServerTool(tool: ServerTool, { ledger }: Writing): RawJson[] {
  ledger.refuse(tool.at ?? 'tools', `"${tool.name}" is run by providers of ${tool.dialect}`, 'Leave the tool out, or choose a model that has it');
  return [];
}

function printTool(tool: Tool, { ledger, names }: Writing): RawJson {
  const at = tool.at ?? 'tools';
  accountForExtras(tool.ext, dialect, ledger);
  if (tool.cache !== undefined) ledger.drop(cachePath(tool, at), 'prompt caching is automatic there');
  const isFunction = tool.kind === 'function';
  return printObject([
    ['type', printString(tool.kind)],
    ['name', printString(names.to(tool.name))],
    ['description', printOptional(tool.description)],
    ['parameters', isFunction ? printSchemaOf(tool, () => ledger.note('changed', at, 'the schema had no type: "object" is added')) : undefined],
    // Left out, it would mean that the schema is made strict where it can be.
    ['strict', isFunction ? String(tool.strict ?? false) : undefined],
    ['format', tool.grammar === undefined ? undefined : printGrammar(tool.grammar)],
  ]);
}

function printSchemaOf({ schema }: Tool, changed: () => void): RawJson {
  return schema === undefined ? '{"type":"object","properties":{}}' : typedSchema(schema, changed);
}

function printGrammar({ syntax, definition }: NonNullable<Tool['grammar']>): RawJson {
  return printObject([
    ['type', '"grammar"'],
    ['syntax', printString(syntax)],
    ['definition', printString(definition)],
  ]);
}

function printChoice(writing: Writing): RawJson | undefined {
  const { request, quirks, ledger } = writing;
  const { toolChoice: choice } = request;
  if (choice === undefined || isSpelled('tool_choice', writing)) return undefined;
  const forces = choice.type === 'required' || choice.type === 'tool' || (choice.type === 'allowed' && choice.mode === 'required');
  if (!forces || quirks.forcedToolChoice !== false) return printChosen(choice, writing);
  ledger.refuse(nameOf(request, 'toolChoice', 'tool_choice'), 'the provider cannot be made to call a tool', 'Use tool_choice "auto"');
  return undefined;
}

function printChosen(choice: ToolChoice, { request, names }: Writing): RawJson {
  const kinds = new Map((request.tools ?? []).toReversed().map((tool) => [tool.name, tool.kind]));
  const named = (name: string, kind: string): RawJson =>
    printObject([
      ['type', printString(kind)],
      ['name', printString(names.to(name))],
    ]);
  switch (choice.type) {
    case 'tool':
      return named(choice.name, choice.kind);
    case 'allowed':
      return printObject([
        ['type', '"allowed_tools"'],
        ['mode', printString(choice.mode)],
        ['tools', printArray(choice.names.map((name) => named(name, kinds.get(name) ?? 'function')))],
      ]);
    default:
      return printString(choice.type);
  }
}
