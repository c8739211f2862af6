import type { DialectName } from '../core/ir.ts';
import { findProvider } from './catalog.ts';
import { type Directory, isOn } from './directory.ts';

/** What vendors have beside chat: relayed untouched, but for embeddings, which are translated too. */
export type Service =
  | 'embeddings'
  | 'images'
  | 'audio'
  | 'videos'
  | 'moderations'
  | 'rerank'
  | 'completions'
  | 'files'
  | 'batches'
  | 'fine_tuning'
  | 'vector_stores'
  | 'assistants'
  | 'containers'
  | 'evals'
  | 'ocr'
  | 'skills'
  | 'caches'
  | 'predictions'
  | 'conversations'
  | 'compaction'
  | 'responses';

/** A path below the version, and whose format it is. Of two that fit the caller's format decides. */
export type ServicePath = { readonly path: string; readonly service: Service; readonly front: DialectName };

export const servicePaths: readonly ServicePath[] = [
  ...openai('images', '/images'),
  ...openai('audio', '/audio'),
  ...openai('videos', '/videos'),
  ...openai('moderations', '/moderations'),
  ...openai('rerank', '/rerank', '/reranks'),
  ...openai('completions', '/completions', '/fim/completions'),
  ...openai('files', '/files', '/uploads'),
  ...openai('batches', '/batches', '/batch'),
  ...openai('fine_tuning', '/fine_tuning', '/fine-tunes'),
  ...openai('vector_stores', '/vector_stores'),
  ...openai('assistants', '/assistants', '/threads'),
  ...openai('containers', '/containers'),
  ...openai('evals', '/evals'),
  ...openai('ocr', '/ocr'),
  { path: '/v2/rerank', service: 'rerank', front: 'cohere' },
  { path: '/conversations', service: 'conversations', front: 'openai-responses' },
  { path: '/responses/compact', service: 'compaction', front: 'openai-responses' },
  { path: '/files', service: 'files', front: 'anthropic-messages' },
  { path: '/messages/batches', service: 'batches', front: 'anthropic-messages' },
  { path: '/skills', service: 'skills', front: 'anthropic-messages' },
  { path: '/files', service: 'files', front: 'gemini' },
  { path: '/batches', service: 'batches', front: 'gemini' },
  { path: '/cachedContents', service: 'caches', front: 'gemini' },
];

function openai(service: Service, ...paths: readonly string[]): ServicePath[] {
  return paths.map((path) => ({ path, service, front: 'openai-chat' }));
}

/** Google's methods of a model that are relayed. */
export const serviceMethods: ReadonlyMap<string, Service> = new Map<string, Service>([
  ['predict', 'predictions'],
  ['predictLongRunning', 'predictions'],
  ['batchGenerateContent', 'batches'],
  ['asyncBatchEmbedContent', 'batches'],
]);

/** Who is known to have a service, by the catalogue's names. Who is not in it may have it all the same, and is asked. */
const knownFor: { readonly [service in Service]: readonly string[] } = {
  embeddings: [
    'openai',
    'google',
    'mistral',
    'cohere',
    'dashscope',
    'dashscope-intl',
    'zhipu',
    'volcengine',
    'siliconflow',
    'siliconflow-intl',
    'hunyuan',
    'qianfan',
    'baichuan',
    'openrouter',
    'together',
    'fireworks',
    'nvidia',
    'deepinfra',
    'novita',
    'nebius',
    'github-models',
    'ollama',
    'vllm',
    'lmstudio',
    'llamacpp',
    'sglang',
  ],
  images: ['openai', 'google', 'zhipu', 'volcengine', 'siliconflow', 'siliconflow-intl', 'stepfun', 'xai', 'together', 'deepinfra'],
  audio: ['openai', 'groq', 'siliconflow', 'siliconflow-intl', 'zhipu', 'stepfun', 'mistral', 'together', 'deepinfra', 'vllm'],
  videos: ['openai'],
  moderations: ['openai', 'mistral', 'zhipu'],
  rerank: ['siliconflow', 'siliconflow-intl', 'zhipu', 'qianfan', 'together', 'fireworks', 'novita', 'vllm', 'llamacpp', 'sglang', 'cohere'],
  completions: [
    'openai',
    'openrouter',
    'together',
    'fireworks',
    'deepinfra',
    'novita',
    'xai',
    'cerebras',
    'mistral',
    'ollama',
    'vllm',
    'lmstudio',
    'llamacpp',
    'sglang',
  ],
  files: ['openai', 'anthropic', 'google', 'dashscope', 'dashscope-intl', 'moonshot', 'moonshot-intl', 'zhipu', 'mistral', 'groq', 'together', 'xai'],
  batches: ['openai', 'anthropic', 'google', 'dashscope', 'dashscope-intl', 'zhipu', 'groq', 'together', 'mistral', 'siliconflow'],
  fine_tuning: ['openai', 'mistral', 'together'],
  vector_stores: ['openai'],
  assistants: ['openai'],
  containers: ['openai'],
  evals: ['openai'],
  ocr: ['mistral'],
  skills: ['anthropic'],
  caches: ['google'],
  predictions: ['google'],
  conversations: ['openai'],
  compaction: ['openai'],
  responses: ['openai', 'xai'],
};

export function isKnownFor(provider: string, service: Service): boolean {
  return knownFor[service].includes(provider);
}

/** In words: who has the service, those that are on first, with the key that each of the others wants. At most six. */
export function whoHas(service: Service, { providers }: Directory): string {
  const on: string[] = [];
  const off: string[] = [];
  for (const name of knownFor[service]) {
    const config = providers.get(name);
    const key = findProvider(name)?.keys[0];
    if (config !== undefined && isOn(config)) on.push(name);
    else if (key !== undefined) off.push(`${name} (${key})`);
  }
  const all = [...on, ...off].slice(0, 6);
  return `${on.length > 0 ? 'These have it' : 'These have it, with their key set'}: ${all.join(', ')}`;
}
