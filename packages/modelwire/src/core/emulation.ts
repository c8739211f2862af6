import type { Decoder } from './dialect.ts';
import type { ChatEvent } from './event.ts';
import type { ChatRequest, Message, Reply } from './ir.ts';

/** A request as the back is to write it, and what must be done to its answer so that the caller gets what it asked for. */
export type Emulation = {
  readonly request: ChatRequest;
  reply(reply: Reply): Reply;
  stream(decoder: Decoder): Decoder;
};

/** What is emitted stands in place of the event that came. */
export type Editing = (event: ChatEvent, emit: (event: ChatEvent) => void) => void;

/** The decoder with its events edited, to its own end or to the first failure. */
export function through(decoder: Decoder, edit: Editing): Decoder {
  let over = false;
  const pass = (emit: (event: ChatEvent) => void) => (event: ChatEvent) => {
    if (over) return;
    edit(event, (out) => {
      if (over) return;
      over = out.type === 'fail' || out.type === 'finish';
      emit(out);
    });
  };
  return {
    push(event, emit) {
      decoder.push(event, pass(emit));
    },
    end(emit) {
      decoder.end(pass(emit));
    },
    finishing: () => decoder.finishing(),
  };
}

/** A system message of modelwire's own, which has no place in the caller's body, behind those at the start. */
export function withInstruction(messages: readonly Message[], text: string): readonly Message[] {
  const begin = messages.findIndex((message) => message.role !== 'system' && message.role !== 'developer');
  // Where there is nothing but system messages, the last of them may be what asks.
  const at = begin === -1 ? Math.max(0, messages.length - 1) : begin;
  return [...messages.slice(0, at), { role: 'system', blocks: [{ type: 'text', text }] }, ...messages.slice(at)];
}
