import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCanceller } from '../packages/modelwire/src/core/cancel.ts';
import type { ByteSource } from 'modelwire/internal/core/transport';
import { decodeSse } from 'modelwire/internal/framing/sse';
import { createMockTransport } from 'modelwire/internal/providers/mock';
import { mockModels } from 'modelwire/internal/providers/mock-name';
import { messageProblems, messageStreamProblems } from './support/official-anthropic.ts';
import { responseProblems, responseStreamProblems } from './support/official-gemini.ts';
import { chunkStreamProblems, completionProblems, type SseFrame } from './support/official-openai.ts';
import { responseObjectProblems, responsesStreamProblems } from './support/official-responses.ts';

/** The scripted provider is the judge of others: its own answers must be what the official types say, down to the last key. */
const transport = createMockTransport();
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

async function ask(path: string, body: object): Promise<Uint8Array[]> {
  const answer = await transport({
    method: 'POST',
    url: `http://mock.invalid${path}`,
    headers: { 'content-type': 'application/json', 'anthropic-version': '2026-10-21' },
    body: [JSON.stringify(body)],
    connectMs: 1000,
    headersMs: 1000,
    signal: createCanceller().signal,
  });
  assert.equal(answer.status, 200);
  return await chunksOf(answer.body);
}

function chunksOf(source: ByteSource): Promise<Uint8Array[]> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    source.start({ data: (chunk) => chunks.push(chunk), end: () => resolve(chunks), fail: reject });
  });
}

function framesOf(chunks: readonly Uint8Array[]): SseFrame[] {
  const frames: SseFrame[] = [];
  const decoder = decodeSse();
  for (const chunk of chunks) decoder.push(chunk, (frame) => frames.push(frame));
  decoder.end((frame) => frames.push(frame));
  return frames;
}

function jsonOf(chunks: readonly Uint8Array[]): unknown {
  return JSON.parse(Buffer.concat(chunks).toString());
}

const messages = [{ role: 'user', content: 'What is the weather? 你好 👩‍🚀' }];

for (const model of mockModels) {
  for (const tools of [false, true]) {
    test(`${model}${tools ? ' with tools' : ''}: every answer and event has the official shape`, async () => {
      const openai = { model, messages, ...(tools ? { tools: [{ type: 'function', function: { name: 'get_weather', parameters: schema } }] } : {}) };
      assert.deepEqual(completionProblems(jsonOf(await ask('/v1/chat/completions', openai))), []);
      assert.deepEqual(chunkStreamProblems(framesOf(await ask('/v1/chat/completions', { ...openai, stream: true })), { includeUsage: false }), []);
      const counted = framesOf(await ask('/v1/chat/completions', { ...openai, stream: true, stream_options: { include_usage: true } }));
      assert.deepEqual(chunkStreamProblems(counted, { includeUsage: true }), []);
      const responses = {
        model,
        input: messages,
        reasoning: { summary: 'auto' },
        include: ['reasoning.encrypted_content'],
        ...(tools ? { tools: [{ type: 'function', name: 'get_weather', parameters: schema }] } : {}),
      };
      assert.deepEqual(responseObjectProblems(jsonOf(await ask('/v1/responses', responses))), []);
      assert.deepEqual(responsesStreamProblems(framesOf(await ask('/v1/responses', { ...responses, stream: true }))), []);
      const anthropic = { model, messages, max_tokens: 500, ...(tools ? { tools: [{ name: 'get_weather', input_schema: schema }] } : {}) };
      assert.deepEqual(messageProblems(jsonOf(await ask('/v1/messages', anthropic))), []);
      assert.deepEqual(messageStreamProblems(framesOf(await ask('/v1/messages', { ...anthropic, stream: true }))), []);
      const gemini = {
        contents: messages.map(({ role, content }) => ({ role, parts: [{ text: content }] })),
        generationConfig: { thinkingConfig: { includeThoughts: true } },
        ...(tools ? { tools: [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: schema }] }] } : {}),
      };
      assert.deepEqual(responseProblems(jsonOf(await ask(`/v1beta/models/${model}:generateContent`, gemini))), []);
      assert.deepEqual(responseStreamProblems(framesOf(await ask(`/v1beta/models/${model}:streamGenerateContent?alt=sse`, gemini))), []);
    });
  }
}

test('the judge sees what is wrong', async () => {
  const frames = framesOf(await ask('/v1/messages', { model: 'echo', messages, max_tokens: 500, stream: true }));
  assert.deepEqual(messageStreamProblems(frames.slice(0, -1)), ['no message_stop at the end']);
  assert.match(messageStreamProblems([...frames.slice(0, 2), ...frames.slice(-2)]).join(), /message_delta while block 0 is open/);
  const chunks = framesOf(await ask('/v1/chat/completions', { model: 'echo', messages, stream: true }));
  assert.match(chunkStreamProblems(chunks.slice(0, -2), { includeUsage: true }).join(), /no \[DONE\].*0 usage chunks.*no finish reason/s);
  const whole = jsonOf(await ask('/v1/chat/completions', { model: 'echo', messages }));
  assert.ok(typeof whole === 'object' && whole !== null);
  assert.deepEqual(completionProblems({ ...whole, object: 'completion', odd: 1 }), [
    'object: expected "chat.completion", got "completion"',
    'odd: not a key of the official type',
  ]);
});
