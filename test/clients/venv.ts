import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The official Python libraries, each at the version that the tests were written against. */
const requirements = ['openai==3.54.0', 'anthropic==2.12.0', 'ollama==0.6.3'] as const;

const folder = new URL('../../.venv', import.meta.url).pathname;
const marker = join(folder, 'modelwire-clients.txt');

export type Venv = { /** The interpreter that has the libraries. */ readonly python: string };

/** A Python virtual environment with the official libraries, in `.venv/`; made once, and anew when the versions above change. */
export async function ensureVenv(): Promise<Venv> {
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const wanted = `${requirements.join('\n')}\n`;
  if (existsSync(python) && existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return { python };
  console.log(`making .venv with ${requirements.join(' and ')}`);
  rmSync(folder, { recursive: true, force: true });
  await run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', folder]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements]);
  // Written last: an interrupted installation is made anew.
  writeFileSync(marker, wanted);
  return { python };
}
