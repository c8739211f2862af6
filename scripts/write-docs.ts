/** Writes the pages that are made from code: docs/providers.md, docs/errors.md's table, docs/translation.md and docs/translation/. `--check` fails when one is not up to date. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorTable } from '../packages/modelwire/src/core/errors.ts';
import { type Provider, providers, type Speaks } from '../packages/modelwire/src/providers/catalog.ts';
import { models, modelsAsOf } from '../packages/modelwire/src/providers/models.ts';
import { translationPages } from './translation/page.ts';

const root = new URL('..', import.meta.url).pathname;

function providersPage(): string {
  const rows = providers.map((provider) => {
    const basesOf = (speaks: Speaks): string[] => Object.entries(speaks).map(([dialect, endpoint]) => `${dialect}: \`${endpoint.baseURL}\``);
    const others = (provider.speaksByModel ?? []).map(({ match, speaks }) => `\`${match}\`: ${Object.keys(speaks).join(', ')}`);
    const bases = [...basesOf(provider.speaks), ...others];
    const count = Object.keys(models[provider.name] ?? {}).length;
    const pair = provider.keyPair === undefined ? [] : [provider.keyPair.map((key) => `\`${key}\``).join(' + ')];
    const keys = provider.local === true ? 'none; on by config' : [...provider.keys.map((key) => `\`${key}\``), ...pair].join(', ');
    return `| [${provider.title}](${provider.docs}) | \`${provider.name}\` | ${keys} | ${bases.join('<br>')} | ${count === 0 ? '' : count} |`;
  });
  const places = providers.flatMap(({ name, places: all = [] }) =>
    all.map(
      (place) =>
        `| \`${name}\` | \`{${place.name}}\` | ${place.variables.map((variable) => `\`${variable}\``).join(', ')} | ${place.otherwise ?? 'must be set'} |`,
    ),
  );
  const makers = providers.filter(({ quirks, ...provider }) => quirks.ownState !== true && hasStateOfMaker(provider)).map(({ name }) => `\`${name}\``);
  return `# Providers

Made from \`packages/modelwire/src/providers/catalog.ts\` by \`npm run docs\`; model facts as of ${modelsAsOf}. A provider is on when its key is in the environment, \`./.env\` or \`./.env.local\`, or when the config names it.
Where a provider speaks the caller's own dialect, that is used and the bytes pass untouched, but for what is said below of thinking. Any other server is a config entry: see [configuration](config.md).

In \`anthropic-messages\` and \`openai-responses\` thinking is signed or encrypted, and must go back as it came. What ${makers.join(', ')} give out is the format's maker's own, and passes too;
so does what OpenRouter and Vercel's gateway give out of Claude. All others here have the quirk \`ownState\`: theirs goes to the caller under a seal with their name, back to them as it was, and to nobody else ([how](architecture.md)).

| provider | name | key variable | speaks, at | models known |
|---|---|---|---|---|
${rows.join('\n')}

## Addresses that are made of variables
| provider | place | from | otherwise |
|---|---|---|---|
${places.join('\n')}
`;
}

/** Whether it speaks a format in which thinking comes back with something opaque, of which the maker's own kind passes. */
function hasStateOfMaker({ speaks, speaksByModel = [] }: Pick<Provider, 'speaks' | 'speaksByModel'>): boolean {
  return [speaks, ...speaksByModel.map((one) => one.speaks)].some((all) => all['anthropic-messages'] !== undefined || all['openai-responses'] !== undefined);
}

const start = '<!-- table: made by npm run docs -->';
const end = '<!-- end of table -->';

function errorsPage(current: string): string {
  const rows = Object.entries(errorTable).map(([code, row]) => `| <a id="${code}"></a>\`${code}\` | ${row.status} | ${row.retryable ? 'yes' : 'no'} |`);
  const table = `${start}\n| code | status | may the same call be tried again? |\n|---|---|---|\n${rows.join('\n')}\n${end}`;
  const from = current.indexOf(start);
  return current.slice(0, from) + table + current.slice(current.indexOf(end) + end.length);
}

const pages: readonly (readonly [string, (current: string) => string])[] = [
  ['docs/providers.md', providersPage],
  ['docs/errors.md', errorsPage],
  ...translationPages,
];

let stale = false;
for (const [name, make] of pages) {
  const path = join(root, name);
  const current = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const made = make(current);
  if (!process.argv.includes('--check')) writeFileSync(path, made);
  else if (made !== current) {
    stale = true;
    console.error(`${name} is not up to date: run npm run docs`);
  }
}
process.exit(stale ? 1 : 0);
