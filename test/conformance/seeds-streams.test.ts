import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { DialectName, Reply } from '../../packages/modelwire/src/core/ir.ts';
import { dialects } from '../support/dialects.ts';
import { tell } from '../support/conversations.ts';
import { heard } from '../support/heard.ts';
import { callPair, type PairOutcome, type Scripted } from '../support/pair-call.ts';
import { busyEvents, eventsOf, type Script, scripts, streamed, type Told } from '../support/stream-scripts.ts';

/** Streams that broke other gateways, from every provider's format to every caller's. */
const names = Object.keys(dialects) as readonly DialectName[];
const pairs = names.flatMap((front) => names.map((back) => ({ front, back })));

const asksForStream: readonly DialectName[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'cohere', 'ollama'];
const tools = [{ name: 'weather', schema: { type: 'object' } }];

function ask(front: DialectName, back: DialectName, answer: Scripted, more: object = {}): Promise<PairOutcome> {
  const usage = front === 'openai-chat' ? { stream_options: { include_usage: true } } : {};
  const body = tell(front, { turns: [{ user: 'hi' }], tools, more: { ...(asksForStream.includes(front) ? { stream: true } : {}), ...usage, ...more } });
  return callPair({ front, back, body, answer, stream: true });
}

async function replyTo(front: DialectName, back: DialectName, answer: Scripted): Promise<Reply> {
  const outcome = await ask(front, back, answer);
  assert.equal(outcome.error, undefined, outcome.error?.message);
  const reply = heard(front, outcome.shown, true);
  assert.ok(!(reply instanceof GatewayError), reply instanceof GatewayError ? `${reply.message}\n${outcome.shown}` : '');
  return reply;
}

const hello: Told = { text: ['Hel', 'lo'] };
/** Google's clients are given a signature with every call, which is no word of the model's. */
const saidBy = ({ blocks }: Reply): Reply['blocks'] => blocks.filter((block) => block.type !== 'reasoning' || block.text !== '');
const textOf = ({ blocks }: Reply): string => blocks.map((block) => (block.type === 'text' ? block.text : '')).join('');
const orderOf = (reply: Reply): string =>
  saidBy(reply)
    .map((block) => (block.type === 'text' ? block.text : block.type === 'toolCall' ? `<${block.id}>` : block.type))
    .join(' ');
const script = (back: DialectName, ...told: readonly Told[]): Script => scripts[back](told);

describe('an answer is whole, with its usage', () => {
  for (const { front, back } of pairs) {
    test(`${back} → ${front}`, async () => {
      const reply = await replyTo(front, back, streamed(back, eventsOf(script(back, hello))));
      assert.deepEqual([textOf(reply), reply.finish.reason, reply.usage?.input, reply.usage?.output], ['Hello', 'end', 5, 7]);
    });
  }
});

describe('too much to do, before the first word', () => {
  for (const { front, back } of pairs) {
    test(`${back} → ${front}: a status, and no stream`, async () => {
      const { said } = script(back, hello);
      const outcome = await ask(front, back, streamed(back, [...said.slice(0, back === 'openai-chat' ? 1 : 0), ...busyEvents[back]]));
      assert.ok(outcome.error !== undefined && outcome.error.status >= 429, outcome.shown);
      assert.match(outcome.shown, /busy/);
      assert.doesNotMatch(outcome.shown, /^(?:data|event):/m);
    });
  }
});

describe('too much to do, after the first word', () => {
  for (const { front, back } of pairs) {
    test(`${back} → ${front}: an error event, and no end`, async () => {
      const { said } = script(back, hello);
      const begun = said.slice(0, said.findIndex((event) => JSON.stringify(event).includes('"Hel"')) + 1);
      const outcome = await ask(front, back, streamed(back, [...begun, ...busyEvents[back]]));
      assert.equal(outcome.error, undefined);
      assert.match(outcome.shown, /Hel/);
      assert.ok(heard(front, outcome.shown, true) instanceof GatewayError, outcome.shown);
      assert.doesNotMatch(outcome.shown, /\[DONE\]|message_stop|response\.completed|"done":true|messageStop|"finishReason":"STOP"/);
      assert.match(outcome.shown, /busy/);
    });
  }
});

describe('the end is known, and the connection stays open', () => {
  for (const { front, back } of pairs) {
    test(`${back} → ${front}: a second later the answer is whole`, async () => {
      const { said, finish } = script(back, hello);
      const answer = { ...streamed(back, [...said, ...finish]), opened: 1500 };
      const reply = await replyTo(front, back, answer);
      assert.deepEqual([textOf(reply), reply.finish.reason], ['Hello', 'end']);
    });
  }
});

describe('usage that comes late, and an end without its last word', () => {
  for (const front of names) {
    test(`openai-chat → ${front}: no [DONE]`, async () => {
      const { said, finish, usage } = script('openai-chat', hello);
      const reply = await replyTo(front, 'openai-chat', streamed('openai-chat', [...said, ...finish, ...usage]));
      assert.deepEqual([textOf(reply), reply.finish.reason, reply.usage?.output], ['Hello', 'end', 7]);
    });

    test(`openai-chat → ${front}: usage with every chunk, the last one counts`, async () => {
      const { said, finish, end } = script('openai-chat', hello);
      const counted = [...said, ...finish].map((chunk, index) => ({
        ...chunk,
        usage: { prompt_tokens: 5, completion_tokens: index, total_tokens: 5 + index },
      }));
      const reply = await replyTo(front, 'openai-chat', streamed('openai-chat', [...counted, ...end]));
      assert.deepEqual([reply.usage?.input, reply.usage?.output], [5, counted.length - 1]);
    });
  }
});

/** A call with nothing to do, a letter of two units, and keys as they come. */
const args = '{"city":"\\ud83d\\ude00 Zü","n":9007199254740993,"a":1,"a":2}';
/** The formats that stream arguments as text; the others give them whole. */
const inPieces: readonly DialectName[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'cohere', 'bedrock-converse'];

describe('arguments in pieces', () => {
  for (const back of inPieces) {
    for (const front of names) {
      test(`${back} → ${front}: cut at every place, they are what was written`, async () => {
        for (let at = 1; at < args.length; at++) {
          const reply = await replyTo(front, back, streamed(back, eventsOf(script(back, { call: 'call_1', args: [args.slice(0, at), args.slice(at)] }))));
          const [call] = saidBy(reply);
          assert.ok(call?.type === 'toolCall' && call.name === 'weather');
          assert.equal(call.arguments, args);
          assert.equal(reply.finish.reason, 'toolCalls');
        }
      });
    }
  }
});

describe('a letter of two units in two pieces', () => {
  for (const { front, back } of pairs) {
    test(`${back} → ${front}`, async () => {
      const smile = '😀';
      const reply = await replyTo(front, back, streamed(back, eventsOf(script(back, { text: [`a${smile[0]}`, `${smile[1]}b`] }))));
      assert.equal(textOf(reply), 'a😀b');
    });
  }
});

/** Text and calls in an order of their own, where the format has one. */
const ordered: readonly DialectName[] = ['openai-responses', 'anthropic-messages', 'gemini', 'bedrock-converse'];

describe('text, a call, text and a call', () => {
  const told: readonly Told[] = [{ text: ['one'] }, { call: 'call_1', args: ['{}'] }, { text: ['two'] }, { call: 'call_2', args: ['{"a":1}'] }];
  for (const back of ordered) {
    for (const front of names) {
      test(`${back} → ${front}`, async () => {
        const reply = await replyTo(front, back, streamed(back, eventsOf(script(back, ...told))));
        if (ordered.includes(front)) assert.equal(orderOf(reply), 'one <call_1> two <call_2>');
        else {
          assert.equal(textOf(reply).replaceAll(/\s/g, ''), 'onetwo');
          assert.deepEqual(
            reply.blocks.flatMap((block) => (block.type === 'toolCall' ? [block.id, block.arguments] : [])),
            ['call_1', '{}', 'call_2', '{"a":1}'],
          );
        }
        assert.equal(reply.finish.reason, 'toolCalls');
      });
    }
  }
});

/** An event, and what stands beside text, that no format has yet. */
const unknownEvents: { readonly [name in DialectName]?: readonly object[] } = {
  'openai-responses': [{ type: 'response.new_thing', sequence_number: 3, data: 1 }],
  'anthropic-messages': [{ type: 'new_thing', data: 1 }],
  cohere: [{ type: 'new-thing', index: 0, data: 1 }],
  'bedrock-converse': [{ newThing: { data: 1 } }],
};

describe('an event that is not known', () => {
  for (const [back, events] of Object.entries(unknownEvents) as [DialectName, readonly object[]][]) {
    for (const front of names) {
      test(`${back} → ${front}: it is passed over`, async () => {
        const all = eventsOf(script(back, hello));
        const answer = streamed(back, [...all.slice(0, 1), ...events, ...all.slice(1)]);
        const reply = await replyTo(front, back, answer);
        assert.deepEqual([textOf(reply), reply.finish.reason], ['Hello', 'end']);
        if (front !== back) assert.ok((await ask(front, back, answer)).attempt.notes.length > 0, 'and a note says so');
      });
    }
  }
});

describe('a stop string that comes in pieces, where the provider knows none', () => {
  const fields: { readonly [name in DialectName]?: object } = {
    'openai-chat': { stop: ['STOP'] },
    'anthropic-messages': { stop_sequences: ['STOP'] },
    gemini: { generationConfig: { stopSequences: ['STOP'] } },
    cohere: { stop_sequences: ['STOP'] },
    ollama: { options: { stop: ['STOP'] } },
    'bedrock-converse': { inferenceConfig: { stopSequences: ['STOP'] } },
  };
  for (const [front, more] of Object.entries(fields) as [DialectName, object][]) {
    test(`openai-responses → ${front}`, async () => {
      const answer = streamed('openai-responses', eventsOf(script('openai-responses', { text: ['one S', 'T', 'OP two'] })));
      const { shown } = await ask(front, 'openai-responses', answer, more);
      const reply = heard(front, shown, true);
      assert.ok(!(reply instanceof GatewayError), shown);
      assert.equal(textOf(reply), 'one ');
      assert.match(reply.finish.reason, /^(?:stopString|end)$/);
    });
  }
});
