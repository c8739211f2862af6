import type { RawJson, ServerTool, Tool, ToolChoice } from '../../core/ir.ts';
import { type Entry, printArray, printObject, printOptional, printString } from '../../core/json-print.ts';
import { accountForExtras, type Ledger } from '../../core/notes.ts';
import { customDescription, customSchema } from '../../core/tool-input.ts';
import { calledNames } from '../../core/tool-pairs.ts';
import { typedSchema } from '../../core/tool-schema.ts';
import { besideOf, dialect, printWithExtras } from './wire.ts';
import { nameOf, type Place, printCachePoint, printKind, type Writing } from './writing.ts';

/** The tools and the choice of one. `instruction` is text for the system prompt, where there is no word for the choice. */
export type ToolConfig = { readonly raw: RawJson | undefined; readonly instruction?: string };

const noCalls = 'Do not call any tool: answer in words.';

export function encodeToolConfig(writing: Writing, thinks: boolean): ToolConfig {
  const { request, own } = writing;
  const offered = offeredTools(writing);
  const place: Place = { writing, beside: besideOf(request.ext) };
  const printed = offered.flatMap((tool) => (tool.kind === 'server' ? encodeServerTool(tool, writing) : encodeTool(tool, place)));
  if (own) return { raw: withChoice(printed.length === 0 ? undefined : printed, request.toolChoice, writing) };
  const called = calledNames(request.messages);
  const isOff = request.toolChoice?.type === 'none';
  if (printed.length === 0) return called.length === 0 ? withoutTools(writing) : declaredFromHistory(new Set(called), writing);
  if (!isOff) return { raw: withChoice(printed, mayForce(writing, thinks) ? request.toolChoice : undefined, writing) };
  const path = nameOf(request, 'toolChoice', 'tool_choice');
  if (called.length === 0) {
    writing.ledger.note('emulated', path, 'there is no choice of none: no tools are sent');
    for (const tool of offered) writing.ledger.note('carried', tool.at ?? 'tools', 'the tool may not be called: it is not sent');
    return { raw: undefined };
  }
  writing.ledger.note('emulated', path, 'there is no choice of none: the system text asks for no calls');
  return { raw: withChoice(printed, undefined, writing), instruction: noCalls };
}

function withoutTools({ request, ledger }: Writing): ToolConfig {
  if (isForced(request.toolChoice)) ledger.refuse(nameOf(request, 'toolChoice', 'tool_choice'), 'there are no tools to call');
  return { raw: undefined };
}

/** Calls in the history are taken only where their tools are declared. What is known of them is their names. */
function declaredFromHistory(called: ReadonlySet<string>, writing: Writing): ToolConfig {
  const { request, ledger, names } = writing;
  withoutTools(writing);
  ledger.note(
    'emulated',
    nameOf(request, 'tools', 'tools'),
    'the tools of the calls in the history are declared by their names, and the system text asks for no calls',
  );
  const tools = [...called].map((name) =>
    printObject([
      [
        'toolSpec',
        printObject([
          ['name', printString(names.to(name))],
          ['inputSchema', '{"json":{"type":"object"}}'],
        ]),
      ],
    ]),
  );
  return { raw: printObject([['tools', printArray(tools)]]), instruction: noCalls };
}

function withChoice(tools: readonly RawJson[] | undefined, choice: ToolChoice | undefined, { request, names }: Writing): RawJson | undefined {
  const entries: Entry[] = [
    ['tools', tools === undefined ? undefined : printArray(tools)],
    ['toolChoice', choice === undefined ? undefined : encodeChoice(choice, request.ext, (name) => names.to(name))],
  ];
  const raw = printWithExtras(entries, request.ext, 'toolConfig');
  return raw === '{}' ? undefined : raw;
}

function encodeChoice(choice: ToolChoice, ext: Tool['ext'], to: (name: string) => string): RawJson {
  const at = 'toolConfig.toolChoice';
  const of = (kind: string, fields: readonly Entry[]): RawJson => printWithExtras([[kind, printWithExtras(fields, ext, `${at}.${kind}`)]], ext, at);
  switch (choice.type) {
    case 'auto':
    case 'none':
      return of('auto', []);
    case 'required':
      return of('any', []);
    case 'tool':
      return of('tool', [['name', printString(to(choice.name))]]);
    case 'allowed':
      return of(choice.mode === 'auto' ? 'auto' : 'any', []);
  }
}

function isForced(choice: ToolChoice | undefined): boolean {
  return choice !== undefined && (choice.type === 'required' || choice.type === 'tool' || (choice.type === 'allowed' && choice.mode === 'required'));
}

/** Refuses where the model cannot be made to call a tool; a lenient call leaves it to the model. */
function mayForce({ request, quirks, ledger }: Writing, thinks: boolean): boolean {
  if (!isForced(request.toolChoice)) return true;
  const path = nameOf(request, 'toolChoice', 'tool_choice');
  if (quirks.forcedToolChoice === false) ledger.refuse(path, 'a tool call cannot be forced there', 'Let the model choose');
  else if (thinks) ledger.refuse(path, 'with thinking on, a tool call cannot be forced', 'Let the model choose, or turn reasoning off');
  else return true;
  return false;
}

/** There is no list of allowed tools: only they are sent. */
function offeredTools({ request, ledger }: Writing): readonly (Tool | ServerTool)[] {
  const { tools = [], toolChoice } = request;
  if (toolChoice?.type !== 'allowed') return tools;
  const path = nameOf(request, 'toolChoice', 'tool_choice');
  const offered = tools.filter((tool) => toolChoice.names.includes(tool.name));
  if (offered.length < tools.length) ledger.note('emulated', path, 'only the allowed tools are sent');
  for (const tool of tools) if (!offered.includes(tool)) ledger.note('carried', tool.at ?? 'tools', 'the tool is not among the allowed ones: it is not sent');
  for (const name of toolChoice.names) if (!tools.some((tool) => tool.name === name)) ledger.drop(path, `there is no tool "${name.slice(0, 40)}" to allow`);
  return offered;
}

function encodeServerTool(tool: ServerTool, { ledger }: Writing): RawJson[] {
  if (tool.dialect === dialect) return [tool.raw];
  ledger.refuse(tool.at ?? 'tools', `"${tool.name}" is run by providers of ${tool.dialect}`, 'Leave the tool out, or choose a model that has it');
  return [];
}

function encodeTool(tool: Tool, place: Place): RawJson[] {
  const { ledger, names, own } = place.writing;
  const at = tool.at ?? 'tools';
  accountForExtras(tool.ext, dialect, ledger);
  if (tool.kind === 'custom') ledger.note('emulated', at, 'a custom tool is sent as a function with one string');
  const schema = tool.kind === 'custom' ? customSchema : (encodeSchema(tool.schema, at, ledger, own) ?? undefined);
  const entries: Entry[] = [
    ['name', printString(names.to(tool.name))],
    ['description', printOptional(customDescription(tool))],
    ['inputSchema', printWithExtras([['json', schema]], tool.ext, `${at}.inputSchema`)],
    ['strict', printOptional(tool.strict)],
  ];
  const printed = printKind('toolSpec', printWithExtras(entries, tool.ext, at), tool.at, place.beside);
  return tool.cache === undefined ? [printed] : [printed, printCachePoint(tool.cache, tool, place)];
}

function encodeSchema(schema: RawJson | undefined, at: string, ledger: Ledger, own: boolean): RawJson | undefined {
  if (own) return schema;
  if (schema === undefined) return '{"type":"object","properties":{}}';
  return typedSchema(schema, () => ledger.note('changed', at, 'the schema is given "type": "object"'));
}
