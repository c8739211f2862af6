import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { providers as catalogue } from 'modelwire/internal/providers/catalog';
import { isOn } from 'modelwire/internal/providers/directory';
import type { EffectiveConfig } from '../config/config.ts';
import { type LayeredEnv, layerEnv } from '../config/dotenv.ts';
import { isLocalInstalled } from '../config/embedded.ts';
import { loadConfig, readIfThere } from '../config/load.ts';
import { ConfigError, describeProblem } from '../config/problem.ts';
import type { World } from './command.ts';
import { createEngine } from './engine.ts';
import { liveFindings } from './live.ts';
import { leastNode, nodeTooOld } from './node-version.ts';

/** One thing that was looked at. */
export type Finding = {
  readonly state: 'ok' | 'note' | 'warn' | 'fail';
  readonly what: string;
  readonly detail: string;
  readonly todo?: string;
};

type Question = { readonly world: World; readonly file: string | undefined; readonly live: boolean };

/** Looks at everything, one finding after the other. Never shows a key. */
export async function* examine({ world, file, live }: Question): AsyncGenerator<Finding> {
  yield nodeFinding();
  yield clockFinding(Date.now());
  const layered = await layerEnv(world.env, world.cwd, readIfThere);
  const config = await load({ world, file });
  if (!('directory' in config)) {
    yield* config;
    yield* keyFindings(layered, undefined);
    return;
  }
  yield* configFindings(config);
  yield* keyFindings(layered, config);
  yield* proxyFindings(layered);
  yield await portFinding(config);
  yield storeFinding(config);
  yield await localFinding(config, layered, world);
  if (live) yield* await liveFindings({ config, env: layered.env, world });
}

async function load({ world, file }: Pick<Question, 'world' | 'file'>): Promise<EffectiveConfig | readonly Finding[]> {
  try {
    return await loadConfig({ file, env: world.env, cwd: world.cwd });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => ({ state: 'fail', what: 'config', detail: describeProblem(problem) }));
  }
}

function nodeFinding(): Finding {
  const old = nodeTooOld(process.version);
  const detail = `${process.version} on ${process.platform} ${process.arch}`;
  return old === undefined
    ? { state: 'ok', what: 'node', detail }
    : { state: 'fail', what: 'node', detail: old, todo: `install Node ${leastNode.join('.')} or newer` };
}

/** Written when this version was: a clock before that is wrong, and TLS and signatures fail with it. */
const notBefore = Date.UTC(2026, 10, 1);

function clockFinding(now: number): Finding {
  const detail = new Date(now).toISOString();
  if (now >= notBefore) return { state: 'ok', what: 'clock', detail };
  return { state: 'fail', what: 'clock', detail: `${detail} is in the past: certificates will not be accepted`, todo: 'set the clock' };
}

function* configFindings(config: EffectiveConfig): Generator<Finding> {
  const settings = [...config.sources].map(([name, source]) => `${name} from ${source}`).join(', ');
  yield { state: 'ok', what: 'config', detail: `${config.file ?? 'no file, the defaults'}${settings === '' ? '' : `; ${settings}`}` };
  for (const warning of config.warnings) yield { state: 'warn', what: 'config', detail: warning };
}

/** Every key variable that is set, and where; never its value. */
function* keyFindings({ env, source }: LayeredEnv, config: EffectiveConfig | undefined): Generator<Finding> {
  const set = catalogue.flatMap(({ name, keys }) => keys.filter((key) => (env[key]?.trim() ?? '') !== '').map((key) => ({ name, key })));
  for (const { name, key } of set) {
    const off = config !== undefined && !isOnNow(name, config);
    yield {
      state: off ? 'note' : 'ok',
      what: 'key',
      detail: `${key} from ${source(key) ?? 'environment'} for ${name}${off ? ', switched off by the configuration' : ''}`,
    };
  }
  for (const { provider, source: where, variable } of config?.origins ?? []) {
    if (set.some(({ key }) => key === variable) || where === 'embedded' || where === 'scripted') continue;
    yield { state: 'ok', what: 'key', detail: `${variable === undefined ? '' : `${variable} from `}${where} for ${provider}` };
  }
  if (set.length === 0)
    yield {
      state: 'note',
      what: 'key',
      detail: 'no provider key in the environment, .env or .env.local',
      todo: 'export OPENAI_API_KEY=… (or any other; modelwire help env)',
    };
  const ignored = Object.keys(env).filter((name) => /^(?:OPENAI|ANTHROPIC)_BASE_URL$/.test(name) && (env[name] ?? '') !== '');
  if (ignored.length > 0) yield { state: 'note', what: 'key', detail: `${ignored.join(', ')} is set; the gateway never reads it, clients do` };
}

function isOnNow(name: string, { directory }: EffectiveConfig): boolean {
  const provider = directory.providers.get(name);
  return provider !== undefined && isOn(provider);
}

function* proxyFindings({ env, source }: LayeredEnv): Generator<Finding> {
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy', 'NODE_EXTRA_CA_CERTS']) {
    const value = env[name]?.trim() ?? '';
    if (value === '') continue;
    const missing = name === 'NODE_EXTRA_CA_CERTS' && !existsSync(value);
    yield {
      state: missing ? 'warn' : 'ok',
      what: 'proxy',
      detail: `${name}=${withoutPassword(value)} from ${source(name) ?? 'environment'}${missing ? ', which does not exist' : ''}`,
    };
  }
}

function withoutPassword(value: string): string {
  return value.replace(/\/\/[^\s/@]*@/g, '//…@');
}

async function portFinding({ server }: EffectiveConfig): Promise<Finding> {
  const at = `${server.host}:${server.port}`;
  const code = await tryPort(server.host, server.port);
  if (code === undefined) return { state: 'ok', what: 'port', detail: `${at} is free` };
  if (code !== 'EADDRINUSE') return { state: 'fail', what: 'port', detail: `${at} cannot be listened on (${code})`, todo: 'modelwire serve --port N --host H' };
  const who = (await isGateway(server.host, server.port)) ? 'a gateway answers there' : 'another program has it';
  return { state: 'warn', what: 'port', detail: `${at} is taken: ${who}`, todo: 'modelwire serve --port 0' };
}

function tryPort(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

async function isGateway(host: string, port: number): Promise<boolean> {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const url = `http://${name.includes(':') ? `[${name}]` : name}:${port}/livez`;
  const [answer] = await Promise.allSettled([fetch(url, { signal: AbortSignal.timeout(1000) })]);
  return answer.status === 'fulfilled' && answer.value.ok && (await answer.value.text()).trim() === 'ok';
}

function storeFinding({ store }: EffectiveConfig): Finding {
  if (store === 'memory') return { state: 'ok', what: 'store', detail: 'records are kept in memory only' };
  const folder = path.dirname(store.file);
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(existsSync(store.file) ? store.file : folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    const detail = `${store.file}, ${(free / 1e9).toFixed(1)} GB free`;
    return free < 100e6 ? { state: 'warn', what: 'store', detail, todo: 'free some space' } : { state: 'ok', what: 'store', detail };
  } catch (error) {
    return {
      state: 'fail',
      what: 'store',
      detail: `${store.file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      todo: 'set MODELWIRE_DATA to a folder of yours, or store: memory',
    };
  }
}

async function localFinding(config: EffectiveConfig, { env }: LayeredEnv, world: World): Promise<Finding> {
  const engine = await createEngine({ config, env, realEnv: world.env });
  if (engine === undefined && isLocalInstalled()) return { state: 'note', what: 'model', detail: 'the embedded model is switched off by the configuration' };
  if (engine === undefined) return { state: 'note', what: 'model', detail: 'the embedded model is not installed', todo: 'npm install @modelwire/local' };
  const { name, bytes, contextLength, licence } = engine.model;
  const size = bytes > 0 ? `, ${(bytes / 1e6).toFixed(0)} MB` : '';
  await engine.close();
  return { state: 'ok', what: 'model', detail: `${name}${size}, context ${contextLength}, licence ${licence}; fetched and started at first use` };
}
