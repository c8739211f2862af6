import { agentAnswer, agentBlock } from './mock-agent.ts';
import { firstWords, jsonTokens, wordTokens } from './mock-count.ts';
import type { MockContent } from './mock-name.ts';
import { minimalInstance } from './mock-schema.ts';
import type { MockBlock, MockMedia, MockReply, MockStop, MockTool, MockUsage, MockView } from './mock-view.ts';

const lorem =
  'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua ut enim ad minim veniam quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat'.split(
    ' ',
  );

/** Most words that `length` says before it ends as if the limit were reached. */
const longestLength = 16;

/** What `cache` reports besides the real input: so many tokens read from a cache and written to one. */
const cached = { cacheRead: 40, cacheWrite: 20 } as const;
const uncached = { cacheRead: 0, cacheWrite: 0 } as const;

const refusalText = 'I cannot help with that.';

/** The answer of a scripted model: the same for the same request, always. */
export function playScript(content: MockContent, view: MockView): MockReply {
  const blocks = blocksOf(content, view);
  const limited = withinLimits(blocks, view);
  const stop: MockStop = limited.stop ?? stopOf(content, limited.blocks);
  return { blocks: limited.blocks, stop, usage: usageOf(limited.blocks, view, content.kind === 'cache' ? cached : uncached) };
}

function blocksOf(content: MockContent, view: MockView): readonly MockBlock[] {
  if (content.kind === 'refusal') return [{ type: 'refusal', text: refusalText }];
  if (content.kind === 'length') return [text(loremWords(Math.min(view.maxTokens ?? longestLength, longestLength)))];
  const thinking: readonly MockBlock[] = thinks(content) && view.thinking ? [{ type: 'thinking', text: thoughtOf(view) }] : [];
  // An answer in a given form is asked for by the agent itself, say to choose a model, and is not the task.
  if (isAgent(content) && view.schema === undefined) return [...thinking, agentBlock(view)];
  const wantsCall = content.kind === 'tool' || content.kind === 'tools' || (content.kind === 'reasoning' && view.tools.length > 0);
  const calls = callsOf(view, { several: content.kind === 'tools', wanted: wantsCall && view.results.length === 0 });
  if (calls.length > 0) return [...thinking, ...calls];
  return [...thinking, text(wantsCall && view.results.length > 0 ? quoteResults(view) : textOf(content, view))];
}

function isAgent({ kind }: MockContent): boolean {
  return kind === 'agent' || kind === 'quiet-agent';
}

/** The models that think, and want the thinking of a turn with tools back. */
export function thinks(content: MockContent): boolean {
  return content.kind === 'reasoning' || content.kind === 'agent';
}

function textOf(content: MockContent, view: MockView): string {
  switch (content.kind) {
    case 'text':
      return loremWords(content.words);
    case 'agent':
    case 'quiet-agent':
      return agentAnswer(view.schema, view);
    case 'json':
      return JSON.stringify(view.schema === undefined ? { ok: true } : minimalInstance(view.schema));
    case 'vision':
      return view.media.length === 0 ? 'no media' : view.media.map(describeMedia).join('\n');
    case 'inspect':
      return view.text;
    default:
      return view.lastUserText === '' ? 'no text' : view.lastUserText;
  }
}

function text(value: string): MockBlock {
  return { type: 'text', text: value };
}

function loremWords(count: number): string {
  return Array.from({ length: count }, (_, i) => lorem[i % lorem.length]).join(' ');
}

function thoughtOf(view: MockView): string {
  const words = wordTokens(view.lastUserText);
  return `The user wrote ${words} ${words === 1 ? 'word' : 'words'}. I will answer plainly.`;
}

function describeMedia(media: MockMedia): string {
  const size = media.bytes === undefined ? media.url : `${media.bytes} bytes`;
  return [media.kind, media.mediaType, size, media.name].filter((word) => word !== undefined && word !== '').join(' ');
}

function quoteResults(view: MockView): string {
  return view.results.map((result) => `${result.name} ${result.isError ? 'failed with' : 'returned'} ${result.text}`).join('\n');
}

/** A forced tool is called by every model, as with real ones; a wanted one only where the caller allows it. */
function callsOf(view: MockView, want: { readonly several: boolean; readonly wanted: boolean }): readonly MockBlock[] {
  const { toolChoice, tools } = view;
  const forced = toolChoice.mode === 'required' || toolChoice.mode === 'named';
  if (toolChoice.mode === 'none' || !(forced || want.wanted)) return [];
  const named = toolChoice.mode === 'named' ? tools.find((tool) => tool.name === toolChoice.name) : undefined;
  const first = named ?? tools[0];
  if (first === undefined) return [];
  const second = want.several && view.parallel ? (tools.find((tool) => tool !== first) ?? first) : undefined;
  return [first, ...(second === undefined ? [] : [second])].map(callOf);
}

function callOf(tool: MockTool): MockBlock {
  const written = tool.kind === 'custom' ? 'text' : JSON.stringify(tool.schema === undefined ? {} : minimalInstance(tool.schema));
  return { type: 'call', name: tool.name, arguments: written, kind: tool.kind };
}

/** The caller's output limit and stop strings cut the text, as they would a real answer. A call is never cut. */
function withinLimits(blocks: readonly MockBlock[], view: MockView): { readonly blocks: readonly MockBlock[]; readonly stop?: MockStop } {
  let left = view.maxTokens ?? Infinity;
  const kept: MockBlock[] = [];
  for (const block of blocks) {
    if (block.type === 'call') {
      kept.push(block);
      continue;
    }
    const hit = block.type === 'text' ? firstStop(block.text, view.stop) : undefined;
    const whole = hit === undefined ? block.text : block.text.slice(0, hit.at);
    const cut = firstWords(whole, left);
    left -= wordTokens(cut);
    if (cut !== '') kept.push({ ...block, text: cut });
    if (cut !== whole) return { blocks: kept, stop: { reason: 'length' } };
    if (hit !== undefined) return { blocks: kept, stop: { reason: 'stop', text: hit.text } };
  }
  return { blocks: kept };
}

function firstStop(from: string, stops: readonly string[]): { readonly at: number; readonly text: string } | undefined {
  const hits = stops.map((stop) => ({ at: from.indexOf(stop), text: stop })).filter((hit) => hit.at >= 0);
  return hits.sort((a, b) => a.at - b.at)[0];
}

function stopOf(content: MockContent, blocks: readonly MockBlock[]): MockStop {
  if (blocks.some((block) => block.type === 'call')) return { reason: 'calls' };
  if (content.kind === 'refusal') return { reason: 'refusal' };
  return { reason: content.kind === 'length' ? 'length' : 'end' };
}

function usageOf(blocks: readonly MockBlock[], view: MockView, cache: { readonly cacheRead: number; readonly cacheWrite: number }): MockUsage {
  let output = 0;
  let thinking = 0;
  for (const block of blocks) {
    if (block.type === 'call') output += 1 + jsonTokens(block.arguments);
    else output += wordTokens(block.text);
    if (block.type === 'thinking') thinking += wordTokens(block.text);
  }
  return { input: view.inputTokens, ...cache, output, thinking };
}

/** The text in the small pieces in which it is streamed: at a word's end, or after eight characters. Never through a character. */
export function piecesOf(whole: string): readonly string[] {
  return whole.match(/\s*(?:[^\s]{1,8}|$)/gu)?.filter((piece) => piece !== '') ?? [];
}
