import { checkConfig } from './check.ts';
import type { Env } from './dotenv.ts';
import { parseConfigDocument } from './document.ts';
import { expandVariables } from './expand.ts';
import { ConfigError, type PathPart, pathText, type Place, type Problem, sortProblems } from './problem.ts';
import type { ConfigFile } from './schema.ts';

/** A file that has passed: its values, and what is needed to speak of them. */
export type ReadConfig = {
  readonly name: string;
  readonly values: ConfigFile;
  /** As it stands in the file, before variables were put in. */
  raw(path: readonly PathPart[]): unknown;
  place(path: readonly PathPart[], part?: 'key' | 'value'): Place;
  problem(path: readonly PathPart[], message: string, part?: 'key' | 'value'): Problem;
};

/** Parses, expands and checks a configuration file. Throws `ConfigError` with all that is wrong. */
export async function readConfigFile(name: string, text: string, env: Env): Promise<ReadConfig> {
  const document = await parseConfigDocument(name, text);
  const problems: Problem[] = [];
  const problem = (path: readonly PathPart[], message: string, part: 'key' | 'value' = 'value'): Problem => ({
    source: name,
    ...document.place(path, part),
    path: pathText(path),
    message,
  });
  const expanded = expandVariables(document.value, { env, report: (path, message, part) => problems.push(problem(path, message, part)) });
  const checked = checkConfig(expanded, name, document);
  if ('file' in checked && problems.length === 0) {
    return { name, values: checked.file, raw: (path) => valueAt(document.value, path), place: document.place, problem };
  }
  throw new ConfigError(sortProblems([...problems, ...('problems' in checked ? withoutEchoes(checked.problems, problems) : [])]));
}

/** A variable that is not set already has its problem; that the empty text in its place is no URL adds nothing. */
function withoutEchoes(found: readonly Problem[], before: readonly Problem[]): readonly Problem[] {
  const known = new Set(before.map((problem) => problem.path));
  return found.filter((problem) => !known.has(problem.path));
}

function valueAt(value: unknown, path: readonly PathPart[]): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Readonly<Record<PathPart, unknown>>)[part];
  }
  return at;
}
