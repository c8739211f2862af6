/**
 * Runs cases of one official library against a server, and prints one JSON line per case: what the library saw, and the raw bytes it got.
 * The runner (../run.ts) sets the environment and judges the raw bytes by the official types.
 */
import assert from 'node:assert/strict';
import type { Exchange, Outcome } from '../judge.ts';
import type { SeenRequest } from '../../support/mock-server.ts';

const env = (name: string): string => process.env[name] ?? '';

export const base = env('CLIENTS_BASE');
export const key = env('CLIENTS_KEY');
const mock = env('CLIENTS_MOCK');
const only = env('CLIENTS_CASES')
  .split(',')
  .filter((name) => name !== '');

/** A real PNG (one pixel) and a small PDF, as base64. */
export const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==';
export const pngBytes = 70;
export const pdf = 'JVBERi0xLjQKMSAwIG9iago8PC9UeXBlL0NhdGFsb2c+PgplbmRvYmoKdHJhaWxlcgo8PC9Sb290IDEgMCBSPj4KJSVFT0YK';
export const pdfBytes = 72;

export const weather = {
  type: 'object' as const,
  properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 } },
  required: ['city', 'days'],
  additionalProperties: false,
};
export const weatherCall = { city: 'city', days: 2 };
export const thought = 'The user wrote 2 words. I will answer plainly.';
/** A summary in OpenAI's Responses format has a part for each sentence, which are paragraphs elsewhere. */
export const summary = thought.replace('. ', '.\n\n');
export const refusalText = 'I cannot help with that.';
export const unicode = 'naïve 你好 👩‍🚀 \u{1d54f} \\ " \u2028 end';

type Recorded = { -readonly [field in keyof Exchange]: Exchange[field] };

export type Case = {
  readonly back: string;
  /** Unique text by which the upstream's requests of this case are found. */
  readonly mark: string;
  /** The global `fetch`, with a copy of every answer kept. */
  readonly fetch: typeof fetch;
  outcome: Outcome;
  model(name: string): string;
};

export type Cases = { readonly [name: string]: (c: Case) => Promise<void> };

export async function runCases(cases: Cases): Promise<void> {
  for (const back of env('CLIENTS_BACKS').split(',')) {
    for (const [name, body] of Object.entries(cases)) {
      if (only.length > 0 && !only.includes(name)) continue;
      const exchanges: Recorded[] = [];
      const c: Case = {
        back,
        mark: `${env('CLIENTS_NAME')}-${back}-${name}`,
        fetch: recordingFetch(exchanges),
        outcome: 'whole',
        model: (model) => `${back}/${model}`,
      };
      const started = performance.now();
      const error = await body(c).then(
        () => null,
        (thrown: unknown) => describe(thrown),
      );
      console.log(JSON.stringify({ case: name, back, error, outcome: c.outcome, exchanges, ms: Math.round(performance.now() - started) }));
    }
  }
}

/** What went wrong, and at which line of the case. */
function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const frame = thrown.stack?.split('\n').find((line) => line.includes('-client.ts'));
  return `${thrown.name}: ${thrown.message}${frame === undefined ? '' : ` (${frame.trim().replace(/file:.*\//, '')})`}`;
}

/** Kept, since a client that takes no `fetch` of its own is given the recording one as the global one. */
const network = globalThis.fetch;

function recordingFetch(exchanges: Recorded[]): typeof fetch {
  return async (input, init) => {
    const response = await network(input, init);
    const request = new Headers(init?.headers);
    const exchange: Recorded = {
      method: init?.method?.toUpperCase() ?? 'GET',
      path: new URL(input instanceof Request ? input.url : input).pathname,
      status: response.status,
      headers: Object.fromEntries(['content-type', 'x-request-id', 'request-id'].map((name) => [name, response.headers.get(name)])),
      includeUsage: typeof init?.body === 'string' && /"include_usage":\s*true/.test(init.body),
      anthropic: request.has('anthropic-version'),
      google: request.has('x-goog-api-key'),
      body: '',
    };
    exchanges.push(exchange);
    const decoder = new TextDecoder();
    const copy = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        exchange.body += decoder.decode(chunk, { stream: true });
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body?.pipeThrough(copy) ?? null, { status: response.status, headers: response.headers });
  };
}

/** What the upstream got with this text in the body. */
export async function upstream(mark: string): Promise<SeenRequest[]> {
  const response = await network(`${mock}/seen?contains=${encodeURIComponent(mark)}`);
  return (await response.json()) as SeenRequest[];
}

/** The value at a path of the last body that the upstream got with this text in it. */
export async function upstreamValue(mark: string, ...path: readonly (string | number)[]): Promise<unknown> {
  const last = (await upstream(mark)).at(-1);
  assert.ok(last !== undefined, 'the upstream was asked');
  return valueAt(JSON.parse(last.body), ...path);
}

export function valueAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((at, step) => (typeof at === 'object' && at !== null ? Reflect.get(at, step) : undefined), value);
}

/** The upstream saw its caller leave, soon. */
export async function waitGone(mark: string): Promise<void> {
  const deadline = Date.now() + 2000;
  let state = (await upstream(mark)).at(-1)?.state;
  while (state === 'open' && Date.now() < deadline) state = (await upstream(mark)).at(-1)?.state;
  assert.equal(state, 'gone', 'the upstream call');
}

/** The error that a call must end in. */
export async function raises<T extends Error>(kind: abstract new (...args: never[]) => T, run: () => PromiseLike<unknown>): Promise<T> {
  try {
    await run();
  } catch (thrown) {
    if (thrown instanceof kind) return thrown;
    throw thrown;
  }
  throw new assert.AssertionError({ message: `expected ${kind.name}, nothing was raised` });
}

export async function drain<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}
