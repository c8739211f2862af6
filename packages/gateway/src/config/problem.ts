/** One thing that is wrong with the configuration, and where. */
export type Problem = {
  /** The file as the person named it, or the flag or variable at fault (`--port`, `MODELWIRE_PORT`). */
  readonly source: string;
  readonly line?: number;
  readonly column?: number;
  /** `providers.deepseek.baseUrl`; empty when it is about the place as a whole. */
  readonly path: string;
  readonly message: string;
};

export type PathPart = string | number;

/** Where something stands in a file; both count from 1. */
export type Place = { readonly line: number; readonly column: number };

/** The configuration cannot be used. `problems` holds all that was found, in the order of the file. */
export class ConfigError extends Error {
  readonly code = 'invalid_config';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(describeProblem).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** `modelwire.yaml:12:5 providers.deepseek.baseUrl: unknown key, did you mean "baseURL"?` */
export function describeProblem({ source, line, column, path, message }: Problem): string {
  const where = line === undefined ? source : `${describePlace(source, line)}:${column ?? 1}`;
  return path === '' ? `${where} ${message}` : `${where} ${path}: ${message}`;
}

/** `modelwire.yaml:12`. */
export function describePlace(source: string, line: number): string {
  return `${source}:${line}`;
}

/** In the order of the file; what is not about the file comes first. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

/** A path as people write it: `routes["claude-*"].targets[1].model`. */
export function pathText(path: readonly PathPart[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[\w$-]+$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}
