import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { OfficialTypes, Shape, Union } from 'modelwire/internal/core/verdicts';
import { compare } from './compare.ts';
import { createTypes, type Types } from './resolve.ts';
import { createTally, type Finding } from './tally.ts';
import { findUnmet } from './unmet.ts';

/** A verdict table with the types that it is held against; some formats have no events. */
export type Held = {
  readonly official: Omit<OfficialTypes, 'event'> & Partial<Pick<OfficialTypes, 'event'>>;
  readonly request?: Shape;
  readonly reply: Shape;
  readonly event?: Shape | Union;
};

/** What one dialect's verdict table is against the official types of an installed package. */
export type Inspection = {
  readonly dialect: string;
  readonly package: string;
  /** Undefined when the package is not there. */
  readonly version: string | undefined;
  readonly findings: readonly Finding[];
};

const parts = ['request', 'reply', 'event'] as const;

/** `from` is the folder that the package is looked for from, as Node does. */
export function inspect(name: string, verdicts: Held, from: string): Inspection {
  const { official } = verdicts;
  const folder = findPackage(official.package, from);
  if (folder === undefined) return { dialect: name, package: official.package, version: undefined, findings: [] };
  const types = createTypes((file) => textOf(path.join(folder, file)));
  return { dialect: name, package: official.package, version: versionIn(folder), findings: compareTable(verdicts, types) };
}

export function compareTable(verdicts: Held, types: Types): readonly Finding[] {
  const tally = createTally();
  const { official } = verdicts;
  const whole = parts.flatMap((part) => {
    const [names = [], declared] = [official[part], verdicts[part]];
    return names.length === 0 || declared === undefined ? [] : [{ names, declared, at: `${part} ` }];
  });
  const pieces = (official.pieces ?? []).map(([name, declared]) => ({ names: [name], declared, at: `request ${name.split('#')[1] ?? ''} ` }));
  const held = [...whole, ...pieces];
  for (const { names, declared, at } of held) {
    for (const name of names) {
      const [file = '', type = ''] = name.split('#', 2);
      const bound = types.find(file, type);
      if (bound === undefined) tally.say('no such type', `${at}${name}`);
      else compare(bound, declared, at, { types, tally });
    }
  }
  for (const { declared, at } of held) findUnmet(declared, at, tally);
  return tally.findings;
}

function findPackage(name: string, from: string): string | undefined {
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    const found = path.join(folder, 'node_modules', name);
    if (existsSync(path.join(found, 'package.json'))) return found;
    if (folder === path.dirname(folder)) return undefined;
  }
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function versionIn(folder: string): string {
  const manifest: unknown = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
}
