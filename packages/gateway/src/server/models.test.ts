import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { testConfig, testProvider } from '../../../../test/support/test-config.ts';
import { hashKey } from '../keys/keys.ts';
import { type Gateway, startGateway } from './gateway.ts';

/** The list of models in the shape that each official client expects, page by page, from one gateway. */
const key = 'sk-a-caller-key';
const bound = 'sk-a-bound-key';
const names = Array.from({ length: 23 }, (_, index) => `m-${String(index).padStart(2, '0')}`);
const listed = names.map((name) => `lab/${name}`);
let gateway: Gateway;

before(async () => {
  const entry = (name: string, secret: string, models?: readonly string[]) => ({
    name,
    sha256: hashKey(secret).replace('sha256:', ''),
    ...(models === undefined ? {} : { models }),
  });
  gateway = await startGateway({
    config: testConfig([testProvider('lab', 'http://127.0.0.1:9', ['openai-chat'], { models: names })], {
      keys: [entry('caller', key), entry('bound', bound, ['lab/m-03'])],
    }),
    version: 'test',
    env: {},
  });
});
after(() => gateway.close({ graceMs: 0 }));

async function idsOf<T>(pages: AsyncIterable<T>, id: (item: T) => string | undefined): Promise<(string | undefined)[]> {
  const ids: (string | undefined)[] = [];
  for await (const item of pages) ids.push(id(item));
  return ids;
}

describe('OpenAI', () => {
  const client = (apiKey = key) => new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });

  test('all of them, and one by its name with a slash', async () => {
    assert.deepEqual(await idsOf(client().models.list(), (model) => model.id), listed);
    const one = await client().models.retrieve('lab/m-05');
    assert.deepEqual([one.id, one.object, one.owned_by, typeof one.created], ['lab/m-05', 'model', 'lab', 'number']);
    await assert.rejects(client().models.retrieve('nobody/has-it'), OpenAI.NotFoundError);
  });

  test('a key that is bound sees its own', async () => {
    assert.deepEqual(await idsOf(client(bound).models.list(), (model) => model.id), ['lab/m-03']);
    await assert.rejects(client(bound).models.retrieve('lab/m-05'), OpenAI.PermissionDeniedError);
  });
});

describe('Anthropic', () => {
  const client = () => new Anthropic({ apiKey: key, baseURL: gateway.url, maxRetries: 0 });

  test('page by page, forwards and backwards', async () => {
    for (const limit of [1, 5, 23, 1000]) assert.deepEqual(await idsOf(client().models.list({ limit }), (model) => model.id), listed, String(limit));
    const last = await client().models.list({ limit: 5, before_id: 'lab/m-22' });
    assert.deepEqual([last.data.map((model) => model.id), last.has_more, last.first_id, last.last_id], [listed.slice(17, 22), true, 'lab/m-17', 'lab/m-21']);
    const backwards = await idsOf(last, (model) => model.id);
    assert.deepEqual(backwards.toSorted(), listed.slice(0, 22));
    const first = await client().models.list({ limit: 5, before_id: 'lab/m-02' });
    assert.deepEqual([first.data.map((model) => model.id), first.has_more], [listed.slice(0, 2), false]);
  });

  test('one, and what is wrong with a query', async () => {
    const one = await client().models.retrieve('lab/m-05');
    assert.deepEqual([one.id, one.type, Number.isNaN(Date.parse(one.created_at))], ['lab/m-05', 'model', false]);
    await assert.rejects(client().models.retrieve('nobody/has-it'), Anthropic.NotFoundError);
    await assert.rejects(client().models.list({ limit: 0 }), Anthropic.BadRequestError);
    await assert.rejects(client().models.list({ after_id: 'nobody' }), Anthropic.BadRequestError);
  });
});

describe('Google', () => {
  const client = () => new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: gateway.url } });

  test('page by page, and one', async () => {
    for (const pageSize of [1, 5, 23, 50]) {
      const ids = await idsOf(await client().models.list({ config: { pageSize } }), (model) => model.name);
      assert.deepEqual(
        ids,
        listed.map((id) => `models/${id}`),
      );
    }
    const one = await client().models.get({ model: 'lab/m-05' });
    assert.deepEqual([one.name, one.supportedActions], ['models/lab/m-05', ['generateContent', 'countTokens']]);
    const bad = await fetch(`${gateway.url}/v1beta/models?pageToken=-1`, { headers: { 'x-goog-api-key': key } });
    assert.deepEqual([bad.status, ((await bad.json()) as { error: { status: string } }).error.status], [400, 'INVALID_ARGUMENT']);
  });
});

test('the shape follows the headers, not the order in which they are asked', async () => {
  const shapeOf = async (headers: Record<string, string>, path = '/v1/models'): Promise<string> => {
    const body: unknown = await (await fetch(gateway.url + path, { headers })).json();
    return Object.keys(body as object).join();
  };
  assert.equal(await shapeOf({ authorization: `Bearer ${key}` }), 'object,data');
  assert.equal(await shapeOf({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }), 'data,has_more,first_id,last_id');
  assert.equal(await shapeOf({ 'x-goog-api-key': key }), 'models');
  assert.equal(await shapeOf({ authorization: `Bearer ${key}` }, '/v1beta/models'), 'models');
  assert.equal(await shapeOf({ authorization: `Bearer ${key}` }, '/models/'), 'object,data');
});
