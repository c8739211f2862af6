import { readFile as readFromDisk } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { defined } from 'modelwire/internal/core/defined';
import { createDirectory, type ProviderConfig, providersFromEnv } from 'modelwire/internal/providers/resolve';
import type { EffectiveConfig, KeyEntry, NetworkSettings, ProviderOrigin } from './config.ts';
import type { Machine } from './data-folder.ts';
import { type Env, type LayeredEnv, layerEnv } from './dotenv.ts';
import type { ReadConfig } from './file.ts';
import { embeddedProviders, isLocalInstalled } from './embedded.ts';
import { ConfigError, type Problem, sortProblems } from './problem.ts';
import { keyOrigin } from './provider-key.ts';
import { configuredProviders } from './provider-settings.ts';
import { checkTargets, routesOf } from './route-settings.ts';
import {
  besideFile,
  type ConfigFlags,
  deadlineSettings,
  localSettings,
  mediaSettings,
  httpSetting,
  logSetting,
  refuseKeyless,
  serverSettings,
  type SettingsInput,
  storeSetting,
  conversationSettings,
} from './settings.ts';

export type ReadFile = (file: string) => Promise<string | undefined>;

export type LoadOptions = {
  /** `--config`; default: MODELWIRE_CONFIG, else ./modelwire.yaml or ./modelwire.yml when there is one. */
  readonly file?: string | undefined;
  readonly flags?: ConfigFlags;
  /** The real environment: `.env` and `.env.local` of `cwd` are laid under it here. */
  readonly env: Env;
  readonly cwd: string;
  /** The environment with the `.env` files under it, where the caller has read them already. */
  readonly layered?: LayeredEnv;
  /** Resolves with undefined when there is no such file. Default: the disk. */
  readonly readFile?: ReadFile;
  /** Default: this machine. */
  readonly machine?: Machine;
  /** Whether the embedded model's package is there. Default: looks for it. */
  readonly localInstalled?: boolean;
};

/** The names that are looked for in the working folder when no file was named. */
export const defaultFiles = ['modelwire.yaml', 'modelwire.yml'] as const;

/** File, environment and flags as one configuration, every default filled in. Throws `ConfigError` with every problem there is. */
export async function loadConfig(options: LoadOptions): Promise<EffectiveConfig> {
  const readFile = options.readFile ?? readIfThere;
  const layered = options.layered ?? (await layerEnv(options.env, options.cwd, readFile));
  const file = await readChosenFile(options, layered.env, readFile);
  const problems: Problem[] = [];
  const sources = new Map<string, string>();
  const machine = options.machine ?? { platform: process.platform, home: homedir() };
  const input: SettingsInput = { env: layered.env, flags: options.flags ?? {}, file, cwd: options.cwd, machine, problems, sources };
  const config = await assemble(input, layered, options.localInstalled ?? isLocalInstalled());
  await checkFiles(config.network, input, readFile);
  if (problems.length > 0) throw new ConfigError(sortProblems(problems));
  return Object.freeze(config);
}

async function readChosenFile(options: LoadOptions, env: Env, readFile: ReadFile): Promise<ReadConfig | undefined> {
  const variable = env['MODELWIRE_CONFIG']?.trim() ?? '';
  const named = options.file ?? (variable === '' ? undefined : variable);
  for (const name of named === undefined ? defaultFiles : [named]) {
    const text = await readOrRefuse(name, path.resolve(options.cwd, name), readFile);
    // Loaded here, so that a start without a file does not wait for the YAML parser and the schema.
    if (text !== undefined) return (await import('./file.ts')).readConfigFile(name, text, env);
  }
  if (named === undefined) return undefined;
  throw new ConfigError([{ source: named, path: '', message: options.file === undefined ? 'does not exist (MODELWIRE_CONFIG names it)' : 'does not exist' }]);
}

async function readOrRefuse(name: string, file: string, readFile: ReadFile): Promise<string | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new ConfigError([{ source: name, path: '', message: `cannot be read: ${error instanceof Error ? error.message : String(error)}` }]);
  }
}

async function assemble(input: SettingsInput, layered: LayeredEnv, localInstalled: boolean): Promise<EffectiveConfig> {
  const { file, problems } = input;
  const warnings: string[] = [];
  const server = serverSettings(input);
  const keys = keysOf(file, problems);
  refuseKeyless(server, keys, input);
  const local = localSettings(input, localInstalled);
  const mock = file?.values.mock ?? false;
  const found = file === undefined ? [] : configuredProviders({ file, layered, problems, warnings });
  const fromEnv = environmentProviders(layered, file);
  const embedded = await embeddedProviders({ local, mock, env: layered.env, problems });
  const directory = createDirectory({
    providers: [...found.map(({ config }) => config), ...fromEnv.providers, ...embedded.providers],
    routes: file === undefined ? [] : routesOf(file, problems),
  });
  if (file !== undefined) checkTargets(file, directory, { problems, warnings });
  return {
    file: file?.name,
    server,
    directory,
    origins: [...found.flatMap(({ origin }) => origin ?? []), ...fromEnv.origins, ...embedded.origins],
    network: new Map(found.flatMap(({ config, network }) => (network === undefined ? [] : [[config.name, absolute(network, input)]]))),
    keys,
    retry: { attempts: file?.values.retry?.attempts ?? 3 },
    deadlines: deadlineSettings(file),
    fidelity: file?.values.fidelity ?? 'carry',
    store: storeSetting(input),
    conversations: conversationSettings(input),
    media: mediaSettings(file),
    local,
    mock,
    http: httpSetting(input),
    log: logSetting(input),
    sources: input.sources,
    warnings,
  };
}

function absolute(network: NetworkSettings, input: SettingsInput): NetworkSettings {
  return network.caFile === undefined ? network : { ...network, caFile: besideFile(network.caFile, input) };
}

/** What the environment turns on, less what the file names itself (also to switch it off). */
function environmentProviders(
  layered: LayeredEnv,
  file: ReadConfig | undefined,
): { readonly providers: readonly ProviderConfig[]; readonly origins: readonly ProviderOrigin[] } {
  const named = file?.values.providers ?? {};
  const providers = providersFromEnv(layered.env).on.filter(({ name }) => !Object.hasOwn(named, name));
  return { providers, origins: providers.flatMap(({ name }) => keyOrigin(name, layered) ?? []) };
}

function keysOf(file: ReadConfig | undefined, problems: Problem[]): readonly KeyEntry[] {
  const names = new Set<string>();
  const hashes = new Set<string>();
  return (file?.values.keys ?? []).map(({ name, hash, models }, index) => {
    const sha256 = hash.slice('sha256:'.length).toLowerCase();
    if (file !== undefined && names.has(name)) problems.push(file.problem(['keys', index, 'name'], `"${name}" names two keys`));
    if (file !== undefined && hashes.has(sha256)) problems.push(file.problem(['keys', index, 'hash'], 'is the hash of two entries'));
    names.add(name);
    hashes.add(sha256);
    return defined({ name, sha256, models: models ?? undefined });
  });
}

async function checkFiles(network: EffectiveConfig['network'], input: SettingsInput, readFile: ReadFile): Promise<void> {
  for (const [name, { caFile }] of network) {
    if (caFile === undefined || input.file === undefined) continue;
    const at = ['providers', name, 'caFile'];
    try {
      const text = await readFile(caFile);
      if (text === undefined) input.problems.push(input.file.problem(at, `${caFile} does not exist`));
      else if (!text.includes('-----BEGIN CERTIFICATE-----')) input.problems.push(input.file.problem(at, `${caFile} holds no PEM certificate`));
    } catch (error) {
      input.problems.push(input.file.problem(at, `cannot be read: ${error instanceof Error ? error.message : String(error)}`));
    }
  }
}

/** Not that of `node:fs/promises`, which takes as long to load as ten of our files. */
const read = promisify(readFromDisk);

/** The text of a file, or undefined when there is none. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await read(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
    throw error;
  }
}
