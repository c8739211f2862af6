import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Context } from '../../packages/modelwire/src/core/dialect.ts';
import type { EmbeddingFormat } from '../../packages/modelwire/src/core/embedding.ts';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { parseJsonText } from '../../packages/modelwire/src/core/json-text.ts';
import { createLedger } from '../../packages/modelwire/src/core/notes.ts';
import { object } from '../../packages/modelwire/src/core/verdicts.ts';
import { loadEmbeddings } from '../../packages/modelwire/src/embeddings/index.ts';
import { lostLeaves, type Translated } from '../support/lost-leaves.ts';
import { type Sample, samplesOf } from '../support/samples.ts';

/** A text of its own in every leaf of a request for vectors and of an answer: after a translation it is in the output, or a note names the place it stood in. */
type Side = { readonly name: DialectName; readonly model: string; readonly format: EmbeddingFormat };

const models: { readonly [name: string]: readonly string[] } = { 'bedrock-converse': ['cohere.embed-v4:0', 'amazon.titan-embed-text-v2:0'] };
const formats = await loadEmbeddings();
const sides: readonly Side[] = [...formats].flatMap(([name, format]) => (models[name] ?? ['m']).map((model) => ({ name: name as DialectName, model, format })));
const fronts = sides.filter(({ format }) => format.front !== undefined);

function contextFor({ name, model }: Side): Context {
  let ids = 0;
  const target = { provider: 'lab', model, speaks: {}, quirks: {} };
  return { callId: 'req_1', target, back: name, ledger: createLedger('lab/m', 'lenient'), now: () => 0, newId: (prefix) => `${prefix}${++ids}` };
}

function translateRequest(front: Side, back: Side, body: unknown): Translated {
  const context = contextFor(back);
  const accepted = front.format.front?.accept(parseJsonText(JSON.stringify(body)), context);
  assert.ok(accepted !== undefined);
  const { path, body: text } = back.format.back.prepare(accepted.request, context);
  return { text: path + text, notes: context.ledger.notes };
}

/** What cannot be had from the target is refused by name, however lenient the call is: a text is asked about instead. */
function withTexts(front: Side, whole: Sample): Sample {
  const plain: { readonly [name in DialectName]?: object } = { 'openai-chat': { input: 'x' }, cohere: { texts: ['x'], images: undefined, inputs: undefined } };
  const value = JSON.parse(JSON.stringify({ ...(whole.value as object), ...plain[front.name] })) as object;
  return { value, leaves: whole.leaves.filter(({ steps }) => !/^(?:input|images|inputs|texts)$/.test(String(steps[0]))) };
}

/** Whether the sample asks about something else than texts. */
const isOfTexts = ({ value }: Sample): boolean => !/"(?:images|inputs)":|"input":\[(?:\d|\[)/.test(JSON.stringify(value));

describe('requests', () => {
  for (const front of fronts) {
    const { request } = front.format.verdicts;
    assert.ok(request !== undefined);
    const samples = samplesOf(request, { unknownField: 'x_new' });
    // Within its format a request is relayed; the embedding formats that are translated all the same lose nothing either.
    for (const back of sides.filter(({ name }) => name !== front.name || name === 'openai-chat' || name === 'gemini')) {
      test(`${front.name} → ${back.name} ${back.model}: nothing is lost without a word`, () => {
        for (const sample of samples) {
          const asked = isOfTexts(sample) || back.name === front.name ? sample : withTexts(front, sample);
          assert.deepEqual(
            lostLeaves(asked, (body) => translateRequest(front, back, body)),
            [],
          );
        }
      });

      const others = back.name === front.name ? [] : samples.filter((sample) => !isOfTexts(sample));
      if (others.length === 0) continue;
      test(`${front.name} → ${back.name} ${back.model}: what is no text is refused by its name`, () => {
        for (const sample of others)
          assert.throws(
            () => translateRequest(front, back, sample.value),
            (error: { readonly param?: string }) => /^(?:input\[?|images|inputs|texts)/.test(error.param ?? ''),
          );
      });
    }
  }
});

/** The least request, for answers with one vector. */
const asked: { readonly [name in DialectName]?: object } = {
  'openai-chat': { model: 'm', input: 'x' },
  gemini: { requests: [{ model: 'models/m', content: { parts: [{ text: 'x' }] } }] },
  cohere: { model: 'm', texts: ['x'], input_type: 'clustering' },
  ollama: { model: 'm', input: 'x' },
};

function translateReply(back: Side, front: Side, value: unknown): Translated {
  const context = contextFor(back);
  const accepted = front.format.front?.accept(parseJsonText(JSON.stringify(asked[front.name])), context);
  assert.ok(accepted !== undefined);
  const reply = back.format.back.prepare(accepted.request, context).reply(value);
  return { text: accepted.reply({ ...reply, usage: reply.usage ?? { input: 1, output: 0 } }), notes: context.ledger.notes };
}

/** Vectors as they come: several numbers, and base64 that is some. */
function legal({ value, leaves }: Sample): Sample {
  const text = JSON.stringify(value, (key, inner: unknown) => (key === 'base64' || (key === 'embedding' && typeof inner === 'string') ? undefined : inner));
  const made = JSON.parse(text) as Record<string, unknown>;
  const kept = leaves.filter(({ path }) => !/base64/.test(path) && !(path.endsWith('embedding') && !text.includes('"embedding":[')));
  if (Array.isArray(made['data'])) for (const item of made['data'] as Record<string, unknown>[]) item['embedding'] ??= [0.5];
  return { value: made, leaves: kept };
}

describe('answers', () => {
  for (const back of sides) {
    const reply = back.model.startsWith('cohere.') ? (formats.get('cohere')?.verdicts.reply ?? object({})) : back.format.verdicts.reply;
    const samples = samplesOf(reply, { unknownField: 'x_new' }).map(legal);
    for (const front of fronts) {
      test(`${back.name} ${back.model} → ${front.name}: nothing is lost without a word`, () => {
        for (const sample of samples)
          assert.deepEqual(
            lostLeaves(sample, (value) => translateReply(back, front, value)),
            [],
          );
      });
    }
  }
});
