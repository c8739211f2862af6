import type { LocalStatus } from '@modelwire/local';
import { embeddedProvider, isOn } from 'modelwire/internal/providers/directory';
import { listModels } from 'modelwire/internal/providers/resolve';
import type { EffectiveConfig, ProviderOrigin } from '../config/config.ts';
import { isLoopback } from '../config/network-host.ts';
import { colour, cut } from './terminal.ts';

export type BootFacts = {
  readonly config: EffectiveConfig;
  readonly url: string;
  readonly port: number;
  readonly version: string;
  /** Milliseconds since the process began. */
  readonly readyMs: number;
  /** What the embedded model is doing; undefined when it is off. */
  readonly local: LocalStatus | undefined;
  /** How this person runs the command: `modelwire`, or `npm run -s modelwire --`. */
  readonly program: string;
  readonly painted: boolean;
};

const width = 80;
const label = (name: string): string => `  ${name.padEnd(7)}  `;

/** What a start prints: at most eight lines of at most 80 columns. */
export function bootText(facts: BootFacts): string {
  const { config, url, version, readyMs } = facts;
  const paint = colour(facts.painted);
  const warnings = config.warnings.slice(0, 1).map((warning) => cut(`${label('warning')}${warning}`, width));
  return [
    `${paint.bold(`modelwire ${version}`)}  ready in ${Math.round(readyMs)} ms`,
    `${label('api')}${url}/v1   openai format${movedText(facts)}`,
    `${label('')}${url}      anthropic format`,
    modelsLine(facts),
    `${label('keys')}${keysText(config).padEnd(25)}  config  ${config.file ?? 'none, the defaults'}`,
    ...warnings,
    `${label('try')}${config.keys.length > 0 ? 'MODELWIRE_KEY=… ' : ''}${facts.program} ask --url ${url} "hi"`,
    '',
  ].join('\n');
}

/** A port that nobody chose gives way to the next free one. */
function movedText({ config, port }: BootFacts): string {
  const wanted = config.server.port;
  return wanted === 0 || wanted === port ? '' : `   (${wanted} is taken)`;
}

function modelsLine({ config, local }: BootFacts): string {
  const count = listModels(config.directory).length;
  const end = `   ${count} name${count === 1 ? '' : 's'}`;
  const on = [...config.directory.providers.values()].filter(isOn).map(({ name }) => `${name} (${sourceText(name, config.origins, local)})`);
  if (on.length === 0) return `${label('models')}none: no provider has a key, and the embedded model is off`;
  const room = width - label('models').length - end.length;
  let shown = on.length;
  const text = (): string => `${on.slice(0, shown).join(' · ')}${shown < on.length ? ` · ${on.length - shown} more` : ''}`;
  while (shown > 1 && text().length > room) shown--;
  return `${label('models')}${cut(text(), room)}${end}`;
}

function sourceText(name: string, origins: readonly ProviderOrigin[], local: LocalStatus | undefined): string {
  if (name === embeddedProvider) return `embedded, ${localText(local)}`;
  const origin = origins.find(({ provider }) => provider === name);
  if (origin === undefined) return 'on';
  return origin.source === 'environment' && origin.variable !== undefined ? origin.variable : origin.source;
}

function localText(status: LocalStatus | undefined): string {
  switch (status?.state) {
    case undefined:
    case 'absent':
      return 'at first use';
    case 'downloading':
    case 'loading':
      return 'starting';
    case 'ready':
      return 'ready';
    case 'failed':
      return 'failed';
  }
}

function keysText(config: EffectiveConfig): string {
  if (config.keys.length > 0) return `${config.keys.length} configured`;
  return isLoopback(config.server.host) ? 'none needed on loopback' : 'none: open to all';
}
