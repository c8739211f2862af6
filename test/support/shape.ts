/** A check of one JSON value; what is wrong is added to `problems` with its place. */
export type Shape = (value: unknown, at: string, problems: string[]) => void;

export type Json = { readonly [key: string]: unknown };

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the text is a JSON object. */
export function isObjectText(text: string): boolean {
  try {
    return isJson(JSON.parse(text));
  } catch {
    return false;
  }
}

/** The problems of a value; none when it is as it should be. */
export function problemsOf(shape: Shape, value: unknown, at = ''): string[] {
  const problems: string[] = [];
  shape(value, at, problems);
  return problems;
}

function expect(ok: boolean, what: string, [value, at, problems]: Parameters<Shape>): void {
  if (!ok) problems.push(`${at === '' ? 'the value' : at}: expected ${what}, got ${brief(value)}`);
}

function brief(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);
}

export const string: Shape = (...args) => expect(typeof args[0] === 'string', 'a string', args);
export const filled: Shape = (...args) => expect(typeof args[0] === 'string' && args[0] !== '', 'a string that is not empty', args);
export const count: Shape = (...args) => expect(Number.isInteger(args[0]) && Number(args[0]) >= 0, 'a whole number from 0', args);
export const boolean: Shape = (...args) => expect(typeof args[0] === 'boolean', 'a boolean', args);
export const anything: Shape = () => undefined;
export const nothing: Shape = (...args) => expect(args[0] === null, 'null', args);
export const objectValue: Shape = (...args) => expect(isJson(args[0]), 'an object', args);

export function oneOf(...words: readonly unknown[]): Shape {
  return (...args) => expect(words.includes(args[0]), words.map((word) => JSON.stringify(word)).join(' or '), args);
}

export function matching(pattern: RegExp, what: string): Shape {
  return (...args) => expect(typeof args[0] === 'string' && pattern.test(args[0]), what, args);
}

export function nullable(shape: Shape): Shape {
  return (value, at, problems) => {
    if (value !== null) shape(value, at, problems);
  };
}

export function list(shape: Shape): Shape {
  return (value, at, problems) => {
    if (!Array.isArray(value)) {
      expect(false, 'a list', [value, at, problems]);
      return;
    }
    value.forEach((item: unknown, index) => shape(item, `${at}[${index}]`, problems));
  };
}

type Shapes = { readonly [key: string]: Shape };

/** An object with every required key, perhaps the optional ones, and no other. A required key may be null only where its shape says so. */
export function object(required: Shapes, optional: Shapes = {}): Shape {
  return (value, at, problems) => {
    if (!isJson(value)) {
      expect(false, 'an object', [value, at, problems]);
      return;
    }
    const place = (key: string): string => (at === '' ? key : `${at}.${key}`);
    for (const [key, shape] of Object.entries(required)) {
      if (key in value) shape(value[key], place(key), problems);
      else problems.push(`${place(key)}: missing`);
    }
    for (const [key, inner] of Object.entries(value)) {
      if (Object.hasOwn(required, key)) continue;
      const shape = Object.hasOwn(optional, key) ? optional[key] : undefined;
      if (shape === undefined) problems.push(`${place(key)}: not a key of the official type`);
      else shape(inner, place(key), problems);
    }
  };
}

/** One of several objects, told apart by a key's value. */
export function tagged(tag: string, shapes: Shapes): Shape {
  return (value, at, problems) => {
    const word = isJson(value) ? value[tag] : undefined;
    const shape = typeof word === 'string' && Object.hasOwn(shapes, word) ? shapes[word] : undefined;
    if (shape === undefined) expect(false, `${tag} of ${Object.keys(shapes).join(', ')}`, [value, at, problems]);
    else shape(value, at, problems);
  };
}
