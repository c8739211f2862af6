import { hash64 } from '../core/fit.ts';
import type { ListedModel } from './models-list.ts';

/**
 * What Ollama's clients ask of a server besides answers: which models there are, what they can do, and which Ollama it is. Sizes and
 * weights are not known of models that run elsewhere: what its types require is there, and empty.
 */

/** The version of Ollama whose API is spoken here: its clients ask before they use what older servers do not have. */
export const ollamaVersion = '0.13.0';

const noDetails = { parent_model: '', format: '', family: '', families: [], parameter_size: '', quantization_level: '' };

/** `GET /api/tags`. */
export function ollamaModels(models: readonly ListedModel[], now: number): string {
  const listed = models.map(({ id, provider }) => ({
    name: id,
    model: id,
    modified_at: dateOf(now),
    size: 0,
    digest: digestOf(id),
    details: { ...noDetails, family: provider, families: [provider] },
  }));
  return JSON.stringify({ models: listed });
}

/** `POST /api/show`. */
export function ollamaModel({ id, provider, info }: ListedModel, now: number): string {
  const length = info?.contextLength;
  return JSON.stringify({
    license: '',
    modelfile: `FROM ${id}`,
    parameters: '',
    template: '',
    system: '',
    details: { ...noDetails, family: provider, families: [provider] },
    messages: [],
    modified_at: dateOf(now),
    model_info: { 'general.architecture': provider, 'general.basename': id, ...(length === undefined ? {} : { [`${provider}.context_length`]: length }) },
    capabilities: capabilitiesOf(info),
  });
}

/** Clients leave a model alone that cannot do what they need, so what is not known is not denied. */
function capabilitiesOf(info: ListedModel['info']): string[] {
  return [
    'completion',
    ...(info?.tools === false ? [] : ['tools']),
    ...(info?.input?.includes('image') === true ? ['vision'] : []),
    ...(info?.reasoning === true ? ['thinking'] : []),
  ];
}

/** The same for the same name: there are no weights to take one of. */
function digestOf(id: string): string {
  return [0, 1, 2, 3].map((part) => hash64(`${part} ${id}`)).join('');
}

function dateOf(now: number): string {
  return new Date(Math.floor(now / 1000) * 1000).toISOString();
}
