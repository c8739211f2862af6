/** What becomes of every field of a request, asked of the translator itself. */
import { isGatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { parseJsonText } from '../../packages/modelwire/src/core/json-text.ts';
import type { Note } from '../../packages/modelwire/src/core/notes.ts';
import type { Field, Shape } from '../../packages/modelwire/src/core/verdicts.ts';
import { prepareFor } from '../../packages/modelwire/src/core/prepare.ts';
import { dialects } from '../../test/support/dialects.ts';
import { type Sample, samplesOf } from '../../test/support/samples.ts';
import { createReasons, names, openLedger, type Said, saidOf, table } from './cells.ts';

type Row = { readonly pattern: string; readonly cells: Map<DialectName, Map<string, Said>> };

/** The fields of a format's requests and what they become in each other format. */
export function requestSection(front: DialectName): string {
  const backs = names.filter((name) => name !== front);
  const reasons = createReasons();
  const rows = rowsOf(front, backs);
  const lines = rows.map(({ pattern, cells }) => [`\`${pattern}\``, ...backs.map((back) => reasons.cell([...(cells.get(back)?.values() ?? [])]))]);
  return `${table(['field', ...backs.map((back) => `to ${back}`)], lines)}

${reasons.list()}`;
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
    const { request } = dialects[front].accept(parseJsonText(JSON.stringify(body)), context);
    prepareFor(dialects[back], request, context);
  } catch (error) {
    if (!isGatewayError(error) || error.param === undefined) throw error;
    notes.push({ path: error.param, verdict: 'rejected', target: back, reason: error.message.replace(/^[^:]*: /, '') });
  }
  return notes;
}
