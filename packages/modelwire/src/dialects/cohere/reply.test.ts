import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect, explode } from '../../core/collect.ts';
import { isGatewayError } from '../../core/errors.ts';
import type { Block, Finish, Reply } from '../../core/ir.ts';
import { accept, answer, contextFor, fixture, foreignRequest, notesOf, pairs, replied, sent, shownWhole, streamed } from './fixtures/world.ts';

const head = { id: 'chatcmpl-1', model: 'model-1', created: 1, usage: { input: 5, cacheRead: 2, output: 3, reasoning: 1 } };
const replyOf = (blocks: readonly Block[], finish: Finish = { reason: 'end' }): Reply => ({ ...head, blocks, finish });
const foreign = () => contextFor({ back: 'anthropic-messages' });
const call: Block = { type: 'toolCall', kind: 'function', id: 'c1', name: 'f', arguments: '{}' };
const text = (value: string): Block => ({ type: 'text', text: value });

type Shown = {
  readonly finish_reason: string;
  readonly message: { readonly content?: { text?: string; thinking?: string }[]; readonly tool_calls?: { id: string }[]; readonly citations?: object[] };
};

function codeOf(body: unknown): string {
  try {
    replied(body);
  } catch (error) {
    if (isGatewayError(error)) return error.code;
    throw error;
  }
  return 'none';
}

/** Source text without its spaces: the two were not written alike. */
function unspaced(reply: Reply): unknown {
  return JSON.parse(JSON.stringify(reply, (key, value: unknown) => (key === 'raw' && typeof value === 'string' && value !== '' ? JSON.parse(value) : value)));
}

for (const name of pairs) {
  test(`${name}: whole and streamed are one answer, and go out as they came`, () => {
    const body = fixture(`${name}.json`);
    const whole = replied(body);
    assert.deepEqual(collect(explode(whole)), whole);
    assert.deepEqual(unspaced(streamed(fixture(`${name}.frames.txt`))), unspaced(whole));
    assert.deepEqual(shownWhole(whole, contextFor()), JSON.parse(body));
  });
}

test('usage in disjoint buckets; what is billed stays as it came', () => {
  const { usage } = replied(fixture('cohere-text.json'));
  const { raw, ...buckets } = usage ?? { input: 0, output: 0 };
  assert.deepEqual(buckets, { input: 7, cacheRead: 64, output: 10 });
  assert.match(raw ?? '', /"billed_units":\{"input_tokens":5,"output_tokens":8\}/);
  const usageOf = (given: unknown) => replied(answer({ content: [{ type: 'text', text: 'x' }] }, { usage: given })).usage;
  assert.deepEqual(
    [usageOf({ billed_units: { input_tokens: 3, output_tokens: 4 } })?.input, usageOf({ tokens: {} }), usageOf(null)],
    [3, undefined, undefined],
  );
  assert.equal(usageOf({ tokens: { input_tokens: -1, output_tokens: 'many' } }), undefined);
});

test('every way to end', () => {
  const said = { content: [{ type: 'text', text: 'x' }] };
  const calling = { tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] };
  const reasonOf = (word: string, message: object = said): string => replied(answer(message, { finish_reason: word })).finish.reason;
  assert.deepEqual(
    ['COMPLETE', 'STOP_SEQUENCE', 'MAX_TOKENS'].map((word) => reasonOf(word)),
    ['end', 'stopString', 'length'],
  );
  assert.deepEqual(
    [reasonOf('TOOL_CALL', calling), reasonOf('COMPLETE', calling), reasonOf('TOOL_CALL'), reasonOf('A_NEW_ONE')],
    ['toolCalls', 'toolCalls', 'end', 'filter'],
  );
  for (const word of ['ERROR', 'TIMEOUT']) assert.equal(codeOf(answer(said, { finish_reason: word })), 'upstream_error');
});

test('of one stop string it is known that it was that', () => {
  const stopped = answer({ content: [{ type: 'text', text: 'x' }] }, { finish_reason: 'STOP_SEQUENCE' });
  const stringOf = (stop_sequences: readonly string[]) =>
    replied(stopped, contextFor(), accept({ model: 'm', messages: [{ role: 'user', content: 'hi' }], stop_sequences })).finish.stopString;
  assert.deepEqual([stringOf(['END']), stringOf(['END', 'STOP'])], ['END', undefined]);
});

test('what is no answer is the provider’s fault; an error inside a 200 is its error', () => {
  for (const body of ['', '<html>', '{"message":', '{}', 'null', '{"id":"r","message":{"content":[]}}', '{"id":"r","finish_reason":"COMPLETE"}'])
    assert.equal(codeOf(body), 'upstream_invalid_response', body);
  assert.equal(codeOf({ id: 'r', message: 'invalid request: no such thing' }), 'upstream_error');
  assert.equal(codeOf(answer({ tool_calls: [{ id: 'c', type: 'function', function: { arguments: '{}' } }] })), 'upstream_invalid_response');
});

test('arguments that are null are none; an object stands for its own text', () => {
  const argumentsOf = (written: unknown): unknown => {
    const [block] = replied(answer({ tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: written } }] })).blocks;
    return block?.type === 'toolCall' && block.arguments;
  };
  assert.deepEqual([argumentsOf('null'), argumentsOf({ a: 1 }), argumentsOf('{"a":null}')], ['', '{"a":1}', '{"a":null}']);
});

test('a tool that takes free text is called with it', () => {
  const request = foreignRequest({ tools: [{ kind: 'custom', name: 'note', at: 'tools[0]' }] });
  const calls = answer(
    { tool_calls: [{ id: 'c', type: 'function', function: { name: 'note', arguments: '{"input":"a b"}' } }] },
    { finish_reason: 'TOOL_CALL' },
  );
  const [block] = replied(calls, contextFor(), request).blocks;
  assert.deepEqual(block?.type === 'toolCall' && [block.kind, block.arguments], ['custom', 'a b']);
});

test('thinking returns to Cohere, whoever’s format it was shown in, and to nobody else', () => {
  const [thought] = replied(fixture('cohere-thinking-cut.json')).blocks;
  assert.equal(thought?.type === 'reasoning' && thought.signature, '');
  const turns = (signature: string) => [
    { role: 'user' as const, blocks: [text('hi')] },
    { role: 'assistant' as const, blocks: [{ type: 'reasoning' as const, text: 'because', signature }, text('so')] },
    { role: 'user' as const, blocks: [text('go on')] },
  ];
  const contentOf = (signature: string): unknown =>
    (sent(foreignRequest({ messages: turns(signature) })) as { messages: { content: unknown }[] }).messages[1]?.content;
  assert.deepEqual(contentOf('mw1.upstream.'), [
    { type: 'thinking', thinking: 'because' },
    { type: 'text', text: 'so' },
  ]);
  assert.equal(contentOf('mw1.other.'), 'so');
  assert.equal(contentOf('EqQB'), 'so');
});

test('an answer of another format, in Cohere’s', () => {
  const context = foreign();
  const blocks: readonly Block[] = [{ type: 'reasoning', text: 'because' }, text('I look. '), text('Now.'), call];
  assert.deepEqual(shownWhole(replyOf(blocks, { reason: 'toolCalls' }), context), {
    id: 'chatcmpl-1',
    finish_reason: 'TOOL_CALL',
    message: {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'because' },
        { type: 'text', text: 'I look. Now.' },
      ],
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
    },
    usage: { billed_units: { input_tokens: 7, output_tokens: 4 }, tokens: { input_tokens: 7, output_tokens: 4 }, cached_tokens: 2 },
  });
  const reasonOf = (reason: Finish['reason']) => (shownWhole(replyOf([text('x')], { reason }), foreign()) as Shown).finish_reason;
  assert.deepEqual((['end', 'stopString', 'length', 'contextFull', 'filter', 'pause', 'toolCalls'] as const).map(reasonOf), [
    'COMPLETE',
    'STOP_SEQUENCE',
    'MAX_TOKENS',
    'MAX_TOKENS',
    'ERROR',
    'COMPLETE',
    'COMPLETE',
  ]);
});

test('signed thinking travels in the id of the call that it led to', () => {
  const signed: Block = { type: 'reasoning', text: 'because', signature: 'EqQB' };
  const { message } = shownWhole(replyOf([signed, call], { reason: 'toolCalls' }), foreign()) as Shown;
  const id = message.tool_calls?.[0]?.id ?? '';
  assert.match(id, /^mw1\.upstream\.[\w-]+\.c1$/);
  const assistant = { role: 'assistant', ...message };
  const turns = [{ role: 'user', content: 'hi' }, assistant, { role: 'tool', tool_call_id: id, content: 'x' }];
  const { messages } = accept({ model: 'm', messages: turns }, foreign());
  assert.deepEqual(
    messages[1]?.blocks.map((block) => (block.type === 'reasoning' ? [block.text, block.signature] : block.type === 'toolCall' ? block.id : block.type)),
    [['because', 'mw1.upstream.EqQB'], 'c1'],
  );
  const [result] = messages[2]?.blocks ?? [];
  assert.equal(result?.type === 'toolResult' && result.callId, 'c1');
  const context = foreign();
  shownWhole(replyOf([signed, text('so')]), context);
  assert.deepEqual(notesOf(context), ['dropped signature', 'dropped usage.reasoning']);
});

test('a refusal in words is text; why an answer was withheld is told where it said nothing', () => {
  const contentOf = (blocks: readonly Block[], explanation: string) =>
    (shownWhole(replyOf(blocks, { reason: 'filter', explanation }), foreign()) as Shown).message.content?.map((part) => part.text);
  assert.deepEqual(contentOf([{ type: 'refusal', text: 'No.' }], ''), ['No.']);
  assert.deepEqual(contentOf([], 'Not allowed.'), ['Not allowed.']);
  assert.deepEqual(contentOf([text('So')], 'Not allowed.'), ['So']);
});

test('links of other formats are citations with a source', () => {
  const citations = JSON.stringify([
    { type: 'url_citation', url_citation: { url: 'https://example.com/a', title: 'A', start_index: 4, end_index: 7 } },
    { type: 'char_location' },
  ]);
  const context = contextFor({ back: 'openai-chat' });
  const { message } = shownWhole(replyOf([text('Is: '), { type: 'text', text: 'so?', citations }]), context) as Shown;
  assert.deepEqual(message.citations, [
    {
      start: 4,
      end: 7,
      text: '',
      sources: [{ type: 'document', id: 'https://example.com/a', document: { id: 'https://example.com/a', title: 'A', url: 'https://example.com/a' } }],
      content_index: 0,
      type: 'TEXT_CONTENT',
    },
  ]);
});
