import { defined } from '../../core/defined.ts';
import type { Context } from '../../core/dialect.ts';
import { hash64 } from '../../core/fit.ts';
import type { Extra, RawJson, ServerTool, Tool, ToolChoice } from '../../core/ir.ts';
import {
  booleanAt,
  type Cursor,
  cursorAt,
  fieldOf,
  isGiven,
  isGivenAt,
  itemsOf,
  objectAt,
  optionalAt,
  rawOf,
  stringAt,
  textAt,
  valueAt,
  wrongType,
} from '../../core/json-cursor.ts';
import { type Entry, printArray, printObject, printString } from '../../core/json-print.ts';
import { isObject, parseJsonText } from '../../core/json-text.ts';
import { accountForExtras } from '../../core/notes.ts';
import { shapeOf } from '../../core/verdicts.ts';
import { choices } from './verdicts-request.ts';
import { customTool, functionTool, namespaceTool, searchTool, tools as toolShapes } from './verdicts-tools.ts';
import { dialect, extrasOf, isOwn } from './wire.ts';

/** Where a tool is declared, and where those in its namespace are. */
type Declared = { readonly item: Cursor; readonly type: string; readonly inner: readonly Cursor[] };

/**
 * The tools of the list, and those that the conversation has brought since. In other formats a function in a namespace has one name, and a
 * search that the caller runs is a function.
 */
export type ToolList = { readonly isGiven: boolean; readonly declared: readonly Declared[]; readonly names: ToolNames };

/** A pure function of the list of tools. */
export type ToolNames = {
  to(name: string, namespace: string | undefined): string;
  from(name: string): ToolName;
  /** The name of the search for tools. */
  readonly search: string;
};

export type ToolName = { readonly name: string; readonly namespace?: string; readonly isSearch?: true };

/** `items` are those of the conversation. */
export function listTools(root: Cursor, items: readonly Cursor[]): ToolList {
  const given = optionalAt(root, 'tools', itemsOf);
  const brought = items.filter((item) => bringers.has(valueAt(item, 'type'))).flatMap((item) => optionalAt(item, 'tools', itemsOf) ?? []);
  const declared = [...(given ?? []), ...brought].map((item): Declared => {
    objectAt(item);
    const type = typeOf(item);
    return { item, type, inner: type === 'namespace' ? itemsOf(fieldOf(item, 'tools')) : [] };
  });
  return { isGiven: given !== undefined || brought.length > 0, declared, names: nameTools(declared) };
}

const bringers: ReadonlySet<unknown> = new Set(['tool_search_output', 'additional_tools']);

function nameTools(declared: readonly Declared[]): ToolNames {
  const flat = new Map<string, string>();
  const parts = new Map<string, ToolName>();
  const add = (wanted: string, key: string, name: ToolName): string => {
    const one = parts.has(wanted) ? `${wanted}_${hash64(key).slice(0, 8)}` : wanted;
    parts.set(one, name);
    return one;
  };
  for (const { item } of declared.filter(({ type }) => type === 'function' || type === 'custom'))
    parts.set(textAt(item, 'name'), { name: textAt(item, 'name') });
  for (const { item, inner } of declared) {
    const namespace = inner.length === 0 ? '' : textAt(item, 'name');
    for (const tool of inner) {
      const name = textAt(tool, 'name');
      const key = keyOf(name, namespace);
      if (!flat.has(key)) flat.set(key, add(joinName(name, namespace), key, { name, namespace }));
    }
  }
  return {
    to: (name, namespace) => (namespace === undefined ? name : (flat.get(keyOf(name, namespace)) ?? joinName(name, namespace))),
    from: (name) => parts.get(name) ?? { name },
    search: add(searchName, searchName, { name: searchName, isSearch: true }),
  };
}

const searchName = 'tool_search';

function keyOf(name: string, namespace: string): string {
  return JSON.stringify([namespace, name]);
}

const between = '__';

/** The one name of a function in a namespace. */
export function joinName(name: string, namespace: string): string {
  return namespace.endsWith(between) ? namespace + name : namespace + between + name;
}

function typeOf(item: Cursor): string {
  return textAt(item, 'type');
}

/** The tools that the target can be sent. Its own dialect gets the list as it came. */
export function decodeTools({ isGiven, declared, names }: ToolList, context: Context): readonly (Tool | ServerTool)[] | undefined {
  if (!isGiven) return undefined;
  const tools = declared.flatMap((one) => decodeTool(one, names, context));
  if (isOwn(context)) return tools;
  const each = withoutRepeated(tools, context);
  return each.every((tool) => tool.kind === 'server') ? each : withoutHosted(each, context);
}

function decodeTool({ item, type, inner }: Declared, names: ToolNames, context: Context): (Tool | ServerTool)[] {
  if (type === 'function' || type === 'custom') return [decodeOwn(item, textAt(item, 'name'))];
  if (type === 'namespace') return decodeNamespace(item, inner, { names, context });
  if (type === 'tool_search' && !isOwn(context)) return decodeSearch(item, names, context);
  return [{ kind: 'server', dialect, name: type, raw: rawOf(item), at: item.path }];
}

/** A search that the provider would run finds nothing that is not sent anyway. */
function decodeSearch(item: Cursor, names: ToolNames, { ledger }: Context): Tool[] {
  if (valueAt(item, 'execution') !== 'client') {
    ledger.drop(item.path, 'tools are not searched there: all of them are sent at once');
    return [];
  }
  ledger.note('emulated', item.path, 'the search for tools is sent as a function');
  const schema = fieldOf(item, 'parameters');
  const ext = extrasOf(item, searchTool);
  return [
    defined({
      kind: 'function' as const,
      name: names.search,
      description: optionalAt(item, 'description', stringAt),
      schema: isGiven(schema) ? rawOf(schema) : undefined,
      at: item.path,
      ext: ext.length === 0 ? undefined : ext,
    }),
  ];
}

/** A tool that a search has found again is there already. */
function withoutRepeated(tools: readonly (Tool | ServerTool)[], { ledger }: Context): readonly (Tool | ServerTool)[] {
  const seen = new Set<string>();
  return tools.filter((tool) => {
    if (tool.kind === 'server' || !seen.has(tool.name)) {
      if (tool.kind !== 'server') seen.add(tool.name);
      return true;
    }
    ledger.note('carried', tool.at ?? 'tools', 'a tool of that name is in the list already');
    return false;
  });
}

/** The caller has tools of its own to go on with: without a search that the provider would run, the model knows less and can do as much. */
function withoutHosted(tools: readonly (Tool | ServerTool)[], { ledger }: Context): readonly (Tool | ServerTool)[] {
  return tools.filter((tool) => {
    if (tool.kind !== 'server' || toolShapes.of.get(tool.name)?.opaque?.loss !== 'hint') return true;
    ledger.drop(tool.at ?? 'tools', `"${tool.name}" is run by providers of ${dialect}: the other tools are sent without it`);
    return false;
  });
}

/** The functions of a namespace stand in the list by themselves; what it says of them all, the first says. */
function decodeNamespace(item: Cursor, inner: readonly Cursor[], { names, context }: { readonly names: ToolNames; readonly context: Context }): Tool[] {
  const namespace = textAt(item, 'name');
  const description = optionalAt(item, 'description', stringAt) ?? '';
  if (!isOwn(context)) accountForNamespace(item, context);
  return inner.map((one, index) => {
    objectAt(one);
    const tool = decodeOwn(one, names.to(textAt(one, 'name'), namespace));
    const described = [description, tool.description ?? ''].filter((words) => words !== '').join('\n\n');
    return index > 0 || described === '' ? tool : { ...tool, description: described };
  });
}

function accountForNamespace(item: Cursor, { ledger, back }: Context): void {
  ledger.note('carried', `${item.path}.name`, 'it is a part of the names of its tools there, and given back with a call of one');
  ledger.note('emulated', `${item.path}.description`, 'the first tool of the namespace says it');
  accountForExtras(extrasOf(item, namespaceTool), back, ledger);
}

function decodeOwn(item: Cursor, name: string): Tool {
  const kind: Tool['kind'] = typeOf(item) === 'custom' ? 'custom' : 'function';
  const schema = fieldOf(item, 'parameters');
  if (isGiven(schema)) objectAt(schema);
  const ext = extrasOf(item, kind === 'custom' ? customTool : functionTool);
  return defined({
    kind,
    name,
    description: optionalAt(item, 'description', stringAt),
    schema: kind === 'function' && isGiven(schema) ? rawOf(schema) : undefined,
    strict: optionalAt(item, 'strict', booleanAt),
    grammar: kind === 'custom' ? decodeGrammar(item) : undefined,
    at: item.path,
    ext: ext.length === 0 ? undefined : ext,
  });
}

function decodeGrammar(item: Cursor): Tool['grammar'] {
  return optionalAt(item, 'format', (format) =>
    valueAt(format, 'type') === 'grammar' ? { syntax: textAt(format, 'syntax'), definition: textAt(format, 'definition') } : undefined,
  );
}

/** Undefined for a choice of a tool that OpenAI runs: it stays an extra. */
export function decodeChoice(field: Cursor): ToolChoice | undefined {
  const { value } = field;
  if (value === 'auto' || value === 'none' || value === 'required') return { type: value };
  if (!isObject(value)) throw wrongType(field.path, '"auto", "none", "required" or an object');
  const type = typeOf(field);
  if (type === 'function' || type === 'custom') return { type: 'tool', kind: type, name: textAt(field, 'name') };
  if (type !== 'allowed_tools') return undefined;
  const mode = fieldOf(field, 'mode');
  if (mode.value !== 'auto' && mode.value !== 'required') throw wrongType(mode.path, '"auto" or "required"');
  return { type: 'allowed', mode: mode.value, names: itemsOf(fieldOf(field, 'tools')).map(allowedName) };
}

/** A tool that OpenAI runs goes by its type. */
function allowedName(item: Cursor): string {
  return isGivenAt(item, 'name') ? textAt(item, 'name') : typeOf(item);
}

/** The caller's own list of tools, or choice of one, with the names that the provider takes: all else stays as it was written. */
export function withNames(raw: RawJson, to: (name: string) => string): RawJson {
  const rename = (cursor: Cursor): RawJson => {
    if (Array.isArray(cursor.value)) return printArray(itemsOf(cursor).map(rename));
    const { value } = cursor;
    if (!isObject(value)) return rawOf(cursor);
    const { type, name, tools } = value;
    const isTool = (type === 'function' || type === 'custom') && typeof name === 'string' && to(name) !== name;
    if (!isTool && !Array.isArray(tools)) return rawOf(cursor);
    return printObject(
      Object.keys(value).map((key): Entry => {
        const field = fieldOf(cursor, key);
        return [key, key === 'tools' ? rename(field) : key === 'name' && isTool ? printString(to(name)) : rawOf(field)];
      }),
    );
  };
  return rename(cursorAt(parseJsonText(raw)));
}

/** What stands beside the name of a tool; the whole of a choice that nobody else can make. */
export function choiceExtras(field: Cursor, choice: ToolChoice | undefined): Extra[] {
  if (choice === undefined)
    return [{ dialect, path: field.path, key: 'tool_choice', raw: rawOf(field), loss: 'demand', reason: 'the tool is run by OpenAI alone' }];
  return isObject(field.value) ? extrasOf(field, shapeOf(choices, typeOf(field))) : [];
}
