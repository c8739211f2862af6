import { GatewayError } from './errors.ts';
import type { Block, Finish, RawJson, Tool, ToolCallBlock } from './ir.ts';
import { printObject, printString } from './json-print.ts';
import { isObject } from './json-text.ts';
import type { Ledger } from './notes.ts';
import { type Target, targetName } from './target.ts';

/** What formats share that give the arguments of a call as an object, and know no tool that takes free text. */

/** Whether the text is one complete JSON object. */
export function isJsonObject(text: string): boolean {
  try {
    return isObject(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof SyntaxError) return false;
    throw cause;
  }
}

export function isCallable(block: ToolCallBlock): boolean {
  return block.kind === 'custom' || block.arguments.trim() === '' || isJsonObject(block.arguments);
}

/** Whether it is the block that a caller was shown the beginning of: of a call that means more than its kind. */
export function isSameBlock(begun: Block, block: Block): boolean {
  if (begun.type !== 'toolCall' || block.type !== 'toolCall') return begun.type === block.type;
  return begun.kind === block.kind && begun.id === block.id && begun.name === block.name;
}

export function brokenCall(name: string, target: Target): GatewayError {
  return new GatewayError('upstream_invalid_response', `${target.provider}: the arguments of the tool call "${name}" are not one complete JSON object`, {
    provider: targetName(target),
  });
}

/** A call whose arguments broke off with the answer's length is no call; any other broken call is no answer. */
export function isFinished(block: Block, finish: Finish, { ledger, target }: { readonly ledger: Ledger; readonly target: Target }): boolean {
  if (block.type !== 'toolCall' || isCallable(block)) return true;
  if (finish.reason !== 'length' && finish.reason !== 'contextFull') throw brokenCall(block.name, target);
  ledger.lost(`content.${block.name}`, 'the call broke off with the length of the answer');
  return false;
}

/** The arguments of an earlier call as the object they must be; broken ones are the caller's to mend, never `{}`. */
export function objectInput(block: ToolCallBlock, at: string): RawJson {
  if (block.kind === 'custom') return customInput(block.arguments);
  if (block.arguments.trim() === '') return '{}';
  if (isJsonObject(block.arguments)) return block.arguments.trim();
  throw new GatewayError('invalid_request', `${at}: the arguments of "${block.name}" are not one complete JSON object`, {
    param: at,
    hint: 'Leave the broken call out of the history',
  });
}

/** A custom tool takes free text: it is sent as a function with this one string. */
export const customSchema: RawJson = '{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false}';

/** What a model must know of a custom tool where nothing holds it to the tool's grammar. */
export function customDescription({ description, grammar }: Tool): string | undefined {
  if (grammar === undefined) return description;
  const rule = `The string \`input\` must be of this ${grammar.syntax} grammar:\n${grammar.definition}`;
  return description === undefined || description === '' ? rule : `${description}\n\n${rule}`;
}

export function customInput(text: string): RawJson {
  return printObject([['input', printString(text)]]);
}

/** The free text of a custom tool, out of the one string that it was sent as; what is not of that form stays as it came. */
export function customText(input: RawJson): string {
  if (!isJsonObject(input)) return input;
  const value: unknown = JSON.parse(input);
  return isObject(value) && typeof value['input'] === 'string' ? value['input'] : input;
}
