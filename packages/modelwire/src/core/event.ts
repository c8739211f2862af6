import type { Block, Finish, ReplyHead, Usage } from './ir.ts';
import type { GatewayError } from './errors.ts';

/**
 * The events of one answer. Their grammar: `start (open delta* close)* usage? (finish | fail)`, where `fail` may come at any point
 * after which nothing follows. One block is open at a time; `close` carries the whole block, so the stream and the whole answer share
 * their block mapping.
 */
export type ChatEvent =
  | { readonly type: 'start'; readonly head: ReplyHead; readonly usage?: Usage }
  /** A block begins: its text, arguments or signature are still empty. */
  | { readonly type: 'open'; readonly block: Block }
  /** A piece of the open block's text (text, refusal, reasoning) or arguments (toolCall). Never empty. */
  | { readonly type: 'delta'; readonly text: string }
  | { readonly type: 'close'; readonly block: Block }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'finish'; readonly finish: Finish; readonly serviceTier?: string }
  | { readonly type: 'fail'; readonly error: GatewayError };

/**
 * A small stateful transformer of one stream: a closure, no I/O, never shared. `end` is called once after the last `push`.
 */
export type Step<In, Out> = {
  push(item: In, emit: (out: Out) => void): void;
  end(emit: (out: Out) => void): void;
};
