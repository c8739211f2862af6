import type { ContentBlock, Message, RawContentBlockDelta, RawMessageDeltaEvent, RawMessageStreamEvent } from './anthropic-types.ts';
import { anthropicErrors } from './family-anthropic.ts';
import { parsePartialJson } from './partial-json.ts';

/** Makes the message of a stream, event by event. */
export type Accumulator = {
  /** The message as it is after the event; the same object until it is complete. Throws for an event out of order. */
  add(event: RawMessageStreamEvent): Message;
  /** The message so far; none before its first event, or once it is complete. */
  current(): Message | undefined;
};

export function createAccumulator(): Accumulator {
  let message: Message | undefined;
  const inputs = new Map<number, string>();
  return {
    current: () => message,
    add(event) {
      if (event.type === 'message_start') {
        if (message !== undefined) throw anthropicErrors.misuse('Unexpected event order, got message_start before "message_stop"');
        message = { ...event.message, content: [...event.message.content] };
        return message;
      }
      if (message === undefined) throw anthropicErrors.misuse(`Unexpected event order, got ${event.type} before "message_start"`);
      const whole = message;
      if (event.type === 'message_stop') message = undefined;
      else if (event.type === 'message_delta') addDelta(whole, event);
      else if (event.type === 'content_block_start') whole.content[event.index] = { ...event.content_block };
      else if (event.type === 'content_block_stop') closeInput(blockOf(whole, event), inputs.get(event.index));
      else if (event.type === 'content_block_delta') {
        const { index, delta } = event;
        if (delta.type === 'input_json_delta') addInput(blockOf(whole, event), inputs, index, delta.partial_json);
        else addToBlock(blockOf(whole, event), delta);
      }
      return whole;
    },
  };
}

function blockOf(message: Message, { type, index }: { readonly type: string; readonly index: number }): ContentBlock {
  const block = message.content[index];
  if (block === undefined) throw anthropicErrors.misuse(`Unexpected event order, got ${type} for a block that has not begun`);
  return block;
}

/** Fields that are null in the delta have not changed. */
function addDelta(message: Message, { delta, usage }: RawMessageDeltaEvent): void {
  Object.assign(message, known(delta));
  message.usage = Object.assign({ ...message.usage }, known(usage));
}

function known<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as Partial<T>;
}

function addToBlock(block: ContentBlock, delta: RawContentBlockDelta): void {
  if (delta.type === 'text_delta' && block.type === 'text') block.text += delta.text;
  else if (delta.type === 'thinking_delta' && block.type === 'thinking') block.thinking += delta.thinking;
  else if (delta.type === 'signature_delta' && block.type === 'thinking') block.signature = delta.signature;
  else if (delta.type === 'citations_delta' && block.type === 'text') block.citations = [...(block.citations ?? []), delta.citation];
}

/** The input so far is read only where someone looks: reading it at every piece would take the square of its length. */
function addInput(block: ContentBlock, inputs: Map<number, string>, index: number, piece: string): void {
  if (!('input' in block)) return;
  const isFirst = !inputs.has(index);
  inputs.set(index, (inputs.get(index) ?? '') + piece);
  if (!isFirst) return;
  let length = -1;
  let value: unknown = {};
  Object.defineProperty(block, 'input', {
    enumerable: true,
    configurable: true,
    get() {
      const text = inputs.get(index) ?? '';
      if (text.length !== length) value = partialInput(text);
      length = text.length;
      return value;
    },
  });
}

function partialInput(text: string): unknown {
  try {
    return parsePartialJson(text) ?? {};
  } catch {
    // The end of the block says so.
    return {};
  }
}

/** An answer that was cut off by `max_tokens` keeps what is complete of its input. */
function closeInput(block: ContentBlock, text: string | undefined): void {
  if (text === undefined || !('input' in block)) return;
  let value: unknown;
  try {
    value = parsePartialJson(text) ?? {};
  } catch (cause) {
    throw anthropicErrors.misuse(`The input of the tool "${block.name}" is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  Object.defineProperty(block, 'input', { value, enumerable: true, configurable: true, writable: true });
}
