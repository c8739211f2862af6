import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelBody, modelsBody } from './models-list.ts';

const models = [
  { id: 'openai/gpt-x', provider: 'openai', model: 'gpt-x', info: { contextLength: 8000, tools: false, reasoning: true, input: ['text', 'image'] as const } },
  { id: 'lab/m', provider: 'lab', model: 'm' },
];

test('the list in Ollama’s shape', () => {
  const listed = JSON.parse(modelsBody(models, 'ollama', 1_790_000_000_000)) as {
    models: { name: string; model: string; digest: string; modified_at: string }[];
  };
  assert.deepEqual(
    listed.models.map(({ name, model }) => [name, model]),
    [
      ['openai/gpt-x', 'openai/gpt-x'],
      ['lab/m', 'lab/m'],
    ],
  );
  assert.match(listed.models[0]?.digest ?? '', /^[0-9a-f]{64}$/);
  assert.notEqual(listed.models[0]?.digest, listed.models[1]?.digest);
  assert.equal(listed.models[0]?.modified_at, '2026-09-21T14:13:20.000Z');
});

test('what a model can do; what is not known of it is not denied', () => {
  const shown = (index: number) => {
    const model = models[index];
    assert.ok(model !== undefined);
    return JSON.parse(modelBody(model, 'ollama', 0)) as { capabilities: string[]; model_info: object };
  };
  assert.deepEqual(shown(0).capabilities, ['completion', 'vision', 'thinking']);
  assert.deepEqual(shown(0).model_info, { 'general.architecture': 'openai', 'general.basename': 'openai/gpt-x', 'openai.context_length': 8000 });
  assert.deepEqual(shown(1).capabilities, ['completion', 'tools']);
});
