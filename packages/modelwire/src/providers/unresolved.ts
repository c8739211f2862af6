import { GatewayError } from '../core/errors.ts';
import type { Provider } from './catalog.ts';
import { findProvider, providers as catalogue } from './catalog.ts';
import type { Directory, Served } from './directory.ts';
import { defaultModel, embeddedProvider, isOn, knownModels } from './directory.ts';
import { findModelInfo, listedModels } from './model-info.ts';
import { nearestName } from './nearest-name.ts';
import { globMatch } from './quirks.ts';

/** The errors of names that lead nowhere: each says what is missing, what was probably meant, and what can answer now. */

export const controlCharacter = /\p{Cc}/u;

const shownMax = 80;

function notFound(message: string, hint?: string): GatewayError {
  return new GatewayError('model_not_found', message, { param: 'model', hint });
}

/** The name as it may stand in a message: short, and without characters that hide or reorder text. */
export function shown(name: string): string {
  const clean = name.slice(0, shownMax).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
  return name.length > shownMax ? `${clean}…` : clean;
}

/** Empty, too long, or with control characters. */
export function unusableName(asked: string): GatewayError {
  if (asked === '') return notFound('The model name is empty', 'Name a model, or auto for the first that can answer');
  const fault = controlCharacter.test(asked) ? 'has control characters' : `has ${asked.length} characters`;
  return notFound(`${shown(asked)} is no model: the name ${fault}`);
}

/** `provider/model` of a provider that is known but has no key. */
export function offProvider(at: { readonly asked: string; readonly provider: string; readonly directory: Directory }): GatewayError {
  const { asked, provider, directory } = at;
  if (provider === embeddedProvider) return notFound(`${shown(asked)} cannot be answered: the embedded model is off`, answerable(directory));
  const entry = findProvider(provider);
  const keyNames = directory.providers.get(provider)?.keyNames ?? entry?.keys ?? [];
  const title = entry?.title ?? provider;
  const remedy = keyNames[0] === undefined ? `add "${provider}: {}" under providers in the configuration` : `set ${keyNames[0]}${keySource(entry)}`;
  const elsewhere = directory.served.get(asked)?.[0];
  const also = elsewhere === undefined ? '' : `${elsewhere.provider.name}/${elsewhere.model} serves it too. `;
  return notFound(`${shown(asked)} cannot be answered: ${title} is off, ${remedy}`, `${also}${answerable(directory)}`);
}

function keySource(entry: Provider | undefined): string {
  return entry?.keyHint === undefined ? '' : ` (${entry.keyHint})`;
}

/** More than one provider, or more than one dated model, goes by the name. */
export function several(asked: string, entries: readonly Served[]): GatewayError {
  const choices = entries.slice(0, 5).map(({ provider, model }) => `${provider.name}/${model}`);
  return notFound(`${shown(asked)} is ambiguous: it may be ${choices.join(', ')}`, 'Ask for one of them by its full name, or make a route of that name');
}

/** A bare name that no provider that is on serves. */
export function unknownName(asked: string, directory: Directory): GatewayError {
  const isMissing = (provider: Provider): boolean => !isOnIn(directory, provider.name);
  const named = findProvider(asked.toLowerCase());
  if (named !== undefined) return notFound(`${shown(asked)} is a provider: name one of its models too, such as ${named.name}/${named.defaultModel ?? 'MODEL'}`);
  const makers = catalogue.filter((provider) => makes(provider, asked));
  const listing = catalogue.filter((provider) => provider.keys.length > 0 && findModelInfo(provider.name, asked) !== undefined);
  // A family's name may be borrowed (gpt-oss): then those who list the model are meant, not the maker.
  const owners = listing.length === 0 || makers.some((maker) => listing.includes(maker)) ? makers : [];
  if (owners.length > 0 && owners.every(isMissing)) return notFound(ownersMessage(asked, owners), answerable(directory));
  const host = owners.length === 0 ? listing.find(isMissing) : undefined;
  if (host !== undefined) return notFound(`${shown(asked)} is served by ${host.title}: set ${host.keys[0] ?? ''}`, answerable(directory));
  const suggestion = suggestionFor(asked, directory);
  const maker = owners.find((provider) => !isMissing(provider));
  const way = maker === undefined ? answerable(directory) : `To send it as it is, ask for ${maker.name}/${shown(asked)}`;
  return notFound(`${shown(asked)} is not a known model`, suggestion + way);
}

/** The nearest name that can be asked for now; when one of a provider that is off is nearer, that one and what it wants. */
function suggestionFor(asked: string, directory: Directory): string {
  const off = offNames(asked, directory);
  const near = nearestName(asked, [...candidates(asked, directory), ...off.keys()]);
  if (near === undefined) return '';
  const owner = off.get(near);
  if (owner === undefined) return `Did you mean ${near}? `;
  const whose = owner.makes === undefined ? `${owner.title} serves it` : `It is ${owner.title}'s`;
  return `Did you mean ${near}? ${whose}: set ${owner.keys[0] ?? ''}. `;
}

/** The catalogue's names that nobody serves now, each with its maker, or else the first who lists it. */
function offNames(asked: string, directory: Directory): ReadonlyMap<string, Provider> {
  const names = new Map<string, Provider>();
  for (const provider of catalogue) {
    if (provider.keys.length === 0 || isOnIn(directory, provider.name)) continue;
    for (const model of Object.keys(listedModels(provider.name))) {
      if (asked.includes('/')) names.set(`${provider.name}/${model}`, provider);
      if (!directory.served.has(model) && (!names.has(model) || makes(provider, model))) names.set(model, provider);
    }
  }
  return names;
}

function makes(provider: Provider, model: string): boolean {
  return (provider.makes ?? []).some((pattern) => globMatch(pattern, model.toLowerCase()));
}

function isOnIn(directory: Directory, name: string): boolean {
  const config = directory.providers.get(name);
  return config !== undefined && isOn(config);
}

function ownersMessage(asked: string, owners: readonly Provider[]): string {
  const variables = owners.flatMap((owner) => owner.keys.slice(0, 1));
  return `${shown(asked)} is ${owners[0]?.title ?? ''}'s: set ${variables.join(' or ')}`;
}

function candidates(asked: string, directory: Directory): Iterable<string> {
  const names = [...directory.exactRoutes.keys(), ...directory.served.keys(), 'auto'];
  if (!asked.includes('/')) return names;
  for (const provider of directory.providers.values()) {
    if (isOn(provider)) names.push(...knownModels(provider).map((model) => `${provider.name}/${model}`));
  }
  return names;
}

/** Up to five names that can be asked for now: routes, then each provider's default. */
function answerable(directory: Directory): string {
  const names = [...directory.exactRoutes.keys()];
  for (const provider of directory.providers.values()) {
    const model = isOn(provider) ? defaultModel(provider) : undefined;
    if (model !== undefined) names.push(provider.name === embeddedProvider ? embeddedProvider : `${provider.name}/${model}`);
  }
  return names.length === 0 ? 'Nothing can answer now: no provider has a key' : `These can answer now: ${names.slice(0, 5).join(', ')}`;
}
