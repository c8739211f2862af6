type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A body that must be a JSON object. */
export function parsed(body: string): Json {
  const value: unknown = JSON.parse(body);
  if (!isObject(value)) throw new Error(`not a JSON object: ${body.slice(0, 100)}`);
  return value;
}

/** The objects in a list; none where there is no list. */
export function listAt(from: Json, key: string): readonly Json[] {
  const value = from[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function textIn(from: unknown, key: string): string | undefined {
  const value = isObject(from) ? from[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

export function unless(holds: boolean, problem: string): readonly string[] {
  return holds ? [] : [problem];
}
