import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
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
