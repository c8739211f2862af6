import assert from 'node:assert/strict';
import { afterEach, mock, test } from 'node:test';
import { createTimers } from './timers.ts';

/** Both clocks that the timers look at, moved by hand. */
function clocks(): { pass(ms: number): void } {
  let now = 0;
  mock.timers.enable({ apis: ['setTimeout'] });
  mock.method(performance, 'now', () => now);
  return {
    pass(ms) {
      for (const end = now + ms; now < end;) {
        now = Math.min(now + 10, end);
        mock.timers.tick(10);
      }
    },
  };
}

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

test('a long delay is never early and at most a step late, whatever else is set', () => {
  const time = clocks();
  const after = createTimers();
  const seen: string[] = [];
  after(1000, () => seen.push('1000'));
  time.pass(30);
  after(1000, () => seen.push('1030'));
  after(2000, () => seen.push('2030'));
  after(100, () => seen.push('130'));
  time.pass(100);
  assert.deepEqual(seen, ['130']);
  time.pass(860);
  assert.deepEqual(seen, ['130']);
  time.pass(35);
  assert.deepEqual(seen, ['130', '1000']);
  time.pass(60);
  assert.deepEqual(seen, ['130', '1000', '1030']);
  time.pass(940);
  assert.deepEqual(seen, ['130', '1000', '1030']);
  time.pass(70);
  assert.deepEqual(seen, ['130', '1000', '1030', '2030']);
});

test('what is taken back does not run: first, last, in the middle, twice, by another that runs', () => {
  const time = clocks();
  const after = createTimers();
  const seen: number[] = [];
  const cancels = [0, 1, 2, 3, 4].map((n) => after(1000, () => seen.push(n)));
  for (const n of [0, 2, 2, 4]) cancels[n]?.();
  after(1000, () => cancelLast());
  const cancelLast = after(1000, () => seen.push(5));
  time.pass(1100);
  assert.deepEqual(seen, [1, 3]);
  cancels[1]?.();
  after(1000, () => seen.push(6));
  time.pass(1100);
  assert.deepEqual(seen, [1, 3, 6]);
});

test('one that throws does not keep the others from running', () => {
  const time = clocks();
  const after = createTimers();
  let ran = false;
  after(1000, () => {
    throw new Error('canary');
  });
  after(1000, () => (ran = true));
  assert.throws(() => time.pass(1100), /canary/);
  time.pass(100);
  assert.ok(ran);
});

test('a set timer keeps the process open, a taken back one does not', async () => {
  const { execFileSync } = await import('node:child_process');
  const timers = JSON.stringify(new URL('timers.ts', import.meta.url).href);
  const run = (code: string): string =>
    execFileSync(process.execPath, ['--input-type=module', '-e', `import { createTimers } from ${timers}; const after = createTimers(); ${code}`], {
      encoding: 'utf8',
    });
  assert.equal(run(`after(1000, () => console.log('ran'))`), 'ran\n');
  const start = performance.now();
  run(`after(60000, () => 0)(); const cancel = after(60000, () => 0); setTimeout(cancel, 100)`);
  assert.ok(performance.now() - start < 10_000);
});
