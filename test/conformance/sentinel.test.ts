import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Asked, Context } from '../../packages/modelwire/src/core/dialect.ts';
import { isGatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { parseJsonText } from '../../packages/modelwire/src/core/json-text.ts';
import { createLedger, type Note } from '../../packages/modelwire/src/core/notes.ts';
import { prepareFor } from '../../packages/modelwire/src/core/prepare.ts';
import { dialects } from '../../packages/modelwire/src/dialects/index.ts';
import { generateRequest } from '../../packages/modelwire/src/dialects/ollama/verdicts.ts';
import { isAbove, notesOf } from '../support/named.ts';
import { asked, framesOf, sampleStreams } from '../support/sample-streams.ts';
import { type Leaf, type Sample, samplesOf, without } from '../support/samples.ts';

/** A text of its own in every leaf that a format has: after a translation it is in the output, or a note names the place it stood in. */
const names = Object.keys(dialects) as readonly DialectName[];

function contextFor(back: DialectName, model = 'm'): Context {
  let ids = 0;
  const target = { provider: 'lab', model, speaks: {}, quirks: {}, info: { maxOutput: 16_000 } };
  return { callId: 'req_1', target, back, ledger: createLedger('lab/m', 'lenient'), now: () => 1_700_000_000_000, newId: (prefix) => `${prefix}${++ids}` };
}

type Translated = { readonly text: string; readonly notes: readonly Note[] };

function translateRequest(front: DialectName, back: DialectName, body: unknown, asked?: Asked): Translated {
  const context = contextFor(back, (body as { model: string }).model);
  const { request } = dialects[front].front.accept(parseJsonText(JSON.stringify(body)), context, asked);
  const { path, body: text } = prepareFor(dialects[back], request, context);
  // Some formats say in the path which model is asked, and how.
  return { text: path + text, notes: context.ledger.notes };
}

/** Leaves that are neither in the output nor named. What holds no text of its own must make a difference. */
function lostLeaves({ value: whole, leaves }: Sample, translate: (body: unknown) => Translated): string[] {
  const { value, refused, translated } = withoutRefused(whole, translate);
  return leaves.flatMap((leaf) => {
    if (notesOf(leaf, translated.notes).length > 0 || refused.some((path) => leaf.path === path || isAbove(path, leaf.path))) return [];
    if (leaf.mark !== undefined) return isShown(leaf.mark, translated.text) ? [] : [`${leaf.path} (${leaf.mark})`];
    return isFelt(leaf, value, translated, translate) ? [] : [`${leaf.path} (no difference)`];
  });
}

/** State of another provider may stand in base64, as a format wants its own. */
function isShown(mark: string, text: string): boolean {
  return (
    text.includes(mark) ||
    [...text.matchAll(/"([A-Za-z0-9+/]{8,}={0,2})"/g)].some(([, base64 = '']) => Buffer.from(base64, 'base64').toString('latin1').includes(mark))
  );
}

type Accepted = { readonly value: unknown; readonly refused: readonly string[]; readonly translated: Translated };

/** What cannot be had from any target is refused by name, however lenient the call is: the rest is tried without. */
function withoutRefused(value: unknown, translate: (body: unknown) => Translated, refused: readonly string[] = []): Accepted {
  try {
    return { value, refused, translated: translate(value) };
  } catch (error) {
    if (!isGatewayError(error) || error.param === undefined || refused.includes(error.param)) throw error;
    const { [error.param]: _refused, ...rest } = value as Record<string, unknown>;
    return withoutRefused(rest, translate, [...refused, error.param]);
  }
}

function isFelt(leaf: Leaf, value: unknown, whole: Translated, translate: (body: unknown) => Translated): boolean {
  return [true, false].some((keeps) => {
    const changed = without(value, leaf, keeps);
    if (JSON.stringify(changed) === JSON.stringify(value)) return false;
    let other: Translated;
    try {
      other = translate(changed);
    } catch {
      // It cannot be left out.
      return false;
    }
    return other.text !== whole.text || JSON.stringify(other.notes) !== JSON.stringify(whole.notes);
  });
}

describe('requests', () => {
  for (const front of names) {
    const samples = samplesOf(dialects[front].verdicts.request, { unknownField: 'x_new' });
    for (const back of names) {
      test(`${front} → ${back}: nothing is lost without a word`, () => {
        for (const [index, sample] of samples.entries())
          assert.deepEqual(
            lostLeaves(sample, (body) => translateRequest(front, back, body)),
            [],
            `sample ${index}`,
          );
      });
    }
  }
});

describe('single prompts', () => {
  const samples = samplesOf(generateRequest, { unknownField: 'x_new' });
  for (const back of names) {
    test(`ollama → ${back}: nothing is lost without a word`, () => {
      const asked = { model: 'm', stream: false, operation: 'generate' } as const;
      for (const [index, sample] of samples.entries())
        assert.deepEqual(
          lostLeaves(sample, (body) => translateRequest('ollama', back, body, asked)),
          [],
          `sample ${index}`,
        );
    });
  }
});

function translateReply(back: DialectName, front: DialectName, body: unknown): Translated {
  const context = contextFor(back);
  const accepted = dialects[front].front.accept(parseJsonText(JSON.stringify(asked[front])), context);
  const prepared = prepareFor(dialects[back], accepted.request, context);
  return { text: accepted.reply(prepared.reply(JSON.stringify(body))), notes: context.ledger.notes };
}

describe('replies', () => {
  for (const back of names) {
    const samples = samplesOf(dialects[back].verdicts.reply);
    for (const front of names) {
      test(`${back} → ${front}: nothing is lost without a word`, () => {
        for (const [index, sample] of samples.entries())
          assert.deepEqual(
            lostLeaves(sample, (body) => translateReply(back, front, body)),
            [],
            `sample ${index}`,
          );
      });
    }
  }
});

function translateStream(back: DialectName, front: DialectName, events: unknown): Translated {
  const context = contextFor(back);
  const accepted = dialects[front].front.accept(parseJsonText(JSON.stringify(asked[front])), context);
  const decoder = prepareFor(dialects[back], accepted.request, context).stream();
  const encoder = accepted.stream();
  let text = '';
  const write = (piece: string): void => void (text += piece);
  for (const frame of framesOf(back, events as readonly unknown[])) decoder.push(frame, (event) => encoder.push(event, write));
  decoder.end((event) => encoder.push(event, write));
  encoder.end(write);
  // A response always says that there was none.
  assert.doesNotMatch(text, front === 'bedrock-converse' ? /event: error/ : /"error"(?!:null)/);
  return { text, notes: context.ledger.notes };
}

describe('streams', () => {
  for (const back of names) {
    const samples = sampleStreams[back](dialects[back].verdicts.event);
    for (const front of names) {
      test(`${back} → ${front}: nothing is lost without a word`, () => {
        for (const [index, sample] of samples.entries())
          assert.deepEqual(
            lostLeaves(sample, (events) => translateStream(back, front, events)),
            [],
            `sample ${index}`,
          );
      });
    }
  }
});
