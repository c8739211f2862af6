import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, killChildrenAtExit, startLoad, startServer } from './children.ts';
import { measureColdStart } from './cold-start.ts';
import { choosePins, describeMachine, memoryMb, type Pins, pinSelf } from './machine.ts';
import { type Bench, measure, type Measured, warmUp } from './measure.ts';
import { measurePairs } from './pairs.ts';
import { help, type Options, parseOptions } from './options.ts';
import { errorsOf, json, markdown, type Memory, type Results, verdictsOf } from './report.ts';
import { scenarios, warmUps } from './scenarios.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const repository = fileURLToPath(new URL('..', import.meta.url));

type Commands = { readonly upstream: Command; readonly load: Command; floor(origin: string): Command; gateway(origin: string): Command };

/** Every process starts in an empty folder with a bare environment: no `.env`, no keys, no proxy of this shell is picked up. */
function commandsOf(options: Options, pins: Pins | undefined, folder: string): Commands {
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, TMPDIR: folder };
  const common = { cwd: folder, env };
  const script = (file: string): string[] => ['--conditions=modelwire-source', join(here, file)];
  const serve = ['serve', '--config', join(here, 'bench.yaml'), '--port', '0'];
  return {
    upstream: { name: 'upstream', args: script('upstream.ts'), core: pins?.upstream, ...common },
    load: { name: 'load', args: script('load.ts'), core: pins?.load, ...common },
    floor: (origin) => ({ name: 'floor', args: [...script('floor.ts'), origin], core: pins?.measured, ...common }),
    gateway: (origin) => ({
      name: 'gateway',
      args: [...gatewayEntry(options.dist), ...serve],
      core: pins?.measured,
      cwd: folder,
      env: { ...env, BENCH_UPSTREAM: origin, BENCH_FOLDER: folder },
    }),
  };
}

/** What `npm start` runs, or the built command. */
function gatewayEntry(dist: boolean): string[] {
  const source = join(repository, 'scripts/modelwire.js');
  if (!dist) return ['--conditions=modelwire-source', source];
  const built = join(repository, 'packages/gateway/dist/cli/main.js');
  if (!existsSync(built)) throw new Error(`${built} is not there: npm run build`);
  return [built];
}

const warmUpMs = 5000;

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function runAll(options: Options, folder: string): Promise<Results> {
  const pairs = options.only.has('pairs');
  if (pairs) say('pairs …');
  const pairCosts = pairs ? await measurePairs(40 * options.scale, 3 * options.rounds) : [];
  const pins = choosePins();
  if (pins !== undefined) pinSelf(pins.load);
  const commands = commandsOf(options, pins, folder);
  const upstream = await startServer(commands.upstream);
  const origin = `http://127.0.0.1:${upstream.port}`;
  const start = options.only.has('start');
  if (start) say('start …');
  const coldStart = start ? await measureColdStart(commands.floor(origin), commands.gateway(origin), options.quick ? 2 : 5) : undefined;
  const servers = { direct: upstream, floor: await startServer(commands.floor(origin)), gateway: await startServer(commands.gateway(origin)) };
  const bench: Bench = { servers, load: startLoad(commands.load) };
  const measured: Measured[] = [];
  const chosen = scenarios.filter((one) => options.only.has(one.group));
  if (chosen.length > 0) {
    say('warm-up …');
    await warmUp(bench, warmUps, warmUpMs * options.scale);
  }
  for (const scenario of chosen) {
    say(`${scenario.rows.map((row) => row.title).join('; ')} …`);
    measured.push(await measure(bench, scenario, options));
  }
  const memory = measured.length === 0 ? undefined : memoryOf(bench);
  return {
    machine: describeMachine(pins),
    gateway: options.dist ? 'built (dist)' : 'source, as npm start runs it',
    quick: options.quick,
    measured,
    pairCosts,
    coldStart,
    memory,
  };
}

function memoryOf({ servers }: Bench): Memory | undefined {
  const floor = memoryMb(servers.floor.pid);
  const gateway = memoryMb(servers.gateway.pid);
  return floor === undefined || gateway === undefined ? undefined : { floor, gateway };
}

function report(results: Results, options: Options): number {
  const text = markdown(results);
  process.stdout.write(text);
  mkdirSync(join(here, 'results'), { recursive: true });
  writeFileSync(join(here, 'results/latest.md'), text);
  writeFileSync(join(here, 'results/latest.json'), json(results));
  const short = verdictsOf(results).filter((verdict) => !verdict.met);
  say(short.length === 0 ? 'every bar is met' : `short of the bar: ${short.map((verdict) => `${verdict.title} ${verdict.value.toFixed(2)}`).join('; ')}`);
  return errorsOf(results).length > 0 || (options.strict && short.length > 0) ? 1 : 0;
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  killChildrenAtExit();
  const folder = mkdtempSync(join(tmpdir(), 'modelwire-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return report(await runAll(options, folder), options);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
