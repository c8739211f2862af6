import { type Assembler, createAssembler, type Emit } from '../../core/assemble.ts';
import type { Context } from '../../core/dialect.ts';
import type { Extra, RawJson } from '../../core/ir.ts';
import { printArray } from '../../core/json-print.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import { invalidAnswer } from '../../core/provider-fault.ts';
import { dialect, mark } from './wire.ts';

/** What reading an answer needs of the request it answers. */
export type AnswerScope = {
  readonly context: Context;
  /** The caller's name of a tool, from the provider's. */
  toolName(name: string): string;
  /** Whether the caller's tool of that name takes free text. */
  isWrapped(name: string): boolean;
  /** The stop strings that were sent. */
  readonly stops: readonly string[];
};

/** A piece of a tool call, or the whole of it. */
export type CallPart = { readonly index: number | undefined; readonly id?: string | undefined; readonly name?: string | undefined; readonly text: string };

/** Reads the pieces of an answer, whole or event by event. */
export type Reader = {
  /** A piece of the content's part at `index`. */
  say(kind: 'text' | 'reasoning', text: string, index: number, emit: Emit): void;
  plan(text: string, emit: Emit): void;
  call(part: CallPart, emit: Emit): void;
  /** A part that the table does not have. */
  other(kind: string, raw: RawJson, emit: Emit): void;
  /** `place`: among all citations of the answer; where it is not given, they come in their order. Pages go with the text that is open. */
  cite(citation: unknown, raw: RawJson, place?: number): void;
  /** The answer is over: closes what is open. */
  finish(emit: Emit): void;
  called(): boolean;
  /** The citations, as callers of this dialect are shown them. */
  extras(): readonly Extra[];
};

const planMark: readonly Extra[] = [mark('', 'plan')];

export function createReader(scope: AnswerScope): Reader {
  const into = createAssembler({ salt: scope.context.callId, toolName: scope.toolName, isWrapped: scope.isWrapped });
  const citations = new Map<number, RawJson>();
  const begun = new Set<number>();
  /** The calls that have arguments. */
  const argued = new Set<number>();
  let last = -1;

  return {
    say(kind, text, index, emit) {
      into.say(kind, text, emit, `content ${index}`);
      // Nobody signs this thinking: under our seal an empty signature tells where it was made.
      if (kind === 'reasoning' && text !== '') into.seal(`content ${index}`, { signature: '' }, emit);
    },
    plan: (text, emit) => into.say('text', text, emit, 'plan', planMark),
    call({ index = last === -1 ? 0 : last, id, name, text }, emit) {
      if (name === undefined && !begun.has(index)) throw invalidAnswer(scope.context.target, 'arguments came for a tool call that never began');
      // "null" stands for no arguments.
      const written = text.trim() === 'null' && !argued.has(index) ? '' : text;
      if (written !== '') argued.add(index);
      begun.add(index);
      last = index;
      into.call({ index, id, name, arguments: written }, emit);
    },
    other: (kind, raw, emit) => into.whole({ type: 'opaque', dialect, kind, raw, loss: 'hint' }, emit),
    cite(citation, raw, place = citations.size) {
      citations.set(place, raw);
      const pages = pagesOf(citation);
      if (pages.length > 0) addPages(into, pages);
    },
    finish: into.finish,
    called: () => into.callCount() > 0,
    extras: () => (citations.size === 0 ? [] : [citationsExtra(printArray(inPlace(citations)))]),
  };
}

function inPlace(citations: ReadonlyMap<number, RawJson>): readonly RawJson[] {
  return [...citations].toSorted(([a], [b]) => a - b).map(([, raw]) => raw);
}

function citationsExtra(raw: RawJson): Extra {
  return { dialect, path: 'message.citations', key: 'citations', raw, loss: 'hint', reason: 'only callers of cohere can be shown it' };
}

/** The pages of the web that a citation names, in the one shape that other formats can make links of. */
function pagesOf(citation: unknown): readonly object[] {
  const sources = isObject(citation) && Array.isArray(citation['sources']) ? citation['sources'].filter(isObject) : [];
  return sources.flatMap((source) => {
    const document: JsonObject = isObject(source['document']) ? source['document'] : {};
    const { url, title } = document;
    return typeof url === 'string' && /^https?:/i.test(url) ? [{ type: 'document', url, title: typeof title === 'string' ? title : url }] : [];
  });
}

function addPages(into: Assembler, pages: readonly object[]): void {
  into.amendText((block) => {
    if (block.type !== 'text') return block;
    const before: unknown = block.citations === undefined ? [] : JSON.parse(block.citations);
    return { ...block, citations: JSON.stringify([...(Array.isArray(before) ? before : []), ...pages]) };
  });
}
