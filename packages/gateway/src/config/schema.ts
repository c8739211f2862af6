import type { Deadlines } from 'modelwire/internal/core/deadline';
import type { DialectName } from 'modelwire/internal/core/ir';
import type { Fidelity } from 'modelwire/internal/core/notes';
import type { UpstreamCode } from 'modelwire/internal/core/errors';
import type { AuthScheme, Quirks } from 'modelwire/internal/core/target';
import { z } from 'zod';
import { durationPattern, longest, parseDuration, parseSize, parseWhole, sizePattern } from './units.ts';
import { unknownKeys } from './unknown-key.ts';

/**
 * The configuration file, as one schema: it checks the file, types it, and is published as JSON Schema. A message says what the value
 * must be and never shows the value, which may be a secret.
 */

type Shape = Readonly<Record<string, z.ZodType>>;

/** A mapping with known keys only. `later` are keys that the design has and this version has not: refused, never ignored. */
function section<S extends Shape>(shape: S, later: readonly string[] = []) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys, { known: Object.keys(shape), later }) : 'must be a mapping (indented "name: value" lines)',
  });
}

const must = (what: string) => ({ error: (issue: { readonly input?: unknown }) => (issue.input === undefined ? 'is missing' : `must be ${what}`) });

const text = (what = 'text (put quotes around it)') => z.string(must(what)).min(1, { error: 'must not be empty' });

const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) => z.enum(words, must(`one of ${words.join(', ')}`));

const flag = z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean(must('true or false')));

function whole(least: number, most: number) {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.preprocess((value) => parseWhole(value, least, most) ?? value, z.int({ error }).min(least, { error }).max(most, { error }));
}

function measure(pattern: RegExp, parse: (value: number | string) => number | undefined, error: string) {
  return z.union([z.number({ error }).positive({ error }), z.string({ error }).regex(pattern, { error })], { error }).transform((value, context): number => {
    const number = parse(value);
    if (number !== undefined) return number;
    context.addIssue({ code: 'custom', message: error });
    return z.NEVER;
  });
}

const duration = measure(durationPattern, parseDuration, `must be a duration: 8s, 500ms, 2m, or a number of milliseconds from 1 to ${longest}`);
const size = measure(sizePattern, parseSize, 'must be a size: 32MiB, 500kB, or a number of bytes');

const url = text('a URL in quotes').refine(isPlainURL, {
  error: 'must be an http:// or https:// URL, without user, password, query or fragment',
});

function isPlainURL(value: string): boolean {
  const parsed = URL.parse(value);
  return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.password === '' && parsed.search === '' && parsed.hash === '';
}

const proxy = text('a proxy URL in quotes, or none').refine((value) => value === 'none' || /^https?:$/.test(URL.parse(value)?.protocol ?? ''), {
  error: 'must be an http:// or https:// URL of a proxy, or none',
});

const dialects = ['openai-chat', 'anthropic-messages'] as const satisfies readonly DialectName[];
const laterDialects = ['openai-responses', 'gemini', 'bedrock-converse', 'ollama', 'cohere'];
const dialect = z.enum(dialects, {
  error: (issue) =>
    typeof issue.input === 'string' && laterDialects.includes(issue.input)
      ? `${issue.input} is not supported yet, use one of ${dialects.join(', ')}`
      : `must be one of ${dialects.join(', ')}`,
});

/** A schema for every quirk there is, so that a new quirk cannot be forgotten here. */
type QuirkShape = { readonly [name in keyof Required<Quirks>]: z.ZodType<Required<Quirks>[name]> };

const off = z.literal(false, must('false (leave it out otherwise)'));
const on = z.literal(true, must('true (leave it out otherwise)'));

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
  reasoningPlaceholder: z.string(must('text (put quotes around it)')),
  reasoningSwitch: oneOf(['reasoning_effort', 'thinking_type', 'enable_thinking', 'none']),
  thinking: oneOf(['adaptive', 'budget', 'none']),
  streamUsage: off,
  refuses: z.array(text(), must('a list of field names')),
  seedField: oneOf(['random_seed']),
  forcedToolChoice: off,
  structuredOutput: oneOf(['schema', 'json', 'none']),
  temperatureMax: z.number(must('a number')),
  toolCallIds: z.literal('alnum9', must('alnum9')),
  contentParts: off,
  systemAnywhere: off,
  images: off,
  imageUrls: off,
  documents: off,
  threads: on,
  systemInMessages: on,
  prefill: off,
  errorInside: text(),
  errorCodes: z.record(text(), oneOf(upstreamCodes), must('a mapping from error codes to what they mean')),
  usageInChoice: on,
  stopMax: whole(0, 1000),
} satisfies QuirkShape;

const quirks = section(optional(quirkShape));

type Optional<S extends Shape> = { readonly [name in keyof S]: z.ZodOptional<S[name]> };

function optional<S extends Shape>(shape: S): Optional<S> {
  return Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, z.optional(schema)])) as Optional<S>;
}

/** Set by the transport itself; a configured one would break the framing of the request. */
const ownHeaders = /^(host|connection|content-length|transfer-encoding|upgrade|expect|te|trailer)$/i;

const headers = z.record(
  z
    .string()
    .regex(/^[!#$%&'*+.^_`|~\w-]+$/, { error: 'is not a legal header name' })
    .refine((name) => !ownHeaders.test(name), { error: 'is set by modelwire itself' }),
  text('text (put quotes around it)').regex(/^[\t\x20-\x7e\x80-\xff]*$/, { error: 'holds a character that no header may hold' }),
  must('a mapping of header names to values'),
);

const speaks = z.union([z.array(dialect).min(1), section({ 'openai-chat': url.optional(), 'anthropic-messages': url.optional() }, laterDialects)], {
  error: `must be a list of dialects (${dialects.join(', ')}), or a mapping from dialect to base URL`,
});

const authSchemes = ['bearer', 'x-api-key', 'api-key', 'none'] as const satisfies readonly AuthScheme[];

const provider = section(
  {
    speaks: speaks.optional().describe('The wire formats it speaks, or a mapping from format to base URL.'),
    baseURL: url.optional().describe('What the official SDK takes: with /v1 for openai-chat, without for anthropic-messages.'),
    key: z.string(must('text (put quotes around it)')).optional().describe('The key, best as "${NAME}"; none when it asks for no key.'),
    auth: oneOf(authSchemes).optional().describe('The header that carries the key.'),
    quirks: quirks.nullish().describe('How it differs from the official behaviour of its format.'),
    models: z.array(text('a model name'), must('a list of model names')).nullish().describe('Names of models it has besides those known.'),
    headers: headers.nullish().describe('Extra headers on every call.'),
    proxy: proxy.optional().describe('Proxy for this provider instead of HTTPS_PROXY; none goes direct.'),
    caFile: text('a file name').optional().describe('PEM file with extra certificate authorities.'),
    enabled: flag.optional().describe('false switches it off, whatever keys there are.'),
  },
  ['keys', 'models_url', 'price', 'limits', 'deadline', 'retry', 'breaker', 'weight'],
);

const deadlineShape = {
  connect: duration.describe('Until the connection stands.'),
  headers: duration.describe('Until the response head has come.'),
  firstToken: duration.describe('Until the first content of a stream.'),
  idle: duration.describe('Between two content events.'),
  total: duration.describe('Over all attempts.'),
} satisfies { readonly [name in keyof Deadlines]: z.ZodType };

const fidelities = ['strict', 'carry', 'lenient'] as const satisfies readonly Fidelity[];

const retry = section({ attempts: whole(1, 10).optional().describe('Tries per call, the first included; default 3.') }, ['budget', 'backoff', 'on']);
const fidelity = oneOf(fidelities).describe('strict refuses every loss, carry (default) what changes the contract, lenient nothing.');
/** Policies that are not there yet: they may be said to be off. */
const notYet = z.union([z.literal('off'), z.literal(false)], { error: 'is not supported yet: leave it out, or say off' });
const policyShape = {
  retry: retry.nullish(),
  deadline: section(optional(deadlineShape)).nullish(),
  fidelity: fidelity.optional(),
  breaker: notYet.optional(),
  failover: notYet.optional(),
  hedge: notYet.optional(),
};

const targetName = text('"provider/model"');
const weight = z.number(must('a number')).positive(must('a number above 0')).describe('Not used yet: the first target that can answer does.');
const target = z.union([targetName, section({ model: targetName.describe('provider/model'), weight: weight.optional() }, ['key', 'deadline', 'retry'])], {
  error: 'must be "provider/model", or a mapping with model',
});

const route = section(
  {
    targets: z.array(target, must('a list')).min(1, { error: 'must name at least one target' }).optional().describe('provider/model, in order.'),
    order: z
      .array(text('"provider/model" or the name of a route'), must('a list'))
      .min(1, { error: 'must name at least one target' })
      .optional()
      .describe('provider/model or names of other routes, in order.'),
    ...policyShape,
  },
  ['weight', 'fallback', 'cache', 'strategy', 'sticky', 'canary', 'budget', 'limit'],
);

const key = section(
  {
    name: text('a name').describe('Shown in records instead of the key.'),
    hash: text()
      .regex(/^sha256:[0-9a-f]{64}$/i, { error: 'must be "sha256:" and 64 hexadecimal digits; `modelwire key new NAME` makes one' })
      .describe('sha256: and the hex digest of the key; `modelwire key new NAME` makes both.'),
    models: z
      .array(text('a model name or pattern'), must('a list of model names or patterns'))
      .nullish()
      .describe('Names or patterns it may ask for; all when left out.'),
  },
  ['budget', 'limit', 'limits', 'expires', 'rpm', 'tpm', 'owner'],
);

const server = section(
  {
    host: text('a host name or address').optional().describe('Default 127.0.0.1.'),
    port: whole(0, 65_535).optional().describe('Default 4000; 0 picks a free one.'),
    allowedHosts: z.array(text('a host name'), must('a list of host names')).nullish().describe('Host names that clients may use besides the loopback ones.'),
    bodyLimit: size.optional().describe('Largest request body; default 32MiB.'),
    keyless: flag.optional().describe('true: answer without keys on an address that others can reach.'),
  },
  ['tls', 'cors', 'console', 'adminKey'],
);

const store = z.union([z.literal('memory'), section({ file: text('a file name') }, ['url', 'postgres', 'redis', 'retention'])], {
  error: 'must be memory, or a mapping with file',
});

const localSection = section({
  enabled: flag.optional().describe('Default true.'),
  model: text('a GGUF file or an http(s) URL').optional().describe('A GGUF file, or the URL of one; default: the model that modelwire brings.'),
  sha256: text()
    .regex(/^[0-9a-f]{64}$/i, { error: 'must be 64 hexadecimal digits' })
    .optional()
    .describe('Checksum of the model file.'),
  threads: whole(1, 1024).optional(),
  context: whole(256, 1_048_576).optional().describe('Tokens that one conversation may hold.'),
  slots: whole(1, 256).optional().describe('Answers made at the same time.'),
});

const local = z.union([flag, localSection], { error: 'must be true, false, or a mapping' });

const name = text('a name').regex(/^[a-z0-9][a-z0-9._-]*$/, { error: 'a provider name is lower-case letters, digits, ".", "_" and "-"' });

/** The whole file. */
export const configSchema = section(
  {
    $schema: z.string().optional().describe('For editors.'),
    server: server.nullish(),
    providers: z
      .record(name, provider.nullable(), must('a mapping of provider names'))
      .nullish()
      .describe('Providers by name; {} for one that modelwire knows.'),
    routes: z
      .record(text('a name'), route, must('a mapping of route names'))
      .nullish()
      .describe('Names (or patterns with *) that clients ask for, and what answers them.'),
    ...policyShape,
    keys: z.array(key, must('a list of keys ("- name: …")')).nullish().describe('Who may call; none on loopback means anyone there.'),
    store: store.nullish().describe('Where records are kept: memory, or a file.'),
    local: local.nullish().describe('The embedded model.'),
    mock: flag.optional().describe('true: the scripted provider answers mock/….'),
    http: oneOf(['lean', 'node']).optional().describe("The HTTP/1.1 engine on both sides: lean (default), modelwire's own; node: node:http and undici."),
    log: oneOf(['auto', 'json', 'text', 'off']).optional().describe('One line per call on stdout; auto (default): text on a terminal, else json.'),
  },
  ['cache', 'limits', 'limit', 'budget', 'budgets', 'guards', 'trace', 'metrics', 'console', 'aliases'],
);

/** What a correct file holds, defaults not yet filled in. */
export type ConfigFile = z.output<typeof configSchema>;
