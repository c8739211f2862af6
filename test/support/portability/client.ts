import type { RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { printArray, printString } from '../../../packages/modelwire/src/core/json-print.ts';

/** A call as the client's library hands it to its tools. */
export type ClientCall = { readonly id: string; readonly name: string; readonly args: RawJson };
export type ClientResult = { readonly call: ClientCall; readonly text: string; readonly image?: true; readonly isError?: true };

/** One conversation as a client of a format holds it: everything it knows stands in the next request. */
export type Client = {
  say(text: string, image: boolean): void;
  request(model: string, stream: boolean): string;
  /** Takes an answer into the history, whole or as the text of its stream. */
  hear(answer: string, stream: boolean): readonly ClientCall[];
  answerCalls(results: readonly ClientResult[]): void;
};

/** How a client behaves, and what its tools are called. */
export type Setup = { readonly manner: Manner; readonly names: readonly string[] };

/**
 * `keeps` sends back what it got, to the byte, as clients do that hold their history as JSON. `drops` is typed: it reads what the format's
 * documents name and writes that anew, so that unknown fields and the spelling of arguments are gone.
 * `overwrites` is OpenAI's library for JavaScript: of fields that it does not know, a stream leaves it the last piece.
 */
export type Manner = 'keeps' | 'drops' | 'overwrites';

export const systemText = 'You have tools. 用它们。';

/** A PNG of one pixel. */
export const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Names that no provider has to be spared, and names of which every provider refuses some; the fourth is what others are fitted to. */
export const plainNames: readonly string[] = ['read', 'write', 'list', 'find', 'weather', 'plain'];
export const oddNames: readonly string[] = ['fs.read', `mcp__${'deep_'.repeat(19)}`, '1st_tool', 'fs_read', '天气', 'plain'];

/** How many cache marks every request bears in the formats that have any. */
export const marks = 3;

export const toolSchema: RawJson = '{"type":"object", "properties":{"n":{"type":"integer","maximum":9007199254740993},"t":{"type":"string"}}}';

export function describe(name: string): RawJson {
  return printString(`Tool ${name}`);
}

/** What clients of OpenAI's format and of Cohere's write alike: the messages so far, begun with the system's, the tools, and what the user says. */
export function chatBeginning(names: readonly string[]): { readonly messages: RawJson[]; readonly tools: RawJson; say(text: string, image: boolean): void } {
  const messages: RawJson[] = [`{"role":"system","content":${printString(systemText)}}`];
  const tools = printArray(
    names.map((name) => `{"type":"function","function":{"name":${printString(name)},"description":${describe(name)},"parameters":${toolSchema}}}`),
  );
  const say = (text: string, image: boolean): void => {
    const said = `{"type":"text","text":${printString(text)}}`;
    const shown = `{"type":"image_url","image_url":{"url":"data:image/png;base64,${png}"}}`;
    messages.push(`{"role":"user","content":${image ? `[${said},${shown}]` : printString(text)}}`);
  };
  return { messages, tools, say };
}

/** The data of the events of a stream. */
export function dataIn(stream: string): readonly string[] {
  return stream.split(/\n\n/).flatMap((event) => {
    const lines = event.split('\n').filter((line) => line.startsWith('data: '));
    return lines.length === 0 ? [] : [lines.map((line) => line.slice(6)).join('\n')];
  });
}
