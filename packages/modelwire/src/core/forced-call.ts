import type { Context, Translation } from './dialect.ts';
import { accountForChoice, mustCall, offeredTools, withoutChoice } from './emulated-tools.ts';
import { type Editing, type Emulation, through, withInstruction } from './emulation.ts';
import { GatewayError } from './errors.ts';
import type { ChatEvent } from './event.ts';
import type { Block, ChatRequest, Finish, Reply, TextBlock, Tool, ToolCallBlock } from './ir.ts';
import { jsonInstruction } from './json-instruction.ts';
import { abilityOf, createJudge, isObjectSchema, isWhole, type Judge, type Wanted } from './structured-output.ts';

/**
 * A call of one tool for targets that hold to a JSON Schema and cannot be made to call: the tool's arguments are asked for as structured
 * output, and what comes is the call. Where there are several tools to choose from, or an answer in another form is wanted too, it is the
 * back's to refuse.
 */
export function forceCall(request: ChatRequest, back: Translation, context: Context): Emulation | undefined {
  const { toolChoice, responseFormat, tools: all = [] } = request;
  const canForce = back.forcesTools !== false && context.target.quirks.forcedToolChoice !== false;
  if (canForce || !mustCall(toolChoice) || (responseFormat !== undefined && responseFormat.type !== 'text')) return undefined;
  const tools = all.filter((tool): tool is Tool => tool.kind !== 'server');
  const offered = offeredTools(tools, request);
  const [tool] = offered;
  const format = tool === undefined || offered.length > 1 ? undefined : formatOf(tool);
  if (tool === undefined || format === undefined || !abilityOf(back, context)[format.type]) return undefined;
  const path = request.names['toolChoice'] ?? 'tool_choice';
  context.ledger.note('emulated', path, 'a call cannot be forced there: its arguments are asked for as structured output, and checked here');
  accountForChoice(request, tools, offered, context);
  const { tools: _, toolChoice: _choice, parallelToolCalls: _parallel, ext, ...rest } = request;
  const servers = all.filter((one) => one.kind === 'server');
  const asked: ChatRequest = {
    ...rest,
    ...(servers.length === 0 ? {} : { tools: servers }),
    ext: withoutChoice(ext, request, context),
    names: { ...request.names, responseFormat: path },
    responseFormat: format,
    messages: withInstruction(request.messages, instruction(tool, format)),
  };
  const judge = createJudge(format, path, context);
  const call = (): ToolCallBlock => ({ type: 'toolCall', kind: 'function', id: context.newId('call_'), name: tool.name, arguments: '' });
  return {
    request: asked,
    reply: (reply) => called(reply, call, judge),
    stream: (decoder) => through(decoder, createCalling(call, judge)),
  };
}

function formatOf({ kind, schema }: Tool): Wanted | undefined {
  if (kind !== 'function') return undefined;
  const format: Wanted = schema === undefined ? { type: 'json' } : { type: 'schema', schema };
  return isObjectSchema(format) ? format : undefined;
}

function instruction({ name, description }: Tool, format: Wanted): string {
  const about = description === undefined ? '' : ` What the tool is for: ${description}`;
  return `The tool "${name}" is called now, and your answer is the arguments of the call.${about}\n${jsonInstruction(format)}`;
}

/** The first text that says something is the call. */
function called(reply: Reply, begin: () => ToolCallBlock, judge: Judge): Reply {
  const { finish } = reply;
  if (reply.blocks.some(isRefusal)) return reply;
  const texts = reply.blocks.filter((block): block is TextBlock => block.type === 'text' && block.text.trim() !== '');
  const [answer] = texts;
  if (isWhole(finish)) judge(answer?.text ?? '');
  if (answer === undefined) return reply;
  const blocks = reply.blocks.flatMap((block): Block[] => {
    if (block === answer) return [{ ...begin(), arguments: answer.text.trimStart() }];
    return block.type === 'text' && !texts.includes(block) ? [] : [block];
  });
  return { ...reply, blocks, finish: asCall(finish) };
}

function isRefusal({ type }: Block): boolean {
  return type === 'refusal';
}

/** What was cut off keeps its reason. */
function asCall(finish: Finish): Finish {
  if (!isWhole(finish)) return finish;
  const { native: _, ...rest } = finish;
  return { ...rest, reason: 'toolCalls' };
}

/** The same for a stream: the arguments pass as they come, and whether they are valid is known at the end alone. */
function createCalling(begin: () => ToolCallBlock, judge: Judge): Editing {
  let call: ToolCallBlock | undefined;
  let place: 'text' | 'call' | 'elsewhere' = 'elsewhere';
  let refused = false;
  const push = (text: string, emit: (event: ChatEvent) => void): void => {
    const said = place === 'text' ? text.trimStart() : text;
    if (said === '') return;
    if (place === 'text') {
      call = begin();
      emit({ type: 'open', block: call });
      place = 'call';
    }
    if (call !== undefined) call = { ...call, arguments: call.arguments + said };
    emit({ type: 'delta', text: said });
  };
  const finish = (given: Finish): ChatEvent => {
    if (refused) return { type: 'finish', finish: given };
    try {
      if (isWhole(given)) judge(call?.arguments ?? '');
    } catch (thrown) {
      if (thrown instanceof GatewayError) return { type: 'fail', error: thrown };
      throw thrown;
    }
    return { type: 'finish', finish: call === undefined ? given : asCall(given) };
  };
  return (event, emit) => {
    if (event.type === 'open') {
      refused ||= isRefusal(event.block);
      place = event.block.type === 'text' && call === undefined ? 'text' : 'elsewhere';
      if (place === 'elsewhere') emit(event);
    } else if (event.type === 'delta' && place !== 'elsewhere') push(event.text, emit);
    else if (event.type === 'close' && place !== 'elsewhere') {
      if (place === 'call' && call !== undefined) emit({ type: 'close', block: call });
      place = 'elsewhere';
    } else emit(event.type === 'finish' ? finish(event.finish) : event);
  };
}
