import type { Context, HeaderMap, Operation } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import { wrongType } from '../../core/json-cursor.ts';
import type { TopLevel } from '../../core/top-level.ts';

/** What the byte scan can see: required fields and ranges. A null means the default. */
export function checkRequest(top: TopLevel, _headers: HeaderMap, operation: Operation): void {
  const model = top.value('model');
  if (typeof model !== 'string' || model === '' || model.length > 256 || /[\p{Cc}]/u.test(model))
    throw wrongType('model', 'a non-empty string of at most 256 characters');
  checkMessages(top);
  if (operation === 'chat' && !top.has('max_tokens')) throw wrongType('max_tokens', 'given: the messages format requires it');
  checkNumber(top, 'max_tokens', 'a positive integer', (value) => Number.isInteger(value) && value > 0, operation === 'chat');
  checkNumber(top, 'temperature', 'a number from 0 to 2', (value) => value >= 0 && value <= 2);
  checkNumber(top, 'top_p', 'a number from 0 to 1', (value) => value >= 0 && value <= 1);
  checkNumber(top, 'top_k', 'an integer of at least 0', (value) => Number.isInteger(value) && value >= 0);
  const stream = top.value('stream');
  if (top.has('stream') && stream !== null && typeof stream !== 'boolean') throw wrongType('stream', 'true or false');
}

function checkNumber(top: TopLevel, key: string, expected: string, holds: (value: number) => boolean, isRequired = false): void {
  const value = top.value(key);
  if (!top.has(key) || (value === null && !isRequired)) return;
  if (typeof value !== 'number' || !holds(value)) throw wrongType(key, expected);
}

/** The list may be megabytes long: only its first bytes are looked at. A thread may go on without a message of its own. */
function checkMessages(top: TopLevel): void {
  const field = top.field('messages');
  if (field === undefined) throw wrongType('messages', 'given: a non-empty array');
  let first = field.start + 1;
  while (first < field.end && (top.bytes[first] ?? 0) <= 32) first++;
  const isThreaded = top.has('thread') && top.value('thread') !== null;
  if (top.bytes[field.start] !== 91 || (top.bytes[first] === 93 && !isThreaded)) throw wrongType('messages', 'a non-empty array');
}

/**
 * A target without threads never saw the turns that a thread leaves out. Anthropic's SDKs read exactly this error: their tool runner
 * sends the conversation again in full, without a thread.
 */
export function refuseThread(thread: unknown, context: { readonly target: Pick<Context['target'], 'quirks'> }): void {
  if (thread === undefined || thread === null || context.target.quirks.threads === true) return;
  throw new GatewayError('thread_unsupported_request', 'thread: message threads are not kept here', {
    param: 'thread',
    hint: 'Send the full conversation without `thread`',
    details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
  });
}
