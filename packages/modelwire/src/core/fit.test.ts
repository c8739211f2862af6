import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alnum9IdRule, anthropicIdRule, fitId, fitNames, hash64, openaiIdRule } from './fit.ts';

const ids = ['call_1', 'x'.repeat(9), 'y'.repeat(40), 'z'.repeat(64), 'w'.repeat(200), '', 'with space', 'functions.get:0', 'ünï', 'a'];

test('an id that fits stays, any other becomes one that fits', () => {
  for (const rule of [openaiIdRule, anthropicIdRule, alnum9IdRule]) {
    for (const id of ids) {
      const fitted = fitId(id, rule);
      assert.match(fitted, rule.pattern);
      if (rule.pattern.test(id)) assert.equal(fitted, id);
      assert.equal(fitId(id, rule), fitted, 'the same id gives the same result');
      assert.equal(fitId(fitted, rule), fitted, 'fitting twice changes nothing');
    }
    assert.equal(new Set(ids.map((id) => fitId(id, rule))).size, ids.length);
  }
});

const limit = { pattern: /^[a-zA-Z0-9_-]{1,64}$/, max: 64 };

test('names that fit stay; others are fitted and given back', () => {
  const names = ['get_weather', 'get weather', 'get.weather', 'wétter', 'a'.repeat(80), 'a'.repeat(81)];
  const map = fitNames(names, limit);
  assert.equal(map.to('get_weather'), 'get_weather');
  for (const name of names) {
    assert.match(map.to(name), limit.pattern);
    assert.equal(map.from(map.to(name)), name);
  }
  assert.equal(new Set(names.map(map.to)).size, names.length);
  assert.deepEqual(map.renamed, names.slice(1));
});

test('unknown names pass, repeated names are one', () => {
  const map = fitNames(['a', 'a'], limit);
  assert.equal(map.to('other'), 'other');
  assert.equal(map.from('other'), 'other');
  assert.deepEqual(map.renamed, []);
});

test('a name that stands where another was fitted to moves on', () => {
  const fitted = fitNames(['get weather'], limit).to('get weather');
  const map = fitNames(['get weather', fitted], limit);
  assert.notEqual(map.to('get weather'), map.to(fitted));
  assert.equal(map.from(map.to(fitted)), fitted);
  const other = fitNames([fitted, 'get weather'], limit);
  assert.notEqual(other.to('get weather'), other.to(fitted));
  assert.equal(other.from(other.to('get weather')), 'get weather');
});

test('the map depends on nothing but the list', () => {
  assert.equal(fitNames(['a b', 'c'], limit).to('a b'), fitNames(['x', 'a b'], limit).to('a b'));
});

test('hashes are 16 hex digits', () => {
  assert.match(hash64(''), /^[0-9a-f]{16}$/);
  assert.notEqual(hash64('a'), hash64('b'));
});

test('names fit a pattern that has no dash', () => {
  const narrow = { pattern: /^[a-zA-Z_][a-zA-Z0-9_]*$/, max: 20 };
  const names = ['get-weather', 'get weather', 'get_weather', '1st', 'wétter', 'a'.repeat(30)];
  const map = fitNames(names, narrow);
  for (const name of names) {
    assert.match(map.to(name), narrow.pattern);
    assert.ok(map.to(name).length <= narrow.max);
    assert.equal(map.from(map.to(name)), name);
  }
  assert.equal(map.to('get_weather'), 'get_weather');
});
