import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGatewayError } from '../../core/errors.ts';
import { parseJsonText } from '../../core/json-text.ts';
import { scanTopLevel } from '../../core/top-level.ts';
import { accept, contextFor, generate, hi, notesOf } from './fixtures/world.ts';
import { ollama } from './index.ts';
import { translation } from './translation.ts';

/** The field that is blamed, or undefined when nothing is. */
function blamed(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    assert.equal(error.status, 400);
    return error.param ?? error.message;
  }
}

const check = (body: unknown, operation: 'chat' | 'generate' = 'chat') =>
  blamed(() => ollama.front.check(scanTopLevel(new TextEncoder().encode(JSON.stringify(body))), {}, operation));

test('what the byte scan can see is checked before anything is sent', () => {
  assert.equal(check({ model: 'm', messages: [hi], options: { temperature: 0, num_predict: -1 }, stream: null }), undefined);
  assert.equal(check({ messages: [hi] }), 'model');
  assert.equal(check({ model: '', messages: [hi] }), 'model');
  assert.equal(check({ model: 'm', messages: 'hi' }), 'messages');
  assert.equal(check({ model: 'm', messages: [hi], stream: 'yes' }), 'stream');
  assert.equal(check({ model: 'm', messages: [hi], options: [] }), 'options');
  assert.equal(check({ model: 'm', messages: [hi], options: { num_predict: 1.5 } }), 'options.num_predict');
  assert.equal(check({ model: 'm', messages: [hi], options: { temperature: -1 } }), 'options.temperature');
  assert.equal(check({ model: 'm', messages: [hi], options: { top_p: '1' } }), 'options.top_p');
  // Ollama loads a model so.
  assert.equal(check({ model: 'm' }), undefined);
  assert.equal(check({ model: 'm', prompt: 'hi' }, 'generate'), undefined);
  assert.equal(check({ model: 'm', prompt: ['hi'] }, 'generate'), 'prompt');
});

test('deeper faults are named', () => {
  const foreign = (body: object) => blamed(() => accept({ model: 'm', messages: [hi], ...body }, contextFor({ back: 'openai-chat' })));
  assert.equal(foreign({}), undefined);
  assert.equal(foreign({ messages: [] }), 'messages');
  assert.equal(foreign({ messages: null }), 'messages');
  assert.equal(foreign({ messages: ['hi'] }), 'messages[0]');
  assert.equal(foreign({ messages: [{ role: 'critic', content: 'x' }] }), 'messages[0].role');
  assert.equal(foreign({ messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] }), 'messages[0].content');
  assert.equal(foreign({ messages: [{ role: 'user', content: 'x', images: ['http://a/b.png'] }] }), 'messages[0].images[0]');
  assert.equal(foreign({ messages: [{ role: 'user', content: 'x', images: [7] }] }), 'messages[0].images[0]');
  assert.equal(
    foreign({ messages: [{ role: 'assistant', content: '', tool_calls: [{ function: { name: 'f', arguments: '{}' } }] }] }),
    'messages[0].tool_calls[0].function.arguments',
  );
  assert.equal(foreign({ messages: [{ role: 'assistant', content: '', tool_calls: [{}] }] }), 'messages[0].tool_calls[0].function');
  assert.equal(foreign({ think: 'a lot' }), 'think');
  assert.equal(foreign({ format: 'xml' }), 'format');
  assert.equal(foreign({ tools: [{ type: 'web_search' }] }), 'tools[0].type');
  assert.equal(foreign({ tools: {} }), 'tools');
  assert.equal(foreign({ options: { stop: 'x' } }), 'options.stop');
});

test('a stream is wanted unless it is refused', () => {
  const wants = (stream?: unknown) => accept({ model: 'm', messages: [hi], ...(stream === undefined ? {} : { stream }) }).stream;
  assert.deepEqual([wants(), wants(null), wants(true), wants(false)], [true, true, true, false]);
});

test('options, format and thinking are those of the request itself', () => {
  const { maxTokens, temperature, topK, stop, seed, responseFormat, reasoning } = accept({
    model: 'm',
    messages: [hi],
    format: { type: 'object' },
    think: 'low',
    options: { num_predict: 5, temperature: 0, top_k: 3, stop: ['x'], seed: 1 },
  });
  assert.deepEqual([maxTokens, temperature, topK, stop, seed], [5, 0, 3, ['x'], 1]);
  assert.deepEqual(
    [responseFormat, reasoning],
    [
      { type: 'schema', schema: '{"type":"object"}' },
      { mode: 'enabled', effort: 'low' },
    ],
  );
  assert.equal(accept({ model: 'm', messages: [hi], options: { num_predict: -2 } }).maxTokens, undefined);
  assert.deepEqual(accept({ model: 'm', messages: [hi], think: false }).reasoning, { mode: 'disabled' });
  assert.equal(accept({ model: 'm', messages: [hi], format: '' }).responseFormat, undefined);
});

const call = (name: string, more: object = {}) => ({ ...more, function: { name, arguments: { n: 1 } } });
const result = (content: string, more: object = {}) => ({ role: 'tool', content, ...more });

function pairsIn(messages: readonly object[]): string[] {
  const blocks = accept({ model: 'm', messages: [hi, ...messages] }).messages.flatMap((message) => message.blocks);
  const names = new Map(blocks.flatMap((block) => (block.type === 'toolCall' ? [[block.id, `${block.name}${block.arguments}`] as const] : [])));
  return blocks.flatMap((block) =>
    block.type === 'toolResult' ? [`${names.get(block.callId)} ${block.content.map((each) => ('text' in each ? each.text : '')).join()}`] : [],
  );
}

test('results find their calls by id, by name and order, or by order alone', () => {
  const asked = { role: 'assistant', content: '', tool_calls: [call('f'), call('g'), call('f')] };
  assert.deepEqual(pairsIn([asked, result('1', { tool_name: 'g' }), result('2', { tool_name: 'f' }), result('3', { tool_name: 'f' })]), [
    'g{"n":1} 1',
    'f{"n":1} 2',
    'f{"n":1} 3',
  ]);
  assert.deepEqual(pairsIn([asked, result('1'), result('2'), result('3')]), ['f{"n":1} 1', 'g{"n":1} 2', 'f{"n":1} 3']);
  const named = { role: 'assistant', content: '', tool_calls: [call('f', { id: 'a' }), call('g', { id: 'b' })] };
  assert.deepEqual(pairsIn([named, result('1', { tool_call_id: 'b' }), result('2', { tool_call_id: 'a' })]), ['g{"n":1} 1', 'f{"n":1} 2']);
  // The same from turn to turn, so that nothing need be kept.
  const idsIn = () => accept({ model: 'm', messages: [hi, asked] }).messages[1]?.blocks.flatMap((block) => (block.type === 'toolCall' ? [block.id] : []));
  assert.deepEqual(idsIn(), idsIn());
  assert.equal(new Set(idsIn()).size, 3);
});

test('arguments stay the text that they were', () => {
  const raw = '{"big": 9007199254740993, "a": 1.0, "a": 2}';
  const text = `{"model":"m","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":${raw}}}]}]}`;
  const block = translation.accept(parseJsonText(text), contextFor()).request.messages[1]?.blocks[0];
  assert.equal(block?.type === 'toolCall' ? block.arguments : '', raw);
});

test('a single prompt is a chat of one message, and what only Ollama knows of it is refused', () => {
  const { messages, maxTokens, stream } = generate({
    model: 'm',
    prompt: 'Why?',
    system: 'Be brief.',
    images: ['iVBORw0KGgoAAAA='],
    options: { num_predict: 3 },
    stream: false,
  });
  assert.deepEqual(
    messages.map(({ role, blocks }) => [role, blocks.map(({ type }) => type)]),
    [
      ['system', ['text']],
      ['user', ['text', 'image']],
    ],
  );
  assert.deepEqual([maxTokens, stream], [3, false]);
  const faults = (body: object) => blamed(() => generate({ model: 'm', prompt: 'x', ...body }, contextFor({ back: 'gemini' })));
  for (const body of [{ suffix: 'y' }, { template: 't' }, { raw: true }, { context: [1, 2] }, { width: 10 }]) assert.equal(faults(body), Object.keys(body)[0]);
  for (const body of [{ suffix: '' }, { raw: false }, { context: [] }, { context: null }, {}]) assert.equal(faults(body), undefined);
  assert.equal(faults({ prompt: '' }), 'prompt');
  const lenient = contextFor({ back: 'gemini', fidelity: 'lenient' });
  generate({ model: 'm', prompt: 'x', template: 't' }, lenient);
  assert.deepEqual(notesOf(lenient), ['dropped template']);
});
