import { type AutoParseableTool, readerOfFormat, readJsonText, type ToolOptions } from './openai-parse.ts';
import type * as types from './openai-responses-types.ts';

/** A text format that reads what it asked for. What reads it is not enumerable, so that the format can be sent as it is. */
export type AutoParseableTextFormat<Parsed> = types.ResponseFormatTextJSONSchemaConfig & {
  /** The type alone: there is no such value. */
  __output: Parsed;
  $brand: 'auto-parseable-response-format';
  $parseRaw(content: string): Parsed;
};

/** A function tool of the Responses API that reads its arguments. */
export type AutoParseableResponseTool<Options extends ToolOptions> = types.FunctionTool &
  Pick<AutoParseableTool<Options>, '__arguments' | '__name' | '$brand' | '$callback' | '$parseRaw'>;

/** What `output_parsed` is, by the request: what its format reads, anything for a plain JSON Schema, else null. */
export type ExtractParsedResponse<Params extends { text?: types.ResponseTextConfig | undefined }> = ParsedBy<NonNullable<Params['text']>['format']>;
type ParsedBy<Format> = [Format] extends [never]
  ? null
  : Format extends AutoParseableTextFormat<infer Parsed>
    ? Parsed
    : Format extends types.ResponseFormatTextJSONSchemaConfig
      ? unknown
      : null;

/** What of a request says how its answer is read. */
export type ExpectedResponse = { readonly text?: types.ResponseTextConfig | undefined; readonly tools?: readonly object[] | undefined };

/** A response with all its texts in one. */
export function withOutputText<Given extends { output: types.Response['output'] }>(response: Given): Given & { output_text: string } {
  const texts = Array.isArray(response.output) ? response.output.flatMap(textsOf) : [];
  return { ...response, output_text: texts.join('') };
}

function textsOf(item: types.ResponseOutputItem): string[] {
  return item.type === 'message' ? item.content.flatMap((part) => (part.type === 'output_text' ? [part.text] : [])) : [];
}

/** Reads a response by what was asked for. Throws when it is not that; of an answer that was cut nothing is read. */
export function parseResponse<Parsed>(response: types.Response, { text, tools }: ExpectedResponse): types.ParsedResponse<Parsed> {
  const isWhole = response.status === undefined || response.status === 'completed';
  const read = isWhole ? readerOfFormat(text?.format) : undefined;
  const output = response.output.map((item): types.ParsedResponseOutputItem<Parsed> => {
    if (item.type === 'function_call') {
      const reader = isWhole ? readerOfCall(tools, item.name) : undefined;
      return { ...item, parsed_arguments: reader === undefined ? null : reader(item.arguments) };
    }
    return item.type === 'message' ? { ...item, content: item.content.map((part) => parsePart<Parsed>(part, read)) } : item;
  });
  return { ...withOutputText(response), output, output_parsed: firstParsed(output) };
}

function parsePart<Parsed>(part: types.ResponseOutputMessage['content'][number], read: ((text: string) => unknown) | undefined): types.ParsedContent<Parsed> {
  // What the reader makes is the caller's own type.
  return part.type === 'output_text' ? { ...part, parsed: read === undefined ? null : (read(part.text) as Parsed) } : part;
}

function firstParsed<Parsed>(output: readonly types.ParsedResponseOutputItem<Parsed>[]): Parsed | null {
  for (const item of output) {
    if (item.type !== 'message') continue;
    for (const part of item.content) if (part.type === 'output_text' && part.parsed !== null) return part.parsed;
  }
  return null;
}

/** How the arguments of a function are read: as its tool says, as JSON when it is strict, else not at all. */
function readerOfCall(tools: ExpectedResponse['tools'], name: string): ((text: string) => unknown) | undefined {
  const tool = tools?.find((one): one is types.FunctionTool => 'type' in one && one.type === 'function' && 'name' in one && one.name === name);
  if (tool === undefined) return undefined;
  if ('$brand' in tool && tool.$brand === 'auto-parseable-tool') return readerOfFormat(tool);
  return tool.strict === true ? readJsonText : undefined;
}
