import { readFileSync } from 'node:fs';

/** The version of the package that this file is in. */
export const version: string = readVersion();

function readVersion(): string {
  // The same depth in src/ and in dist/.
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const found = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : undefined;
  return typeof found === 'string' ? found : 'unknown';
}
