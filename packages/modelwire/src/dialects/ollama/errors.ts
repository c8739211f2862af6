import type { ErrorBody, HeaderMap } from '../../core/dialect.ts';
import { describeError, type GatewayError } from '../../core/errors.ts';
import { isObject } from '../../core/json-text.ts';
import { knownStatus } from '../../core/openai-error.ts';
import type { Target } from '../../core/target.ts';
import { readComplaint, upstreamFailure } from '../../core/upstream-failure.ts';

/** Ollama says what is wrong in one string. The stable code stands beside it, where its clients do not look. */
export function encodeError(error: GatewayError): ErrorBody {
  return { status: knownStatus(error), body: JSON.stringify({ error: describeError(error), code: error.code }) };
}

/** The same as the last line of a stream. */
export function encodeErrorEvent(error: GatewayError): string {
  return `data: ${encodeError(error).body}\n\n`;
}

/** Words of Ollama's own that no status tells, or that a status tells wrongly. */
const meanings: readonly (readonly [words: RegExp, code: string])[] = [
  [/exceeds (?:the )?(?:maximum |available )?context (?:length|size)|exceeds the context/i, 'context_length_exceeded'],
  [/^model ['"].{1,200}['"] not found|try pulling it first/i, 'model_not_found'],
  [/does not support (?:tools|thinking|chat|generate|insert)|invalid (?:options|format)|unknown (?:option|role)/i, 'invalid_request'],
  [/server busy|maximum pending requests exceeded/i, 'overloaded'],
];

/** The provider's error answer, or a line of a stream that is one, which may bring its own status. */
export function decodeFailure(answer: { readonly status: number; readonly headers: HeaderMap; readonly text: string }, target: Target): GatewayError {
  const complaint = readComplaint(answer.text, target.quirks.errorInside);
  const inside = Number(complaint.code);
  const hasStatus = inside >= 400 && inside <= 599;
  const meant = meanings.find(([words]) => words.test(complaint.message ?? ''))?.[1];
  const code = hasStatus ? meant : (complaint.code ?? meant);
  return upstreamFailure(
    { message: complaint.message, code, status: hasStatus && answer.status < 300 ? inside : answer.status, headers: answer.headers },
    target,
  );
}

/** The error that an answer with status 200 holds; undefined when there is none. */
export function failureInside(value: unknown, text: string, target: Target): GatewayError | undefined {
  if (!isObject(value)) return undefined;
  const { error } = value;
  if (!isObject(error) && (typeof error !== 'string' || error === '')) return undefined;
  return decodeFailure({ status: 200, headers: {}, text }, target);
}
