import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeBase64 } from '../../packages/modelwire/src/core/base64.ts';
import { encryptedThought, signatureOf } from '../../packages/modelwire/src/providers/mock-signature.ts';
import { plainNames } from '../support/portability/client.ts';
import { clients } from '../support/portability/clients.ts';
import { strictProviders } from '../support/portability/providers.ts';
import { objectIn, Refused, type StrictProvider, type Turn } from '../support/portability/strict-provider.ts';
import { talk } from '../support/portability/talk.ts';

/** The vendors of the portability test are as strict as they are said to be: one change to a request that they take, and they refuse it. */

/** A place in a body and what is put there: nothing takes away what stands there, `+` adds at the end of a list. */
type Edit = readonly [path: readonly (string | number)[], value?: unknown];
type Break = readonly [what: string, words: RegExp, ...edits: readonly Edit[]];

const calls: Turn = {
  says: 'I look.',
  calls: [
    { tool: 5, args: '{"t":"x"}' },
    { tool: 3, args: '{"t":"y"}' },
  ],
};
const end: Turn = { says: 'Done.', calls: [] };

/** A conversation in the vendor's own format up to the results of its calls, and the vendor. */
async function begun(name: string): Promise<{ provider: StrictProvider; body: string }> {
  const provider = strictProviders[name]?.();
  assert.ok(provider !== undefined, name);
  const front = provider.dialect;
  const client = clients[front]({ manner: 'keeps', names: plainNames });
  client.say('Look.', true);
  const first = await talk({ front, body: client.request(provider.target.model, false), stream: false, provider, turn: calls });
  const made = client.hear(first.answer, false);
  client.answerCalls(made.map((call) => ({ call, text: 'r' })));
  const { sent } = await talk({ front, body: client.request(provider.target.model, false), stream: false, provider, turn: end });
  return { provider, body: sent };
}

/** The messages of OpenAI's format: system, user, assistant, two results. */
const openai: readonly Break[] = [
  ['a result of no call', /tool/, [['messages', 3, 'tool_call_id'], 'call_else0']],
  ['a call without a result', /tool_call_id|tool_calls/, [['messages', 3]]],
  ['a result where there was no call', /tool/, [['messages', 2, 'tool_calls']]],
  ['a name with a dot', /pattern|name/, [['tools', 0, 'function', 'name'], 'fs.read']],
  ['a name of 65 characters', /pattern|name/, [['tools', 0, 'function', 'name'], 'n'.repeat(65)]],
  ['arguments that are no text', /arguments/, [['messages', 2, 'tool_calls', 0, 'function', 'arguments'], {}]],
  ['an unknown field of a message', /thinking_blocks/, [['messages', 2, 'thinking_blocks'], []]],
];

const thinkingElsewhere: Break = ['thinking in a field of another vendor', /reasoning_content/, [['messages', 2, 'reasoning_content'], 'x']];
const thinkingMissing: Break = ['a turn of tools without its thinking', /reasoning_content/, [['messages', 2, 'reasoning_content']]];

/** Secret thinking of Claude's on Bedrock, as it came. */
const secret = { reasoningContent: { redactedContent: encodeBase64('secret bedrock 1 \u00ff') } };

/** What the format's maker has signed, and nobody else knows. */
const anthropicsOwn = { type: 'thinking', thinking: 'else', signature: signatureOf('else') };

function withUseId(what: string, id: string): Break {
  return [what, /pattern/, [['messages', 1, 'content', 3, 'toolUse', 'toolUseId'], id], [['messages', 2, 'content', 0, 'toolResult', 'toolUseId'], id]];
}

function withId(what: string, id: string, words: RegExp): Break {
  return [what, words, [['messages', 2, 'tool_calls', 0, 'id'], id], [['messages', 3, 'tool_call_id'], id]];
}

const breaks: { readonly [name: string]: readonly Break[] } = {
  anthropic: [
    ['an altered signature', /signature/, [['messages', 1, 'content', 0, 'signature'], 'EqMockElse==']],
    ['altered thinking', /signature/, [['messages', 1, 'content', 0, 'thinking'], 'else']],
    ['altered secret thinking', /redacted_thinking/, [['messages', 1, 'content', 1, 'data'], 'else']],
    ['a turn of tools without its thinking', /Expected `thinking`/, [['messages', 1, 'content', 0]], [['messages', 1, 'content', 0]]],
    ['an id with a colon', /pattern/, [['messages', 1, 'content', 3, 'id'], 'f:1']],
    ['a result of no call', /tool_use_id/, [['messages', 2, 'content', 0, 'tool_use_id'], 'else']],
    ['a call without a result', /tool_result/, [['messages', 2, 'content', 0]]],
    ['two messages of the user', /alternate/, [['messages', '+'], { role: 'user', content: 'x' }]],
    ['a name with a dot', /pattern/, [['tools', 0, 'name'], 'fs.read']],
    ['an unknown field of a block', /extra/i, [['messages', 1, 'content', 3, 'extra_content'], {}]],
  ],
  openai: [...openai, thinkingElsewhere, withId('an id of 41 characters', 'c'.repeat(41), /too long/)],
  deepseek: [...openai, thinkingMissing, ['thinking in details', /reasoning_details/, [['messages', 2, 'reasoning_details'], []]]],
  mistral: [
    ...openai,
    thinkingElsewhere,
    withId('an id of ten characters', 'abcdefghij', /length of 9/),
    ['the user right after a result', /after role 'tool'/, [['messages', '+'], { role: 'user', content: 'x' }]],
  ],
  google: [
    ['an altered signature', /signature/i, [['contents', 1, 'parts', -2, 'thoughtSignature'], 'EqMockElse==']],
    ['a first call without its signature', /thought_signature/, [['contents', 1, 'parts', -2, 'thoughtSignature']]],
    ['a call without a result', /equal/, [['contents', 2, 'parts', 0]]],
    ['a result of no call', /function call turn/, [['contents', 2, 'parts', 0, 'functionResponse', 'name'], 'else']],
    [
      'results in another order',
      /order/,
      [['contents', 2, 'parts', 0, 'functionResponse', 'name'], 'find'],
      [['contents', 2, 'parts', 1, 'functionResponse', 'name'], 'plain'],
    ],
    ['a name that begins with a digit', /letter/, [['tools', 0, 'functionDeclarations', 0, 'name'], '1st']],
    ['an unknown field of a part', /cache_control/, [['contents', 1, 'parts', 0, 'cache_control'], {}]],
  ],
  moonshot: [
    ...openai,
    thinkingMissing,
    ['a turn of tools with empty thinking', /reasoning_content/, [['messages', 2, 'reasoning_content'], '']],
    ['a name that begins with a digit', /letter/, [['tools', 0, 'function', 'name'], '1st_tool']],
  ],
  openrouter: [...openai, ['an altered detail', /reasoning_details/, [['messages', 2, 'reasoning_details', 0, 'signature'], 'else']]],
  // The input: user, reasoning, message, two calls, two results.
  'openai responses': [
    ['altered encrypted thinking', /decrypted or parsed/, [['input', 1, 'encrypted_content'], 'gAAAAAelse']],
    ['encrypted thinking of another account', /decrypted or parsed/, [['input', 1, 'encrypted_content'], encryptedThought('else')]],
    ['encrypted thinking under another id', /item_id did not match/, [['input', 1, 'id'], 'rs_else']],
    ['thinking without what is encrypted', /not found.*not persisted/, [['input', 1, 'encrypted_content']]],
    ['thinking without what followed it', /required following item/, [['input', 2], { type: 'message', role: 'user', content: 'x' }]],
    ['thinking at the end', /required following item/, ...[6, 5, 4, 3, 2].map((at): Edit => [['input', at]])],
    ['a turn of tools without its thinking', /required 'reasoning' item/, [['input', 1]]],
    ['a result of no call', /No tool call found/, [['input', 5, 'call_id'], 'call_else']],
    ['a call without a result', /No tool output found/, [['input', 5]]],
    ['an id of 65 characters', /too long/, [['input', 3, 'call_id'], 'c'.repeat(65)], [['input', 5, 'call_id'], 'c'.repeat(65)]],
    ['an item’s id of 65 characters', /too long/, [['input', 3, 'id'], `fc_${'c'.repeat(62)}`]],
    ['an item’s id of another kind', /begins with 'fc'/, [['input', 3, 'id'], 'call_1']],
    ['a name with a dot', /pattern/, [['tools', 0, 'name'], 'fs.read']],
    ['a name of 65 characters', /pattern|long/, [['tools', 0, 'name'], 'n'.repeat(65)]],
    ['arguments that are no text', /arguments/, [['input', 3, 'arguments'], {}]],
    ['an unknown field of an item', /tool_calls/, [['input', 2, 'tool_calls'], []]],
    ['a conversation to be stored', /store/, [['store'], true]],
  ],
  minimax: [
    ['an altered signature', /signature/, [['messages', 1, 'content', 0, 'signature'], 'EqMockElse==']],
    ['thinking without the signature that it came with', /signature/, [['messages', 1, 'content', 0, 'signature'], '']],
    ['thinking of another vendor', /redacted_thinking/, [['messages', 1, 'content', 0], anthropicsOwn]],
    ['altered secret thinking', /redacted_thinking/, [['messages', 1, 'content', 1, 'data'], 'else']],
    ['a turn of tools without its thinking', /Expected `thinking`/, [['messages', 1, 'content', 0]], [['messages', 1, 'content', 0]]],
  ],
  xai: [
    ['altered encrypted thinking', /decrypted or parsed/, [['input', 1, 'encrypted_content'], 'gAAAAAelse']],
    ['encrypted thinking of another vendor', /decrypted or parsed/, [['input', 1, 'encrypted_content'], encryptedThought('else')]],
    ['thinking without what is encrypted', /not found.*not persisted/, [['input', 1, 'encrypted_content']]],
    ['a turn of tools without its thinking', /required 'reasoning' item/, [['input', 1]]],
  ],
  // The messages: system, user, assistant, two results.
  cohere: [
    ['a result of no call', /not found in previous/, [['messages', 3, 'tool_call_id'], 'else']],
    ['a call without a result', /not all tool calls/, [['messages', 3]]],
    ['a result where there was no call', /not found in previous/, [['messages', 2, 'tool_calls']]],
    ['a plan of no calls', /tool_plan/, [['messages', 4]], [['messages', 3]], [['messages', 2, 'tool_calls']]],
    ['two calls with one id', /duplicate tool ids/, [['messages', 2, 'tool_calls', 1, 'id'], 'plain_x9k2m4q8w000']],
    ['a call without an id', /must have an id/, [['messages', 2, 'tool_calls', 0, 'id']]],
    ['arguments that are no text', /arguments/, [['messages', 2, 'tool_calls', 0, 'function', 'arguments'], {}]],
    ['arguments that are no object', /no object/, [['messages', 2, 'tool_calls', 0, 'function', 'arguments'], '[]']],
    ['a name with a dash', /tool names/, [['tools', 0, 'function', 'name'], 'fs-read']],
    ['a name that begins with a digit', /tool names/, [['tools', 0, 'function', 'name'], '1st']],
    ['an empty message', /must not be empty/, [['messages', 1, 'content'], '']],
    ['an image in a result', /image_url/, [['messages', 3, 'content'], [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }]]],
    ['an unknown field of a message', /thinking/, [['messages', 2, 'thinking'], 'x']],
  ],
  // The same.
  ollama: [
    ['a result of no call', /answers no call/, [['messages', 3, 'tool_name'], 'else']],
    ['a call without a result', /no result/, [['messages', 3]]],
    ['a result that names no tool', /tool_name/, [['messages', 3, 'tool_name']], [['messages', 3, 'tool_call_id'], 'call_eeeeeee0']],
    [
      'results with the ids of each other’s calls',
      /another tool's call/,
      [['messages', 3, 'tool_call_id'], 'call_eeeeeee1'],
      [['messages', 4, 'tool_call_id'], 'call_eeeeeee0'],
    ],
    ['arguments as text', /ToolCallFunctionArguments/, [['messages', 2, 'tool_calls', 0, 'function', 'arguments'], '{}']],
    ['content in parts', /unmarshal/, [['messages', 1, 'content'], [{ type: 'text', text: 'x' }]]],
    ['an image by its address', /base64/, [['messages', 1, 'images'], ['https://example.com/a.png']]],
    ['an unknown field of a message', /reasoning/, [['messages', 2, 'reasoning'], 'x']],
  ],
  // User; assistant: thinking in clear and in secret, text, two calls; user: two results.
  bedrock: [
    ['an altered signature', /signature/, [['messages', 1, 'content', 0, 'reasoningContent', 'reasoningText', 'signature'], 'EqMockElse==']],
    ['altered thinking', /signature/, [['messages', 1, 'content', 0, 'reasoningContent', 'reasoningText', 'text'], 'else']],
    ['thinking without a signature', /signature/, [['messages', 1, 'content', 0, 'reasoningContent', 'reasoningText', 'signature']]],
    ['altered secret thinking', /signature/, [['messages', 1, 'content', 1, 'reasoningContent', 'redactedContent'], 'ZWxzZQ==']],
    ['a turn of tools without its thinking', /Expected `thinking`/, [['messages', 1, 'content', 0]], [['messages', 1, 'content', 0]]],
    ['thinking after the calls', /precede/, [['messages', 1, 'content', '+'], secret]],
    ['thinking of the user', /User messages/, [['messages', 2, 'content', '+'], secret]],
    withUseId('an id with a colon', 'f:1'),
    withUseId('an id of 65 characters', 'c'.repeat(65)),
    ['a result of no call', /exceeds/, [['messages', 1, 'content', 4]]],
    ['a call without a result', /Expected toolResult/, [['messages', 2, 'content', 0]]],
    ['two messages of the user', /alternate/, [['messages', '+'], { role: 'user', content: [{ text: 'x' }] }]],
    ['a conversation that the model begins', /start with a user/, [['messages', 0]]],
    ['blank text', /blank/, [['messages', 1, 'content', 2, 'text'], ' ']],
    [
      'a result that failed and says nothing',
      /cannot be empty/,
      [['messages', 2, 'content', 0, 'toolResult', 'status'], 'error'],
      [['messages', 2, 'content', 0, 'toolResult', 'content'], []],
    ],
    ['a name with a dot', /pattern/, [['toolConfig', 'tools', 0, 'toolSpec', 'name'], 'fs.read']],
    ['a name of 65 characters', /pattern/, [['toolConfig', 'tools', 0, 'toolSpec', 'name'], 'n'.repeat(65)]],
    ['calls of tools that are not declared', /toolConfig field/, [['toolConfig']]],
    ['an unknown field of a block', /exactly one/, [['messages', 1, 'content', 2, 'cache_control'], {}]],
  ],
};

function edit(body: unknown, [path, value]: Edit): void {
  let at: unknown = body;
  for (const step of path.slice(0, -1)) at = Array.isArray(at) ? at.at(Number(step)) : objectIn(at)[step];
  const last = path.at(-1) ?? '';
  if (Array.isArray(at)) at.splice(last === '+' ? at.length : Number(last), last === '+' ? 0 : 1, ...(value === undefined ? [] : [value]));
  else if (value === undefined) assert.ok(Reflect.deleteProperty(objectIn(at), last));
  else Object.assign(objectIn(at), { [last]: value });
}

for (const [name, list] of Object.entries(breaks)) {
  describe(name, () => {
    for (const [what, words, ...edits] of list) {
      test(`refuses ${what}`, async () => {
        const { provider, body } = await begun(name);
        const broken: unknown = JSON.parse(body);
        for (const one of edits) edit(broken, one);
        assert.notEqual(JSON.stringify(broken), JSON.stringify(JSON.parse(body)));
        assert.throws(
          () => provider.answer(JSON.stringify(broken), false, end),
          (error) => error instanceof Refused && words.test(error.message),
        );
      });
    }
  });
}

test('every vendor is held to something', () => assert.deepEqual(Object.keys(breaks), Object.keys(strictProviders)));
