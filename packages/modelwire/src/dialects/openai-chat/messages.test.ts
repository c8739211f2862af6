import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import type { Block, Message } from '../../core/ir.ts';
import type { Quirks } from '../../core/target.ts';
import { accept, contextFor, foreignRequest, notesOf, sent } from './fixtures/world.ts';

type Options = NonNullable<Parameters<typeof contextFor>[0]>;

function write(messages: readonly Message[], options: Options = {}): { messages: unknown[]; notes: string[] } {
  const context = contextFor(options);
  const out = sent(foreignRequest({ messages }), context);
  return { messages: [...out.messages], notes: notesOf(context) };
}

function refused(messages: readonly Message[], options: Options = {}): string | undefined {
  try {
    write(messages, options);
  } catch (error) {
    if (error instanceof GatewayError && error.status === 400) return error.param;
    throw error;
  }
  return undefined;
}

const text = (value: string, at = 'x'): Block => ({ type: 'text', text: value, at });
const system = (value: string, role: 'system' | 'developer' = 'system'): Message => ({ role, blocks: [text(value)], at: `at ${value}` });
const user = (...blocks: readonly Block[]): Message => ({ role: 'user', blocks, at: 'user' });
const assistant = (...blocks: readonly Block[]): Message => ({ role: 'assistant', blocks, at: 'assistant' });
const call = (id: string, args = '{}'): Block => ({ type: 'toolCall', id, name: 'f', arguments: args, kind: 'function' });
const result = (callId: string, content: readonly Block[], more: { isError?: boolean } = {}): Block => ({
  type: 'toolResult',
  callId,
  content,
  at: 'result',
  ...more,
});
const image: Block = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'iVBO' }, at: 'image' };
const imagePart = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } };

test('system messages stay where they are, each its own', () => {
  const conversation = [system('a'), system('b', 'developer'), user(text('u')), system('c'), user(text('v'))];
  assert.deepEqual(write(conversation), {
    messages: [
      { role: 'system', content: 'a' },
      { role: 'developer', content: 'b' },
      { role: 'user', content: 'u' },
      { role: 'system', content: 'c' },
      { role: 'user', content: 'v' },
    ],
    notes: [],
  });
  const old = write(conversation, { quirks: { developerRole: false } });
  assert.deepEqual([old.messages[1], old.notes], [{ role: 'system', content: 'b' }, ['changed at b']]);
});

test('where a system message may only come first, later ones are marked text of the user', () => {
  const { messages, notes: said } = write([system('a'), system('b'), user(text('u')), system('c')], { quirks: { systemAnywhere: false } });
  assert.deepEqual(messages, [
    {
      role: 'system',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    },
    { role: 'user', content: 'u' },
    { role: 'user', content: '<system>c</system>' },
  ]);
  assert.deepEqual(said, ['changed at b', 'emulated at c']);
  assert.deepEqual(write([system('a'), system('b'), user(text('u'))], { quirks: { systemAnywhere: false, contentParts: false } }).messages[0], {
    role: 'system',
    content: 'a\n\nb',
  });
});

test('a system message holds text only', () => {
  assert.equal(refused([{ role: 'system', blocks: [image] }, user(text('u'))]), 'image');
});

test('one text is a string, several are parts, joined where parts are not taken', () => {
  assert.deepEqual(write([user(text('a'), text('b'))]).messages, [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    },
  ]);
  const quirks: Quirks = { contentParts: false };
  assert.deepEqual(
    write([user(text('a'), text('b')), assistant(text('c'), text('d')), user(text('e'))], { quirks }).messages.map(
      (message) => (message as { content: string }).content,
    ),
    ['a\nb', 'cd', 'e'],
  );
  assert.equal(refused([user(text('a'), image)], { quirks }), 'image');
  assert.deepEqual(write([user()]).messages, [{ role: 'user', content: '' }]);
});

test('tool results come first, each its own message; the rest of the turn after them', () => {
  const { messages, notes: said } = write([
    user(text('u')),
    assistant(text('t'), call('1'), call('2', '')),
    user(result('1', [text('r1')]), result('2', []), text('next')),
  ]);
  assert.deepEqual(messages.slice(1), [
    {
      role: 'assistant',
      content: 't',
      tool_calls: [
        { id: '1', type: 'function', function: { name: 'f', arguments: '{}' } },
        { id: '2', type: 'function', function: { name: 'f', arguments: '{}' } },
      ],
    },
    { role: 'tool', tool_call_id: '1', content: 'r1' },
    { role: 'tool', tool_call_id: '2', content: '' },
    { role: 'user', content: 'next' },
  ]);
  assert.deepEqual(said, []);
});

test('media of tool results follow in the user’s next message, after the whole run', () => {
  const turn = [assistant(call('1'), call('2')), user(result('1', [text('see'), image])), user(result('2', [text('r')]), text('go on'))];
  const { messages, notes: said } = write(turn);
  assert.deepEqual(messages, [
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: '1', type: 'function', function: { name: 'f', arguments: '{}' } },
        { id: '2', type: 'function', function: { name: 'f', arguments: '{}' } },
      ],
    },
    { role: 'tool', tool_call_id: '1', content: 'see' },
    { role: 'tool', tool_call_id: '2', content: 'r' },
    { role: 'user', content: [{ type: 'text', text: '[tool result media for 1]' }, imagePart, { type: 'text', text: 'go on' }] },
  ]);
  assert.deepEqual(said, ['emulated result']);
  const last = write([assistant(call('1')), user(result('1', [image])), assistant(text('a'))]).messages;
  assert.deepEqual(last.slice(1), [
    { role: 'tool', tool_call_id: '1', content: '' },
    { role: 'user', content: [{ type: 'text', text: '[tool result media for 1]' }, imagePart] },
    { role: 'assistant', content: 'a' },
  ]);
});

test('a failed tool says so in its text', () => {
  const { messages, notes: said } = write([assistant(call('1')), user(result('1', [text('no "such" file')], { isError: true }))]);
  assert.deepEqual(messages[1], { role: 'tool', tool_call_id: '1', content: '{"error":"no \\"such\\" file"}' });
  assert.deepEqual(said, ['emulated result.is_error']);
});

test('ids are fitted alike on both sides', () => {
  const ids = (id: string, quirks: Quirks = {}): unknown[] => {
    const { messages } = write([assistant(call(id)), user(result(id, [text('r')]))], { quirks }) as {
      messages: { tool_calls?: { id: string }[]; tool_call_id?: string }[];
    };
    return [messages[0]?.tool_calls?.[0]?.id, messages[1]?.tool_call_id];
  };
  for (const id of ['call_123', 'x'.repeat(9), 'y'.repeat(40)]) assert.deepEqual(ids(id), [id, id]);
  for (const id of ['z'.repeat(41), 'w'.repeat(200), 'a b']) {
    const [made, answered] = ids(id);
    assert.equal(made, answered);
    assert.match(String(made), /^[\x21-\x7e]{1,40}$/);
  }
  const [made, answered] = ids('toolu_01ABC', { toolCallIds: 'alnum9' });
  assert.equal(made, answered);
  assert.match(String(made), /^[a-zA-Z0-9]{9}$/);
});

test('a refusal in the history, a custom call, arguments as they were written', () => {
  assert.deepEqual(write([assistant({ type: 'refusal', text: 'no' }), user(text('u'))]).messages[0], { role: 'assistant', content: null, refusal: 'no' });
  const custom: Block = { type: 'toolCall', id: '1', name: 'c', arguments: '', kind: 'custom' };
  assert.deepEqual(write([assistant(custom), user(result('1', [text('r')]))]).messages[0], {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: '1', type: 'function', function: { name: 'c', arguments: '{"input":""}' } }],
  });
  assert.deepEqual(write([assistant(call('1', '{ "n" : 1.0 }')), user(result('1', []))]).messages[0], {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{ "n" : 1.0 }' } }],
  });
});

const thought: Block = { type: 'reasoning', text: 'why', signature: 'mw1.upstream.', at: 'thought' };
const thinking = (turn: readonly Block[], quirks: Quirks, provider = 'upstream') => {
  const closing = turn.some((block) => block.type === 'toolCall') ? [user(result('1', [text('r')]))] : [user(text('u'))];
  const { messages, notes: said } = write([assistant(...turn), ...closing], { quirks, provider }) as { messages: Record<string, unknown>[]; notes: string[] };
  const { role: _r, content: _c, tool_calls: _t, ...rest } = messages[0] ?? {};
  return { rest, said };
};

test('thinking of earlier turns goes back only where the provider wants it', () => {
  assert.deepEqual(thinking([thought, text('a')], {}), { rest: {}, said: ['dropped thought'] });
  assert.deepEqual(thinking([thought, text('a')], { reasoningHistory: 'never' }), { rest: {}, said: ['dropped thought'] });
  assert.deepEqual(thinking([thought, text('a')], { reasoningHistory: 'always' }), { rest: { reasoning_content: 'why' }, said: [] });
  assert.deepEqual(thinking([thought, text('a')], { reasoningHistory: 'always', reasoningField: 'reasoning' }), { rest: { reasoning: 'why' }, said: [] });
  assert.deepEqual(thinking([thought, text('a')], { reasoningHistory: 'tool_calls' }), { rest: {}, said: ['dropped thought'] });
  assert.deepEqual(thinking([thought, call('1')], { reasoningHistory: 'tool_calls' }), { rest: { reasoning_content: 'why' }, said: [] });
  assert.deepEqual(thinking([text('a'), call('1')], { reasoningHistory: 'tool_calls' }), { rest: {}, said: [] });
  assert.deepEqual(thinking([text('a')], { reasoningHistory: 'always' }), { rest: {}, said: [] });
});

test('thinking of another origin is withheld, our own comes back', () => {
  const sealed = (origin: string): Block => ({ type: 'reasoning', text: 'why', signature: `mw1.${origin}.`, at: 'thought' });
  const quirks: Quirks = { reasoningHistory: 'tool_calls' };
  assert.deepEqual(thinking([sealed('deepseek'), call('1')], quirks, 'deepseek'), { rest: { reasoning_content: 'why' }, said: [] });
  assert.deepEqual(thinking([sealed('anthropic'), call('1')], quirks, 'deepseek'), { rest: {}, said: ['dropped thought'] });
  // Nobody has sealed it, but it came in another format: so it was made elsewhere.
  for (const more of [{}, { signature: 'EqQ' }, { redacted: 'EqQ' }])
    assert.deepEqual(thinking([{ type: 'reasoning', text: 'why', at: 'thought', ...more }, call('1')], quirks, 'deepseek'), {
      rest: {},
      said: ['dropped thought'],
    });
  assert.deepEqual(thinking([{ type: 'reasoning', text: '', redacted: 'mw1.anthropic.x', at: 'thought' }, text('a')], {}), {
    rest: {},
    said: ['dropped thought'],
  });
});

test('a placeholder stands for thinking that must go back and is missing', () => {
  const some: Quirks = { reasoningHistory: 'tool_calls', reasoningPlaceholder: '' };
  assert.deepEqual(thinking([text('a'), call('1')], some), { rest: { reasoning_content: '' }, said: [] });
  assert.deepEqual(thinking([text('a')], some), { rest: {}, said: [] });
  const all: Quirks = { reasoningHistory: 'always', reasoningPlaceholder: '…' };
  assert.deepEqual(thinking([thought, call('1')], all), { rest: { reasoning_content: 'why' }, said: [] });
  assert.deepEqual(write([assistant(text('a')), user(text('u')), assistant(call('1')), user(result('1', []))], { quirks: all }).messages[0], {
    role: 'assistant',
    content: 'a',
    reasoning_content: '…',
  });
  assert.deepEqual(thinking([text('a')], all), { rest: {}, said: [] });
});

test('callers of this dialect get their own fields through', () => {
  const details = [
    { type: 'reasoning.text', text: 't', signature: 's', format: 'anthropic-claude-v1', index: 0 },
    { type: 'reasoning.summary', summary: 'u', index: 1 },
  ];
  const turn = (message: object, quirks: Quirks = {}) => {
    const context = contextFor({ quirks });
    const out = sent(
      accept({
        model: 'm',
        messages: [
          { role: 'assistant', content: 'a', ...message },
          { role: 'user', content: 'u' },
        ],
      }),
      context,
    );
    const { role: _r, content: _c, ...rest } = out.messages[0] ?? {};
    return { rest, said: notesOf(context) };
  };
  assert.deepEqual(turn({ reasoning: 'why' }), { rest: { reasoning: 'why' }, said: [] });
  assert.deepEqual(turn({ reasoning_details: details }), { rest: { reasoning_details: details }, said: [] });
  assert.deepEqual(turn({ reasoning_details: details }, { reasoningHistory: 'never' }), {
    rest: {},
    said: ['dropped messages[0].reasoning_details[0]', 'dropped messages[0].reasoning_details[1]'],
  });
  const sealed = [{ type: 'reasoning.text', text: 't', signature: 'mw1.anthropic.s', format: 'modelwire', index: 0 }];
  assert.deepEqual(turn({ reasoning_content: 't', reasoning_details: sealed }), { rest: {}, said: ['dropped messages[0].reasoning_details[0]'] });
});

const document = (source: (Block & { type: 'document' })['source'], more: object = {}): Block => ({ type: 'document', source, at: 'doc', ...more });
const partsOf = (block: Block, options: Options = {}) => {
  const { messages, notes: said } = write([user(text('u'), block)], options) as { messages: { content: unknown[] }[]; notes: string[] };
  return { part: messages[0]?.content[1], said };
};

test('documents', () => {
  const pdf = { kind: 'base64', mediaType: 'application/pdf', data: 'JVBE' } as const;
  const file = (filename: string): object => ({ type: 'file', file: { filename, file_data: 'data:application/pdf;base64,JVBE' } });
  assert.deepEqual(partsOf(document(pdf, { filename: 'a.pdf' })), { part: file('a.pdf'), said: [] });
  assert.deepEqual(partsOf(document(pdf)), { part: file('document.pdf'), said: ['changed doc'] });
  assert.deepEqual(partsOf(document(pdf, { title: 'T', context: 'c', cite: true })), {
    part: file('T'),
    said: ['dropped doc.context', 'dropped doc.citations', 'changed doc'],
  });
  assert.deepEqual(partsOf(document({ kind: 'text', text: 'body' }, { title: 'T' })), {
    part: { type: 'text', text: '[document: T]\nbody' },
    said: ['emulated doc'],
  });
  assert.deepEqual(partsOf(document({ kind: 'text', text: 'body' })).part, { type: 'text', text: 'body' });
  assert.deepEqual(partsOf(document({ kind: 'blocks', blocks: [text('inner')] })).part, { type: 'text', text: 'inner' });
  assert.equal(refused([user(document({ kind: 'url', url: 'https://x.y/a.pdf' }))]), 'doc');
  assert.equal(refused([user(document({ kind: 'file', id: 'f', dialect: 'anthropic-messages' }))]), 'doc');
  assert.equal(refused([user(document(pdf))], { quirks: { documents: false } }), 'doc');
  assert.equal(refused([user(document({ kind: 'text', text: 'body' }))], { quirks: { documents: false } }), undefined);
});

test('images, search results and what is known to another dialect alone', () => {
  assert.deepEqual(partsOf(image).part, imagePart);
  assert.equal(refused([user(image)], { quirks: { images: false } }), 'image');
  assert.deepEqual(partsOf(image, { quirks: { images: false }, fidelity: 'lenient' }), { part: undefined, said: ['dropped image'] });
  assert.equal(refused([user({ type: 'image', source: { kind: 'file', id: 'f', dialect: 'anthropic-messages' }, at: 'image' })]), 'image');
  assert.deepEqual(partsOf({ type: 'searchResult', title: 'T', source: 'https://x.y', content: [{ type: 'text', text: 'body' }], at: 'search' }), {
    part: { type: 'text', text: 'T\nSource: https://x.y\n\nbody' },
    said: ['emulated search'],
  });
  const opaque = (loss: 'hint' | 'demand'): Block => ({
    type: 'opaque',
    dialect: 'anthropic-messages',
    kind: 'container_upload',
    raw: '{}',
    loss,
    at: 'opaque',
  });
  assert.deepEqual(partsOf(opaque('hint')), { part: undefined, said: ['dropped opaque'] });
  assert.equal(refused([user(opaque('demand'))]), 'opaque');
});

test('cache marks and citations are hints', () => {
  const { notes: said } = write([
    user({ type: 'text', text: 'a', cache: { ttl: '5m' }, citations: '[]', at: 'a' }),
    assistant(call('1')),
    user({ type: 'toolResult', callId: '1', content: [text('r')], cache: {}, at: 'r' }),
  ]);
  assert.deepEqual(said, ['dropped a.cache_control', 'dropped a.citations', 'dropped r.cache_control']);
});

test('an assistant at the end is passed on, where the provider goes on from it', () => {
  assert.deepEqual(write([user(text('u')), assistant(text('Sure, '))]).messages.at(-1), { role: 'assistant', content: 'Sure, ' });
  assert.equal(refused([user(text('u')), assistant(text('Sure, '))], { quirks: { prefill: false } }), 'assistant');
});

test('foreign extras of messages and blocks are accounted for', () => {
  const extra = { dialect: 'anthropic-messages' as const, path: 'm.x', key: 'x', raw: '1', loss: 'demand' as const };
  assert.equal(refused([{ ...user(text('u')), ext: [extra] }]), 'm.x');
  assert.equal(refused([{ ...system('s'), ext: [extra] }, user(text('u'))]), 'm.x');
  assert.equal(refused([user({ type: 'text', text: 'u', ext: [extra] })]), 'm.x');
  assert.equal(refused([assistant({ ...call('1'), ext: [extra] })]), 'm.x');
  assert.equal(refused([assistant({ ...thought, ext: [extra] })], { quirks: { reasoningHistory: 'always' } }), 'm.x');
});

/** Every leaf of a request of another dialect is found in what goes out, or its place is named in a note. */
test('nothing of a foreign request is lost silently', () => {
  let count = 0;
  const mark = (): string => `S${++count}S`;
  const extra = (path: string, loss: 'hint' = 'hint') => ({ dialect: 'anthropic-messages' as const, path, key: 'k', raw: `"${mark()}"`, loss });
  const inBlock = (at: string) => ({ at, cache: { ttl: mark() }, ext: [extra(`${at}.k`)] });
  const blocks: Block[] = [
    { type: 'text', text: mark(), citations: `["${mark()}"]`, ...inBlock('b0') },
    { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: mark() }, detail: mark(), ...inBlock('b1') },
    { type: 'document', source: { kind: 'text', text: mark() }, title: mark(), context: mark(), cite: true, ...inBlock('b2') },
    { type: 'document', source: { kind: 'base64', mediaType: 'application/pdf', data: mark() }, filename: mark(), ...inBlock('b3') },
    { type: 'audio', data: mark(), format: mark(), ...inBlock('b4') },
    { type: 'searchResult', title: mark(), source: mark(), content: [{ type: 'text', text: mark() }], ...inBlock('b5') },
    { type: 'opaque', dialect: 'anthropic-messages', kind: 'x', raw: `"${mark()}"`, loss: 'hint', ...inBlock('b6') },
  ];
  const request = foreignRequest({
    messages: [
      { role: 'system', blocks: [{ type: 'text', text: mark(), ...inBlock('s0') }], ext: [extra('s.k')], at: 's' },
      { role: 'user', blocks, ext: [extra('u.k')], at: 'u', name: mark() },
      {
        role: 'assistant',
        blocks: [
          { type: 'reasoning', text: mark(), signature: mark(), at: 'r' },
          { type: 'text', text: mark(), at: 'a0' },
          { type: 'toolCall', id: mark(), name: mark(), arguments: `{"a":"${mark()}"}`, kind: 'function', ...inBlock('c') },
        ],
        at: 'a',
      },
    ],
    maxTokens: 8_001,
    temperature: 0.123,
    topP: 0.234,
    topK: 345,
    stop: [mark()],
    seed: 456,
    frequencyPenalty: 0.567,
    presencePenalty: 0.678,
    tools: [
      {
        name: mark(),
        kind: 'function',
        description: mark(),
        schema: `{"type":"object","d":"${mark()}"}`,
        strict: true,
        cache: { ttl: mark() },
        at: 't',
        ext: [extra('t.k')],
      },
    ],
    responseFormat: { type: 'schema', name: mark(), description: mark(), schema: `{"d":"${mark()}"}`, strict: true },
    endUser: mark(),
    serviceTier: mark(),
    cache: {},
    ext: [extra('top.k')],
    reasoning: { budget: 4000, display: mark() },
  });
  const context = contextFor();
  const body = JSON.stringify(sent(request, context));
  const said = context.ledger.notes.map(({ path }) => path);
  const lost = Array.from({ length: count }, (_, index) => `S${index + 1}S`).filter((sentinel) => !body.includes(sentinel));
  const places = [
    'b0.citations',
    's0.cache_control',
    't.cache_control',
    'service_tier',
    'reasoning_effort.display',
    'reasoning_effort',
    'top_k',
    'cache_control',
    'top.k',
    'u.k',
    's.k',
    't.k',
    'c.k',
    'r',
    'b6',
    'b2.context',
    'b2.citations',
    ...blocks.map((block) => `${block.at}.cache_control`),
    ...blocks.map((block) => `${block.at}.k`),
  ];
  for (const place of places) assert.ok(said.includes(place), `${place} is not noted`);
  // Cache times (10: blocks, system, call, tool), extras (13), citations, context, opaque, the thought and its signature, display, tier.
  const silent = lost.length - (10 + 13 + 1 + 1 + 1 + 2 + 1 + 1);
  assert.equal(silent, 0, `${lost.join(' ')} notes ${said.join(' ')}`);
  for (const number of ['8001', '0.123', '0.234', '456', '0.567', '0.678']) assert.ok(body.includes(number), number);
});

test('where the model must speak after tool results, media and what the user says there go into the last of them', () => {
  const quirks: Quirks = { userAfterTool: false };
  const turn = [user(text('hi')), assistant(call('1'), call('2'))];
  const out = write(
    [...turn, user(result('1', [text('one')]), result('2', [text('two'), image]), text('so?')), system('now'), assistant(text('a')), user(text('b'))],
    { quirks },
  );
  assert.deepEqual(out.messages.slice(2), [
    { role: 'tool', tool_call_id: '1', content: 'one' },
    {
      role: 'tool',
      tool_call_id: '2',
      content: [
        { type: 'text', text: 'two' },
        imagePart,
        { type: 'text', text: '<user>\nso?\n</user>' },
        { type: 'text', text: '<user>\n<system>now</system>\n</user>' },
      ],
    },
    { role: 'assistant', content: 'a' },
    { role: 'user', content: 'b' },
  ]);
  assert.deepEqual(out.notes, ['emulated user', 'emulated at now', 'emulated at now']);
  const failed = write([...turn.slice(0, 1), assistant(call('1')), user(result('1', [text('no')], { isError: true }))], { quirks });
  assert.deepEqual(failed.messages.at(-1), { role: 'tool', tool_call_id: '1', content: '{"error":"no"}' });
});

test('names begin as the provider wants it', () => {
  const called = (quirks: Quirks): unknown => {
    const made: Block = { type: 'toolCall', id: '1', name: '1st', arguments: '{}', kind: 'function' };
    const [{ tool_calls: calls }] = write([assistant(made), user(result('1', []))], { quirks }).messages as [{ tool_calls: [{ function: { name: string } }] }];
    return calls[0].function.name;
  };
  assert.equal(called({}), '1st');
  assert.match(String(called({ toolNames: 'letterFirst' })), /^_1st_[0-9a-f]{8}$/);
});
