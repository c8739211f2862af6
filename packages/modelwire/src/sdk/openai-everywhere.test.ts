import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { type MockServer, startMockServer } from '../../../../test/support/mock-server.ts';
import { APIError, OpenAI } from './openai.ts';
import { standardResponseFormat, standardTextFormat } from './openai-schema.ts';
import { zodFunction, zodResponsesFunction } from './openai-zod.ts';

/** The whole face against strict scripted providers of every format. */
let server: MockServer;
const kept = { ...process.env };
const keys = {
  ANTHROPIC_API_KEY: 'ak',
  GEMINI_API_KEY: 'gk',
  CO_API_KEY: 'ck',
  AWS_BEARER_TOKEN_BEDROCK: 'bk',
  AWS_REGION: 'eu-central-1',
  OPENAI_API_KEY: 'ok',
};
before(async () => {
  server = await startMockServer();
  Object.assign(process.env, keys);
});
after(async () => {
  process.env = kept;
  await server.close();
});

/** A client whose every provider is the scripted one. */
function everywhere(): OpenAI {
  return new OpenAI({
    apiKey: 'ok',
    maxRetries: 0,
    fetch: (url, init) => {
      const { pathname, search } = new URL(String(url));
      // Google's server speaks two formats; the scripted one tells them apart by the version.
      const path = pathname.endsWith('/chat/completions') ? '/v1/chat/completions' : pathname;
      return fetch(`${server.url}${path}${search}`, init);
    },
  });
}

const chat = ['openai', 'anthropic', 'google', 'cohere', 'bedrock'];
const person = z.object({ name: z.string(), age: z.number() });
const messages = [{ role: 'user' as const, content: 'Hello there' }];

for (const provider of chat) {
  describe(`on ${provider}`, () => {
    const model = (name: string): string => `${provider}/mock/${name}`;

    test('parse() reads a structured answer', async () => {
      const format = standardResponseFormat(person, 'person');
      const completion = await everywhere().chat.completions.parse({ model: model('json'), messages, response_format: format });
      assert.equal(typeof completion.choices[0]?.message.parsed?.name, 'string');
      const streamed = everywhere().chat.completions.stream({ model: model('json'), messages, response_format: format });
      assert.deepEqual((await streamed.finalMessage()).content, completion.choices[0]?.message.content);
      const [last] = streamed.allChatCompletions();
      assert.deepEqual(last?.choices[0]?.message.parsed, completion.choices[0]?.message.parsed);
    });

    test('stream() tells a text as it comes', async () => {
      const streamed = everywhere().chat.completions.stream({ model: model('echo'), messages, stream_options: { include_usage: true } });
      const pieces: string[] = [];
      streamed.on('content', (piece) => pieces.push(piece));
      assert.equal(await streamed.finalContent(), 'Hello there');
      assert.equal(pieces.join(''), 'Hello there');
      assert.ok((await streamed.totalUsage()).total_tokens > 0);
    });

    for (const stream of [false, true]) {
      for (const name of ['tool', 'tools', 'reasoning']) {
        test(`runTools() goes round with ${name}, ${stream ? 'streaming' : 'whole'}`, async () => {
          const given: unknown[] = [];
          const tools = ['first', 'second'].map((each) =>
            zodFunction({
              name: each,
              parameters: z.object({ city: z.string() }),
              description: 'The weather',
              function: (args) => {
                given.push(args);
                return 'sunny';
              },
            }),
          );
          const body = { model: model(name), messages, tools };
          const runner = stream ? everywhere().chat.completions.runTools({ ...body, stream }) : everywhere().chat.completions.runTools(body);
          assert.match((await runner.finalContent()) ?? '', /sunny/);
          assert.equal(await runner.finalFunctionToolCallResult(), 'sunny');
          assert.ok(given.length >= 1 && given.every((args) => typeof (args as { city?: unknown }).city === 'string'));
        });
      }
    }

    test('responses: created, parsed, streamed, with a tool', async () => {
      const { responses } = everywhere();
      assert.equal((await responses.create({ model: model('echo'), input: 'Hello there' })).output_text, 'Hello there');
      const text = { format: standardTextFormat(person, 'person') };
      const parsed = await responses.parse({ model: model('json'), input: 'Hello there', text });
      assert.equal(typeof parsed.output_parsed?.name, 'string');
      const streamed = responses.stream({ model: model('echo'), input: 'Hello there' });
      const pieces: string[] = [];
      streamed.on('response.output_text.delta', ({ delta }) => pieces.push(delta));
      assert.equal((await streamed.finalResponse()).output_text, 'Hello there');
      assert.equal(pieces.join(''), 'Hello there');
      const tools = [zodResponsesFunction({ name: 'first', parameters: z.object({ city: z.string() }) })];
      const called = await responses.parse({ model: model('tool'), input: 'Hello there', tools });
      const call = called.output.find((item) => item.type === 'function_call');
      assert.equal(typeof (call?.parsed_arguments as { city?: unknown } | undefined)?.city, 'string');
    });

    test('whatever breaks rejects', async () => {
      for (const fault of ['cut-3', 'end-3', 'error-midstream', 'status-503', 'garbage']) {
        const asked = { model: model(`text-40+${fault}`), messages };
        await assert.rejects(everywhere().chat.completions.stream(asked).finalContent(), APIError, fault);
        await assert.rejects(everywhere().responses.stream({ model: asked.model, input: 'Hello there' }).finalResponse(), APIError, fault);
      }
    });
  });
}
