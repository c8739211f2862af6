import { isObject, type JsonObject } from 'modelwire/internal/core/json-text';
import { decodeSse } from 'modelwire/internal/framing/sse';
import { exitCodeOf, exitCodeOfStatus, exitCodes } from './exit-code.ts';
import { CliError } from './failure.ts';
import { duration } from './story.ts';
import { printable } from './terminal.ts';
import { version } from './version.ts';

export type Asked = {
  readonly model: string;
  readonly text: string;
  readonly system: string | undefined;
  readonly stream: boolean;
  /** Tokens; default: the model's own limit. */
  readonly limit?: number;
  readonly signal: AbortSignal;
};

/** What `ask --json` prints. */
export type Answered = {
  readonly request: string | undefined;
  readonly model: string | undefined;
  readonly text: string;
  readonly finish: string | undefined;
  readonly usage: { readonly input: number | undefined; readonly output: number | undefined } | undefined;
  readonly notes: string | undefined;
  readonly firstMs: number | undefined;
  readonly ms: number;
};

type Draft = { text: string; model?: string; finish?: string; usage?: Answered['usage']; firstMs?: number };

/** Asks a gateway in the OpenAI format. `show` gets the text as it comes. Throws `CliError`; `interrupted` when the signal ended it. */
export async function askGateway(
  door: { readonly url: string; readonly key: string | undefined },
  asked: Asked,
  show: (piece: string) => void,
): Promise<Answered | 'interrupted'> {
  const begun = performance.now();
  const draft: Draft = { text: '' };
  try {
    const response = await fetch(`${baseOf(door.url)}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': `modelwire-cli/${version}`,
        ...(door.key === undefined ? {} : { authorization: `Bearer ${door.key}` }),
      },
      body: bodyOf(asked),
      signal: asked.signal,
    });
    const request = response.headers.get('x-request-id') ?? undefined;
    if (!response.ok) throw failureOf(await response.text(), response.status, request);
    if (asked.stream) await readStream(response, { draft, begun, request }, show);
    else readWhole(await response.text(), draft, request);
    return {
      request,
      model: response.headers.get('modelwire-model') ?? draft.model,
      text: draft.text,
      finish: draft.finish,
      usage: draft.usage,
      notes: response.headers.get('modelwire-notes') ?? undefined,
      firstMs: draft.firstMs,
      ms: Math.round(performance.now() - begun),
    };
  } catch (thrown) {
    if (asked.signal.aborted) return 'interrupted';
    throw thrown instanceof CliError ? thrown : unreachable(door.url, thrown);
  }
}

function bodyOf({ model, text, system, stream, limit }: Asked): string {
  const messages = [...(system === undefined ? [] : [{ role: 'system', content: system }]), { role: 'user', content: text }];
  return JSON.stringify({ model, messages, max_completion_tokens: limit, ...(stream ? { stream, stream_options: { include_usage: true } } : {}) });
}

/** The gateway's address, however it was written. */
function baseOf(url: string): string {
  const base = (/^[a-z]+:\/\//i.test(url) ? url : `http://${url}`).replace(/\/+$/, '').replace(/\/v1$/, '');
  if (!URL.canParse(base)) throw new CliError('usage', `"${url}" is no URL`, { todo: ['modelwire ask --url http://127.0.0.1:4000 "hi"'] });
  return base;
}

type Reading = { readonly draft: Draft; readonly begun: number; readonly request: string | undefined };

async function readStream(response: Response, { draft, begun, request }: Reading, show: (piece: string) => void): Promise<void> {
  if (response.body === null) throw new CliError('upstream_invalid_response', 'the answer has no body', { request });
  const decoder = decodeSse();
  let ended = false;
  const onEvent = ({ data }: { readonly data: string }): void => {
    if (data === '[DONE]') {
      ended = true;
      return;
    }
    const event = parseObject(data);
    if (isObject(event['error'])) throw failureOf(data, 200, request);
    const piece = takeChunk(event, draft);
    if (piece === '') return;
    draft.firstMs ??= Math.round(performance.now() - begun);
    draft.text += piece;
    show(piece);
  };
  for await (const bytes of response.body) decoder.push(bytes, onEvent);
  decoder.end(onEvent);
  if (!ended)
    throw new CliError('upstream_stream_cut', 'the stream ended before the answer did: what is above is not all of it', { request, todo: ['ask again'] });
}

/** Takes from a chunk what it tells, and gives its text. */
function takeChunk(event: JsonObject, draft: Draft): string {
  if (typeof event['model'] === 'string') draft.model ??= event['model'];
  takeUsage(event['usage'], draft);
  const choice: unknown = Array.isArray(event['choices']) ? event['choices'][0] : undefined;
  if (!isObject(choice)) return '';
  if (typeof choice['finish_reason'] === 'string') draft.finish = choice['finish_reason'];
  const delta = choice['delta'] ?? choice['message'];
  if (!isObject(delta)) return '';
  return [delta['content'], delta['refusal']].filter((part) => typeof part === 'string').join('');
}

function takeUsage(usage: unknown, draft: Draft): void {
  if (!isObject(usage)) return;
  const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
  draft.usage = { input: number(usage['prompt_tokens']), output: number(usage['completion_tokens']) };
}

function readWhole(body: string, draft: Draft, request: string | undefined): void {
  const value = parseObject(body);
  if (isObject(value['error'])) throw failureOf(body, 200, request);
  draft.text = takeChunk(value, draft);
}

function parseObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (cause) {
    throw new CliError('upstream_invalid_response', 'the answer is not JSON: is this address a gateway?', { cause });
  }
  throw new CliError('upstream_invalid_response', 'the answer is not a JSON object: is this address a gateway?');
}

/** The error in an OpenAI-shaped answer; a page of something else says its status only. */
function failureOf(body: string, status: number, request: string | undefined): CliError {
  const error = errorIn(body);
  const code = typeof error?.['code'] === 'string' ? error['code'] : undefined;
  const message = typeof error?.['message'] === 'string' ? printable(error['message']) : `the answer has status ${status} and is not a gateway's`;
  const known = code === undefined ? exitCodes.failed : exitCodeOf(code);
  return new CliError(code ?? 'upstream_error', message, { exit: known === exitCodes.failed ? exitCodeOfStatus(status) : known, request });
}

function errorIn(body: string): JsonObject | undefined {
  const value = body.trimStart().startsWith('{') ? parseObject(body) : undefined;
  return isObject(value?.['error']) ? value['error'] : undefined;
}

function unreachable(url: string, cause: unknown): CliError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : cause instanceof Error ? cause.message : String(cause);
  return new CliError('not_reachable', `no answer from ${url}: ${inner}`, {
    todo: ['modelwire serve, in another terminal', 'leave --url and MODELWIRE_URL out, to ask in this process'],
    cause,
  });
}

/** `auto → local/smollm2-135m-instruct · 12 tokens in, 30 out · first word after 0.4 s, 1.2 s in all`. */
export function answerLine(answer: Answered, asked: string): string {
  const { model, usage, firstMs, ms, notes } = answer;
  return [
    model === undefined || model === asked ? asked : `${asked} → ${model}`,
    usage === undefined ? undefined : `${usage.input ?? '?'} tokens in, ${usage.output ?? '?'} out`,
    `${firstMs === undefined ? '' : `first word after ${duration(firstMs)}, `}${duration(ms)} in all`,
    notes === undefined ? undefined : `notes: ${notes}`,
  ]
    .filter((part) => part !== undefined)
    .map(printable)
    .join(' · ');
}
