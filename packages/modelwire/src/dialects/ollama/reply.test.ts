import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGatewayError } from '../../core/errors.ts';
import type { Block, Finish, Reply } from '../../core/ir.ts';
import { seal } from '../../core/seal.ts';
import { accept, answer, contextFor, foreignRequest, hi, line, lastLine, notesOf, replied, sent, shownWhole } from './fixtures/world.ts';

const code = (given: unknown): string => {
  try {
    return replied(given).finish.reason;
  } catch (error) {
    return isGatewayError(error) ? error.code : String(error);
  }
};

test('thinking, text and calls, and why it ended', () => {
  const calls = [{ id: 'c1', function: { index: 0, name: 'f', arguments: { a: 1 } } }, { function: { name: 'f', arguments: {} } }, { function: { name: 'g' } }];
  const { blocks, finish, usage, model } = replied(answer({ thinking: 'hm', content: 'a', tool_calls: calls }, { prompt_eval_count: 3, eval_count: 4 }));
  assert.deepEqual(
    blocks.map((block) => (block.type === 'toolCall' ? [block.name, block.arguments] : [block.type])),
    [['reasoning'], ['text'], ['f', '{"a":1}'], ['f', '{}'], ['g', '{}']],
  );
  const ids = blocks.flatMap((block) => (block.type === 'toolCall' ? [block.id] : []));
  assert.equal(ids[0], 'c1');
  assert.equal(new Set(ids).size, 3);
  assert.deepEqual([finish.reason, finish.native, usage, model], ['toolCalls', 'stop', { input: 3, output: 4 }, 'm-1']);
});

test('what is no answer is none', () => {
  assert.equal(code(answer({ content: 'a' })), 'end');
  assert.equal(code(answer({ content: 'a' }, { done_reason: 'length' })), 'length');
  assert.equal(code(answer({ content: 'a' }, { done_reason: undefined })), 'end');
  assert.equal(code(answer({ content: '' }, { done_reason: 'load' })), 'upstream_invalid_response');
  assert.equal(code(answer({ content: '' }, { done_reason: 'unload' })), 'upstream_invalid_response');
  assert.equal(code(answer({ content: 'a' }, { done: false })), 'upstream_invalid_response');
  assert.equal(code({ model: 'm', done: true }), 'upstream_invalid_response');
  assert.equal(code({}), 'upstream_invalid_response');
  assert.equal(code('[]'), 'upstream_invalid_response');
  assert.equal(code('<html>'), 'upstream_invalid_response');
  assert.equal(code(''), 'upstream_invalid_response');
  assert.equal(code(answer({ tool_calls: [{ function: { arguments: {} } }] })), 'upstream_invalid_response');
  assert.equal(code({ error: 'model "m" not found, try pulling it first' }), 'model_not_found');
  // Deep nesting and odd types are the provider's fault, not a crash.
  assert.equal(code(`{"done":true,"message":{"content":"a","x":${'['.repeat(300)}${']'.repeat(300)}}}`), 'upstream_invalid_response');
  assert.equal(code(answer({ content: 7, thinking: {}, tool_calls: 'f' }, { done_reason: 9, prompt_eval_count: -1 })), 'end');
});

test('a stream that does not say that it is one is read line by line', () => {
  const text = [line({ content: 'a' }), line({ content: 'b' }), lastLine({ eval_count: 2 })].map(({ data }) => data).join('\n');
  const { blocks, usage } = replied(text);
  assert.deepEqual([blocks.map((block) => ('text' in block ? block.text : '')), usage?.output], [['ab'], 2]);
  assert.equal(code([line({ content: 'a' }), line({ content: 'b' })].map(({ data }) => data).join('\n')), 'upstream_stream_cut');
  assert.equal(code(JSON.stringify(answer({ content: 'a' }), undefined, 2)), 'end');
});

test('a prompt that was not counted is told as nothing, with a note', () => {
  const context = contextFor();
  assert.deepEqual(replied(answer({ content: 'a' }, { eval_count: 4 }), context).usage, { input: 0, output: 4 });
  assert.deepEqual(notesOf(context), ['changed prompt_eval_count']);
  assert.equal(replied(answer({ content: 'a' })).usage, undefined);
  const absurd = contextFor();
  assert.equal(replied(answer({ content: 'a' }, { eval_count: 1e300 }), absurd).usage, undefined);
  assert.deepEqual(notesOf(absurd), ['dropped eval_count']);
});

const reply = (blocks: readonly Block[], finish: Finish = { reason: 'end' }, more: Partial<Reply> = {}): Reply => ({
  id: 'r',
  model: 'm-2',
  created: 1_790_000_000,
  blocks,
  finish,
  ...more,
});
const foreign = () => contextFor({ back: 'anthropic-messages' });

test('an answer of another format in full', () => {
  const context = foreign();
  const shown = shownWhole(
    reply(
      [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'a' },
        { type: 'toolCall', kind: 'function', id: 't1', name: 'f', arguments: '' },
      ],
      { reason: 'toolCalls' },
      { usage: { input: 1, cacheRead: 2, output: 3, reasoning: 4 } },
    ),
    context,
  );
  assert.deepEqual(shown, {
    model: 'm-2',
    created_at: '2026-09-21T14:13:20.000Z',
    message: { role: 'assistant', content: 'a', thinking: 'hm', tool_calls: [{ id: 't1', function: { index: 0, name: 'f', arguments: {} } }] },
    done: true,
    done_reason: 'stop',
    total_duration: 0,
    load_duration: 0,
    prompt_eval_count: 3,
    prompt_eval_duration: 0,
    eval_count: 7,
    eval_duration: 0,
  });
  assert.deepEqual(notesOf(context), ['dropped usage.cacheRead', 'dropped usage.reasoning']);
});

test('a time that is none does no harm', () => {
  const shown = shownWhole(reply([], { reason: 'end' }, { created: 1e300 }), foreign());
  assert.equal(shown['created_at'], '+275760-09-13T00:00:00.000Z');
});

test('a broken call is no answer, unless the length broke it', () => {
  const broken: Block = { type: 'toolCall', kind: 'function', id: 't1', name: 'f', arguments: '{"a":' };
  const context = foreign();
  assert.throws(() => shownWhole(reply([broken], { reason: 'toolCalls' }), context), /not one complete JSON object/);
  const cut = shownWhole(reply([{ type: 'text', text: 'a' }, broken], { reason: 'length' }), context) as { message: object; done_reason: string };
  assert.deepEqual([cut.message, cut.done_reason], [{ role: 'assistant', content: 'a' }, 'length']);
  assert.deepEqual(notesOf(context), ['dropped content.f']);
});

test('what has no word is noted', () => {
  const notes = (blocks: readonly Block[], finish: Finish): string[] => {
    const context = foreign();
    shownWhole(reply(blocks, finish), context);
    return notesOf(context);
  };
  assert.deepEqual(notes([], { reason: 'filter', explanation: 'no' }), ['dropped finish.explanation', 'dropped finish']);
  assert.deepEqual(notes([], { reason: 'stopString', stopString: 'x' }), ['dropped finish.stopString']);
  assert.deepEqual(notes([], { reason: 'pause' }), ['dropped finish']);
  assert.deepEqual(notes([{ type: 'text', text: 'a', citations: '[]' }], { reason: 'end' }), ['dropped citations']);
  assert.deepEqual(notes([{ type: 'opaque', dialect: 'anthropic-messages', kind: 'server_tool_use', raw: '{}', loss: 'hint' }], { reason: 'end' }), [
    'dropped content.server_tool_use',
  ]);
  const call: Block = { type: 'toolCall', kind: 'function', id: 't', name: 'f', arguments: '{}' };
  assert.deepEqual(notes([call, { type: 'text', text: 'b' }], { reason: 'end' }), ['changed message']);
});

test('signed thinking travels in the id of its call, and comes back in front of it', () => {
  const context = foreign();
  const signature = 'c2ln';
  const blocks: readonly Block[] = [
    { type: 'reasoning', text: 'hm', signature },
    { type: 'reasoning', text: '', redacted: 'cmVk' },
    { type: 'toolCall', kind: 'function', id: 'toolu_1', name: 'f', arguments: '{}' },
    { type: 'toolCall', kind: 'function', id: 'toolu_2', name: 'f', arguments: '{}' },
  ];
  const { message } = shownWhole(reply(blocks, { reason: 'toolCalls' }), context) as { message: { tool_calls: { id: string }[] } };
  assert.deepEqual(notesOf(context), []);
  assert.match(message.tool_calls[0]?.id ?? '', /^mw1\.upstream\./);
  assert.equal(message.tool_calls[1]?.id, 'toolu_2');
  const results = ['1', '2'].map((content) => ({ role: 'tool', content, tool_name: 'f' }));
  const again = accept({ model: 'm', messages: [hi, message, ...results] }, foreign());
  assert.deepEqual(
    again.messages[1]?.blocks.map((block) => [block.type, block.type === 'toolCall' ? block.id : undefined]),
    [
      ['reasoning', undefined],
      ['reasoning', undefined],
      ['toolCall', 'toolu_1'],
      ['toolCall', 'toolu_2'],
    ],
  );
  const { target } = context;
  const [first, second] = again.messages[1]?.blocks ?? [];
  assert.deepEqual(
    [first?.type === 'reasoning' && first.signature, second?.type === 'reasoning' && second.redacted],
    [seal(target, signature), seal(target, 'cmVk')],
  );
  assert.deepEqual(
    again.messages[2]?.blocks.map((block) => (block.type === 'toolResult' ? block.callId : '')),
    ['toolu_1', 'toolu_2'],
  );
  // Ollama itself is told the id that the call had, and none of another's thinking.
  const own = contextFor({ provider: 'ollama' });
  const [, asked] = sent(accept({ model: 'm', messages: [hi, message, ...results] }, own), own)['messages'] as {
    tool_calls?: { id: string }[];
    thinking?: string;
  }[];
  assert.deepEqual([asked?.tool_calls?.map(({ id }) => id), asked?.thinking], [['toolu_1', 'toolu_2'], undefined]);
  assert.ok(notesOf(own).every((note) => note.startsWith('dropped')) && notesOf(own).length === 2);
});

test('where no call follows, the signature is lost with a word', () => {
  const context = foreign();
  shownWhole(
    reply([
      { type: 'reasoning', text: 'hm', signature: 's' },
      { type: 'text', text: 'a' },
    ]),
    context,
  );
  assert.deepEqual(notesOf(context), ['dropped signature']);
});

test('a tool of free text is called with its text', () => {
  const request = foreignRequest({ tools: [{ kind: 'custom', name: 'shell' }] });
  const { blocks } = replied(answer({ tool_calls: [{ function: { name: 'shell', arguments: { input: 'ls' } } }] }), contextFor(), request);
  assert.deepEqual(
    blocks.map((block) => (block.type === 'toolCall' ? [block.kind, block.arguments] : [])),
    [['custom', 'ls']],
  );
});
