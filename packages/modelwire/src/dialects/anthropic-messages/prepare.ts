import type { Context, Decoder, Prepared } from '../../core/dialect.ts';
import { budgetForEffort, effortForBudget } from '../../core/effort.ts';
import type { ChatEvent } from '../../core/event.ts';
import { fitNames } from '../../core/fit.ts';
import type { Block, CacheMark, ChatRequest, Effort, RawJson, ReasoningRequest, ServerTool, Tool, ToolChoice } from '../../core/ir.ts';
import { type Entry, printArray, printOptional, printString } from '../../core/json-print.ts';
import { accountForExtras, cachePath, fieldPath, type Ledger } from '../../core/notes.ts';
import { createStopScan, cutReply } from '../../core/stop-scan.ts';
import { goesOnUnthinking, unthinking } from '../../core/thinking.ts';
import { encodeConversation, withheldFor } from './messages.ts';
import { fitSchema, type FittedSchema, lacks } from './schema.ts';
import type { Writing } from './writing.ts';
import { decodeReply } from './reply.ts';
import { customDescription, customSchema } from '../../core/tool-input.ts';
import { calledNames } from '../../core/tool-pairs.ts';
import { typedSchema } from '../../core/tool-schema.ts';
import { createDecoder } from './stream.ts';
import { apiVersion, dialect, isSpelled, messagesPath, printCache, printWithExtras, toolNames } from './wire.ts';

const mostMarks = 4;
/** Output limit for a model whose maximum nobody told us. */
const defaultMaxTokens = 8192;

export function prepare(request: ChatRequest, context: Context): Prepared {
  const writing = createWriting(request, context);
  accountForExtras(request.ext, dialect, context.ledger);
  const customs = new Set(request.tools?.filter((tool) => tool.kind === 'custom').map((tool) => tool.name));
  const answers = { context, toolName: writing.names.from, isCustom: (name: string): boolean => customs.has(name) };
  const { body, scanned } = encodeBody(writing);
  return {
    path: messagesPath,
    headers: { 'anthropic-version': apiVersion },
    body,
    reply: (text) => cutReply(decodeReply(text, answers), scanned),
    stream: () => (scanned.length === 0 ? createDecoder(answers) : scanning(createDecoder(answers), scanned)),
  };
}

/** The caller's own name of a field. */
export function nameOf(request: ChatRequest, field: string, otherwise: string): string {
  return request.names[field] ?? otherwise;
}

function createWriting(request: ChatRequest, context: Context): Writing {
  const { ledger } = context;
  const own = isSpelled(request.ext, 'request');
  const names = fitNames(namesIn(request), toolNames);
  for (const name of names.renamed) ledger.note('changed', nameOf(request, 'tools', 'tools'), `the tool name "${name}" is sent as "${names.to(name)}"`);
  /** Counted when the first mark is met. */
  let surplus: number | undefined;
  return {
    request,
    context,
    ledger,
    quirks: context.target.quirks,
    own,
    names,
    mark({ cache, ext, at = '' }) {
      if (cache === undefined) return undefined;
      surplus ??= own ? 0 : countMarks(request) - mostMarks;
      if (surplus-- > 0) {
        ledger.drop(cachePath({ cache, at }, ''), `only the last ${mostMarks} cache marks are taken`);
        return undefined;
      }
      return printCache(fitTtl(cache, cache.at ?? at, ledger), ext, at);
    },
  };
}

/** The nearest time to live that is not shorter, or the longest there is. */
function fitTtl({ ttl }: CacheMark, at: string, ledger: Ledger): CacheMark {
  if (ttl === undefined) return {};
  if (ttl === '5m' || ttl === '1h') return { ttl };
  ledger.note('changed', at, `the cache lives 1h instead of ${ttl}`);
  return { ttl: '1h' };
}

function countMarks(request: ChatRequest): number {
  const inBlocks = (blocks: readonly Block[]): number =>
    blocks.reduce((sum, block) => sum + (block.cache === undefined ? 0 : 1) + (block.type === 'toolResult' ? inBlocks(block.content) : 0), 0);
  const inTools = request.tools?.filter((tool) => tool.kind !== 'server' && tool.cache !== undefined).length ?? 0;
  return inTools + request.messages.reduce((sum, message) => sum + inBlocks(message.blocks), 0);
}

function namesIn(request: ChatRequest): string[] {
  const declared = request.tools?.filter((tool) => tool.kind !== 'server').map((tool) => tool.name) ?? [];
  return [...declared, ...calledNames(request.messages)];
}

/** `scanned` are the stop strings that the provider does not take. */
function encodeBody(writing: Writing): { readonly body: string; readonly scanned: readonly string[] } {
  const { request, context, quirks } = writing;
  const maxTokens = outputLimit(writing);
  const thinking = encodeThinking(writing, maxTokens);
  const format = encodeFormat(writing);
  const tools = encodeTools(writing);
  const { system, messages } = encodeConversation(writing);
  const older = request.ext.some((extra) => extra.dialect === dialect && extra.path === 'output_format' && extra.loss === 'nothing' && extra.raw !== 'null');
  const outputConfig: Entry[] = [
    ['effort', thinking.effort],
    ['format', older ? undefined : format],
  ];
  const stopMax = quirks.stopMax ?? Infinity;
  const entries: Entry[] = [
    ['model', printString(context.target.model)],
    ['max_tokens', JSON.stringify(maxTokens)],
    ['system', system],
    ['messages', messages],
    ['tools', tools.list],
    ['tool_choice', encodeToolChoice(writing, tools.count, thinking.on)],
    ['stream', request.stream ? 'true' : undefined],
    ['temperature', encodeTemperature(writing, thinking.on)],
    ['top_p', printOptional(request.topP)],
    ['top_k', printOptional(request.topK)],
    ['stop_sequences', request.stop === undefined ? undefined : JSON.stringify(request.stop.slice(0, stopMax))],
    ['thinking', thinking.thinking],
    ['output_config', optionalObject(printWithExtras(outputConfig, request.ext, 'output_config'))],
    ['metadata', optionalObject(printWithExtras([['user_id', printOptional(request.endUser)]], request.ext, 'metadata'))],
    ['service_tier', encodeServiceTier(writing)],
    ['cache_control', encodeRequestCache(writing)],
  ];
  dropUnknowable(writing);
  const scanned = request.stop?.slice(stopMax) ?? [];
  if (scanned.length > 0)
    writing.ledger.note('emulated', nameOf(request, 'stop', 'stop_sequences'), `more than ${stopMax} stop strings: the rest are looked for here`);
  return { body: printWithExtras(withoutRefused(entries, writing), sentExtras(writing), ''), scanned };
}

function encodeRequestCache({ request, ledger }: Writing): RawJson | undefined {
  return request.cache === undefined ? undefined : printCache(fitTtl(request.cache, nameOf(request, 'cache', 'cache_control'), ledger), request.ext, '');
}

function optionalObject(raw: RawJson): RawJson | undefined {
  return raw === '{}' ? undefined : raw;
}

/** Top-level fields that the provider refuses are left out. */
function withoutRefused(entries: readonly Entry[], { quirks, ledger }: Writing): readonly Entry[] {
  return entries.filter(([key, raw]) => {
    if (raw === undefined || quirks.refuses?.includes(key) !== true) return true;
    ledger.drop(key, 'the provider refuses this field');
    return false;
  });
}

function sentExtras({ request, quirks, ledger }: Writing): ChatRequest['ext'] {
  return request.ext.filter((extra) => {
    if (extra.dialect !== dialect || extra.path !== extra.key || quirks.refuses?.includes(extra.key) !== true) return true;
    if (extra.loss !== 'nothing') ledger.drop(extra.path, 'the provider refuses this field');
    return false;
  });
}

function outputLimit({ request, context, ledger }: Writing): number {
  if (request.maxTokens !== undefined) return request.maxTokens;
  const most = context.target.info?.maxOutput;
  const path = nameOf(request, 'maxTokens', 'max_tokens');
  if (most === undefined) ledger.note('changed', path, `a limit is required: ${defaultMaxTokens}, modelwire's default where the model's maximum is not known`);
  else ledger.note('changed', path, `a limit is required: ${most}, the model's maximum`);
  return most ?? defaultMaxTokens;
}

/** Hints that the format has no place for. A zero penalty is the default. */
function dropUnknowable({ request, ledger }: Writing): void {
  const lost = (field: 'seed' | 'frequencyPenalty' | 'presencePenalty', name: string): void => {
    const value = request[field];
    if (value !== undefined && (field === 'seed' || value !== 0)) ledger.drop(nameOf(request, field, name), 'the messages format has no such field');
  };
  lost('seed', 'seed');
  lost('frequencyPenalty', 'frequency_penalty');
  lost('presencePenalty', 'presence_penalty');
}

function encodeTemperature({ request, quirks, own, ledger }: Writing, thinking: boolean): RawJson | undefined {
  const { temperature } = request;
  if (temperature === undefined) return undefined;
  const path = nameOf(request, 'temperature', 'temperature');
  const most = quirks.temperatureMax ?? (own ? Infinity : 1);
  if (temperature > most) {
    ledger.refuse(path, `it is at most ${most} there`, `Send a temperature of at most ${most}`);
    return undefined;
  }
  if (!own && thinking && temperature !== 1) {
    ledger.refuse(path, 'with thinking on, the temperature is 1', 'Leave the temperature out, or turn reasoning off');
    return undefined;
  }
  return JSON.stringify(temperature);
}

function encodeServiceTier({ request, own, ledger }: Writing): RawJson | undefined {
  const tier = request.serviceTier;
  if (tier === undefined || own || tier === 'auto' || tier === 'standard_only') return printOptional(tier);
  ledger.drop(nameOf(request, 'serviceTier', 'service_tier'), `there is no service tier "${tier}"`);
  return undefined;
}

type Thinking = { readonly thinking?: RawJson; readonly effort?: RawJson; readonly on: boolean };

function encodeThinking(writing: Writing, maxTokens: number): Thinking {
  const { request, context, quirks, own, ledger } = writing;
  const { reasoning } = request;
  if (reasoning === undefined) return { on: false };
  const off = reasoning.effort === 'none' || reasoning.mode === 'disabled';
  const path = nameOf(request, 'reasoning', 'reasoning');
  if (quirks.thinking === 'none' || (!own && context.target.info?.reasoning === false)) {
    if (!off) ledger.drop(path, 'the model has no thinking');
    return { on: false };
  }
  const wantsBudget = own ? reasoning.mode === 'enabled' : quirks.thinking === 'budget' && !off;
  if (wantsBudget && goesOnUnthinking(request.messages, (block) => withheldFor(block, writing) === undefined)) {
    ledger.drop(path, unthinking);
    return { thinking: '{"type":"disabled"}', on: false };
  }
  if (own && (quirks.thinking !== 'budget' || reasoning.mode === 'enabled' || reasoning.mode === 'disabled')) return ownThinking(writing, reasoning);
  if (off) return { thinking: '{"type":"disabled"}', on: false };
  return quirks.thinking === 'budget' ? budgetThinking(writing, reasoning, maxTokens) : adaptiveThinking(writing, reasoning, maxTokens);
}

/** As it came: the two spellings stay where they stood. */
function ownThinking({ request }: Writing, { mode, budget, display, effort }: ReasoningRequest): Thinking {
  const entries: Entry[] = [
    ['type', printOptional(mode)],
    ['budget_tokens', printOptional(budget)],
    ['display', printOptional(display)],
  ];
  return {
    ...(mode === undefined ? {} : { thinking: printWithExtras(entries, request.ext, 'thinking') }),
    ...(effort === undefined ? {} : { effort: printString(effort) }),
    on: mode !== undefined && mode !== 'disabled',
  };
}

function adaptiveThinking({ request, ledger }: Writing, reasoning: ReasoningRequest, maxTokens: number): Thinking {
  const { budget, display } = reasoning;
  const effort = reasoning.effort ?? (budget === undefined ? undefined : effortForBudget(budget, maxTokens));
  const sent: Effort | undefined = effort === 'minimal' ? 'low' : effort;
  const path = nameOf(request, 'reasoning', 'reasoning');
  if (reasoning.effort !== undefined && budget !== undefined)
    ledger.note('changed', nameOf(request, 'budget', path), 'of effort and budget, the effort is sent');
  else if (budget !== undefined)
    ledger.note('changed', nameOf(request, 'budget', path), `the model takes an effort, not a budget: ${sent} for ${budget} of ${maxTokens} tokens`);
  if (effort !== sent) ledger.note('changed', path, 'the lowest effort there is low');
  const thinking = printWithExtras(
    [
      ['type', '"adaptive"'],
      ['display', printOptional(display)],
    ],
    request.ext,
    'thinking',
  );
  return { thinking, ...(sent === undefined ? {} : { effort: printString(sent) }), on: true };
}

const smallestBudget = 1024;

function budgetThinking(writing: Writing, reasoning: ReasoningRequest, maxTokens: number): Thinking {
  const { request, own, ledger } = writing;
  const { effort, display } = reasoning;
  const path = nameOf(request, 'reasoning', 'reasoning');
  if (own && reasoning.mode === undefined) {
    ledger.drop(nameOf(request, 'effort', path), 'the model takes a thinking budget, not an effort');
    return { on: false };
  }
  const budget = reasoning.budget === undefined ? budgetForEffort(effort ?? 'high', maxTokens) : Math.max(reasoning.budget, smallestBudget);
  if (budget === undefined || budget >= maxTokens) {
    const limit = nameOf(request, 'maxTokens', 'max_tokens');
    ledger.refuse(
      path,
      `thinking needs ${budget ?? smallestBudget} tokens of its own below ${limit}, which is ${maxTokens}`,
      `Raise ${limit}, or turn reasoning off`,
    );
    return { on: false };
  }
  if (budget !== reasoning.budget || effort !== undefined) ledger.note('changed', path, `the model takes a thinking budget: ${budget} of ${maxTokens} tokens`);
  const entries: Entry[] = [
    ['type', '"enabled"'],
    ['budget_tokens', JSON.stringify(budget)],
    ['display', printOptional(display)],
  ];
  return { thinking: printWithExtras(entries, request.ext, 'thinking'), on: true };
}

/** What the provider lacks of it has been emulated before: a format without a schema is never here. */
function encodeFormat(writing: Writing): RawJson | undefined {
  const { request, ledger, own } = writing;
  const format = request.responseFormat;
  if (format?.type !== 'schema') return undefined;
  const path = nameOf(request, 'responseFormat', 'response_format');
  const unsent = unsentOfSchema.filter(([key]) => format[key] !== undefined).map(([key, name]) => [key, nameOf(request, name, path)] as const);
  for (const place of new Set(unsent.map(([, at]) => at))) {
    const keys = unsent.filter(([, at]) => at === place).map(([key]) => key);
    ledger.note('carried', place, `there is no place for the schema's ${keys.join(', ')}`);
  }
  return printWithExtras(
    [
      ['type', '"json_schema"'],
      ['schema', own ? format.schema : encodeHeldSchema(format.schema, path, writing).raw],
    ],
    request.ext,
    'output_config.format',
  );
}

/** A schema that the answer or a call is held to, from a caller of another format. */
function encodeHeldSchema(schema: RawJson, path: string, { ledger }: Writing): FittedSchema {
  const fitted = fitSchema(schema);
  const { changed } = fitted;
  if (changed.size > 0) ledger.note('changed', path, `the schema is written as it is held to there: ${[...changed].join(', ')}`);
  return fitted;
}

/** What a schema holds besides, and what the front calls it. */
const unsentOfSchema = [
  ['name', 'schemaName'],
  ['description', 'schemaDescription'],
  ['strict', 'schemaStrict'],
] as const;

function encodeTools(writing: Writing): { readonly list: RawJson | undefined; readonly count: number } {
  const { tools, toolChoice } = writing.request;
  if (tools === undefined) return { list: undefined, count: 0 };
  const offered = toolChoice?.type === 'allowed' ? allowedTools(tools, toolChoice.names, writing) : tools;
  const printed = offered.flatMap((tool) => (tool.kind === 'server' ? encodeServerTool(tool, writing) : [encodeTool(tool, writing)]));
  return { list: printed.length === 0 ? undefined : printArray(printed), count: printed.length };
}

/** There is no list of allowed tools: only they are sent. */
function allowedTools(tools: readonly (Tool | ServerTool)[], names: readonly string[], { request, ledger }: Writing): readonly (Tool | ServerTool)[] {
  const path = nameOf(request, 'toolChoice', 'tool_choice');
  const offered = tools.filter((tool) => names.includes(tool.name));
  if (offered.length < tools.length) ledger.note('emulated', path, 'only the allowed tools are sent');
  for (const tool of tools)
    if (!names.includes(tool.name)) ledger.note('carried', tool.at ?? 'tools', 'the tool is not among the allowed ones: it is not sent');
  for (const name of names) if (!tools.some((tool) => tool.name === name)) ledger.drop(path, `there is no tool "${name.slice(0, 40)}" to allow`);
  return offered;
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
  const strict = own ? tool.strict : strictness(tool, writing);
  if (tool.kind === 'custom') ledger.note('emulated', at, 'a custom tool is sent as a function with one string');
  const entries: Entry[] = [
    ['name', printString(names.to(tool.name))],
    ['description', printOptional(customDescription(tool))],
    ['input_schema', tool.kind === 'custom' ? customSchema : encodeInput(tool, at, strict === true, writing)],
    ['strict', printOptional(strict)],
    ['cache_control', writing.mark(tool)],
  ];
  return printWithExtras(entries, tool.ext, at);
}

/** Calls are not held to a schema that cannot be. */
function strictness(tool: Tool, { ledger }: Writing): boolean | undefined {
  const { strict, schema } = tool;
  const lack = strict === true && schema !== undefined ? lacks(schema) : undefined;
  if (lack === undefined) return strict;
  ledger.drop(fieldPath(tool, 'strict', 'tools'), `${lack}: calls are not held to it`);
  return undefined;
}

function encodeInput({ schema }: Tool, at: string, strict: boolean, writing: Writing): RawJson {
  const raw = encodeSchema(schema, at, writing.ledger);
  if (!strict || writing.own) return raw;
  const { raw: held, told } = encodeHeldSchema(raw, at, writing);
  if (told.size > 0) writing.ledger.drop(at, `the schema's ${[...told].join(', ')} is told in a description, and not held to`);
  return held;
}

function encodeSchema(schema: RawJson | undefined, at: string, ledger: Ledger): RawJson {
  if (schema === undefined) return '{"type":"object","properties":{}}';
  return typedSchema(schema, () => ledger.note('changed', at, 'the schema is given "type": "object"'));
}

function encodeToolChoice(writing: Writing, toolCount: number, thinking: boolean): RawJson | undefined {
  const { request, own, ledger } = writing;
  const single = request.parallelToolCalls === undefined ? undefined : JSON.stringify(!request.parallelToolCalls);
  if (!own && toolCount === 0) {
    if (isForced(request.toolChoice)) ledger.refuse(nameOf(request, 'toolChoice', 'tool_choice'), 'there are no tools to call');
    return undefined;
  }
  const choice = isForced(request.toolChoice) && !mayForce(writing, thinking) ? undefined : request.toolChoice;
  if (choice === undefined) return single === 'true' ? '{"type":"auto","disable_parallel_tool_use":true}' : undefined;
  const parallel = own || (single === 'true' && choice.type !== 'none') ? single : undefined;
  return printWithExtras([...choiceEntries(choice, writing), ['disable_parallel_tool_use', parallel]], request.ext, 'tool_choice');
}

function isForced(choice: ToolChoice | undefined): boolean {
  return choice !== undefined && (choice.type === 'required' || choice.type === 'tool' || (choice.type === 'allowed' && choice.mode === 'required'));
}

/** Refuses where the model cannot be made to call a tool; a lenient call leaves it to the model. */
function mayForce({ request, own, quirks, ledger }: Writing, thinking: boolean): boolean {
  const path = nameOf(request, 'toolChoice', 'tool_choice');
  if (quirks.forcedToolChoice === false) ledger.refuse(path, 'a tool call cannot be forced there', 'Send tool_choice auto');
  else if (!own && thinking) ledger.refuse(path, 'with thinking on, a tool call cannot be forced', 'Send tool_choice auto, or turn reasoning off');
  else return true;
  return false;
}

function choiceEntries(choice: ToolChoice, { names }: Writing): Entry[] {
  switch (choice.type) {
    case 'auto':
    case 'none':
      return [['type', printString(choice.type)]];
    case 'required':
      return [['type', '"any"']];
    case 'tool':
      return [
        ['type', '"tool"'],
        ['name', printString(names.to(choice.name))],
      ];
    case 'allowed':
      return [['type', choice.mode === 'auto' ? '"auto"' : '"any"']];
  }
}

/** Looks for further stop strings in what the decoder makes of the stream. */
function scanning(decoder: Decoder, stops: readonly string[]): Decoder {
  const scan = createStopScan(stops);
  const through =
    (emit: (event: ChatEvent) => void) =>
    (event: ChatEvent): void =>
      scan.push(event, emit);
  return {
    push: (event, emit) => decoder.push(event, through(emit)),
    end: (emit) => decoder.end(through(emit)),
    finishing: () => scan.stopped() || decoder.finishing(),
  };
}
