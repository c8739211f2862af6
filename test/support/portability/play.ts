import { describe, test } from 'node:test';
import type { DialectName } from '../../../packages/modelwire/src/core/ir.ts';
import { type Manner, oddNames, plainNames } from './client.ts';
import { clients } from './clients.ts';
import { between, converse, type Step, within } from './converse.ts';
import { strictProviders } from './providers.ts';

/** The fronts in two halves: a file of tests plays one, so that they run side by side. */
const fronts = Object.keys(clients) as readonly DialectName[];
const middle = Math.ceil(fronts.length / 2);

const vendors = Object.keys(strictProviders);
const manners: readonly Manner[] = ['keeps', 'drops'];
/** Only this format's library keeps the last of what it does not know. */
const mannersOf = (front: DialectName): readonly Manner[] => (front === 'openai-chat' ? [...manners, 'overwrites'] : manners);

type Variant = { readonly manner: Manner; readonly steps: readonly Step[] };
type Settings = { readonly names: readonly string[]; readonly stream: boolean };

const settings: readonly Settings[] = [plainNames, oddNames].flatMap((names) => [false, true].map((stream) => ({ names, stream })));

/** `MODELWIRE_PORTABILITY=all` plays every combination, which takes minutes. */
const everything = process.env['MODELWIRE_PORTABILITY'] === 'all';

/**
 * Every pair of vendors on every front, whole and streamed, with plain and odd names of tools. How the client behaves and where in the
 * conversation the vendor changes goes round with these: every combination of all is played by some pairs of every front, and every pair
 * sees most of them.
 */
function combinations(front: DialectName, pair: number): readonly (Settings & Variant)[] {
  const variants: readonly Variant[] = mannersOf(front).flatMap((manner) => [between, within].map((steps) => ({ manner, steps })));
  return settings.flatMap((setting, index) => {
    const one = variants[(pair + index) % variants.length];
    return (everything || one === undefined ? variants : [one]).map((variant) => ({ ...setting, ...variant }));
  });
}

/**
 * A conversation with tools, thinking and images is begun with one provider, goes on with another and comes back, with nothing kept
 * between the calls. Each provider refuses what the real one refuses: ids, names, altered signatures, missing thinking, orphans.
 */
export function playPairs(half: 'first' | 'second'): void {
  for (const front of half === 'first' ? fronts.slice(0, middle) : fronts.slice(middle)) playFront(front);
}

function playFront(front: DialectName): void {
  describe(`a client of ${front}`, () => {
    const pairs = vendors.flatMap((a) => vendors.flatMap((b) => (a === b ? [] : [{ a, b }])));
    for (const [pair, { a, b }] of pairs.entries())
      test(`${a} → ${b} → ${a}`, async () => {
        for (const { steps, ...rest } of combinations(front, pair)) {
          const { manner, stream, names } = rest;
          const how = `${manner}, ${stream ? 'streamed' : 'whole'}, ${names === oddNames ? 'odd' : 'plain'} names, ${steps === within ? 'within' : 'between'} turns`;
          await converse({ front, a, b, ...rest }, steps).catch((error: unknown) => {
            throw new Error(`a client that ${how}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
          });
        }
      });
  });
}
