/** What the tables of docs/translation share: what is said of a field, in a cell and below the table. */
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import type { Ledger, Note, Verdict } from '../../packages/modelwire/src/core/notes.ts';
import { dialects } from '../../test/support/dialects.ts';
import { notesOf } from '../../test/support/named.ts';
import type { Leaf } from '../../test/support/samples.ts';

export const names = Object.keys(dialects) as readonly DialectName[];

/** What a note says, from the mildest to the worst. */
const order: readonly Verdict[] = ['changed', 'carried', 'emulated', 'dropped', 'rejected'];
const signs: { readonly [verdict in Verdict]: string } = { changed: '~', emulated: 'emulated', carried: 'carried', dropped: 'dropped', rejected: 'rejected' };

/** `ofOwn`: the note is the field's own, and not of what it stands in. `places`: where it stands in an answer. */
export type Said = { readonly verdict: Verdict | '='; readonly reason: string; readonly ofOwn: boolean; readonly places?: string };

export function saidOf(leaf: Leaf, notes: readonly Note[]): Said {
  const worst = [...notesOf(leaf, notes)].sort((a, b) => order.indexOf(b.verdict) - order.indexOf(a.verdict))[0];
  return worst === undefined
    ? { verdict: '=', reason: '', ofOwn: true }
    : { verdict: worst.verdict, reason: general(worst.reason), ofOwn: worst.path === leaf.path || worst.path === leaf.tags };
}

/** What is said of the sample, said of any. */
export function general(reason: string): string {
  return reason
    .replace(/"?\w*S[a-zA-Z]*\d+x\d+S\w*"?/g, '…')
    .replace(/\d{3,}(?:,\d{3})*/g, 'N')
    .replaceAll('|', '\\|');
}

/** The reasons of one table, numbered as they come. */
export type Reasons = { cell(said: readonly Said[]): string; list(): string };

export function createReasons(): Reasons {
  const reasons: string[] = [];
  const textOf = ({ verdict, reason, places = '' }: Said): string => {
    if (verdict === '=') return places === '' ? '=' : places;
    if (!reasons.includes(reason)) reasons.push(reason);
    const sign = `${signs[verdict]} ${reasons.indexOf(reason) + 1}`;
    return places === '' || verdict === 'dropped' ? sign : `${sign}: ${places}`;
  };
  return {
    cell(said) {
      // Where it went down with what it stood in, its other places say more.
      const own = said.filter(({ ofOwn }) => ofOwn);
      return [...new Set((own.length > 0 ? own : said).map(textOf))].join(', ');
    },
    list: () => reasons.map((reason, index) => `${index + 1}. ${reason}`).join('\n'),
  };
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...new Set(rows.map(line))].join('\n');
}

/** Writes down what a call would be refused for, and goes on. */
export function openLedger(target: string, notes: Note[]): Ledger {
  const add = (verdict: Verdict, path: string, reason: string): void => void notes.push({ path, verdict, target, reason });
  return {
    notes,
    note: add,
    drop: (path, reason) => add('dropped', path, reason),
    refuse: (path, reason) => add('rejected', path, reason),
    lost: (path, reason) => add('dropped', path, reason),
  };
}
