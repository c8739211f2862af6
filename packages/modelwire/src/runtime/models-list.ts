import type { HeaderMap } from '../core/dialect.ts';
import type { ModelInfo } from '../core/target.ts';

/** A model that can answer now. */
export type ListedModel = { readonly id: string; readonly provider: string; readonly model: string; readonly info?: ModelInfo };

/** Anthropic's shape when the caller speaks that version header, OpenAI's otherwise. `created` is when the list was made: real dates are not known. */
export function modelsBody(models: readonly ListedModel[], headers: HeaderMap, now: number): string {
  if (headers['anthropic-version'] === undefined) {
    return JSON.stringify({ object: 'list', data: models.map((model) => openaiModel(model, now)) });
  }
  const data = models.map((model) => anthropicModel(model, now));
  return JSON.stringify({ data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null });
}

export function modelBody(model: ListedModel, headers: HeaderMap, now: number): string {
  return JSON.stringify(headers['anthropic-version'] === undefined ? openaiModel(model, now) : anthropicModel(model, now));
}

function openaiModel(model: ListedModel, now: number): object {
  const { info } = model;
  return {
    id: model.id,
    object: 'model',
    created: Math.floor(now / 1000),
    owned_by: model.provider,
    ...(info?.contextLength === undefined ? {} : { context_length: info.contextLength, max_model_len: info.contextLength, context_window: info.contextLength }),
    ...(info?.maxOutput === undefined ? {} : { max_output_tokens: info.maxOutput }),
    ...(info?.price === undefined ? {} : { pricing: info.price }),
    ...(info === undefined ? {} : { capabilities: abilities(info) }),
  };
}

function abilities(info: ModelInfo): object {
  const { input, tools, reasoning, structuredOutput } = info;
  return {
    ...(input === undefined ? {} : { input }),
    ...(tools === undefined ? {} : { tools }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(structuredOutput === undefined ? {} : { structured_output: structuredOutput }),
  };
}

function anthropicModel(model: ListedModel, now: number): { readonly id: string; readonly [key: string]: unknown } {
  return {
    type: 'model',
    id: model.id,
    display_name: model.id,
    created_at: new Date(Math.floor(now / 1000) * 1000).toISOString(),
    max_input_tokens: model.info?.contextLength ?? null,
    max_tokens: model.info?.maxOutput ?? null,
    capabilities: null,
    deprecated_at: null,
    lifecycle: 'active',
    line: null,
    retires_at: null,
  };
}
