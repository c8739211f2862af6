import { defined } from 'modelwire/internal/core/defined';
import { Secret } from 'modelwire/internal/core/target';
import { findProvider, type Provider } from 'modelwire/internal/providers/catalog';
import { keyFromEnv } from 'modelwire/internal/providers/from-env';
import type { ProviderConfig } from 'modelwire/internal/providers/resolve';
import type { ProviderOrigin } from './config.ts';
import type { LayeredEnv } from './dotenv.ts';
import { variablesIn } from './expand.ts';
import type { ReadConfig } from './file.ts';
import { describePlace, type Problem } from './problem.ts';

export type ProviderScope = {
  readonly file: ReadConfig;
  readonly layered: LayeredEnv;
  readonly problems: Problem[];
  readonly warnings: string[];
};

/** A provider's key and where it came from; without one and in need of one, the provider is off. */
export type FoundKey = Pick<ProviderConfig, 'needsKey' | 'keyNames'> & { readonly key?: Secret; readonly origin?: ProviderOrigin };

/** The key that the file gives, else the first of the catalogue's variables that is set. */
export function keyOf(name: string, given: string | undefined, known: Provider | undefined, scope: ProviderScope): FoundKey {
  const here = (path: readonly string[]): string => describePlace(scope.file.name, scope.file.place(path, 'key').line);
  if (given === 'none') return { needsKey: false, keyNames: [], origin: { provider: name, source: here(['providers', name, 'key']) } };
  if (given !== undefined) return keyInFile(name, given.trim(), here(['providers', name, 'key']), scope);
  if (known?.local === true) return { needsKey: false, keyNames: [], origin: { provider: name, source: here(['providers', name]) } };
  if (known !== undefined) return keyInEnvironment(known, scope);
  const variable = `${name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_API_KEY`;
  scope.problems.push(scope.file.problem(['providers', name], `needs key: "\${${variable}}" (or key: none, if it asks for none)`, 'key'));
  return { needsKey: true, keyNames: [] };
}

function keyInFile(name: string, given: string, here: string, { file, layered, problems, warnings }: ProviderScope): FoundKey {
  const path = ['providers', name, 'key'];
  const raw = file.raw(path);
  const keyNames = typeof raw === 'string' ? variablesIn(raw) : [];
  if (given === '') {
    warnings.push(`providers.${name} is off: its key is empty${keyNames.length === 0 ? '' : ` (${keyNames.join(', ')})`}`);
    return { needsKey: true, keyNames };
  }
  if (/\p{Cc}/u.test(given)) problems.push(file.problem(path, 'holds a character that no header may hold'));
  const variable = keyNames.find((each) => (layered.env[each] ?? '') !== '');
  const source = (variable === undefined ? undefined : layered.source(variable)) ?? here;
  return { needsKey: true, keyNames, key: new Secret(given), origin: defined({ provider: name, source, variable }) };
}

function keyInEnvironment(provider: Provider, { layered, warnings }: ProviderScope): FoundKey {
  const { name, keys, keyHint } = provider;
  const found = keyFromEnv(provider, layered.env);
  if (found !== undefined) return { needsKey: true, keyNames: keys, key: new Secret(found.key), origin: originOf(name, found.variable, layered) };
  warnings.push(`providers.${name} is off: set ${keys[0] ?? 'its key'}${keyHint === undefined ? '' : ` (${keyHint})`}`);
  return { needsKey: true, keyNames: keys };
}

/** Where a variable of the environment was set. */
function originOf(provider: string, variable: string, layered: LayeredEnv): ProviderOrigin {
  return { provider, source: layered.source(variable) ?? 'environment', variable };
}

/** Where the key of a provider that the environment turned on comes from. */
export function keyOrigin(name: string, layered: LayeredEnv): ProviderOrigin | undefined {
  const provider = findProvider(name);
  const found = provider === undefined ? undefined : keyFromEnv(provider, layered.env);
  return found === undefined ? undefined : originOf(name, found.variable, layered);
}
