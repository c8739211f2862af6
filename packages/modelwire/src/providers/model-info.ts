import type { ModelInfo } from '../core/target.ts';
import { models } from './models.ts';

const none: Readonly<Record<string, ModelInfo>> = {};

/** The models that the catalogue lists for a provider. */
export function listedModels(provider: string): Readonly<Record<string, ModelInfo>> {
  return Object.hasOwn(models, provider) ? (models[provider] ?? none) : none;
}

/** Names under which another serves a maker's models (`us.anthropic.claude-sonnet-4-5-20250929-v1:0`). */
const hosted: { readonly [provider: string]: { readonly maker: string; readonly name: RegExp } } = {
  bedrock: { maker: 'anthropic', name: /(?:^|[./])anthropic\.(claude-[a-z0-9-]+?)(?:-v\d+(?::\d+)?)?$/ },
};

/**
 * What is known of a model. A dated name (`claude-sonnet-4-5-20250929`) has the facts of its undated one, and one that is served by
 * another than its maker those of the maker's, but for the price.
 */
export function findModelInfo(provider: string, model: string): ModelInfo | undefined {
  return listedInfo(provider, model) ?? hostedInfo(provider, model);
}

function hostedInfo(provider: string, model: string): ModelInfo | undefined {
  const host = Object.hasOwn(hosted, provider) ? hosted[provider] : undefined;
  const name = host?.name.exec(model)?.[1];
  const info = host === undefined || name === undefined ? undefined : listedInfo(host.maker, name);
  if (info === undefined) return undefined;
  const { price: _price, ...facts } = info;
  return facts;
}

function listedInfo(provider: string, model: string): ModelInfo | undefined {
  const listed = listedModels(provider);
  if (Object.hasOwn(listed, model)) return listed[model];
  const loose = looseName(model);
  const key = Object.keys(listed).find((name) => name.toLowerCase() === model.toLowerCase() || name.toLowerCase() === loose);
  return key === undefined ? undefined : listed[key];
}

/** A snapshot's date at the end: `-2024-08-06`, `-20250929`, `@20250929`, `-260215`, `-0905`, `-2512`. */
const datedEnd = /[-@](?:20\d\d-?[01]\d-?[0-3]\d|2\d[01]\d[0-3]\d|[01]\d[0-3]\d|2\d[01]\d)$/;

/** The name without case and without its date. */
export function looseName(model: string): string {
  return model.toLowerCase().replace(datedEnd, '');
}
