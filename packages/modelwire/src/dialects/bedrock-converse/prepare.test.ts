import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGatewayError } from '../../core/errors.ts';
import type { Block, ChatRequest } from '../../core/ir.ts';
import { accept, contextFor, foreignRequest, hi, notesOf, sent } from './fixtures/world.ts';
import { bedrockConverse } from './index.ts';
import { translation } from './translation.ts';

const foreign = (options: Parameters<typeof contextFor>[0] = {}) => contextFor(options);
const said = (...blocks: Block[]): Partial<ChatRequest> => ({ messages: [{ role: 'user', blocks, at: 'messages[0]' }] });

function contentOf(request: Partial<ChatRequest>, context = foreign()): unknown {
  const { messages } = sent(foreignRequest(request), context) as { messages: { content: unknown }[] };
  return messages[0]?.content;
}

function refusal(request: Partial<ChatRequest>, options: Parameters<typeof contextFor>[0] = {}): string {
  try {
    sent(foreignRequest(request), foreign(options));
  } catch (error) {
    if (isGatewayError(error)) return `${error.param}: ${error.message.split(': ').slice(1).join(': ')}`;
    throw error;
  }
  return 'sent';
}

test('the model is in the path, whatever its name', () => {
  const path = (model: string, stream = false) => bedrockConverse.back.relayPath('chat', { model, stream });
  assert.equal(path('us.anthropic.claude-sonnet-4-5-20250929-v1:0'), '/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse');
  assert.equal(
    path('arn:aws:bedrock:us-east-1:1:inference-profile/a(b)', true),
    '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fa%28b%29/converse-stream',
  );
  assert.equal(bedrockConverse.back.relayPath('count_tokens', { model: 'm', stream: false }), '/model/m/count-tokens');
});

test('documents get names that are taken, each once', () => {
  const document = (title?: string): Block => ({
    type: 'document',
    source: { kind: 'base64', mediaType: 'application/pdf', data: 'aaaa' },
    at: 'd',
    ...(title === undefined ? {} : { title }),
  });
  const context = foreign();
  const content = contentOf(said(document('paper_v2.final.pdf'), document('A  b'), document('A b'), document(), document('日本 (1)')), context) as {
    document: { name: string };
  }[];
  assert.deepEqual(
    content.map((block) => block.document.name),
    ['paper v2 final pdf', 'A b', 'A b 2', 'document', '日本 (1)'],
  );
  assert.equal(notesOf(context).filter((note) => note === 'changed d').length, 4);
});

test('what cannot be sent is refused by name', () => {
  const at = 'messages[0].content[0]';
  const image = (source: object) => said({ type: 'image', source, at } as Block);
  assert.match(refusal(image({ kind: 'url', url: 'https://example.com/a.png' })), /^messages\[0\]\.content\[0\]: nothing is taken by its address/);
  assert.match(refusal(image({ kind: 'base64', mediaType: 'image/tiff', data: 'aaaa' })), /image\/tiff/);
  assert.match(refusal(image({ kind: 'file', id: 'f', dialect: 'openai-chat' })), /another provider/);
  assert.match(refusal(said({ type: 'audio', format: 'xyz', data: 'aaaa', at })), /xyz/);
  assert.match(refusal(said({ type: 'document', source: { kind: 'base64', mediaType: 'application/zip', data: 'aaaa' }, at })), /application\/zip/);
  assert.match(refusal({ temperature: 1.5 }), /^temperature: it is at most 1/);
  assert.match(refusal({ messages: [{ role: 'user', blocks: [], at: 'messages[0]' }] }), /empty/);
  assert.match(refusal(said({ type: 'toolResult', callId: 'x', content: [], at })), /answers no tool call/);
  assert.match(refusal(image({ kind: 'base64', mediaType: 'image/png', data: 'aaaa' }), { quirks: { images: false } }), /no images/);
});

const tool = { kind: 'function' as const, name: 'get weather!', at: 'tools[0]' };
const call: Block = { type: 'toolCall', kind: 'function', id: 'call/1', name: 'get weather!', arguments: '{"n":9007199254740993}' };
const turn: Partial<ChatRequest> = {
  messages: [
    { role: 'user', blocks: [{ type: 'text', text: 'hi' }] },
    { role: 'assistant', blocks: [call] },
    { role: 'user', blocks: [{ type: 'toolResult', callId: 'call/1', content: [{ type: 'text', text: '' }] }] },
  ],
};

test('names and ids are fitted, the same in every place, and come back', () => {
  const context = foreign();
  const request = foreignRequest({ ...turn, tools: [tool] });
  const body = JSON.stringify(sent(request, context));
  const [, name = ''] = /"toolSpec":\{"name":"([^"]+)"/.exec(body) ?? [];
  assert.match(name, /^[a-zA-Z0-9_-]{1,64}$/);
  const [, id = ''] = /"toolResult":\{"toolUseId":"([^"]+)"/.exec(body) ?? [];
  assert.match(id, /^tooluse_[0-9a-f]+$/);
  assert.ok(body.includes(`"toolUse":{"toolUseId":"${id}","name":"${name}","input":`));
  assert.ok(translation.prepare(request, foreign()).body.includes('{"n":9007199254740993}'));
  const answer = { output: { message: { role: 'assistant', content: [{ toolUse: { toolUseId: 'a', name, input: {} } }] } }, stopReason: 'tool_use' };
  const [block] = translation.prepare(request, foreign()).reply(JSON.stringify(answer)).blocks;
  assert.equal(block?.type === 'toolCall' ? block.name : '', 'get weather!');
});

test('there is no choice of none: no tools are sent, or the words ask for no calls', () => {
  const none = { tools: [{ ...tool, name: 'f' }], toolChoice: { type: 'none' as const } };
  assert.equal(sent(foreignRequest(none))['toolConfig'], undefined);
  const context = foreign();
  const body = sent(foreignRequest({ ...none, ...turn }), context);
  assert.deepEqual([body['toolConfig'] !== undefined, body['system']], [true, [{ text: 'Do not call any tool: answer in words.' }]]);
  assert.ok(notesOf(context).includes('emulated tool_choice'));
});

test('how much to think, by what the model takes', () => {
  const thought = (quirks: object, reasoning: ChatRequest['reasoning'], maxTokens = 10_000) => {
    const { additionalModelRequestFields: fields, outputConfig } = sent(
      foreignRequest({ maxTokens, ...(reasoning === undefined ? {} : { reasoning }) }),
      foreign({ quirks }),
    );
    return [fields, outputConfig];
  };
  assert.deepEqual(thought({}, { effort: 'minimal' }), [undefined, { effort: 'low' }]);
  assert.deepEqual(thought({ thinking: 'adaptive' }, { effort: 'high' }), [{ thinking: { type: 'adaptive' } }, { effort: 'high' }]);
  assert.deepEqual(thought({ thinking: 'budget' }, { effort: 'medium' }), [{ thinking: { type: 'enabled', budget_tokens: 5000 } }, undefined]);
  assert.deepEqual(thought({ thinking: 'budget' }, { budget: 2000, mode: 'enabled' }), [{ thinking: { type: 'enabled', budget_tokens: 2000 } }, undefined]);
  assert.deepEqual(thought({ thinking: 'budget' }, { effort: 'none' }), [{ thinking: { type: 'disabled' } }, undefined]);
  assert.deepEqual(thought({ thinking: 'none' }, { effort: 'high' }), [undefined, undefined]);
  assert.match(refusal({ reasoning: { budget: 4000 }, maxTokens: 2000 }, { quirks: { thinking: 'budget' } }), /max_tokens, which is 2000/);
  assert.match(
    refusal({ reasoning: { effort: 'high' }, maxTokens: 8000, tools: [tool], toolChoice: { type: 'required' } }, { quirks: { thinking: 'budget' } }),
    /with thinking on, a tool call cannot be forced/,
  );
});

test('a turn of tools that was begun without thinking goes on without, with a note', () => {
  const call: Block = { type: 'toolCall', kind: 'function', id: 'a', name: 'f', arguments: '{}' };
  const turn = (...blocks: readonly Block[]): ChatRequest['messages'] => [
    { role: 'user', blocks: [{ type: 'text', text: 'hi' }] },
    { role: 'assistant', blocks },
    { role: 'user', blocks: [{ type: 'toolResult', callId: 'a', content: [] }] },
  ];
  const ask = (messages: ChatRequest['messages']): readonly [unknown, readonly string[]] => {
    const context = foreign({ provider: 'bedrock', quirks: { thinking: 'budget' } });
    const { additionalModelRequestFields: fields } = sent(
      foreignRequest({ messages, tools: [tool], reasoning: { effort: 'high' }, maxTokens: 10_000 }),
      context,
    );
    return [fields, notesOf(context)];
  };
  const own: Block = { type: 'reasoning', text: 'hm', signature: 'mw1.bedrock.S' };
  const on = { thinking: { type: 'enabled', budget_tokens: 8000 } };
  assert.deepEqual(ask(turn(own, call))[0], on);
  for (const blocks of [[call], [{ ...own, signature: 'mw1.other.S' }, call]] as const) {
    const [fields, notes] = ask(turn(...blocks));
    assert.deepEqual([fields, notes.includes('dropped reasoning')], [{ thinking: { type: 'disabled' } }, true]);
  }
  // The turn is over.
  const over = [
    ...turn(call),
    { role: 'assistant', blocks: [{ type: 'text', text: 'ok' }] },
    { role: 'user', blocks: [{ type: 'text', text: 'so?' }] },
  ] as const;
  assert.deepEqual(ask(over)[0], on);
});

test('thinking goes back to where it was made, and to nobody else', () => {
  const context = foreign({ provider: 'bedrock' });
  const thinking = (signature?: string): Block => ({ type: 'reasoning', text: 't', ...(signature === undefined ? {} : { signature }) });
  const body = sent(
    foreignRequest({
      messages: [
        { role: 'user', blocks: [{ type: 'text', text: 'hi' }] },
        {
          role: 'assistant',
          at: 'messages[1]',
          blocks: [
            thinking('mw1.bedrock.c2ln'),
            thinking('mw1.other.c2ln'),
            thinking(),
            { type: 'reasoning', text: '', redacted: 'mw1.bedrock.c2VjcmV0' },
            { type: 'text', text: 'a' },
          ],
        },
        { role: 'user', blocks: [{ type: 'text', text: 'hi' }] },
      ],
    }),
    context,
  ) as { messages: { content: unknown[] }[] };
  assert.deepEqual(body.messages[1]?.content, [
    { reasoningContent: { reasoningText: { text: 't', signature: 'c2ln' } } },
    { reasoningContent: { redactedContent: 'c2VjcmV0' } },
    { text: 'a' },
  ]);
  assert.deepEqual(notesOf(context), ['dropped messages', 'dropped messages']);
});

test('more stop strings than a provider takes are looked for here', () => {
  const context = foreign({ quirks: { stopMax: 1 } });
  const prepared = translation.prepare(foreignRequest({ stop: ['a', 'STOP'] }), context);
  assert.ok(prepared.body.includes('"stopSequences":["a"]'));
  const reply = prepared.reply(JSON.stringify({ output: { message: { role: 'assistant', content: [{ text: 'one STOP two' }] } }, stopReason: 'end_turn' }));
  assert.deepEqual([reply.blocks, reply.finish.reason], [[{ type: 'text', text: 'one ' }], 'stopString']);
});

test('a turn that was begun without thinking goes on without, whoever asks', () => {
  const call: Block = { type: 'toolCall', kind: 'function', id: 't_1', name: 'read', arguments: '{}', at: 'messages[1]' };
  const result: Block = { type: 'toolResult', callId: 't_1', content: [{ type: 'text', text: 'x' }], at: 'messages[2]' };
  const messages = (...before: Block[]) => [
    { role: 'user' as const, blocks: [{ type: 'text' as const, text: 'hi' }], at: 'messages[0]' },
    { role: 'assistant' as const, blocks: [...before, call], at: 'messages[1]' },
    { role: 'user' as const, blocks: [result], at: 'messages[2]' },
  ];
  const options = { quirks: { thinking: 'budget' as const }, info: { maxOutput: 10_000 } };
  const asked = (...before: Block[]): [unknown, string[]] => {
    const context = foreign(options);
    const body = sent(foreignRequest({ messages: messages(...before), reasoning: { effort: 'high' } }), context);
    return [body['additionalModelRequestFields'], notesOf(context)];
  };
  assert.deepEqual(asked()[0], { thinking: { type: 'disabled' } });
  assert.ok(asked()[1].includes('dropped reasoning'));
  assert.deepEqual(asked({ type: 'reasoning', text: 't', signature: 'mw1.upstream.s' })[0], { thinking: { type: 'enabled', budget_tokens: 8000 } });
  // Another's thinking is withheld, under a seal or without.
  for (const signature of ['mw1.other.s', 's']) assert.deepEqual(asked({ type: 'reasoning', text: 't', signature })[0], { thinking: { type: 'disabled' } });
});

test('our own caller’s other fields stay as they were written where its thinking is switched off', () => {
  const sealed = { reasoningContent: { reasoningText: { text: 't', signature: 'mw1.other.s' } } };
  const toolUse = { toolUseId: 't_1', name: 'read', input: {} };
  const messages = [
    hi,
    { role: 'assistant', content: [sealed, { toolUse }] },
    { role: 'user', content: [{ toolResult: { toolUseId: 't_1', content: [{ text: 'x' }] } }] },
  ];
  const fields = '{"top_k":1e1,"thinking":{"type":"enabled","budget_tokens":1024},"anthropic_beta":["a"]}';
  const context = foreign();
  const { body } = translation.prepare(accept(`{"messages":${JSON.stringify(messages)},"additionalModelRequestFields":${fields}}`, context), context);
  assert.ok(body.includes('"additionalModelRequestFields":{"top_k":1e1,"thinking":{"type":"disabled"},"anthropic_beta":["a"]}'), body);
  assert.deepEqual(notesOf(context), ['dropped additionalModelRequestFields.thinking', 'dropped messages[1].content[0].reasoningContent']);
});
