import { statSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import path from 'node:path';
import { LocalError } from './local-error.ts';
import { defaultModel } from './models.ts';
import type { LocalModel, ModelSource } from './models.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What the owner of the engine may set. Each option wins over its environment variable. */
export type LocalOptions = {
  /** Folder for model files. Default: MODELWIRE_CACHE_DIR, else the platform's cache folder. */
  readonly cacheDir?: string | undefined;
  /** A GGUF file already on disk; nothing is fetched. Default: MODELWIRE_LOCAL_MODEL_FILE. */
  readonly modelFile?: string | undefined;
  /** Where to fetch the model before any other source. Default: MODELWIRE_LOCAL_MODEL_URL. */
  readonly modelURL?: string | undefined;
  /** SHA-256 of modelFile, or of what modelURL serves (default there: that of the default model). Default: MODELWIRE_LOCAL_MODEL_SHA256. */
  readonly sha256?: string | undefined;
  /** Default: MODELWIRE_LOCAL_THREADS, else 1 on up to two cores and half the cores above. */
  readonly threads?: number | undefined;
  /** Tokens one conversation may hold. Default: MODELWIRE_LOCAL_CONTEXT, else 4096. */
  readonly contextSize?: number | undefined;
  /** Answers generated at the same time. Default: MODELWIRE_LOCAL_SLOTS, else 2. */
  readonly slots?: number | undefined;
  /** Requests that may wait for a slot; one more is answered 503. Default 16. */
  readonly queue?: number | undefined;
  /** Receives the lines the child process prints. Default: dropped. */
  readonly log?: ((line: string) => void) | undefined;
  /** Default: process.env. */
  readonly env?: Env | undefined;
  /** Fetches model URLs, so that the owner's proxy rules apply. Default: the global fetch. */
  readonly fetch?: typeof fetch | undefined;
  /** The child's entry file; tests put a script here. */
  readonly childEntry?: URL | undefined;
  /** Milliseconds, for the pause after a failure. Default: performance.now. */
  readonly now?: (() => number) | undefined;
};

/** How the model file is found: named by the person, or looked up in the cache and fetched. */
export type ModelPlan =
  | { readonly kind: 'file'; readonly model: LocalModel; readonly path: string }
  | { readonly kind: 'cached'; readonly model: LocalModel; readonly path: string };

export type LocalSettings = {
  readonly plan: ModelPlan;
  readonly threads: number;
  readonly contextSize: number;
  readonly slots: number;
  readonly queue: number;
};

/** Options and environment become settings; a value that cannot be meant throws `invalid_option`. */
export function resolveSettings(options: LocalOptions): LocalSettings {
  const env = options.env ?? process.env;
  const contextSize = whole('contextSize', options.contextSize, env, { name: 'MODELWIRE_LOCAL_CONTEXT', least: 256 }) ?? 4096;
  return {
    plan: withContext(planModel(options, env), contextSize),
    contextSize,
    threads: whole('threads', options.threads, env, { name: 'MODELWIRE_LOCAL_THREADS', least: 1 }) ?? defaultThreads(availableParallelism()),
    slots: whole('slots', options.slots, env, { name: 'MODELWIRE_LOCAL_SLOTS', least: 1 }) ?? 2,
    queue: whole('queue', options.queue, env, { name: 'MODELWIRE_LOCAL_QUEUE', least: 0 }) ?? 16,
  };
}

/** The engine's threads wait for each other by spinning: one thread too many on a busy machine costs a factor of thirty. */
export function defaultThreads(cores: number): number {
  return cores <= 2 ? 1 : Math.floor(cores / 2);
}

/** The folder for model files on this platform. */
export function cacheDirectory(env: Env, platform: NodeJS.Platform, home: string): string {
  const chosen = nonEmpty(env['MODELWIRE_CACHE_DIR']);
  if (chosen !== undefined) return path.resolve(chosen);
  const xdg = nonEmpty(env['XDG_CACHE_HOME']);
  if (xdg !== undefined) return path.join(xdg, 'modelwire');
  if (platform === 'win32') return path.join(nonEmpty(env['LOCALAPPDATA']) ?? path.join(home, 'AppData', 'Local'), 'modelwire', 'Cache');
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'modelwire');
  return path.join(home, '.cache', 'modelwire');
}

function planModel(options: LocalOptions, env: Env): ModelPlan {
  const sha256 = checksum(nonEmpty(options.sha256) ?? nonEmpty(env['MODELWIRE_LOCAL_MODEL_SHA256']));
  const file = nonEmpty(options.modelFile) ?? nonEmpty(env['MODELWIRE_LOCAL_MODEL_FILE']);
  if (file !== undefined) {
    const full = path.resolve(file);
    return { kind: 'file', model: modelOfFile(full, sha256), path: full };
  }
  const folder = path.join(options.cacheDir ?? cacheDirectory(env, process.platform, homedir()), 'models');
  const url = nonEmpty(options.modelURL) ?? nonEmpty(env['MODELWIRE_LOCAL_MODEL_URL']);
  const model = url === undefined ? defaultModel : modelOfURL(httpURL(url), sha256);
  return { kind: 'cached', model, path: path.join(folder, model.file) };
}

function modelOfFile(file: string, sha256: string | undefined): LocalModel {
  const base = path.basename(file);
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (base === defaultModel.file && bytes === defaultModel.bytes) return { ...defaultModel, sha256: sha256 ?? '' };
  return unknownModel(base, { bytes, sha256: sha256 ?? '', sources: [] });
}

function modelOfURL(url: URL, sha256: string | undefined): LocalModel {
  const source: ModelSource = { kind: 'url', url: url.href };
  if (sha256 === undefined || sha256 === defaultModel.sha256) return { ...defaultModel, sources: [source, ...defaultModel.sources] };
  // The checksum is in the name, so that two models that end in the same file name do not take each other's place in the cache.
  const base = decodeURIComponent(path.posix.basename(url.pathname)).replace(/[^\w.-]+/g, '_') || 'model.gguf';
  return { ...unknownModel(base, { bytes: 0, sha256, sources: [source] }), file: `${sha256.slice(0, 12)}-${base}` };
}

function unknownModel(file: string, known: Pick<LocalModel, 'bytes' | 'sha256' | 'sources'>): LocalModel {
  const name = file.replace(/\.gguf$/i, '');
  const id = name.toLowerCase().replace(/[^a-z0-9._-]+/g, '-');
  return { id, name, file, contextLength: 0, maxOutputTokens: 0, licence: 'unknown', ...known };
}

/** What the model can do here is bounded by the context it is given. 0 in the entry means: nobody said, take the setting. */
function withContext(plan: ModelPlan, contextSize: number): ModelPlan {
  const bound = (most: number) => (most === 0 ? contextSize : Math.min(most, contextSize));
  const { model } = plan;
  return { ...plan, model: { ...model, contextLength: bound(model.contextLength), maxOutputTokens: bound(model.maxOutputTokens) } };
}

function whole(option: string, given: number | undefined, env: Env, variable: { readonly name: string; readonly least: number }): number | undefined {
  const text = nonEmpty(env[variable.name]);
  const value = given ?? (text === undefined ? undefined : Number(text));
  if (value === undefined || (Number.isInteger(value) && value >= variable.least)) return value;
  const where = given === undefined ? `${variable.name}=${text}` : `${option}: ${given}`;
  throw invalid(`${where} is not a whole number of at least ${variable.least}`, `correct ${variable.name} or leave it out`);
}

function checksum(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  throw invalid('the SHA-256 of the local model is not 64 hexadecimal digits', 'correct MODELWIRE_LOCAL_MODEL_SHA256 or leave it out');
}

function httpURL(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw invalid(
    'the URL of the local model is not an http or https URL',
    'correct MODELWIRE_LOCAL_MODEL_URL, or name a file on disk with MODELWIRE_LOCAL_MODEL_FILE',
  );
}

function invalid(message: string, hint: string): LocalError {
  return new LocalError('invalid_option', message, { hint });
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}
