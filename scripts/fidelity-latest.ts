/**
 * `npm run fidelity:latest`: holds the verdict tables against the newest published types, in a folder of its own. Exits with 2 when a
 * format has moved, and with 1 when the packages cannot be had.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDialects } from '../packages/modelwire/src/dialects/index.ts';

const dialects = await loadDialects();

const root = new URL('..', import.meta.url).pathname;
const packages = [...new Set(Object.values(dialects).map(({ verdicts }) => verdicts.official.package))];
const folder = mkdtempSync(join(tmpdir(), 'modelwire-fidelity-'));

function run(command: string, args: readonly string[]): number {
  return spawnSync(command, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1;
}

try {
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...packages.map((name) => `${name}@latest`)];
  const command = [join(root, 'scripts/modelwire.js'), 'fidelity', '--check'];
  process.exitCode = run('npm', install) === 0 ? run(process.execPath, ['--conditions=modelwire-source', ...command]) : 1;
} finally {
  rmSync(folder, { recursive: true });
}
