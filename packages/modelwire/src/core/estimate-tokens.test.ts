import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textTokens } from './estimate-tokens.ts';

/** Counts of the o200k_base tokenizer for the same texts. */
const known: readonly (readonly [string, number])[] = [
  [
    'It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness, it was the epoch of belief, it was the epoch of incredulity. '.repeat(
      5,
    ),
    226,
  ],
  [
    '大语言模型的接口其实就是普通的HTTP请求：发送JSON，收到JSON，或者一段一段的JSON流。开发者不应该手写重试、超时和流的解析，这些都应该由一个库来完成。'.repeat(
      5,
    ),
    260,
  ],
  ['Les modèles de langage sont simplement des services HTTP; une bibliothèque devrait gérer les requêtes, les délais et les flux. '.repeat(5), 121],
  ['言語モデルの呼び出しは単なるHTTPリクエストです。ライブラリが再試行やストリームの解析を行うべきです。'.repeat(5), 190],
];

test('the estimate is within ten per cent of a common tokenizer', () => {
  for (const [text, tokens] of known) {
    const error = Math.abs(textTokens(text) / tokens - 1);
    assert.ok(error < 0.1, `${text.slice(0, 20)}…: ${Math.round(textTokens(text))} for ${tokens}`);
  }
});

test('nothing costs nothing, and length costs in proportion', () => {
  assert.equal(textTokens(''), 0);
  assert.equal(textTokens('   \n'), 0);
  assert.ok(textTokens('x'.repeat(10_000)) > 1000);
});
