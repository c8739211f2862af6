import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { ask, list, record, targetOf, type Told } from './provider-call.ts';

/** Providers that speak the caller's own format and whose thinking is signed or encrypted by themselves, beside the format's makers. */

const event = (type: string, rest = ''): string => `event: ${type}\ndata: {"type":"${type}"${rest}}\n\n`;
const usage = '"usage":{"input_tokens":1,"output_tokens":2}';

/** An answer of each format with its state, and every oddity of spelling that must stay. */
type Answers = (state: (text: string) => string) => { readonly whole: string; readonly stream: string };

const anthropic: Answers = (state) => {
  const blocks = [
    `{"type":"thinking","thinking":"考虑 😀","signature":"${state('c2ln')}"}`,
    `{"type":"redacted_thinking", "data":"${state('c2VjcmV0')}"}`,
    '{"type":"text","text":"\\u0041 \\"signature\\":\\"x\\""}',
    '{"type":"tool_use","id":"t1","name":"f","input":{"signature":"mine","n":9007199254740993}}',
  ];
  const head = '"id":"msg_1","type":"message","role":"assistant","model":"m"';
  const deltas = [
    [0, '{"type":"thinking_delta","thinking":"考虑"}'],
    [0, '{"type":"thinking_delta","thinking":" 😀"}'],
    [0, `{"type":"signature_delta","signature":"${state('c2ln')}"}`],
    [2, '{"type":"text_delta","text":"a"}'],
    [2, '{"type":"text_delta","text":"b"}'],
    [2, '{"type":"text_delta","text":"c \\"signature\\":\\"x\\""}'],
    [3, '{"type":"input_json_delta","partial_json":"{\\"signature\\":"}'],
    [3, '{"type":"input_json_delta","partial_json":"\\"mine\\"}"}'],
  ] as const;
  const starts = ['{"type":"thinking","thinking":"","signature":""}', blocks[1], '{"type":"text","text":""}', blocks[3]];
  return {
    whole: `{ ${head}, "content":[${blocks.join(' , ')}],"stop_reason":"tool_use",${usage}}\n`,
    stream: [
      event('message_start', `,"message":{${head},"content":[],"stop_reason":null,${usage}}`),
      ...starts.flatMap((start, index) => [
        event('content_block_start', `,"index":${index},"content_block":${start}`),
        ...deltas.filter(([at]) => at === index).map(([at, delta]) => event('content_block_delta', `,"index":${at},"delta":${delta}`)),
        event('content_block_stop', `,"index":${index}`),
      ]),
      event('message_delta', `,"delta":{"stop_reason":"tool_use"},${usage}`),
      event('message_stop'),
    ].join(''),
  };
};

const responses: Answers = (state) => {
  const items = [
    `{"id":"rs_1","type":"reasoning", "summary":[{"type":"summary_text","text":"考虑 😀"}],"encrypted_content":"${state('e.Z0FBQQ==')}"}`,
    '{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"\\u0041","annotations":[]}]}',
    '{"id":"fc_1","type":"function_call","status":"completed","call_id":"c1","name":"f","arguments":"{\\"encrypted_content\\":\\"mine\\"}"}',
  ];
  const response = (status: string, output: string): string =>
    `"response":{"id":"resp_1","object":"response","status":"${status}","model":"m","output":[${output}],"reasoning":{"effort":"high"},${usage}}`;
  return {
    whole: `{ ${response('completed', items.join(' , ')).slice('"response":{'.length)}\n`,
    stream: [
      event('response.created', `,"sequence_number":0,${response('in_progress', '')}`),
      event('response.output_item.added', ',"sequence_number":1,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}'),
      ...items.map((item, at) => event('response.output_item.done', `,"sequence_number":${at + 2},"output_index":${at},"item":${item}`)),
      ...['a', 'b', 'c'].map((text, at) =>
        event('response.output_text.delta', `,"sequence_number":${at + 5},"item_id":"msg_1","output_index":1,"content_index":0,"delta":"${text}"`),
      ),
      event('response.completed', `,"sequence_number":8,${response('completed', items.join(','))}`),
    ].join(''),
  };
};

type Format = { readonly front: DialectName; readonly answers: Answers; readonly maker: string; readonly own: string; readonly request: object };

const formats: readonly Format[] = [
  {
    front: 'anthropic-messages',
    answers: anthropic,
    maker: 'anthropic',
    own: 'minimax',
    request: { max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
  },
  { front: 'openai-responses', answers: responses, maker: 'openai', own: 'xai', request: { store: false, input: 'hi' } },
];

/** What OpenAI's format has in its place the letter for, and Anthropic's has none. */
const unlettered = (text: string): string => text.replace('e.', '');

for (const { front, answers, maker, own, request } of formats) {
  describe(front, () => {
    const plain = answers(unlettered);
    const covered = (provider: string): ReturnType<Answers> => answers((text) => `mw1.${provider}.${text}`);
    const told = (name: string, stream: boolean, bytewise = false): Promise<Told> =>
      ask({
        target: targetOf(name, { dialect: front }),
        front,
        request: { ...request, ...(stream ? { stream } : {}) },
        answer: { text: stream ? plain.stream : plain.whole },
        bytewise,
      });

    test('the format’s maker is relayed to byte for byte', async () => {
      for (const bytewise of [false, true]) {
        assert.equal((await told(maker, false, bytewise)).text, plain.whole);
        assert.equal((await told(maker, true, bytewise)).text, plain.stream);
      }
    });

    test('of anyone else’s answers the state is sealed and every other byte stays, wherever a read ends', async () => {
      for (const bytewise of [false, true]) {
        const whole = await told(own, false, bytewise);
        assert.equal(whole.text, covered(own).whole);
        assert.equal(whole.attempt.mode, 'relay');
        const stream = await told(own, true, bytewise);
        assert.equal(stream.text, covered(own).stream);
        assert.equal(stream.attempt.mode, 'relay');
        assert.equal(stream.attempt.usage?.output, 2);
      }
    });

    test('whatever ends its lines, they end so', async () => {
      for (const eol of ['\r\n', '\r']) {
        const answer = { text: plain.stream.replaceAll('\n', eol) };
        const { text } = await ask({ target: targetOf(own, { dialect: front }), front, request: { ...request, stream: true }, answer, bytewise: true });
        assert.equal(text, covered(own).stream.replaceAll('\n', eol));
      }
    });

    test('an answer longer than what a relay holds is sealed as well, and one that is too long is refused', async () => {
      const target = targetOf(own, { dialect: front });
      const padded = (text: string): string => text.replace('{ ', `{ "padding":"${'x'.repeat(1_200_000)}",`);
      const long = await ask({ target, front, request, answer: { text: padded(plain.whole) } });
      assert.equal(long.text, padded(covered(own).whole));
      await assert.rejects(ask({ target, front, request, answer: { text: `{"padding":"${'x'.repeat(65 * 1024 * 1024)}"}` } }), /longer than/);
    });
  });
}

/** What the scripted answer is does not matter to a request. */
async function sentTo(name: string, { front, answers }: Format, request: object): Promise<Told> {
  return await ask({ target: targetOf(name, { dialect: front }), front, request, answer: { text: answers(unlettered).whole } });
}

const [messagesFormat, responsesFormat] = formats;
assert.ok(messagesFormat !== undefined && responsesFormat !== undefined);

/** Notes of thinking that was left out. */
const withheld = ({ attempt }: Told): readonly string[] => attempt.notes.filter(({ reason }) => /withheld/.test(reason)).map(({ path }) => path);

describe('requests of anthropic-messages', () => {
  const format = messagesFormat;
  const asking = (...thinking: readonly object[]): object => ({
    max_tokens: 9,
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [...thinking, { type: 'text', text: 'Hello' }] },
      { role: 'user', content: 'and?' },
    ],
  });
  const blocksOf = ({ body }: Told): readonly unknown[] => list(list(body['messages'])[1]?.['content']);
  const text = { type: 'text', text: 'Hello' };
  const signed = (signature: string, more: object = {}): object => ({ type: 'thinking', thinking: 'hm', signature, ...more });
  const secret = (data: string): object => ({ type: 'redacted_thinking', data });

  test('its own state comes back as it was given, signed or not', async () => {
    const told = await sentTo('minimax', format, asking(signed('mw1.minimax.c2ln'), secret('mw1.minimax.c2VjcmV0'), signed('mw1.minimax.')));
    assert.deepEqual(blocksOf(told), [signed('c2ln'), secret('c2VjcmV0'), signed(''), text]);
    assert.deepEqual(withheld(told), []);
  });

  test('what nobody sealed, and what another has, is withheld with a note', async () => {
    for (const thinking of [signed('EqSigned'), secret('Em'), signed(''), signed('mw1.zai.x'), secret('mw1.zai.x')]) {
      const told = await sentTo('minimax', format, asking(thinking));
      assert.deepEqual(blocksOf(told), [text], JSON.stringify(thinking));
      assert.deepEqual(withheld(told), ['messages[1].content[0]']);
    }
    const told = await sentTo('anthropic', format, asking(signed('mw1.minimax.c2ln')));
    assert.deepEqual([blocksOf(told), withheld(told)], [[text], ['messages[1].content[0]']]);
  });

  test('the maker’s own, and a request without thinking, are relayed', async () => {
    const own = await sentTo('anthropic', format, asking(signed('EqSigned'), secret('Em')));
    assert.deepEqual([own.attempt.mode, blocksOf(own)], ['relay', [signed('EqSigned'), secret('Em'), text]]);
    const asked = { ...asking(), max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 1024 } };
    assert.equal((await sentTo('minimax', format, asked)).attempt.mode, 'relay');
  });

  test('an answer to a translated request bears the seal too, signed or not', async () => {
    const target = targetOf('minimax', { dialect: format.front });
    const request = asking(signed('mw1.minimax.c2ln'));
    const whole = await ask({ target, front: format.front, request, answer: { text: anthropic(unlettered).whole } });
    assert.equal(whole.attempt.mode, 'translate');
    const blocks = list(record(JSON.parse(whole.text))['content']);
    assert.deepEqual([blocks[0]?.['signature'], blocks[1]?.['data']], ['mw1.minimax.c2ln', 'mw1.minimax.c2VjcmV0']);
    const unsigned = anthropic(unlettered).whole.replace('"signature":"c2ln"', '"signature":""');
    const told = await ask({ target, front: format.front, request, answer: { text: unsigned } });
    assert.equal(list(record(JSON.parse(told.text))['content'])[0]?.['signature'], 'mw1.minimax.');
    const stream = await ask({ target, front: format.front, request: { ...request, stream: true }, answer: { text: anthropic(unlettered).stream } });
    assert.equal(stream.attempt.mode, 'translate');
    assert.match(stream.text, /"signature_delta","signature":"mw1\.minimax\.c2ln"/);
    assert.match(stream.text, /"data":"mw1\.minimax\.c2VjcmV0"/);
  });
});

describe('requests of openai-responses', () => {
  const format = responsesFormat;
  const asking = (...thinking: readonly object[]): object => ({
    store: false,
    input: [
      { type: 'message', role: 'user', content: 'hi' },
      ...thinking,
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hello' }] },
      { type: 'message', role: 'user', content: 'and?' },
    ],
  });
  const thinkingIn = ({ body }: Told): readonly unknown[] => list(body['input']).filter(({ type }) => type === 'reasoning');
  const item = (more: object = {}): object => ({ id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }], ...more });
  const secret = (encrypted_content: string): object => item({ encrypted_content });

  test('its own state comes back as it was given, or its absence', async () => {
    const told = await sentTo('xai', format, asking(secret('mw1.xai.e.Z0FBQQ=='), secret('mw1.xai.e.')));
    assert.deepEqual(thinkingIn(told), [secret('Z0FBQQ=='), item()]);
    assert.deepEqual(withheld(told), []);
  });

  test('what nobody sealed, and what another has, is withheld with a note', async () => {
    for (const thinking of [secret('gAAA'), item(), secret('mw1.openrouter.e.x'), secret('mw1.xai.s.x'), secret('mw1.xai.x')]) {
      const told = await sentTo('xai', format, asking(thinking));
      assert.deepEqual(thinkingIn(told), [], JSON.stringify(thinking));
      assert.deepEqual(withheld(told), ['input[1]']);
    }
    const told = await sentTo('openai', format, asking(secret('mw1.xai.e.'), secret('mw1.xai.e.Z0FBQQ==')));
    assert.deepEqual([thinkingIn(told), withheld(told)], [[], ['input[1]', 'input[2]']]);
  });

  test('the maker’s own, and a request without thinking, are relayed', async () => {
    const own = await sentTo('openai', format, asking(secret('gAAA'), item()));
    assert.deepEqual([own.attempt.mode, thinkingIn(own)], ['relay', [secret('gAAA'), item()]]);
    assert.equal((await sentTo('xai', format, { ...asking(), reasoning: { effort: 'high' } })).attempt.mode, 'relay');
  });

  test('an answer to a translated request bears the seal too, asked for or not', async () => {
    const target = targetOf('xai', { dialect: format.front });
    const { whole, stream } = responses(unlettered);
    for (const include of [['reasoning.encrypted_content'], []]) {
      const state = include.length === 0 ? 'mw1.xai.e.' : 'mw1.xai.e.Z0FBQQ==';
      const request = { ...asking(secret('mw1.xai.e.x')), include };
      const told = await ask({ target, front: format.front, request, answer: { text: whole } });
      assert.equal(told.attempt.mode, 'translate');
      assert.equal(list(record(JSON.parse(told.text))['output'])[0]?.['encrypted_content'], state);
      const streamed = await ask({ target, front: format.front, request: { ...request, stream: true }, answer: { text: stream } });
      assert.deepEqual(
        [...streamed.text.matchAll(/"encrypted_content":"(.*?)"/g)].map(([, found]) => found),
        [state, state],
      );
    }
  });
});

describe('the official libraries', () => {
  /** One of an answer's streams, as the caller got it. */
  const answering = (text: string) => ({
    apiKey: 'x',
    fetch: () => Promise.resolve(new Response(text, { headers: { 'content-type': 'text/event-stream' } })),
  });
  const streamed = async (name: string, { front, request }: Format, text: string): Promise<string> =>
    (await ask({ target: targetOf(name, { dialect: front }), front, request: { ...request, stream: true }, answer: { text } })).text;

  test('Anthropic’s adds up the sealed signature, or the empty one of thinking that was not signed', async () => {
    const { stream } = anthropic(unlettered);
    const unsigned = stream.replace(/event: content_block_delta\ndata: [^\n]*"signature_delta"[^\n]*\n\n/, '');
    assert.notEqual(unsigned, stream);
    for (const [text, signature] of [
      [stream, 'mw1.minimax.c2ln'],
      [unsigned, 'mw1.minimax.'],
    ] as const) {
      const client = new Anthropic(answering(await streamed('minimax', messagesFormat, text)));
      const { content } = await client.messages.stream({ model: 'm', max_tokens: 9, messages: [] }).finalMessage();
      assert.deepEqual(content.slice(0, 2), [
        { type: 'thinking', thinking: '考虑 😀', signature },
        { type: 'redacted_thinking', data: 'mw1.minimax.c2VjcmV0' },
      ]);
    }
  });

  test('OpenAI’s adds up the sealed encrypted thinking', async () => {
    const { stream } = responses(unlettered);
    const client = new OpenAI(answering(await streamed('xai', responsesFormat, stream)));
    const events = [];
    for await (const event of await client.responses.create({ model: 'm', input: 'hi', stream: true })) events.push(event);
    const last = events.at(-1);
    assert.ok(last?.type === 'response.completed');
    const [thought] = last.response.output;
    assert.ok(thought?.type === 'reasoning');
    assert.equal(thought.encrypted_content, 'mw1.xai.e.Z0FBQQ==');
  });
});
