import type { Deadlines } from 'modelwire/internal/core/deadline';
import type { DialectName } from 'modelwire/internal/core/ir';
import type { Fidelity } from 'modelwire/internal/core/notes';
import type { UpstreamCode } from 'modelwire/internal/core/errors';
import type { AuthScheme, Quirks } from 'modelwire/internal/core/target';
import * as v from 'valibot';
import { either, mapping, parsed, section } from './kinds.ts';
import { durationPattern, longest, parseDuration, parseSize, parseWhole, sizePattern } from './units.ts';

/**
 * The configuration file, as one schema: it checks the file, types it, and is published as JSON Schema. A message says what the value
 * must be and never shows the value, which may be a secret.
 */

const must = (what: string) => (issue: { readonly input: unknown }) => (issue.input === undefined ? 'is missing' : `must be ${what}`);

const anyText = (what = 'text (put quotes around it)') => v.string(must(what));

const text = (what?: string) => v.pipe(anyText(what), v.nonEmpty('must not be empty'));

const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) => v.picklist(words, must(`one of ${words.join(', ')}`));

const number = () => v.pipe(v.number(must('a number')), v.finite(must('a number')));

const list = <const Item extends v.GenericSchema>(item: Item, what: string) => v.array(item, must(what));

/** What it is, for editors. */
const about = <const Schema extends v.GenericSchema>(description: string, schema: Schema) => v.pipe(schema, v.description(description));

const flag = parsed(
  v.boolean(),
  (value) => (value === 'true' ? true : value === 'false' ? false : typeof value === 'boolean' ? value : undefined),
  'must be true or false',
);

const whole = (least: number, most: number) =>
  parsed(
    v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most)),
    (value) => parseWhole(value, least, most),
    `must be a whole number from ${least} to ${most}`,
  );

const measure = (pattern: RegExp, parse: (value: number | string) => number | undefined, message: string) =>
  parsed(
    v.union([v.pipe(v.number(), v.gtValue(0)), v.pipe(v.string(), v.regex(pattern))]),
    (value) => (typeof value === 'number' || (typeof value === 'string' && pattern.test(value)) ? parse(value) : undefined),
    message,
  );

const duration = measure(durationPattern, parseDuration, `must be a duration: 8s, 500ms, 2m, or a number of milliseconds from 1 to ${longest}`);
const size = measure(sizePattern, parseSize, 'must be a size: 32MiB, 500kB, or a number of bytes');

const url = v.pipe(
  text('a URL in quotes'),
  v.check(isPlainURL, 'must be an http:// or https:// URL, without user, password, fragment or query (but for api-version)'),
);

/** A query may hold a key, and addresses are shown: of Azure's version alone it is known that it does not. */
function isPlainURL(value: string): boolean {
  const parsed = URL.parse(value);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.password !== '' || parsed.hash !== '') return false;
  return parsed.search === '' || /^\?api-version=[\w.-]+$/.test(parsed.search);
}

const proxy = v.pipe(
  text('a proxy URL in quotes, or none'),
  v.check((value) => value === 'none' || /^https?:$/.test(URL.parse(value)?.protocol ?? ''), 'must be an http:// or https:// URL of a proxy, or none'),
);

const dialects = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'cohere',
  'ollama',
  'bedrock-converse',
] as const satisfies readonly DialectName[];
const dialect = v.picklist(dialects, `must be one of ${dialects.join(', ')}`);

/** A schema for every quirk there is, so that a new quirk cannot be forgotten here. */
type QuirkShape = { readonly [name in keyof Required<Quirks>]: v.GenericSchema<unknown, Required<Quirks>[name]> };

const off = v.literal(false, must('false (leave it out otherwise)'));
const on = v.literal(true, must('true (leave it out otherwise)'));

/** What a provider's own error code can be said to mean. */
const upstreamCodes = [
  'invalid_request',
  'context_length_exceeded',
  'content_filter',
  'insufficient_quota',
  'rate_limit_exceeded',
  'overloaded',
  'model_not_found',
  'conflict',
  'request_too_large',
  'loop_detected',
  'upstream_auth',
  'upstream_error',
] as const satisfies readonly UpstreamCode[];

const quirkShape = {
  maxTokensField: oneOf(['max_tokens', 'max_completion_tokens']),
  developerRole: off,
  reasoningField: oneOf(['reasoning_content', 'reasoning']),
  reasoningHistory: oneOf(['tool_calls', 'always', 'never']),
  reasoningPlaceholder: anyText(),
  reasoningSwitch: oneOf(['reasoning_effort', 'thinking_type', 'enable_thinking', 'none']),
  thinking: oneOf(['adaptive', 'budget', 'none']),
  ownState: flag,
  streamUsage: off,
  refuses: list(text(), 'a list of field names'),
  seedField: oneOf(['random_seed']),
  forcedToolChoice: off,
  tools: off,
  structuredOutput: oneOf(['schema', 'json', 'none']),
  temperatureMax: number(),
  toolCallIds: oneOf(['alnum9', 'max40']),
  toolNames: v.literal('letterFirst', must('letterFirst')),
  userAfterTool: off,
  contentParts: off,
  systemAnywhere: off,
  images: off,
  imageUrls: off,
  documents: off,
  threads: on,
  storesResponses: on,
  systemInMessages: on,
  prefill: off,
  errorInside: text(),
  errorCodes: mapping(text(), oneOf(upstreamCodes), 'a mapping from error codes to what they mean'),
  usageInChoice: on,
  callSignatures: on,
  stopMax: whole(0, 1000),
} satisfies QuirkShape;

type Optional<Entries extends v.ObjectEntries> = { readonly [name in keyof Entries]: v.OptionalSchema<Entries[name], undefined> };

function optional<Entries extends v.ObjectEntries>(entries: Entries): Optional<Entries> {
  return Object.fromEntries(Object.entries(entries).map(([name, schema]) => [name, v.optional(schema)])) as Optional<Entries>;
}

const quirks = section(optional(quirkShape));

/** Set by the transport itself; a configured one would break the framing of the request. */
const ownHeaders = /^(host|connection|content-length|transfer-encoding|upgrade|expect|te|trailer)$/i;

const headers = mapping(
  v.pipe(
    v.string(),
    v.regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'is not a legal header name'),
    v.check((name) => !ownHeaders.test(name), 'is set by modelwire itself'),
  ),
  v.pipe(text('text (put quotes around it)'), v.regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'holds a character that no header may hold')),
  'a mapping of header names to values',
);

const speaks = either(
  v.pipe(v.array(dialect), v.nonEmpty('must name at least one format')),
  section({
    'openai-chat': v.optional(url),
    'openai-responses': v.optional(url),
    'anthropic-messages': v.optional(url),
    gemini: v.optional(url),
    cohere: v.optional(url),
    ollama: v.optional(url),
    'bedrock-converse': v.optional(url),
  }),
  `must be a list of dialects (${dialects.join(', ')}), or a mapping from dialect to base URL`,
);

const authSchemes = ['bearer', 'x-api-key', 'api-key', 'x-goog-api-key', 'aws', 'none'] as const satisfies readonly AuthScheme[];

const provider = section(
  {
    speaks: about('The wire formats it speaks, or a mapping from format to base URL.', v.optional(speaks)),
    baseURL: about(
      'What the official SDK takes ({model} stands for the model): with /v1 for openai-chat and openai-responses, without for anthropic-messages, gemini, cohere, ollama and bedrock-converse.',
      v.optional(url),
    ),
    key: about('The key, best as "${NAME}"; none when it asks for no key. A key pair of AWS is ID:SECRET, or ID:SECRET:SESSION_TOKEN.', v.optional(anyText())),
    auth: about('The header that carries the key.', v.optional(oneOf(authSchemes))),
    quirks: about('How it differs from the official behaviour of its format.', v.nullish(quirks)),
    models: about('Names of models it has besides those known.', v.nullish(list(text('a model name'), 'a list of model names'))),
    headers: about('Extra headers on every call.', v.nullish(headers)),
    proxy: about('Proxy for this provider instead of HTTPS_PROXY; none goes direct.', v.optional(proxy)),
    caFile: about('PEM file with extra certificate authorities.', v.optional(text('a file name'))),
    enabled: about('false switches it off, whatever keys there are.', v.optional(flag)),
  },
  ['keys', 'models_url', 'price', 'limits', 'deadline', 'retry', 'breaker', 'weight'],
);

const deadlineShape = {
  connect: about('Until the connection stands.', duration),
  headers: about('Until the response head has come.', duration),
  firstToken: about('Until the first content of a stream.', duration),
  idle: about('Between two content events.', duration),
  total: about('Over all attempts.', duration),
} satisfies { readonly [name in keyof Deadlines]: v.GenericSchema };

const fidelities = ['strict', 'carry', 'lenient'] as const satisfies readonly Fidelity[];

const retry = section({ attempts: about('Tries per call, the first included; default 3.', v.optional(whole(1, 10))) }, ['budget', 'backoff', 'on']);
const fidelity = about('strict refuses every loss, carry (default) what changes the contract, lenient nothing.', oneOf(fidelities));
/** Policies that are not there yet: they may be said to be off. */
const notYet = v.union([v.literal('off'), v.literal(false)], 'is not supported yet: leave it out, or say off');
const policyShape = {
  retry: v.nullish(retry),
  deadline: v.nullish(section(optional(deadlineShape))),
  fidelity: v.optional(fidelity),
  breaker: v.optional(notYet),
  failover: v.optional(notYet),
  hedge: v.optional(notYet),
};

const targetName = text('"provider/model"');
const weight = about('Not used yet: the first target that can answer does.', v.pipe(number(), v.gtValue(0, 'must be a number above 0')));
const target = either(
  targetName,
  section({ model: about('provider/model', targetName), weight: v.optional(weight) }, ['key', 'deadline', 'retry']),
  'must be "provider/model", or a mapping with model',
);

const route = section(
  {
    targets: about('provider/model, in order.', v.optional(v.pipe(list(target, 'a list'), v.nonEmpty('must name at least one target')))),
    order: about(
      'provider/model or names of other routes, in order.',
      v.optional(v.pipe(list(text('"provider/model" or the name of a route'), 'a list'), v.nonEmpty('must name at least one target'))),
    ),
    ...policyShape,
  },
  ['weight', 'fallback', 'cache', 'strategy', 'sticky', 'canary', 'budget', 'limit'],
);

const key = section(
  {
    name: about('Shown in records instead of the key.', text('a name')),
    hash: about(
      'sha256: and the hex digest of the key; `modelwire key new NAME` makes both.',
      v.pipe(text(), v.regex(/^sha256:[0-9a-f]{64}$/i, 'must be "sha256:" and 64 hexadecimal digits; `modelwire key new NAME` makes one')),
    ),
    models: about(
      'Names or patterns it may ask for; all when left out.',
      v.nullish(list(text('a model name or pattern'), 'a list of model names or patterns')),
    ),
  },
  ['budget', 'limit', 'limits', 'expires', 'rpm', 'tpm', 'owner'],
);

const server = section(
  {
    host: about('Default 127.0.0.1.', v.optional(text('a host name or address'))),
    port: about('Default 4000; 0 picks a free one.', v.optional(whole(0, 65_535))),
    allowedHosts: about('Host names that clients may use besides the loopback ones.', v.nullish(list(text('a host name'), 'a list of host names'))),
    bodyLimit: about('Largest request body; default 32MiB.', v.optional(size)),
    keyless: about('true: answer without keys on an address that others can reach.', v.optional(flag)),
  },
  ['tls', 'cors', 'console', 'adminKey'],
);

const store = either(
  v.literal('memory'),
  section({ file: text('a file name') }, ['url', 'postgres', 'redis', 'retention']),
  'must be memory, or a mapping with file',
);

const conversations = either(
  v.union([v.literal('off'), v.literal(false)]),
  section({
    keep: about('How long a turn is kept after it was last used; default 24h.', v.optional(duration)),
    size: about('All turns together; default 256MiB.', v.optional(size)),
    file: about('A SQLite file; without it they are kept in memory.', v.optional(text('a file name'))),
  }),
  'must be off, or a mapping with keep, size or file',
);

const hostPattern = v.pipe(text('a host name'), v.regex(/^(?:\*\.)?[A-Za-z0-9][A-Za-z0-9._:-]*$/, 'must be a host name without scheme or port, or *. and one'));

const media = section({
  fetch: about(
    'What is fetched of the images and documents that callers give by their address: off (default), public (any host of the public internet), or a list of hosts.',
    v.optional(
      either(
        v.union([v.literal('off'), v.literal('public'), v.literal(false)]),
        list(hostPattern, 'a list of host names'),
        'must be off, public, or a list of host names',
      ),
    ),
  ),
  size: about('Largest file; default 20MiB.', v.optional(size)),
});

const localSection = section({
  enabled: about('Default true.', v.optional(flag)),
  model: about('A GGUF file, or the URL of one; default: the model that modelwire brings.', v.optional(text('a GGUF file or an http(s) URL'))),
  sha256: about('Checksum of the model file.', v.optional(v.pipe(text(), v.regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits')))),
  threads: v.optional(whole(1, 1024)),
  context: about('Tokens that one conversation may hold.', v.optional(whole(256, 1_048_576))),
  slots: about('Answers made at the same time.', v.optional(whole(1, 256))),
});

const local = either(flag, localSection, 'must be true, false, or a mapping');

const name = v.pipe(text('a name'), v.regex(/^[a-z0-9][a-z0-9._-]*$/, 'a provider name is lower-case letters, digits, ".", "_" and "-"'));

/** The whole file. */
export const configSchema = section(
  {
    $schema: about('For editors.', v.optional(anyText())),
    server: v.nullish(server),
    providers: about('Providers by name; {} for one that modelwire knows.', v.nullish(mapping(name, v.nullable(provider), 'a mapping of provider names'))),
    routes: about(
      'Names (or patterns with *) that clients ask for, and what answers them.',
      v.nullish(mapping(text('a name'), route, 'a mapping of route names')),
    ),
    ...policyShape,
    keys: about('Who may call; none on loopback means anyone there.', v.nullish(list(key, 'a list of keys ("- name: …")'))),
    store: about('Where records are kept: memory, or a file.', v.nullish(store)),
    conversations: about('Turns that callers leave to the gateway (message threads, stored responses).', v.nullish(conversations)),
    media: about('Images and documents by their address, for models that take them as data only.', v.nullish(media)),
    local: about('The embedded model.', v.nullish(local)),
    mock: about('true: the scripted provider answers mock/….', v.optional(flag)),
    http: about("The HTTP/1.1 engine on both sides: lean (default), modelwire's own; node: node:http and undici.", v.optional(oneOf(['lean', 'node']))),
    log: about('One line per call on stdout; auto (default): text on a terminal, else json.', v.optional(oneOf(['auto', 'json', 'text', 'off']))),
  },
  ['cache', 'limits', 'limit', 'budget', 'budgets', 'guards', 'trace', 'metrics', 'console', 'aliases'],
);

/** What a correct file holds, defaults not yet filled in. */
export type ConfigFile = v.InferOutput<typeof configSchema>;
