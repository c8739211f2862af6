/** What becomes of a provider's answers, asked of the translator itself. */
import type { DialectName, Reply } from '../../packages/modelwire/src/core/ir.ts';
import type { Field, Shape, Value } from '../../packages/modelwire/src/core/verdicts.ts';
import { dialects } from '../../test/support/dialects.ts';
import { plainAnswers } from '../../test/support/pair-call.ts';
import { type Sample, samplesOf } from '../../test/support/samples.ts';
import { become, printReply, type Show, showWhole } from './answering.ts';
import { createReasons, general, names, type Said, table } from './cells.ts';

type Row = { readonly pattern: string; readonly cells: Map<DialectName, Map<string, Said>> };

/** The fields of a format's answers and where callers of each other format are shown them. */
export function replySection(back: DialectName): string {
  return answerTable(back, { samples: samplesOf(dialects[back].verdicts.reply), show: showWhole, most: 3 });
}

/** `most`: places of one field that a cell names. */
type Asking = { readonly samples: readonly Sample[]; readonly show: Show; readonly most: number };

export function answerTable(back: DialectName, { samples, show, most }: Asking): string {
  const fronts = names.filter((name) => name !== back);
  const rows = new Map<Field | Shape, Row>();
  for (const sample of samples) {
    for (const front of fronts) {
      const shown = show(back, front, sample.value);
      for (const leaf of sample.leaves) {
        if (leaf.owner === undefined || isEnding(leaf.pattern, back)) continue;
        const row = rows.get(leaf.owner) ?? { pattern: leaf.pattern, cells: new Map() };
        rows.set(leaf.owner, row);
        // The same field in another place of the format says it once more.
        if (row.cells.has(front) && row.pattern !== leaf.pattern) continue;
        const said = become(leaf, { sample, shown, most }, (changed) => show(back, front, changed));
        row.cells.set(front, new Map([...(row.cells.get(front) ?? []), [`${said.verdict} ${said.reason} ${said.places}`, said]]));
      }
    }
  }
  const reasons = createReasons();
  const tops = [...new Set([...rows.values()].map(topOf))];
  const sorted = [...rows.values()].sort((a, b) => tops.indexOf(topOf(a)) - tops.indexOf(topOf(b)));
  const lines = sorted.map(({ pattern, cells }) => [`\`${pattern}\``, ...fronts.map((front) => reasons.cell([...(cells.get(front)?.values() ?? [])]))]);
  return `${table(['field', ...fronts.map((front) => `in ${front}`)], lines)}

${reasons.list()}`;
}

function topOf({ pattern }: Row): string {
  return /^[^.[]*/.exec(pattern)?.[0] ?? '';
}

/** Why an answer ended has a table of its own. */
function isEnding(pattern: string, back: DialectName): boolean {
  return pattern.endsWith(`.${endings[back].at(-1) ?? ''}`) || pattern === endings[back].at(-1);
}

/** Where each format says why an answer ended. */
const endings: { readonly [name in DialectName]: readonly (string | number)[] } = {
  'openai-chat': ['choices', 0, 'finish_reason'],
  'openai-responses': ['incomplete_details', 'reason'],
  'anthropic-messages': ['stop_reason'],
  gemini: ['candidates', 0, 'finishReason'],
  cohere: ['finish_reason'],
  ollama: ['done_reason'],
  'bedrock-converse': ['stopReason'],
};

/** The words that come with a call. */
const withCall: { readonly [name in DialectName]: readonly string[] } = {
  'openai-chat': ['tool_calls', 'function_call', 'tool_use'],
  'openai-responses': [],
  'anthropic-messages': ['tool_use'],
  gemini: [],
  cohere: ['TOOL_CALL'],
  ollama: [],
  'bedrock-converse': ['tool_use'],
};

/** The words of a format for why an answer ended, and those that callers of the others are given for them. */
export function endingSection(back: DialectName): string {
  const fronts = names.filter((name) => name !== back);
  const reasons = createReasons();
  const rows = wordsAt(dialects[back].verdicts.reply, endings[back]).map((word) => [
    `\`${word}\``,
    ...fronts.map((front) => {
      const { values, notes, failed } = showWhole(back, front, answerThatEnded(back, word));
      if (failed !== undefined) return `error ${failed.status}, \`${failed.code}\``;
      const said = notes.map(({ verdict, reason }): Said => ({ verdict, reason: general(reason), ofOwn: true }));
      return [`\`${wordIn(values[0], front)}\``, ...(said.length === 0 ? [] : [reasons.cell(said)])].join(' ');
    }),
  ]);
  const list = reasons.list();
  return `${table(['word', ...fronts.map((front) => `in ${front}`)], rows)}${list === '' ? '' : `\n\n${list}`}`;
}

function wordsAt(value: Value, [step, ...rest]: readonly (string | number)[]): readonly string[] {
  if (value.kind === 'later') return wordsAt(value.of(), step === undefined ? [] : [step, ...rest]);
  if (value.kind === 'either') return [...new Set(value.of.flatMap((one) => wordsAt(one, step === undefined ? [] : [step, ...rest])))];
  if (step === undefined) return value.kind === 'word' ? value.words : [];
  if (value.kind === 'list') return wordsAt(value.of, rest);
  const field = value.kind === 'object' ? value.fields.get(String(step)) : undefined;
  return field === undefined ? [] : wordsAt(field.value, rest);
}

/** A text, or a call where the word says so. */
function answerThatEnded(back: DialectName, word: string): unknown {
  const call: Reply = {
    ...{ id: 'r', model: 'm', created: 1, finish: { reason: 'toolCalls' } },
    blocks: [{ type: 'toolCall', kind: 'function', id: 'call_1', name: 'f', arguments: '{}' }],
  };
  const text = withCall[back].includes(word) ? printReply(back, call) : String(plainAnswers[back].chunks[0]);
  const answer = JSON.parse(text) as Record<string, unknown>;
  if (back === 'openai-responses') return { ...answer, status: 'incomplete', incomplete_details: { reason: word } };
  const path = endings[back];
  let at: Record<string | number, unknown> = answer;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
  at[path.at(-1) ?? ''] = word;
  return answer;
}

function wordIn(shown: unknown, front: DialectName): string {
  let at: unknown = shown;
  for (const step of endings[front]) at = (at as Record<string | number, unknown> | null)?.[step];
  if (front !== 'openai-responses') return String(at);
  const status = String((shown as { readonly status: unknown }).status);
  return at === undefined || at === null ? status : `${status}: ${String(at)}`;
}
