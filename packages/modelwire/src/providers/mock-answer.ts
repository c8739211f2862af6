import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json-text.ts';
import { hashHex } from './mock-count.ts';
import type { MockFault, MockPlan } from './mock-name.ts';
import { playScript } from './mock-script.ts';
import type { MockBody } from './mock-source.ts';
import type { MockView } from './mock-view.ts';
import type { MockWire } from './mock-wire.ts';

/** An answer before it flows. */
export type MockAnswer = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: MockBody };

/** `counted` is the answer of a token count, which is asked instead of a chat. */
export type MockTurn = { readonly wire: MockWire; readonly view: MockView; readonly body: JsonObject; readonly counted?: string | undefined };

const encoder = new TextEncoder();

/** The scripted answer to a request that has passed the checks, with the fault that the model name asks for. */
export function answerTurn(plan: MockPlan, turn: MockTurn): MockAnswer {
  const { wire, view } = turn;
  const { fault } = plan;
  const early = fault === undefined ? undefined : faultInstead(fault, turn);
  const answer = early ?? (view.stream ? streamAnswer(plan, turn) : jsonAnswer(wire, view, turn.counted ?? wire.whole(playScript(plan.content, view), view)));
  const faulty = fault === undefined || early !== undefined || view.stream ? answer : { ...answer, body: brokenWhole(fault, answer.body) };
  return { ...faulty, body: { ...faulty.body, ...dripped(faulty.body, plan.dripMs) } };
}

/** What comes instead of an answer; undefined for a fault that strikes in its middle. */
function faultInstead(fault: MockFault, { wire, view, body }: MockTurn): MockAnswer | undefined {
  switch (fault.kind) {
    case 'status':
      return statusAnswer(fault.status, { wire, view, body });
    case 'html':
      return { status: fault.status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: whole(page) };
    case 'empty':
      return { ...jsonAnswer(wire, view, ''), body: { pieces: [], ending: 'end', dripMs: 0 } };
    case 'hang':
      return { ...(view.stream ? eventStream(wire, view, []) : jsonAnswer(wire, view, '')), body: { pieces: [], ending: 'hang', dripMs: 0 } };
    case 'error-inside':
      return jsonAnswer(wire, view, wire.error(brokenOff(), requestId(view.text)));
    case 'error-midstream':
      return view.stream ? undefined : errorAnswer(wire, brokenOff(), view.text);
    default:
      return undefined;
  }
}

const page =
  '<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1><p>Performance &amp; security by Cloudflare</p></body></html>\n';

function brokenOff(): GatewayError {
  return new GatewayError('upstream_error', 'The scripted provider failed, as the model name asked', { status: 500 });
}

function statusAnswer(status: number, turn: MockTurn): MockAnswer {
  const { wire, view } = turn;
  if (status === 204 || status === 205 || status === 304)
    return { status, headers: headersOf(wire, view.text), body: { pieces: [], ending: 'end', dripMs: 0 } };
  if (status < 300) return { ...jsonAnswer(wire, view, wire.whole(playScript({ kind: 'echo' }, view), view)), status };
  if (status < 400)
    return { status, headers: { ...headersOf(wire, view.text), location: 'http://elsewhere.invalid/' }, body: { pieces: [], ending: 'end', dripMs: 0 } };
  return errorAnswer(wire, new GatewayError('upstream_error', `Status ${status}, as the model name asked`, { status }), view.text);
}

/** The first events, and what then becomes of the stream. */
function streamAnswer(plan: MockPlan, { wire, view, body }: MockTurn): MockAnswer {
  const events = wire.events(playScript(plan.content, view), view, body);
  const { fault } = plan;
  const middle = Math.ceil(events.length / 2);
  switch (fault?.kind) {
    case 'cut':
      return withEnding(eventStream(wire, view, events.slice(0, fault.after)), 'cut');
    case 'end':
      return eventStream(wire, view, events.slice(0, fault.after));
    case 'no-done':
      return eventStream(wire, view, events);
    case 'garbage':
      return eventStream(wire, view, [...events.slice(0, middle), wire.torn, ...events.slice(middle)]);
    case 'error-midstream':
      return eventStream(wire, view, [...events.slice(0, middle), wire.errorEvent(brokenOff(), requestId(view.text))]);
    default:
      return eventStream(wire, view, [...events, wire.terminator]);
  }
}

function withEnding(answer: MockAnswer, ending: MockBody['ending']): MockAnswer {
  return { ...answer, body: { ...answer.body, ending } };
}

/** Of a whole answer half comes. */
function brokenWhole(fault: MockFault, body: MockBody): MockBody {
  if (fault.kind !== 'cut' && fault.kind !== 'end' && fault.kind !== 'garbage') return body;
  const bytes = body.pieces[0] ?? new Uint8Array();
  return { ...body, pieces: [bytes.subarray(0, Math.floor(bytes.length / 2))], ending: fault.kind === 'cut' ? 'cut' : 'end' };
}

/** A whole body that drips comes in eight pieces. */
function dripped(body: MockBody, dripMs: number): Partial<MockBody> {
  const only = body.pieces[0];
  if (dripMs === 0) return {};
  if (body.pieces.length !== 1 || only === undefined) return { dripMs };
  const size = Math.max(1, Math.ceil(only.length / 8));
  return { dripMs, pieces: Array.from({ length: Math.ceil(only.length / size) }, (_, i) => only.subarray(i * size, (i + 1) * size)) };
}

export function jsonAnswer(wire: MockWire, view: Pick<MockView, 'text'>, text: string): MockAnswer {
  return { status: 200, headers: { 'content-type': 'application/json', ...headersOf(wire, view.text) }, body: whole(text) };
}

function eventStream(wire: MockWire, view: MockView, events: readonly string[]): MockAnswer {
  return {
    status: 200,
    headers: { 'content-type': wire.streamType, ...headersOf(wire, view.text) },
    body: { pieces: events.map((event) => wire.frame?.(event) ?? encoder.encode(event)), ending: 'end', dripMs: 0 },
  };
}

/** An error as the vendor would send it. The text is the request's, for the id. */
export function errorAnswer(wire: MockWire, error: GatewayError, text: string): MockAnswer {
  const wait = error.status === 429 ? { 'retry-after': '1' } : {};
  return {
    status: error.status,
    headers: { 'content-type': 'application/json', ...headersOf(wire, text), ...wire.errorHeaders?.(error), ...wait },
    body: whole(wire.error(error, requestId(text))),
  };
}

function whole(text: string): MockBody {
  return { pieces: [encoder.encode(text)], ending: 'end', dripMs: 0 };
}

function headersOf(wire: MockWire, text: string): Readonly<Record<string, string>> {
  return { ...wire.headers, [wire.requestIdHeader]: requestId(text) };
}

function requestId(text: string): string {
  return `req_${hashHex(`request ${text}`, 24)}`;
}
