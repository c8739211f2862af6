import type {
  ContentBlock,
  JSONOutputFormat,
  Message,
  MessageCreateParams,
  MessageCreateParamsNonStreaming,
  OutputConfig,
  TextBlock,
} from './anthropic-types.ts';
import { anthropicErrors } from './family-anthropic.ts';
import { isStandardSchema, type StandardSchemaV1 } from './standard-schema.ts';

/** A format whose answers are read: what `zodOutputFormat` and its like make. */
export type AutoParseableOutputFormat<ParsedT> = JSONOutputFormat & { parse(content: string): ParsedT };

/** `output_config` with a format whose answers are read, or with the schema itself. */
export type ParseableOutputConfig = Omit<OutputConfig, 'format'> & { format?: OutputConfig['format'] | ParseableFormat };
// oxlint-disable-next-line typescript/no-explicit-any -- Any format fits; what it reads is inferred from the one that is given.
type ParseableFormat = AutoParseableOutputFormat<any> | StandardSchemaV1;

type Parseable<Params> = Omit<Params, 'output_config'> & { output_config?: ParseableOutputConfig };
export type MessageParseParams = Parseable<MessageCreateParamsNonStreaming>;
export type MessageStreamParams = Parseable<MessageCreateParams>;

/** What the answers to these parameters are read as. */
export type ExtractParsedContentFromParams<Params> = Params extends { output_config: { format: infer Format } }
  ? Format extends { parse(content: string): infer ParsedT }
    ? ParsedT
    : Format extends StandardSchemaV1<unknown, infer ParsedT>
      ? ParsedT
      : null
  : null;

export type ParsedContentBlock<ParsedT> = (TextBlock & { parsed_output: ParsedT | null }) | Exclude<ContentBlock, TextBlock>;
export type ParsedMessage<ParsedT> = Omit<Message, 'content'> & { content: ParsedContentBlock<ParsedT>[]; parsed_output: ParsedT | null };

type MayHaveFormat = { readonly output_config?: ParseableOutputConfig | null | undefined };

/** The parameters as they are sent: a schema in place of a format becomes one. */
export function withFormat<Params extends MayHaveFormat>(params: Params): Params | Promise<Params> {
  const config = params.output_config;
  const schema = config?.format;
  if (!isStandardSchema(schema)) return params;
  // Most programs bring no schema, or make the format themselves.
  return import('./anthropic-helpers.ts').then(({ standardSchemaOutputFormat }) => ({
    ...params,
    output_config: { ...config, format: standardSchemaOutputFormat(schema) },
  }));
}

/**
 * The message with what its texts are as `parsed_output`, each and the first of them. Throws when a text is not what the format wants.
 * Without such a format it is null.
 */
export function parsedMessage<ParsedT>(message: Message, params: MayHaveFormat | null): ParsedMessage<ParsedT> {
  const parse = parserOf(params);
  let first: unknown;
  const content = message.content.map((block) => {
    if (block.type !== 'text') return block;
    const parsed = parse?.(block.text) ?? null;
    first ??= parsed;
    return Object.defineProperty({ ...block }, 'parsed_output', { value: parsed, enumerable: false });
  });
  // What the format reads is what its type says.
  return { ...message, content, parsed_output: first ?? null } as ParsedMessage<ParsedT>;
}

function parserOf(params: MayHaveFormat | null): ((text: string) => unknown) | undefined {
  const format: unknown = params?.output_config?.format;
  if (typeof format !== 'object' || format === null || !('parse' in format) || typeof format.parse !== 'function') return undefined;
  const { parse } = format;
  return (text) => {
    try {
      return Reflect.apply(parse, format, [text]);
    } catch (thrown) {
      if (anthropicErrors.is(thrown)) throw thrown;
      throw anthropicErrors.misuse(`Failed to parse structured output: ${thrown instanceof Error ? thrown.message : String(thrown)}`, thrown);
    }
  };
}
