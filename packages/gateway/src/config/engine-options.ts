import type { LocalOptions } from '@modelwire/local';
import type { LocalSettings } from './config.ts';
import type { Env } from './dotenv.ts';

/** The configuration's words for the embedded model as the engine's own options; its variables are read from `env` by itself. */
export function engineOptions(local: LocalSettings, env: Env): LocalOptions {
  const { model, sha256, threads, contextSize, slots } = local;
  const url = model !== undefined && /^https?:/.test(model);
  return { env, modelURL: url ? model : undefined, modelFile: url ? undefined : model, sha256, threads, contextSize, slots };
}
