import type { ChatRequest, RawJson } from './ir.ts';
import { printString } from './json-print.ts';
import type { Ledger } from './notes.ts';

/** OpenAI refuses a longer identifier of the end user, and so do others that speak its formats. */
const longest = 64;

/**
 * `user` or `safety_identifier` of OpenAI's formats. One that another format's caller made longer (Claude Code writes a JSON object there)
 * is left out with a note: cut off, it could be somebody else's.
 */
export function printEndUser({ endUser, names }: Pick<ChatRequest, 'endUser' | 'names'>, ledger: Ledger): RawJson | undefined {
  if (endUser === undefined || endUser.length <= longest || isOpenai(names['endUser'])) return endUser === undefined ? undefined : printString(endUser);
  ledger.drop(names['endUser'] ?? 'user', `an end user's name has at most ${longest} characters there`);
  return undefined;
}

/** The caller's own spelling: the provider judges it. */
function isOpenai(name: string | undefined): boolean {
  return name === 'user' || name === 'safety_identifier';
}
