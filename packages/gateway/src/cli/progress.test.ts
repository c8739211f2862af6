import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LocalEngine, LocalStatus } from '@modelwire/local';
import { showProgress } from './progress.ts';

const model: LocalEngine['model'] = {
  id: 'm',
  name: 'Small Model',
  file: 'm.gguf',
  bytes: 100e6,
  sha256: '',
  contextLength: 1,
  maxOutputTokens: 1,
  licence: 'x',
  sources: [],
};

/** What is written for the statuses, one after the other. */
function shown(statuses: readonly LocalStatus[], isTTY: boolean, failures = true): string {
  let text = '';
  let tell: (status: LocalStatus) => void = () => undefined;
  const engine: LocalEngine = {
    model,
    status: () => ({ state: 'absent' }),
    onStatus(listener) {
      tell = listener;
      return () => undefined;
    },
    start: () => Promise.reject(new Error('not in this test')),
    close: async () => undefined,
  };
  showProgress(engine, { isTTY, columns: 80, write: (piece) => void (text += piece), isGone: () => false, onGone: () => undefined }, { failures });
  for (const status of statuses) tell(status);
  return text;
}

const received = (...millions: number[]): readonly LocalStatus[] => millions.map((each) => ({ state: 'downloading', received: each * 1e6, total: 100e6 }));
const failed: LocalStatus = { state: 'failed', code: 'x', message: 'no network', hint: 'go online' };

test('without a terminal, a line at every quarter', () => {
  assert.equal(
    shown([...received(0, 1, 24, 25, 26, 80, 99, 100), { state: 'loading' }, { state: 'ready' }], false),
    [0, 25, 75, 100].map((percent) => `fetching Small Model: ${percent} % of 100 MB\n`).join(''),
  );
});

test('on a terminal, one line that is written over and taken away at the end', () => {
  const text = shown([...received(0, 50), { state: 'loading' }, { state: 'ready' }], true);
  assert.equal(
    text,
    '\r\u001b[2Kfetching Small Model  [..........]   0 %  0.0 of 100 MB\r\u001b[2Kfetching Small Model  [#####.....]  50 %  50 of 100 MB\r\u001b[2Kstarting Small Model …\r\u001b[2K',
  );
});

test('a failure says what to do, unless the answer does', () => {
  assert.equal(shown([failed], false), 'the embedded model cannot answer: no network\n  do          go online\n');
  assert.equal(shown([{ state: 'loading' }, failed], true, false), '\r\u001b[2Kstarting Small Model …\r\u001b[2K');
});
