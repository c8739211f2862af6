export type Environment = Readonly<Record<string, string | undefined>>;

/** The process's environment where there is one (Node, Bun, Deno); empty in a browser. No file is loaded. */
export function environment(): Environment {
  return globalThis.process?.env ?? {};
}

/** A variable's value without the space around it; undefined when it is unset or blank. */
export function variable(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

/** Whether this is a page, or a worker of one, where a key would be in everyone's hands. */
export function inBrowser(): boolean {
  const scope: {
    readonly window?: unknown;
    readonly document?: unknown;
    readonly importScripts?: unknown;
    readonly process?: { readonly versions?: { readonly node?: string } };
  } = globalThis;
  if (scope.process?.versions?.node !== undefined) return false;
  return (scope.window !== undefined && scope.document !== undefined) || typeof scope.importScripts === 'function';
}
