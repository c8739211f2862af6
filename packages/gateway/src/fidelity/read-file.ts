import { createReader, type Reader, readObject, readParameters, readType, valueName } from './read-type.ts';
import { type Declaration, newScope, type Scope, type TypeNode } from './syntax.ts';
import { tokensOf } from './tokens.ts';

/** What a declaration file declares, imports and exports. */
export function readFile(source: string): Scope {
  const scope = newScope();
  const reader = createReader(tokensOf(source));
  while (reader.kind() !== 'end') readStatement(reader, scope);
  return scope;
}

function readStatement(reader: Reader, scope: Scope): void {
  while (reader.take('export') || reader.take('declare') || reader.take('default') || reader.take('abstract')) {
    // What stands before a declaration changes nothing here.
  }
  switch (reader.peek()) {
    case 'import':
      return readImport(reader, scope);
    case '{':
      return readNames(reader, scope);
    case '*':
      return readExportAll(reader, scope);
    case 'interface':
    case 'class':
      return readInterface(reader, scope);
    case 'enum':
      return readEnum(reader, scope);
    case 'const':
      return readConstant(reader, scope);
    case 'namespace':
    case 'module':
      return readNamespace(reader, scope);
    case 'type':
      if (reader.peek(1) === '{') reader.next();
      return reader.peek() === '{' ? readNames(reader, scope) : readAlias(reader, scope);
    default:
      return skipStatement(reader);
  }
}

function skipStatement(reader: Reader): void {
  const closes: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
  while (reader.kind() !== 'end') {
    const text = reader.next();
    if (text === ';') return;
    const close = closes[text];
    if (close === undefined) continue;
    reader.skipTo(close);
    if (close === '}' && reader.peek() !== ';') return;
  }
}

function declare(scope: Scope, name: string, declaration: Declaration): void {
  scope.declared.set(name, [...(scope.declared.get(name) ?? []), declaration]);
}

function readInterface(reader: Reader, scope: Scope): void {
  reader.next();
  const name = reader.next();
  const parameters = readParameters(reader);
  const parents: TypeNode[] = [];
  while (reader.take('extends') || reader.take('implements') || reader.take(',')) parents.push(readType(reader));
  declare(scope, name, { kind: 'interface', parameters, parents, body: readObject(reader) });
}

function readAlias(reader: Reader, scope: Scope): void {
  reader.next();
  const name = reader.next();
  const parameters = readParameters(reader);
  reader.take('=');
  declare(scope, name, { kind: 'alias', parameters, type: readType(reader) });
  reader.take(';');
}

/** `const Name: { readonly A: "a" }`, of which types are made. */
function readConstant(reader: Reader, scope: Scope): void {
  if (reader.peek(2) !== ':') return skipStatement(reader);
  reader.next();
  const name = reader.next();
  reader.take(':');
  declare(scope, valueName(name), { kind: 'alias', parameters: [], type: readType(reader) });
  if (!reader.take(';')) skipStatement(reader);
}

function readEnum(reader: Reader, scope: Scope): void {
  reader.next();
  const name = reader.next();
  const of: TypeNode[] = [];
  reader.take('{');
  while (reader.kind() !== 'end' && !reader.take('}')) {
    const member = reader.next();
    of.push({ kind: 'literal', text: reader.take('=') ? reader.next() : member });
    reader.take(',');
  }
  declare(scope, name, { kind: 'alias', parameters: [], type: { kind: 'union', of } });
}

function readNamespace(reader: Reader, scope: Scope): void {
  reader.next();
  const name = reader.next();
  const inner = scope.spaces.get(name) ?? newScope(scope);
  scope.spaces.set(name, inner);
  reader.take('{');
  while (reader.kind() !== 'end' && !reader.take('}')) readStatement(reader, inner);
}

/** `import * as A from "x"`, `import A, { type B as C } from "x"`. */
function readImport(reader: Reader, scope: Scope): void {
  reader.next();
  const names: [name: string, local: string][] = [];
  while (reader.kind() !== 'end' && !reader.take('from')) {
    if (reader.kind() === 'string' || reader.peek() === ';') return skipStatement(reader);
    if (reader.take('*')) {
      reader.take('as');
      names.push(['*', reader.next()]);
    } else if (reader.peek() === '{') names.push(...readList(reader));
    else if (!reader.take(',') && !reader.take('type')) names.push(['default', reader.next()]);
  }
  const from = reader.next();
  for (const [name, local] of names) scope.imported.set(local, { from, name });
  reader.take(';');
}

/** `{ A, type B as C }` as pairs of the name and the local name. */
function readList(reader: Reader): [name: string, local: string][] {
  const names: [string, string][] = [];
  reader.take('{');
  while (reader.kind() !== 'end' && !reader.take('}')) {
    if (reader.peek() === 'type' && !/^[,}]$/.test(reader.peek(1)) && reader.peek(1) !== 'as') reader.next();
    const name = reader.next();
    names.push([name, reader.take('as') ? reader.next() : name]);
    reader.take(',');
  }
  return names;
}

/** `export { A as B }` of names that are here, or of another file. */
function readNames(reader: Reader, scope: Scope): void {
  const names = readList(reader);
  const from = reader.take('from') ? reader.next() : undefined;
  for (const [name, local] of names) {
    if (from !== undefined) scope.imported.set(local, { from, name });
    else if (name !== local) declare(scope, local, { kind: 'alias', parameters: [], type: { kind: 'reference', path: [name], args: [] } });
  }
  reader.take(';');
}

function readExportAll(reader: Reader, scope: Scope): void {
  reader.next();
  const local = reader.take('as') ? reader.next() : undefined;
  if (!reader.take('from')) return skipStatement(reader);
  const from = reader.next();
  if (local === undefined) scope.exportedAll.push(from);
  else scope.imported.set(local, { from, name: '*' });
  reader.take(';');
}
