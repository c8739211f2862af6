import type { Assembler, Emit } from '../../core/assemble.ts';
import { takeShared } from '../../core/common-fields.ts';
import { defined } from '../../core/defined.ts';
import { GatewayError } from '../../core/errors.ts';
import { lossOf } from '../../core/extras.ts';
import type { Block, Extra, Finish, RawJson, Reply, ReplyHead, StopReason, ToolCallBlock, Usage } from '../../core/ir.ts';
import { type Entry, joinLists, printArray, printObject, printOptional, printString } from '../../core/json-print.ts';
import { isObject, type JsonObject, type JsonText, parseJsonText, type Path } from '../../core/json-text.ts';
import { loseExtras } from '../../core/notes.ts';
import { targetName } from '../../core/target.ts';
import type { Shape } from '../../core/verdicts.ts';
import { describeForeign } from '../../core/upstream-failure.ts';
import { failureInside } from './errors.ts';
import { type AnswerScope, assemblerFor, invalid, type Lost, readMessage } from './reading.ts';
import {
  accountForBlock,
  accountForFinish,
  accountForUsage,
  type AnswerStyle,
  argumentsOf,
  callIdsFor,
  createDetails,
  explanationOf,
  isCutOff,
  printAnnotations,
  printCall,
  printFunction,
} from './showing.ts';
import { choice as choiceShape, chunk, chunkChoice, finishReasons, message, reply as replyShape, serviceTiers, usage as usageShape } from './verdicts.ts';
import { dialect, ownEntries, type WireAnswer, type WireChoice } from './wire.ts';
import { decodeUsage, usageOf } from './usage.ts';

/** A whole answer. Throws `upstream_invalid_response` for what is none, and the provider's own error for an error inside a 200. */
export function decodeReply(text: string, scope: AnswerScope): Reply {
  const json = parseAnswer(text, scope);
  const answer: WireAnswer = isObject(json.value) ? json.value : {};
  const inside = failureInside(json.value, scope.context.target);
  if (inside !== undefined) throw inside;
  const { choice, at } = firstChoice(answer, scope);
  if (!isObject(choice.message)) throw invalid(scope, 'the answer has no message');
  const blocks: Block[] = [];
  const emit: Emit = (event) => {
    if (event.type === 'close') blocks.push(event.block);
  };
  const assembler = assemblerFor(scope);
  const steps: Path = ['choices', at, 'message'];
  readMessage(choice.message, assembler, { raw: (path) => json.raw([...steps, ...path]), isWhole: true }, { emit, lost: scope.context.ledger.lost });
  assembler.finish(emit);
  const given = usageOf(answer, choice);
  const usage = decodeUsage(given, () => JSON.stringify(given), scope.context.ledger.lost);
  const finish = decodeFinish(choice, assembler, scope);
  const extras = answerExtras(answer, choice, at, json);
  return defined({
    ...headOf(answer, scope),
    ext: extras.length === 0 ? undefined : extras,
    blocks,
    finish,
    usage,
    serviceTier: tierOf(answer),
  });
}

function parseAnswer(text: string, scope: AnswerScope): JsonText {
  try {
    return parseJsonText(text);
  } catch (cause) {
    throw invalid(scope, describeForeign(text), cause);
  }
}

function firstChoice(answer: WireAnswer, scope: AnswerScope): { choice: WireChoice; at: number } {
  const choices: readonly unknown[] = Array.isArray(answer.choices) ? answer.choices : [];
  const at = Math.max(
    0,
    choices.findIndex((choice) => isObject(choice) && choice['index'] === 0),
  );
  const choice = choices[at];
  if (!isObject(choice)) throw invalid(scope, 'the answer has no choices');
  if (choices.length > 1) scope.context.ledger.lost('choices[1]', 'one answer is given to a translated call');
  return { choice, at };
}

export function headOf(answer: WireAnswer, scope: AnswerScope): ReplyHead {
  const { created } = answer;
  return {
    id: typeof answer.id === 'string' ? answer.id : '',
    model: typeof answer.model === 'string' && answer.model !== '' ? answer.model : scope.context.target.model,
    created: typeof created === 'number' && created > 0 ? Math.floor(created) : Math.floor(scope.context.now() / 1000),
  };
}

/** The fingerprint is known when a stream begins, so whole answers and streams alike keep it. */
export function fingerprintOf(answer: WireAnswer): readonly Extra[] {
  const { system_fingerprint: fingerprint } = answer;
  if (typeof fingerprint !== 'string' || fingerprint === '') return [];
  return [{ dialect, path: 'system_fingerprint', key: 'system_fingerprint', raw: printString(fingerprint), loss: 'nothing' }];
}

export function extOf(ext: readonly Extra[]): { ext?: readonly Extra[] } {
  return ext.length === 0 ? {} : { ext };
}

export function tierOf({ service_tier: tier }: WireAnswer): string | undefined {
  return typeof tier === 'string' && tier !== '' ? tier : undefined;
}

/** What an answer holds besides: it goes to callers of this dialect as it came. */
function answerExtras(answer: WireAnswer, choice: WireChoice, at: number, json: JsonText): Extra[] {
  const extras = [...fingerprintOf(answer)];
  const add = (object: unknown, shape: Shape, steps: Path, parent: string): void => {
    if (!isObject(object)) return;
    for (const key of Object.keys(object)) {
      if (shape.known.has(key) || key === 'system_fingerprint' || object[key] === null) continue;
      const field = shape.fields.get(key);
      extras.push({
        dialect,
        path: `${parent}${key}`,
        key,
        raw: json.raw([...steps, key]) ?? 'null',
        ...(field?.becomes === 'extra' ? lossOf(shape, key, object[key]) : { loss: 'nothing' as const }),
      });
    }
  };
  add(answer, replyShape, [], '');
  add(choice, choiceShape, ['choices', at], 'choices[0].');
  add(choice.message, message, ['choices', at, 'message'], 'choices[0].message.');
  return extras;
}

/** The fields of a chunk that a translated stream cannot carry. */
export function chunkLosses(answer: WireAnswer, choice: WireChoice, lose: Lost): void {
  loseFields(answer, chunkLost, '', lose);
  loseFields(choice, choiceLost, 'choices[0].', lose);
}

function loseFields(object: JsonObject, fields: readonly (readonly [key: string, reason: string])[], parent: string, lose: Lost): void {
  for (const [key, reason] of fields) if (isObject(object[key])) lose(`${parent}${key}`, reason);
}

const lostIn = ({ fields }: Shape): (readonly [string, string])[] =>
  [...fields].flatMap(([key, field]) => (field.becomes === 'lost' ? [[key, field.reason] as const] : []));
const chunkLost = lostIn(chunk);
const choiceLost = lostIn(chunkChoice);

/** Words for an answer that broke off at the provider. */
const brokenOff: ReadonlySet<string> = new Set(['error', 'network_error', 'insufficient_system_resource', 'aborted', 'abort']);

/** The finish reason, told from the parts where the provider's word does not say it. Throws when the word means a failure. */
export function decodeFinish(choice: WireChoice, made: Assembler, scope: AnswerScope): Finish {
  const native = typeof choice.finish_reason === 'string' && choice.finish_reason !== '' ? choice.finish_reason : undefined;
  const { ledger } = scope.context;
  if (native !== undefined && brokenOff.has(native))
    throw new GatewayError('upstream_error', `${scope.context.target.provider}: the answer broke off with finish reason "${native}"`, {
      provider: targetName(scope.context.target),
    });
  const known = native === undefined ? undefined : finishReasons.get(native);
  if (known === undefined)
    ledger.note(
      'changed',
      'choices[0].finish_reason',
      native === undefined ? 'the provider gave none: told from the answer' : `"${native.slice(0, 40)}" is not known`,
    );
  const reason = reasonFromParts(known ?? 'end', made);
  const stopString =
    reason === 'end' || reason === 'stopString' ? scope.stops.find((stop) => stop === choice.stop_reason || stop === choice.matched_stop) : undefined;
  return defined({ reason: stopString === undefined ? reason : 'stopString', stopString, native });
}

/** OpenAI itself answers `stop` with forced tools; others say `tool_calls` without any. */
function reasonFromParts(reason: StopReason, made: Assembler): StopReason {
  if ((reason === 'end' || reason === 'stopString') && made.callCount() > 0) return 'toolCalls';
  return reason === 'toolCalls' && made.callCount() === 0 ? 'end' : reason;
}

/** The whole answer with every key that the official type requires; optional ones only when they are known. */
export function encodeReply(given: Reply, style: AnswerStyle): string {
  const { reply, logprobs } = withoutLogprobs(given);
  const calls = callsOf(reply.blocks, style);
  const choice: Entry[] = [
    ['index', '0'],
    ['message', printMessage(reply, calls, style)],
    ['logprobs', logprobs],
    ['finish_reason', printString(encodeFinish(reply.finish, calls.length > 0, style))],
  ];
  const own = ownEntries(reply.ext, 'choices[0]');
  accountForFinish(reply.finish, style);
  if (reply.usage !== undefined) accountForUsage(reply.usage, style);
  return printObject([
    ...headEntries(reply, style, 'chat.completion'),
    ['choices', printArray([printObject(own.length === 0 ? choice : lastOfEachKey([...choice, ...own]))])],
    ['usage', reply.usage === undefined ? undefined : printUsage(reply.usage, style)],
    ['service_tier', printTier(reply.serviceTier, style)],
    ...ownEntries(reply.ext, ''),
  ]);
}

/** The probabilities that stand with each text elsewhere stand beside the message here. */
function withoutLogprobs(reply: Reply): { readonly reply: Reply; readonly logprobs: RawJson } {
  const lists: RawJson[] = [];
  const blocks = reply.blocks.map((block): Block => {
    if (block.type !== 'text' || block.ext === undefined) return block;
    const { shared, others } = takeShared(block.ext, dialect, ['logprobs']);
    for (const { raw } of shared.values()) lists.push(raw);
    return shared.size === 0 ? block : { ...block, ext: others };
  });
  if (lists.length === 0) return { reply, logprobs: 'null' };
  return {
    reply: { ...reply, blocks },
    logprobs: printObject([
      ['content', joinLists(lists)],
      ['refusal', 'null'],
    ]),
  };
}

/** The calls under the ids that the caller sees. */
function callsOf(blocks: readonly Block[], style: AnswerStyle): readonly ToolCallBlock[] {
  const ids = callIdsFor(style);
  return blocks.flatMap((block) => {
    if (block.type === 'reasoning') ids.think(block);
    return block.type === 'toolCall' ? [{ ...block, id: ids.idOf(block) }] : [];
  });
}

/** An extra that came with an answer of this dialect stands for what we would have said (`logprobs`). */
function lastOfEachKey(entries: readonly Entry[]): Entry[] {
  const last = new Map(entries.map((entry) => [entry[0], entry]));
  return entries.filter((entry) => last.get(entry[0]) === entry);
}

export function headEntries(head: ReplyHead, style: AnswerStyle, object: string): Entry[] {
  const id = head.id.startsWith('chatcmpl-') ? head.id : style.context.newId('chatcmpl-');
  loseExtras(head.ext, dialect, style.context.ledger);
  return [
    ['id', printString(id)],
    ['object', printString(object)],
    ['created', String(head.created)],
    ['model', printString(head.model)],
  ];
}

function printMessage(reply: Reply, calls: readonly ToolCallBlock[], style: AnswerStyle): RawJson {
  const texts = reply.blocks.filter((block) => block.type === 'text');
  const refusal = joinTexts(reply.blocks.filter((block) => block.type === 'refusal')) || explanationOf(reply.finish);
  const thoughts = reply.blocks.filter((block) => block.type === 'reasoning');
  const thought = joinTexts(thoughts);
  const details = createDetails(style);
  const printed = thoughts.flatMap((block) => details(block));
  const annotations = printAnnotations(texts, style);
  const speaks = texts.length > 0 || (calls.length === 0 && refusal === '');
  for (const block of reply.blocks) accountForBlock(block, style);
  return printObject([
    ['role', '"assistant"'],
    ['content', speaks ? printString(joinTexts(texts)) : 'null'],
    ['refusal', refusal === '' ? 'null' : printString(refusal)],
    ['reasoning_content', thought === '' ? undefined : printString(thought)],
    ['reasoning_details', printed.length === 0 ? undefined : printArray(printed)],
    ['annotations', annotations.length === 0 ? undefined : printArray(annotations)],
    ...printCalls(calls, reply.finish, style),
    ['audio', audioOf(reply)],
    ...ownEntries(reply.ext, 'choices[0].message'),
  ]);
}

function joinTexts(blocks: readonly { readonly text: string }[]): string {
  let text = '';
  for (const block of blocks) text += block.text;
  return text;
}

function audioOf(reply: Reply): RawJson | undefined {
  for (const block of reply.blocks) if (block.type === 'opaque' && block.dialect === dialect && block.kind === 'audio') return block.raw;
  return undefined;
}

function printCalls(calls: readonly ToolCallBlock[], finish: Finish, style: AnswerStyle): Entry[] {
  const [first] = calls;
  if (first === undefined) return [];
  const textOf = (call: ToolCallBlock, index: number): string => (index === calls.length - 1 && isCutOff(finish) ? call.arguments : argumentsOf(call));
  if (!style.legacyFunctions) return [['tool_calls', printArray(calls.map((call, index) => printCall(call, textOf(call, index))))]];
  if (calls.length > 1) style.context.ledger.lost('choices[0].message.tool_calls[1]', 'function_call holds one call');
  return [['function_call', printFunction(first, textOf(first, 0))]];
}

/** The finish reason in OpenAI's words. */
export function encodeFinish(finish: Finish, hasCalls: boolean, style: AnswerStyle): string {
  switch (finish.reason) {
    case 'end':
    case 'stopString':
      return 'stop';
    case 'length':
    case 'contextFull':
      return 'length';
    case 'toolCalls':
      return !hasCalls ? 'stop' : style.legacyFunctions ? 'function_call' : 'tool_calls';
    case 'filter':
      return 'content_filter';
    case 'pause':
      style.context.ledger.note('changed', 'choices[0].finish_reason', 'the turn was paused, which this format can only call a stop');
      return 'stop';
  }
}

export function printUsage(usage: Usage, style: AnswerStyle): RawJson {
  const raw = style.context.back === dialect && usage.raw !== undefined ? parseJsonText(usage.raw) : undefined;
  const prompt = usage.input + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0) + (usage.inputAudio ?? 0) + (usage.toolPrompt ?? 0);
  const completion = usage.output + (usage.reasoning ?? 0) + (usage.outputAudio ?? 0);
  return printObject([
    ['prompt_tokens', String(prompt)],
    ['completion_tokens', String(completion)],
    ['total_tokens', String(prompt + completion)],
    ['prompt_tokens_details', printDetails(inputDetails(usage), raw, 'prompt_tokens_details')],
    ['completion_tokens_details', printDetails(outputDetails(usage), raw, 'completion_tokens_details')],
  ]);
}

/** The counts that have a bucket, and after them those that the provider of this format gave besides. */
function printDetails(counted: readonly Entry[], raw: JsonText | undefined, key: string): RawJson | undefined {
  const given = isObject(raw?.value) ? raw.value[key] : undefined;
  const uncounted = isObject(given) ? Object.keys(given).filter((name) => given[name] !== null && uncountedDetails.has(name)) : [];
  if (counted.length === 0 && uncounted.length === 0) return undefined;
  return printObject([...counted, ...uncounted.map((name): Entry => [name, raw?.raw([key, name])])]);
}

/** Details that have no bucket of their own. */
const uncountedDetails: ReadonlySet<string> = new Set(
  [...usageShape.fields.values()].flatMap(({ value }) =>
    value.kind === 'object' ? [...value.fields].flatMap(([name, field]) => (field.becomes === 'extra' ? [name] : [])) : [],
  ),
);

/** With one of the cache counts stands the other: the newest clients want both. */
function inputDetails({ cacheRead, cacheWrite, inputAudio }: Usage): Entry[] {
  if (cacheRead === undefined && cacheWrite === undefined && inputAudio === undefined) return [];
  return [
    ['cached_tokens', String(cacheRead ?? 0)],
    ['cache_write_tokens', String(cacheWrite ?? 0)],
    ['audio_tokens', printOptional(inputAudio)],
  ];
}

function outputDetails({ reasoning, outputAudio }: Usage): Entry[] {
  if (reasoning === undefined && outputAudio === undefined) return [];
  return [
    ['reasoning_tokens', printOptional(reasoning)],
    ['audio_tokens', printOptional(outputAudio)],
  ];
}

/** Anthropic's `standard` is OpenAI's `default`; what has no equal is left out. */
export function printTier(tier: string | undefined, style: AnswerStyle): RawJson | undefined {
  if (tier === undefined) return undefined;
  const word = tier === 'standard' ? 'default' : tier;
  if (style.context.back === dialect || serviceTiers.includes(word)) return printString(word);
  style.context.ledger.lost('service_tier', `"${tier.slice(0, 40)}" has no equal in ${dialect}`);
  return undefined;
}
