import { defined } from '../../core/defined.ts';
import type { Context } from '../../core/dialect.ts';
import { hash64 } from '../../core/fit.ts';
import type { Extra, ServerTool, Tool, ToolChoice } from '../../core/ir.ts';
import {
  booleanAt,
  type Cursor,
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
import { isObject } from '../../core/json-text.ts';
import { accountForExtras } from '../../core/notes.ts';
import { shapeOf } from '../../core/verdicts.ts';
import { choices, customTool, functionTool, namespaceTool, tools as toolShapes } from './verdicts-request.ts';
import { dialect, extrasOf, isOwn } from './wire.ts';

/** Names of functions in a namespace, which other formats do not have: one name there, two here. A pure function of the list of tools. */
export type ToolNames = {
  to(name: string, namespace: string | undefined): string;
  from(name: string): { readonly name: string; readonly namespace?: string };
};

export function toolNames(root: Cursor): ToolNames {
  const flat = new Map<string, string>();
  const parts = new Map<string, { readonly name: string; readonly namespace?: string }>();
  const items = (optionalAt(root, 'tools', itemsOf) ?? []).filter((item) => isObject(item.value));
  for (const item of items) if (typeOf(item) !== 'namespace') parts.set(String(valueAt(item, 'name')), { name: String(valueAt(item, 'name')) });
  for (const item of items.filter((one) => typeOf(one) === 'namespace')) {
    const namespace = textAt(item, 'name');
    for (const inner of itemsOf(fieldOf(item, 'tools'))) {
      const name = textAt(inner, 'name');
      const key = keyOf(name, namespace);
      const joined = joinName(name, namespace);
      const one = parts.has(joined) ? `${joined}_${hash64(key).slice(0, 8)}` : joined;
      flat.set(key, one);
      parts.set(one, { name, namespace });
    }
  }
  return {
    to: (name, namespace) => (namespace === undefined ? name : (flat.get(keyOf(name, namespace)) ?? joinName(name, namespace))),
    from: (name) => parts.get(name) ?? { name },
  };
}

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
export function decodeTools(root: Cursor, names: ToolNames, context: Context): readonly (Tool | ServerTool)[] | undefined {
  const items = optionalAt(root, 'tools', itemsOf);
  if (items === undefined) return undefined;
  const tools = items.flatMap((item) => decodeTool(item, names, context));
  return isOwn(context) || tools.every((tool) => tool.kind === 'server') ? tools : withoutHosted(tools, context);
}

function decodeTool(item: Cursor, names: ToolNames, context: Context): (Tool | ServerTool)[] {
  objectAt(item);
  const type = typeOf(item);
  if (type === 'function' || type === 'custom') return [decodeOwn(item, textAt(item, 'name'))];
  if (type !== 'namespace') return [{ kind: 'server', dialect, name: type, raw: rawOf(item), at: item.path }];
  return decodeNamespace(item, names, context);
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
function decodeNamespace(item: Cursor, names: ToolNames, context: Context): Tool[] {
  const namespace = textAt(item, 'name');
  const description = optionalAt(item, 'description', stringAt) ?? '';
  if (!isOwn(context)) accountForNamespace(item, context);
  return itemsOf(fieldOf(item, 'tools')).map((inner, index) => {
    objectAt(inner);
    const tool = decodeOwn(inner, names.to(textAt(inner, 'name'), namespace));
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

/** What stands beside the name of a tool; the whole of a choice that nobody else can make. */
export function choiceExtras(field: Cursor, choice: ToolChoice | undefined): Extra[] {
  if (choice === undefined)
    return [{ dialect, path: field.path, key: 'tool_choice', raw: rawOf(field), loss: 'demand', reason: 'the tool is run by OpenAI alone' }];
  return isObject(field.value) ? extrasOf(field, shapeOf(choices, typeOf(field))) : [];
}
