import { checkFields, checkModel } from '../../core/check-fields.ts';
import { defined } from '../../core/defined.ts';
import type { Context } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ChatRequest, Extra, ReasoningRequest, ResponseFormat } from '../../core/ir.ts';
import {
  booleanAt,
  type Cursor,
  cursorAt,
  fieldOf,
  isGivenAt,
  itemsOf,
  numberAt,
  objectAt,
  optionalAt,
  rawOf,
  stringAt,
  textAt,
  valueAt,
  wrongType,
} from '../../core/json-cursor.ts';
import type { JsonText } from '../../core/json-text.ts';
import { targetName } from '../../core/target.ts';
import { shapeOf } from '../../core/verdicts.ts';
import { checks, kept } from './check.ts';
import { decodeConversation, inputItems } from './conversation.ts';
import { choiceExtras, decodeChoice, decodeTools, listTools, type ToolNames } from './tools.ts';
import {
  formats,
  logprobsInclude,
  reasoningShape,
  request as requestShape,
  serviceTiers,
  stateInclude,
  streamOptions,
  textShape,
  wireEfforts,
} from './verdicts-request.ts';
import { dialect, extrasOf, isOwn, mark, spelled } from './wire.ts';

/** A request of this dialect, and what its answer must say of it besides. */
export type Decoded = { readonly request: ChatRequest; readonly names: ToolNames };

/** The whole request as IR. Throws 400 naming the path for whatever has the wrong type, and for what only a provider of this dialect can do. */
export function decodeRequest(body: JsonText, context: Context): Decoded {
  const root = cursorAt(body);
  objectAt(root);
  checkModel(valueAt(root, 'model'));
  checkFields(checks, (key) => valueAt(root, key));
  if (!isOwn(context)) refuseKept(root, context);
  const items = inputItems(root);
  const tools = listTools(root, isOwn(context) ? [] : items);
  const names = isOwn(context) ? asTheyCame : tools.names;
  const messages = decodeConversation(root, items, {
    where: 'input',
    context,
    toolName: names.to,
    ...(isOwn(context) ? {} : { search: names.search }),
  });
  if (messages.length === 0 && !isOwn(context)) throw wrongType('input', 'a non-empty string or an array of items');
  const request: ChatRequest = defined({
    model: textAt(root, 'model'),
    messages,
    stream: valueAt(root, 'stream') === true,
    streamUsage: true,
    maxTokens: optionalAt(root, 'max_output_tokens', numberAt),
    temperature: optionalAt(root, 'temperature', numberAt),
    topP: optionalAt(root, 'top_p', numberAt),
    tools: decodeTools({ ...tools, names }, context),
    toolChoice: optionalAt(root, 'tool_choice', decodeChoice),
    parallelToolCalls: optionalAt(root, 'parallel_tool_calls', booleanAt),
    responseFormat: optionalAt(root, 'text', (text) => optionalAt(text, 'format', decodeFormat)),
    reasoning: optionalAt(root, 'reasoning', decodeReasoning),
    endUser: optionalAt(root, 'safety_identifier', stringAt) ?? optionalAt(root, 'user', stringAt),
    serviceTier: optionalAt(root, 'service_tier', knownTier),
    names: namesOf(root),
    ext: [mark('', 'request'), ...emptyInput(root), ...requestExtras(root, isOwn(context))],
  });
  return { request, names };
}

/** A target of this dialect has the caller's own names for tools. */
const asTheyCame: ToolNames = { to: (name) => name, from: (name) => ({ name }), search: '' };

/** Without what its provider keeps, the conversation would be another: refused in every mode. */
function refuseKept(root: Cursor, { target }: Context): void {
  for (const key of kept) if (isGivenAt(root, key)) throw unkept(key, unkeptReason(key), target);
  if (valueAt(root, 'background') === true) throw unkept('background', 'only a provider that speaks openai-responses answers in the background', target);
}

function unkeptReason(key: (typeof kept)[number]): string {
  return key === 'prompt' ? 'prompt templates are kept by OpenAI alone' : 'it is kept neither here nor by a provider that speaks openai-responses';
}

const instead: { readonly [key: string]: string } = {
  background: 'Leave it out, and wait for the answer or stream it',
  prompt: 'Say what the template says in `instructions` and `input`, or use a target that has it',
};

function unkept(key: string, reason: string, target: Context['target']): GatewayError {
  return new GatewayError('unsupported_parameter', `${key} cannot be sent to ${targetName(target)}: ${reason}`, {
    param: key,
    hint: instead[key] ?? 'Send the whole conversation in `input`, or ask a gateway that keeps conversations',
  });
}

/** An empty list of items is not an absent one. */
function emptyInput(root: Cursor): Extra[] {
  const input = valueAt(root, 'input');
  return Array.isArray(input) && input.length === 0 ? [mark('input', 'empty')] : [];
}

const fixedNames = {
  maxTokens: 'max_output_tokens',
  topP: 'top_p',
  tools: 'tools',
  toolChoice: 'tool_choice',
  parallelToolCalls: 'parallel_tool_calls',
  responseFormat: 'text.format',
  schemaName: 'text.format.name',
  schemaDescription: 'text.format.description',
  schemaStrict: 'text.format.strict',
  reasoning: 'reasoning.effort',
  serviceTier: 'service_tier',
};

function namesOf(root: Cursor): Readonly<Record<string, string>> {
  const display = ['summary', 'generate_summary'].find((key) => isGivenAt(fieldOf(root, 'reasoning'), key)) ?? 'summary';
  return { ...fixedNames, display: `reasoning.${display}`, endUser: isGivenAt(root, 'safety_identifier') ? 'safety_identifier' : 'user' };
}

/** What is understood of the top level, where it holds more than the IR has names for: its own dialect gets it as it came. */
const structured = ['tools', 'tool_choice', 'text', 'reasoning', 'include', 'stream_options'] as const;

function requestExtras(root: Cursor, own: boolean): Extra[] {
  const extras = extrasOf(root, requestShape);
  if (own) return [...extras, ...[...structured, 'user', 'safety_identifier', 'service_tier'].flatMap((key) => spelled(root, key))];
  const inside = (key: string, read: (field: Cursor) => Extra[]): void => void extras.push(...(optionalAt(root, key, read) ?? []));
  const add = (key: string, reason?: string, common?: string): void =>
    void extras.push(...spelled(root, key).map((extra) => defined({ ...extra, loss: 'hint' as const, reason, common })));
  if (isGivenAt(root, 'safety_identifier') && isGivenAt(root, 'user')) add('user', 'safety_identifier says the same and wins', 'user');
  if (isGivenAt(root, 'service_tier') && knownTier(fieldOf(root, 'service_tier')) === undefined) add('service_tier');
  inside('stream_options', (field) => extrasOf(field, streamOptions));
  inside('tool_choice', (field) => choiceExtras(field, decodeChoice(field)));
  inside('text', (field) => [...extrasOf(field, textShape), ...(optionalAt(field, 'format', formatExtras) ?? [])]);
  inside('reasoning', reasoningExtras);
  inside('include', includeExtras);
  return extras;
}

function knownTier(field: Cursor): string | undefined {
  const tier = stringAt(field);
  return serviceTiers.includes(tier) ? tier : undefined;
}

/** Undefined when nothing is asked. */
function decodeReasoning(field: Cursor): ReasoningRequest | undefined {
  objectAt(field);
  const effort = wireEfforts.find((known) => known === valueAt(field, 'effort'));
  const shown = optionalAt(field, 'summary', stringAt) ?? optionalAt(field, 'generate_summary', stringAt);
  return effort === undefined && shown === undefined ? undefined : defined({ effort, display: shown === undefined ? undefined : 'summarized' });
}

/** Values that are not known, and the older of two spellings. */
function reasoningExtras(field: Cursor): Extra[] {
  const both = isGivenAt(field, 'summary') && isGivenAt(field, 'generate_summary');
  const unread = isGivenAt(field, 'effort') && decodeReasoning(field)?.effort === undefined ? ['effort'] : [];
  return [
    ...extrasOf(field, reasoningShape),
    ...[...unread, ...(both ? ['generate_summary'] : [])].flatMap((key) =>
      spelled(field, key).map((extra) => ({
        ...extra,
        loss: 'hint' as const,
        reason: key === 'effort' ? 'the effort is not known' : 'summary says the same and wins',
      })),
    ),
  ];
}

/** Undefined for a format that is not OpenAI's: it stays an extra. */
function decodeFormat(field: Cursor): ResponseFormat | undefined {
  const type = textAt(field, 'type');
  if (type === 'text') return { type };
  if (type === 'json_object') return { type: 'json' };
  if (type !== 'json_schema') return undefined;
  const schema = fieldOf(field, 'schema');
  objectAt(schema);
  return defined({
    type: 'schema' as const,
    name: textAt(field, 'name'),
    description: optionalAt(field, 'description', stringAt),
    schema: rawOf(schema),
    strict: optionalAt(field, 'strict', booleanAt),
  });
}

function formatExtras(field: Cursor): Extra[] {
  if (decodeFormat(field) !== undefined) return extrasOf(field, shapeOf(formats, textAt(field, 'type')));
  return [{ dialect, path: field.path, key: 'format', raw: rawOf(field), loss: 'demand', reason: 'this format is known to no other provider' }];
}

/** The state of the model's thinking is in every answer, and what a provider's own tool found is missed with the tool. */
function includeExtras(field: Cursor): Extra[] {
  return itemsOf(field).flatMap((item) => {
    const what = stringAt(item);
    if (what === stateInclude) return [];
    const isPart = what === logprobsInclude;
    const reason = isPart ? 'log probabilities are not given there' : 'it is what tools have found that only OpenAI runs';
    return [
      {
        dialect,
        path: item.path,
        key: what.slice(0, 80),
        raw: rawOf(item),
        loss: isPart ? ('demand' as const) : ('hint' as const),
        reason,
        ...(isPart ? { common: 'logprobs' } : {}),
      },
    ];
  });
}
