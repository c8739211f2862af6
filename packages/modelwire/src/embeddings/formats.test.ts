import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contextTo, notesOf } from '../../../../test/support/context.ts';
import type { Context } from '../core/dialect.ts';
import { GatewayError } from '../core/errors.ts';
import { isObject, parseJsonText } from '../core/json-text.ts';
import type { Fidelity } from '../core/notes.ts';
import { scanTopLevel } from '../core/top-level.ts';
import { loadEmbeddings } from './index.ts';

const formats = await loadEmbeddings();

type Json = ReturnType<typeof JSON.parse>;

/** Each format's request in each other's, and each one's answer in each other's. */
const texts = ['first', 'second'];
const vectors = [
  [0.5, 0.25],
  [1, -1],
];
const models: { readonly [name: string]: string } = { 'bedrock-converse': 'cohere.embed-v4:0' };

const contextFor = (back: string, model = models[back] ?? 'm', fidelity: Fidelity = 'carry'): Context =>
  contextTo(back as Context['back'], { provider: 'lab', model, fidelity, now: 0 });

const formatOf = (name: string) => {
  const format = formats.get(name);
  assert.ok(format !== undefined);
  return format;
};

/** A request of each front with everything in it that others may know. */
const requests: { readonly [front: string]: object } = {
  'openai-chat': { model: 'm', input: texts, dimensions: 2, encoding_format: 'float' },
  gemini: { requests: texts.map((text) => ({ model: 'models/m', content: { parts: [{ text }] }, taskType: 'RETRIEVAL_QUERY', outputDimensionality: 2 })) },
  cohere: { model: 'm', texts, input_type: 'search_query', output_dimension: 2, embedding_types: ['float'], truncate: 'END' },
  ollama: { model: 'm', input: texts, dimensions: 2, truncate: true },
};

/** What each back is sent for it, as far as it is the same for every front. */
const sent: { readonly [back: string]: (body: Json) => unknown } = {
  'openai-chat': (body) => [body['input'], body['dimensions']],
  gemini: (body) => [
    body['requests'].map((one: { content: { parts: { text: string }[] } }) => one.content.parts[0]?.text),
    body['requests'][1].outputDimensionality,
  ],
  cohere: (body) => [body['texts'], body['output_dimension']],
  ollama: (body) => [body['input'], body['dimensions']],
  'bedrock-converse': (body) => [body['texts'], body['output_dimension']],
};

const answers: { readonly [back: string]: object } = {
  'openai-chat': {
    object: 'list',
    data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })).reverse(),
    model: 'm',
    usage: { prompt_tokens: 7, total_tokens: 7 },
  },
  gemini: { embeddings: vectors.map((values) => ({ values })), usageMetadata: { promptTokenCount: 7 } },
  cohere: { id: 'x', embeddings: { float: vectors }, texts, meta: { billed_units: { input_tokens: 7 } } },
  ollama: { model: 'm', embeddings: vectors, prompt_eval_count: 7 },
  'bedrock-converse': { id: 'x', embeddings: { float: vectors }, response_type: 'embeddings_by_type', meta: { billed_units: { input_tokens: 7 } } },
};

const shown: { readonly [front: string]: (answer: Json) => unknown } = {
  'openai-chat': (answer) => [answer['data'].map((one: { embedding: unknown }) => one.embedding), answer['usage'].prompt_tokens],
  gemini: (answer) => [answer['embeddings'].map((one: { values: unknown }) => one.values), answer['usageMetadata'].promptTokenCount],
  cohere: (answer) => [answer['embeddings'].float, answer['meta'].billed_units.input_tokens],
  ollama: (answer) => [answer['embeddings'], answer['prompt_eval_count']],
};

function accept(front: string, body: object, context: Context) {
  const format = formatOf(front).front;
  assert.ok(format !== undefined);
  const text = JSON.stringify(body);
  format.check(scanTopLevel(new TextEncoder().encode(text)));
  return format.accept(parseJsonText(text), context);
}

for (const front of Object.keys(requests)) {
  for (const back of Object.keys(answers)) {
    test(`${front} → ${back}`, () => {
      const context = contextFor(back);
      const accepted = accept(front, requests[front] ?? {}, context);
      const prepared = formatOf(back).back.prepare(accepted.request, context);
      assert.deepEqual(sent[back]?.(JSON.parse(prepared.body)), [texts, 2]);
      const reply = prepared.reply(answers[back]);
      assert.deepEqual([reply.vectors, reply.usage?.input], [vectors, 7]);
      const answer: unknown = JSON.parse(accepted.reply({ ...reply, usage: reply.usage ?? { input: 0, output: 0 } }));
      assert.ok(isObject(answer));
      assert.deepEqual(shown[front]?.({ ...answer }), [vectors, 7]);
    });

    test(`${front} → ${back}: nothing is lost without a word`, () => {
      const more = { 'openai-chat': { user: 'S1S' }, gemini: {}, cohere: {}, ollama: { keep_alive: 'S1S', options: { num_ctx: 5 } } }[front];
      const body = { ...requests[front], ...more, of_the_vendor: 'S2S' };
      const context = contextFor(back);
      const { request } = accept(front, body, context);
      const out = formatOf(back).back.prepare(request, context).body;
      const noted = context.ledger.notes.map((note) => note.path);
      for (const key of [...Object.keys(more ?? {}), 'of_the_vendor'])
        assert.ok(noted.includes(key) || out.includes(key) || out.includes('S1S'), `${key}: ${out} ${noted.join()}`);
    });
  }
}

const refusal = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error.param;
    throw error;
  }
  return undefined;
};

describe('what a format has and others lack', () => {
  test('a task in each one’s word', () => {
    const wordFor = (back: string, taskType: string): unknown => {
      const context = contextFor(back);
      const { request } = accept('gemini', { content: { parts: [{ text: 'a' }] }, taskType }, context);
      const body = JSON.parse(formatOf(back).back.prepare(request, context).body);
      return [body.input_type ?? body.requests?.[0].taskType, ...context.ledger.notes.map((note) => note.verdict)];
    };
    assert.deepEqual(wordFor('cohere', 'RETRIEVAL_QUERY'), ['search_query']);
    assert.deepEqual(wordFor('cohere', 'CLUSTERING'), ['clustering']);
    assert.deepEqual(wordFor('cohere', 'QUESTION_ANSWERING'), ['search_query', 'changed']);
    assert.deepEqual(wordFor('cohere', 'SEMANTIC_SIMILARITY'), ['search_document', 'changed']);
    assert.deepEqual(wordFor('openai-chat', 'CLUSTERING'), [undefined, 'dropped']);
    assert.deepEqual(wordFor('gemini', 'FACT_VERIFICATION'), ['FACT_VERIFICATION']);
    assert.deepEqual(wordFor('gemini', 'SOMETHING_NEW'), ['SOMETHING_NEW']);
    assert.deepEqual(wordFor('ollama', 'SOMETHING_NEW'), [undefined, 'dropped']);
  });

  test('tokens are for OpenAI’s own', () => {
    for (const back of ['gemini', 'cohere', 'ollama', 'bedrock-converse']) {
      for (const fidelity of ['carry', 'lenient', 'strict'] as const) {
        const context = contextFor(back, models[back] ?? 'm', fidelity);
        const { request } = accept('openai-chat', { model: 'm', input: ['a', [1, 2]] }, context);
        assert.equal(
          refusal(() => formatOf(back).back.prepare(request, context)),
          'input[1]',
          back,
        );
      }
    }
  });

  test('kinds of vectors', () => {
    const context = contextFor('openai-chat');
    assert.equal(
      refusal(() => accept('cohere', { model: 'm', texts, input_type: 'x', embedding_types: ['float', 'int8'] }, context)),
      'embedding_types[1]',
    );
    const { reply } = accept('cohere', { model: 'm', texts, input_type: 'clustering', embedding_types: ['base64', 'float'] }, context);
    const { embeddings } = JSON.parse(reply({ vectors, usage: { input: 1, output: 0 } }));
    assert.deepEqual(embeddings.float, vectors);
    assert.deepEqual([...new Float32Array(new Uint8Array(Buffer.from(embeddings.base64[0], 'base64')).buffer)], vectors[0]);
  });

  test('images', () => {
    assert.equal(
      refusal(() => accept('cohere', { model: 'm', images: ['data:'], input_type: 'image' }, contextFor('gemini'))),
      'images',
    );
  });

  test('Ollama’s older way', () => {
    const context = contextFor('openai-chat');
    const { request, reply } = accept('ollama', { model: 'm', prompt: 'a' }, context);
    assert.deepEqual(JSON.parse(formatOf('openai-chat').back.prepare(request, context).body), { model: 'm', input: ['a'] });
    assert.deepEqual(JSON.parse(reply({ vectors: [[1, 2]], usage: { input: 1, output: 0 } })), { embedding: [1, 2] });
  });
});

describe('Bedrock', () => {
  const prepare = (model: string, body: object) => {
    const context = contextFor('bedrock-converse', model);
    return { prepared: formatOf('bedrock-converse').back.prepare(accept('openai-chat', { model: 'm', ...body }, context).request, context), context };
  };

  test('Titan takes one text, and counts its tokens', () => {
    const { prepared } = prepare('amazon.titan-embed-text-v2:0', { input: 'a', dimensions: 256 });
    assert.deepEqual([prepared.path, JSON.parse(prepared.body)], ['/model/amazon.titan-embed-text-v2%3A0/invoke', { inputText: 'a', dimensions: 256 }]);
    assert.deepEqual(prepared.reply({ embedding: [1, 2], inputTextTokenCount: 3 }), { vectors: [[1, 2]], usage: { input: 3, output: 0 } });
    assert.equal(
      refusal(() => prepare('eu.amazon.titan-embed-text-v2:0', { input: texts })),
      'input[1]',
    );
    assert.equal(
      refusal(() => prepare('amazon.titan-embed-text-v1', { input: 'a', dimensions: 256 })),
      'dimensions',
    );
  });

  test('Cohere’s models, and those that nobody knows how to ask', () => {
    const { prepared, context } = prepare('us.cohere.embed-v4:0', { input: texts });
    assert.deepEqual(JSON.parse(prepared.body), { texts, input_type: 'search_document', embedding_types: ['float'] });
    assert.deepEqual(notesOf(context), ['changed input_type']);
    assert.deepEqual(prepared.reply({ embeddings: vectors }).vectors, vectors);
    assert.equal(
      refusal(() => prepare('amazon.nova-pro-v1:0', { input: 'a' })),
      'model',
    );
  });
});

test('an answer without vectors is an error, whoever gave it', () => {
  for (const back of Object.keys(answers)) {
    const context = contextFor(back);
    const { request } = accept('openai-chat', { model: 'm', input: texts }, context);
    const prepared = formatOf(back).back.prepare(request, context);
    for (const answer of [
      null,
      [],
      {},
      { embeddings: 'x', data: 'x' },
      { embeddings: [['x']], data: [{ embedding: ['x'] }] },
      { embeddings: [[]], data: [{ embedding: '!!' }] },
    ])
      assert.throws(
        () => prepared.reply(answer),
        (error) => error instanceof GatewayError && error.code === 'upstream_invalid_response',
        `${back} ${JSON.stringify(answer)}`,
      );
  }
});
