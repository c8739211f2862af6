import type { DialectName } from '../core/ir.ts';
import type { Endpoint, Quirks } from '../core/target.ts';
import { glmCodes, minimaxCodes, siliconflowCodes, sparkCodes } from './error-codes.ts';

export type Speaks = Readonly<Partial<Record<DialectName, Endpoint>>>;

/** Without `otherwise` the provider has no address until one of the variables is set. `spelled` are values that are written in another way, `suffix` follows any other. */
export type Place = {
  readonly name: string;
  readonly variables: readonly string[];
  readonly otherwise?: string;
  readonly suffix?: string;
  readonly spelled?: Readonly<Record<string, string>>;
};

/** A provider as it comes with the package: data, no functions. */
export type Provider = {
  readonly name: string;
  /** As its maker writes it, for messages: `gpt-5.5 is OpenAI's`. */
  readonly title: string;
  readonly speaks: Speaks;
  /** Environment variables that may hold the key, the canonical one first. Each belongs to one provider only. */
  readonly keys: readonly string[];
  /** A key that comes in two or three parts: the variables of its id, its secret, and of the token that a temporary one has besides. */
  readonly keyPair?: readonly [id: string, secret: string, session: string];
  /** What stands in the base URLs as `{name}`: the first of the variables that is set, or what is usual. */
  readonly places?: readonly Place[];
  /** What some models speak instead: patterns with `*`, matched without case; the first match counts. */
  readonly speaksByModel?: readonly { readonly match: string; readonly speaks: Speaks }[];
  readonly quirks: Quirks;
  /** Where some models differ: patterns with `*`, matched without case; a later match wins. */
  readonly quirksByModel?: readonly { readonly match: string; readonly quirks: Quirks }[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Patterns of the model names that this provider makes itself: they decide whose a bare name is. */
  readonly makes?: readonly string[];
  /** What `auto` asks for. */
  readonly defaultModel?: string;
  readonly docs: string;
  readonly region?: 'mainland' | 'international';
  /** `true`: runs beside the user, needs no key, and is on only when the configuration names it. */
  readonly local?: true;
  /** Where a key is had, or which of two kinds it must be. */
  readonly keyHint?: string;
};

/** How most compatible servers differ from OpenAI's own: the old name of the limit, and no `developer` role. */
const compatible = { maxTokensField: 'max_tokens', developerRole: false } as const satisfies Quirks;

/** Who speaks Anthropic's or OpenAI's format and does not serve their models: what its thinking comes back with is its own. */
const ownState = { ownState: true } as const satisfies Quirks;

/** The same, with the model's thinking in `reasoning_content`, and asked for by a token budget where Anthropic's format is spoken. */
const thinking = { ...compatible, ...ownState, reasoningField: 'reasoning_content', thinking: 'budget' } as const satisfies Quirks;

/** What OpenAI's own API takes, and those refuse who refuse every field that they do not know. */
const unlessOpenai = ['store', 'verbosity', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention'] as const;

/** OpenAI refuses what its own messages do not have. */
const openaiQuirks = { reasoningHistory: 'never', toolCallIds: 'max40', storesResponses: true } as const satisfies Quirks;

/** OpenAI's reasoning models take neither sampling fields nor the old limit. */
const openaiReasoning = {
  maxTokensField: 'max_completion_tokens',
  refuses: ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'logprobs', 'top_logprobs', 'logit_bias', 'stop'],
} as const satisfies Quirks;

const newLimit = { maxTokensField: 'max_completion_tokens' } as const satisfies Quirks;

/** From Claude Opus 4.7 on: sampling fields are refused. Prefill is from 4.6 on. */
const claudeFixedSampling = { refuses: ['temperature', 'top_p', 'top_k'], prefill: false } as const satisfies Quirks;

const claudeBudget = { thinking: 'budget' } as const satisfies Quirks;

/** From Claude Opus 4.8 on a system message may come later too. */
const claudeLateSystem = { ...claudeFixedSampling, systemInMessages: true } as const satisfies Quirks;

/** Before Claude Opus 4.1 and Sonnet 4.5 no answer is held to a schema. */
const claudeUnstructured = { structuredOutput: 'none' } as const satisfies Quirks;

const claudeByModel = [
  { match: 'claude-3*', quirks: { ...claudeUnstructured, thinking: 'none' } },
  { match: 'claude-3-7-*', quirks: claudeBudget },
  { match: 'claude-*-4-0', quirks: { ...claudeUnstructured, ...claudeBudget } },
  { match: 'claude-*-4-1*', quirks: claudeBudget },
  { match: 'claude-*-4-20*', quirks: { ...claudeUnstructured, ...claudeBudget } },
  { match: 'claude-*-4-5*', quirks: claudeBudget },
  { match: 'claude-opus-4-6*', quirks: { prefill: false } },
  { match: 'claude-sonnet-4-6*', quirks: { prefill: false } },
  { match: 'claude-opus-4-7*', quirks: claudeFixedSampling },
  { match: 'claude-opus-4-8*', quirks: claudeLateSystem },
  { match: 'claude-opus-5*', quirks: claudeLateSystem },
  { match: 'claude-sonnet-5*', quirks: claudeFixedSampling },
  { match: 'claude-sonnet-5-5*', quirks: { systemInMessages: true } },
  { match: 'claude-haiku-5*', quirks: claudeLateSystem },
  { match: 'claude-fable-5*', quirks: claudeLateSystem },
  { match: 'claude-mythos-*', quirks: claudeFixedSampling },
] as const;

/** Whose Claude is Anthropic's, signatures included. What they give out of OpenAI's models is bound to their account. */
const claudeResold = [
  { match: 'anthropic/claude-*', quirks: { ownState: false } },
  { match: 'anthropic/claude-*-4.5*', quirks: claudeBudget },
] as const;

/** The first call of a turn must bear its signature. */
const geminiSigned = [
  { match: 'gemini-3*', quirks: { callSignatures: true } },
  { match: 'gemini-4*', quirks: { callSignatures: true } },
  { match: 'gemini-*-latest', quirks: { callSignatures: true } },
] as const;

const bedrockURL = 'https://bedrock-runtime.{region}.amazonaws.com';
const converse = { baseURL: bedrockURL, auth: 'aws' } as const satisfies Endpoint;

/** Claude's own format through InvokeModel. https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html */
const claudeOnBedrock = {
  baseURL: bedrockURL,
  auth: 'aws',
  paths: { chat: '/model/{model}/invoke', stream: '/model/{model}/invoke-with-response-stream' },
  body: {
    without: ['model', 'stream'],
    set: { anthropic_version: '"bedrock-2023-05-31"' },
    listed: { header: 'anthropic-beta', field: 'anthropic_beta' },
  },
} as const satisfies Endpoint;

const vertexURL = 'https://{host}/v1/projects/{project}/locations/{location}';
const vertexLocation = ['GOOGLE_CLOUD_LOCATION', 'CLOUD_ML_REGION'] as const;

const geminiOnVertex = {
  baseURL: vertexURL,
  auth: 'bearer',
  paths: {
    chat: '/publishers/google/models/{model}:generateContent',
    stream: '/publishers/google/models/{model}:streamGenerateContent?alt=sse',
    count_tokens: '/publishers/google/models/{model}:countTokens',
  },
} as const satisfies Endpoint;

/** https://docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude */
const claudeOnVertex = {
  baseURL: vertexURL,
  auth: 'bearer',
  paths: { chat: '/publishers/anthropic/models/{model}:rawPredict', stream: '/publishers/anthropic/models/{model}:streamRawPredict' },
  body: { without: ['model'], set: { anthropic_version: '"vertex-2023-10-16"' } },
} as const satisfies Endpoint;

/** The same models under the names that others serve them by. */
function renamed(rules: typeof claudeByModel, before: string): readonly { readonly match: string; readonly quirks: Quirks }[] {
  return rules.map(({ match, quirks }) => ({ match: before + match, quirks }));
}

const deepseekQuirks = {
  ...thinking,
  reasoningHistory: 'always',
  reasoningPlaceholder: '',
  reasoningSwitch: 'thinking_type',
  structuredOutput: 'json',
  documents: false,
  stopMax: 16,
} as const satisfies Quirks;

const qwenQuirks = {
  ...thinking,
  reasoningSwitch: 'enable_thinking',
  structuredOutput: 'json',
  documents: false,
} as const satisfies Quirks;

const qwenByModel = [
  { match: 'qwen3.5*', quirks: { structuredOutput: 'schema' } },
  { match: 'qwen3.6-flash*', quirks: { structuredOutput: 'schema' } },
  { match: 'qwen3.7-flash*', quirks: { structuredOutput: 'schema' } },
  { match: 'qwen3.8*', quirks: { structuredOutput: 'schema' } },
] as const;

const kimiQuirks = {
  ...thinking,
  toolNames: 'letterFirst',
  reasoningHistory: 'tool_calls',
  reasoningSwitch: 'thinking_type',
  structuredOutput: 'json',
  forcedToolChoice: false,
  usageInChoice: true,
  temperatureMax: 1,
  imageUrls: false,
  documents: false,
} as const satisfies Quirks;

/** These answer 400 to any sampling value but their own. */
const kimiFixedSampling = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty'] as const;

/** Kimi takes an empty placeholder for none at all. */
const kimiPlaceholder = { reasoningPlaceholder: ' ' } as const satisfies Quirks;

const kimiByModel = [
  { match: 'kimi-*', quirks: kimiPlaceholder },
  { match: 'kimi-k2.5*', quirks: { refuses: kimiFixedSampling } },
  { match: 'kimi-k2.6*', quirks: { refuses: kimiFixedSampling, structuredOutput: 'schema' } },
  { match: 'kimi-k2.7*', quirks: { refuses: kimiFixedSampling, structuredOutput: 'schema' } },
  {
    match: 'kimi-k3*',
    quirks: { refuses: kimiFixedSampling, structuredOutput: 'schema', reasoningSwitch: 'reasoning_effort', reasoningHistory: 'always' },
  },
] as const;

const glmQuirks = {
  ...thinking,
  reasoningHistory: 'tool_calls',
  reasoningSwitch: 'thinking_type',
  structuredOutput: 'json',
  forcedToolChoice: false,
  temperatureMax: 1,
  stopMax: 1,
  documents: false,
  errorCodes: glmCodes,
} as const satisfies Quirks;

const ollamaQuirks = {
  ...compatible,
  reasoningField: 'reasoning',
  reasoningHistory: 'tool_calls',
  forcedToolChoice: false,
  imageUrls: false,
  documents: false,
} as const satisfies Quirks;

const textOnly = { images: false } as const satisfies Quirks;

const glmByModel = [
  { match: 'glm-4.5', quirks: textOnly },
  { match: 'glm-4.5-*', quirks: textOnly },
  { match: 'glm-4.6', quirks: textOnly },
  { match: 'glm-4.7*', quirks: textOnly },
  { match: 'glm-5', quirks: textOnly },
  { match: 'glm-5-turbo', quirks: textOnly },
  { match: 'glm-5.1', quirks: textOnly },
  { match: 'glm-5.2*', quirks: textOnly },
  { match: 'glm-5.3', quirks: textOnly },
] as const;

const minimaxQuirks = {
  ...ownState,
  thinking: 'budget',
  developerRole: false,
  reasoningField: 'reasoning_content',
  reasoningHistory: 'tool_calls',
  reasoningSwitch: 'thinking_type',
  structuredOutput: 'json',
  forcedToolChoice: false,
  temperatureMax: 1,
  errorInside: 'base_resp',
  errorCodes: minimaxCodes,
  documents: false,
} as const satisfies Quirks;

const minimaxByModel = [
  { match: 'minimax-m2*', quirks: textOnly },
  { match: 'minimax-m1*', quirks: textOnly },
  { match: 'minimax-m3.1*', quirks: { thinking: 'adaptive' } },
] as const;

const arkQuirks = { ...thinking, reasoningSwitch: 'thinking_type', documents: false } as const satisfies Quirks;

const stepQuirks = { ...compatible, ...ownState, reasoningField: 'reasoning', documents: false } as const satisfies Quirks;

/** Hosts of open models with an `enable_thinking` switch. */
const hostQuirks = { ...thinking, reasoningSwitch: 'enable_thinking', documents: false } as const satisfies Quirks;

const siliconflowQuirks = { ...hostQuirks, structuredOutput: 'json', errorCodes: siliconflowCodes } as const satisfies Quirks;

const xaiReasoning = { refuses: ['presence_penalty', 'frequency_penalty', 'stop'] } as const satisfies Quirks;

/**
 * Every provider that comes with the package. The order is the one in which `auto` looks for a key. Where one company runs a mainland
 * and an international platform their keys differ, so they are two entries: the plain variable is the mainland's, `*_INTL_*` the other.
 */
export const providers: readonly Provider[] = [
  {
    name: 'anthropic',
    title: 'Anthropic',
    speaks: { 'anthropic-messages': { baseURL: 'https://api.anthropic.com', auth: 'x-api-key' } },
    keys: ['ANTHROPIC_API_KEY'],
    quirks: { threads: true },
    quirksByModel: claudeByModel,
    makes: ['claude-*'],
    defaultModel: 'claude-sonnet-5-5',
    docs: 'https://platform.claude.com/docs/en/api/messages',
    keyHint: 'platform.claude.com, Settings, API keys',
  },
  {
    name: 'openai',
    title: 'OpenAI',
    speaks: {
      'openai-chat': { baseURL: 'https://api.openai.com/v1', auth: 'bearer' },
      'openai-responses': { baseURL: 'https://api.openai.com/v1', auth: 'bearer' },
    },
    keys: ['OPENAI_API_KEY'],
    quirks: openaiQuirks,
    quirksByModel: [
      { match: 'o1*', quirks: openaiReasoning },
      { match: 'o3*', quirks: openaiReasoning },
      { match: 'o4-mini*', quirks: openaiReasoning },
      { match: 'gpt-5*', quirks: newLimit },
      { match: 'gpt-5', quirks: openaiReasoning },
      { match: 'gpt-5-20*', quirks: openaiReasoning },
      { match: 'gpt-5-mini*', quirks: openaiReasoning },
      { match: 'gpt-5-nano*', quirks: openaiReasoning },
      { match: 'gpt-6*', quirks: newLimit },
    ],
    makes: ['gpt-*', 'o1*', 'o3*', 'o4*', 'chatgpt-*', 'chat-latest', 'codex-*', 'text-embedding-*'],
    defaultModel: 'gpt-6.1-terra',
    docs: 'https://platform.openai.com/docs/api-reference/chat',
    keyHint: 'platform.openai.com/api-keys',
  },
  {
    name: 'google',
    title: 'Google',
    speaks: {
      'openai-chat': { baseURL: 'https://generativelanguage.googleapis.com/v1beta/openai', auth: 'bearer' },
      gemini: { baseURL: 'https://generativelanguage.googleapis.com', auth: 'x-goog-api-key' },
    },
    keys: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'],
    quirks: { developerRole: false, refuses: ['store'] },
    quirksByModel: [{ match: 'gemini-2*', quirks: { thinking: 'budget' } }, ...geminiSigned],
    makes: ['gemini-*', 'gemma-*', 'learnlm-*'],
    defaultModel: 'gemini-3.8-flash',
    docs: 'https://ai.google.dev/gemini-api/docs/openai',
    keyHint: 'aistudio.google.com/apikey',
  },
  {
    name: 'bedrock',
    title: 'Amazon Bedrock',
    speaks: { 'bedrock-converse': converse },
    speaksByModel: [{ match: '*anthropic.claude-*', speaks: { 'bedrock-converse': converse, 'anthropic-messages': claudeOnBedrock } }],
    keys: ['AWS_BEARER_TOKEN_BEDROCK'],
    keyPair: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
    places: [{ name: 'region', variables: ['AWS_REGION', 'AWS_DEFAULT_REGION'], otherwise: 'us-east-1' }],
    quirks: {},
    quirksByModel: [
      { match: '*anthropic.claude-*', quirks: { thinking: 'adaptive' } },
      ...renamed(claudeByModel, '*anthropic.'),
      { match: '*amazon.nova-*', quirks: { refuses: ['top_k'] } },
    ],
    docs: 'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html',
    keyHint: 'console.aws.amazon.com/bedrock, API keys; or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  },
  {
    name: 'vertex',
    title: 'Google Vertex AI',
    speaks: { gemini: geminiOnVertex },
    speaksByModel: [{ match: 'claude-*', speaks: { 'anthropic-messages': claudeOnVertex } }],
    keys: ['VERTEX_ACCESS_TOKEN', 'CLOUDSDK_AUTH_ACCESS_TOKEN'],
    places: [
      { name: 'project', variables: ['GOOGLE_CLOUD_PROJECT', 'ANTHROPIC_VERTEX_PROJECT_ID'] },
      { name: 'location', variables: vertexLocation, otherwise: 'global' },
      {
        name: 'host',
        variables: vertexLocation,
        otherwise: 'aiplatform.googleapis.com',
        suffix: '-aiplatform.googleapis.com',
        spelled: { global: 'aiplatform.googleapis.com' },
      },
    ],
    quirks: {},
    quirksByModel: [{ match: 'gemini-2*', quirks: { thinking: 'budget' } }, ...geminiSigned, ...claudeByModel, { match: 'claude-*-4@*', quirks: claudeBudget }],
    docs: 'https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference',
    keyHint: 'gcloud auth print-access-token; it ends after an hour',
  },
  {
    name: 'azure',
    title: 'Azure OpenAI',
    speaks: { 'openai-chat': { baseURL: 'https://{resource}.openai.azure.com/openai/v1', auth: 'api-key' } },
    keys: ['AZURE_OPENAI_API_KEY'],
    places: [{ name: 'resource', variables: ['AZURE_OPENAI_RESOURCE', 'AZURE_RESOURCE_NAME'] }],
    quirks: newLimit,
    docs: 'https://learn.microsoft.com/azure/ai-foundry/openai/reference',
    keyHint: 'portal.azure.com, the resource’s keys; models are the names of deployments',
  },
  {
    name: 'deepseek',
    title: 'DeepSeek',
    speaks: {
      'openai-chat': { baseURL: 'https://api.deepseek.com', auth: 'bearer', exact: true },
      'anthropic-messages': { baseURL: 'https://api.deepseek.com/anthropic', auth: 'x-api-key' },
    },
    keys: ['DEEPSEEK_API_KEY'],
    quirks: deepseekQuirks,
    quirksByModel: [
      { match: 'deepseek-v4-pro*', quirks: textOnly },
      { match: 'deepseek-chat', quirks: textOnly },
      { match: 'deepseek-reasoner', quirks: textOnly },
    ],
    makes: ['deepseek-*'],
    defaultModel: 'deepseek-flash',
    docs: 'https://api-docs.deepseek.com/',
    region: 'mainland',
    keyHint: 'platform.deepseek.com/api_keys',
  },
  {
    name: 'dashscope',
    title: 'Alibaba Cloud Model Studio',
    speaks: {
      'openai-chat': { baseURL: 'https://dashscope.aliyuncs.com/compatible-mode/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://dashscope.aliyuncs.com/apps/anthropic', auth: 'x-api-key' },
    },
    keys: ['DASHSCOPE_API_KEY'],
    quirks: qwenQuirks,
    quirksByModel: qwenByModel,
    makes: ['qwen*', 'qwq-*', 'qvq-*'],
    defaultModel: 'qwen-plus',
    docs: 'https://help.aliyun.com/zh/model-studio/compatibility-of-openai-with-dashscope',
    region: 'mainland',
    keyHint: 'a key of the Beijing region; one of the Singapore region goes in DASHSCOPE_INTL_API_KEY',
  },
  {
    name: 'dashscope-intl',
    title: 'Alibaba Cloud Model Studio (international)',
    speaks: {
      'openai-chat': { baseURL: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://dashscope-intl.aliyuncs.com/apps/anthropic', auth: 'x-api-key' },
    },
    keys: ['DASHSCOPE_INTL_API_KEY'],
    quirks: qwenQuirks,
    quirksByModel: qwenByModel,
    makes: ['qwen*', 'qwq-*', 'qvq-*'],
    defaultModel: 'qwen-plus',
    docs: 'https://www.alibabacloud.com/help/en/model-studio/compatibility-of-openai-with-dashscope',
    region: 'international',
    keyHint: 'a key of the Singapore region',
  },
  {
    name: 'moonshot',
    title: 'Moonshot AI',
    speaks: {
      'openai-chat': { baseURL: 'https://api.moonshot.cn/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.moonshot.cn/anthropic', auth: 'bearer' },
    },
    keys: ['MOONSHOT_API_KEY', 'MOONSHOT_CN_API_KEY'],
    quirks: kimiQuirks,
    quirksByModel: kimiByModel,
    makes: ['kimi-*', 'moonshot-*'],
    defaultModel: 'kimi-k3',
    docs: 'https://platform.kimi.com/docs/api/chat',
    region: 'mainland',
    keyHint: 'a key of platform.kimi.com; one of platform.kimi.ai goes in MOONSHOT_INTL_API_KEY',
  },
  {
    name: 'moonshot-intl',
    title: 'Moonshot AI (international)',
    speaks: {
      'openai-chat': { baseURL: 'https://api.moonshot.ai/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.moonshot.ai/anthropic', auth: 'bearer' },
    },
    keys: ['MOONSHOT_INTL_API_KEY'],
    quirks: kimiQuirks,
    quirksByModel: kimiByModel,
    makes: ['kimi-*', 'moonshot-*'],
    defaultModel: 'kimi-k3',
    docs: 'https://platform.kimi.ai/docs/api/chat',
    region: 'international',
    keyHint: 'a key of platform.kimi.ai',
  },
  {
    name: 'kimi-coding',
    title: 'Kimi Code',
    speaks: {
      'openai-chat': { baseURL: 'https://api.kimi.com/coding/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.kimi.com/coding', auth: 'bearer' },
    },
    keys: ['KIMI_API_KEY'],
    quirks: {
      ...thinking,
      ...kimiPlaceholder,
      reasoningHistory: 'always',
      usageInChoice: true,
      forcedToolChoice: false,
      refuses: kimiFixedSampling,
      imageUrls: false,
      documents: false,
    },
    makes: ['kimi-for-coding*'],
    defaultModel: 'kimi-for-coding',
    docs: 'https://www.kimi.com/code/docs/en/',
    keyHint: 'a key of the Kimi Code plan; one of the open platform goes in MOONSHOT_API_KEY',
  },
  {
    name: 'zhipu',
    title: 'Zhipu',
    speaks: {
      'openai-chat': { baseURL: 'https://open.bigmodel.cn/api/paas/v4', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://open.bigmodel.cn/api/anthropic', auth: 'bearer' },
    },
    keys: ['ZHIPU_API_KEY', 'ZHIPUAI_API_KEY', 'BIGMODEL_API_KEY'],
    quirks: glmQuirks,
    quirksByModel: glmByModel,
    makes: ['glm-*', 'charglm-*', 'cogview-*'],
    defaultModel: 'glm-5.3',
    docs: 'https://docs.bigmodel.cn/cn/guide/develop/http/introduction',
    region: 'mainland',
    keyHint: 'a key of bigmodel.cn; one of z.ai goes in ZAI_API_KEY',
  },
  {
    name: 'zai',
    title: 'Z.ai',
    speaks: {
      'openai-chat': { baseURL: 'https://api.z.ai/api/paas/v4', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.z.ai/api/anthropic', auth: 'bearer' },
    },
    keys: ['ZAI_API_KEY', 'Z_AI_API_KEY'],
    quirks: glmQuirks,
    quirksByModel: glmByModel,
    makes: ['glm-*'],
    defaultModel: 'glm-5.3',
    docs: 'https://docs.z.ai/api-reference/llm/chat-completion',
    region: 'international',
    keyHint: 'a key of z.ai',
  },
  {
    name: 'zhipu-coding',
    title: 'Zhipu GLM Coding Plan',
    speaks: {
      'openai-chat': { baseURL: 'https://open.bigmodel.cn/api/coding/paas/v4', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://open.bigmodel.cn/api/anthropic', auth: 'bearer' },
    },
    keys: ['ZHIPU_CODING_API_KEY', 'ZAI_CODING_CN_API_KEY'],
    quirks: glmQuirks,
    quirksByModel: glmByModel,
    defaultModel: 'glm-5.3',
    docs: 'https://docs.bigmodel.cn/cn/coding-plan/overview',
    region: 'mainland',
  },
  {
    name: 'zai-coding',
    title: 'Z.ai GLM Coding Plan',
    speaks: {
      'openai-chat': { baseURL: 'https://api.z.ai/api/coding/paas/v4', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.z.ai/api/anthropic', auth: 'bearer' },
    },
    keys: ['ZAI_CODING_API_KEY'],
    quirks: glmQuirks,
    quirksByModel: glmByModel,
    defaultModel: 'glm-5.3',
    docs: 'https://docs.z.ai/devpack/overview',
    region: 'international',
  },
  {
    name: 'volcengine',
    title: 'Volcengine Ark',
    speaks: {
      'openai-chat': { baseURL: 'https://ark.cn-beijing.volces.com/api/v3', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://ark.cn-beijing.volces.com/api/compatible', auth: 'bearer' },
    },
    keys: ['ARK_API_KEY', 'VOLCENGINE_API_KEY'],
    quirks: arkQuirks,
    makes: ['doubao-*'],
    defaultModel: 'doubao-seed-2-1-pro-260628',
    docs: 'https://www.volcengine.com/docs/82379/1330310',
    region: 'mainland',
    keyHint: 'a key of the platform; keys of the Coding Plan go in ARK_CODING_API_KEY',
  },
  {
    name: 'volcengine-coding',
    title: 'Volcengine Ark Coding Plan',
    speaks: {
      'openai-chat': { baseURL: 'https://ark.cn-beijing.volces.com/api/coding/v3', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://ark.cn-beijing.volces.com/api/coding', auth: 'bearer' },
    },
    keys: ['ARK_CODING_API_KEY'],
    quirks: arkQuirks,
    defaultModel: 'ark-code-latest',
    docs: 'https://www.volcengine.com/docs/82379',
    region: 'mainland',
  },
  {
    name: 'byteplus',
    title: 'BytePlus ModelArk',
    speaks: { 'openai-chat': { baseURL: 'https://ark.ap-southeast.bytepluses.com/api/v3', auth: 'bearer' } },
    keys: ['BYTEPLUS_API_KEY', 'BYTEPLUS_ARK_API_KEY'],
    quirks: arkQuirks,
    makes: ['seed-*'],
    defaultModel: 'seed-2-0-pro-260328',
    docs: 'https://docs.byteplus.com/en/docs/ModelArk/1544106',
    region: 'international',
  },
  {
    name: 'minimax',
    title: 'MiniMax',
    speaks: {
      'openai-chat': { baseURL: 'https://api.minimaxi.com/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.minimaxi.com/anthropic', auth: 'bearer' },
    },
    keys: ['MINIMAX_API_KEY', 'MINIMAX_CN_API_KEY'],
    quirks: minimaxQuirks,
    quirksByModel: minimaxByModel,
    makes: ['minimax-*', 'abab*'],
    defaultModel: 'MiniMax-M3',
    docs: 'https://platform.minimaxi.com/docs/api-reference/text-openai-api',
    region: 'mainland',
    keyHint: 'a key of platform.minimaxi.com; one of platform.minimax.io goes in MINIMAX_INTL_API_KEY',
  },
  {
    name: 'minimax-intl',
    title: 'MiniMax (international)',
    speaks: {
      'openai-chat': { baseURL: 'https://api.minimax.io/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.minimax.io/anthropic', auth: 'bearer' },
    },
    keys: ['MINIMAX_INTL_API_KEY'],
    quirks: minimaxQuirks,
    quirksByModel: minimaxByModel,
    makes: ['minimax-*'],
    defaultModel: 'MiniMax-M3',
    docs: 'https://platform.minimax.io/docs/api-reference/text-openai-api',
    region: 'international',
    keyHint: 'a key of platform.minimax.io',
  },
  {
    name: 'siliconflow',
    title: 'SiliconFlow',
    speaks: {
      'openai-chat': { baseURL: 'https://api.siliconflow.cn/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.siliconflow.cn', auth: 'bearer' },
    },
    keys: ['SILICONFLOW_API_KEY', 'SILICONFLOW_CN_API_KEY'],
    quirks: siliconflowQuirks,
    defaultModel: 'deepseek-ai/DeepSeek-V4-Flash',
    docs: 'https://docs.siliconflow.cn/docs/api/chat-completions-post',
    region: 'mainland',
    keyHint: 'a key of cloud.siliconflow.cn; one of siliconflow.com goes in SILICONFLOW_INTL_API_KEY',
  },
  {
    name: 'siliconflow-intl',
    title: 'SiliconFlow (international)',
    speaks: {
      'openai-chat': { baseURL: 'https://api.siliconflow.com/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.siliconflow.com', auth: 'bearer' },
    },
    keys: ['SILICONFLOW_INTL_API_KEY'],
    quirks: siliconflowQuirks,
    defaultModel: 'deepseek-ai/DeepSeek-V4-Flash',
    docs: 'https://docs.siliconflow.com/en/api-reference/chat-completions/chat-completions',
    region: 'international',
  },
  {
    name: 'hunyuan',
    title: 'Tencent Hunyuan',
    speaks: {
      'openai-chat': { baseURL: 'https://api.hunyuan.cloud.tencent.com/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.hunyuan.cloud.tencent.com/anthropic', auth: 'x-api-key' },
    },
    keys: ['HUNYUAN_API_KEY'],
    quirks: { ...thinking, reasoningSwitch: 'none', systemAnywhere: false, documents: false },
    makes: ['hunyuan-*'],
    defaultModel: 'hunyuan-2.0-instruct-20251111',
    docs: 'https://cloud.tencent.com/document/product/1729/111007',
    region: 'mainland',
  },
  {
    name: 'tencent-tokenhub',
    title: 'Tencent Cloud TokenHub',
    speaks: { 'openai-chat': { baseURL: 'https://tokenhub.tencentmaas.com/v1', auth: 'bearer' } },
    keys: ['TENCENT_TOKENHUB_API_KEY', 'TOKENHUB_API_KEY'],
    quirks: { ...thinking, documents: false },
    makes: ['hy3*', 'hy-*'],
    defaultModel: 'hy3-preview',
    docs: 'https://cloud.tencent.com/document/product/1823/132252',
    region: 'mainland',
  },
  {
    name: 'qianfan',
    title: 'Baidu Qianfan',
    speaks: {
      'openai-chat': { baseURL: 'https://qianfan.baidubce.com/v2', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://qianfan.baidubce.com/anthropic', auth: 'bearer' },
    },
    keys: ['QIANFAN_API_KEY'],
    quirks: { ...hostQuirks },
    makes: ['ernie-*'],
    defaultModel: 'ernie-4.5-turbo-128k',
    docs: 'https://cloud.baidu.com/doc/qianfan-api/s/3m7of64lb',
    region: 'mainland',
  },
  {
    name: 'stepfun',
    title: 'StepFun',
    speaks: {
      'openai-chat': { baseURL: 'https://api.stepfun.com/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.stepfun.com', auth: 'bearer' },
    },
    keys: ['STEPFUN_API_KEY', 'STEP_API_KEY'],
    quirks: stepQuirks,
    makes: ['step-*'],
    defaultModel: 'step-3.7-flash',
    docs: 'https://platform.stepfun.com/docs/zh/api-reference/chat/chat-completion-create',
    region: 'mainland',
    keyHint: 'a key of platform.stepfun.com; one of platform.stepfun.ai goes in STEPFUN_INTL_API_KEY',
  },
  {
    name: 'stepfun-intl',
    title: 'StepFun (international)',
    speaks: {
      'openai-chat': { baseURL: 'https://api.stepfun.ai/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.stepfun.ai', auth: 'bearer' },
    },
    keys: ['STEPFUN_INTL_API_KEY'],
    quirks: stepQuirks,
    makes: ['step-*'],
    defaultModel: 'step-3.7-flash',
    docs: 'https://platform.stepfun.ai/docs/en/overview/concept',
    region: 'international',
  },
  {
    name: 'baichuan',
    title: 'Baichuan',
    speaks: { 'openai-chat': { baseURL: 'https://api.baichuan-ai.com/v1', auth: 'bearer' } },
    keys: ['BAICHUAN_API_KEY'],
    quirks: { ...compatible, structuredOutput: 'json', reasoningSwitch: 'none', images: false, documents: false },
    makes: ['baichuan*'],
    defaultModel: 'Baichuan4-Turbo',
    docs: 'https://platform.baichuan-ai.com/docs/api',
    region: 'mainland',
  },
  {
    name: 'lingyi',
    title: '01.AI',
    speaks: { 'openai-chat': { baseURL: 'https://api.lingyiwanwu.com/v1', auth: 'bearer' } },
    keys: ['LINGYI_API_KEY', 'LINGYIWANWU_API_KEY', 'YI_API_KEY'],
    quirks: { ...compatible, structuredOutput: 'json', reasoningSwitch: 'none', documents: false },
    makes: ['yi-*'],
    defaultModel: 'yi-lightning',
    docs: 'https://platform.lingyiwanwu.com/docs/api-reference',
    region: 'mainland',
  },
  {
    name: 'sensenova',
    title: 'SenseNova',
    speaks: { 'openai-chat': { baseURL: 'https://token.sensenova.cn/v1', auth: 'bearer' } },
    keys: ['SENSENOVA_API_KEY'],
    quirks: { ...compatible, reasoningField: 'reasoning', documents: false },
    makes: ['sensenova-*', 'sensechat-*'],
    defaultModel: 'sensenova-6.8-flash-lite',
    docs: 'https://platform.sensenova.cn/token-plan',
    region: 'mainland',
  },
  {
    name: 'spark',
    title: 'iFlytek Spark',
    speaks: { 'openai-chat': { baseURL: 'https://spark-api-open.xf-yun.com/v1', auth: 'bearer' } },
    keys: ['SPARK_API_PASSWORD', 'IFLYTEK_SPARK_API_PASSWORD'],
    quirks: { ...thinking, reasoningSwitch: 'thinking_type', structuredOutput: 'json', images: false, documents: false, errorCodes: sparkCodes },
    makes: ['generalv3*', '4.0ultra', 'max-32k', 'pro-128k', 'spark-*'],
    defaultModel: '4.0Ultra',
    docs: 'https://www.xfyun.cn/doc/spark/HTTP%E8%B0%83%E7%94%A8%E6%96%87%E6%A1%A3.html',
    region: 'mainland',
    keyHint: "the APIPassword of the model's HTTP service; the X models answer at /v2 and /x2 instead of /v1",
  },
  {
    name: 'modelscope',
    title: 'ModelScope',
    speaks: {
      'openai-chat': { baseURL: 'https://api-inference.modelscope.cn/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api-inference.modelscope.cn', auth: 'bearer' },
    },
    keys: ['MODELSCOPE_API_KEY', 'MODELSCOPE_SDK_TOKEN', 'MODELSCOPE_API_TOKEN'],
    quirks: hostQuirks,
    defaultModel: 'ZhipuAI/GLM-4.6',
    docs: 'https://modelscope.cn/docs/model-service/API-Inference/intro',
    region: 'mainland',
  },
  {
    name: 'infini',
    title: 'Infinigence',
    speaks: { 'openai-chat': { baseURL: 'https://cloud.infini-ai.com/maas/v1', auth: 'bearer' } },
    keys: ['INFINI_API_KEY', 'GENSTUDIO_API_KEY'],
    quirks: hostQuirks,
    defaultModel: 'deepseek-v3.2',
    docs: 'https://docs.infini-ai.com/gen-studio/',
    region: 'mainland',
  },
  {
    name: 'ppio',
    title: 'PPIO',
    speaks: {
      'openai-chat': { baseURL: 'https://api.ppio.com/openai/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.ppio.com/anthropic', auth: 'bearer' },
    },
    keys: ['PPIO_API_KEY'],
    quirks: hostQuirks,
    defaultModel: 'deepseek/deepseek-v4-flash-0731',
    docs: 'https://ppio.com/docs/models/reference-llm-create-chat-completion',
    region: 'mainland',
  },
  {
    name: 'xiaomi-mimo',
    title: 'Xiaomi MiMo',
    speaks: {
      'openai-chat': { baseURL: 'https://api.xiaomimimo.com/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.xiaomimimo.com/anthropic', auth: 'bearer' },
    },
    keys: ['MIMO_API_KEY', 'XIAOMI_MIMO_API_KEY', 'XIAOMI_API_KEY'],
    quirks: {
      ...ownState,
      maxTokensField: 'max_completion_tokens',
      thinking: 'budget',
      reasoningField: 'reasoning_content',
      reasoningHistory: 'always',
      reasoningPlaceholder: '',
      reasoningSwitch: 'thinking_type',
      documents: false,
    },
    makes: ['mimo-*'],
    defaultModel: 'mimo-v2.6-pro',
    docs: 'https://platform.xiaomimimo.com/docs/en-US/quick-start/first-api-call',
    region: 'mainland',
  },
  {
    name: 'longcat',
    title: 'LongCat',
    speaks: {
      'openai-chat': { baseURL: 'https://api.longcat.chat/openai/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.longcat.chat/anthropic', auth: 'bearer' },
    },
    keys: ['LONGCAT_API_KEY'],
    quirks: { ...thinking, reasoningHistory: 'tool_calls', reasoningSwitch: 'thinking_type', temperatureMax: 1, images: false, documents: false },
    makes: ['longcat-*'],
    defaultModel: 'LongCat-2.0',
    docs: 'https://longcat.chat/platform/docs/api-docs',
    region: 'mainland',
  },
  {
    name: 'ant-ling',
    title: 'Ant Ling',
    speaks: {
      'openai-chat': { baseURL: 'https://api.ant-ling.com/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.ant-ling.com/anthropic', auth: 'bearer' },
    },
    keys: ['ANT_LING_API_KEY'],
    quirks: { ...thinking, reasoningSwitch: 'none', images: false, documents: false },
    makes: ['ling-*', 'ring-*'],
    defaultModel: 'Ling-2.6-1T',
    docs: 'https://alipaytbox.yuque.com/sxs0ba/ling/intro',
    region: 'mainland',
  },
  {
    name: 'qiniu',
    title: 'Qiniu',
    speaks: { 'openai-chat': { baseURL: 'https://api.qnaigc.com/v1', auth: 'bearer' } },
    keys: ['QINIU_API_KEY', 'QINIU_AI_API_KEY'],
    quirks: { ...thinking, documents: false },
    docs: 'https://developer.qiniu.com/aitokenapi',
    region: 'mainland',
  },
  {
    name: 'dashscope-coding',
    title: 'Alibaba Cloud Coding Plan',
    speaks: {
      'openai-chat': { baseURL: 'https://coding.dashscope.aliyuncs.com/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://coding.dashscope.aliyuncs.com/apps/anthropic', auth: 'bearer' },
    },
    keys: ['ALIBABA_CODING_PLAN_API_KEY'],
    quirks: qwenQuirks,
    quirksByModel: qwenByModel,
    docs: 'https://help.aliyun.com/zh/model-studio/coding-plan',
    region: 'mainland',
  },
  {
    name: 'mistral',
    title: 'Mistral',
    speaks: { 'openai-chat': { baseURL: 'https://api.mistral.ai/v1', auth: 'bearer' } },
    keys: ['MISTRAL_API_KEY'],
    quirks: {
      ...compatible,
      toolCallIds: 'alnum9',
      userAfterTool: false,
      streamUsage: false,
      prefill: false,
      reasoningHistory: 'never',
      seedField: 'random_seed',
      refuses: ['user', 'safety_identifier', 'logit_bias', 'logprobs', 'top_logprobs', 'service_tier', ...unlessOpenai],
    },
    makes: ['mistral-*', 'ministral-*', 'codestral-*', 'magistral-*', 'devstral-*', 'pixtral-*', 'voxtral-*', 'open-mistral-*', 'open-mixtral-*'],
    defaultModel: 'mistral-medium-latest',
    docs: 'https://docs.mistral.ai/api/',
  },
  {
    name: 'xai',
    title: 'xAI',
    speaks: {
      'openai-chat': { baseURL: 'https://api.x.ai/v1', auth: 'bearer' },
      'openai-responses': { baseURL: 'https://api.x.ai/v1', auth: 'bearer' },
    },
    keys: ['XAI_API_KEY'],
    // Which ids it takes is not documented: what OpenAI takes is safe.
    quirks: { ...ownState, reasoningField: 'reasoning_content', developerRole: false, toolCallIds: 'max40', storesResponses: true },
    quirksByModel: [
      { match: 'grok-4*', quirks: xaiReasoning },
      { match: 'grok-4*non-reasoning*', quirks: { refuses: [] } },
    ],
    makes: ['grok-*'],
    defaultModel: 'grok-4.7',
    docs: 'https://docs.x.ai/docs/api-reference',
  },
  {
    name: 'groq',
    title: 'Groq',
    speaks: { 'openai-chat': { baseURL: 'https://api.groq.com/openai/v1', auth: 'bearer' } },
    keys: ['GROQ_API_KEY'],
    quirks: {
      reasoningField: 'reasoning',
      reasoningHistory: 'never',
      structuredOutput: 'json',
      refuses: ['logprobs', 'top_logprobs', 'logit_bias', 'metadata', 'safety_identifier', ...unlessOpenai],
      documents: false,
    },
    quirksByModel: [
      { match: 'openai/gpt-oss-*', quirks: { reasoningHistory: 'tool_calls', structuredOutput: 'schema', images: false } },
      { match: 'llama-3*', quirks: textOnly },
    ],
    defaultModel: 'openai/gpt-oss-120b',
    docs: 'https://console.groq.com/docs/openai',
  },
  {
    name: 'cerebras',
    title: 'Cerebras',
    speaks: { 'openai-chat': { baseURL: 'https://api.cerebras.ai/v1', auth: 'bearer' } },
    keys: ['CEREBRAS_API_KEY'],
    quirks: {
      developerRole: false,
      reasoningField: 'reasoning',
      refuses: [
        'frequency_penalty',
        'presence_penalty',
        'logit_bias',
        'metadata',
        'safety_identifier',
        ...unlessOpenai.filter((key) => key !== 'prompt_cache_key'),
      ],
      documents: false,
    },
    defaultModel: 'gpt-oss-120b',
    docs: 'https://inference-docs.cerebras.ai/resources/openai',
  },
  {
    name: 'openrouter',
    title: 'OpenRouter',
    speaks: {
      'openai-chat': { baseURL: 'https://openrouter.ai/api/v1', auth: 'bearer' },
      'openai-responses': { baseURL: 'https://openrouter.ai/api/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://openrouter.ai/api', auth: 'bearer' },
    },
    keys: ['OPENROUTER_API_KEY'],
    quirks: { ...ownState, reasoningField: 'reasoning', developerRole: false },
    quirksByModel: claudeResold,
    defaultModel: 'openai/gpt-6.1-terra',
    docs: 'https://openrouter.ai/docs/api-reference/overview',
  },
  {
    name: 'together',
    title: 'Together AI',
    speaks: { 'openai-chat': { baseURL: 'https://api.together.ai/v1', auth: 'bearer' } },
    keys: ['TOGETHER_API_KEY', 'TOGETHERAI_API_KEY'],
    quirks: { ...compatible, reasoningField: 'reasoning', documents: false },
    defaultModel: 'openai/gpt-oss-120b',
    docs: 'https://docs.together.ai/docs/openai-api-compatibility',
  },
  {
    name: 'fireworks',
    title: 'Fireworks AI',
    speaks: {
      'openai-chat': { baseURL: 'https://api.fireworks.ai/inference/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.fireworks.ai/inference', auth: 'bearer' },
    },
    keys: ['FIREWORKS_API_KEY'],
    quirks: { ...thinking, thinking: 'adaptive' },
    defaultModel: 'accounts/fireworks/models/glm-5p3',
    docs: 'https://docs.fireworks.ai/tools-sdks/openai-compatibility',
  },
  {
    name: 'nvidia',
    title: 'NVIDIA NIM',
    speaks: { 'openai-chat': { baseURL: 'https://integrate.api.nvidia.com/v1', auth: 'bearer' } },
    keys: ['NVIDIA_API_KEY'],
    quirks: { ...thinking, documents: false },
    defaultModel: 'nvidia/nemotron-3-ultra-550b-a55b',
    docs: 'https://docs.api.nvidia.com/nim/',
  },
  {
    name: 'perplexity',
    title: 'Perplexity',
    speaks: { 'openai-chat': { baseURL: 'https://api.perplexity.ai', auth: 'bearer', exact: true } },
    keys: ['PERPLEXITY_API_KEY'],
    quirks: { ...compatible, systemAnywhere: false, tools: false },
    makes: ['sonar*'],
    defaultModel: 'sonar',
    docs: 'https://docs.perplexity.ai/api-reference/chat-completions-post',
  },
  {
    name: 'cohere',
    title: 'Cohere',
    speaks: {
      // Its own format has the documents, the citations and the plan, which the compatible one leaves out.
      cohere: { baseURL: 'https://api.cohere.com', auth: 'bearer' },
      'openai-chat': { baseURL: 'https://api.cohere.ai/compatibility/v1', auth: 'bearer' },
    },
    keys: ['COHERE_API_KEY', 'CO_API_KEY'],
    quirks: { maxTokensField: 'max_tokens', temperatureMax: 1, documents: false, systemAnywhere: false },
    makes: ['command-*', 'c4ai-*', 'north-*'],
    defaultModel: 'command-a-plus-05-2026',
    docs: 'https://docs.cohere.com/reference/chat',
  },
  {
    name: 'sambanova',
    title: 'SambaNova',
    speaks: { 'openai-chat': { baseURL: 'https://api.sambanova.ai/v1', auth: 'bearer' } },
    keys: ['SAMBANOVA_API_KEY'],
    quirks: { ...compatible, documents: false },
    docs: 'https://docs.sambanova.ai/docs/en/features/openai-compatibility',
  },
  {
    name: 'deepinfra',
    title: 'DeepInfra',
    speaks: {
      'openai-chat': { baseURL: 'https://api.deepinfra.com/v1/openai', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.deepinfra.com/anthropic', auth: 'bearer' },
    },
    keys: ['DEEPINFRA_API_KEY', 'DEEPINFRA_TOKEN'],
    quirks: { ...thinking, documents: false },
    defaultModel: 'openai/gpt-oss-120b',
    docs: 'https://deepinfra.com/docs/openai_api',
  },
  {
    name: 'novita',
    title: 'Novita AI',
    speaks: {
      'openai-chat': { baseURL: 'https://api.novita.ai/openai/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://api.novita.ai/anthropic', auth: 'bearer' },
    },
    keys: ['NOVITA_API_KEY'],
    quirks: hostQuirks,
    defaultModel: 'deepseek/deepseek-v4-flash',
    docs: 'https://novita.ai/docs/guides/llm-api',
    region: 'international',
  },
  {
    name: 'hyperbolic',
    title: 'Hyperbolic',
    speaks: { 'openai-chat': { baseURL: 'https://api.hyperbolic.xyz/v1', auth: 'bearer' } },
    keys: ['HYPERBOLIC_API_KEY'],
    quirks: { ...compatible, documents: false },
    docs: 'https://docs.hyperbolic.xyz/docs/inference-api',
  },
  {
    name: 'nebius',
    title: 'Nebius Token Factory',
    speaks: { 'openai-chat': { baseURL: 'https://api.tokenfactory.nebius.com/v1', auth: 'bearer' } },
    keys: ['NEBIUS_API_KEY'],
    quirks: { ...thinking, documents: false },
    defaultModel: 'openai/gpt-oss-120b',
    docs: 'https://docs.tokenfactory.nebius.com/',
  },
  {
    name: 'baseten',
    title: 'Baseten',
    speaks: { 'openai-chat': { baseURL: 'https://inference.baseten.co/v1', auth: 'bearer' } },
    keys: ['BASETEN_API_KEY'],
    quirks: { ...thinking, documents: false },
    defaultModel: 'openai/gpt-oss-120b',
    docs: 'https://docs.baseten.co/inference/model-apis/overview',
  },
  {
    name: 'huggingface',
    title: 'Hugging Face',
    speaks: { 'openai-chat': { baseURL: 'https://router.huggingface.co/v1', auth: 'bearer' } },
    keys: ['HF_TOKEN', 'HUGGINGFACE_API_KEY'],
    quirks: { developerRole: false },
    defaultModel: 'openai/gpt-oss-120b',
    docs: 'https://huggingface.co/docs/inference-providers',
  },
  {
    name: 'github-models',
    title: 'GitHub Models',
    speaks: { 'openai-chat': { baseURL: 'https://models.github.ai/inference', auth: 'bearer' } },
    keys: ['GITHUB_MODELS_TOKEN'],
    quirks: {},
    defaultModel: 'openai/gpt-4o-mini',
    docs: 'https://docs.github.com/en/rest/models/inference',
    keyHint: 'a personal access token with models:read; GITHUB_TOKEN is left alone because it is set for other ends',
  },
  {
    name: 'vercel-ai-gateway',
    title: 'Vercel AI Gateway',
    speaks: {
      'openai-chat': { baseURL: 'https://ai-gateway.vercel.sh/v1', auth: 'bearer' },
      'openai-responses': { baseURL: 'https://ai-gateway.vercel.sh/v1', auth: 'bearer' },
      'anthropic-messages': { baseURL: 'https://ai-gateway.vercel.sh', auth: 'bearer' },
    },
    keys: ['AI_GATEWAY_API_KEY'],
    quirks: { ...ownState, reasoningField: 'reasoning' },
    quirksByModel: claudeResold,
    defaultModel: 'openai/gpt-6.1-sol',
    docs: 'https://vercel.com/docs/ai-gateway/openai-compat',
  },
  {
    name: 'ollama',
    title: 'Ollama',
    // Its copy of Anthropic's format passes over what it does not know (a choice of tools, errors and images of results) and is not in
    // every version: callers of that format lose less by a translation to its own, which says what is lost.
    speaks: {
      ollama: { baseURL: 'http://127.0.0.1:11434', auth: 'none' },
      'openai-chat': { baseURL: 'http://127.0.0.1:11434/v1', auth: 'none' },
    },
    keys: [],
    quirks: ollamaQuirks,
    docs: 'https://docs.ollama.com/api',
    local: true,
  },
  {
    name: 'ollama-cloud',
    title: 'Ollama Cloud',
    speaks: {
      ollama: { baseURL: 'https://ollama.com', auth: 'bearer' },
      'openai-chat': { baseURL: 'https://ollama.com/v1', auth: 'bearer' },
    },
    keys: ['OLLAMA_API_KEY'],
    quirks: ollamaQuirks,
    docs: 'https://docs.ollama.com/cloud',
  },
  {
    name: 'vllm',
    title: 'vLLM',
    speaks: {
      'openai-chat': { baseURL: 'http://127.0.0.1:8000/v1', auth: 'none' },
      'anthropic-messages': { baseURL: 'http://127.0.0.1:8000', auth: 'none' },
    },
    keys: [],
    quirks: { ...compatible, ...ownState, reasoningField: 'reasoning', thinking: 'budget', documents: false },
    docs: 'https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html',
    local: true,
  },
  {
    name: 'lmstudio',
    title: 'LM Studio',
    speaks: {
      'openai-chat': { baseURL: 'http://127.0.0.1:1234/v1', auth: 'none' },
      'anthropic-messages': { baseURL: 'http://127.0.0.1:1234', auth: 'none' },
    },
    keys: [],
    quirks: { ...thinking, documents: false },
    docs: 'https://lmstudio.ai/docs/developer/openai-compat',
    local: true,
  },
  {
    name: 'llamacpp',
    title: 'llama.cpp server',
    speaks: {
      'openai-chat': { baseURL: 'http://127.0.0.1:8080/v1', auth: 'none' },
      'anthropic-messages': { baseURL: 'http://127.0.0.1:8080', auth: 'none' },
    },
    keys: [],
    quirks: { ...thinking, documents: false },
    docs: 'https://github.com/ggml-org/llama.cpp/tree/master/tools/server',
    local: true,
  },
  {
    name: 'sglang',
    title: 'SGLang',
    speaks: { 'openai-chat': { baseURL: 'http://127.0.0.1:30000/v1', auth: 'none' } },
    keys: [],
    quirks: { ...thinking, documents: false },
    docs: 'https://docs.sglang.ai/basic_usage/openai_api_completions.html',
    local: true,
  },
] as const satisfies readonly Provider[];

const byName: ReadonlyMap<string, Provider> = new Map(providers.map((provider) => [provider.name, provider]));

/** The catalogue's entry of that name, if it has one. */
export function findProvider(name: string): Provider | undefined {
  return byName.get(name);
}
