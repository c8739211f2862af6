import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { configJsonSchemaText } from './json-schema.ts';

test('the published JSON Schema is that of the code', () => {
  const published = readFileSync(new URL('../../schema/modelwire.schema.json', import.meta.url), 'utf8');
  assert.ok(published === configJsonSchemaText(), 'run: node --conditions=modelwire-source packages/gateway/src/config/write-schema.ts');
});

test('the JSON Schema lets a variable stand for what is narrower than text', () => {
  const oneLine = configJsonSchemaText().replace(/\s+/g, '');
  assert.ok(oneLine.includes('"anyOf":[{"type":"integer","minimum":0,"maximum":65535},{"$ref":"#/definitions/variable"}]'), 'server.port');
  assert.ok(oneLine.includes('"anyOf":[{"type":"string","enum":["strict","carry","lenient"]},{"$ref":"#/definitions/variable"}]'), 'fidelity');
});
