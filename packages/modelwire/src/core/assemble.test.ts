import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Assembler, type CallPiece, createAssembler } from './assemble.ts';
import { GatewayError } from './errors.ts';
import type { ChatEvent } from './event.ts';
import type { Block } from './ir.ts';

type Act = (to: Assembler, emit: (event: ChatEvent) => void) => void;

function run(...acts: readonly Act[]): { blocks: Block[]; order: string[]; assembler: Assembler } {
  const assembler = createAssembler({ salt: 'call', toolName: (name) => name.replace('x_', '') });
  const blocks: Block[] = [];
  const order: string[] = [];
  let isOpen = false;
  const emit = (event: ChatEvent): void => {
    if (event.type === 'open') {
      assert.equal(isOpen, false, 'one block at a time');
      isOpen = true;
    } else if (event.type === 'close') {
      assert.equal(isOpen, true);
      isOpen = false;
      blocks.push(event.block);
    } else if (event.type === 'delta') assert.ok(isOpen && event.text !== '');
    order.push(event.type === 'delta' ? event.text : event.type);
  };
  for (const act of acts) act(assembler, emit);
  assembler.finish(emit);
  assert.equal(isOpen, false);
  return { blocks, order, assembler };
}

const text =
  (value: string): Act =>
  (to, emit) =>
    to.say('text', value, emit);
const call =
  (piece: CallPiece): Act =>
  (to, emit) =>
    to.call(piece, emit);
const calls = (...acts: readonly Act[]): unknown[] =>
  run(...acts).blocks.map((block) => (block.type === 'toolCall' ? [block.id.startsWith('call_') ? '-' : block.id, block.name, block.arguments] : block.type));

test('text of one kind is one block, another kind or part begins the next', () => {
  const { blocks } = run(
    (to, emit) => to.say('reasoning', 'a', emit),
    (to, emit) => to.say('reasoning', 'b', emit),
    (to, emit) => to.say('reasoning', 'c', emit, '1'),
    (to, emit) => to.say('reasoning', '', emit, '2'),
    text('d'),
    text(''),
    text('e'),
    (to, emit) => to.say('refusal', 'f', emit),
    text('g'),
  );
  assert.deepEqual(blocks, [
    { type: 'reasoning', text: 'ab' },
    { type: 'reasoning', text: 'c' },
    { type: 'text', text: 'de' },
    { type: 'refusal', text: 'f' },
    { type: 'text', text: 'g' },
  ]);
});

test('a signature stands in its block, or in one of its own', () => {
  const { blocks } = run(
    (to, emit) => to.say('reasoning', 'a', emit, '0'),
    (to, emit) => to.seal('0', { signature: 's' }, emit),
    text('b'),
    (to, emit) => to.seal('1', { redacted: 'r' }, emit),
  );
  assert.deepEqual(blocks, [
    { type: 'reasoning', text: 'a', signature: 's' },
    { type: 'text', text: 'b' },
    { type: 'reasoning', text: '', redacted: 'r' },
  ]);
});

test('a call in pieces streams its arguments', () => {
  const { order, blocks } = run(
    call({ index: 0, id: 'a', name: 'x_f', arguments: '' }),
    call({ index: 0, arguments: '{"n"' }),
    call({ index: 0, arguments: ':1}' }),
  );
  assert.deepEqual(order, ['open', '{"n"', ':1}', 'close']);
  assert.deepEqual(blocks, [{ type: 'toolCall', id: 'a', name: 'f', arguments: '{"n":1}', kind: 'function' }]);
});

test('interleaved calls keep the order in which they began, and close when they are complete', () => {
  const { order } = run(
    call({ index: 0, id: 'a', name: 'f', arguments: '{"n":' }),
    call({ index: 1, id: 'b', name: 'g', arguments: '{' }),
    call({ index: 0, arguments: '1}' }),
    call({ index: 1, arguments: '}' }),
  );
  assert.deepEqual(order, ['open', '{"n":', '1}', 'close', 'open', '{', '}', 'close']);
});

test('two calls of which only the names came first', () => {
  assert.deepEqual(
    calls(
      call({ index: 0, id: 'a', name: 'f' }),
      call({ index: 1, id: 'b', name: 'g' }),
      call({ index: 1, arguments: '{"n":2}' }),
      call({ index: 0, arguments: '{"n":1}' }),
    ),
    [
      ['a', 'f', '{"n":1}'],
      ['b', 'g', '{"n":2}'],
    ],
  );
});

test('text after an incomplete call waits for it', () => {
  const { blocks } = run(text('a'), call({ index: 0, id: 'c', name: 'f', arguments: '{' }), text('b'), call({ index: 0, arguments: '}' }), text('c'));
  assert.deepEqual(
    blocks.map((block) => (block.type === 'text' ? block.text : block.type)),
    ['a', 'toolCall', 'bc'],
  );
});

test('calls by id, without an index', () => {
  assert.deepEqual(
    calls(
      call({ id: 'a', name: 'f', arguments: '{' }),
      call({ id: 'b', name: 'f', arguments: '{' }),
      call({ id: 'a', arguments: '}' }),
      call({ id: 'b', arguments: '}' }),
    ),
    [
      ['a', 'f', '{}'],
      ['b', 'f', '{}'],
    ],
  );
});

test('calls without index and id, told by their names', () => {
  assert.deepEqual(
    calls(call({ name: 'f', arguments: '{' }), call({ arguments: '}' }), call({ name: 'g', arguments: '{}' }), call({ name: 'g', arguments: '{"n":1}' })),
    [
      ['-', 'f', '{}'],
      ['-', 'g', '{}'],
      ['-', 'g', '{"n":1}'],
    ],
  );
  assert.deepEqual(calls(call({ name: 'f' }), call({ name: 'g' })), [
    ['-', 'f', ''],
    ['-', 'g', ''],
  ]);
});

test('names may be repeated, grow, or come in pieces', () => {
  const rest = (name?: string): Act[] => [call({ index: 0, name, arguments: '{"n":' }), call({ index: 0, name, arguments: '1}' })];
  const first = (name: string): Act => call({ index: 0, id: 'a', name });
  for (const acts of [
    [first('get'), ...rest('get')],
    [first('ge'), ...rest('get')],
    [first('g'), call({ index: 0, name: 'et' }), ...rest()],
  ])
    assert.deepEqual(calls(...acts), [['a', 'get', '{"n":1}']]);
});

test('one index for every call, told by ids or by complete arguments', () => {
  assert.deepEqual(calls(call({ index: 0, id: 'a', name: 'f', arguments: '{}' }), call({ index: 0, id: 'b', name: 'f', arguments: '{}' })), [
    ['a', 'f', '{}'],
    ['b', 'f', '{}'],
  ]);
  assert.deepEqual(calls(call({ index: 0, name: 'f', arguments: '{}' }), call({ index: 0, name: 'f', arguments: '{"n":1}' })), [
    ['-', 'f', '{}'],
    ['-', 'f', '{"n":1}'],
  ]);
  assert.deepEqual(calls(call({ index: 0, name: 'f', arguments: '{}' }), call({ index: 0, name: 'g', arguments: '{}' })), [
    ['-', 'f', '{}'],
    ['-', 'g', '{}'],
  ]);
});

test('one id for every call: the second gets one of ours', () => {
  assert.deepEqual(calls(call({ index: 0, id: 'a', name: 'f', arguments: '{}' }), call({ index: 1, id: 'a', name: 'g', arguments: '{}' })), [
    ['a', 'f', '{}'],
    ['-', 'g', '{}'],
  ]);
});

test('another id with every piece is still the same call', () => {
  assert.deepEqual(calls(call({ index: 0, id: 'a', name: 'f', arguments: '{' }), call({ index: 0, id: 'b', arguments: '}' })), [['a', 'f', '{}']]);
});

test('an id or a name may come late', () => {
  assert.deepEqual(calls(call({ index: 0, name: 'f' }), call({ index: 0, id: 'a' }), call({ index: 0, arguments: '{}' })), [['a', 'f', '{}']]);
  assert.deepEqual(calls(call({ index: 0, id: 'a', arguments: '{' }), call({ index: 0, name: 'f', arguments: '}' })), [['a', 'f', '{}']]);
});

test('ids of ours are the same on every run and differ within an answer', () => {
  const ids = (): unknown[] =>
    run(call({ index: 0, name: 'f', arguments: '{}' }), call({ index: 1, name: 'f', arguments: '{}' })).blocks.map(
      (block) => block.type === 'toolCall' && block.id,
    );
  assert.deepEqual(ids(), ids());
  assert.equal(new Set(ids()).size, 2);
});

test('a call that never gets a name is no answer', () => {
  assert.throws(
    () => run(call({ index: 0, arguments: '{}' })),
    (error) => error instanceof GatewayError && error.code === 'upstream_invalid_response',
  );
  assert.deepEqual(calls(call({ index: 0 }), text('a')), ['text'], 'a piece that says nothing is nothing');
});

test('white space after a complete call is nothing', () => {
  assert.deepEqual(calls(call({ index: 0, id: 'a', name: 'f', arguments: '{}' }), text('b'), call({ index: 0, arguments: '\n' })), [['a', 'f', '{}'], 'text']);
});

test('free text of a custom tool is never complete before the end', () => {
  const { blocks } = run(
    call({ index: 0, id: 'a', name: 'f', kind: 'custom', arguments: '{}' }),
    call({ index: 1, id: 'b', name: 'g', arguments: '{}' }),
    call({ index: 0, arguments: ' more' }),
  );
  assert.deepEqual(
    blocks.map((block) => block.type === 'toolCall' && [block.kind, block.arguments]),
    [
      ['custom', '{} more'],
      ['function', '{}'],
    ],
  );
});

test('the last text can be amended while it is open, and counts are kept', () => {
  const mark = (to: Assembler): boolean => to.amendText((block) => (block.type === 'text' ? { ...block, citations: '[1]' } : block));
  const seen: boolean[] = [];
  const { blocks, assembler } = run(
    (to) => seen.push(mark(to)),
    text('a'),
    (to) => seen.push(mark(to)),
    call({ index: 0, id: 'c', name: 'f', arguments: '{}' }),
    (to) => seen.push(mark(to)),
  );
  assert.deepEqual(seen, [false, true, false]);
  assert.deepEqual(blocks[0], { type: 'text', text: 'a', citations: '[1]' });
  assert.deepEqual([assembler.callCount(), assembler.blockCount()], [1, 2]);
});

test('a whole block stands between others', () => {
  const audio: Block = { type: 'opaque', dialect: 'openai-chat', kind: 'audio', raw: '{}', loss: 'hint' };
  assert.deepEqual(run(text('a'), (to, emit) => to.whole(audio, emit), text('b')).blocks, [{ type: 'text', text: 'a' }, audio, { type: 'text', text: 'b' }]);
});
