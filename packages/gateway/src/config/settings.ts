import path from 'node:path';
import { defined } from 'modelwire/internal/core/defined';
import { type Deadlines, defaultDeadlines } from 'modelwire/internal/core/deadline';
import { defaultKeeping } from 'modelwire/internal/runtime/conversation-store';
import type { EffectiveConfig, LocalSettings, HttpEngine, LogFormat, MediaSettings, ServerSettings } from './config.ts';
import { dataFolder, type Machine } from './data-folder.ts';
import type { Env } from './dotenv.ts';
import type { ReadConfig } from './file.ts';
import { isLoopback, parseHost } from './network-host.ts';
import { describePlace, type PathPart, type Problem } from './problem.ts';
import { parseWhole } from './units.ts';

/** What the command line may set. */
export type ConfigFlags = { readonly host?: string | undefined; readonly port?: string | undefined };

export type SettingsInput = {
  readonly env: Env;
  readonly flags: ConfigFlags;
  readonly file: ReadConfig | undefined;
  readonly cwd: string;
  readonly machine: Machine;
  readonly problems: Problem[];
  /** Where each setting came from. */
  readonly sources: Map<string, string>;
};

const logFormats: readonly LogFormat[] = ['auto', 'json', 'text', 'off'];

/** One place a setting can come from: a flag, a variable, or a path in the file. */
type Offer = { readonly source: string; readonly value: unknown; readonly path?: readonly PathPart[] };

/** The first offer that is made; one that cannot be used is a problem, and the default stands in for it. */
function pick<T>(
  name: string,
  offers: readonly Offer[],
  parse: { readonly read: (value: unknown) => T | undefined; readonly must: string },
  input: SettingsInput,
): T | undefined {
  const offer = offers.find(({ value }) => value !== undefined && value !== '');
  if (offer === undefined) return undefined;
  const value = parse.read(offer.value);
  if (value !== undefined) {
    input.sources.set(name, offer.source);
    return value;
  }
  const message = `must be ${parse.must}`;
  input.problems.push(
    offer.path !== undefined && input.file !== undefined ? input.file.problem(offer.path, message) : { source: offer.source, path: '', message },
  );
  return undefined;
}

function inFile(input: SettingsInput, at: readonly PathPart[], value: unknown): Offer {
  return { source: input.file === undefined ? '' : describePlace(input.file.name, input.file.place(at, 'value').line), value, path: at };
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export function serverSettings(input: SettingsInput): ServerSettings {
  const { env, flags, file } = input;
  const server = file?.values.server ?? {};
  const host = pick(
    'server.host',
    [{ source: '--host', value: flags.host }, { source: 'MODELWIRE_HOST', value: env['MODELWIRE_HOST'] }, inFile(input, ['server', 'host'], server.host)],
    { read: (value) => parseHost(text(value) ?? ''), must: 'a host name or an address, without scheme and port' },
    input,
  );
  const port = pick(
    'server.port',
    [{ source: '--port', value: flags.port }, { source: 'MODELWIRE_PORT', value: env['MODELWIRE_PORT'] }, inFile(input, ['server', 'port'], server.port)],
    { read: (value) => parseWhole(value, 0, 65_535), must: 'a whole number from 0 to 65535' },
    input,
  );
  return {
    host: host ?? '127.0.0.1',
    port: port ?? 4000,
    allowedHosts: (server.allowedHosts ?? []).map((name) => name.toLowerCase()),
    bodyLimit: server.bodyLimit ?? 32 * 1024 * 1024,
    keyless: server.keyless ?? false,
  };
}

/** Without keys, an address that others can reach lets them spend the owner's money: refused unless the owner says so. */
export function refuseKeyless(server: ServerSettings, keys: EffectiveConfig['keys'], input: SettingsInput): void {
  if (keys.length > 0 || server.keyless || isLoopback(server.host)) return;
  const message = `whoever reaches ${server.host} could use your providers without a key. Add one under "keys" (modelwire key new NAME prints it), listen on 127.0.0.1, or set server: { keyless: true }`;
  const source = input.sources.get('server.host') ?? '';
  const fromFile = input.file !== undefined && source.startsWith(`${input.file.name}:`);
  input.problems.push(fromFile ? input.file.problem(['server', 'host'], message) : { source, path: '', message });
}

export function storeSetting(input: SettingsInput): EffectiveConfig['store'] {
  const chosen = input.file?.values.store;
  if (chosen === 'memory') return 'memory';
  if (chosen !== undefined && chosen !== null) return { file: besideFile(chosen.file, input) };
  return { file: path.join(dataFolder(input.env, input.cwd, input.machine), 'calls.sqlite') };
}

export function conversationSettings({ file, ...input }: SettingsInput): EffectiveConfig['conversations'] {
  const chosen = file?.values.conversations;
  if (chosen === 'off' || chosen === false) return 'off';
  const { keep = defaultKeeping.forMs, size = defaultKeeping.bytes, file: name } = chosen ?? {};
  return { forMs: keep, bytes: size, ...(name === undefined ? {} : { file: besideFile(name, { ...input, file }) }) };
}

export function mediaSettings(file: ReadConfig | undefined): MediaSettings {
  const { fetch = 'off', size = 20 * 1024 * 1024 } = file?.values.media ?? {};
  return { fetch: fetch === false ? 'off' : fetch, size };
}

const engines: readonly HttpEngine[] = ['lean', 'node'];

export function httpSetting(input: SettingsInput): HttpEngine {
  const read = (value: unknown): HttpEngine | undefined => engines.find((engine) => engine === value);
  const offers = [{ source: 'MODELWIRE_HTTP', value: input.env['MODELWIRE_HTTP'] }, inFile(input, ['http'], input.file?.values.http)];
  return pick('http', offers, { read, must: `one of ${engines.join(', ')}` }, input) ?? 'lean';
}

export function logSetting(input: SettingsInput): LogFormat {
  const read = (value: unknown): LogFormat | undefined => logFormats.find((format) => format === value);
  const offers = [{ source: 'MODELWIRE_LOG', value: input.env['MODELWIRE_LOG'] }, inFile(input, ['log'], input.file?.values.log)];
  return pick('log', offers, { read, must: `one of ${logFormats.join(', ')}` }, input) ?? 'auto';
}

export function deadlineSettings(file: ReadConfig | undefined): Deadlines {
  return { ...defaultDeadlines, ...defined({ ...file?.values.deadline }) };
}

export function localSettings(input: SettingsInput, installed: boolean): LocalSettings {
  const given = input.file?.values.local ?? true;
  if (typeof given === 'boolean') return { enabled: given && installed };
  const { enabled = true, model, context: contextSize, sha256, threads, slots } = given;
  const where = model === undefined || /^https?:/.test(model) ? model : besideFile(model, input);
  return defined({ enabled: enabled && installed, model: where, sha256, threads, contextSize, slots });
}

/** A path in the file is meant from the file's own folder. */
export function besideFile(name: string, input: Pick<SettingsInput, 'cwd' | 'file'>): string {
  return path.resolve(input.cwd, path.dirname(input.file?.name ?? ''), name);
}
