import { type FSWatcher, watch } from 'node:fs';
import path from 'node:path';
import type { EffectiveConfig } from './config.ts';
import { dotenvFiles } from './dotenv.ts';
import { ConfigError } from './problem.ts';
import { defaultFiles, loadConfig, type LoadOptions, readIfThere } from './load.ts';

export type WatchOptions = LoadOptions & {
  /** The configuration that the server was started with: what needs a restart is measured against it. */
  readonly started: EffectiveConfig;
  /** Another configuration is in force; `restart` names the settings that it changes in vain until the next start. */
  readonly onChange: (config: EffectiveConfig, restart: readonly string[]) => void;
  /** The new configuration cannot be used (`ConfigError`), or changes can no longer be seen. The one before stays in force. */
  readonly onProblem: (error: unknown) => void;
};

export type ConfigWatch = {
  /** Loads again, changed or not: what SIGHUP asks for. Resolves when it has been reported. */
  reload(): Promise<void>;
  close(): void;
};

/** Editors write a file in several steps; what comes within this time is one change. */
const settleMs = 50;
/** In a folder where something happens all the time (a log, a database) a change is still seen after this time. */
const longestMs = 500;

/**
 * Loads the configuration again when its file or a `.env` file changes. Folders are watched, not files, since editors and mounts replace
 * files; whether a text has changed decides, so other files in the folder do not matter. Resolves once it watches.
 */
export async function watchConfig(options: WatchOptions): Promise<ConfigWatch> {
  const files = watchedFiles(options);
  let seen = JSON.stringify(await textsOf(files, options));
  let current = options.started;
  // A changed text counts once a second look finds it the same: the first may have come between two writes.
  let glimpsed: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  let closed = false;

  async function load(always: boolean): Promise<void> {
    if (closed) return;
    try {
      const texts = await textsOf(files, options);
      const now = JSON.stringify(texts);
      if (!always && now === seen) return;
      if (!always && now !== glimpsed) {
        glimpsed = now;
        soon();
        return;
      }
      seen = now;
      refuseVanished(current, texts, files, options.cwd);
      const config = await loadConfig(options);
      if (closed) return;
      current = config;
      options.onChange(config, needingRestart(options.started, config));
    } catch (error) {
      if (!closed) options.onProblem(error);
    }
  }
  const inTurn = (always: boolean): Promise<void> => (working = working.then(() => load(always)));
  let firstEvent: number | undefined;
  const soon = (): void => {
    const now = performance.now();
    firstEvent ??= now;
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        firstEvent = undefined;
        void inTurn(false);
      },
      Math.min(settleMs, Math.max(0, firstEvent + longestMs - now)),
    );
  };
  const watchers = [...new Set(files.map((file) => path.dirname(file)))].map((folder) => watchFolder(folder, soon, options.onProblem));
  // What changed between the first look and the first watch would be missed.
  soon();
  return {
    reload: () => inTurn(true),
    close() {
      closed = true;
      clearTimeout(timer);
      for (const watcher of watchers) watcher?.close();
    },
  };
}

function watchedFiles({ file, cwd, started }: WatchOptions): readonly string[] {
  const named = file ?? started.file;
  return [...new Set([...(named === undefined ? [] : [named]), ...(file === undefined ? defaultFiles : []), ...dotenvFiles])].map((name) =>
    path.resolve(cwd, name),
  );
}

function textsOf(files: readonly string[], { readFile = readIfThere }: LoadOptions): Promise<readonly (string | undefined)[]> {
  return Promise.all(files.map((file) => readFile(file)));
}

/** A file that is gone or empty is one being written: without this, its keys would be open to all until the editor is done. */
function refuseVanished(current: EffectiveConfig, texts: readonly (string | undefined)[], files: readonly string[], cwd: string): void {
  if (current.file === undefined) return;
  const text = texts[files.indexOf(path.resolve(cwd, current.file))];
  if (text !== undefined && text.trim() !== '') return;
  throw new ConfigError([{ source: current.file, path: '', message: text === undefined ? 'is gone' : 'is empty' }]);
}

function watchFolder(folder: string, onEvent: () => void, onProblem: (error: unknown) => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    watcher.on('error', onProblem);
    return watcher;
  } catch (error) {
    onProblem(
      new Error(`changes in ${folder} cannot be seen (${error instanceof Error ? error.message : String(error)}); SIGHUP reads the configuration again`, {
        cause: error,
      }),
    );
    return undefined;
  }
}

/** What a running server cannot change: where it listens, and what it opened at the start. */
function needingRestart(started: EffectiveConfig, next: EffectiveConfig): readonly string[] {
  const fixed = (config: EffectiveConfig): Readonly<Record<string, unknown>> => ({
    'server.host': config.server.host,
    'server.port': config.server.port,
    store: config.store,
    local: config.local,
    'deadline.connect': config.deadlines.connect,
    http: config.http,
    log: config.log,
  });
  const before = fixed(started);
  return Object.entries(fixed(next)).flatMap(([name, value]) => (JSON.stringify(value) === JSON.stringify(before[name]) ? [] : [name]));
}
