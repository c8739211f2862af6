import { readFileSync } from 'node:fs';
import type { Stage } from './agent-case.ts';

const page = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
const documented = 'http://127.0.0.1:4000';

/** The block of this language under a heading of docs/clients.md, as a reader would use it at the address of the stage. */
export function snippet(heading: string, language: string, { base }: Pick<Stage, 'base'>): string {
  const section = page.split(/^##+ /m).find((part) => part.startsWith(`${heading}\n`));
  const code = section?.split(`\n\`\`\`${language}\n`)[1]?.split('\n```')[0];
  if (code === undefined) throw new Error(`docs/clients.md has no ${language} snippet under "${heading}"`);
  if (section?.includes(documented) !== true) throw new Error(`docs/clients.md does not say ${documented} under "${heading}"`);
  return code.replaceAll(documented, base);
}

/** What a shell snippet exports. */
export function exported(code: string): Record<string, string> {
  return Object.fromEntries([...code.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
}
