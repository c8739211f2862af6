import type { EffectiveConfig } from '../config/config.ts';
import type { Env } from '../config/dotenv.ts';
import type { World } from './command.ts';
import { createEngine } from './engine.ts';
import { showProgress } from './progress.ts';
import { version } from './version.ts';

/** Where a gateway answers, and the key for it. */
export type Door = { readonly url: string; readonly key: string | undefined };

type Own = { readonly config: EffectiveConfig; readonly env: Env; readonly world: World; readonly verbose?: boolean };

/** A gateway in this process for as long as `use` runs, on a free port and with a key that nobody else knows. */
export async function withOwnGateway<T>({ config, env, world, verbose }: Own, use: (door: Door) => Promise<T>): Promise<T> {
  const [{ startGateway }, { hashKey, newKey }] = await Promise.all([import('../server/gateway.ts'), import('../keys/keys.ts')]);
  const key = newKey();
  const own: EffectiveConfig = {
    ...config,
    server: { ...config.server, host: '127.0.0.1', port: 0 },
    keys: [{ name: 'cli', sha256: hashKey(key).slice('sha256:'.length) }],
  };
  const log = verbose === true ? (line: string) => world.stderr.write(`model: ${line}\n`) : undefined;
  const engine = await createEngine({ config, env, realEnv: world.env, log });
  const gateway = await startGateway({
    config: own,
    version,
    env,
    problem: (message) => world.stderr.write(`problem: ${message}\n`),
    ...(engine === undefined ? {} : { local: engine }),
  });
  // Why a model failed is in the answer's error too.
  const hide = engine === undefined ? undefined : showProgress(engine, world.stderr, { failures: false });
  try {
    return await use({ url: gateway.url, key });
  } finally {
    hide?.();
    await gateway.close({ graceMs: 0 });
  }
}
