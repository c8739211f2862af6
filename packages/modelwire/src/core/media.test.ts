import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFakeWorld, scriptedTransport, sentBody } from '../../../../test/support/fake-world.ts';
import type { Attempt } from './attempt.ts';
import { attemptCall } from './call.ts';
import { GatewayError } from './errors.ts';
import type { DialectName } from './ir.ts';
import { MediaError, type MediaKind } from './media.ts';
import type { Quirks } from './target.ts';
import { chatCall } from '../../../../test/support/chat-call.ts';

const address = 'https://images.example/cat.png';
const data = 'iVBORw0KGgoAAAAN';

type Setting = {
  readonly front: DialectName;
  readonly back: DialectName;
  readonly body: object;
  readonly quirks?: Quirks;
  readonly fails?: string;
  readonly off?: true;
};

/** What was fetched, what was sent to the provider, what was noted, and what it came to. */
async function sent({ front, back, body, quirks = {}, fails, off }: Setting) {
  const { transport, requests } = scriptedTransport(500, {}, '{}');
  const fetched: [url: string, kind: MediaKind][] = [];
  const world = {
    ...createFakeWorld(transport),
    async fetchMedia(url: string, kind: MediaKind) {
      if (off === true) return undefined;
      fetched.push([url, kind]);
      if (fails !== undefined) throw new MediaError(fails);
      return { mediaType: kind === 'image' ? 'image/png' : 'application/pdf', data };
    },
  };
  const call = chatCall(front, JSON.stringify({ model: 'asked', ...body }));
  const attempts: Attempt[] = [];
  const target = { provider: 'lab', model: 'm', speaks: { [back]: { baseURL: 'http://lab/v1', auth: 'none' } }, quirks } as const;
  const error = await attemptCall(call, target, world, attempts).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof GatewayError);
  return { fetched, error, body: sentBody(requests[0]), requests: requests.length, notes: attempts[0]?.notes ?? [] };
}

const asked: { readonly [name in DialectName]?: { readonly body: (url: string) => object; readonly at: string } } = {
  'openai-chat': {
    body: (url) => ({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] }),
    at: 'messages[0].content[0]',
  },
  'openai-responses': {
    body: (url) => ({ input: [{ role: 'user', content: [{ type: 'input_image', image_url: url, detail: 'auto' }] }] }),
    at: 'input[0].content[0]',
  },
  'anthropic-messages': {
    body: (url) => ({ max_tokens: 9, messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url } }] }] }),
    at: 'messages[0].content[0]',
  },
  gemini: { body: (fileUri) => ({ contents: [{ role: 'user', parts: [{ fileData: { fileUri, mimeType: 'image/png' } }] }] }), at: 'contents[0].parts[0]' },
  cohere: { body: (url) => ({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] }), at: 'messages[0].content[0]' },
};

describe('an image by its address, where the target takes data only', () => {
  for (const [front, { body, at }] of Object.entries(asked) as [DialectName, { body: (url: string) => object; at: string }][]) {
    for (const back of ['ollama', 'bedrock-converse'] as const) {
      test(`${front} → ${back}`, async () => {
        const result = await sent({ front, back, body: body(address) });
        assert.deepEqual(result.fetched, [[address, 'image']]);
        assert.ok(result.body.includes(data) && !result.body.includes(address), result.body);
        assert.ok(
          result.notes.some((note) => note.verdict === 'emulated' && note.path.startsWith(at.slice(0, at.indexOf('[')))),
          JSON.stringify(result.notes),
        );
      });
    }
    for (const back of ['openai-chat', 'openai-responses', 'gemini', 'cohere', 'anthropic-messages'] as const) {
      if (back === front) continue;
      test(`${front} → ${back}, which takes addresses`, async () => {
        const result = await sent({ front, back, body: body(address) });
        assert.deepEqual(result.fetched, []);
        assert.ok(result.body.includes(address), result.body);
      });
      if (back === 'anthropic-messages') continue;
      test(`${front} → ${back}, at a provider that does not`, async () => {
        const result = await sent({ front, back, body: body(address), quirks: { imageUrls: false } });
        assert.deepEqual(result.fetched, [[address, 'image']]);
        assert.ok(result.body.includes(data) && !result.body.includes(address), result.body);
      });
    }
  }
});

test('one in a tool result is fetched too, and each address once', async () => {
  const image = { type: 'image', source: { type: 'url', url: address } };
  const messages = [
    { role: 'user', content: [image] },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [image] }] },
  ];
  const result = await sent({ front: 'anthropic-messages', back: 'bedrock-converse', body: { max_tokens: 9, messages } });
  assert.equal(result.fetched.length, 1);
  assert.equal(result.body.split(data).length, 3);
});

test('a document by its address', async () => {
  const body = { max_tokens: 9, messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'url', url: 'https://files.example/a.pdf' } }] }] };
  for (const back of ['bedrock-converse', 'openai-chat'] as const) {
    const result = await sent({ front: 'anthropic-messages', back, body });
    assert.deepEqual(result.fetched, [['https://files.example/a.pdf', 'document']]);
    assert.ok(result.body.includes(data), result.body);
  }
});

test('what cannot be fetched is refused by name, and nothing is sent', async () => {
  const { body } = asked['openai-chat'] ?? { body: () => ({}) };
  const failed = await sent({ front: 'openai-chat', back: 'ollama', body: body(address), fails: 'its server answers 404' });
  assert.deepEqual([failed.error.code, failed.error.status, failed.requests], ['invalid_request', 400, 0]);
  assert.match(failed.error.param ?? '', /^messages\[0\]\.content\[0\]/);
  assert.match(failed.error.message, /the image could not be fetched: its server answers 404/);
});

test('where nothing is fetched the target’s own refusal says what to do', async () => {
  const { body } = asked['openai-chat'] ?? { body: () => ({}) };
  const refused = await sent({ front: 'openai-chat', back: 'ollama', body: body(address), off: true });
  assert.deepEqual([refused.error.code, refused.requests], ['unsupported_parameter', 0]);
  assert.match(`${refused.error.message} ${refused.error.hint}`, /no image by its address.*media: \{ fetch: public \}/s);
});

test('more addresses than a call may have', async () => {
  const content = Array.from({ length: 21 }, (_, n) => ({ type: 'image_url', image_url: { url: `${address}?${n}` } }));
  const refused = await sent({ front: 'openai-chat', back: 'ollama', body: { messages: [{ role: 'user', content }] } });
  assert.deepEqual([refused.error.code, refused.requests, refused.fetched.length], ['invalid_request', 0, 0]);
});

test('what the model does not take is not fetched', async () => {
  const { body } = asked['openai-chat'] ?? { body: () => ({}) };
  const refused = await sent({ front: 'openai-chat', back: 'ollama', body: body(address), quirks: { images: false } });
  assert.deepEqual([refused.error.code, refused.fetched], ['unsupported_parameter', []]);
});
