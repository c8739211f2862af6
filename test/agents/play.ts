import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMockServer } from '../support/mock-server.ts';
import type { Agent, AgentCase, Command, Played, Stage } from './agent-case.ts';
import { answerProblems, losesThinking } from './answer-problems.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { lossProblems } from './loss-problems.ts';
import { startRecorder } from './recorder.ts';
import { startTrap, type Trap } from './trap.ts';

const longestRun = 120_000;
/** A folder for all that passed, a file a case, to look into. */
const keepIn = process.env['AGENTS_KEEP'];
/** What shall stand in the file: quotes, an escape and other scripts go through JSON, patches and shells. */
const text = String.raw`It's a \n test: 你好, ½ + ½ = 1 👩‍🚀`;

type Playing = { readonly name: string; readonly agent: Agent; readonly agentCase: AgentCase; readonly installed: string };

/** Plays a case from its start to its end; what went wrong, in words. Everything that it starts has ended when it returns. */
export async function play({ name, agent, agentCase, installed }: Playing): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'modelwire-agent-'));
  const closing: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })];
  const started = <Thing>(thing: Thing, close: (thing: Thing) => Promise<void>): Thing => {
    closing.unshift(() => close(thing));
    return thing;
  };
  try {
    const mock = started(await startMockServer(), (server) => server.close());
    const gateway = started(await startGatewayProcess({ folder, upstream: mock.url, back: agentCase.back, model: modelFor(agentCase) }), (process) =>
      process.stop(),
    );
    const recorder = started(await startRecorder(gateway.url), (server) => server.close());
    const trap = started(await startTrap(), (server) => server.close());
    const stage = stageIn(folder, { base: recorder.url, installed, agentCase });
    const ended = await execute(await agentCase.start(stage), stage, trap);
    await gateway.stop();
    const played: Played = { exchanges: recorder.exchanges, upstream: mock.seen, records: await gateway.records(), stdout: ended.stdout };
    const own = [
      ...ended.problems,
      ...fileProblems(stage.file),
      ...answerProblems(played, agentCase),
      ...lossProblems(played),
      ...(agentCase.problems?.(played) ?? []),
    ];
    const astray = [...new Set(trap.hosts)].filter((host) => agent.asksInVain?.includes(host) !== true).map((host) => `it wanted to reach ${host}`);
    if (keepIn !== undefined)
      writeFileSync(join(keepIn, `${name.replaceAll(/[^\w.-]+/g, '-')}.json`), JSON.stringify({ ...played, stderr: ended.stderr }, null, 1));
    return [...own, ...astray];
  } finally {
    for (const close of closing) await close();
  }
}

/** A provider that speaks one of OpenAI's formats and thinks insists on its thinking, and nothing can stand for it. */
function modelFor(agentCase: AgentCase): string {
  const insists = agentCase.back === 'openai-responses' || agentCase.back === 'openai-chat';
  return insists && losesThinking(agentCase) ? 'quiet-agent' : 'agent';
}

function stageIn(folder: string, given: { readonly base: string; readonly installed: string; readonly agentCase: AgentCase }): Stage {
  const { base, installed, agentCase } = given;
  const home = join(folder, 'home');
  const work = join(folder, 'work');
  mkdirSync(join(home, 'tmp'), { recursive: true });
  mkdirSync(work);
  const file = join(work, 'hello.txt');
  const named = agentCase.tool === undefined ? '' : ` Use the tool ${agentCase.tool} for it.`;
  return { base, installed, home, work, file, prompt: `Write the file ${file} with exactly this text: <${text}>.${named}` };
}

type Ended = { readonly problems: readonly string[]; readonly stdout: string; readonly stderr: string };

/** Runs the agent with nothing of this machine's environment but the path, and with no way out but loopback. */
async function execute({ command, args, env }: Command, { home, work }: Stage, trap: Trap): Promise<Ended> {
  const child = spawn(command, args, {
    cwd: work,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...bare(home), ...proxied(trap.url), ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endGroup(child.pid);
  }, longestRun);
  const code = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (status, signal) => resolve(status ?? signal ?? 'no status'));
  });
  clearTimeout(timer);
  endGroup(child.pid);
  const why = late ? `not done after ${longestRun / 1000} s` : `exit code ${code}`;
  return { stdout, stderr, problems: code === 0 ? [] : [`${why}: ${`${stdout}\n${stderr}`.trim().slice(-1500)}`] };
}

/** The agent and whatever it has started. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function bare(home: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    USERPROFILE: home,
    TMPDIR: join(home, 'tmp'),
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_DATA_HOME: join(home, '.local/share'),
    XDG_STATE_HOME: join(home, '.local/state'),
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    NO_COLOR: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

function proxied(url: string): Record<string, string> {
  const out = { HTTP_PROXY: url, HTTPS_PROXY: url, ALL_PROXY: url, NO_PROXY: '127.0.0.1,localhost' };
  return { ...out, ...Object.fromEntries(Object.entries(out).map(([name, value]) => [name.toLowerCase(), value])) };
}

/** A patch ends its file with a line break, a write does not: both have the text. */
function fileProblems(file: string): readonly string[] {
  if (!existsSync(file)) return ['the file is not there'];
  const written = readFileSync(file, 'utf8').replace(/\n$/, '');
  return written === text ? [] : [`the file holds ${JSON.stringify(written)}`];
}
