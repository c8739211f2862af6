import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from '../../packages/local/src/settings.ts';
import type { Packages } from './agent-case.ts';

const run = promisify(execFile);
const longestInstall = 600_000;

/** The folder with these packages, in the user's cache; made once for each set of versions. */
export async function install(name: string, packages: Packages): Promise<string> {
  const wanted = `${packages.from} ${packages.names.join(' ')}\n`;
  const digest = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  const folder = join(cacheDirectory(process.env, process.platform, homedir()), 'agents', `${name}-${digest}`);
  const marker = join(folder, 'installed.txt');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return folder;
  console.log(`installing ${packages.names.join(' ')}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await (packages.from === 'npm' ? fromNpm(folder, packages.names) : fromPypi(folder, packages.names));
  // Written last: an interrupted installation is made anew.
  writeFileSync(marker, wanted);
  return folder;
}

async function fromNpm(folder: string, names: readonly string[]): Promise<void> {
  // Some agents put their binary in place when they are installed; npm asks to be told which may.
  const allowScripts = Object.fromEntries(names.map((each) => [each.replace(/(?<=.)@[^@/]+$/, ''), true]));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'agents', private: true, type: 'module', allowScripts }));
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', ...names];
  await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { cwd: folder, timeout: longestInstall, env: outside() });
}

async function fromPypi(folder: string, names: readonly string[]): Promise<void> {
  const timeout = { timeout: longestInstall, env: outside() };
  const windows = process.platform === 'win32';
  await run(windows ? 'python' : 'python3', ['-m', 'venv', join(folder, 'venv')], timeout);
  const python = join(folder, 'venv', windows ? 'Scripts/python.exe' : 'bin/python');
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...names], timeout);
}

/** Under `npm run`, npm's own settings for this repository are in the environment: they are not for another folder. */
function outside(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(?:config_(?:ignore_scripts|allow_scripts|local_prefix|prefix)|package|lifecycle)/i.test(name)),
  );
}
