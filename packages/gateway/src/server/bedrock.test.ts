import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  BedrockRuntimeClient,
  BedrockRuntimeServiceException,
  type ContentBlock,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  type ConverseStreamOutput,
  CountTokensCommand,
  type Message,
  ModelStreamErrorException,
  type TokenUsage,
  type Tool,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { DialectName } from 'modelwire/internal/core/ir';
import { mockModels } from 'modelwire/internal/providers/mock-name';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import { converseProblems, converseStreamProblems } from '../../../../test/support/official-bedrock.ts';
import { type MockServer, startMockServer } from '../../../../test/support/mock-server.ts';
import { testConfig, testProvider } from '../../../../test/support/test-config.ts';
import { hashKey } from '../keys/keys.ts';
import { type Gateway, startGateway } from './gateway.ts';

/** Amazon's official client against a real socket, on every back. */
const key = 'sk-bedrock-caller-key';
const pair = 'AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY:session-token';
const backs: { readonly [name: string]: DialectName } = { b: 'bedrock-converse', c: 'openai-chat', a: 'anthropic-messages', g: 'gemini' };
const records: CallRecord[] = [];
let mock: MockServer;
let gateway: Gateway;
let open: Gateway;
let client: BedrockRuntimeClient;

function connect(url: string, auth: object): BedrockRuntimeClient {
  return new BedrockRuntimeClient({ endpoint: url, region: 'eu-central-1', maxAttempts: 1, requestHandler: new NodeHttpHandler(), ...auth });
}

const withToken = (token: string): object => ({ token: { token }, authSchemePreference: ['httpBearerAuth'] });
const withPair = { credentials: { accessKeyId: 'AKIDCALLER', secretAccessKey: 'caller-secret' } };

before(async () => {
  mock = await startMockServer();
  const quirks = { reasoningField: 'reasoning_content', reasoningHistory: 'tool_calls', systemInMessages: true } as const;
  const providers = [
    ...Object.entries(backs).map(([name, dialect]) => testProvider(name, mock.url, [dialect], { models: mockModels, quirks })),
    testProvider('signed', mock.url, ['bedrock-converse'], { models: mockModels, key: pair }),
  ];
  const settings = { version: 'test', env: {}, log: (_line: string, record: CallRecord) => void records.push(record) };
  gateway = await startGateway({ ...settings, config: testConfig(providers, { keys: [{ name: 'caller', sha256: hashKey(key).replace('sha256:', '') }] }) });
  open = await startGateway({ ...settings, config: testConfig(providers) });
  client = connect(gateway.url, withToken(key));
});

after(async () => {
  client.destroy();
  await gateway.close({ graceMs: 0 });
  await open.close({ graceMs: 0 });
  await mock.close();
});

const user = (...content: ContentBlock[]): Message => ({ role: 'user', content });
const hello = [user({ text: 'Hello there' })];

async function converse(modelId: string, input: Partial<ConverseCommandInput> = {}) {
  return await client.send(new ConverseCommand({ modelId, messages: hello, ...input }));
}

async function stream(modelId: string, input: Partial<ConverseCommandInput> = {}): Promise<ConverseStreamOutput[]> {
  const answer = await client.send(new ConverseStreamCommand({ modelId, messages: hello, ...input }));
  const events: ConverseStreamOutput[] = [];
  for await (const event of answer.stream ?? []) events.push(event);
  return events;
}

/** An answer put together from its events, as a program does it. Throws when the order is not the documented one. */
type Collected = { readonly content: ContentBlock[]; stop: string | undefined; usage: TokenUsage | undefined };

function collected(events: readonly ConverseStreamOutput[]): Collected {
  const out: Collected = { content: [], stop: undefined, usage: undefined };
  const open = new Map<number, { text: string; thought: string; signature: string | undefined; call: { toolUseId: string; name: string } | undefined }>();
  events.forEach((event, index) => {
    assert.equal(event.messageStart !== undefined, index === 0);
    const at = (event.contentBlockStart ?? event.contentBlockDelta)?.contentBlockIndex;
    if (at !== undefined && !open.has(at)) {
      assert.equal(at, out.content.length, 'blocks come one after the other');
      open.set(at, { text: '', thought: '', signature: undefined, call: undefined });
    }
    const block = open.get(at ?? event.contentBlockStop?.contentBlockIndex ?? -1);
    const { toolUse } = event.contentBlockStart?.start ?? {};
    if (block !== undefined && toolUse !== undefined) block.call = { toolUseId: toolUse.toolUseId ?? '', name: toolUse.name ?? '' };
    const delta = event.contentBlockDelta?.delta;
    if (block !== undefined && delta !== undefined) {
      block.text += delta.text ?? delta.toolUse?.input ?? '';
      block.thought += delta.reasoningContent?.text ?? '';
      block.signature = delta.reasoningContent?.signature ?? block.signature;
    }
    if (event.contentBlockStop !== undefined) {
      assert.ok(block !== undefined);
      out.content.push(finished(block));
      open.delete(event.contentBlockStop.contentBlockIndex ?? -1);
    }
    if (event.messageStop !== undefined) {
      assert.equal(open.size, 0);
      out.stop = event.messageStop.stopReason;
    }
    if (event.metadata !== undefined) {
      assert.equal(index, events.length - 1);
      assert.ok(out.stop !== undefined);
      out.usage = event.metadata.usage;
    }
  });
  return out;
}

function finished(block: {
  text: string;
  thought: string;
  signature: string | undefined;
  call: { toolUseId: string; name: string } | undefined;
}): ContentBlock {
  if (block.call !== undefined) return { toolUse: { ...block.call, input: JSON.parse(block.text) } };
  if (block.thought === '' && block.signature === undefined) return { text: block.text };
  return { reasoningContent: { reasoningText: { text: block.thought, ...(block.signature === undefined ? {} : { signature: block.signature }) } } };
}

const weather: Tool = {
  toolSpec: {
    name: 'get_weather',
    description: 'The weather',
    inputSchema: { json: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
  },
};
const toolConfig = { tools: [weather] };

for (const back of Object.keys(backs)) {
  describe(`on ${backs[back]}`, () => {
    test('a whole answer', async () => {
      const answer = await converse(`${back}/echo`, { inferenceConfig: { maxTokens: 100, temperature: 0.5 }, system: [{ text: 'Be brief.' }] });
      assert.deepEqual(answer.output?.message, { role: 'assistant', content: [{ text: 'Hello there' }] });
      assert.equal(answer.stopReason, 'end_turn');
      const { inputTokens = 0, outputTokens, totalTokens } = answer.usage ?? {};
      assert.deepEqual([outputTokens, totalTokens], [2, inputTokens + 2]);
      assert.equal(typeof answer.metrics?.latencyMs, 'number');
      assert.match(answer.$metadata.requestId ?? '', /^req_/);
    });

    test('a stream, piece by piece, with the usage at its end', async () => {
      const events = await stream(`${back}/text-30`);
      assert.ok(events.length > 30);
      const { content, stop, usage } = collected(events);
      assert.equal(content[0]?.text?.split(' ').length, 30);
      assert.deepEqual([content.length, stop, usage?.outputTokens], [1, 'end_turn', 30]);
    });

    test('any characters', async () => {
      const text = 'naïve 你好 👩‍🚀 \u{1d54f} \\ " \u2028 \n end';
      assert.deepEqual((await converse(`${back}/echo`, { messages: [user({ text })] })).output?.message?.content, [{ text }]);
      assert.deepEqual(collected(await stream(`${back}/echo`, { messages: [user({ text })] })).content, [{ text }]);
    });

    for (const streamed of [false, true]) {
      test(`a tool in two steps${streamed ? ', streamed' : ''}`, async () => {
        const say = async (messages: Message[]) => {
          if (streamed) return collected(await stream(`${back}/tool`, { messages, toolConfig }));
          const answer = await converse(`${back}/tool`, { messages, toolConfig });
          return { content: answer.output?.message?.content ?? [], stop: answer.stopReason };
        };
        const first = await say([user({ text: 'Weather?' })]);
        assert.equal(first.stop, 'tool_use');
        const call = first.content.find((block) => block.toolUse !== undefined)?.toolUse;
        assert.deepEqual([call?.name, call?.input], ['get_weather', { city: 'city' }]);
        const result: ContentBlock = { toolResult: { toolUseId: call?.toolUseId, content: [{ text: 'rain' }] } };
        const second = await say([user({ text: 'Weather?' }), { role: 'assistant', content: first.content }, user(result)]);
        assert.deepEqual([second.content, second.stop], [[{ text: 'get_weather returned rain' }], 'end_turn']);
      });
    }

    test('a failed tool, JSON as its result, and the choice of a tool', async () => {
      const forced = await converse(`${back}/echo`, { toolConfig: { ...toolConfig, toolChoice: { tool: { name: 'get_weather' } } } });
      const call = forced.output?.message?.content?.[0]?.toolUse;
      assert.equal(call?.name, 'get_weather');
      const failed: ContentBlock = { toolResult: { toolUseId: call?.toolUseId, content: [{ json: { a: 1 } }], status: 'error' } };
      const answer = await converse(`${back}/tool`, {
        messages: [...hello, { role: 'assistant', content: forced.output?.message?.content ?? [] }, user(failed)],
        toolConfig,
      });
      assert.match(answer.output?.message?.content?.[0]?.text ?? '', /get_weather .*\{\\?"a\\?":1\}/);
    });

    test('thinking, which goes back whole with the results of a tool', async () => {
      const thinking = { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2000 } }, inferenceConfig: { maxTokens: 8000 } };
      const input = { ...thinking, toolConfig };
      const { content } = collected(await stream(`${back}/reasoning`, input));
      const thought = content.find((block) => block.reasoningContent !== undefined)?.reasoningContent?.reasoningText;
      assert.equal(thought?.text, 'The user wrote 2 words. I will answer plainly.');
      const call = content.find((block) => block.toolUse !== undefined)?.toolUse;
      const result: ContentBlock = { toolResult: { toolUseId: call?.toolUseId, content: [{ text: 'rain' }] } };
      const answer = await converse(`${back}/reasoning`, { ...input, messages: [...hello, { role: 'assistant', content }, user(result)] });
      assert.equal(answer.output?.message?.content?.at(-1)?.text, 'get_weather returned rain');
    });

    test('an image and a document, as bytes', async () => {
      const image: ContentBlock = { image: { format: 'png', source: { bytes: new Uint8Array(70) } } };
      const seen = await converse(`${back}/vision`, { messages: [user(image, { text: 'See?' })] });
      assert.equal(seen.output?.message?.content?.[0]?.text, 'image image/png 70 bytes');
      const pdf: ContentBlock = { document: { format: 'pdf', name: 'My paper', source: { bytes: new Uint8Array(72) } } };
      const read = await converse(`${back}/vision`, { messages: [user(pdf, { text: 'See?' })] });
      assert.match(read.output?.message?.content?.[0]?.text ?? '', /^document application\/pdf 72 bytes/);
    });

    test('structured output, and the ends of an answer', async () => {
      const schema = JSON.stringify({ type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false });
      const outputConfig = { textFormat: { type: 'json_schema', structure: { jsonSchema: { schema, name: 'weather' } } } } as const;
      const answer = await converse(`${back}/json`, { outputConfig });
      assert.deepEqual(JSON.parse(answer.output?.message?.content?.[0]?.text ?? ''), { city: 'city' });
      assert.equal((await converse(`${back}/text-50`, { inferenceConfig: { maxTokens: 10 } })).stopReason, 'max_tokens');
      const stopped = await converse(`${back}/echo`, { messages: [user({ text: 'one two three' })], inferenceConfig: { stopSequences: [' three'] } });
      assert.equal(stopped.output?.message?.content?.[0]?.text, 'one two');
      assert.equal((await converse(`${back}/refusal`)).stopReason, 'content_filtered');
    });

    test('every answer and every event is what the official types say, byte by byte', async () => {
      for (const model of mockModels) {
        for (const body of [{}, { toolConfig }]) {
          const post = async (method: string): Promise<Buffer> => {
            const response = await fetch(`${gateway.url}/model/${back}%2F${model}/${method}`, {
              method: 'POST',
              headers: { authorization: `Bearer ${key}` },
              body: JSON.stringify({ messages: hello, ...body }),
            });
            assert.equal(response.headers.get('content-type'), method === 'converse' ? 'application/json' : 'application/vnd.amazon.eventstream');
            return Buffer.from(await response.arrayBuffer());
          };
          assert.deepEqual(converseProblems(JSON.parse((await post('converse')).toString())), [], model);
          assert.deepEqual(converseStreamProblems(await post('converse-stream')), [], model);
        }
      }
    });

    test('errors are the client’s exceptions', async () => {
      for (const [model, name, status] of [
        ['status-400', 'ValidationException', 400],
        ['status-403', 'InternalServerException', 502],
        ['status-404', 'ResourceNotFoundException', 404],
        ['status-429', 'ThrottlingException', 429],
        ['status-500', 'InternalServerException', 500],
        ['status-503', 'ServiceUnavailableException', 503],
      ] as const) {
        for (const call of [converse, stream])
          await assert.rejects(call(`${back}/${model}`), (error) => {
            assert.ok(error instanceof BedrockRuntimeServiceException, String(error));
            assert.deepEqual([error.name, error.$metadata.httpStatusCode], [name, status]);
            assert.match(error.message, new RegExp(`^${back}: `));
            return true;
          });
      }
      await assert.rejects(converse(`${back}/echo`, { inferenceConfig: { temperature: 3 } }), {
        name: 'ValidationException',
        message: /inferenceConfig\.temperature/,
      });
    });

    test('a stream that breaks off ends in an exception', async () => {
      for (const model of ['text-30+cut-6', 'text-30+end-6', 'text-30+error-midstream'])
        await assert.rejects(
          stream(`${back}/${model}`),
          (error) => error instanceof ModelStreamErrorException || String(error).includes('InternalServer'),
          model,
        );
    });

    test('a token count', async () => {
      const { inputTokens } = await client.send(new CountTokensCommand({ modelId: `${back}/echo`, input: { converse: { messages: hello } } }));
      assert.ok(Number(inputTokens) > 1);
    });

    test('a caller that leaves is known to the provider', async () => {
      const leaving = new AbortController();
      const mark = `leaving ${back}`;
      const command = new ConverseStreamCommand({ modelId: `${back}/text-100+drip-50`, messages: [user({ text: mark })] });
      const answer = await client.send(command, { abortSignal: leaving.signal });
      let count = 0;
      await assert.rejects(async () => {
        for await (const event of answer.stream ?? []) if (event.contentBlockDelta !== undefined && ++count === 3) leaving.abort();
      });
      const deadline = Date.now() + 2000;
      const state = () => mock.seen.findLast(({ body }) => body.includes(mark))?.state;
      while (state() === 'open' && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal(state(), 'gone');
    });
  });
}

test('a model whose name has a colon and slashes', async () => {
  const arn = 'b/echo+slow-1';
  const response = await fetch(`${gateway.url}/model/${encodeURIComponent(arn)}/converse`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'hi' }] }] }),
  });
  assert.equal(response.status, 200);
  assert.equal(mock.seen.at(-1)?.path, '/model/echo%2Bslow-1/converse');
});

test('a provider with a key pair is sent a signature, and neither the pair nor the caller’s key', async () => {
  for (const call of [converse, stream]) await call('signed/echo');
  const { headers } = mock.seen.at(-1) ?? { headers: {} as Record<string, string> };
  assert.match(
    headers['authorization'] ?? '',
    /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/us-east-1\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, /,
  );
  assert.equal(headers['x-amz-security-token'], 'session-token');
  assert.ok(!JSON.stringify([mock.seen, records]).includes('wJalrXUtnFEMI'));
  assert.ok(!JSON.stringify([mock.seen.slice(-2), records]).includes(key));
});

test('a call that is signed is known by its access key id: the error says so', async () => {
  const signing = connect(gateway.url, withPair);
  await assert.rejects(signing.send(new ConverseCommand({ modelId: 'b/echo', messages: hello })), (error) => {
    assert.ok(error instanceof BedrockRuntimeServiceException);
    assert.equal(error.name, 'UnrecognizedClientException');
    assert.match(error.message, /access key id .*AWS_BEARER_TOKEN_BEDROCK=KEY, or AWS_ACCESS_KEY_ID=KEY/);
    return true;
  });
  const known = connect(gateway.url, { credentials: { accessKeyId: key, secretAccessKey: 'anything' } });
  assert.equal((await known.send(new ConverseCommand({ modelId: 'b/echo', messages: hello }))).stopReason, 'end_turn');
  await assert.rejects(connect(gateway.url, withToken('wrong')).send(new ConverseCommand({ modelId: 'b/echo', messages: hello })), {
    name: 'UnrecognizedClientException',
  });
  signing.destroy();
  known.destroy();
});

test('where no key is asked for, a signed call is answered', async () => {
  const signing = connect(open.url, withPair);
  const answer = await signing.send(new ConverseCommand({ modelId: 'c/echo', messages: hello }));
  assert.deepEqual(answer.output?.message?.content, [{ text: 'Hello there' }]);
  signing.destroy();
});

test('no such model, and no such path', async () => {
  await assert.rejects(converse('nobody-has-this'), { name: 'ResourceNotFoundException' });
  const response = await fetch(`${gateway.url}/model/b%2Fecho/invoke`, { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: '{}' });
  assert.deepEqual([response.status, response.headers.get('x-amzn-errortype')], [404, 'ResourceNotFoundException']);
  assert.match(((await response.json()) as { message: string }).message, /no such path: .*ask by Converse/);
});
