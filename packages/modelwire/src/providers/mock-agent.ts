import { isObject, type JsonObject } from '../core/json-text.ts';
import { minimalInstance } from './mock-schema.ts';
import { type MockBlock, type MockTool, type MockView, objectAt } from './mock-view.ts';

/** What the user wants, as docs/mock.md words it. */
type Task = { readonly path: string; readonly text: string; readonly tool: string | undefined };

/**
 * A model at work in somebody's agent: it reads the task, calls the tool that can do it, and says how that went. A tool that is not
 * offered yet is looked up first, where the agent has a tool for that.
 */
export function agentBlock(view: MockView): MockBlock {
  const { toolChoice } = view;
  const task = taskIn(view.userTexts);
  const forced = forcedTool(view, task);
  if (forced !== undefined) return callOf(forced, task === undefined ? JSON.stringify(required(forced)) : argumentsFor(forced, task));
  if (task === undefined) return { type: 'text', text: 'I was given no file to write.' };
  const done = view.everyResult.filter((result) => !isSearch(result.name)).at(-1);
  if (done !== undefined) return { type: 'text', text: `${task.path}: ${done.name} ${done.isError ? 'failed with' : 'returned'} ${done.text}` };
  const tools = toolChoice.mode === 'none' ? [] : view.tools;
  const tool = chosen(task, tools);
  const searched = view.everyResult.some((result) => isSearch(result.name));
  if (tool !== undefined) return callOf(tool, argumentsFor(tool, task));
  const search = task.tool === undefined || searched ? undefined : tools.find((offered) => isSearch(offered.name));
  if (search !== undefined) return callOf(search, JSON.stringify({ ...required(search), query: queryFor(search, task.tool ?? '') }));
  return { type: 'text', text: `No tool here can write ${task.path}.` };
}

/** The tool that must be called, task or not. */
function forcedTool({ toolChoice, tools }: MockView, task: Task | undefined): MockTool | undefined {
  if (toolChoice.mode === 'named') return tools.find((tool) => tool.name === toolChoice.name);
  if (toolChoice.mode !== 'required') return undefined;
  return (task === undefined ? undefined : chosen(task, tools)) ?? tools[0];
}

/** An answer in a given form: what the task says of a file stands where the form has a place for it. */
export function agentAnswer(schema: unknown, { userTexts }: MockView): string {
  const least = minimalInstance(schema);
  const task = taskIn(userTexts);
  return task === undefined || !isObject(least) ? JSON.stringify(least) : argumentsFor({ name: 'answer', kind: 'function', schema }, task);
}

const wanted = /write the file (\S{1,1000}) with exactly this text: <([^>\n]{1,1000})>/i;
const named = /use the tool ([\w.-]{1,200})/i;

function taskIn(texts: readonly string[]): Task | undefined {
  const said = texts.findLast((text) => wanted.test(text));
  const [, path, text] = wanted.exec(said ?? '') ?? [];
  return path === undefined || text === undefined ? undefined : { path, text, tool: named.exec(said ?? '')?.[1] };
}

function isSearch(name: string): boolean {
  return /^tool_?search$/i.test(name);
}

/** Claude Code's search takes names, the other one words. */
function queryFor(search: MockTool, name: string): string {
  return search.name === 'ToolSearch' ? `select:${name}` : name.replaceAll('_', ' ');
}

function chosen(task: Task, tools: readonly MockTool[]): MockTool | undefined {
  const { tool: asked } = task;
  // Where tools stand in namespaces, the name comes last.
  if (asked !== undefined) return tools.find((tool) => tool.name === asked || tool.name.endsWith(`__${asked}`));
  return tools.find(isWriter) ?? tools.find((tool) => shellKey(tool) !== undefined);
}

const pathKeys = ['filepath', 'path', 'filename', 'file'];
const textKeys = ['content', 'contents', 'text'];
const shellKeys = ['command', 'cmd'];
const freeKeys = ['input', 'patch'];

function properties(tool: MockTool): JsonObject {
  return isObject(tool.schema) ? objectAt(tool.schema, 'properties') : {};
}

/** The tool's own spelling of a parameter: `file_path`, `filePath` and `filepath` are one. */
function keyOf(tool: MockTool, names: readonly string[]): string | undefined {
  return Object.keys(properties(tool)).find((key) => names.includes(key.replaceAll('_', '').toLowerCase()));
}

function isWriter(tool: MockTool): boolean {
  return tool.kind === 'function' && keyOf(tool, pathKeys) !== undefined && keyOf(tool, textKeys) !== undefined;
}

function shellKey(tool: MockTool): string | undefined {
  return tool.kind === 'function' ? keyOf(tool, shellKeys) : undefined;
}

function required(tool: MockTool): JsonObject {
  const value = tool.schema === undefined ? {} : minimalInstance(tool.schema);
  return isObject(value) ? value : {};
}

function argumentsFor(tool: MockTool, task: Task): string {
  if (tool.kind === 'custom') return patchOf(task);
  const command = shellKey(tool);
  const path = keyOf(tool, pathKeys);
  const text = keyOf(tool, textKeys);
  // A tool that takes free text is a function with one parameter where a format has no such tools.
  const free = keyOf(tool, freeKeys);
  if (free !== undefined) return JSON.stringify({ ...required(tool), [free]: patchOf(task) });
  if (command !== undefined) return JSON.stringify({ ...required(tool), [command]: shellCommand(objectAt(properties(tool), command), task) });
  return JSON.stringify({ ...required(tool), ...(path === undefined ? {} : { [path]: task.path }), ...(text === undefined ? {} : { [text]: task.text }) });
}

function patchOf({ path, text }: Task): string {
  return `*** Begin Patch\n*** Add File: ${path}\n+${text}\n*** End Patch\n`;
}

function shellCommand(schema: JsonObject, { path, text }: Task): string | readonly string[] {
  const line = `printf '%s' ${quoted(text)} > ${quoted(path)}`;
  return schema['type'] === 'array' ? ['bash', '-c', line] : line;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function callOf(tool: MockTool, written: string): MockBlock {
  return { type: 'call', name: tool.name, arguments: written, kind: tool.kind };
}
