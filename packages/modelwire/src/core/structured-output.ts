import type { Context, Translation, OutputFormats } from './dialect.ts';
import { type Editing, type Emulation, through, withInstruction } from './emulation.ts';
import { GatewayError } from './errors.ts';
import type { ChatEvent } from './event.ts';
import { createFenceFilter, withoutFence } from './fence.ts';
import type { Block, ChatRequest, Finish, Reply, ResponseFormat, TextBlock, Tool } from './ir.ts';
import { jsonInstruction } from './json-instruction.ts';
import { isObject } from './json-text.ts';
import { createSchemaCheck, type SchemaCheck } from './schema-check.ts';
import { targetName } from './target.ts';
import { isToolCall } from './tool-pairs.ts';

export type Wanted = Exclude<ResponseFormat, { readonly type: 'text' }>;

/**
 * Structured output for targets that do not have it: by a forced tool whose arguments are the answer, where no other tool and no thinking
 * is in the way, and by an instruction otherwise. The answer is checked either way; one that is not valid is an error, never an answer.
 */
export function emulateOutput(request: ChatRequest, back: Translation, context: Context): Emulation {
  const format = request.responseFormat;
  if (format === undefined || format.type === 'text') return asItIs(request);
  const excluded = back.output?.excludes?.(request);
  const able = excluded === undefined ? abilityOf(back, context) : { json: false, schema: false };
  const lack = excluded ?? lackOf(format, request, back);
  const path = request.names['responseFormat'] ?? 'response_format';
  if (lack === undefined && (format.type === 'schema' ? able.schema : able.json)) return native(request, format, { path, back, context });
  const judge = createJudge(format, path, context);
  const plain = withoutFormat(request, back, context);
  const tool = format.type === 'schema' && excluded === undefined ? toolFor(format, request, context) : undefined;
  carryUnsent(format, tool, request, context);
  if (tool !== undefined) {
    context.ledger.note('emulated', path, `${lack ?? missing}: a call is forced whose arguments are the answer, and they are checked here`);
    return byTool({ ...plain, tools: [tool], toolChoice: { type: 'tool', name: tool.name, kind: 'function' } }, tool.name, judge, context);
  }
  context.ledger.note('emulated', path, `${lack ?? missing}: it is asked for in a system message, and the answer is checked here`);
  const json = able.json && isObjectSchema(format) ? { responseFormat: { type: 'json' } as const } : {};
  return byInstruction({ ...plain, ...json, messages: withInstruction(request.messages, jsonInstruction(format)) }, judge, { path, context });
}

const missing = 'the provider has no such response format';

/** What a schema is called and whether it is strict has no place in either way. */
function carryUnsent(format: Wanted, tool: Tool | undefined, { names }: ChatRequest, { ledger }: Context): void {
  if (format.type !== 'schema') return;
  const path = names['responseFormat'] ?? 'response_format';
  if (format.name !== undefined && format.name !== tool?.name) ledger.note('carried', names['schemaName'] ?? path, "the schema's name is not sent");
  if (format.strict !== undefined) ledger.note('carried', names['schemaStrict'] ?? path, 'the answer is checked here in any case');
}

/** Why the target cannot hold to a schema, though it holds to others. Its own callers know what they send. */
function lackOf(format: Wanted, request: ChatRequest, { output }: Translation): string | undefined {
  return format.type === 'schema' && !isOwn(request, output) ? output?.lacks?.(format.schema) : undefined;
}

function isOwn({ names }: ChatRequest, output: OutputFormats | undefined): boolean {
  return output?.fields.includes(names['responseFormat'] ?? '') === true;
}

/** The target has the format. What of the schema it does not hold to is checked here, as far as it can be. */
function native(
  request: ChatRequest,
  format: Wanted,
  { path, back, context }: { readonly path: string; readonly back: Translation; readonly context: Context },
): Emulation {
  const { output } = back;
  const unheld = format.type === 'schema' && !isOwn(request, output) ? (output?.unheld?.(format.schema) ?? []) : [];
  if (unheld.length === 0 || format.type !== 'schema') return asItIs(request);
  const { unchecked } = createSchemaCheck(format.schema);
  const lost = unheld.filter((key) => unchecked.includes(key));
  const checked = unheld.filter((key) => !unchecked.includes(key));
  if (lost.length > 0) context.ledger.drop(path, `the schema's ${lost.join(', ')} is told to the model, and neither held to nor checked`);
  if (checked.length === 0) return asItIs(request);
  context.ledger.note('emulated', path, `the schema's ${checked.join(', ')} is told to the model, and checked here`);
  return byInstruction(request, createJudge(format, path, context, true), { path, context });
}

function asItIs(request: ChatRequest): Emulation {
  return { request, reply: (reply) => reply, stream: (decoder) => decoder };
}

/** What both the format and the provider have. */
export function abilityOf(back: Translation, { target: { quirks } }: Context): { readonly json: boolean; readonly schema: boolean } {
  const { json = true, schema = true } = back.output ?? {};
  const able = quirks.structuredOutput ?? 'schema';
  return { json: json && able !== 'none', schema: schema && able === 'schema' };
}

/** The request without the format, and without the caller's own spelling of it, which its own dialect would write again. */
function withoutFormat(request: ChatRequest, back: Translation, { ledger }: Context): ChatRequest {
  const { responseFormat: _, ...rest } = request;
  const fields = back.output?.fields ?? [];
  const isOfFormat = (path: string): boolean => fields.some((field) => path === field || path.startsWith(`${field}.`));
  const ext = request.ext.filter((extra) => {
    if (extra.dialect !== back.name || !isOfFormat(extra.path)) return true;
    if (extra.loss !== 'nothing') ledger.drop(extra.path, 'the provider has no such response format');
    return false;
  });
  return { ...rest, ext };
}

export function isObjectSchema(format: Wanted): boolean {
  if (format.type !== 'schema') return true;
  const schema: unknown = JSON.parse(format.schema);
  return isObject(schema) && schema['type'] === 'object';
}

/** The tool whose arguments are the answer; undefined where one cannot be forced. */
function toolFor(format: Wanted & { readonly type: 'schema' }, request: ChatRequest, { target }: Context): Tool | undefined {
  const { quirks } = target;
  if (quirks.forcedToolChoice === false || quirks.tools === false || !isObjectSchema(format)) return undefined;
  if (request.tools !== undefined || request.messages.some((message) => message.blocks.some(isToolCall)) || mayThink(request, target)) return undefined;
  const name = format.name !== undefined && /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/.test(format.name) ? format.name : 'answer';
  return { kind: 'function', name, description: format.description ?? 'Gives the answer. Its arguments are all that the user sees.', schema: format.schema };
}

/** Thinking and a forced call exclude each other: asked for, or usual where nobody says otherwise. */
function mayThink({ reasoning }: ChatRequest, { quirks, info }: Context['target']): boolean {
  if (reasoning !== undefined) return reasoning.mode !== 'disabled' && reasoning.effort !== 'none';
  if (info?.reasoning !== undefined) return info.reasoning;
  return (quirks.reasoningSwitch ?? 'none') !== 'none' || quirks.reasoningField !== undefined;
}

/** Throws when the text is not what was asked for. */
export type Judge = (text: string) => void;

/** `told`: what cannot be checked has been noted before. */
export function createJudge(format: Wanted, path: string, { ledger, target }: Context, told = false): Judge {
  const check: SchemaCheck | undefined = format.type === 'schema' ? createSchemaCheck(format.schema) : undefined;
  if (!told && check !== undefined && check.unchecked.length > 0) ledger.drop(path, `the schema's ${check.unchecked.join(', ')} is asked for, and not checked`);
  const invalid = (why: string): GatewayError =>
    new GatewayError('upstream_invalid_response', `${target.provider}: the answer is not the JSON that was asked for: ${why}`, {
      provider: targetName(target),
      param: path,
      retryable: false,
      hint: 'The provider does not hold to response formats itself. Ask again, simplify the schema, or choose a model that has them',
    });
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw invalid('it is not valid JSON');
    }
    const fault = check === undefined ? (isObject(value) ? undefined : '$ must be an object') : check.fault(value);
    if (fault !== undefined) throw invalid(fault);
  };
}

/** What ended otherwise (a limit, a filter, a stop string, a call of a tool) is not what was asked for, and says so itself. */
export function isWhole({ reason }: Finish): boolean {
  return reason === 'end';
}

function textOf(blocks: readonly Block[]): string {
  return blocks.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

const isRefusal = (block: Block): boolean => block.type === 'refusal';

function judged(reply: Reply, judge: Judge): Reply {
  if (isWhole(reply.finish) && !reply.blocks.some(isRefusal)) judge(textOf(reply.blocks));
  return reply;
}

function byInstruction(request: ChatRequest, judge: Judge, { path, context }: { readonly path: string; readonly context: Context }): Emulation {
  const unfence = (): void => context.ledger.note('changed', path, 'a code fence around the JSON is taken off, and what stands behind it');
  return {
    request,
    reply(reply) {
      const blocks = reply.blocks.map((block): Block => {
        const text = block.type === 'text' ? withoutFence(block.text) : undefined;
        if (text === undefined || block.type !== 'text' || text === block.text) return block;
        unfence();
        return { ...block, text };
      });
      return judged({ ...reply, blocks }, judge);
    },
    stream: (decoder) => through(decoder, createUnfencing(judge, unfence)),
  };
}

/** Whether the answer is valid is known at its end alone: a stream of one that is not ends with an error, and with no finish. */
function finishJudged(finish: Finish, text: string, judge: Judge): ChatEvent {
  try {
    if (isWhole(finish)) judge(text);
    return { type: 'finish', finish };
  } catch (thrown) {
    if (thrown instanceof GatewayError) return { type: 'fail', error: thrown };
    throw thrown;
  }
}

function createUnfencing(judge: Judge, unfence: () => void): Editing {
  let filter = createFenceFilter();
  let block: TextBlock | undefined;
  let passed = '';
  let all = '';
  let refused = false;
  const pass = (text: string, emit: (event: ChatEvent) => void): void => {
    if (text === '') return;
    passed += text;
    emit({ type: 'delta', text });
  };
  return (event, emit) => {
    if (event.type === 'open') {
      refused ||= isRefusal(event.block);
      block = event.block.type === 'text' ? event.block : undefined;
      filter = createFenceFilter();
      passed = '';
    } else if (event.type === 'delta' && block !== undefined) {
      pass(filter.push(event.text), emit);
      return;
    } else if (event.type === 'close' && block !== undefined && event.block.type === 'text') {
      pass(filter.end(), emit);
      if (filter.fenced()) unfence();
      all += passed;
      block = undefined;
      emit({ type: 'close', block: { ...event.block, text: passed } });
      return;
    } else if (event.type === 'finish' && !refused) {
      emit(finishJudged(event.finish, all, judge));
      return;
    }
    emit(event);
  };
}

function byTool(request: ChatRequest, name: string, judge: Judge, { ledger }: Context): Emulation {
  const lost = (block: Block): void =>
    ledger.lost(block.type === 'toolCall' ? 'tool_calls' : 'content', 'what the model says beside the forced call is no part of the answer');
  return {
    request,
    reply(reply) {
      const call = reply.blocks.find((block) => block.type === 'toolCall' && block.name === name);
      // It answered in words after all: they are judged for what they are.
      if (call?.type !== 'toolCall') return judged({ ...reply, finish: asEnd(reply.finish) }, judge);
      const blocks = reply.blocks.flatMap((block): Block[] => {
        if (block === call) return [{ type: 'text', text: argumentsOf(call.arguments) }];
        if (block.type !== 'toolCall' && block.type !== 'text') return [block];
        if (block.type === 'toolCall' || block.text.trim() !== '') lost(block);
        return [];
      });
      return judged({ ...reply, blocks, finish: asEnd(reply.finish) }, judge);
    },
    stream: (decoder) => through(decoder, createUncalling(name, judge, lost)),
  };
}

const argumentsOf = (text: string): string => (text.trim() === '' ? '{}' : text);

/** The call is the answer, so its end is the answer's. */
function asEnd(finish: Finish): Finish {
  if (finish.reason !== 'toolCalls') return finish;
  const { native: _, ...rest } = finish;
  return { ...rest, reason: 'end' };
}

function createUncalling(name: string, judge: Judge, lost: (block: Block) => void): Editing {
  /** Text before the call: nothing of it passes unless there is no call. */
  let held: ChatEvent[] = [];
  let place: 'elsewhere' | 'answer' | 'text' | 'other call' = 'elsewhere';
  let answer: string | undefined;
  let refused = false;
  const open = (block: Block, emit: (event: ChatEvent) => void): void => {
    refused ||= isRefusal(block);
    if (block.type === 'toolCall' && block.name === name && answer === undefined) {
      place = 'answer';
      answer = '';
      emit({ type: 'open', block: { type: 'text', text: '' } });
    } else if (block.type === 'toolCall') place = 'other call';
    else if (block.type === 'text') {
      place = 'text';
      held.push({ type: 'open', block });
    } else {
      place = 'elsewhere';
      emit({ type: 'open', block });
    }
  };
  const close = (block: Block, emit: (event: ChatEvent) => void): void => {
    if (place === 'answer' && answer !== undefined) {
      if (answer.trim() === '') {
        answer += '{}';
        emit({ type: 'delta', text: '{}' });
      }
      emit({ type: 'close', block: { type: 'text', text: answer } });
    } else if (place === 'text') held.push({ type: 'close', block });
    else if (place === 'other call') lost(block);
    else emit({ type: 'close', block });
    place = 'elsewhere';
  };
  const finish = (given: Finish, emit: (event: ChatEvent) => void): void => {
    const texts = held.flatMap((event) => (event.type === 'close' ? [event.block] : []));
    if (answer === undefined) for (const event of held) emit(event);
    else for (const block of texts) if (textOf([block]).trim() !== '') lost(block);
    held = [];
    const end = asEnd(given);
    emit(refused ? { type: 'finish', finish: end } : finishJudged(end, answer ?? textOf(texts), judge));
  };
  return (event, emit) => {
    if (event.type === 'open') open(event.block, emit);
    else if (event.type === 'close') close(event.block, emit);
    else if (event.type === 'finish') finish(event.finish, emit);
    else if (event.type !== 'delta' || place === 'elsewhere') emit(event);
    else if (place === 'text') held.push(event);
    else if (place === 'answer') {
      answer += event.text;
      emit(event);
    }
  };
}
