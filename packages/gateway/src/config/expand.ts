import type { PathPart } from './problem.ts';

type Env = Readonly<Record<string, string | undefined>>;

export type ExpandOptions = {
  readonly env: Env;
  /** Called for every variable that is not set, every `${` that is not one, and every key that no object may have. */
  readonly report: (path: readonly PathPart[], message: string, part?: 'key' | 'value') => void;
};

const variable = /\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g;

/**
 * Puts `${VAR}` and `${VAR:-default}` into string values, never into keys. It works on parsed values, so a variable's text cannot
 * become YAML. The default also stands in for an empty variable, as in a shell; `$${` is a literal `${`.
 */
export function expandVariables(value: unknown, options: ExpandOptions): unknown {
  return expandAt(value, [], options);
}

/** The variables that a text names, for "where did this key come from". */
export function variablesIn(text: string): readonly string[] {
  return [...text.matchAll(variable)].flatMap((match) => match[2] ?? []);
}

function expandAt(value: unknown, path: readonly PathPart[], options: ExpandOptions): unknown {
  if (typeof value === 'string') return value.includes('${') ? expandText(value, path, options) : value;
  if (Array.isArray(value)) return value.map((item, index) => expandAt(item, [...path, index], options));
  if (typeof value !== 'object' || value === null || isSwitchedOff(value, path)) return value;
  if (Object.hasOwn(value, '__proto__')) options.report([...path, '__proto__'], 'cannot be used as a name', 'key');
  // fromEntries defines own properties: a key named __proto__ stays a key.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expandAt(item, [...path, key], options)]));
}

/** A provider with `enabled: false` may name variables that nobody has set. */
function isSwitchedOff(value: object, path: readonly PathPart[]): boolean {
  return path.length === 2 && path[0] === 'providers' && 'enabled' in value && value.enabled === false;
}

function expandText(text: string, path: readonly PathPart[], { env, report }: ExpandOptions): string {
  return text.replace(variable, (whole, escaped: string | undefined, name: string | undefined, fallback: string | undefined) => {
    if (escaped !== undefined) return escaped;
    if (name === undefined) {
      report(path, '"${" does not begin a variable: write ${NAME} or ${NAME:-default}, or $${ for the characters themselves');
      return whole;
    }
    const set = env[name];
    if (fallback !== undefined) return set === undefined || set === '' ? fallback : set;
    if (set === undefined) report(path, `${name} is not set in the environment (\${${name}:-…} gives a default)`);
    return set ?? '';
  });
}
