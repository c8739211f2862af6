import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Asked, Context } from '../../packages/modelwire/src/core/dialect.ts';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { parseJsonText } from '../../packages/modelwire/src/core/json-text.ts';
import { prepareFor } from '../../packages/modelwire/src/core/prepare.ts';
import { dialects } from '../support/dialects.ts';
import { generateRequest } from '../../packages/modelwire/src/dialects/ollama/verdicts.ts';
import { contextTo } from '../support/context.ts';
import { lostLeaves, type Translated } from '../support/lost-leaves.ts';
import { asked, framesOf, sampleStreams } from '../support/sample-streams.ts';
import { samplesOf } from '../support/samples.ts';

/** A text of its own in every leaf that a format has: after a translation it is in the output, or a note names the place it stood in. */
const names = Object.keys(dialects) as readonly DialectName[];

const contextFor = (back: DialectName, model = 'm'): Context => contextTo(back, { model, fidelity: 'lenient', info: { maxOutput: 16_000 } });

function translateRequest(front: DialectName, back: DialectName, body: unknown, asked?: Asked): Translated {
  const context = contextFor(back, (body as { model: string }).model);
  const { request } = dialects[front].accept(parseJsonText(JSON.stringify(body)), context, asked);
  const { path, body: text } = prepareFor(dialects[back], request, context);
  // Some formats say in the path which model is asked, and how.
  return { text: path + text, notes: context.ledger.notes };
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
  const accepted = dialects[front].accept(parseJsonText(JSON.stringify(asked[front])), context);
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
  const accepted = dialects[front].accept(parseJsonText(JSON.stringify(asked[front])), context);
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
