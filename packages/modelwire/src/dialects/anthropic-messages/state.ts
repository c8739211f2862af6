import type { AnswerListener, Earlier, KeptTurn, SseEvent, StateRules, StateWish, TopLevelEdit } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { RawJson } from '../../core/ir.ts';
import { joinLists } from '../../core/json-print.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import type { TopLevel } from '../../core/top-level.ts';

/**
 * Message threads: a caller that continues one sends only what is new. `system` and `tools` are those that the thread was created with;
 * everything else is said anew in each turn. https://platform.claude.com/docs/en/build-with-claude/message-threads
 */
export const stateRules: StateRules = {
  wish,
  keeps: (quirks) => quirks.threads === true,
  resume,
  asked: (top, isFirst) => Object.fromEntries(['messages', ...(isFirst ? createOnly : [])].flatMap((key) => fieldOf(top, key))),
  listen: createListener,
  unknown: (id) =>
    new GatewayError('thread_not_found', `thread.previous_message_id: no thread is kept for ${id.slice(0, 100)}`, {
      param: 'thread.previous_message_id',
      hint: 'Send the full conversation with thread: {"type": "create"}',
      details: { error_code: 'thread_not_found' },
    }),
};

/** What a thread keeps from its creation on. */
const createOnly: readonly string[] = ['system', 'tools'];

function fieldOf(top: TopLevel, key: string): [string, RawJson][] {
  const raw = top.raw(key);
  return raw === undefined ? [] : [[key, raw]];
}

function wish(top: TopLevel): StateWish | undefined {
  const thread = top.value('thread');
  if (!top.has('thread') || thread === null) return undefined;
  if (isObject(thread) && thread['type'] === 'create') return { keep: true };
  if (!isObject(thread) || thread['type'] !== 'continue') throw malformed('thread', 'an object whose type is "create" or "continue"');
  const previous = thread['previous_message_id'];
  if (typeof previous !== 'string' || previous === '') throw malformed('thread.previous_message_id', 'the id of the last answer');
  return { previous, keep: true };
}

function malformed(param: string, expected: string): GatewayError {
  return new GatewayError('invalid_request', `${param} must be ${expected}`, { param });
}

function resume(top: TopLevel, { turns }: Earlier): readonly TopLevelEdit[] {
  const edits: TopLevelEdit[] = [{ kind: 'remove', key: 'thread', reason: 'the thread is kept here' }];
  if (turns.length === 0) return edits;
  const created = turns[0]?.asked ?? {};
  refuseChanges(top, created);
  for (const key of createOnly) {
    const raw = created[key];
    if (raw !== undefined && !top.has(key)) edits.push({ kind: 'set', key, raw });
  }
  const messages = turns.flatMap(({ asked, answer }) => [asked['messages'] ?? '[]', answeredMessages(answer)]);
  edits.push({ kind: 'set', key: 'messages', raw: joinLists([...messages, top.raw('messages') ?? '[]']) });
  return edits;
}

/** An answer without content (a refusal) is no message that a provider would take. */
function answeredMessages(content: RawJson): RawJson {
  return /^\[\s*\]$/.test(content) ? '[]' : `[{"role":"assistant","content":${content}}]`;
}

function refuseChanges(top: TopLevel, created: KeptTurn['asked']): void {
  const changed = createOnly.filter((key) => top.has(key) && !isSame(top.raw(key), created[key]));
  if (changed.length === 0) return;
  const names = changed.join(' and ');
  throw new GatewayError('thread_fingerprint_mismatch', `${names}: not as when the thread was created`, {
    ...(changed[0] === undefined ? {} : { param: changed[0] }),
    hint: `Leave out ${names}, or send the full conversation with thread: {"type": "create"}`,
    details: { error_code: 'thread_fingerprint_mismatch' },
  });
}

function isSame(given: RawJson | undefined, kept: RawJson | undefined): boolean {
  if (given === kept || kept === undefined || given === undefined) return given === kept;
  try {
    return JSON.stringify(JSON.parse(given)) === JSON.stringify(JSON.parse(kept));
  } catch {
    return false;
  }
}

/** A block of a stream, with what comes in pieces beside it. */
type Growing = { readonly start: JsonObject; readonly texts: Record<string, string>; readonly citations: unknown[]; input: string };

function createListener(): AnswerListener {
  let id: string | undefined;
  let content: RawJson | undefined;
  const blocks = new Map<unknown, Growing>();
  const hear: { readonly [type: string]: (event: JsonObject) => void } = {
    message_start({ message }) {
      if (isObject(message) && typeof message['id'] === 'string') id = message['id'];
    },
    content_block_start({ index, content_block: start }) {
      if (isObject(start)) blocks.set(index, { start, texts: {}, citations: [], input: '' });
    },
    content_block_delta({ index, delta }) {
      const block = blocks.get(index);
      if (block !== undefined && isObject(delta)) grow(block, delta);
    },
    message_stop() {
      content = `[${[...blocks.values()].map(printBlock).join(',')}]`;
    },
  };
  return {
    whole(answer) {
      const given = answer.value('id');
      if (typeof given === 'string') id = given;
      content = answer.raw('content');
      return [];
    },
    event({ data }: SseEvent) {
      const event: unknown = JSON.parse(data);
      if (isObject(event) && typeof event['type'] === 'string' && Object.hasOwn(hear, event['type'])) hear[event['type']]?.(event);
      return undefined;
    },
    heard: () => (id === undefined || content === undefined ? undefined : { id, answer: content }),
  };
}

/** The field of the block that a delta's own field adds to. */
const pieces: readonly string[] = ['text', 'thinking', 'signature'];

function grow(block: Growing, delta: JsonObject): void {
  for (const key of pieces) {
    const piece = delta[key];
    if (typeof piece === 'string') block.texts[key] = (block.texts[key] ?? '') + piece;
  }
  const { partial_json: input, citation } = delta;
  if (typeof input === 'string') block.input += input;
  if (citation !== undefined) block.citations.push(citation);
}

function printBlock({ start, texts, citations, input }: Growing): RawJson {
  const grown: Record<string, unknown> = { ...start };
  for (const [key, text] of Object.entries(texts)) grown[key] = (typeof start[key] === 'string' ? start[key] : '') + text;
  if (citations.length > 0) grown['citations'] = citations;
  if (input === '') return JSON.stringify(grown);
  delete grown['input'];
  // The arguments stay as the model wrote them.
  return `${JSON.stringify(grown).slice(0, -1)},"input":${input}}`;
}
