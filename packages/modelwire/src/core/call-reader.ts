import type { Context } from './dialect.ts';
import { GatewayError } from './errors.ts';
import { withoutFence } from './fence.ts';
import type { Finish, RawJson, Tool, ToolCallBlock } from './ir.ts';
import { isObject, parseJsonText } from './json-text.ts';
import { createSchemaCheck, type SchemaCheck } from './schema-check.ts';
import { targetName } from './target.ts';
import { callsKey } from './tools-in-words.ts';

/** Reads calls out of text, and says how an answer has ended that has some. */
export type CallReader = {
  /** The calls that a text is; undefined when it is none. Throws for what is meant as calls and is not legal. */
  read(text: string): readonly ToolCallBlock[] | undefined;
  ended(finish: Finish, called: boolean): Finish;
  /** What was cut off is no call yet: the words stand, and the finish tells. */
  isCut(finish: Finish): boolean;
};

type Wanted = { readonly must: boolean; readonly single: boolean };

export function createCallReader(tools: readonly Tool[], { must, single }: Wanted, { newId, target, ledger }: Context): CallReader {
  const checks = new Map<string, SchemaCheck>();
  for (const tool of tools) {
    if (tool.kind === 'custom' || tool.schema === undefined) continue;
    const check = createSchemaCheck(tool.schema);
    checks.set(tool.name, check);
    if (check.unchecked.length > 0) ledger.drop(tool.at ?? 'tools', `the schema's ${check.unchecked.join(', ')} is told to the model, and not checked`);
  }
  const invalid = (why: string): GatewayError =>
    new GatewayError('upstream_invalid_response', `${target.provider}: the model has written a call that is none: ${why}`, {
      provider: targetName(target),
      retryable: false,
      hint: 'The model has no tools of its own, and calls in words go wrong at times. Ask again, or choose a model that has tools',
    });
  const readCall = (raw: RawJson, index: number, value: unknown): ToolCallBlock => {
    const name = isObject(value) ? value['name'] : undefined;
    const tool = tools.find((one) => one.name === name);
    if (!isObject(value) || tool === undefined) throw invalid(`call ${index + 1} names no tool that was offered`);
    const given = value['arguments'] ?? {};
    if (!isObject(given)) throw invalid(`the arguments of ${tool.name} are no object`);
    const fault = checks.get(tool.name)?.fault(given);
    if (fault !== undefined) throw invalid(`the arguments of ${tool.name} are not valid: ${fault}`);
    const id = newId('call_');
    if (tool.kind === 'function') return { type: 'toolCall', kind: 'function', id, name: tool.name, arguments: value['arguments'] === undefined ? '{}' : raw };
    if (typeof given['input'] !== 'string') throw invalid(`the input of ${tool.name} is no text`);
    return { type: 'toolCall', kind: 'custom', id, name: tool.name, arguments: given['input'] };
  };
  const readCalls = (text: string): ToolCallBlock[] | undefined => {
    const json = withoutFence(text).trim();
    if (!json.startsWith('{') || !json.includes(`"${callsKey}"`)) return undefined;
    let parsed: ReturnType<typeof parseJsonText>;
    try {
      parsed = parseJsonText(json);
    } catch {
      throw invalid('it is not valid JSON');
    }
    const list: unknown = isObject(parsed.value) ? parsed.value[callsKey] : undefined;
    if (!Array.isArray(list)) return undefined;
    if (list.length === 0) throw invalid('there is no call in it');
    const calls = list.map((value: unknown, index) => readCall(parsed.raw([callsKey, index, 'arguments']) ?? '{}', index, value));
    if (!single || calls.length === 1) return calls;
    ledger.lost('tool_calls', 'one call was wanted, and the model made several: the first is given');
    return calls.slice(0, 1);
  };
  const ended = (finish: Finish, called: boolean): Finish => {
    if (called) return { reason: 'toolCalls' };
    if (must && finish.reason === 'end') throw invalid('a call was asked for, and it has answered in words');
    return finish;
  };
  const isCut = ({ reason }: Finish): boolean => reason !== 'end' && reason !== 'stopString';

  return { read: tools.length > 0 ? readCalls : () => undefined, ended, isCut };
}
