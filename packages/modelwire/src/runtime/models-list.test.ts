import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGatewayError } from '../core/errors.ts';
import { modelsBody } from './models-list.ts';

const models = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, provider: 'lab', model: id }));
const page = (query: string): unknown[] => {
  const { data, has_more, first_id, last_id } = JSON.parse(modelsBody(models, 'anthropic-messages', 0, query));
  return [data.map((model: { id: string }) => model.id).join(''), has_more, first_id, last_id];
};

test('an Anthropic caller pages through the list in both directions', () => {
  assert.deepEqual(page(''), ['abcde', false, 'a', 'e']);
  assert.deepEqual(page('limit=2'), ['ab', true, 'a', 'b']);
  assert.deepEqual(page('limit=2&after_id=b'), ['cd', true, 'c', 'd']);
  assert.deepEqual(page('limit=2&after_id=d'), ['e', false, 'e', 'e']);
  assert.deepEqual(page('after_id=e'), ['', false, null, null]);
  assert.deepEqual(page('limit=2&before_id=e'), ['cd', true, 'c', 'd']);
  assert.deepEqual(page('limit=2&before_id=c'), ['ab', false, 'a', 'b']);
  assert.deepEqual(page('limit=1000'), ['abcde', false, 'a', 'e']);
});

test('a bad page is refused and names its field; OpenAI has no pages', () => {
  for (const query of ['limit=0', 'limit=1001', 'limit=x', 'limit=', 'limit=1.5', 'after_id=z', 'before_id=z']) {
    assert.throws(
      () => page(query),
      (error: unknown) => isGatewayError(error) && error.status === 400 && query.startsWith(error.param ?? '?'),
      query,
    );
  }
  assert.equal(JSON.parse(modelsBody(models, 'openai-chat', 0, 'limit=1')).data.length, 5);
});

test('a Google caller pages by a token, in Google’s shape', () => {
  const list = (query: string): { models: { name: string }[]; nextPageToken?: string } => JSON.parse(modelsBody(models, 'gemini', 0, query));
  assert.deepEqual(list('').models[0], { name: 'models/a', version: 'a', displayName: 'a', supportedGenerationMethods: ['generateContent', 'countTokens'] });
  assert.equal(list('').nextPageToken, undefined);
  const first = list('pageSize=2');
  assert.deepEqual([first.models.map(({ name }) => name), first.nextPageToken], [['models/a', 'models/b'], '2']);
  const last = list('pageSize=3&pageToken=2');
  assert.deepEqual([last.models.length, last.nextPageToken], [3, undefined]);
  for (const query of ['pageSize=-1', 'pageSize=x', 'pageToken=x'])
    assert.throws(
      () => list(query),
      (error: unknown) => isGatewayError(error) && error.status === 400,
      query,
    );
});

test('a Cohere caller pages by a token, in Cohere’s shape, and may ask for one kind of model', () => {
  const list = (query: string): { models: { name: string }[]; next_page_token?: string } => JSON.parse(modelsBody(models, 'cohere', 0, query));
  assert.deepEqual(list('').models[0], { name: 'a', is_deprecated: false, endpoints: ['chat'], finetuned: false });
  const first = list('page_size=2&endpoint=chat');
  assert.deepEqual([first.models.map(({ name }) => name), first.next_page_token], [['a', 'b'], '2']);
  const last = list('page_size=3&page_token=2');
  assert.deepEqual([last.models.length, last.next_page_token], [3, undefined]);
  assert.deepEqual(list('endpoint=embed').models, []);
  for (const query of ['page_size=0', 'page_size=x', 'page_token=-1'])
    assert.throws(
      () => list(query),
      (error: unknown) => isGatewayError(error) && error.status === 400,
      query,
    );
});
