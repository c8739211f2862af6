/** Why the embedded model cannot answer: a stable code, what happened, and what to do about it. */
export class LocalError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, options: { readonly hint: string; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LocalError';
    this.code = code;
    this.hint = options.hint;
  }
}

/** The first line of whatever was thrown, with the reason below a wrapped network error, without credentials in URLs. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return redact(String(error));
  const cause = error.cause instanceof Error && error.cause.message !== '' ? ` (${error.cause.message})` : '';
  return redact(`${error.message}${cause}`.split('\n', 1)[0] ?? error.name);
}

/** Takes user:password@ and the query string, where secrets sit, out of every URL in a text. */
export function redact(text: string): string {
  return text.replace(/(\bhttps?:\/\/)[^\s/@]*@/gi, '$1').replace(/(\bhttps?:\/\/[^\s?]+)\?\S*/gi, '$1');
}
