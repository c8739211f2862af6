import { defined } from 'modelwire/internal/core/defined';
import { findProvider, providers as catalogue } from 'modelwire/internal/providers/catalog';
import { embeddedProvider, mockProvider } from 'modelwire/internal/providers/directory';
import { nearestName } from 'modelwire/internal/providers/nearest-name';
import { type Directory, resolveModel, type Route, type RoutePolicies } from 'modelwire/internal/providers/resolve';
import { isGatewayError } from 'modelwire/internal/core/errors';
import type { ReadConfig } from './file.ts';
import type { PathPart, Problem } from './problem.ts';

/** One target as the file names it, and where. */
type Placed = { readonly name: string; readonly path: readonly PathPart[] };

/** The routes of the file; `targets` and `order` both list what is tried, in order. */
export function routesOf(file: ReadConfig, problems: Problem[]): readonly Route[] {
  return Object.entries(file.values.routes ?? {}).map(([name, route]) => {
    const path = ['routes', name];
    if (route.targets !== undefined && route.order !== undefined)
      problems.push(file.problem([...path, 'order'], 'stands beside targets: give one of them', 'key'));
    if (route.targets === undefined && route.order === undefined) problems.push(file.problem(path, 'needs targets: [provider/model]', 'key'));
    if (/\s/.test(name)) problems.push(file.problem(path, 'a route name has no spaces', 'key'));
    return defined({ name, targets: placedTargets(name, file).map((target) => target.name), policies: policiesOf(route) });
  });
}

type RouteValues = NonNullable<NonNullable<ReadConfig['values']['routes']>[string]>;

/** What the route changes; undefined when it changes nothing. */
function policiesOf(route: RouteValues): RoutePolicies | undefined {
  const deadlines = defined({ ...route.deadline });
  const policies: RoutePolicies = defined({
    deadlines: Object.keys(deadlines).length === 0 ? undefined : deadlines,
    attempts: route.retry?.attempts,
    fidelity: route.fidelity,
  });
  return Object.keys(policies).length === 0 ? undefined : policies;
}

function placedTargets(name: string, file: ReadConfig): readonly Placed[] {
  const route = file.values.routes?.[name];
  const list = route?.targets === undefined ? 'order' : 'targets';
  return (route?.targets ?? route?.order ?? []).map((target, index) => {
    const path = ['routes', name, list, index];
    return typeof target === 'string' ? { name: target, path } : { name: target.model, path: [...path, 'model'] };
  });
}

/** Targets that no key could make work are problems; those that only lack a key are warnings. */
export function checkTargets(file: ReadConfig, directory: Directory, found: { readonly problems: Problem[]; readonly warnings: string[] }): void {
  for (const [name, route] of Object.entries(file.values.routes ?? {})) {
    const weighed = (route.targets ?? []).some((target) => typeof target !== 'string' && target.weight !== undefined);
    if (weighed) found.warnings.push(`routes.${name}: weights are not used yet, the first target that can answer does`);
    for (const { name: target, path } of placedTargets(name, file)) {
      const fault = targetFault(target, directory);
      if (fault !== undefined) found.problems.push(file.problem(path, fault));
      else warnOfDeadEnd(name, target, directory, found.warnings);
    }
  }
}

function targetFault(target: string, directory: Directory): string | undefined {
  if (directory.routes.some((route) => route.name === target)) return undefined;
  const prefix = (/^([^/:]+)[/:]/.exec(target)?.[1] ?? '').toLowerCase();
  if (prefix === '' || prefix === embeddedProvider || prefix === mockProvider) return undefined;
  if (directory.providers.has(prefix) || findProvider(prefix) !== undefined || directory.served.has(target)) return undefined;
  const names = [...directory.providers.keys(), ...catalogue.map((provider) => provider.name)];
  const near = nearestName(prefix, names);
  return `there is no provider "${prefix}"${near === undefined ? '' : `, did you mean "${near}"?`}`;
}

function warnOfDeadEnd(route: string, target: string, directory: Directory, warnings: string[]): void {
  if (target.endsWith('/*')) return;
  try {
    resolveModel(target, directory);
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    warnings.push(`routes.${route}: ${error.message}`);
  }
}
