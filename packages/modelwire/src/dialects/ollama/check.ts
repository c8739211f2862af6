import type { HeaderMap, Operation } from '../../core/dialect.ts';
import { wrongType } from '../../core/json-cursor.ts';
import { isObject } from '../../core/json-text.ts';
import type { TopLevel } from '../../core/top-level.ts';

/** What the byte scan can see. A null means the default. */
export function checkRequest(top: TopLevel, _headers: HeaderMap, operation: Operation): void {
  const model = top.value('model');
  if (typeof model !== 'string' || model === '') throw wrongType('model', 'given: a string that names a model');
  const stream = top.value('stream');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') throw wrongType('stream', 'true or false');
  const [key, first, expected] = operation === 'generate' ? (['prompt', '"', 'a string'] as const) : (['messages', '[', 'an array'] as const);
  const said = top.field(key);
  if (said !== undefined && top.bytes[said.start] !== first.charCodeAt(0) && top.raw(key) !== 'null') throw wrongType(key, expected);
  const options = top.value('options');
  if (options === undefined || options === null) return;
  if (!isObject(options)) throw wrongType('options', 'an object');
  for (const [key, expected, holds] of checks) {
    const value = options[key];
    if (value !== undefined && value !== null && (typeof value !== 'number' || !holds(value))) throw wrongType(`options.${key}`, expected);
  }
}

type Check = readonly [key: string, expected: string, holds: (value: number) => boolean];

/** Negative limits mean none: -1 for ever, -2 until the context is full. */
const checks: readonly Check[] = [
  ['num_predict', 'an integer', Number.isInteger],
  ['temperature', 'a number from 0', (value) => value >= 0],
  ['top_p', 'a number from 0 to 1', (value) => value >= 0 && value <= 1],
];
