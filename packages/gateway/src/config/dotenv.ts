import path from 'node:path';
import { parseEnv } from 'node:util';

export type Env = Readonly<Record<string, string | undefined>>;

/** The environment with the `.env` files laid under it, and where each variable came from. */
export type LayeredEnv = {
  readonly env: Env;
  /** `environment`, `.env` or `.env.local`; undefined when the variable is not set. */
  source(name: string): string | undefined;
};

/** The files read, in order; a later one wins over an earlier one, the real environment over both. */
export const dotenvFiles = ['.env', '.env.local'] as const;

/** Lays `.env` and `.env.local` of the folder under the environment. An empty variable of the real environment counts as set. */
export async function layerEnv(env: Env, cwd: string, readFile: (file: string) => Promise<string | undefined>): Promise<LayeredEnv> {
  const merged: Record<string, string | undefined> = {};
  const sources = new Map<string, string>();
  const lay = (layer: Env, source: string): void => {
    for (const [name, value] of Object.entries(layer)) {
      if (value === undefined) continue;
      merged[name] = value;
      sources.set(name, source);
    }
  };
  const texts = await Promise.all(dotenvFiles.map((file) => readFile(path.join(cwd, file))));
  for (const [index, file] of dotenvFiles.entries()) {
    const text = texts[index];
    // parseEnv keeps a byte order mark as part of the first name.
    if (text !== undefined) lay(parseEnv(text.replace(/^\uFEFF/, '')), file);
  }
  lay(env, 'environment');
  return { env: merged, source: (name) => sources.get(name) };
}
