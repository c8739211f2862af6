import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../packages/modelwire/src/core/dialect.ts';
import { isGatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { parseJsonText } from '../../packages/modelwire/src/core/json-text.ts';
import { prepareFor } from '../../packages/modelwire/src/core/prepare.ts';
import { contextTo } from '../support/context.ts';
import { dialects } from '../support/dialects.ts';
import { arbitraryOf } from '../support/arbitraries.ts';

/**
 * Laws on requests and answers that are made of the verdict tables. `MODELWIRE_LAW_RUNS=10000` tries more of them; a failure prints the
 * seed that repeats it.
 */
const names = Object.keys(dialects) as readonly DialectName[];
const numRuns = Number(process.env['MODELWIRE_LAW_RUNS'] ?? 150);

const contextFor = (back: DialectName): Context =>
  contextTo(back, { fidelity: 'lenient', quirks: { systemInMessages: true, threads: true }, info: { maxOutput: 16_000 } });

/** The request in the back's words; undefined when it is refused by name, which is an answer too. */
function translated(front: DialectName, back: DialectName, body: string): string | undefined {
  const context = contextFor(back);
  try {
    const { request } = dialects[front].accept(parseJsonText(body), context);
    return prepareFor(dialects[back], request, context).body;
  } catch (error) {
    if (isGatewayError(error) && error.status === 400) return undefined;
    throw error;
  }
}

describe('requests', () => {
  for (const front of names) {
    const requests = arbitraryOf(dialects[front].verdicts.request).map((body) => JSON.stringify(body));
    for (const back of names) {
      test(`${front} → ${back}: what was written is read as it was meant`, () => {
        fc.assert(
          fc.property(requests, (body) => {
            const once = translated(front, back, body);
            if (once !== undefined) assert.equal(translated(back, back, once), once);
          }),
          { numRuns },
        );
      });
    }

    test(`${front}: nearly all of what the table declares is understood`, () => {
      const refused = fc.sample(requests, { numRuns, seed: 1 }).filter((body) => translated(front, front, body) === undefined);
      assert.ok(refused.length < numRuns / 10, refused[0]);
    });
  }
});

/** The least request of a front, for answers. */
const messages = '{"model":"m","max_tokens":100,"messages":[{"role":"user","content":"hi"}]}';
const asked: { readonly [name in DialectName]: string } = {
  'openai-chat': messages,
  'openai-responses': '{"model":"m","input":"hi","include":["reasoning.encrypted_content"]}',
  'anthropic-messages': messages,
  ollama: messages,
  'bedrock-converse': '{"messages":[{"role":"user","content":[{"text":"hi"}]}]}',
  gemini: '{"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true}}}',
  cohere: messages,
};

/** Undefined for an answer that its format calls a failure. */
function shown(name: DialectName, answer: string): string | undefined {
  const context = contextFor(name);
  const accepted = dialects[name].accept(parseJsonText(asked[name]), context);
  try {
    return accepted.reply(prepareFor(dialects[name], accepted.request, context).reply(answer));
  } catch (error) {
    if (isGatewayError(error) && error.status === 502) return undefined;
    throw error;
  }
}

describe('answers', () => {
  for (const name of names) {
    test(`${name}: what was shown is read as it was meant`, () => {
      fc.assert(
        fc.property(arbitraryOf(dialects[name].verdicts.reply), (reply) => {
          const once = shown(name, JSON.stringify(reply));
          if (once !== undefined) assert.equal(shown(name, once), once);
        }),
        { numRuns },
      );
    });
  }
});
