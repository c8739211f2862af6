import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect, explode } from '../../core/collect.ts';
import { isGatewayError } from '../../core/errors.ts';
import type { Block, Finish, Reply } from '../../core/ir.ts';
import { answer, contextFor, fixture, foreignRequest, notesOf, pairs, replied, sent, shownWhole, streamed } from './fixtures/world.ts';

const head = { id: 'chatcmpl-1', model: 'gpt', created: 1, usage: { input: 5, cacheRead: 2, output: 3, reasoning: 1 } };
const replyOf = (blocks: readonly Block[], finish: Finish = { reason: 'end' }): Reply => ({ ...head, blocks, finish });
const foreign = () => contextFor({ back: 'anthropic-messages' });
const thinking = { contents: [{ role: 'user', parts: [{ text: 'hi' }] }], generationConfig: { thinkingConfig: { includeThoughts: true } } };

function partsOf(body: { readonly [key: string]: unknown }): unknown {
  const [candidate] = body['candidates'] as { content: { parts: unknown } }[];
  return candidate?.content.parts;
}

function codeOf(text: unknown): string {
  try {
    replied(text);
  } catch (error) {
    if (isGatewayError(error)) return error.code;
    throw error;
  }
  return 'none';
}

for (const name of pairs) {
  test(`${name}: whole and streamed are one answer, and go out as they came`, () => {
    const text = fixture(`${name}.json`);
    const whole = replied(text);
    assert.deepEqual(collect(explode(whole)), whole);
    const plain = (reply: Reply): unknown => JSON.parse(JSON.stringify(reply, (key, value: unknown) => (key === 'ext' || key === 'raw' ? undefined : value)));
    assert.deepEqual(plain(streamed(fixture(`${name}.frames.txt`))), plain(whole));
    const wanted = JSON.parse(text);
    // A content without parts is spelled out.
    if (wanted.candidates[0].content.parts === undefined) wanted.candidates[0].content = { parts: [], role: 'model' };
    assert.deepEqual(shownWhole(whole, contextFor()), wanted);
  });
}

test('usage in disjoint buckets, whose sum is the provider’s', () => {
  const { usage, serviceTier } = replied(
    answer(
      [{ text: 'x' }],
      {},
      {
        usageMetadata: {
          promptTokenCount: 100,
          cachedContentTokenCount: 40,
          candidatesTokenCount: 20,
          thoughtsTokenCount: 7,
          toolUsePromptTokenCount: 5,
          totalTokenCount: 132,
          promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 30 }],
          cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 10 }],
          candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 8 }],
          serviceTier: 'flex',
        },
      },
    ),
  );
  const { raw: _raw, ...buckets } = usage ?? { input: 0, output: 0 };
  assert.deepEqual(buckets, { input: 40, cacheRead: 40, inputAudio: 20, toolPrompt: 5, output: 12, reasoning: 7, outputAudio: 8 });
  assert.equal(
    Object.values(buckets).reduce((sum, count) => sum + Number(count), 0),
    132,
  );
  assert.equal(serviceTier, 'flex');
  assert.equal(replied(answer([{ text: 'x' }], {}, { usageMetadata: { trafficType: 'ON_DEMAND' } })).usage, undefined);
});

test('every way to end', () => {
  const reasonOf = (finishReason: string, parts: object[] = [{ text: 'x' }]): string => replied(answer(parts, { finishReason })).finish.reason;
  assert.equal(reasonOf('STOP'), 'end');
  assert.equal(reasonOf('STOP', [{ functionCall: { name: 'f' } }]), 'toolCalls');
  assert.equal(reasonOf('MAX_TOKENS', [{ functionCall: { name: 'f' } }]), 'length');
  for (const word of ['SAFETY', 'RECITATION', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'IMAGE_SAFETY', 'LANGUAGE', 'MODEL_ARMOR', 'OTHER', 'A_NEW_ONE'])
    assert.equal(reasonOf(word), 'filter', word);
  assert.equal(reasonOf('CONTINUATION'), 'pause');
  for (const word of ['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS', 'MISSING_THOUGHT_SIGNATURE', 'MALFORMED_RESPONSE'])
    assert.equal(codeOf(answer([], { finishReason: word, finishMessage: 'why' })), 'upstream_error', word);
  const blocked = replied({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT', blockReasonMessage: 'No.' }, usageMetadata: { promptTokenCount: 3 } });
  assert.deepEqual([blocked.blocks, blocked.finish.reason, blocked.finish.native, blocked.finish.explanation], [[], 'filter', 'PROHIBITED_CONTENT', 'No.']);
});

test('what is no answer is the provider’s fault; an error inside a 200 is its error', () => {
  for (const text of ['', '<html>', '{"candidates":', '{}', '{"candidates":[]}', '{"candidates":[{"content":{"parts":[{"text":"x"}]}}]}', 'null'])
    assert.equal(codeOf(text), 'upstream_invalid_response', text);
  assert.equal(codeOf({ error: { code: 429, message: 'slow down', status: 'RESOURCE_EXHAUSTED' } }), 'rate_limit_exceeded');
  assert.equal(codeOf(answer([{ functionCall: { args: {} } }])), 'upstream_invalid_response');
});

test('a stream that came as a list is put together', () => {
  const reply = replied([
    { candidates: [{ content: { parts: [{ text: 'a' }] } }] },
    { candidates: [{ content: { parts: [{ text: 'b' }] }, finishReason: 'STOP' }], usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2 } },
  ]);
  assert.deepEqual([reply.blocks, reply.usage?.output], [[{ type: 'text', text: 'ab' }], 2]);
  assert.equal(codeOf([{ candidates: [{ content: { parts: [{ text: 'a' }] } }] }]), 'upstream_stream_cut');
});

test('the signature of a call goes with the thinking before it', () => {
  const { blocks } = replied(
    answer([
      { text: 'hm', thought: true },
      { functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 'AA==' },
      { functionCall: { name: 'g' }, thoughtSignature: 'BB==' },
      { text: 'done' },
    ]),
  );
  assert.deepEqual(
    blocks.map((block) => (block.type === 'reasoning' ? [block.text, block.signature] : block.type === 'toolCall' ? block.arguments : block.type)),
    [['hm', 'AA=='], '{"a":1}', ['', 'BB=='], '{}', 'text'],
  );
});

test('tools of the caller get their names and free text back', () => {
  const context = contextFor();
  const request = foreignRequest({
    tools: [
      { kind: 'function', name: 'a b', schema: '{"type":"object"}' },
      { kind: 'custom', name: 'shell' },
    ],
  });
  const { tools } = sent(request) as { tools: { functionDeclarations: { name: string }[] }[] };
  const [fitted] = tools[0]?.functionDeclarations ?? [];
  const { blocks } = replied(answer([{ functionCall: { name: fitted?.name } }, { functionCall: { name: 'shell', args: { input: 'ls' } } }]), context, request);
  assert.deepEqual(
    blocks.map((block) => block.type === 'toolCall' && [block.kind, block.name, block.arguments]),
    [
      ['function', 'a b', '{}'],
      ['custom', 'shell', 'ls'],
    ],
  );
});

test('thinking of another format travels in the signature of the call, and is shown to those who ask alone', () => {
  const reply = replyOf(
    [
      { type: 'reasoning', text: 'because', signature: 'sig' },
      { type: 'text', text: 'I look.' },
      { type: 'toolCall', kind: 'function', id: 'c1', name: 'f', arguments: '{"a":1.0}' },
    ],
    { reason: 'toolCalls' },
  );
  const sealed = btoa('mw1.upstream.[{"text":"because","signature":"sig"}]');
  const call = { functionCall: { id: 'c1', name: 'f', args: { a: 1 } }, thoughtSignature: sealed };
  assert.deepEqual(partsOf(shownWhole(reply, foreign())), [{ text: 'I look.' }, call]);
  assert.deepEqual(partsOf(shownWhole(reply, foreign(), thinking)), [{ text: 'because', thought: true }, { text: 'I look.' }, call]);
  const spoken = replyOf([
    { type: 'reasoning', text: '', redacted: 'secret' },
    { type: 'text', text: 'A' },
  ]);
  assert.deepEqual(partsOf(shownWhole(spoken, foreign())), [{ text: 'A' }, { text: '', thoughtSignature: btoa('mw1.upstream.[{"redacted":"secret"}]') }]);
  // Thinking that nobody signed goes back only where its provider wants it.
  const plain = replyOf([
    { type: 'reasoning', text: 'hm' },
    { type: 'text', text: 'A' },
  ]);
  assert.deepEqual(partsOf(shownWhole(plain, foreign())), [{ text: 'A' }]);
  const wanting = contextFor({ back: 'openai-chat', quirks: { reasoningHistory: 'tool_calls' } });
  assert.deepEqual(partsOf(shownWhole(plain, wanting)), [{ text: 'A' }, { text: '', thoughtSignature: btoa('mw1.upstream.[{"text":"hm"}]') }]);
});

test('a call that broke off with the length is no call; any other broken one is no answer', () => {
  const call: Block = { type: 'toolCall', kind: 'function', id: 'c1', name: 'f', arguments: '{"a":' };
  const context = foreign();
  assert.deepEqual(partsOf(shownWhole(replyOf([call], { reason: 'length' }), context)), []);
  assert.deepEqual(notesOf(context), ['dropped content.f']);
  assert.throws(() => shownWhole(replyOf([call], { reason: 'toolCalls' }), foreign()), /not one complete JSON object/);
});

test('Google’s words and counts for an answer of another format', () => {
  const body = shownWhole(replyOf([{ type: 'refusal', text: 'No.' }]), foreign());
  assert.deepEqual(body, {
    candidates: [{ content: { parts: [{ text: 'No.' }], role: 'model' }, index: 0, finishReason: 'SAFETY' }],
    modelVersion: 'gpt',
    responseId: 'chatcmpl-1',
    usageMetadata: { promptTokenCount: 7, cachedContentTokenCount: 2, candidatesTokenCount: 3, thoughtsTokenCount: 1, totalTokenCount: 11 },
  });
});
