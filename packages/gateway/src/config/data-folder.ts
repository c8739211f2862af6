import path from 'node:path';
import type { Env } from './dotenv.ts';

export type Machine = { readonly platform: NodeJS.Platform; readonly home: string };

/** Where records are kept when nobody says otherwise: MODELWIRE_DATA, else the platform's data folder. */
export function dataFolder(env: Env, cwd: string, { platform, home }: Machine): string {
  const set = (name: string): string | undefined => (env[name]?.trim() ?? '') || undefined;
  const chosen = set('MODELWIRE_DATA');
  if (chosen !== undefined) return path.resolve(cwd, chosen);
  const xdg = set('XDG_DATA_HOME');
  // The specification says that a relative path there is to be ignored.
  if (xdg !== undefined && path.isAbsolute(xdg)) return path.join(xdg, 'modelwire');
  if (platform === 'win32') return path.join(set('LOCALAPPDATA') ?? path.join(home, 'AppData', 'Local'), 'modelwire', 'Data');
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'modelwire');
  return path.join(home, '.local', 'share', 'modelwire');
}
