import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGatewayError } from '../../core/errors.ts';
import type { Block, DialectName } from '../../core/ir.ts';
import { parseJsonText } from '../../core/json-text.ts';
import type { Fidelity } from '../../core/notes.ts';
import { scanTopLevel } from '../../core/top-level.ts';
import { samplesOf, without } from '../../../../../test/support/samples.ts';
import { dialects } from '../../../../../test/support/dialects.ts';
import { accept, contextFor, hi, notesOf, plainRequest, sent } from './fixtures/world.ts';
import { checkRequest } from './check.ts';
import { verdicts } from './verdicts.ts';

const backs: readonly DialectName[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'];
const foreign = (fidelity: Fidelity = 'carry') => contextFor({ back: 'openai-chat', fidelity });
const blocksOf = (input: unknown): Block[] => accept({ model: 'm', input }, foreign()).messages.flatMap(({ blocks }) => blocks);

/** The field that is refused; `ok` when none is. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isGatewayError(error) && error.status === 400) return error.param ?? error.message;
    throw error;
  }
  return 'ok';
}

const check = (body: object): string => refusal(() => checkRequest(scanTopLevel(new TextEncoder().encode(JSON.stringify(body))), {}, 'chat'));
const refused = (body: object, fidelity: Fidelity = 'carry'): string => refusal(() => accept({ ...plainRequest, ...body }, foreign(fidelity)));

test('the scan of the top level sees what is missing and out of range', () => {
  assert.equal(check({ input: 'hi' }), 'model');
  assert.equal(check({ model: 'm' }), 'input');
  assert.equal(check({ model: 'm', input: 1 }), 'input');
  assert.equal(check({ model: 'm', input: { role: 'user' } }), 'input');
  for (const [field, value] of [
    ['temperature', 3],
    ['top_p', 2],
    ['max_output_tokens', 0],
    ['stream', 'yes'],
    ['background', 1],
  ] as const)
    assert.equal(check({ ...plainRequest, [field]: value }), field);
  assert.equal(check({ model: 'm', input: 'hi', temperature: null, instructions: null }), 'ok');
  for (const key of ['previous_response_id', 'conversation', 'prompt']) assert.equal(check({ model: 'm', [key]: 'x' }), 'ok', 'its provider has the input');
});

test('what only its provider keeps is refused by name, however lenient the call is', () => {
  for (const fidelity of ['strict', 'carry', 'lenient'] as const)
    for (const [key, value] of [
      ['previous_response_id', 'resp_1'],
      ['conversation', { id: 'conv_1' }],
      ['prompt', { id: 'pmpt_1' }],
      ['background', true],
    ] as const)
      assert.equal(refused({ [key]: value }, fidelity), key);
  assert.equal(refused({ previous_response_id: null, conversation: null, prompt: null, background: false }), 'ok');
  assert.equal(accept({ model: 'm', previous_response_id: 'resp_1' }).messages.length, 0, 'a provider of the format is sent it');
});

test('messages, with and without a type, as a string and as parts', () => {
  const text = (block: Block | undefined): unknown => block?.type === 'text' && block.text;
  assert.equal(text(blocksOf('hi')[0]), 'hi');
  assert.equal(text(blocksOf([{ role: 'user', content: 'hi' }])[0]), 'hi');
  assert.deepEqual(
    accept({ model: 'm', instructions: 'S', input: [{ role: 'developer', content: 'D' }, hi] }, foreign()).messages.map(({ role, at, blocks }) => [
      role,
      at,
      text(blocks[0]),
    ]),
    [
      ['system', 'instructions', 'S'],
      ['developer', 'input[0]', 'D'],
      ['user', 'input[1]', 'hi'],
    ],
  );
  assert.equal(refused({ input: [{ role: 'wizard', content: 'x' }] }), 'input[0].role');
  assert.equal(refused({ input: [] }), 'input');
  assert.equal(refused({ input: [{ role: 'user', content: 7 }] }), 'input[0].content');
});

test('what the model made in one go is one turn, and the results that follow are one', () => {
  const call = (id: string): object => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' });
  const result = (id: string): object => ({ type: 'function_call_output', call_id: id, output: 'x' });
  const said = {
    type: 'message',
    role: 'assistant',
    content: [
      { type: 'output_text', text: 'a' },
      { type: 'refusal', refusal: 'b' },
    ],
  };
  const { messages } = accept({ model: 'm', input: [hi, said, call('1'), call('2'), result('1'), result('2'), hi] }, foreign());
  assert.deepEqual(
    messages.map(({ role, blocks }) => [role, blocks.map(({ type }) => type)]),
    [
      ['user', ['text']],
      ['assistant', ['text', 'refusal', 'toolCall', 'toolCall']],
      ['user', ['toolResult', 'toolResult']],
      ['user', ['text']],
    ],
  );
});

test('a result without the id of its call is refused, and goes to a provider of the format as it came', () => {
  const input = [hi, { type: 'function_call_output', output: 'x' }];
  assert.equal(refused({ input }), 'input[1]');
  const context = contextFor();
  assert.deepEqual(sent(accept({ model: 'm', input }, context), context)['input'], input);
});

test('thinking is shown by its summary, else by itself; its state is opened for its own origin and withheld from any other', () => {
  const think = (item: object, context = foreign()) => {
    const [block] = accept({ model: 'm', input: [{ type: 'reasoning', ...item }, hi] }, context).messages.flatMap(({ blocks }) => blocks);
    return block?.type === 'reasoning' ? [block.text, block.signature, block.redacted] : block?.type;
  };
  const part = (text: string) => ({ type: 'summary_text', text });
  const thought = { type: 'reasoning_text', text: 'deep' };
  assert.deepEqual(think({ summary: [part('a'), part('b')] }), ['a\n\nb', undefined, undefined]);
  assert.deepEqual(think({ summary: [], content: [thought] }), ['deep', undefined, undefined]);
  assert.deepEqual(think({ summary: [], encrypted_content: 'mw1.upstream.s.sig' }), ['', 'mw1.upstream.sig', undefined]);
  assert.deepEqual(think({ summary: [], encrypted_content: 'mw1.upstream.r.secret' }), ['', undefined, 'mw1.upstream.secret']);
  assert.deepEqual(think({ summary: [], encrypted_content: 'gAAAA' }, contextFor()), ['', 'gAAAA', undefined]);
  const context = foreign();
  assert.equal(think({ summary: [], encrypted_content: 'gAAAA' }, context), 'text', 'nothing is left of it');
  assert.deepEqual(notesOf(context), ['dropped input[0].encrypted_content']);
});

test('a search that the provider runs is left out beside tools of the caller’s, and asked for alone it is refused', () => {
  const f = { type: 'function', name: 'f', parameters: null, strict: false };
  const search = { type: 'web_search', search_context_size: 'low' };
  const tools = (list: readonly object[], fidelity: Fidelity = 'carry') => {
    const context = foreign(fidelity);
    return { names: accept({ ...plainRequest, tools: list }, context).tools?.map(({ name }) => name), notes: notesOf(context) };
  };
  assert.deepEqual(tools([search, f]), { names: ['f'], notes: ['dropped tools[0]'] });
  assert.equal(refused({ tools: [search, f] }, 'strict'), 'tools[0]');
  const prepared = (list: readonly object[], more: object = {}) => {
    const context = foreign();
    return refusal(() => dialects['openai-chat'].prepare(accept({ ...plainRequest, tools: list, ...more }, context), context));
  };
  assert.equal(prepared([search]), 'tools[0]');
  assert.equal(prepared([{ type: 'code_interpreter', container: { type: 'auto' } }, f]), 'tools[0]', 'what it runs, the caller counts on');
  assert.equal(prepared([search, f], { tool_choice: { type: 'web_search_preview' } }), 'tool_choice');
});

test('what is asked of thinking and of the text', () => {
  const request = (body: object) => accept({ ...plainRequest, ...body }, foreign());
  assert.deepEqual(request({ reasoning: { effort: 'low', summary: 'auto' } }).reasoning, { effort: 'low', display: 'summarized' });
  assert.equal(request({ reasoning: {} }).reasoning, undefined);
  assert.equal(request({ reasoning: { effort: 'heroic' } }).ext.find(({ path }) => path === 'reasoning.effort')?.loss, 'hint');
  assert.deepEqual(request({ text: { format: { type: 'text' } } }).responseFormat, { type: 'text' });
  assert.equal(request({ text: { verbosity: 'low' } }).responseFormat, undefined);
  assert.equal(refused({ text: { format: { type: 'json_schema', name: 'x' } } }), 'text.format.schema');
  assert.equal(request({ text: { format: { type: 'yaml' } } }).ext.find(({ path }) => path === 'text.format')?.loss, 'demand');
  assert.deepEqual(
    request({ include: ['reasoning.encrypted_content', 'message.output_text.logprobs', 'web_search_call.results'] })
      .ext.filter(({ path }) => path.startsWith('include'))
      .map(({ path, loss }) => [path, loss]),
    [
      ['include[1]', 'demand'],
      ['include[2]', 'hint'],
    ],
  );
});

/** Every place of a sample, replaced by what it is not: 400 naming the place, or understood, never anything else. */
test('wrong types anywhere are refused by name, or harmless', () => {
  const wrong: readonly unknown[] = [null, 7, -1.5, 'x', true, [], {}, [[[]]], { type: 7 }, ''];
  const [sample] = samplesOf(verdicts.request);
  assert.ok(sample !== undefined);
  const { previous_response_id: _p, conversation: _c, prompt: _t, background: _b, ...rest } = sample.value as Record<string, unknown>;
  const places = new Map(sample.leaves.flatMap(({ steps }) => steps.map((_, depth) => [steps.slice(0, depth + 1).join(), steps.slice(0, depth + 1)] as const)));
  for (const steps of places.values())
    for (const other of wrong) {
      const body = JSON.stringify(without(rest, { path: '', tags: '', pattern: '', steps, other }, true));
      for (const back of backs) {
        const context = contextFor({ back, fidelity: 'lenient' });
        refusal(() => dialects[back].prepare(dialects['openai-responses'].accept(parseJsonText(body), context).request, context));
      }
    }
});
