import type { core } from 'zod';
import type { ConfigDocument } from './document.ts';
import type { PathPart, Problem } from './problem.ts';
import { pathText } from './problem.ts';
import { type ConfigFile, configSchema } from './schema.ts';

type Issue = core.$ZodIssue;

/** Checks a parsed and expanded file. One problem a fault, all of them at once. */
export function checkConfig(
  value: unknown,
  source: string,
  document: ConfigDocument,
): { readonly file: ConfigFile } | { readonly problems: readonly Problem[] } {
  // An empty file, or one of comments only, is a file without settings.
  const result = configSchema.safeParse(value ?? {});
  if (result.success) return { file: result.data };
  return { problems: result.error.issues.flatMap((issue) => problemsOf(issue, [], { source, document })) };
}

type Scope = { readonly source: string; readonly document: ConfigDocument };

function problemsOf(issue: Issue, above: readonly PathPart[], scope: Scope): readonly Problem[] {
  const path = [...above, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const messages = issue.message.split('\n');
      return issue.keys.map((key, index) => problemAt([...path, key], 'key', messages[index] ?? 'unknown key', scope));
    }
    case 'invalid_key':
      return [problemAt(path, 'key', issue.issues[0]?.message ?? issue.message, scope)];
    case 'invalid_union': {
      const branch = meantBranch(issue.errors);
      if (branch !== undefined) return branch.flatMap((inner) => problemsOf(inner, path, scope));
      return [problemAt(path, 'value', issue.message, scope)];
    }
    default:
      return [problemAt(path, 'value', issue.message, scope)];
  }
}

/** The alternative whose kind of value was given, when exactly one was: its faults say more than "must be this or that". */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const meant = branches.filter((issues) => issues.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'));
  return meant.length === 1 ? meant[0] : undefined;
}

function problemAt(path: readonly PathPart[], part: 'key' | 'value', message: string, { source, document }: Scope): Problem {
  return { source, ...document.place(path, part), path: pathText(path), message };
}
