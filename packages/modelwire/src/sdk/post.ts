import type { Answer, PassThrough } from '../core/attempt.ts';
import type { Operation } from '../core/dialect.ts';
import { estimateTokens } from '../core/estimate-tokens.ts';
import { parseJsonText } from '../core/json-text.ts';
import { createLedger, summarizeNotes } from '../core/notes.ts';
import { type Target, targetName } from '../core/target.ts';
import { scanTopLevel, type TopLevel } from '../core/top-level.ts';
import { performCall, type Running } from '../layers/perform.ts';
import { checkBody } from '../runtime/check-body.ts';
import type { Exchange } from './api-promise.ts';
import { bodyStream, wholeBody } from './body-stream.ts';
import { type Connection, destination, longestTime } from './connection.ts';
import { headersOf } from './failure.ts';
import { wanted } from './header-list.ts';
import { faceError, gone, onAborted, open, type RequestOptions, type Session, settledExchange } from './session.ts';

const encoder = new TextEncoder();

/** Sends a body to wherever its model is; resolves once the answer is certain. */
export function post(connection: Connection, operation: Operation, body: { readonly model: string }, options: RequestOptions = {}): Promise<Exchange> {
  const { front } = connection.vendor;
  return open(connection, options, async (session) => {
    const target = await destination(connection, typeof body.model === 'string' ? body.model : '', session.wishes);
    const top = scanTopLevel(encoder.encode(JSON.stringify(body)));
    const foreign = target.speaks[front.name] === undefined;
    const embedding = operation === 'embeddings' ? await session.world.embeddings(front.name) : undefined;
    // Who speaks the caller's format judges the request itself.
    if (foreign || !top.has('model')) checkBody(top, { front, operation, embedding, headers: wanted(session.wishes), named: false });
    if (foreign && operation === 'count_tokens') return await estimate(session, target, top);
    return await perform(session, { operation, target, top });
  });
}

type Outbound = { readonly operation: Operation; readonly target: Target; readonly top: TopLevel; readonly pass?: PassThrough };

/** Begins a call under the client's policies; resolves once the answer is certain. */
export async function perform(session: Session, outbound: Outbound): Promise<Exchange> {
  const running = begin(session, outbound);
  session.running = running;
  const answer = await running.answer;
  running.settle();
  return exchangeOf(session, answer, running);
}

function begin(session: Session, { operation, target, top, pass }: Outbound): Running {
  const { connection, controller, wishes, callId, world, timeout, retry } = session;
  const request = {
    id: callId,
    front: connection.vendor.front,
    operation,
    top,
    ...(pass === undefined ? {} : { pass }),
    headers: wanted(wishes),
    targets: [target],
    fidelity: 'carry' as const,
    // The timeout is one attempt's. The total only ends what no other deadline can: a body that drips.
    deadlines: {
      connect: timeout,
      headers: timeout,
      firstToken: timeout,
      idle: timeout,
      total: Math.min(retry.attempts * (timeout + retry.longestWait), longestTime),
    },
    retry,
    wantUsage: false,
    ownKey: true,
    pingMs: 0,
  };
  const running = performCall(request, world);
  onAborted(controller.signal, () => running.cancel(gone()));
  return running;
}

function exchangeOf(session: Session, answer: Answer, running: Running): Exchange {
  const { connection, controller, seen } = session;
  const last = running.attempts.at(-1);
  const headers = headersOf({ seen, idHeader: connection.vendor.idHeader });
  const notes = last === undefined ? undefined : summarizeNotes(last.notes);
  if (notes !== undefined) headers.set('modelwire-notes', notes);
  if (last?.mode === 'translate') headers.set('modelwire-model', targetName(last.target).replace(/[^\x20-\x7e]/g, '?'));
  const { body } = answer;
  if (body.kind === 'whole') return settledExchange(session, wholeBody(body.chunks), headers);
  headers.set('content-type', answer.contentType);
  const stream = bodyStream(body.source, { gone: () => running.cancel(gone()), done: session.release });
  const { status } = answer;
  return {
    response: new Response(bodiless.has(status) ? null : stream, { status, headers }),
    controller,
    // A deadline or a break that ends a stream leaves an error event in it; the attempt knows what it was.
    failure: (thrown) => faceError(session, last?.error !== undefined && endsStream.test(last.error.code) ? last.error : thrown),
  };
}

const endsStream = /^(?:deadline_|upstream_stream_cut$)/;

/** Statuses of which `Response` takes no body. */
const bodiless: ReadonlySet<number> = new Set([204, 205]);

/** A count for a model whose provider cannot count: an estimate, which says so in a header. */
async function estimate(session: Session, target: Target, top: TopLevel): Promise<Exchange> {
  const { connection, world, callId } = session;
  const context = { callId, target, back: 'openai-chat' as const, ledger: createLedger(targetName(target), 'lenient'), now: world.now, newId: world.newId };
  const { accept } = await connection.vendor.front.translation();
  const { request } = accept(parseJsonText(new TextDecoder().decode(top.bytes)), context);
  return settledExchange(session, JSON.stringify({ input_tokens: estimateTokens(request) }), new Headers({ 'modelwire-token-count': 'estimate' }));
}
