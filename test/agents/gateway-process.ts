import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DialectName } from 'modelwire/internal/core/ir';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import { openSqliteStore } from '../../packages/gateway/src/store/sqlite-store.ts';

const main = new URL('../../scripts/modelwire.js', import.meta.url).pathname;
const longestStart = 30_000;
const recordsFile = 'calls.sqlite';
const mostCalls = 1000;

export type GatewayProcess = {
  readonly url: string;
  stop(): Promise<void>;
  /** Of every call, oldest first, once it has stopped. */ records(): Promise<readonly CallRecord[]>;
};

type Options = { readonly folder: string; readonly upstream: string; readonly back: DialectName; readonly model: string };

/** `modelwire serve` as a process of its own, with one provider that speaks one dialect: whatever is asked for, its one model answers. */
export async function startGatewayProcess(options: Options): Promise<GatewayProcess> {
  const { folder } = options;
  const file = join(folder, 'modelwire.yaml');
  writeFileSync(file, configOf(options));
  const child = spawn(process.execPath, ['--conditions=modelwire-source', main, 'serve', '--config', file], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, MODELWIRE_DATA: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const tooLate = setTimeout(() => child.kill('SIGKILL'), longestStart);
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const found = /^ {2}api +(http:\/\/127\.0\.0\.1:\d+)\//m.exec(said)?.[1];
      if (found === undefined) return;
      clearTimeout(tooLate);
      resolve(found);
    });
    void ended.then(() => reject(new Error(`the gateway ended: ${said}`)));
  });
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
      await ended;
      clearTimeout(timer);
    },
    async records() {
      const store = await openSqliteStore(join(folder, recordsFile), (error) => {
        throw error;
      });
      const newestFirst = store.last(mostCalls);
      store.close();
      return newestFirst.toReversed();
    },
  };
}

/** JSON is YAML. */
function configOf({ upstream, back, model }: Options): string {
  return JSON.stringify({
    server: { port: 0 },
    store: { file: recordsFile },
    local: false,
    log: 'json',
    providers: {
      scripted: {
        speaks: { [back]: upstream },
        key: 'none',
        models: [model],
        quirks: { reasoningField: 'reasoning_content', reasoningHistory: 'tool_calls', systemInMessages: true, callSignatures: true },
      },
    },
    routes: { '*': { targets: [`scripted/${model}`] } },
  });
}
