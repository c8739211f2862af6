import type { ChatEvent } from '../../../packages/modelwire/src/core/event.ts';
import type { DialectName } from '../../../packages/modelwire/src/core/ir.ts';
import { messageStreamProblems } from '../official-anthropic.ts';
import { converseStreamProblems } from '../official-bedrock.ts';
import { chatStreamProblems } from '../official-cohere.ts';
import { responseStreamProblems } from '../official-gemini.ts';
import { ollamaStreamProblems } from '../official-ollama.ts';
import { chunkStreamProblems } from '../official-openai.ts';
import { responsesStreamProblems } from '../official-responses.ts';
import { isObjectText } from '../shape.ts';
import type { Frame } from './frames.ts';
import { framesIn, wireFor } from './wire.ts';

/** What is wrong with a stream of a format that ended well, as its caller reads it. `usage`: the answer's is known. */
type Judge = (bytes: Uint8Array, usage: boolean) => readonly string[];

const ofEvents =
  (name: DialectName, judge: (frames: readonly Frame[], usage: boolean) => readonly string[]): Judge =>
  (bytes, usage) =>
    judge(framesIn(name, [bytes]), usage);

const judges: { readonly [name in DialectName]: Judge } = {
  'openai-chat': ofEvents('openai-chat', (frames, usage) => chunkStreamProblems(frames, { includeUsage: usage })),
  'openai-responses': ofEvents('openai-responses', (frames) => responsesStreamProblems(frames)),
  'anthropic-messages': ofEvents('anthropic-messages', (frames) => messageStreamProblems(frames)),
  gemini: ofEvents('gemini', (frames, usage) => responseStreamProblems(frames).filter((problem) => usage || problem !== 'no usage')),
  cohere: ofEvents('cohere', chatStreamProblems),
  ollama: (bytes, usage) => ollamaStreamProblems(linesIn(bytes)).filter((problem) => usage || !/^line \d+\.(?:prompt_)?eval_count: missing$/.test(problem)),
  'bedrock-converse': (bytes, usage) => converseStreamProblems(bytes).filter((problem) => usage || !/^event \d+ metadata\.usage: missing$/.test(problem)),
};

/** Every line ends, and none is empty: the clients of the format take them as they come. */
function linesIn(bytes: Uint8Array): readonly Frame[] {
  const lines = new TextDecoder('utf-8', { fatal: true }).decode(bytes).split('\n');
  return lines.slice(0, -1).map((data) => ({ event: '', data }));
}

/** Not faults: the official types know no annotations in a stream, and an answer with calls may end otherwise, as its provider said. */
const isNoFault = (problem: string): boolean =>
  /\.delta\.annotations: not a key/.test(problem) ||
  /^(?:stop_reason (?:refusal|pause_turn|model_context_window_exceeded)|finish_reason content_filter) with tool/.test(problem);

const isNoJson = (problem: string): boolean => /^the arguments of .* are not JSON/s.test(problem);

/** What a custom tool takes is no JSON; and formats that give arguments as text pass on what their provider wrote. */
function isWritten(event: ChatEvent): boolean {
  if (event.type !== 'close' || event.block.type !== 'toolCall') return false;
  const { kind, arguments: text } = event.block;
  return kind === 'custom' || (text.trim() !== '' && !isObjectText(text));
}

/** What is wrong with what a front wrote of these events. */
export function faults(front: DialectName, text: string, events: readonly ChatEvent[]): readonly string[] {
  const problems = judges[front](
    wireFor(front, text),
    events.some(({ type }) => type === 'usage'),
  );
  const written = events.some(isWritten);
  return problems.filter((problem) => !isNoFault(problem) && !(written && isNoJson(problem)));
}

/** How each front ends a stream, well and ill, before it is framed. */
export const endings: { readonly [name in DialectName]: { readonly well: RegExp; readonly ill: RegExp } } = {
  'openai-chat': { well: /\n\ndata: \[DONE\]\n\n$/, ill: /(?:^|\n\n)data: \{"error":[^\n]*\}\n\n$/ },
  'openai-responses': {
    well: /\n\nevent: response\.(?:completed|incomplete)\ndata: [^\n]*\n\n$/,
    ill: /(?:^|\n\n)event: error\ndata: [^\n]*\n\n(?:event: response\.failed\ndata: [^\n]*\n\n)?$/,
  },
  'anthropic-messages': { well: /\n\nevent: message_stop\ndata: [^\n]*\n\n$/, ill: /(?:^|\n\n)event: error\ndata: [^\n]*\n\n$/ },
  gemini: { well: /"finishReason":"[^"]+"[^\n]*\n\n$/, ill: /(?:^|\n\n)data: \{"error":[^\n]*\}\n\n$/ },
  cohere: {
    well: /\n\nevent: message-end\ndata: [^\n]*\n\ndata: \[DONE\]\n\n$/,
    ill: /(?:^|\n\n)event: message-end\ndata: \{"type":"message-end","delta":\{"error":[^\n]*\n\n$/,
  },
  ollama: { well: /(?:^|\n\n)data: [^\n]*"done":true,"done_reason":"[^\n]*\n\n$/, ill: /(?:^|\n\n)data: \{"error":[^\n]*\}\n\n$/ },
  'bedrock-converse': {
    well: /\n\ndata: \{"messageStop":[^\n]*\n\ndata: \{"metadata":[^\n]*\n\n$/,
    ill: /(?:^|\n\n)event: error\ndata: \{"[a-zA-Z]+Exception":[^\n]*\n\n$/,
  },
};
