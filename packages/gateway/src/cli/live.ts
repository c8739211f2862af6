import { defaultModel, isOn, mockProvider } from 'modelwire/internal/providers/directory';
import type { EffectiveConfig } from '../config/config.ts';
import type { Env } from '../config/dotenv.ts';
import { askGateway } from './ask-gateway.ts';
import type { World } from './command.ts';
import type { Finding } from './examination.ts';
import { toCliError } from './failure.ts';
import { type Door, withOwnGateway } from './own-gateway.ts';
import { duration } from './story.ts';

/** Models that think spend tokens before their first word; this is enough to see that they answer at all. */
const limit = 16;
const patienceMs = 60_000;

/** Asks every provider that is on for a word, all at once, through a gateway of our own. */
export async function liveFindings(input: { readonly config: EffectiveConfig; readonly env: Env; readonly world: World }): Promise<readonly Finding[]> {
  const providers = [...input.config.directory.providers.values()].filter((provider) => isOn(provider) && provider.name !== mockProvider);
  const config: EffectiveConfig = { ...input.config, store: 'memory', retry: { attempts: 1 } };
  return withOwnGateway({ ...input, config }, (door) => Promise.all(providers.map((provider) => callOnce(provider.name, defaultModel(provider), door))));
}

async function callOnce(provider: string, model: string | undefined, door: Door): Promise<Finding> {
  if (model === undefined)
    return { state: 'note', what: 'live', detail: `${provider}: no model of it is known`, todo: `name one under providers.${provider}.models` };
  const name = `${provider}/${model}`;
  try {
    const answer = await askGateway(
      door,
      { model: name, text: 'Say hi.', system: undefined, stream: false, limit, signal: AbortSignal.timeout(patienceMs) },
      () => undefined,
    );
    if (answer === 'interrupted') return { state: 'fail', what: 'live', detail: `${name}: no answer within ${duration(patienceMs)}` };
    return { state: 'ok', what: 'live', detail: `${name} answers in ${duration(answer.ms)}` };
  } catch (thrown) {
    const { code, message, todo } = toCliError(thrown);
    return { state: 'fail', what: 'live', detail: `${name}: ${code}: ${message}`, ...(todo[0] === undefined ? {} : { todo: todo[0] }) };
  }
}
