import { GatewayError } from './errors.ts';
import type { ChatEvent } from './event.ts';
import { hash64 } from './fit.ts';
import type { Block, Extra, ReasoningBlock, ToolCallBlock } from './ir.ts';
import { isCompleteObject } from './json-text.ts';
import { createSequencer, type Sequencer } from './sequence.ts';
import { customText } from './tool-input.ts';

export type Emit = (event: ChatEvent) => void;

/** A piece of a tool call as providers send them: any field may be missing, repeated or late. */
export type CallPiece = {
  readonly index?: number | undefined;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly arguments?: string | undefined;
  readonly kind?: 'function' | 'custom' | undefined;
  readonly ext?: readonly Extra[] | undefined;
};

/** Builds ordered blocks out of loose pieces: text, thinking and tool calls in any order, calls in any interleaving. */
export type Assembler = {
  /** Adds text. Another kind, or another `part` of the same kind, begins a block, which has `ext` from its beginning. */
  say(kind: 'text' | 'reasoning' | 'refusal', text: string, emit: Emit, part?: string, ext?: readonly Extra[]): void;
  /** Sets what is known of a reasoning part besides its text; begins the block when it is not the open one. */
  seal(part: string, change: Partial<Pick<ReasoningBlock, 'signature' | 'redacted' | 'ext'>>, emit: Emit): void;
  /** The open text or thinking is whole: more of its kind begins a block. */
  endProse(emit: Emit): void;
  call(piece: CallPiece, emit: Emit): void;
  /** A block that comes in one piece. */
  whole(block: Block, emit: Emit): void;
  /** The text so far of the open block, when it is of this kind and part. */
  openText(kind: 'text' | 'reasoning' | 'refusal', part: string): string | undefined;
  /** Changes the last text block while it is still open; false when it is not. */
  amendText(change: (block: Block) => Block): boolean;
  /** The answer is over: closes what is open. */
  finish(emit: Emit): void;
  callCount(): number;
  blockCount(): number;
};

export type AssembleOptions = {
  /** What makes an id of ours, for a call that came without one, differ from those of other answers. */
  readonly salt: string;
  /** The caller's name of a tool, from the provider's. */
  toolName(name: string): string;
  /** Ids of earlier calls: one that comes again is replaced by one of ours. */
  readonly taken?: ReadonlySet<string>;
  /** Whether the caller's tool of that name takes free text that comes as the one string of an object. */
  isWrapped?(name: string): boolean;
};

type Prose = { readonly kind: string; readonly part: string; readonly key: string };

export function createAssembler(options: AssembleOptions): Assembler {
  const sequence = createSequencer();
  const calls = createCalls(sequence, options);
  let prose: Prose | undefined;
  let lastText: string | undefined;
  let count = 0;

  const closeProse = (emit: Emit): void => {
    if (prose !== undefined) sequence.close(prose.key, emit);
    prose = undefined;
  };
  const begin = (block: Block, emit: Emit): string => {
    closeProse(emit);
    calls.settle(emit);
    const key = `block ${count++}`;
    sequence.open(key, block, emit);
    return key;
  };
  const proseKey = (kind: 'text' | 'reasoning' | 'refusal', part: string, emit: Emit, ext?: readonly Extra[]): string => {
    if (prose !== undefined && prose.kind === kind && prose.part === part) return prose.key;
    const key = begin({ type: kind, text: '', ...(ext === undefined ? {} : { ext }) }, emit);
    prose = { kind, part, key };
    if (kind === 'text') lastText = key;
    return key;
  };

  return {
    say(kind, text, emit, part = '', ext) {
      if (text !== '') sequence.delta(proseKey(kind, part, emit, ext), text, emit);
    },
    seal(part, change, emit) {
      sequence.amend(proseKey('reasoning', part, emit), (block) => (block.type === 'reasoning' ? { ...block, ...change } : block));
    },
    endProse: closeProse,
    call(piece, emit) {
      if (calls.take(piece, emit, () => closeProse(emit))) count++;
    },
    whole(block, emit) {
      sequence.close(begin(block, emit), emit);
    },
    openText: (kind, part) => (prose !== undefined && prose.kind === kind && prose.part === part ? sequence.textOf(prose.key) : undefined),
    amendText(change) {
      if (lastText === undefined || !sequence.has(lastText)) return false;
      sequence.amend(lastText, change);
      return true;
    },
    finish(emit) {
      closeProse(emit);
      calls.settle(emit);
      calls.end(emit);
      sequence.closeAll(emit);
    },
    callCount: calls.count,
    blockCount: () => count,
  };
}

type CallState = {
  readonly key: string;
  readonly ordinal: number;
  readonly index: number | undefined;
  id: string | undefined;
  name: string;
  kind: 'function' | 'custom';
  ext: readonly Extra[] | undefined;
  /** Argument text that came before the name; all of it where free text is wrapped, which is told at its end. */
  waiting: string;
  last: string;
  wrapped: boolean;
  opened: boolean;
  closed: boolean;
};

type Calls = {
  /** Adds a piece; `beforeNew` runs before a new call begins. Whether it began one. */
  take(piece: CallPiece, emit: Emit, beforeNew: () => void): boolean;
  /** Another block is about to begin: announces the calls that wait for their name to be settled, closes those that are complete. */
  settle(emit: Emit): void;
  /** The answer is over. */
  end(emit: Emit): void;
  count(): number;
};

function createCalls(sequence: Sequencer, options: AssembleOptions): Calls {
  const register = createRegister((call) => isComplete(call, sequence));
  let unsettled: CallState[] = [];

  const open = (call: CallState, emit: Emit): void => {
    if (call.opened) return;
    if (call.name === '') throw new GatewayError('upstream_invalid_response', 'a tool call without a name came');
    call.opened = true;
    call.wrapped = call.kind === 'function' && options.isWrapped?.(options.toolName(call.name)) === true;
    sequence.open(call.key, blockOf(call, options), emit);
    if (call.wrapped) return;
    sequence.delta(call.key, call.waiting, emit);
    call.waiting = '';
  };
  const unwrap = (call: CallState, emit: Emit): void => {
    if (call.wrapped) sequence.delta(call.key, customText(call.waiting), emit);
    call.closed = true;
  };
  const closeIfComplete = (call: CallState, emit: Emit): void => {
    if (call.closed || !isComplete(call, sequence)) return;
    unwrap(call, emit);
    sequence.close(call.key, emit);
  };
  const settle = (emit: Emit): void => {
    for (const call of unsettled) {
      open(call, emit);
      closeIfComplete(call, emit);
    }
    unsettled = unsettled.filter((call) => !call.closed);
  };
  const write = (call: CallState, text: string, emit: Emit): void => {
    if (text === '' || call.closed) return;
    const end = text.trimEnd();
    if (end !== '') call.last = end.charAt(end.length - 1);
    if (call.opened && !call.wrapped) sequence.delta(call.key, text, emit);
    else call.waiting += text;
    if (!call.opened && call.name !== '') open(call, emit);
    // Others wait behind it: it must not stay open for longer than it needs.
    if (sequence.count() > 1) closeIfComplete(call, emit);
  };

  return {
    take(piece, emit, beforeNew) {
      const known = register.find(piece);
      if (known === undefined && isNothing(piece)) return false;
      if (known === undefined) {
        beforeNew();
        settle(emit);
      }
      const call = known ?? register.begin(piece);
      if (known === undefined) unsettled.push(call);
      learn(call, piece);
      if (call.opened && piece.ext !== undefined) sequence.amend(call.key, (block) => ({ ...block, ext: piece.ext ?? [] }));
      write(call, piece.arguments ?? '', emit);
      return known === undefined;
    },
    settle,
    end(emit) {
      for (const call of unsettled) unwrap(call, emit);
    },
    count: register.count,
  };
}

function isNothing(piece: CallPiece): boolean {
  return piece.name === undefined && piece.id === undefined && (piece.arguments ?? '') === '';
}

function isComplete(call: CallState, sequence: Sequencer): boolean {
  return (
    call.opened && call.kind === 'function' && call.last === '}' && (call.closed || isCompleteObject(call.wrapped ? call.waiting : sequence.textOf(call.key)))
  );
}

/** Which call a piece belongs to. */
type Register = { find(piece: CallPiece): CallState | undefined; begin(piece: CallPiece): CallState; count(): number };

function createRegister(complete: (call: CallState) => boolean): Register {
  const byId = new Map<string, CallState>();
  const byIndex = new Map<number, CallState>();
  let last: CallState | undefined;
  let count = 0;

  /** A name and arguments again after a complete call: the next one. */
  const repeats = (call: CallState, piece: CallPiece): boolean => (piece.arguments ?? '').trim() !== '' && complete(call);
  /** The id is known, but the piece stands at another index: a provider that gives one id to several calls. */
  const isAnother = (call: CallState, piece: CallPiece): boolean => {
    if (piece.name === undefined) return false;
    return piece.index !== undefined && call.index !== undefined ? piece.index !== call.index : repeats(call, piece);
  };
  /** The index (or the place) is known, but the piece begins a new call there. */
  const startsAnew = (call: CallState, piece: CallPiece): boolean => {
    if (piece.name === undefined) return false;
    if (piece.id !== undefined && call.id !== undefined) return true;
    // A name in pieces is believed only of a provider that says which call the piece belongs to.
    if ((call.opened || piece.index === undefined) && !piece.name.startsWith(call.name)) return true;
    return repeats(call, piece);
  };
  const known = (piece: CallPiece): CallState | undefined => {
    const named = piece.id === undefined ? undefined : byId.get(piece.id);
    if (named !== undefined) return isAnother(named, piece) ? undefined : named;
    const placed = piece.index === undefined ? last : byIndex.get(piece.index);
    return placed === undefined || startsAnew(placed, piece) ? undefined : placed;
  };

  return {
    find(piece) {
      const call = known(piece);
      // An id may come late; once a call is announced, it has the id that it was announced with.
      if (call !== undefined && call.id === undefined && !call.opened && piece.id !== undefined) {
        call.id = piece.id;
        byId.set(piece.id, call);
      }
      return call;
    },
    begin(piece) {
      const id = piece.id === undefined || byId.has(piece.id) ? undefined : piece.id;
      const call: CallState = {
        key: `call ${count}`,
        ordinal: count,
        index: piece.index,
        id,
        name: '',
        kind: 'function',
        ext: undefined,
        waiting: '',
        last: '',
        wrapped: false,
        opened: false,
        closed: false,
      };
      count++;
      last = call;
      if (id !== undefined) byId.set(id, call);
      if (piece.index !== undefined) byIndex.set(piece.index, call);
      return call;
    },
    count: () => count,
  };
}

/** What a piece adds to what is known of its call, until the call is announced. Names come whole, repeated, growing, or in pieces. */
function learn(call: CallState, piece: CallPiece): void {
  call.ext = piece.ext ?? call.ext;
  if (call.opened) return;
  call.kind = piece.kind ?? call.kind;
  const name = piece.name ?? '';
  if (name !== '') call.name = name.startsWith(call.name) ? name : call.name + name;
}

/** The id of a call that came without one of its own: the same in a stream and in a whole answer. `ordinal`: its place among the calls. */
export function madeCallId(salt: string, ordinal: number, name: string): string {
  return `call_${hash64(`${salt} ${ordinal} ${name}`)}`;
}

function blockOf(call: CallState, options: AssembleOptions): ToolCallBlock {
  const name = options.toolName(call.name);
  const given = call.id === undefined || options.taken?.has(call.id) === true ? undefined : call.id;
  const id = given ?? madeCallId(options.salt, call.ordinal, name);
  return { type: 'toolCall', id, name, arguments: '', kind: call.wrapped ? 'custom' : call.kind, ...(call.ext === undefined ? {} : { ext: call.ext }) };
}
