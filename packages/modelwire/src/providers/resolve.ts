import { GatewayError } from '../core/errors.ts';
import type { ModelInfo, Target } from '../core/target.ts';
import { targetName } from '../core/target.ts';
import { findProvider } from './catalog.ts';
import type { Candidate, Directory, LeftOut, ProviderConfig, Resolution, Route, RoutePolicies, Served } from './directory.ts';
import { defaultModel, embeddedProvider, isOn, knownModels, mockProvider, toTarget } from './directory.ts';
import { findModelInfo, looseName } from './model-info.ts';
import { globMatch } from './quirks.ts';
import { controlCharacter, offProvider, several, shown, unknownName, unusableName } from './unresolved.ts';

export { createDirectory, providersFromEnv } from './directory.ts';
export type { Directory, LeftOut, ProviderConfig, Resolution, Route, RoutePolicies } from './directory.ts';
export { nearestName } from './nearest-name.ts';

/** What a name means, or the error it ends in: made only when it is thrown, since naming the nearest name takes time. */
type Meaning = { readonly how: Resolution['how']; readonly targets: readonly Target[]; readonly policies?: RoutePolicies } | Unresolved;
type Unresolved = { readonly reason: string; readonly error: () => GatewayError };

/** One resolution under way. */
type Walk = {
  readonly directory: Directory;
  /** The routes being followed: met again, they are passed over, so that a route may go to the model whose name it bears. */
  readonly open: Set<Route>;
  /** By route and the name that led to it. */
  readonly done: Map<string, Meaning>;
  readonly leftOut: LeftOut[];
};

/** Routes that lead to routes, at most this deep. */
const depthMax = 32;

/** Longer names are nobody's. */
const lengthMax = 512;

/**
 * What the model name of a call stands for: a route of that name, the longest pattern that fits, `provider/model`, or a model name that
 * one provider alone serves. Throws `model_not_found`. The embedded model answers to `local`, its own name and an unanswerable `auto`.
 */
export function resolveModel(asked: string, directory: Directory): Resolution {
  const known = directory.resolved.get(asked);
  if (known !== undefined) return known;
  const resolution = resolve(asked, directory);
  // The names that are really asked for are few; what a prankster makes up must not fill the memory.
  if (directory.resolved.size < 1000) directory.resolved.set(asked, resolution);
  return resolution;
}

function resolve(asked: string, directory: Directory): Resolution {
  if (asked === '' || asked.length > lengthMax || controlCharacter.test(asked)) throw unusableName(asked);
  const walk: Walk = { directory, open: new Set(), done: new Map(), leftOut: [] };
  const meaning = follow(asked, walk);
  if ('error' in meaning) throw meaning.error();
  return { ...meaning, leftOut: walk.leftOut, candidates: candidatesOf(meaning.targets, walk.leftOut) };
}

function candidatesOf(targets: readonly Target[], leftOut: readonly LeftOut[]): Candidate[] {
  return [
    ...targets.map((target, index) => ({ target: targetName(target), ...(index === 0 ? {} : { excludedBy: 'an earlier target is used' }) })),
    ...leftOut.map((left) => ({ target: left.name, excludedBy: left.reason })),
  ];
}

function follow(name: string, walk: Walk): Meaning {
  const { exactRoutes, patternRoutes } = walk.directory;
  const exact = exactRoutes.get(name);
  if (exact !== undefined && !walk.open.has(exact)) return followRoute(exact, name, walk);
  if (name === 'auto') return resolveAuto(walk.directory);
  const pattern = patternRoutes.find((route) => !walk.open.has(route) && globMatch(route.name, name));
  return pattern === undefined ? resolveName(name, walk.directory) : followRoute(pattern, name, walk);
}

function followRoute(route: Route, name: string, walk: Walk): Meaning {
  const visit = `${route.name}\n${name}`;
  const known = walk.done.get(visit);
  if (known !== undefined) return known;
  if (walk.open.size >= depthMax) return unresolved(`routes lead to routes more than ${depthMax} deep`, name);
  walk.open.add(route);
  const meaning = gatherTargets(route, name, walk);
  walk.open.delete(route);
  walk.done.set(visit, meaning);
  return meaning;
}

function gatherTargets(route: Route, name: string, walk: Walk): Meaning {
  const targets = new Map<string, Target>();
  const leftOut: LeftOut[] = [];
  for (const text of route.targets) {
    const meaning = text.endsWith('/*') ? resolveName(text.slice(0, -1) + name, walk.directory) : follow(text, walk);
    if ('error' in meaning) leftOut.push({ name: text, reason: meaning.reason });
    else for (const target of meaning.targets) targets.set(targetName(target), target);
  }
  walk.leftOut.push(...leftOut);
  if (targets.size > 0) {
    return {
      how: route.name.includes('*') ? 'pattern' : 'route',
      targets: [...targets.values()],
      ...(route.policies === undefined ? {} : { policies: route.policies }),
    };
  }
  const details = leftOut.slice(0, 5).map((left) => `${left.name}: ${left.reason}`);
  return unresolved('no target of this route can answer', name, details.length === 0 ? 'it has none' : details.join('; '));
}

function unresolved(reason: string, name: string, details?: string): Unresolved {
  const whole = details === undefined ? reason : `${reason} (${details})`;
  return { reason, error: () => new GatewayError('model_not_found', `${shown(name)} cannot be answered: ${whole}`, { param: 'model' }) };
}

/** The first provider with a key, else one that the configuration names and that needs none, else the embedded model. */
function resolveAuto(directory: Directory): Meaning {
  const on = [...directory.providers.values()].filter(isOn);
  const others = on.filter((provider) => provider.name !== embeddedProvider && provider.name !== mockProvider);
  const ordered = [
    ...others.filter((provider) => provider.key !== undefined),
    ...others.filter((provider) => provider.key === undefined),
    ...on.filter((provider) => provider.name === embeddedProvider),
  ];
  for (const provider of ordered) {
    const model = defaultModel(provider);
    if (model !== undefined) return { how: 'auto', targets: [toTarget(provider, model)] };
  }
  return unresolved('no provider has a key, and the embedded model is off', 'auto');
}

/** `provider/model` or a bare model name. */
function resolveName(name: string, directory: Directory): Meaning {
  const at = name.search(/[/:]/);
  const provider = at === -1 ? undefined : providerNamed(name.slice(0, at), directory);
  if (provider !== undefined) return resolveAtProvider({ name, provider, model: name.slice(at + 1), directory });
  return name === embeddedProvider ? resolveEmbedded(name, directory) : resolveBare(name, directory);
}

function providerNamed(text: string, directory: Directory): string | undefined {
  if (directory.providers.has(text)) return text;
  const name = text.toLowerCase();
  return directory.providers.has(name) || findProvider(name) !== undefined || name === embeddedProvider ? name : undefined;
}

type AtProvider = { readonly name: string; readonly provider: string; readonly model: string; readonly directory: Directory };

function resolveAtProvider({ name, provider, model, directory }: AtProvider): Meaning {
  const config = directory.providers.get(provider);
  if (config === undefined || !isOn(config)) return { reason: `${provider} is off`, error: () => offProvider({ asked: name, provider, directory }) };
  if (model === '') return unresolved(`a model of ${provider} must be named, such as ${provider}/${defaultModel(config) ?? 'MODEL'}`, name);
  const spelled = spelling(config, model, directory);
  if (spelled === undefined && provider === embeddedProvider) return { reason: 'no such model', error: () => unknownName(name, directory) };
  return { how: 'provider', targets: [toTarget(config, spelled ?? model)] };
}

/** How the provider spells a model that it is known to serve. */
function spelling(provider: ProviderConfig, model: string, directory: Directory): string | undefined {
  if (directory.served.get(model)?.some((entry) => entry.provider === provider)) return model;
  return onlyOne(knownModels(provider).filter((own) => own.toLowerCase() === model.toLowerCase()));
}

function resolveEmbedded(name: string, directory: Directory): Meaning {
  const provider = directory.providers.get(embeddedProvider);
  const model = provider === undefined ? undefined : defaultModel(provider);
  if (provider === undefined || model === undefined) return unresolved('the embedded model is off', name);
  return { how: 'provider', targets: [toTarget(provider, model)] };
}

/** A bare name: as a provider spells it, else without case, else without the date that one side has and the other has not. */
function resolveBare(name: string, directory: Directory): Meaning {
  const exact = directory.served.get(name);
  if (exact !== undefined) return choose(name, exact);
  const lower = name.toLowerCase();
  const loose = looseName(name);
  const similar = directory.loose.get(loose) ?? [];
  const sameLetters = similar.filter(({ model }) => model.toLowerCase() === lower);
  if (sameLetters.length > 0) return choose(name, sameLetters);
  // A snapshot of a known model goes out under its own name: the undated one may mean another snapshot.
  if (loose !== lower) {
    const undated = similar.filter(({ model }) => model.toLowerCase() === loose);
    if (undated.length > 0)
      return choose(
        name,
        undated.map(({ provider }) => ({ provider, model: name })),
      );
  } else if (similar.length > 0) return choose(name, similar);
  return { reason: 'no such model', error: () => unknownName(name, directory) };
}

/** The one that serves it, else the model's own maker, else nobody: the caller must say which. */
function choose(name: string, entries: readonly Served[]): Meaning {
  const makers = entries.filter(({ provider, model }) => isMaker(provider, model));
  const chosen = onlyOne(entries) ?? onlyOne(makers);
  if (chosen !== undefined) return { how: 'catalogue', targets: [toTarget(chosen.provider, chosen.model)] };
  return { reason: 'several models go by that name', error: () => several(name, entries) };
}

function isMaker(provider: ProviderConfig, model: string): boolean {
  const makes = findProvider(provider.name)?.makes ?? [];
  return makes.some((pattern) => globMatch(pattern, model.toLowerCase()));
}

function onlyOne<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}

export type ListedModel = { readonly id: string; readonly provider: string; readonly model: string; readonly info?: ModelInfo };

/** Every name that can be asked for now: the exact routes (with the facts of their first target), then each provider's known models. */
export function listModels(directory: Directory): readonly ListedModel[] {
  const listed: ListedModel[] = [];
  for (const id of directory.exactRoutes.keys()) {
    const meaning = follow(id, { directory, open: new Set(), done: new Map(), leftOut: [] });
    const target = 'error' in meaning ? undefined : meaning.targets[0];
    if (target !== undefined) listed.push(toListed(id, target.provider, target.model));
  }
  for (const provider of directory.providers.values()) {
    if (!isOn(provider)) continue;
    for (const model of knownModels(provider)) listed.push(toListed(`${provider.name}/${model}`, provider.name, model));
  }
  return listed;
}

function toListed(id: string, provider: string, model: string): ListedModel {
  const info = findModelInfo(provider, model);
  return { id, provider, model, ...(info === undefined ? {} : { info }) };
}
