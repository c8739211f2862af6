/** Where a note's or error's path leads in a body: `messages[2].content[0].text`; undefined when it leads nowhere. */
export function stepsOf(path: string, body: unknown): readonly (string | number)[] | undefined {
  const steps = [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, key, index]) => (key === undefined ? Number(index) : key));
  let at: unknown = body;
  for (const step of steps) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string | number, unknown>)[step];
  }
  return steps;
}

/** The same without what stands there: an item of a list goes with its place. */
export function removeAt(body: unknown, steps: readonly (string | number)[]): unknown {
  const copy: unknown = structuredClone(body);
  let at = copy as Record<string | number, unknown>;
  for (const step of steps.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
  const last = steps.at(-1) ?? '';
  if (Array.isArray(at)) at.splice(Number(last), 1);
  else delete at[last];
  return copy;
}
