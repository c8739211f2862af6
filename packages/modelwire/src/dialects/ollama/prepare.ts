import { accountForExtras, cachePath, fieldPath } from '../../core/notes.ts';
import type { Context, Prepared } from '../../core/dialect.ts';
import type { ChatRequest, RawJson, ServerTool, Tool, ToolChoice } from '../../core/ir.ts';
import { type Entry, printArray, printOptional, printString } from '../../core/json-print.ts';
import { customDescription, customSchema } from '../../core/tool-input.ts';
import { typedSchema } from '../../core/tool-schema.ts';
import { encodeMessages } from './messages.ts';
import type { AnswerScope } from './reading.ts';
import { createDecoder, readReply } from './stream.ts';
import { encodeThink } from './thinking.ts';
import { chatPath, dialect, isMarked, printWithExtras } from './wire.ts';
import { nameOf, type Writing } from './writing.ts';

export function prepare(request: ChatRequest, context: Context): Prepared {
  const { ledger, target } = context;
  const writing: Writing = { request, context, ledger, dialect, quirks: target.quirks, own: isMarked(request.ext, 'request') };
  accountForExtras(request.ext, dialect, ledger);
  const customs = new Set(request.tools?.filter((tool) => tool.kind === 'custom').map((tool) => tool.name));
  const answers: AnswerScope = { context, isCustom: (name) => customs.has(name) };
  return {
    path: chatPath,
    headers: {},
    body: encodeBody(writing),
    reply: (text) => readReply(text, answers),
    stream: () => createDecoder(answers),
  };
}

function encodeBody(writing: Writing): string {
  const { request, context } = writing;
  const entries: Entry[] = [
    ['model', printString(context.target.model)],
    ['messages', printArray(encodeMessages(writing))],
    ['tools', encodeTools(writing)],
    ['format', encodeFormat(writing)],
    ['think', encodeThink(writing)],
    // Where nothing is said, Ollama streams.
    ['stream', String(request.stream)],
    ['options', encodeOptions(writing)],
  ];
  dropUnknowable(writing);
  return printWithExtras(entries, sentExtras(writing), '');
}

/** What a translated answer cannot keep is asked for in vain. */
function sentExtras({ request, ledger }: Writing): ChatRequest['ext'] {
  if (!request.stream) return request.ext;
  return request.ext.filter(({ dialect: from, path, loss }) => {
    if (from !== dialect || loss !== 'demand' || (path !== 'logprobs' && path !== 'top_logprobs')) return true;
    ledger.refuse(path, 'a translated stream cannot carry it', 'Use a route whose target speaks ollama and that has no failover');
    return false;
  });
}

/** Hints that the format has no place for. */
function dropUnknowable({ request, ledger }: Writing): void {
  if (request.endUser !== undefined) ledger.drop(nameOf(request, 'endUser', 'user'), 'there is no place for an end user');
  if (request.parallelToolCalls === false)
    ledger.drop(nameOf(request, 'parallelToolCalls', 'parallel_tool_calls'), 'parallel calls cannot be switched off there');
  if (request.cache !== undefined) ledger.drop(nameOf(request, 'cache', 'cache_control'), 'prompt caching is automatic there');
  if (request.serviceTier !== undefined && request.serviceTier !== 'auto')
    ledger.drop(nameOf(request, 'serviceTier', 'service_tier'), 'there are no service tiers');
}

function encodeOptions({ request }: Writing): RawJson | undefined {
  const entries: Entry[] = [
    ['num_predict', printOptional(request.maxTokens)],
    ['temperature', printOptional(request.temperature)],
    ['top_p', printOptional(request.topP)],
    ['top_k', printOptional(request.topK)],
    ['seed', printOptional(request.seed)],
    ['stop', request.stop === undefined ? undefined : printArray(request.stop.map(printString))],
    ['presence_penalty', printOptional(request.presencePenalty)],
    ['frequency_penalty', printOptional(request.frequencyPenalty)],
  ];
  const raw = printWithExtras(entries, request.ext, 'options');
  return raw === '{}' ? undefined : raw;
}

function encodeFormat({ request, own, ledger }: Writing): RawJson | undefined {
  const format = request.responseFormat;
  if (format === undefined || format.type === 'text' || own) return undefined;
  if (format.type === 'json') return '"json"';
  const carried = (['name', 'description', 'strict'] as const).filter((key) => format[key] !== undefined);
  if (carried.length > 0)
    ledger.note('carried', nameOf(request, 'responseFormat', 'response_format'), `there is no place for the schema's ${carried.join(', ')}`);
  return format.schema;
}

/** Ollama has no choice of tools: it is made by what is sent. */
function encodeTools(writing: Writing): RawJson | undefined {
  const { request, ledger } = writing;
  const mayCall = allowedTools(writing);
  const printed = (request.tools ?? []).flatMap((tool) => {
    if (mayCall(tool.name)) return tool.kind === 'server' ? encodeServerTool(tool, writing) : [encodeTool(tool, writing)];
    ledger.note('carried', tool.at ?? 'tools', 'the tool may not be called: it is not sent');
    return [];
  });
  return printed.length === 0 ? undefined : printArray(printed);
}

function allowedTools({ request, ledger }: Writing): (name: string) => boolean {
  const { toolChoice: choice } = request;
  const path = nameOf(request, 'toolChoice', 'tool_choice');
  if (choice === undefined || choice.type === 'auto') return () => true;
  if (choice.type === 'none') {
    ledger.note('emulated', path, 'no tool may be called: none is sent');
    return () => false;
  }
  if (isForced(choice)) ledger.refuse(path, 'Ollama cannot be made to call a tool', 'Let the model choose (auto), or ask for the call in words');
  if (choice.type !== 'allowed') return () => true;
  ledger.note('emulated', path, 'the tools that are not allowed are left out');
  const allowed = new Set(choice.names);
  return (name) => allowed.has(name);
}

function isForced(choice: ToolChoice): boolean {
  return choice.type === 'required' || choice.type === 'tool' || (choice.type === 'allowed' && choice.mode === 'required');
}

function encodeServerTool(tool: ServerTool, { ledger }: Writing): RawJson[] {
  ledger.refuse(tool.at ?? 'tools', `"${tool.name}" is run by providers of ${tool.dialect}`, 'Leave the tool out, or choose a model that has it');
  return [];
}

function encodeTool(tool: Tool, { ledger }: Writing): RawJson {
  const at = tool.at ?? 'tools';
  accountForExtras(tool.ext, dialect, ledger);
  if (tool.cache !== undefined) ledger.drop(cachePath(tool, 'tools'), 'prompt caching is automatic there');
  if (tool.strict === true) ledger.drop(fieldPath(tool, 'strict', 'tools'), 'calls are not held to their schema there');
  else if (tool.strict === false) ledger.note('carried', fieldPath(tool, 'strict', 'tools'), 'calls are never held to their schema there');
  if (tool.kind === 'custom') ledger.note('emulated', at, 'a custom tool is sent as a function with one string');
  const parameters = tool.kind === 'custom' ? customSchema : parametersOf(tool, at, ledger);
  const inner = printWithExtras(
    [
      ['name', printString(tool.name)],
      ['description', printOptional(customDescription(tool))],
      ['parameters', parameters],
    ],
    tool.ext,
    `${at}.function`,
  );
  return printWithExtras(
    [
      ['type', '"function"'],
      ['function', inner],
    ],
    tool.ext,
    at,
  );
}

function parametersOf({ schema }: Tool, at: string, ledger: Writing['ledger']): RawJson | undefined {
  return schema === undefined ? undefined : typedSchema(schema, () => ledger.note('changed', at, 'the schema is given "type": "object"'));
}
