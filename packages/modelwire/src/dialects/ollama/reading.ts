import { createAssembler, type Emit } from '../../core/assemble.ts';
import type { Context } from '../../core/dialect.ts';
import type { Extra } from '../../core/ir.ts';
import { type Cursor, fieldOf, itemsOf, rawOf, valueAt } from '../../core/json-cursor.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import { invalidAnswer } from '../../core/provider-fault.ts';
import { customText } from '../../core/tool-input.ts';
import { calledFunction, call as callShape } from './verdicts.ts';
import { extrasOf, mark } from './wire.ts';

/** What reading an answer needs of the request it answers. */
export type AnswerScope = {
  readonly context: Context;
  /** Whether the caller's tool of that name takes free text. */
  isCustom(name: string): boolean;
};

/** Reads the messages of an answer, whole or line by line. */
export type Reader = {
  /** Its text and thinking, in a message or, of an answer to a single prompt, beside it. */
  say(answer: JsonObject, emit: Emit): void;
  /** Its calls, whose source text is kept. Each comes whole. */
  call(message: Cursor, emit: Emit): void;
  /** The answer is over: closes what is open. */
  finish(emit: Emit): void;
  called(): boolean;
};

export function createReader(scope: AnswerScope): Reader {
  const into = createAssembler({ salt: scope.context.callId, toolName: (name) => name });
  let calls = 0;
  return {
    say(answer, emit) {
      const { thinking, content } = isObject(answer['message']) ? answer['message'] : {};
      for (const said of [answer['thinking'], thinking]) if (typeof said === 'string') into.say('reasoning', said, emit);
      for (const said of [answer['response'], content]) if (typeof said === 'string') into.say('text', said, emit);
    },
    call(message, emit) {
      for (const item of itemsOf(fieldOf(message, 'tool_calls'))) {
        const inner = fieldOf(item, 'function');
        const name = valueAt(inner, 'name');
        if (typeof name !== 'string' || name === '') throw invalidAnswer(scope.context.target, 'a tool call without a name came');
        const id = valueAt(item, 'id');
        const given = typeof id === 'string' && id !== '' ? id : undefined;
        const args = argumentsOf(inner);
        const isCustom = scope.isCustom(name);
        into.call(
          {
            index: calls++,
            id: given,
            name,
            arguments: isCustom ? customText(args) : args,
            kind: isCustom ? 'custom' : 'function',
            ext: callExtras(item, inner, given),
          },
          emit,
        );
      }
    },
    finish: into.finish,
    called: () => into.callCount() > 0,
  };
}

/** An object; of servers that only look like Ollama, its text. */
function argumentsOf(inner: Cursor): string {
  const field = fieldOf(inner, 'arguments');
  if (typeof field.value === 'string') return field.value;
  return isObject(field.value) ? rawOf(field) : '{}';
}

function callExtras(item: Cursor, inner: Cursor, id: string | undefined): readonly Extra[] | undefined {
  const place = (extra: Extra, at: string): Extra => ({ ...extra, path: at + extra.key });
  const ext = [
    ...extrasOf(item, callShape).map((extra) => place(extra, '')),
    ...extrasOf(inner, calledFunction).map((extra) => place(extra, 'function.')),
    ...(id === undefined ? [mark('', 'madeId')] : []),
  ];
  return ext.length === 0 ? undefined : ext;
}
