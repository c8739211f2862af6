import type { Note } from 'modelwire/internal/core/notes';
import type { CallRecord } from 'modelwire/internal/runtime/record';
import { isAbove } from '../support/named.ts';
import type { Played } from './agent-case.ts';
import type { Exchange } from './recorder.ts';
import { isExpected } from './expected-losses.ts';

/**
 * What of the requests is lost on the way: a text or a number that no provider got and no note names, and a note of a loss that is not
 * expected of such an agent. Words (of one alphabet, as tags and choices are) may be spelled otherwise elsewhere: the sentinel test tries those.
 */
export function lossProblems({ exchanges, upstream, records }: Played): readonly string[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  return exchanges
    .filter(({ method, status }) => method === 'POST' && status === 200)
    .flatMap((exchange) => {
      const record = byId.get(String(exchange.answerHeaders['x-request-id']));
      if (record === undefined) return [`${exchange.path}: the gateway has no record of it`];
      return [...outcomeProblems(record, exchange), ...record.notes.flatMap((note) => noteProblems(note, record)), ...silentLosses(exchange, record, upstream)];
    });
}

function outcomeProblems({ outcome, id, error }: CallRecord, { left }: Exchange): readonly string[] {
  return outcome === 'ok' || (outcome === 'client_gone' && left) ? [] : [`${id} ended as ${outcome}: ${error?.message ?? ''}`];
}

function noteProblems({ path, verdict, reason }: Note, { format, attempts }: CallRecord): readonly string[] {
  const isLoss = verdict === 'dropped' || verdict === 'rejected';
  return !isLoss || isExpected(path, reason) ? [] : [`${format} on ${attempts.at(-1)?.back}: ${verdict} ${path}: ${reason}`];
}

/** Requests may overtake one another: of those that providers got, it is the one that lacks least. */
function silentLosses({ sent, path }: Exchange, { notes, attempts }: CallRecord, upstream: Played['upstream']): readonly string[] {
  if (attempts.every(({ mode }) => mode === 'relay')) return [];
  const leaves = [...leavesOf(JSON.parse(sent))].filter((leaf) => isTelling(leaf) && !notes.some((note) => isNamed(leaf, note)));
  const lost = upstream.map((request) => {
    const said = saidIn(request.body) + request.path;
    return leaves.filter(({ value }) => !said.includes(String(value)));
  });
  const [least = []] = lost.toSorted((one, other) => one.length - other.length);
  return least.map((leaf) => `${path}: ${leaf.path} was lost without a note: ${JSON.stringify(leaf.value).slice(0, 100)}`);
}

/** What a note says was changed with others is a number or named in its reason; a text goes without a word only with what it stood in. */
function isNamed({ path, key, value }: Leaf, { path: at, verdict, reason }: Note): boolean {
  if (at === path) return true;
  return isAbove(at, path) && (verdict !== 'changed' || typeof value === 'number' || reason.includes(key));
}

type Leaf = { readonly path: string; readonly key: string; readonly value: unknown };

/** Those of a text that is JSON of its own, as arguments are, stand for it. */
function* leavesOf(value: unknown, path = '', key = ''): Generator<Leaf> {
  const inner = typeof value === 'string' ? jsonIn(value) : value;
  if (Array.isArray(inner)) for (const [index, item] of inner.entries()) yield* leavesOf(item, `${path}[${index}]`, key);
  else if (typeof inner === 'object' && inner !== null)
    for (const [name, item] of Object.entries(inner)) yield* leavesOf(item, path === '' ? name : `${path}.${name}`, name);
  else yield { path, key, value };
}

function jsonIn(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The provider's own name of the model stands in for the caller's; ids are fitted; opaque state and the thinking it goes with have a check of their own. */
const remade = /^(?:model|id|call_id|tool_use_id|tool_call_id|toolCallId|toolUseId|signature|encrypted_content|thoughtSignature|thinking)$/;

function isTelling({ key, value }: Leaf): boolean {
  if (remade.test(key)) return false;
  return typeof value === 'number' || (typeof value === 'string' && !/^[a-z_./]*$/i.test(value));
}

/** Every text and number of a body. */
function saidIn(body: string): string {
  const said = [...leavesOf(JSON.parse(body))].map(({ value }) => String(value));
  return `${said.join('\n')}\n${keysIn(body)}`;
}

/** A name of a field may be what another format has as a value. */
function keysIn(body: string): string {
  return [...body.matchAll(/"((?:[^"\\]|\\.){1,200})"\s*:/g)].map(([, key]) => key).join('\n');
}
