import { GatewayError } from '../core/errors.ts';
import type { DialectName } from '../core/ir.ts';
import type { ModelInfo } from '../core/target.ts';
import { ollamaModel, ollamaModels } from './ollama-models.ts';

/** A model that can answer now. */
export type ListedModel = { readonly id: string; readonly provider: string; readonly model: string; readonly info?: ModelInfo };

/** The list in the shape of the caller's format. `created` is when the list was made: real dates are not known. */
export function modelsBody(models: readonly ListedModel[], shape: DialectName, now: number, query = ''): string {
  if (shape === 'gemini') return geminiModels(models, new URLSearchParams(query));
  if (shape === 'cohere') return cohereModels(models, new URLSearchParams(query));
  if (shape === 'ollama') return ollamaModels(models, now);
  if (shape !== 'anthropic-messages') return JSON.stringify({ object: 'list', data: models.map((model) => openaiModel(model, now)) });
  const { shown, more } = pageOf(models, new URLSearchParams(query));
  const data = shown.map((model) => anthropicModel(model, now));
  return JSON.stringify({ data, has_more: more, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null });
}

const longestPage = 1000;

/** The models after `after_id`, or the nearest before `before_id`; `more`: whether there are others further that way. */
function pageOf(models: readonly ListedModel[], query: URLSearchParams): { readonly shown: readonly ListedModel[]; readonly more: boolean } {
  const limit = Number(query.get('limit') ?? longestPage);
  if (!Number.isInteger(limit) || limit < 1 || limit > longestPage) {
    throw new GatewayError('invalid_request', `limit must be a whole number from 1 to ${longestPage}`, { param: 'limit' });
  }
  const after = placeOf(models, query, 'after_id');
  const before = placeOf(models, query, 'before_id');
  const range = models.slice(after === undefined ? 0 : after + 1, before);
  const backwards = before !== undefined && after === undefined;
  return { shown: backwards ? range.slice(-limit) : range.slice(0, limit), more: range.length > limit };
}

function placeOf(models: readonly ListedModel[], query: URLSearchParams, name: 'after_id' | 'before_id'): number | undefined {
  const id = query.get(name);
  if (id === null) return undefined;
  const place = models.findIndex((model) => model.id === id);
  if (place === -1) throw new GatewayError('invalid_request', `${name} names no model of the list`, { param: name });
  return place;
}

export function modelBody(model: ListedModel, shape: DialectName, now: number): string {
  if (shape === 'gemini') return JSON.stringify(geminiModel(model));
  if (shape === 'cohere') return JSON.stringify(cohereModel(model));
  if (shape === 'ollama') return ollamaModel(model, now);
  return JSON.stringify(shape === 'anthropic-messages' ? anthropicModel(model, now) : openaiModel(model, now));
}

/** A page's token is the place where it begins. */
function geminiModels(models: readonly ListedModel[], query: URLSearchParams): string {
  const size = Number(query.get('pageSize') ?? longestPage);
  const from = Number(query.get('pageToken') ?? 0);
  if (!Number.isInteger(size) || size < 0) throw new GatewayError('invalid_request', 'pageSize must be a whole number', { param: 'pageSize' });
  if (!Number.isInteger(from) || from < 0) throw new GatewayError('invalid_request', 'pageToken is none of this list', { param: 'pageToken' });
  // 0 asks for the usual size.
  const end = from + (size === 0 ? longestPage : Math.min(size, longestPage));
  return JSON.stringify({ models: models.slice(from, end).map(geminiModel), ...(end < models.length ? { nextPageToken: String(end) } : {}) });
}

/** All of these models chat. A page's token is the place where it begins. */
function cohereModels(models: readonly ListedModel[], query: URLSearchParams): string {
  const size = Number(query.get('page_size') ?? longestPage);
  const from = Number(query.get('page_token') ?? 0);
  if (!Number.isInteger(size) || size < 1) throw new GatewayError('invalid_request', 'page_size must be a whole number from 1', { param: 'page_size' });
  if (!Number.isInteger(from) || from < 0) throw new GatewayError('invalid_request', 'page_token is none of this list', { param: 'page_token' });
  const shown = (query.get('endpoint') ?? 'chat') === 'chat' ? models : [];
  const end = from + Math.min(size, longestPage);
  return JSON.stringify({ models: shown.slice(from, end).map(cohereModel), ...(end < shown.length ? { next_page_token: String(end) } : {}) });
}

function cohereModel({ id, info }: ListedModel): object {
  const features = [...(info?.tools === true ? ['tools', 'strict_tools'] : []), ...(info?.input?.includes('image') === true ? ['vision'] : [])];
  return {
    name: id,
    is_deprecated: false,
    endpoints: ['chat'],
    finetuned: false,
    ...(info?.contextLength === undefined ? {} : { context_length: info.contextLength }),
    ...(features.length === 0 ? {} : { features }),
  };
}

function geminiModel({ id, info }: ListedModel): object {
  return {
    name: `models/${id}`,
    version: id,
    displayName: id,
    ...(info?.contextLength === undefined ? {} : { inputTokenLimit: info.contextLength }),
    ...(info?.maxOutput === undefined ? {} : { outputTokenLimit: info.maxOutput }),
    supportedGenerationMethods: ['generateContent', 'countTokens'],
    ...(info?.reasoning === undefined ? {} : { thinking: info.reasoning }),
  };
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
