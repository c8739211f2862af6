import { posix } from 'node:path';
import { readFile } from './read-file.ts';
import type { Declaration, Scope } from './syntax.ts';

/** What a name means: its declarations and the scope that they stand in, and the namespace of that name. */
export type Found = { readonly declared: readonly Declaration[]; readonly scope: Scope; readonly space: Scope | undefined };

/** The files of one package, each read when it is first asked for. */
export type Scopes = {
  file(path: string): Scope | undefined;
  /** What `A.B.C` means where it stands. */
  lookUp(from: Scope, path: readonly string[]): Found | undefined;
};

/** `read` gives a file's text by its path below the package's folder, or undefined. */
export function createScopes(read: (path: string) => string | undefined): Scopes {
  const files = new Map<string, Scope | undefined>();
  const paths = new Map<Scope, string>();

  const file = (path: string): Scope | undefined => {
    if (files.has(path)) return files.get(path);
    const text = read(path);
    const scope = text === undefined ? undefined : readFile(text);
    files.set(path, scope);
    if (scope !== undefined) paths.set(scope, path);
    return scope;
  };
  const fileFrom = (scope: Scope, specifier: string): Scope | undefined => {
    // What another package declares is no wire format of this one.
    if (!specifier.startsWith('.')) return undefined;
    const base = posix.join(posix.dirname(paths.get(rootOf(scope)) ?? ''), specifier);
    const bare = base.replace(/\.(?:d\.)?[cm]?[jt]s$/, '');
    const places = [`${bare}.d.ts`, `${bare}.d.mts`, `${base}.d.ts`, `${bare}/index.d.ts`];
    return places.map(file).find((found) => found !== undefined);
  };
  /** Its own names, what it imports, and what it exports of others. */
  const lookInside = (scope: Scope, name: string, seen = new Set<Scope>()): Found | undefined => {
    if (seen.has(scope)) return undefined;
    seen.add(scope);
    const declared = scope.declared.get(name);
    const space = scope.spaces.get(name);
    if (declared !== undefined || space !== undefined) return { declared: declared ?? [], scope, space };
    const imported = scope.imported.get(name);
    if (imported === undefined) return lookAbroad(scope, name, seen);
    const from = fileFrom(scope, imported.from);
    if (from === undefined) return undefined;
    return imported.name === '*' ? { declared: [], scope: from, space: from } : lookInside(from, imported.name, seen);
  };
  const lookAbroad = (scope: Scope, name: string, seen: Set<Scope>): Found | undefined => {
    for (const specifier of scope.exportedAll) {
      const other = fileFrom(scope, specifier);
      const found = other === undefined ? undefined : lookInside(other, name, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  return {
    file,
    lookUp(from, [first = '', ...rest]) {
      let found: Found | undefined;
      for (let scope: Scope | undefined = from; scope !== undefined && found === undefined; scope = scope.parent) {
        const here = lookInside(scope, first);
        // Of a name that is a type in one scope and a namespace in another, the one that is asked for is meant.
        if (here !== undefined && (rest.length === 0 ? here.declared.length > 0 : here.space !== undefined)) found = here;
      }
      for (const name of rest) found = found?.space === undefined ? undefined : lookInside(found.space, name);
      return found;
    },
  };
}

function rootOf(scope: Scope): Scope {
  return scope.parent === undefined ? scope : rootOf(scope.parent);
}
