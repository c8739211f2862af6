import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1 } from '../../core/bytes.ts';
import type { Target } from '../../core/target.ts';
import { sealing } from './sealing.ts';

const target: Target = { provider: 'lab', model: 'm', speaks: {}, quirks: { ownState: true } };
const event = (type: string, rest: string): string => `event: ${type}\ndata: {"type":"${type}",${rest}}\n\n`;
const start = (index: number, block: string): string => event('content_block_start', `"index":${index},"content_block":${block}`);
const delta = (index: number, piece: string): string => event('content_block_delta', `"index":${index},"delta":${piece}`);
const stop = (index: number): string => event('content_block_stop', `"index":${index}`);
const signed = (index: number, signature: string): string => delta(index, `{"type":"signature_delta","signature":"${signature}"}`);

/** What goes out for each event; undefined: as it came. */
function sealed(...events: readonly string[]): readonly (string | undefined)[] {
  const seal = sealing.stream(target);
  return events.map((text) => seal(latin1(new TextEncoder().encode(text)), () => text));
}

test('a signature and secret thinking go out under the seal, with nothing else of their events changed', () => {
  const secret = start(1, '{ "data":"S\\/x==", "type" :"redacted_thinking","更":1.0 }');
  assert.deepEqual(sealed(start(0, '{"type":"thinking","thinking":"","signature":""}'), signed(0, 'a+b=='), stop(0), secret, stop(1)), [
    undefined,
    signed(0, 'mw1.lab.a+b=='),
    undefined,
    secret.replace('"S\\/x=="', '"mw1.lab.S/x=="'),
    undefined,
  ]);
  const whole = start(0, '{"type":"thinking","thinking":"hm","signature":"sig"}');
  assert.deepEqual(sealed(whole, stop(0)), [whole.replace('"sig"', '"mw1.lab.sig"'), undefined]);
});

test('thinking that nobody signed is given an empty signature at its end, once', () => {
  const thought = start(2, '{"type":"thinking","thinking":""}');
  const said = delta(2, '{"type":"thinking_delta","thinking":"考 \\"signature\\":\\"x\\""}');
  assert.deepEqual(sealed(thought, said, stop(1), stop(2), stop(2)), [undefined, undefined, undefined, signed(2, 'mw1.lab.') + stop(2), undefined]);
  assert.deepEqual(sealed(thought, signed(2, ''), stop(2)), [undefined, signed(2, 'mw1.lab.'), undefined]);
});

test('blocks of thinking that are open side by side are told apart', () => {
  const thought = (index: number): string => start(index, '{"type":"thinking","thinking":""}');
  const [, , first, , last] = sealed(thought(0), thought(1), signed(1, 'one'), stop(1), stop(0));
  assert.deepEqual([first, last], [signed(1, 'mw1.lab.one'), signed(0, 'mw1.lab.') + stop(0)]);
});

test('what only looks like state passes: words of a tool’s input and of texts', () => {
  const input = '{"signature":"mine","a":{"type":"thinking","signature":"mine"}}';
  const events = [
    start(0, `{"type":"tool_use","id":"t","name":"f","input":${input}}`),
    delta(0, `{"type":"input_json_delta","partial_json":${JSON.stringify(input)}}`),
    delta(1, `{"type":"text_delta","text":${JSON.stringify(input)}}`),
    stop(1),
    event('message_delta', `"delta":{"stop_reason":"tool_use"},"usage":{"signature":"x"}`),
  ];
  assert.deepEqual(
    sealed(...events),
    events.map(() => undefined),
  );
});

test('of a whole answer every block of thinking is sealed, and every other byte stays', () => {
  const input = '{"signature":"mine","type":"thinking","list":[{"type":"redacted_thinking","data":"mine"}]}';
  const answer = (state: (text: string) => string, empty: string): string => `{ "type":"message",
    "content":[{"type":"thinking","thinking":"一","signature":"${state('s1')}"},{"type":"redacted_thinking","data":"${state('d')}"},
    {"type":"thinking","thinking":"two"${empty}},{"type":"text","text":"\\u0041"},{"type":"tool_use","id":"t","name":"f","input":${input}}], "n":1.0}`;
  const before = answer((text) => text, '');
  const after = answer((text) => `mw1.lab.${text}`, ',"signature":"mw1.lab."');
  assert.equal(sealing.whole(before, target), after);
  const plain = `{"type":"message","content":[{"type":"tool_use","id":"t","name":"f","input":${input}}]}`;
  assert.equal(sealing.whole(plain, target), plain);
});

test('state that another modelwire has sealed is sealed once more, and one that begins like our own record is kept apart from it', () => {
  assert.deepEqual(sealed(signed(0, 'mw1.else.x')), [signed(0, 'mw1.lab.mw1.else.x')]);
  assert.deepEqual(sealed(delta(0, '{"type":"signature_delta","signature":"{\\"state\\":1}"}')), [
    signed(0, JSON.stringify(`mw1.lab.${JSON.stringify({ state: '{"state":1}', kept: [] })}`).slice(1, -1)),
  ]);
});
