/** A name or id fitted into a target's alphabet and length. A pure function of its input: no table to keep between turns. */
export function fitId(id: string, rule: { readonly pattern: RegExp; readonly make: (hash: string) => string }): string {
  return rule.pattern.test(id) ? id : rule.make(hash64(id));
}

/** Call ids that Anthropic takes: letters, digits, `_` and `-`. */
export const anthropicIdRule = { pattern: /^[a-zA-Z0-9_-]{1,128}$/, make: (hash: string): string => `toolu_${hash}` };
/** Call ids that OpenAI takes: at most 40 characters. */
export const openaiIdRule = { pattern: /^[\x21-\x7e]{1,40}$/, make: (hash: string): string => `call_${hash}` };
/** Mistral: exactly nine letters or digits. */
export const alnum9IdRule = { pattern: /^[a-zA-Z0-9]{9}$/, make: (hash: string): string => hash.slice(0, 9) };

/** Reversible renames of tool names for one request. */
export type NameMap = { to(name: string): string; from(name: string): string; readonly renamed: readonly string[] };

type NameLimit = { readonly pattern: RegExp; readonly max: number };

/** Names that the rule refuses, or that collide once fitted, get a hash suffix; `from` gives the caller's name back. */
export function fitNames(names: readonly string[], limit: NameLimit): NameMap {
  const out = new Map<string, string>();
  const back = new Map<string, string>();
  const renamed: string[] = [];
  for (const name of names) {
    if (out.has(name)) continue;
    let fitted = name;
    if (!limit.pattern.test(name) || name.length > limit.max || back.has(name)) {
      fitted = fitName(name, name, limit);
      // Somebody may have called a tool just what another is fitted to.
      while (back.has(fitted)) fitted = fitName(name, fitted, limit);
      renamed.push(name);
    }
    out.set(name, fitted);
    back.set(fitted, name);
  }
  return { to: (name) => out.get(name) ?? name, from: (name) => back.get(name) ?? name, renamed };
}

function fitName(name: string, salt: string, { pattern, max }: NameLimit): string {
  const suffix = `_${hash64(salt).slice(0, 8)}`;
  const start = name.replace(/[^a-zA-Z0-9_-]/g, '_');
  // Some want a letter or `_` first, some take no `-`.
  const starts = [start, `_${start}`, `_${start.replaceAll('-', '_')}`];
  const fitted = starts.map((each) => each.slice(0, max - suffix.length) + suffix);
  return fitted.find((each) => pattern.test(each)) ?? start + suffix;
}

/** FNV-1a over the UTF-16 units, twice with different seeds: 16 hex digits. Not for secrets. */
export function hash64(text: string): string {
  return fnv(text, 0x811c9dc5) + fnv(text, 0x01000193);
}

function fnv(text: string, seed: number): string {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
