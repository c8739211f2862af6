import * as v from 'valibot';
import type { ConfigDocument } from './document.ts';
import { pathText, type PathPart, type Problem } from './problem.ts';
import { type ConfigFile, configSchema } from './schema.ts';

/** Checks a parsed and expanded file. One problem a fault, all of them at once. */
export function checkConfig(
  value: unknown,
  source: string,
  document: ConfigDocument,
): { readonly file: ConfigFile } | { readonly problems: readonly Problem[] } {
  // An empty file, or one of comments only, is a file without settings. valibot's own messages would show the value.
  const result = v.safeParse(configSchema, value ?? {}, { message: 'is not what it must be' });
  if (result.success) return { file: result.output };
  return { problems: result.issues.map((issue) => problemOf(issue, source, document)) };
}

function problemOf(issue: v.BaseIssue<unknown>, source: string, document: ConfigDocument): Problem {
  const items: readonly v.IssuePathItem[] = issue.path ?? [];
  const path = items.map(({ key }): PathPart => (typeof key === 'number' ? key : String(key)));
  return { source, ...document.place(path, items.at(-1)?.origin ?? 'value'), path: pathText(path), message: issue.message };
}
