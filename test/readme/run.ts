/**
 * Executes the READMEs: every snippet, as printed, against `npm start` with the embedded model. Prints one line a snippet and, last,
 * `N passed, N failed`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureVenv } from '../clients/venv.ts';

const root = new URL('../..', import.meta.url).pathname;
const base = 'http://127.0.0.1:4000';
/** No provider may be on but the embedded model, whatever the machine's own environment holds. */
const keyless = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_API_KEY$|_BASE_URL$/.test(name)));

type Snippet = { readonly file: string; readonly line: number; readonly language: string; readonly code: string };

function snippetsOf(file: string): Snippet[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  const out: Snippet[] = [];
  for (let i = 0; i < lines.length; i++) {
    const language = /^```(\w+)$/.exec(lines[i] ?? '')?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf('```', i + 1);
    out.push({ file, line: i + 1, language, code: lines.slice(i + 1, end).join('\n') });
    i = end;
  }
  return out;
}

type Outcome = { readonly ok: boolean; readonly said: string };

function execute(command: string, args: readonly string[], cwd: string, env: Record<string, string> = {}): Outcome {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 180_000, env: { ...keyless, ...env } });
  const said = stdout.trim();
  return { ok: status === 0 && said !== '', said: status === 0 ? said : `exit ${status}: ${stderr.slice(-800)}` };
}

/** An answer must be one: an error body with exit code 0 (curl) is a failure. */
function answered(outcome: Outcome): Outcome {
  return outcome.ok && /"error"/.test(outcome.said) ? { ok: false, said: outcome.said } : outcome;
}

function createRunner(folder: string, python: string): (snippet: Snippet) => Outcome {
  const dotenv = { OPENAI_BASE_URL: `${base}/v1`, OPENAI_API_KEY: 'any', ANTHROPIC_BASE_URL: base, ANTHROPIC_API_KEY: 'any' };
  return ({ language, code }) => {
    switch (language) {
      case 'sh':
        // The two commands run this very gateway: `npm ci` has been done, `npm start` is what answers.
        return code === 'npm ci\nnpm start'
          ? { ok: true, said: 'is what this run uses' }
          : answered(execute('bash', ['-ec', code.replace('npm run', 'npm run -s')], root));
      case 'ini':
        writeFileSync(join(folder, '.env'), `${code}\n`);
        return {
          ok:
            code ===
            Object.entries(dotenv)
              .map(([name, value]) => `${name}=${value}`)
              .join('\n'),
          said: 'written as .env',
        };
      case 'python':
        writeFileSync(join(folder, 'chat.py'), code);
        return execute(python, ['chat.py'], folder);
      case 'js':
        writeFileSync(join(folder, 'chat.mjs'), code);
        return execute('node', ['--env-file=.env', 'chat.mjs'], folder);
      case 'yaml':
        writeFileSync(join(folder, 'modelwire.yaml'), code);
        return execute('npm', ['run', '-s', 'modelwire', '--', 'check', join(folder, 'modelwire.yaml')], root, { DEEPSEEK_API_KEY: 'sk-test' });
      default:
        return { ok: false, said: `no way to run a ${language} snippet` };
    }
  };
}

async function ready(): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    try {
      const response = await fetch(`${base}/v1/models`);
      if (response.ok) return;
    } catch (error) {
      if (tries === 599) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const folder = mkdtempSync(join(tmpdir(), 'modelwire-readme-'));
mkdirSync(join(folder, 'data'));
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
const { python } = await ensureVenv();
const gateway = spawn('npm', ['start'], {
  cwd: root,
  detached: true,
  stdio: ['ignore', 'ignore', 'inherit'],
  env: { ...keyless, MODELWIRE_DATA: join(folder, 'data') },
});
let passed = 0;
let failed = 0;
try {
  await ready();
  const run = createRunner(folder, python);
  for (const snippet of [...snippetsOf('README.md'), ...snippetsOf('README.zh-CN.md')]) {
    const { ok, said } = run(snippet);
    if (ok) passed++;
    else failed++;
    console.log(`${ok ? 'ok   ' : 'FAIL '} ${snippet.file}:${snippet.line} ${snippet.language}: ${said.replace(/\s+/g, ' ').slice(0, ok ? 100 : 1500)}`);
  }
} finally {
  if (gateway.pid !== undefined) process.kill(-gateway.pid, 'SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
