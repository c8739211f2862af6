import type { ObjectNode, Parameter, PropertyNode, TypeNode } from './syntax.ts';
import type { Token } from './tokens.ts';

/** A place in a list of tokens. Only the reader that holds it moves it. */
export type Reader = {
  peek(ahead?: number): string;
  kind(): Token['kind'] | 'end';
  next(): string;
  /** Takes the token when it is the one given. */
  take(text: string): boolean;
  /** Leaves out everything up to the bracket that closes the one before. */
  skipTo(close: string): void;
};

const brackets: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' };

export function createReader(tokens: readonly Token[]): Reader {
  let at = 0;
  const reader: Reader = {
    peek: (ahead = 0) => textOf(tokens[at + ahead]),
    kind: () => tokens[at]?.kind ?? 'end',
    next: () => tokens[at++]?.text ?? '',
    take(text) {
      const token = tokens[at];
      if (token === undefined || token.kind === 'string' || token.text !== text) return false;
      at++;
      return true;
    },
    skipTo(close) {
      while (at < tokens.length) {
        const text = textOf(tokens[at++]);
        if (text === close) return;
        const inner = brackets[text];
        if (inner !== undefined) reader.skipTo(inner);
      }
    },
  };
  return reader;
}

/** A string never looks like a sign or a keyword. */
function textOf(token: Token | undefined): string {
  return token === undefined ? '' : token.kind === 'string' ? `"${token.text}` : token.text;
}

const unknown: TypeNode = { kind: 'unknown' };

export function readType(reader: Reader): TypeNode {
  const type = readUnion(reader);
  if (!reader.take('extends')) return reader.take('is') ? afterType(reader) : type;
  readUnion(reader);
  if (!reader.take('?')) return unknown;
  readType(reader);
  reader.take(':');
  readType(reader);
  return unknown;
}

function afterType(reader: Reader): TypeNode {
  readType(reader);
  return unknown;
}

function readUnion(reader: Reader): TypeNode {
  return readSeries(reader, '|', 'union', (inner) => readSeries(inner, '&', 'intersection', readPostfix));
}

function readSeries(reader: Reader, sign: string, kind: 'union' | 'intersection', read: (reader: Reader) => TypeNode): TypeNode {
  reader.take(sign);
  const first = read(reader);
  if (reader.peek() !== sign) return first;
  const of = [first];
  while (reader.take(sign)) of.push(read(reader));
  return { kind, of };
}

function readPostfix(reader: Reader): TypeNode {
  let type = readPrimary(reader);
  while (reader.peek() === '[') {
    reader.next();
    if (reader.take(']')) type = { kind: 'array', of: type };
    else {
      type = { kind: 'indexed', of: type, key: readType(reader) };
      reader.take(']');
    }
  }
  return type;
}

function readPrimary(reader: Reader): TypeNode {
  if (reader.kind() === 'string') return { kind: 'literal', text: reader.next() };
  const text = reader.peek();
  if (text === '{') return readObject(reader);
  if (text === '(' || text === '<' || text === 'new') return readParenthesis(reader);
  if (text === '[') {
    reader.next();
    reader.skipTo(']');
    return unknown;
  }
  if (text === 'readonly') {
    reader.next();
    return readPostfix(reader);
  }
  if ((text === 'keyof' || text === 'typeof') && /^\w/.test(reader.peek(1))) {
    reader.next();
    const of = readPostfix(reader);
    return text === 'keyof' ? { kind: 'keys', of } : typeOfValue(of);
  }
  if ((text === 'unique' || text === 'infer' || text === 'abstract' || text === 'asserts') && /^\w/.test(reader.peek(1))) {
    reader.next();
    readPostfix(reader);
    return unknown;
  }
  if (reader.kind() !== 'name') {
    reader.next();
    return unknown;
  }
  return readReference(reader);
}

function readReference(reader: Reader): TypeNode {
  const path = [reader.next()];
  while (reader.peek() === '.' && /^[\w$]/.test(reader.peek(1))) {
    reader.next();
    path.push(reader.next());
  }
  return { kind: 'reference', path, args: reader.take('<') ? readArguments(reader) : [] };
}

function readArguments(reader: Reader): TypeNode[] {
  const args: TypeNode[] = [];
  while (reader.kind() !== 'end' && !reader.take('>')) {
    args.push(readType(reader));
    reader.take(',');
  }
  return args;
}

/** What a constant is declared to be, under a name that no type can have. */
export function valueName(name: string): string {
  return `typeof ${name}`;
}

function typeOfValue(of: TypeNode): TypeNode {
  if (of.kind !== 'reference') return unknown;
  const [name = ''] = of.path.slice(-1);
  return { ...of, path: [...of.path.slice(0, -1), valueName(name)] };
}

/** A function, or a type in parentheses. */
function readParenthesis(reader: Reader): TypeNode {
  reader.take('new');
  if (reader.take('<')) reader.skipTo('>');
  if (!isFunction(reader)) {
    reader.next();
    const type = readType(reader);
    reader.take(')');
    return type;
  }
  reader.next();
  reader.skipTo(')');
  reader.next();
  readType(reader);
  return unknown;
}

/** Whether an arrow follows the parenthesis that begins here. */
function isFunction(reader: Reader): boolean {
  let depth = 0;
  for (let ahead = 0; reader.peek(ahead) !== ''; ahead++) {
    const text = reader.peek(ahead);
    if (text === '(' || text === '[' || text === '{') depth++;
    else if (text === ')' || text === ']' || text === '}') depth--;
    if (depth === 0) return reader.peek(ahead + 1) === '=>';
  }
  return false;
}

const modifiers: ReadonlySet<string> = new Set([
  'readonly',
  'static',
  'declare',
  'public',
  'private',
  'protected',
  'abstract',
  'override',
  'get',
  'set',
  'accessor',
]);

/** The fields of an object type, an interface or a class: methods and index signatures are none. */
export function readObject(reader: Reader): ObjectNode {
  const properties: PropertyNode[] = [];
  reader.take('{');
  while (reader.kind() !== 'end' && !reader.take('}')) {
    const property = readMember(reader);
    if (property !== undefined) properties.push(property);
  }
  return { kind: 'object', properties };
}

function readMember(reader: Reader): PropertyNode | undefined {
  if (reader.take(';') || reader.take(',')) return undefined;
  let isHidden = false;
  while (modifiers.has(reader.peek()) && !/^[?:(;,}<]$/.test(reader.peek(1))) {
    const modifier = reader.next();
    isHidden ||= modifier === 'static' || modifier === 'private' || modifier === 'protected' || modifier === 'get' || modifier === 'set';
  }
  if (/^[[(<+-]$/.test(reader.peek())) return skipMember(reader);
  const name = reader.next();
  reader.take('?');
  reader.take('!');
  if (!reader.take(':')) return skipMember(reader);
  const type = readType(reader);
  return isHidden || name.startsWith('#') ? undefined : { name, type };
}

/** Methods, accessors, index signatures: up to the end of the member. */
function skipMember(reader: Reader): undefined {
  while (reader.kind() !== 'end' && !/^[;,}]$/.test(reader.peek())) {
    const inner = brackets[reader.next()];
    if (inner !== undefined) reader.skipTo(inner);
  }
  return undefined;
}

/** `<T, U extends X = Y>`. */
export function readParameters(reader: Reader): Parameter[] {
  if (!reader.take('<')) return [];
  const parameters: Parameter[] = [];
  while (reader.kind() !== 'end' && !reader.take('>')) {
    reader.take('const');
    const name = reader.next();
    if (reader.take('extends')) readUnion(reader);
    parameters.push(reader.take('=') ? { name, fallback: readType(reader) } : { name });
    reader.take(',');
  }
  return parameters;
}
