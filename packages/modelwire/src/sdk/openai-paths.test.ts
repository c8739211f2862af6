import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { all } from '../../../../test/support/all.ts';
import { twin } from '../../../../test/support/openai-twin.ts';
import { json, openaiWire, type Script, sse, stream } from '../../../../test/support/scripted-server.ts';
import { APIError, NotFoundError, OpenAI } from './openai.ts';

const answer = { id: 'cmpl-1', object: 'text_completion', created: 1, model: 'm', choices: [{ text: 'a', index: 0, finish_reason: 'stop', logprobs: null }] };
const ask = { model: 'davinci-002', prompt: 'Once' };

describe('what is neither read nor translated is asked for as the official package does', () => {
  test('a completion of a bare prompt, whole and as a stream', async () => {
    await twin(
      () => [json(answer)],
      async (client) => await client.completions.create({ ...ask, prompt: [[1, 2]], suffix: 'end' }),
    );
    await twin(
      () => [stream(sse(answer, { ...answer, usage: null }, '[DONE]'))],
      async (client) => await all(await client.completions.create({ ...ask, stream: true })),
    );
    await twin(
      () => [json(openaiWire.error('no such model'), { status: 404 })],
      async (client) => await client.completions.create(ask),
    );
  });

  test('a model that is deleted', async () => {
    await twin(
      () => [json({ id: 'ft:a/b', deleted: true, object: 'model' })],
      async (client) => await client.models.delete('ft:a/b'),
    );
  });

  test('an id that is none, or leads elsewhere, asks for nothing', () => {
    const client = new OpenAI({ apiKey: 'k', fetch: () => Promise.reject(new Error('must not be asked')) });
    for (const id of ['', '.', '..']) assert.throws(() => client.models.delete(id), /is no id/);
  });

  for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
    test(`any path by ${method}`, async () => {
      const scripts: readonly Script[] = [json({ ok: true }), json(openaiWire.error('no'), { status: 422 })];
      await twin(
        () => scripts,
        async (client) => {
          const body = method === 'get' ? {} : { body: { x: [1] } };
          const first: unknown = await client[method]('/things', { query: { a: 1, list: ['x', 'y'] }, ...body });
          const second: unknown = await client[method]('/things', body).catch((thrown: Error) => ({ name: thrown.constructor.name, message: thrown.message }));
          return { first, second };
        },
      );
    });
  }

  test('with a provider that has no such thing is refused by name', async () => {
    const client = new OpenAI({ apiKey: 'k', fetch: () => Promise.reject(new Error('must not be asked')) });
    const kept = process.env['ANTHROPIC_API_KEY'];
    process.env['ANTHROPIC_API_KEY'] = 'k';
    try {
      const asked = client.completions.create({ model: 'anthropic/claude-sonnet-5', prompt: 'Once' });
      await assert.rejects(
        asked,
        (thrown) => thrown instanceof NotFoundError && thrown instanceof APIError && /anthropic has no \/completions/.test(thrown.message),
      );
    } finally {
      if (kept === undefined) delete process.env['ANTHROPIC_API_KEY'];
      else process.env['ANTHROPIC_API_KEY'] = kept;
    }
  });

  test('goes to another provider that has it, by its own name of the model', async () => {
    const kept = { ...process.env };
    process.env['MISTRAL_API_KEY'] = 'mk';
    const asked: string[] = [];
    try {
      const client = new OpenAI({
        apiKey: 'k',
        fetch: async (url, init) => {
          asked.push(`${new URL(String(url)).host} ${String(init?.body)} ${new Headers(init?.headers).get('authorization')}`);
          return new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } });
        },
      });
      assert.equal((await client.completions.create({ model: 'mistral/codestral-latest', prompt: 'x' })).choices[0]?.text, 'a');
      assert.match(asked[0] ?? '', /"model":"codestral-latest".* Bearer mk$/);
      assert.equal(asked.length, 1);
    } finally {
      process.env = kept;
    }
  });
});

test('the paths below the official package lead to the same classes', async () => {
  const { ChatCompletionStream } = await import('modelwire/openai/lib/ChatCompletionStream');
  const { Stream } = await import('modelwire/openai/streaming');
  const { APIError: FromError } = await import('modelwire/openai/error');
  assert.deepEqual([typeof ChatCompletionStream.fromReadableStream, typeof Stream.fromReadableStream], ['function', 'function']);
  assert.equal(FromError, APIError);
});
