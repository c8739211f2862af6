import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { childExecArgv, withoutSecrets } from './child-process.ts';

suite("the child's surroundings", () => {
  test('only flags that decide how modules are found are handed on', () => {
    const flags = ['--test', '--conditions=modelwire-source', '-C', 'other', '--inspect=0', '--conditions', 'third', '--eval', 'x'];
    assert.deepEqual(childExecArgv(flags), ['--conditions=modelwire-source', '-C', 'other', '--conditions', 'third']);
    assert.deepEqual(childExecArgv([]), []);
  });

  test('variables that look like secrets are not handed on', () => {
    const env = { PATH: '/bin', OPENAI_API_KEY: 'a', github_token: 'b', DB_PASSWORD: 'c', AWS_SECRET_ACCESS_KEY: 'd', LANG: 'C' };
    assert.deepEqual(withoutSecrets(env), { PATH: '/bin', LANG: 'C' });
  });
});
