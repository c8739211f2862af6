import type { ModelInfo } from 'modelwire/internal/core/target';
import { modelsAsOf } from 'modelwire/internal/providers/models';
import { nearestName } from 'modelwire/internal/providers/nearest-name';
import { globMatch } from 'modelwire/internal/providers/quirks';
import { type ListedModel, listModels } from 'modelwire/internal/providers/resolve';
import type { EffectiveConfig } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { type Command, type Invocation, sharedFlags, textFlag } from './command.ts';
import { exitCodes } from './exit-code.ts';
import { colour, cut, table } from './terminal.ts';

/** `modelwire models [FILTER]`: every name that can be asked for now. */
export const command: Command = {
  name: 'models',
  about: 'what can answer now',
  usage: 'models [FILTER] [--json]',
  examples: [
    ['modelwire models', 'all of them'],
    ['modelwire models claude', 'names that hold a word'],
    ['modelwire models --json | jq -r ".models[].id"', 'for programs'],
  ],
  flags: { config: sharedFlags.config, json: sharedFlags.json },
  args: [0, 1],
  next: 'modelwire ask -m MODEL "hi"',
  async run(invocation) {
    const { flags, args, world } = invocation;
    const config = await loadConfig({ file: textFlag(flags, 'config'), env: world.env, cwd: world.cwd });
    const all = listModels(config.directory);
    const shown = all.filter(({ id }) => fits(id, args[0]));
    if (flags['json'] === true) world.stdout.write(`${JSON.stringify({ as_of: modelsAsOf, models: shown.map((model) => toJson(model, config)) })}\n`);
    else if (shown.length > 0) world.stdout.write(listText(shown, config, invocation));
    else world.stderr.write(nothingText(all, args[0]));
    return shown.length > 0 || flags['json'] === true ? exitCodes.ok : exitCodes.failed;
  },
};

function fits(id: string, filter: string | undefined): boolean {
  if (filter === undefined) return true;
  const name = id.toLowerCase();
  const wanted = filter.toLowerCase();
  return wanted.includes('*') ? globMatch(wanted, name) || globMatch(wanted, name.slice(name.indexOf('/') + 1)) : name.includes(wanted);
}

function toJson({ id, provider, model, info }: ListedModel, config: EffectiveConfig): object {
  const origin = config.origins.find((each) => each.provider === provider);
  return {
    id,
    provider,
    model,
    context_length: info?.contextLength,
    max_output_tokens: info?.maxOutput,
    price: info?.price,
    input: info?.input,
    tools: info?.tools,
    reasoning: info?.reasoning,
    structured_output: info?.structuredOutput,
    key: origin === undefined ? undefined : { source: origin.source, variable: origin.variable },
  };
}

/** One block a provider, its key's source in the first line; routes come first. */
function listText(models: readonly ListedModel[], config: EffectiveConfig, { world, paint }: Invocation): string {
  const paintOut = colour(paint.stdout);
  const groups = new Map<string, ListedModel[]>();
  for (const model of models) {
    const group = model.id === `${model.provider}/${model.model}` ? model.provider : 'routes';
    groups.set(group, [...(groups.get(group) ?? []), model]);
  }
  const width = world.stdout.isTTY ? world.stdout.columns : undefined;
  const blocks = [...groups].map(([group, members]) => {
    const head = paintOut.dim(cut(`${group}  ${sourceOf(group, config)}`.trimEnd(), width));
    return `${head}\n${table(members.map(rowOf), { right: [1], ...(width === undefined ? {} : { width }) })}`;
  });
  const priced = models.some(({ info }) => info?.price !== undefined);
  const foot = priced ? `\n${paintOut.dim(`price per million tokens, in and out, as of ${modelsAsOf}`)}` : '';
  return `${blocks.join('\n')}${foot}\n`;
}

function sourceOf(group: string, { origins, directory }: EffectiveConfig): string {
  if (group === 'routes') return `${directory.exactRoutes.size} by configuration`;
  const origin = origins.find(({ provider }) => provider === group);
  if (origin === undefined) return '';
  return origin.variable === undefined ? origin.source : `${origin.variable} from ${origin.source}`;
}

function rowOf({ id, provider, model, info }: ListedModel): string[] {
  const full = `${provider}/${model}`;
  return [`  ${id}`, tokensText(info?.contextLength), priceText(info?.price), id === full ? abilitiesText(info) : `→ ${full}`];
}

function tokensText(count: number | undefined): string {
  if (count === undefined) return '';
  if (count >= 1_000_000) return `${Number((count / 1_000_000).toFixed(2))}M`;
  return count >= 1000 ? `${Math.round(count / 1000)}k` : String(count);
}

function priceText(price: ModelInfo['price']): string {
  if (price === undefined) return '';
  if (price.input === 0 && price.output === 0) return 'free';
  return `${price.currency === 'CNY' ? '¥' : '$'}${price.input} ${price.output}`;
}

function abilitiesText(info: ModelInfo | undefined): string {
  if (info === undefined) return '';
  const can: [string, boolean | undefined][] = [
    ['tools', info.tools],
    ['thinks', info.reasoning],
    ['schema', info.structuredOutput],
    ...(['image', 'document', 'audio', 'video'] as const).map((kind): [string, boolean | undefined] => [kind, info.input?.includes(kind)]),
  ];
  return can.flatMap(([name, able]) => (able === true ? [name] : [])).join(' ');
}

function nothingText(all: readonly ListedModel[], filter: string | undefined): string {
  if (all.length === 0) return 'no model can answer: no provider has a key, and the embedded model is off\n  do          modelwire doctor\n';
  const names = all.flatMap(({ id, model }) => [id, model]);
  const near = filter === undefined ? undefined : nearestName(filter, names);
  return `no name holds "${filter ?? ''}"${near === undefined ? '' : `, did you mean "${near}"?`}\n  do          modelwire models\n`;
}
