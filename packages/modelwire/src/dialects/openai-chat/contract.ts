import { isObject } from '../../core/json-text.ts';

/**
 * Top-level fields that are part of what a caller may count on, so that none can be left out, and which of their values ask for nothing.
 * Apart from the verdicts, since a relay asks it too.
 */
export const contract = {
  audio: never,
  function_call: isAuto,
  functions: never,
  logit_bias: (value) => isObject(value) && Object.keys(value).length === 0,
  logprobs: (value) => value === false,
  modalities: (value) => Array.isArray(value) && value.every((item) => item === 'text'),
  moderation: never,
  n: (value) => value === 1,
  response_format: never,
  tool_choice: isAuto,
  tools: never,
  top_logprobs: (value) => value === 0,
  web_search_options: never,
} satisfies { readonly [key: string]: (value: unknown) => boolean };

function never(_value: unknown): boolean {
  return false;
}

function isAuto(value: unknown): boolean {
  return value === 'auto';
}

/** Whether the field with this value is part of what the caller may count on, so that it cannot be left out. */
export function isContract(key: string, value: unknown): boolean {
  return isKey(key) && !contract[key](value);
}

function isKey(key: string): key is keyof typeof contract {
  return Object.hasOwn(contract, key);
}
