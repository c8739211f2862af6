import type { Context, Prepared } from '../../core/dialect.ts';
import { budgetForEffort } from '../../core/effort.ts';
import { fitNames } from '../../core/fit.ts';
import type { ChatRequest, RawJson, ResponseFormat, ServerTool, Tool } from '../../core/ir.ts';
import { type Entry, printArray, printOptional, printString } from '../../core/json-print.ts';
import { accountForExtras, cachePath, fieldPath } from '../../core/notes.ts';
import { cutReply, withStops } from '../../core/stop-scan.ts';
import { customDescription, customSchema } from '../../core/tool-input.ts';
import { calledNames } from '../../core/tool-pairs.ts';
import { typedSchema } from '../../core/tool-schema.ts';
import { citesDocuments, encodeConversation } from './messages.ts';
import type { AnswerScope } from './reading.ts';
import { readReply } from './reply.ts';
import { createDecoder } from './stream.ts';
import { mostStops, request as requestShape } from './verdicts.ts';
import { chatPath, dialect, isMarked, printWithExtras, toolNames } from './wire.ts';
import { nameOf, type Writing } from './writing.ts';

export function prepare(request: ChatRequest, context: Context): Prepared {
  const writing = createWriting(request, context);
  accountForExtras(request.ext, dialect, context.ledger);
  const customs = new Set(request.tools?.filter((tool) => tool.kind === 'custom').map((tool) => tool.name));
  const stops = splitStops(writing);
  const answers: AnswerScope = { context, toolName: writing.names.from, isWrapped: (name) => customs.has(name), stops: stops.sent };
  return {
    path: chatPath,
    headers: {},
    body: encodeBody(writing, stops.sent),
    reply: (text) => cutReply(readReply(text, answers), stops.scanned),
    stream: () => withStops(createDecoder(answers), stops.scanned),
  };
}

function createWriting(request: ChatRequest, context: Context): Writing {
  const { ledger, target } = context;
  const declared = request.tools?.filter((tool) => tool.kind !== 'server').map((tool) => tool.name) ?? [];
  const names = fitNames([...declared, ...calledNames(request.messages)], toolNames);
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
  const { request, context } = writing;
  const tools = offeredTools(writing);
  const { messages, documents } = encodeConversation(writing);
  const entries: Entry[] = [
    ['model', printString(context.target.model)],
    ['messages', messages],
    ['stream', request.stream ? 'true' : undefined],
    ['tools', encodeTools(tools, writing)],
    ['strict_tools', encodeStrict(tools, writing)],
    ['tool_choice', encodeChoice(tools, writing)],
    ['documents', documents],
    ['response_format', encodeFormat(writing)],
    ['max_tokens', printOptional(request.maxTokens)],
    ['stop_sequences', stops.length === 0 && request.stop?.length !== 0 ? undefined : printArray(stops.map(printString))],
    ['temperature', encodeTemperature(writing)],
    ['seed', printOptional(request.seed)],
    ['frequency_penalty', encodePenalty('frequencyPenalty', 'frequency_penalty', writing)],
    ['presence_penalty', encodePenalty('presencePenalty', 'presence_penalty', writing)],
    ['k', encodeShare('topK', { key: 'top_k', least: 1, most: 500 }, writing)],
    ['p', encodeShare('topP', { key: 'top_p', least: 0.01, most: 0.99 }, writing)],
    ['thinking', encodeThinking(writing)],
    ['citation_options', objectOrNone(printWithExtras([], request.ext, 'citation_options'))],
  ];
  dropUnknowable(writing);
  return printWithExtras(withoutRefused(entries, writing), sentExtras(writing), '');
}

function objectOrNone(raw: RawJson): RawJson | undefined {
  return raw === '{}' ? undefined : raw;
}

/** Our own fields of the top level, less those that the provider refuses. */
function sentExtras({ request, quirks, ledger }: Writing): ChatRequest['ext'] {
  return request.ext.filter((extra) => {
    if (extra.dialect !== dialect || extra.path !== extra.key || quirks.refuses?.includes(extra.key) !== true) return true;
    if (extra.loss === 'demand') ledger.refuse(extra.path, 'the provider refuses this field');
    else if (extra.loss !== 'nothing' || requestShape.fields.get(extra.key)?.contract === true) ledger.drop(extra.path, 'the provider refuses this field');
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
  if (request.serviceTier !== undefined && request.serviceTier !== 'auto' && request.serviceTier !== 'default')
    ledger.drop(nameOf(request, 'serviceTier', 'service_tier'), `there is no service tier "${request.serviceTier.slice(0, 40)}"`);
}

function encodeTemperature({ request, quirks, own, ledger }: Writing): RawJson | undefined {
  const { temperature } = request;
  const most = quirks.temperatureMax ?? (own ? Infinity : 1);
  if (temperature === undefined || temperature <= most) return printOptional(temperature);
  ledger.refuse(nameOf(request, 'temperature', 'temperature'), `it is at most ${most} there`, `Send a temperature of at most ${most}`);
  return undefined;
}

/** From 0, which is none, to 1. */
function encodePenalty(field: 'frequencyPenalty' | 'presencePenalty', key: string, { request, own, ledger }: Writing): RawJson | undefined {
  const value = request[field];
  if (value === undefined || own || (value >= 0 && value <= 1)) return printOptional(value);
  ledger.drop(nameOf(request, field, key), 'it is from 0 to 1 there');
  return undefined;
}

type Range = { readonly key: string; readonly least: number; readonly most: number };

/** How much of what is likely is looked at: all of it is the most that can be said. */
function encodeShare(field: 'topK' | 'topP', { key, least, most }: Range, { request, own, ledger }: Writing): RawJson | undefined {
  const value = request[field];
  if (value === undefined || own || (value >= least && value <= most)) return printOptional(value);
  const nearest = value < least ? least : most;
  ledger.note('changed', nameOf(request, field, key), `it is from ${least} to ${most} there: ${nearest} is sent`);
  return String(nearest);
}

function encodeThinking({ request, context, own, quirks, ledger }: Writing): RawJson | undefined {
  const { reasoning } = request;
  if (reasoning === undefined) return undefined;
  const path = nameOf(request, 'reasoning', 'reasoning');
  const off = reasoning.effort === 'none' || reasoning.mode === 'disabled';
  if (quirks.thinking === 'none' || context.target.info?.reasoning === false) {
    if (!off || own) ledger.drop(path, 'the model does not think');
    return undefined;
  }
  const print = (type: string, budget: number | undefined): RawJson =>
    printWithExtras(
      [
        ['type', printString(type)],
        ['token_budget', printOptional(budget)],
      ],
      request.ext,
      'thinking',
    );
  if (own) return print(reasoning.mode ?? 'enabled', reasoning.budget);
  if (reasoning.display === 'summarized') ledger.note('changed', nameOf(request, 'display', path), 'thinking is shown whole there');
  else if (reasoning.display !== undefined) ledger.drop(nameOf(request, 'display', path), 'how thinking is shown cannot be chosen there');
  if (off) {
    if (reasoning.effort !== undefined && reasoning.effort !== 'none')
      ledger.note('changed', nameOf(request, 'effort', path), 'thinking is off: its effort is not sent');
    if (reasoning.budget !== undefined) ledger.note('changed', nameOf(request, 'budget', path), 'thinking is off: its budget is not sent');
    return print('disabled', undefined);
  }
  return print('enabled', budgetOf(request, context, path));
}

function budgetOf(request: ChatRequest, { ledger, target }: Context, path: string): number | undefined {
  const { effort, budget, mode } = request.reasoning ?? {};
  if (budget !== undefined) {
    if (effort !== undefined) ledger.note('changed', nameOf(request, 'effort', path), 'of effort and budget, the budget is sent');
    return budget;
  }
  if (effort === undefined) {
    if (mode !== undefined && mode !== 'enabled') ledger.note('changed', path, 'how much the model thinks is left to it');
    return undefined;
  }
  const limit = request.maxTokens ?? target.info?.maxOutput;
  const tokens = limit === undefined ? undefined : budgetForEffort(effort, limit);
  if (tokens === undefined)
    ledger.drop(path, limit === undefined ? 'without an output limit an effort says no budget' : 'the output limit leaves no room for thinking');
  else ledger.note('changed', path, `the effort is sent as a budget: ${tokens} of ${limit} tokens`);
  return tokens;
}

/** Neither with tools nor with documents does Cohere hold an answer to a format. Its own callers know what they send. */
export function excludesFormat(request: ChatRequest): string | undefined {
  const isExcluded = !isMarked(request.ext, 'request') && ((request.tools ?? []).length > 0 || citesDocuments(request));
  return isExcluded ? 'with tools or documents there is no response format' : undefined;
}

function encodeFormat(writing: Writing): RawJson | undefined {
  const { request, own } = writing;
  const { responseFormat: format } = request;
  if (format === undefined || (format.type === 'text' && !own)) return undefined;
  if (format.type === 'schema') carryUnsent(format, writing);
  return printWithExtras(
    [
      ['type', format.type === 'text' ? '"text"' : '"json_object"'],
      ['json_schema', format.type === 'schema' ? format.schema : undefined],
    ],
    request.ext,
    'response_format',
  );
}

/** What a schema holds besides, and what the front calls it. */
const unsentOfSchema = { name: 'schemaName', description: 'schemaDescription', strict: 'schemaStrict' } as const;

function carryUnsent(format: ResponseFormat & { readonly type: 'schema' }, { request, ledger }: Writing): void {
  const path = nameOf(request, 'responseFormat', 'response_format');
  for (const key of ['name', 'description', 'strict'] as const)
    if (format[key] !== undefined) ledger.note('carried', nameOf(request, unsentOfSchema[key], path), `there is no place for the schema's ${key}`);
}

/** The tools that the model may choose among. Cohere knows no choice of one: the others are not sent. */
function offeredTools({ request, ledger }: Writing): readonly (Tool | ServerTool)[] | undefined {
  const { tools, toolChoice: choice } = request;
  if (tools === undefined || choice === undefined || (choice.type !== 'tool' && choice.type !== 'allowed')) return tools;
  const path = nameOf(request, 'toolChoice', 'tool_choice');
  const allowed = choice.type === 'tool' ? [choice.name] : choice.names;
  ledger.note('emulated', path, 'the choice cannot be named there: the other tools are not sent');
  for (const tool of tools.filter(({ name }) => !allowed.includes(name))) {
    ledger.note('carried', tool.at ?? 'tools', 'the tool is not among the allowed ones: it is not sent');
    if (tool.kind !== 'server' && tool.cache !== undefined) ledger.drop(cachePath(tool, 'tools'), 'prompt caching is automatic there');
  }
  for (const name of allowed) if (!tools.some((tool) => tool.name === name)) ledger.refuse(path, `there is no tool "${name.slice(0, 40)}" to call`);
  return tools.filter((tool) => allowed.includes(tool.name));
}

function encodeTools(tools: readonly (Tool | ServerTool)[] | undefined, writing: Writing): RawJson | undefined {
  const printed = tools?.flatMap((tool) => (tool.kind === 'server' ? refuseServerTool(tool, writing) : [encodeTool(tool, writing)]));
  return printed === undefined || (printed.length === 0 && !writing.own) ? undefined : printArray(printed);
}

function refuseServerTool(tool: ServerTool, { ledger }: Writing): RawJson[] {
  ledger.refuse(tool.at ?? 'tools', `"${tool.name}" is run by providers of ${tool.dialect}`, 'Leave the tool out, or choose a model that has it');
  return [];
}

function encodeTool(tool: Tool, writing: Writing): RawJson {
  const { ledger, names, own } = writing;
  const at = tool.at ?? 'tools';
  accountForExtras(tool.ext, dialect, ledger);
  if (tool.cache !== undefined) ledger.drop(cachePath(tool, 'tools'), 'prompt caching is automatic there');
  if (tool.kind === 'custom') ledger.note('emulated', at, 'a custom tool is sent as a function with one string');
  const inner: Entry[] = [
    ['name', printString(names.to(tool.name))],
    ['description', printOptional(tool.kind === 'custom' ? customDescription(tool) : tool.description)],
    ['parameters', tool.kind === 'custom' ? customSchema : own ? tool.schema : parametersOf(tool, at, writing)],
  ];
  return printWithExtras(
    [
      ['type', '"function"'],
      ['function', printWithExtras(inner, tool.ext, `${at}.function`)],
    ],
    tool.ext,
    at,
  );
}

/** They must be there. */
function parametersOf({ schema }: Tool, at: string, { ledger }: Writing): RawJson {
  if (schema === undefined) return '{"type":"object","properties":{}}';
  return typedSchema(schema, () => ledger.note('changed', at, 'the schema is given "type": "object"'));
}

/** Cohere holds the calls of all tools to their schemas, or of none. The caller's own stands among the extras. */
function encodeStrict(tools: readonly (Tool | ServerTool)[] | undefined, { own, ledger }: Writing): RawJson | undefined {
  const strict = tools?.filter((tool) => tool.kind !== 'server' && tool.strict === true) ?? [];
  if (own || strict.length === 0) return undefined;
  if (strict.length < (tools?.length ?? 0))
    for (const tool of strict) ledger.note('changed', fieldPath(tool, 'strict', 'tools'), 'every tool’s calls are held to their schema');
  return 'true';
}

function encodeChoice(tools: readonly (Tool | ServerTool)[] | undefined, { request, own, quirks, ledger }: Writing): RawJson | undefined {
  const { toolChoice: choice } = request;
  const path = nameOf(request, 'toolChoice', 'tool_choice');
  const forces = choice !== undefined && (choice.type === 'required' || choice.type === 'tool' || (choice.type === 'allowed' && choice.mode === 'required'));
  const callable = tools?.some((tool) => tool.kind !== 'server') === true;
  if (forces && !own && !callable) ledger.refuse(path, 'there are no tools to call');
  if (forces && quirks.forcedToolChoice === false) ledger.refuse(path, 'a tool call cannot be forced there', 'Let the model choose');
  if ((!own && !callable) || (forces && quirks.forcedToolChoice === false)) return undefined;
  // To leave the choice to the model, nothing is said.
  return forces ? '"REQUIRED"' : choice?.type === 'none' ? '"NONE"' : undefined;
}
