import assert from 'node:assert/strict';
import { test } from 'node:test';
import { responseObjectProblems } from '../../../../../test/support/official-responses.ts';
import { isGatewayError } from '../../core/errors.ts';
import type { Block } from '../../core/ir.ts';
import { contextFor, notesOf, plainRequest, replied, shown } from './fixtures/world.ts';

const message = (text: string, more: object = {}) => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [] }],
  ...more,
});
const response = (output: readonly object[], more: object = {}) => ({ id: 'resp_1', object: 'response', model: 'm', status: 'completed', output, ...more });

const codeOf = (value: unknown): unknown => {
  try {
    return replied(value).finish.reason;
  } catch (error) {
    return isGatewayError(error) ? error.code : error;
  }
};

test('why an answer ended: the status and the items tell', () => {
  const call = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' };
  assert.equal(codeOf(response([message('a')])), 'end');
  assert.equal(codeOf(response([message('a'), call])), 'toolCalls');
  assert.equal(codeOf(response([call], { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })), 'length');
  assert.equal(codeOf(response([], { status: 'incomplete', incomplete_details: { reason: 'content_filter' } })), 'filter');
  assert.equal(codeOf(response([], { status: 'incomplete', incomplete_details: { reason: 'steered' } })), 'length');
  assert.equal(codeOf(response([], { status: 'incomplete', incomplete_details: null })), 'length');
  assert.equal(codeOf(response([message('a')], { status: undefined })), 'end');
  assert.equal(codeOf(response([message('a')], { status: 'complete' })), 'end');
  assert.equal(codeOf(response([], { status: 'queued' })), 'upstream_invalid_response');
  assert.equal(codeOf(response([], { status: 'cancelled' })), 'upstream_error');
});

test('what is no answer says what came', () => {
  assert.equal(codeOf('<html>'), 'upstream_invalid_response');
  assert.equal(codeOf('null'), 'upstream_invalid_response');
  assert.equal(codeOf({ choices: [] }), 'upstream_invalid_response');
  assert.equal(codeOf(response([{ type: 'message', role: 'assistant', content: [{ type: 'output_text' }] }])), 'upstream_invalid_response');
  assert.equal(codeOf({ error: { message: 'The model is overloaded' } }), 'overloaded');
});

test('counts are disjoint, never negative, never invented', () => {
  const usage = (value: unknown) => {
    const context = contextFor();
    const { raw: _raw, ...counted } = replied(response([], { usage: value }), context).usage ?? { input: -1, output: -1 };
    return [counted, notesOf(context).filter((note) => note.includes('usage'))];
  };
  const details = { input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 }, output_tokens_details: { reasoning_tokens: 3 } };
  assert.deepEqual(usage({ input_tokens: 10, output_tokens: 5, total_tokens: 15, ...details }), [
    { input: 4, cacheRead: 4, cacheWrite: 2, output: 2, reasoning: 3 },
    [],
  ]);
  assert.deepEqual(usage({ input_tokens: 1, output_tokens: 5, ...details })[1], ['dropped usage.input_tokens']);
  assert.deepEqual(usage({ input_tokens: 'many', output_tokens: -1 }), [
    { input: -1, output: -1 },
    ['dropped usage.input_tokens', 'dropped usage.output_tokens'],
  ]);
  assert.deepEqual(usage(null), [{ input: -1, output: -1 }, []]);
});

const foreign = () => contextFor({ back: 'openai-chat' });

test('the whole answer has the official shape, and says again what was asked', () => {
  const blocks: readonly Block[] = [
    { type: 'reasoning', text: 'hm', signature: 's' },
    { type: 'text', text: 'a' },
    { type: 'toolCall', kind: 'function', id: 'call_1', name: 'f', arguments: '' },
    { type: 'toolCall', kind: 'custom', id: 'call_2', name: 'g', arguments: 'x' },
  ];
  const asked = {
    ...plainRequest,
    instructions: 'Be brief.',
    temperature: 0.5,
    tools: [
      { type: 'function', name: 'f' },
      { type: 'custom', name: 'g' },
    ],
    tool_choice: 'required',
    text: { verbosity: 'low' },
    user: null,
  };
  const usage = { input: 5, cacheRead: 2, output: 3, reasoning: 1 };
  const answer = shown({ blocks, finish: { reason: 'toolCalls' }, usage, serviceTier: 'standard' }, asked, foreign());
  assert.deepEqual(responseObjectProblems(answer), []);
  const { instructions, temperature, tool_choice: choice, text, service_tier: tier, tools } = answer;
  assert.deepEqual([instructions, temperature, choice, text, tier], ['Be brief.', 0.5, 'required', { verbosity: 'low' }, 'default']);
  assert.deepEqual(tools, [
    { type: 'function', name: 'f', parameters: null, strict: null },
    { type: 'custom', name: 'g' },
  ]);
  assert.ok(!('user' in answer));
});

test('an answer that breaks off is incomplete, and so is its last item alone', () => {
  const blocks: readonly Block[] = [
    { type: 'text', text: 'a' },
    { type: 'toolCall', kind: 'function', id: 'call_1', name: 'f', arguments: '{"x' },
  ];
  for (const [reason, told] of [
    ['length', 'max_output_tokens'],
    ['contextFull', 'max_output_tokens'],
    ['filter', 'content_filter'],
  ] as const) {
    const answer = shown({ blocks, finish: { reason } }, plainRequest, foreign());
    assert.deepEqual([answer['status'], answer['incomplete_details'], answer['completed_at']], ['incomplete', { reason: told }, null]);
    assert.deepEqual(
      answer.output.map((item) => ('status' in item ? item.status : undefined)),
      ['completed', 'incomplete'],
    );
    assert.deepEqual(responseObjectProblems(answer), []);
  }
});

test('what an answer here cannot hold is named', () => {
  const context = foreign();
  const blocks: readonly Block[] = [
    { type: 'audio', format: 'wav', data: 'AAAA' },
    { type: 'opaque', dialect: 'anthropic-messages', kind: 'web_search_tool_result', raw: '{}', loss: 'hint' },
    { type: 'text', text: 'a', ext: [{ dialect: 'openai-chat', path: 'x', key: 'x', raw: '1', loss: 'hint' }] },
  ];
  const finish = { reason: 'stopString', stopString: 'b', details: '{}' } as const;
  shown({ blocks, finish, serviceTier: 'turbo', usage: { input: 1, output: 1, inputAudio: 2, cacheWriteTtl: { '1h': 3 } } }, plainRequest, context);
  assert.deepEqual(context.ledger.notes.map(({ path }) => path).sort(), [
    'content.audio',
    'content.web_search_tool_result',
    'finish.details',
    'finish.stopString',
    'service_tier',
    'usage.cacheWriteTtl',
    'usage.inputAudio',
    'x',
  ]);
});

test('within the dialect an answer comes back with all that it held', () => {
  const output = [
    {
      type: 'reasoning',
      id: 'rs_1',
      summary: [{ type: 'summary_text', text: 'a' }],
      content: [{ type: 'reasoning_text', text: 'raw' }],
      encrypted_content: 'gA',
    },
    { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } },
    message('b', { phase: 'final_answer' }),
    message('c', {
      id: 'msg_2',
      content: [
        { type: 'refusal', refusal: 'no' },
        { type: 'output_text', text: 'd', annotations: [], logprobs: [] },
      ],
    }),
    { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '{"a": 9007199254740993}', status: 'completed', namespace: 'n' },
  ];
  const usage = {
    input_tokens: 3,
    input_tokens_details: { cached_tokens: 1, cache_write_tokens: 0, x: 2 },
    output_tokens: 4,
    output_tokens_details: { reasoning_tokens: 2 },
    total_tokens: 7,
    cost: 1,
  };
  const given = response(output, { usage, moderation: { x: 1 }, service_tier: 'flex', created_at: 5, top_logprobs: 0, unheard: 'of' });
  const context = contextFor();
  const again = shown(replied(given, context), { ...plainRequest, include: ['reasoning.encrypted_content'] }, context);
  assert.deepEqual(again.output, output);
  const { moderation, service_tier: tier, created_at: at, top_logprobs: logprobs, unheard } = again;
  assert.deepEqual([moderation, tier, at, logprobs, unheard, again['usage']], [{ x: 1 }, 'flex', 5, 0, 'of', usage]);
  assert.deepEqual(notesOf(context), []);
});
