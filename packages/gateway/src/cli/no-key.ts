import { type Provider, providers as catalogue } from 'modelwire/internal/providers/catalog';
import { isOn } from 'modelwire/internal/providers/directory';
import { globMatch } from 'modelwire/internal/providers/quirks';
import { resolveModel } from 'modelwire/internal/providers/resolve';
import { isGatewayError } from 'modelwire/internal/core/errors';
import type { EffectiveConfig } from '../config/config.ts';
import { CliError } from './failure.ts';

/** Refuses a model whose provider only lacks its key, naming every place where the key was looked for. Other faults are left to the call. */
export function refuseWithoutKey(model: string, config: EffectiveConfig): void {
  try {
    resolveModel(model, config.directory);
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    const provider = ownerOf(model, config);
    if (provider !== undefined) throw noKey(model, provider, config);
  }
}

/** The catalogue's provider that the model is certainly one of, when that one is off for want of a key. */
function ownerOf(model: string, { directory }: EffectiveConfig): Provider | undefined {
  const prefix = model.split(/[/:]/, 1)[0]?.toLowerCase();
  const owners = catalogue.filter(({ name, makes = [] }: Provider) => name === prefix || makes.some((pattern) => globMatch(pattern, model.toLowerCase())));
  const off = owners.filter(({ name, keys }) => {
    const configured = directory.providers.get(name);
    return keys.length > 0 && (configured === undefined || !isOn(configured));
  });
  return off.length === owners.length ? off[0] : undefined;
}

function noKey(model: string, { name, keys, keyHint }: Provider, config: EffectiveConfig): CliError {
  const variable = keys[0] ?? '';
  return new CliError('no_key', `no key for provider "${name}" (asked: ${model})`, {
    lookedIn: [
      `${keys.join(', ')} (unset)`,
      '.env, .env.local',
      config.file === undefined ? 'no modelwire.yaml' : `${config.file} providers.${name}.key (absent)`,
    ],
    todo: [
      `export ${variable}=…${keyHint === undefined ? '' : `   (${keyHint})`}`,
      `echo '${variable}=…' >> .env.local`,
      ...(config.local.enabled ? ['modelwire ask -m local "…", the embedded model, now'] : []),
    ],
  });
}
