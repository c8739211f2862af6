import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageProblems } from '../../../../../test/support/official-anthropic.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Block, Reply } from '../../core/ir.ts';
import { contextFor, fixture, foreignRequest, notesOf, pairs, replied, shownWhole } from './fixtures/world.ts';

const answer = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-x',
  content: [{ type: 'text', text: 'hi' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 2 },
};

function read(change: object, context = contextFor()): Reply {
  return replied(JSON.stringify({ ...answer, ...change }), context);
}

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof GatewayError, String(error));
    return error.code;
  }
  return 'none';
}

/** Without what only says that there is nothing. */
function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key, item]) => item !== null && key !== 'caller');
  return Object.fromEntries(kept.map(([key, item]) => [key, stripped(item)]));
}

for (const name of pairs) {
  test(`${name}: to a caller of the same format nothing is lost`, () => {
    const context = contextFor();
    const body: { readonly id: string; readonly stop_reason: string } = JSON.parse(fixture(`${name}.json`));
    const out = shownWhole(replied(fixture(`${name}.json`), context), context);
    assert.deepEqual(stripped(out), stripped({ ...body, id: body.id.startsWith('msg_') ? body.id : `msg_${body.id}` }));
    for (const key of ['container', 'diagnostics', 'stop_details', 'stop_sequence']) assert.ok(key in out, key);
    assert.deepEqual(context.ledger.notes, []);
  });
}

test('the neutral form of an answer', () => {
  assert.deepEqual(replied(fixture('anthropic-thinking-tools.json')), {
    id: 'msg_02Tools',
    model: 'claude-sonnet-5-5',
    created: 1_790_000_000,
    blocks: [
      { type: 'reasoning', text: 'The user wants two things.', signature: 'EqQBCgIYAhIM+sig/0==' },
      { type: 'text', text: 'Let me look.' },
      {
        type: 'toolCall',
        kind: 'function',
        id: 'toolu_01A',
        name: 'get_weather',
        arguments: '{"city": "Paris \\ud83d\\ude00", "id": 9007199254740993, "id": 1.0}',
      },
      { type: 'toolCall', kind: 'function', id: 'toolu_01B', name: 'read_file', arguments: '{"path":"/tmp/a b","deep":{"__proto__":[1,2]}}' },
    ],
    finish: { reason: 'toolCalls', native: 'tool_use' },
    serviceTier: 'standard',
    usage: {
      input: 25,
      cacheRead: 2000,
      cacheWrite: 100,
      cacheWriteTtl: { '5m': 60, '1h': 40 },
      output: 59,
      reasoning: 30,
      raw: '{"input_tokens":25,"cache_creation_input_tokens":100,"cache_read_input_tokens":2000,"cache_creation":{"ephemeral_5m_input_tokens":60,"ephemeral_1h_input_tokens":40},"output_tokens":89,"service_tier":"standard","inference_geo":"global","output_tokens_details":{"thinking_tokens":30}}',
    },
  });
});

test('every reason to stop', () => {
  const reasons = {
    end_turn: 'end',
    max_tokens: 'length',
    model_context_window_exceeded: 'contextFull',
    tool_use: 'toolCalls',
    refusal: 'filter',
    pause_turn: 'pause',
    compaction: 'pause',
    stop_sequence: 'stopString',
  };
  for (const [word, reason] of Object.entries(reasons)) assert.equal(read({ stop_reason: word }).finish.reason, reason);
  assert.equal(read({ stop_reason: 'stop_sequence', stop_sequence: 'X' }).finish.stopString, 'X');
  const context = contextFor();
  assert.equal(read({ stop_reason: 'sunset' }, context).finish.reason, 'end');
  assert.equal(read({ stop_reason: null }, context).finish.reason, 'end');
  assert.deepEqual(
    context.ledger.notes.map(({ path }) => path),
    ['stop_reason', 'stop_reason'],
  );
  const call = { type: 'tool_use', id: 't', name: 'f', input: {} };
  assert.equal(read({ content: [call] }).finish.reason, 'toolCalls');
  assert.equal(read({ content: [{ ...call, caller: { type: 'code_execution_20260120', tool_id: 's' } }] }).finish.reason, 'end');
});

test('answers that servers get nearly right are read', () => {
  const bare = replied('{"content":"hello"}');
  assert.deepEqual([bare.blocks, bare.model, bare.id, bare.usage], [[{ type: 'text', text: 'hello' }], 'model-1', 'msg_1', undefined]);
  assert.deepEqual(read({ content: [{ type: 'tool_use', name: 'f' }] }).blocks, [
    { type: 'toolCall', kind: 'function', id: 'toolu_1', name: 'f', arguments: '{}' },
  ]);
  assert.deepEqual(read({ content: [{ type: 'thinking', thinking: 'x', signature: '' }] }).blocks, [{ type: 'reasoning', text: 'x' }]);
  assert.deepEqual(read({ content: [] }).blocks, []);
});

test('usage that cannot be believed is not', () => {
  const context = contextFor();
  assert.equal(read({ usage: null }, context).usage, undefined);
  assert.equal(read({ usage: { input_tokens: '3', output_tokens: -1 } }, context).usage, undefined);
  assert.deepEqual(
    { ...read({ usage: { input_tokens: 3, output_tokens: 2, output_tokens_details: { thinking_tokens: 5 } } }).usage, raw: 0 },
    { input: 3, output: 2, raw: 0 },
  );
  assert.deepEqual(
    context.ledger.notes.map(({ path }) => path),
    ['usage.input_tokens', 'usage.output_tokens'],
  );
});

test('what is no answer is the provider’s fault, and an error inside a 200 is its error', () => {
  for (const text of [
    '',
    '<html>',
    '{}',
    'null',
    '[]',
    '"x"',
    '{"content":',
    '{"type":"message"}',
    '{"content":[5]}',
    '{"content":[{"type":"text","text":5}]}',
    '{"content":[{}]}',
  ]) {
    assert.equal(
      code(() => replied(text)),
      'upstream_invalid_response',
      text,
    );
  }
  assert.equal(
    code(() => replied('{"type":"error","error":{"type":"overloaded_error","message":"x"}}')),
    'overloaded',
  );
  assert.equal(
    code(() => replied('{"error":{"message":"x"}}')),
    'upstream_error',
  );
  const minimax = contextFor({ quirks: { errorInside: 'base_resp' } });
  assert.equal(
    code(() => replied('{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}', minimax)),
    'insufficient_quota',
  );
  assert.equal(read({ base_resp: { status_code: 0, status_msg: '' } }, minimax).blocks.length, 1);
});

test('a custom tool is answered with its text', () => {
  const request = foreignRequest({ tools: [{ kind: 'custom', name: 'patch' }] });
  const call = (input: object): Block | undefined =>
    replied(JSON.stringify({ ...answer, content: [{ type: 'tool_use', id: 't', name: 'patch', input }] }), contextFor(), request).blocks[0];
  assert.deepEqual(call({ input: '*** Begin' }), { type: 'toolCall', kind: 'custom', id: 't', name: 'patch', arguments: '*** Begin' });
  assert.deepEqual(call({ other: 1 }), { type: 'toolCall', kind: 'custom', id: 't', name: 'patch', arguments: '{"other":1}' });
});

// The caller's side.

const reply: Reply = { id: 'chatcmpl-1', model: 'gpt-x', created: 1, blocks: [{ type: 'text', text: 'hi' }], finish: { reason: 'end' } };
const foreign = (): ReturnType<typeof contextFor> => contextFor({ back: 'openai-chat' });

test('another format’s answer has every key that the official types require', () => {
  const out = shownWhole(
    {
      ...reply,
      blocks: [
        { type: 'reasoning', text: 'hm' },
        ...reply.blocks,
        { type: 'toolCall', kind: 'function', id: 'a.b', name: 'f', arguments: '{"n":9007199254740993}' },
        { type: 'toolCall', kind: 'custom', id: 'c', name: 'g', arguments: 'x' },
      ],
      finish: { reason: 'toolCalls' },
      usage: { input: 10, cacheRead: 2, inputAudio: 1, output: 5, reasoning: 2 },
      serviceTier: 'default',
    },
    foreign(),
  );
  assert.deepEqual(messageProblems(out), []);
  assert.deepEqual(out['usage'], {
    input_tokens: 11,
    cache_creation_input_tokens: null,
    cache_read_input_tokens: 2,
    output_tokens: 7,
    output_tokens_details: { thinking_tokens: 2 },
    server_tool_use: null,
    cache_creation: null,
    inference_geo: null,
    service_tier: 'standard',
    speed: null,
  });
  assert.deepEqual(messageProblems(shownWhole(reply, foreign())), []);
});

test('arguments pass as they were written', () => {
  const context = foreign();
  const text = JSON.stringify(shownWhole({ ...reply, blocks: [{ type: 'toolCall', kind: 'function', id: 'c', name: 'f', arguments: '' }] }, context));
  assert.match(text, /"input":\{\}/);
  assert.match(text, /"stop_reason":"tool_use"/);
});

test('a broken call is an error, or is left out when the length cut it', () => {
  const blocks: Block[] = [{ type: 'toolCall', kind: 'function', id: 'c', name: 'f', arguments: '{"a":' }];
  assert.equal(
    code(() => shownWhole({ ...reply, blocks, finish: { reason: 'toolCalls' } }, foreign())),
    'upstream_invalid_response',
  );
  const context = foreign();
  const out = shownWhole({ ...reply, blocks, finish: { reason: 'length' } }, context);
  assert.deepEqual([out['content'], out['stop_reason']], [[], 'max_tokens']);
  assert.deepEqual(notesOf(context), ['dropped content.f']);
});

test('reasons that the blocks do not bear out are mended', () => {
  const stop = (finish: Reply['finish'], blocks: readonly Block[] = reply.blocks): unknown =>
    shownWhole({ ...reply, blocks, finish }, foreign())['stop_reason'];
  assert.equal(stop({ reason: 'toolCalls' }), 'end_turn');
  assert.equal(stop({ reason: 'stopString' }), 'end_turn');
  assert.equal(stop({ reason: 'stopString', stopString: 'X' }), 'stop_sequence');
  assert.equal(stop({ reason: 'contextFull' }), 'model_context_window_exceeded');
  assert.equal(stop({ reason: 'end' }, [{ type: 'refusal', text: 'no' }]), 'refusal');
});

test('times to live that are none of ours count as the longer one', () => {
  const out = shownWhole({ ...reply, usage: { input: 1, output: 1, cacheWrite: 30, cacheWriteTtl: { '5m': 10, '30m': 20 } } }, foreign());
  assert.deepEqual((out['usage'] as { cache_creation: unknown }).cache_creation, { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 });
});
