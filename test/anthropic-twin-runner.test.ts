import { describe } from 'node:test';
import type Official from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import * as theirHelpers from '@anthropic-ai/sdk/helpers/beta/standard-schema';
import { ToolError } from '@anthropic-ai/sdk/lib/tools/ToolError';
import * as z from 'zod';
import * as ourHelpers from 'modelwire/anthropic/helpers';
import { json, named, stream } from './support/scripted-server.ts';
import { isOurs, twin } from './support/anthropic-twin.ts';
import { body, closed, collected, delta, error, failure, message, opened, start, stop } from './support/anthropic-scripts.ts';

describe('toolRunner', () => {
  const call = (id: string, name: string, given: unknown) => ({ type: 'tool_use', id, name, input: given });
  const turn = (id: string, content: readonly object[], stop_reason = 'tool_use', more: object = {}) => ({ ...message, id, content, stop_reason, ...more });
  const said = (words: string) => ({ type: 'text', text: words, citations: null });
  const turns = () => [
    turn(
      '1',
      [
        said('Let me see'),
        call('a', 'weather', { city: 'Paris' }),
        call('b', 'weather', { city: 'nowhere' }),
        call('c', 'unknown', {}),
        call('d', 'weather', { city: 1 }),
        call('e', 'picture', {}),
      ],
      'tool_use',
      { container: { id: 'c_1', expires_at: 'later' } },
    ),
    turn('2', [said('Sunny')], 'end_turn'),
  ];
  /** A message as the events of a stream. */
  const eventsOf = (whole: ReturnType<typeof turn>): string => {
    const blocks = whole.content.flatMap((block, index) =>
      'text' in block
        ? [opened(index, { type: 'text', text: '', citations: null }), delta(index, { type: 'text_delta', text: block.text }), closed(index)]
        : [
            opened(index, { ...block, input: {} }),
            delta(index, { type: 'input_json_delta', partial_json: JSON.stringify((block as { input: unknown }).input) }),
            closed(index),
          ],
    );
    const { container } = whole as { container?: object };
    const last = {
      type: 'message_delta',
      delta: { stop_reason: whole.stop_reason, stop_sequence: null, container: container ?? null },
      usage: { output_tokens: 2 },
    };
    const first: { readonly type: string } = Object.assign({ ...start }, { message: { ...start.message, id: whole.id } });
    return named(first, ...blocks, last, stop);
  };
  const params = (client: Official) => {
    const helpers = isOurs(client) ? (ourHelpers as unknown as typeof theirHelpers) : theirHelpers;
    const weather = helpers.betaStandardSchemaTool({
      name: 'weather',
      description: 'Tells the weather',
      inputSchema: z.object({ city: z.string() }),
      strict: true,
      run: ({ city }, context) => {
        if (city === 'nowhere') throw new Error('no such city');
        return `Sunny in ${city}, asked by ${context?.toolUse.id}`;
      },
    });
    const Failure = isOurs(client) ? ourHelpers.ToolError : ToolError;
    const picture = (isOurs(client) ? (ourHelpers.betaTool as unknown as typeof betaTool) : betaTool)({
      name: 'picture',
      description: 'Draws',
      inputSchema: { type: 'object', properties: {} },
      run: () => {
        throw new Failure([{ type: 'text', text: 'no paper' }]);
      },
    });
    return { ...body, tools: [weather, picture, { type: 'web_search_20250305' as const, name: 'web_search' as const }], thread: false as const };
  };
  const whole = () => turns().map((one) => json(one));

  twin('runs the tools until none is called', whole, async (client) => {
    const runner = client.beta.messages.toolRunner(params(client));
    const seen: string[] = [];
    for await (const given of runner) seen.push(given.id);
    return [seen, (await runner.done()).id, runner.params.messages];
  });
  twin('may be awaited', whole, async (client) => {
    const runner = client.beta.messages.toolRunner({ ...params(client), betas: ['b-1'] });
    return [(await runner).id, (await runner.runUntilDone()).id];
  });
  twin(
    'streams',
    () => turns().map((one) => stream(eventsOf(one))),
    async (client) => {
      const runner = client.beta.messages.toolRunner({ ...params(client), stream: true });
      const seen: unknown[] = [];
      for await (const given of runner) seen.push((await given.finalMessage()).id);
      return [seen, (await runner.done()).id];
    },
  );
  twin(
    'streams that nobody reads are read',
    () => turns().map((one) => stream(eventsOf(one))),
    async (client) => (await client.beta.messages.toolRunner({ ...params(client), stream: true }).runUntilDone()).id,
  );
  twin('max_iterations ends it', whole, async (client) => (await client.beta.messages.toolRunner({ ...params(client), max_iterations: 1 })).id);
  twin(
    'a pause goes on',
    () => [json(turn('1', [said('Hm')], 'pause_turn')), json(turn('2', [said('Ah')], 'end_turn'))],
    async (client) => (await client.beta.messages.toolRunner(params(client))).id,
  );
  twin(
    'a message cut short runs nothing',
    () => [json(turn('1', [call('a', 'weather', { city: 'P' })], 'max_tokens'))],
    async (client) => (await client.beta.messages.toolRunner(params(client))).id,
  );
  twin(
    'messages that are pushed are asked instead',
    () => [json(turn('1', [said('a')], 'end_turn')), json(turn('2', [said('b')], 'end_turn'))],
    async (client) => {
      const runner = client.beta.messages.toolRunner(params(client));
      const seen: string[] = [];
      for await (const given of runner)
        if (seen.push(given.id) === 1) runner.pushMessages({ role: 'assistant', content: given.content as never }, { role: 'user', content: 'More' });
      return [seen, runner.params.messages.length];
    },
  );
  twin(
    'calls that are pushed are run',
    () => [json(turn('1', [said('a')], 'end_turn')), json(turn('2', [said('b')], 'end_turn'))],
    async (client) => {
      const runner = client.beta.messages.toolRunner(params(client));
      let seen = 0;
      for await (const _ of runner) if (++seen === 1) runner.pushMessages({ role: 'assistant', content: [call('z', 'weather', { city: 'Rome' }) as never] });
      return seen;
    },
  );
  twin('parameters that are set are asked with', whole, async (client) => {
    const runner = client.beta.messages.toolRunner(params(client));
    let seen = 0;
    for await (const _ of runner) if (++seen === 1) runner.setMessagesParams((before) => ({ ...before, max_tokens: 7 }));
    return seen;
  });
  twin('options that are set are asked with', whole, async (client) => {
    const runner = client.beta.messages.toolRunner(params(client));
    runner.setRequestOptions({ headers: { 'x-mine': 'yes' } });
    return (await runner).id;
  });
  twin('the answers of the tools can be had, and no tool runs twice', whole, async (client) => {
    const runner = client.beta.messages.toolRunner(params(client));
    const answers: unknown[] = [];
    for await (const _ of runner) answers.push(await runner.generateToolResponse());
    return answers;
  });
  twin(
    'a refusal ends it',
    () => [json(turns()[0]), json(error('invalid_request_error', 'No'), { status: 400 })],
    async (client) => {
      const runner = client.beta.messages.toolRunner(params(client));
      const done = failure(runner.done());
      return [await failure(collected(runner)), await done];
    },
  );
  twin(
    'it can be iterated once',
    () => [json(turn('1', [said('a')], 'end_turn'))],
    async (client) => {
      const runner = client.beta.messages.toolRunner(params(client));
      await collected(runner);
      return await failure(collected(runner));
    },
  );
  twin('a signal ends it', whole, async (client) => {
    const runner = client.beta.messages.toolRunner(params(client), { signal: AbortSignal.abort() });
    return await failure(runner);
  });
});
