import { skipSpace } from '../../core/bytes.ts';
import type { HeaderMap, Operation } from '../../core/dialect.ts';
import { wrongType } from '../../core/json-cursor.ts';
import { isObject } from '../../core/json-text.ts';
import type { TopLevel } from '../../core/top-level.ts';

/** What the byte scan can see. A null means the default. Google may write a field in two ways. */
export function checkRequest(top: TopLevel, _headers: HeaderMap, operation: Operation): void {
  if (operation === 'count_tokens' && (top.has('generateContentRequest') || top.has('generate_content_request'))) return;
  const contents = top.field('contents');
  if (contents === undefined) throw wrongType('contents', 'given: a non-empty array');
  const first = top.bytes[contents.start];
  if (first === 123) return;
  if (first !== 91 || skipSpace(top.bytes, contents.start + 1) === contents.end - 1) throw wrongType('contents', 'a non-empty array');
  const config = top.value('generationConfig') ?? top.value('generation_config');
  if (isObject(config)) checkConfig(config);
}

type Check = readonly [keys: readonly string[], expected: string, holds: (value: number) => boolean];

const isPositive = (value: number): boolean => Number.isInteger(value) && value > 0;
const checks: readonly Check[] = [
  [['maxOutputTokens', 'max_output_tokens'], 'a positive integer', isPositive],
  [['candidateCount', 'candidate_count'], 'a positive integer', isPositive],
  [['temperature'], 'a number from 0 to 2', (value) => value >= 0 && value <= 2],
  [['topP', 'top_p'], 'a number from 0 to 1', (value) => value >= 0 && value <= 1],
];

function checkConfig(config: { readonly [key: string]: unknown }): void {
  for (const [keys, expected, holds] of checks) {
    const key = keys.find((name) => config[name] !== undefined && config[name] !== null);
    const value = key === undefined ? undefined : config[key];
    // A number may come as a string.
    if (value !== undefined && (value === '' || typeof value === 'object' || !holds(Number(value)))) throw wrongType(`generationConfig.${key}`, expected);
  }
}
