import type { Answer, Attempt } from '../../packages/modelwire/src/core/attempt.ts';
import { attemptCall } from '../../packages/modelwire/src/core/call.ts';
import { GatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import type { Fidelity } from '../../packages/modelwire/src/core/notes.ts';
import type { Quirks } from '../../packages/modelwire/src/core/target.ts';
import { dialects } from './dialects.ts';
import type { ByteSource } from '../../packages/modelwire/src/core/transport.ts';
import { bodyOf, createFakeWorld, type FakeWorld, sentBody } from './fake-world.ts';
import { chatCall } from './chat-call.ts';

/** What a provider answers: a status other than 200 or a whole body, or a stream in the framing that its type says. */
export type Scripted = {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly chunks: readonly (string | Uint8Array)[];
  /** The connection stays open after the last chunk; so much time passes then (ms). */
  readonly opened?: number;
};

export type PairCall = {
  readonly front: DialectName;
  readonly back: DialectName;
  readonly body: string;
  readonly answer: Scripted;
  readonly stream?: boolean;
  readonly quirks?: Quirks;
  readonly fidelity?: Fidelity;
};

export type PairOutcome = {
  /** The bodies that went to the provider. */
  readonly sent: readonly string[];
  /** Why the call was refused or failed before its answer was committed. */
  readonly error: GatewayError | undefined;
  /** What the caller is shown: the answer, or the error in the caller's shape. */
  readonly shown: string;
  readonly notes: readonly string[];
  readonly attempt: Attempt;
};

/** One call of a pair through the whole path, but for the network. */
export async function callPair({ front, back, body, answer, stream = false, quirks = {}, fidelity = 'carry' }: PairCall): Promise<PairOutcome> {
  const sent: string[] = [];
  const world: FakeWorld = createFakeWorld((request) => {
    sent.push(sentBody(request));
    const type = answer.type ?? (stream ? 'text/event-stream' : 'application/json');
    return Promise.resolve({
      status: answer.status ?? 200,
      headers: { 'content-type': type, ...answer.headers },
      body: answer.opened === undefined ? bodyOf(answer.chunks) : openBody(answer.chunks),
    });
  });
  const endpoint = { baseURL: 'http://lab', auth: 'none' } as const;
  const target = { provider: 'lab', model: 'm', speaks: { [back]: endpoint }, quirks, info: { maxOutput: 16_000 } };
  const attempts: Attempt[] = [];
  let outcome: Answer | GatewayError;
  try {
    const call = chatCall(front, body, { stream, fidelity });
    call.front.front.check(call.top, call.headers, call.operation);
    outcome = await attemptCall(call, target, world, attempts);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    outcome = error;
  }
  const attempt = attempts[0] ?? { target, startedAt: 0, mode: 'translate', back, notes: [] };
  const error = outcome instanceof GatewayError ? outcome : undefined;
  const shown = outcome instanceof GatewayError ? dialects[front].front.error(outcome, 'req_1').body : textOf(outcome, () => world.pass(answer.opened ?? 0));
  // The decoder of a stream notes while it flows.
  return { sent, error, shown, notes: attempt.notes.map(({ verdict, path }) => `${verdict} ${path}`), attempt };
}

/** `wait` lets time pass once the caller listens. */
function textOf({ body }: Answer, wait: () => void): string {
  const decoder = new TextDecoder();
  let text = '';
  const add = (chunk: Uint8Array | string): void => void (text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }));
  if (body.kind === 'whole') for (const chunk of body.chunks) add(chunk);
  else body.source.start({ data: add, end: () => undefined, reset: () => add('<reset>') });
  wait();
  return text;
}

function openBody(chunks: Scripted['chunks']): ByteSource {
  const { start, ...rest } = bodyOf(chunks);
  return { ...rest, start: ({ data, fail }) => start({ data, fail, end: () => undefined }) };
}

/** A short answer of each format. */
export const plainAnswers: { readonly [name in DialectName]: Scripted } = {
  'openai-chat': json({
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
  }),
  'openai-responses': json({
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'm',
    status: 'completed',
    error: null,
    incomplete_details: null,
    output: [{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'Yes.', annotations: [] }] }],
    usage: { input_tokens: 5, input_tokens_details: { cached_tokens: 0 }, output_tokens: 7, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 12 },
  }),
  'anthropic-messages': json({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text: 'Yes.' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 5, output_tokens: 7 },
  }),
  gemini: json({
    candidates: [{ content: { role: 'model', parts: [{ text: 'Yes.' }] }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 7, totalTokenCount: 12 },
  }),
  cohere: json({
    id: 'c',
    finish_reason: 'COMPLETE',
    message: { role: 'assistant', content: [{ type: 'text', text: 'Yes.' }] },
    usage: { tokens: { input_tokens: 5, output_tokens: 7 } },
  }),
  ollama: json({
    model: 'm',
    created_at: '2026-11-01T00:00:00Z',
    message: { role: 'assistant', content: 'Yes.' },
    done: true,
    done_reason: 'stop',
    prompt_eval_count: 5,
    eval_count: 7,
  }),
  'bedrock-converse': json({
    output: { message: { role: 'assistant', content: [{ text: 'Yes.' }] } },
    stopReason: 'end_turn',
    usage: { inputTokens: 5, outputTokens: 7, totalTokens: 12 },
    metrics: { latencyMs: 1 },
  }),
};

function json(value: object): Scripted {
  return { chunks: [JSON.stringify(value)] };
}
