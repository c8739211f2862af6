/** docs/translation.md: what becomes of every field of every format in every other, asked of the translator itself. */
import { isGatewayError } from '../packages/modelwire/src/core/errors.ts';
import type { DialectName } from '../packages/modelwire/src/core/ir.ts';
import { parseJsonText } from '../packages/modelwire/src/core/json-text.ts';
import type { Ledger, Note, Verdict } from '../packages/modelwire/src/core/notes.ts';
import type { Field, Shape } from '../packages/modelwire/src/core/verdicts.ts';
import { prepareFor } from '../packages/modelwire/src/core/prepare.ts';
import { loadDialects } from '../packages/modelwire/src/dialects/index.ts';
import { notesOf } from '../test/support/named.ts';
import { type Leaf, type Sample, samplesOf } from '../test/support/samples.ts';

const dialects = await loadDialects();

const names = Object.keys(dialects) as readonly DialectName[];

/** What a note says, from the mildest to the worst. */
const order: readonly Verdict[] = ['changed', 'carried', 'emulated', 'dropped', 'rejected'];
const signs: { readonly [verdict in Verdict]: string } = { changed: '~', emulated: 'emulated', carried: 'carried', dropped: 'dropped', rejected: 'rejected' };

type Row = { pattern: string; readonly cells: Map<DialectName, Map<string, Said>> };
/** `ofOwn`: the note is the field's own, and not of what it stands in. */
type Said = { readonly verdict: Verdict | '='; readonly reason: string; readonly ofOwn: boolean };

export function translationPage(): string {
  return `# What becomes of every field

Made by \`npm run docs\` from the verdict tables (\`packages/modelwire/src/dialects/*/verdicts.ts\`) and the translator itself: each field of each format is sent to each other format, and the notes are written down.
\`modelwire translate --from A --to B FILE\` says the same of a request of yours; \`modelwire fidelity --check\` that no field of the official types is missing here.

| | |
|---|---|
| = | sent, with the same meaning |
| ~ | sent, changed by the rule in the note |
| emulated | done in another way |
| carried | not sent: it says how to answer, or another field says it |
| dropped | a hint is lost, with a note; refused when \`fidelity: strict\` |
| rejected | 400 before anything is sent, naming field, target and alternative; dropped when \`fidelity: lenient\` |

A field is sent as it is within its own format. Left out here are tags, and what says nothing that is not said elsewhere. The target is one without quirks; [providers](providers.md) differ. A field in no table is a hint: it goes to targets of its own format, and is dropped with a note by others.

${names.map(section).join('\n')}`;
}

function section(front: DialectName): string {
  const backs = names.filter((name) => name !== front);
  const rows = rowsOf(front, backs);
  const reasons: string[] = [];
  const lines = rows.map(
    ({ pattern, cells }) => `| \`${pattern}\` | ${backs.map((back) => cellText([...(cells.get(back)?.values() ?? [])], reasons)).join(' | ')} |`,
  );
  return `## From ${front}

| field | ${backs.map((back) => `to ${back}`).join(' | ')} |
|---|${backs.map(() => '---|').join('')}
${[...new Set(lines)].join('\n')}

${reasons.map((reason, index) => `${index + 1}. ${reason}`).join('\n')}
`;
}

/** One row a declared field, however often it stands in the format. */
function rowsOf(front: DialectName, backs: readonly DialectName[]): Row[] {
  const rows = new Map<Field | Shape, Row>();
  for (const sample of samplesOf(dialects[front].verdicts.request)) {
    for (const leaf of sample.leaves) {
      if (leaf.owner === undefined || rows.has(leaf.owner)) continue;
      rows.set(leaf.owner, { pattern: leaf.pattern, cells: new Map(backs.map((back) => [back, new Map()])) });
    }
    for (const back of backs) {
      const translate = translator(front, back, sample);
      for (const leaf of sample.leaves) {
        const row = leaf.owner === undefined ? undefined : rows.get(leaf.owner);
        const said = saidOf(leaf, translate(String(leaf.steps[0])));
        row?.cells.get(back)?.set(`${said.verdict} ${said.reason}`, said);
      }
    }
  }
  const keys = [...dialects[front].verdicts.request.fields.keys()];
  const placeOf = ({ pattern }: Row): number => keys.indexOf(/^[^.[]*/.exec(pattern)?.[0] ?? '');
  return [...rows.values()].sort((a, b) => placeOf(a) - placeOf(b) || (a.pattern < b.pattern ? -1 : 1));
}

function saidOf(leaf: Leaf, notes: readonly Note[]): Said {
  const worst = [...notesOf(leaf, notes)].sort((a, b) => order.indexOf(b.verdict) - order.indexOf(a.verdict))[0];
  return worst === undefined
    ? { verdict: '=', reason: '', ofOwn: true }
    : { verdict: worst.verdict, reason: general(worst.reason), ofOwn: worst.path === leaf.path || worst.path === leaf.tags };
}

/** What is said of the sample, said of any. */
function general(reason: string): string {
  return reason.replace(/"?\w*S\d+x\d+S\w*"?/g, '…').replace(/\d{3,}(?:,\d{3})*/g, 'N');
}

function cellText(said: readonly Said[], reasons: string[]): string {
  // Where it went down with what it stood in, its other places say more.
  const own = said.filter(({ ofOwn }) => ofOwn);
  const texts = (own.length > 0 ? own : said).map(({ verdict, reason }) => {
    if (verdict === '=') return '=';
    if (!reasons.includes(reason)) reasons.push(reason);
    return `${signs[verdict]} ${reasons.indexOf(reason) + 1}`;
  });
  return [...new Set(texts)].join(', ');
}

/** The notes of a request that has one top-level field of the sample, and what must stand beside it. */
function translator(front: DialectName, back: DialectName, sample: Sample): (key: string) => readonly Note[] {
  const { fields } = dialects[front].verdicts.request;
  const whole = sample.value as Record<string, unknown>;
  const known = new Map<string, readonly Note[]>();
  return (key) => {
    const found = known.get(key) ?? notesFor(key);
    known.set(key, found);
    return found;
  };

  function notesFor(key: string): readonly Note[] {
    const keys = [...fields].flatMap(([name, field]) => (field.required === true ? [name] : []));
    const body = Object.fromEntries(
      [...keys, key, ...(fields.get(key)?.beside ?? [])].flatMap((name) => (name in whole ? [[name, whole[name]] as const] : [])),
    );
    return translatedNotes(front, back, body);
  }
}

function translatedNotes(front: DialectName, back: DialectName, body: Record<string, unknown>): readonly Note[] {
  const notes: Note[] = [];
  const target = { provider: back, model: String(body['model']), speaks: {}, quirks: {}, info: { maxOutput: 16_000 } };
  let ids = 0;
  const context = { callId: 'docs', target, back, ledger: openLedger(back, notes), now: () => 0, newId: (prefix: string) => `${prefix}${++ids}` };
  try {
    const { request } = dialects[front].front.accept(parseJsonText(JSON.stringify(body)), context);
    prepareFor(dialects[back], request, context);
  } catch (error) {
    if (!isGatewayError(error) || error.param === undefined) throw error;
    notes.push({ path: error.param, verdict: 'rejected', target: back, reason: error.message.replace(/^[^:]*: /, '') });
  }
  return notes;
}

/** Writes down what a call would be refused for, and goes on. */
function openLedger(target: string, notes: Note[]): Ledger {
  const add = (verdict: Verdict, path: string, reason: string): void => void notes.push({ path, verdict, target, reason });
  return {
    notes,
    note: add,
    drop: (path, reason) => add('dropped', path, reason),
    refuse: (path, reason) => add('rejected', path, reason),
    lost: (path, reason) => add('dropped', path, reason),
  };
}
