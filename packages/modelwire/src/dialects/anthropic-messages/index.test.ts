import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { isGatewayError } from '../../core/errors.ts';
import type { ChatEvent } from '../../core/event.ts';
import { explode } from '../../core/collect.ts';
import type { Reply } from '../../core/ir.ts';
import { parseJsonText } from '../../core/json-text.ts';
import { contextFor } from './fixtures/world.ts';
import { anthropicMessages } from './index.ts';
import { translation } from './translation.ts';

type Body = { readonly thread?: unknown; readonly stream?: boolean; readonly messages: readonly { readonly role: string; readonly content: unknown }[] };

/** The official SDK in front of this dialect's front: no network, a script of replies of another format. */
function clientFor(replies: readonly Reply[]): { client: Anthropic; asked: Body[] } {
  const asked: Body[] = [];
  let turn = 0;
  const answer = (text: string): { status: number; body: string; type: string } => {
    const context = contextFor({ back: 'openai-chat' });
    try {
      const accepted = translation.accept(parseJsonText(text), context);
      const reply = replies[turn++];
      if (reply === undefined) throw new Error('the script is over');
      if (!accepted.request.stream) return { status: 200, body: accepted.reply(reply), type: 'application/json' };
      let body = '';
      const encoder = accepted.stream();
      const events: readonly ChatEvent[] = explode(reply);
      for (const event of events) encoder.push(event, (piece) => (body += piece));
      encoder.end((piece) => (body += piece));
      return { status: 200, body, type: 'text/event-stream' };
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      const { status, body } = anthropicMessages.front.error(error, 'req_1');
      return { status, body, type: 'application/json' };
    }
  };
  const client = new Anthropic({
    apiKey: 'none',
    baseURL: 'http://gateway.invalid',
    maxRetries: 0,
    fetch: async (_url, init) => {
      const text = String(init?.body);
      asked.push(JSON.parse(text));
      const { status, body, type } = answer(text);
      return new Response(body, { status, headers: { 'content-type': type } });
    },
  });
  return { client, asked };
}

const head = { id: 'chatcmpl-1', model: 'gpt-x', created: 1, usage: { input: 5, output: 3 } };
const calling: Reply = {
  ...head,
  blocks: [
    { type: 'text', text: 'Let me see.' },
    { type: 'toolCall', kind: 'function', id: 'call_1', name: 'weather', arguments: '{"city":"Paris"}' },
  ],
  finish: { reason: 'toolCalls' },
};
const done: Reply = { ...head, blocks: [{ type: 'text', text: 'It rains.' }], finish: { reason: 'end' } };

test('the SDK’s tool runner, refused its thread, sends everything again', async () => {
  const { client, asked } = clientFor([calling, done]);
  const weather = betaTool({
    name: 'weather',
    description: 'd',
    inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    run: ({ city }) => `rain in ${city}`,
  });
  const runner = client.beta.messages.toolRunner({ model: 'gpt-x', max_tokens: 100, messages: [{ role: 'user', content: 'Weather?' }], tools: [weather] });
  const message = await runner.runUntilDone();
  assert.deepEqual(
    message.content.map((block) => block.type === 'text' && block.text),
    ['It rains.'],
  );
  assert.deepEqual(
    asked.map((body) => body.thread !== undefined),
    [true, false, false],
  );
  assert.deepEqual(
    asked.at(-1)?.messages.map(({ role }) => role),
    ['user', 'assistant', 'user'],
  );
  assert.match(JSON.stringify(asked.at(-1)?.messages.at(-1)), /rain in Paris/);
});

test('the SDK puts a stream together as the whole answer says it', async () => {
  const blocks: Reply['blocks'] = [
    { type: 'reasoning', text: 'hm' },
    ...calling.blocks,
    { type: 'toolCall', kind: 'function', id: 'call_2', name: 'now', arguments: '' },
  ];
  const reply: Reply = { ...calling, blocks };
  const request = { model: 'gpt-x', max_tokens: 100, messages: [{ role: 'user' as const, content: 'x' }] };
  const { client } = clientFor([reply, reply]);
  const whole = await client.messages.create(request);
  const streamed = await client.messages.stream(request).finalMessage();
  assert.deepEqual(JSON.parse(JSON.stringify(streamed.content)), JSON.parse(JSON.stringify(whole.content)));
  assert.equal(streamed.stop_reason, whole.stop_reason);
  assert.equal(streamed.usage.input_tokens, 5);
});

test('the SDK throws its own classes, with our code', async () => {
  const { client } = clientFor([]);
  const failing = client.messages.create({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: [{ type: 'text' } as never] }] });
  await assert.rejects(
    failing,
    (error) => error instanceof Anthropic.BadRequestError && error.errorCode === 'invalid_request' && /messages\[0\]\.content\[0\]\.text/.test(error.message),
  );
});
