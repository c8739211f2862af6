import { skipSpace } from '../../core/bytes.ts';
import type { HeaderMap, Operation } from '../../core/dialect.ts';
import { wrongType } from '../../core/json-cursor.ts';
import { isObject } from '../../core/json-text.ts';
import type { TopLevel } from '../../core/top-level.ts';

/** What the byte scan can see. A conversation that is kept at Bedrock (a prompt with variables) needs no messages. */
export function checkRequest(top: TopLevel, _headers: HeaderMap, operation: Operation): void {
  if (operation === 'count_tokens') {
    if (!isObject(top.value('input'))) throw wrongType('input', 'given: an object with converse');
    return;
  }
  const messages = top.field('messages');
  if (messages === undefined) {
    if (!top.has('promptVariables')) throw wrongType('messages', 'given: a non-empty array');
  } else if (top.bytes[messages.start] !== 91 || skipSpace(top.bytes, messages.start + 1) === messages.end - 1)
    throw wrongType('messages', 'a non-empty array');
  const config = top.value('inferenceConfig');
  if (isObject(config)) checkConfig(config);
}

type Check = readonly [key: string, expected: string, holds: (value: number) => boolean];

const share = (value: number): boolean => value >= 0 && value <= 1;
const checks: readonly Check[] = [
  ['maxTokens', 'a whole number above 0', (value) => Number.isInteger(value) && value > 0],
  ['temperature', 'a number from 0 to 1', share],
  ['topP', 'a number from 0 to 1', share],
];

function checkConfig(config: { readonly [key: string]: unknown }): void {
  for (const [key, expected, holds] of checks) {
    const value = Object.hasOwn(config, key) ? config[key] : undefined;
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number' || !holds(value)) throw wrongType(`inferenceConfig.${key}`, expected);
  }
}
