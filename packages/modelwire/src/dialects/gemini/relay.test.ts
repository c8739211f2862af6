import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tap } from '../../core/dialect.ts';
import { isGatewayError } from '../../core/errors.ts';
import { scanTopLevel } from '../../core/top-level.ts';
import { contextFor, hi } from './fixtures/world.ts';
import { gemini } from './index.ts';

const { back, relay } = gemini;
const { target } = contextFor();
const top = (body: object) => scanTopLevel(new TextEncoder().encode(JSON.stringify(body)));
const event = (value: object): string => `data: ${JSON.stringify(value)}\r\n\r\n`;
const part = (parts: readonly object[], more: object = {}) =>
  event({ candidates: [{ content: { parts, role: 'model' }, index: 0, ...more }], usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2 } });

const see = (tap: Tap, text: string) => tap.see(text, () => JSON.parse(text.slice('data:'.length)));

test('the model is in the path, and the key in a header of its own', () => {
  assert.equal(relay.modelInPath, true);
  assert.equal(back.relayPath('chat', { model: 'm', stream: true }), '/v1beta/models/m:streamGenerateContent?alt=sse');
  assert.equal(back.relayPath('count_tokens', { model: 'm', stream: false }), '/v1beta/models/m:countTokens');
  assert.deepEqual(back.relayHeaders({ 'x-goog-api-key': 'secret', 'x-goog-user-project': 'p' }), {});
});

test('state under our seal is for a translation; a field that is refused is cut out', () => {
  const rules = (body: object, quirks = {}) => relay.edits(top(body), { quirks, wantUsage: true });
  const signed = (thoughtSignature: string) => ({ contents: [hi, { role: 'model', parts: [{ functionCall: { name: 'f' }, thoughtSignature }] }] });
  assert.deepEqual(rules(signed('CoUBAbc=')), []);
  assert.equal(rules(signed(btoa('mw1.upstream.[]'))), undefined);
  assert.equal(rules({ contents: [hi], tools: [{ functionDeclarations: [{ name: '1st' }] }] }), undefined, 'a name that Google refuses');
  assert.deepEqual(rules({ contents: [hi], tools: [{ functionDeclarations: [{ name: 'fs.read:x' }] }] }), []);
  assert.deepEqual(
    rules({ contents: [hi], store: true }, { refuses: ['store'] })?.map(({ kind, key }) => [kind, key]),
    [['remove', 'store']],
  );
});

test('the tap sees content, the end, errors and the last usage', () => {
  const tap = relay.tap({ withholdUsage: false });
  assert.equal(see(tap, part([{ text: '' }])).content, false);
  assert.equal(see(tap, part([{ text: 'a' }])).content, true);
  assert.equal(see(tap, part([{ functionCall: { name: 'f', args: {} } }])).content, true);
  assert.equal(see(tap, part([{ text: 'say "finishReason": "STOP" and "error": {' }])).finish, false);
  assert.equal(tap.finish(), undefined);
  assert.deepEqual([see(tap, event({ error: { code: 503, message: 'x' } })).error, see(tap, part([{ text: '"error":{' }])).error], [true, false]);
  const last = see(tap, part([{ text: '' }], { finishReason: 'MAX_TOKENS' }));
  assert.deepEqual([last.finish, last.terminal, tap.finish()], [true, false, 'MAX_TOKENS']);
  assert.deepEqual([tap.usage()?.input, tap.usage()?.output], [3, 2]);
});

test('of several answers each must end', () => {
  const tap = relay.tap({ withholdUsage: false });
  see(
    tap,
    event({
      candidates: [
        { content: { parts: [{ text: 'a' }] }, index: 0 },
        { content: { parts: [{ text: 'b' }] }, index: 1 },
      ],
    }),
  );
  see(tap, event({ candidates: [{ index: 0, finishReason: 'STOP' }] }));
  assert.equal(tap.finish(), undefined);
  see(tap, event({ candidates: [{ index: 1, finishReason: 'STOP' }] }));
  assert.equal(tap.finish(), 'STOP');
});

test('a whole answer is one, or says what it is', () => {
  const whole = (value: object) => {
    try {
      return relay.whole(value, JSON.stringify(value), target).finish;
    } catch (error) {
      return isGatewayError(error) ? error.code : error;
    }
  };
  assert.equal(whole({ candidates: [{ finishReason: 'STOP' }] }), 'STOP');
  assert.equal(whole({ promptFeedback: { blockReason: 'SAFETY' } }), 'SAFETY');
  assert.equal(whole({}), 'upstream_invalid_response');
  assert.equal(whole({ error: { code: 400, message: 'x' } }), 'invalid_request');
});
