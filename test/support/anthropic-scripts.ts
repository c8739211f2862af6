import type Official from '@anthropic-ai/sdk';
import { anthropicWire, handWritten, named, type Script } from './scripted-server.ts';
import { describeError, type Hand } from './anthropic-twin.ts';
import { plain } from './plain.ts';

export const { message, start, open, text, close, finish, stop, error } = anthropicWire;
export const body = { model: 'claude-sonnet-5', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hi' }] };
export const hello = [start, open, text('Hel'), text('lo'), close, finish, stop];

export const delta = (index: number, of: object) => ({ type: 'content_block_delta', index, delta: of });
export const opened = (index: number, content_block: object) => ({ type: 'content_block_start', index, content_block });
export const closed = (index: number) => ({ type: 'content_block_stop', index });
export const input = ['', '{"a"', ': "he', 'llo", "n": 12', '.5, "l": [1, 2', ', {"x": tr', 'ue}], "u": "\\u00', 'e9ü", "z": nu', 'll', '}'];
/** Every kind of block and delta. */
export const rich = [
  start,
  opened(0, { type: 'thinking', thinking: '', signature: '' }),
  delta(0, { type: 'thinking_delta', thinking: 'hm' }),
  delta(0, { type: 'thinking_delta', thinking: 'm' }),
  delta(0, { type: 'signature_delta', signature: 'SIG' }),
  closed(0),
  { type: 'ping' },
  opened(1, { type: 'text', text: '', citations: [] }),
  delta(1, { type: 'text_delta', text: 'Grüße, ' }),
  delta(1, { type: 'citations_delta', citation: { type: 'char_location', cited_text: 'x', document_index: 0, document_title: null } }),
  delta(1, { type: 'text_delta', text: '世界 👋🏽' }),
  closed(1),
  opened(2, { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }),
  ...input.map((partial_json) => delta(2, { type: 'input_json_delta', partial_json })),
  closed(2),
  opened(3, { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }),
  delta(3, { type: 'input_json_delta', partial_json: '{"query":"q"}' }),
  closed(3),
  opened(4, { type: 'redacted_thinking', data: 'opaque' }),
  closed(4),
  opened(5, { type: 'text', text: '' }),
  delta(5, { type: 'text_delta', text: 'more' }),
  closed(5),
  {
    type: 'message_delta',
    delta: { stop_reason: 'tool_use', stop_sequence: null, container: { id: 'c_1', expires_at: 'later' } },
    usage: { output_tokens: 9, input_tokens: 4, cache_read_input_tokens: null, server_tool_use: { web_search_requests: 1 } },
  },
  stop,
];

/** The bytes in pieces of a size, each in a write of its own. */
export function inPieces(content: string, size: number): Script {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_p' });
    const bytes = Buffer.from(content);
    for (let at = 0; at < bytes.length; at += size) {
      response.write(bytes.subarray(at, at + size));
      if (at % 256 === 0) await new Promise(setImmediate);
    }
    response.end();
  };
}

export const eventNames = [
  'connect',
  'streamEvent',
  'text',
  'thinking',
  'inputJson',
  'citation',
  'signature',
  'contentBlock',
  'message',
  'finalMessage',
] as const;

export type MessageStream = ReturnType<Official['messages']['stream']>;

/** Everything that a stream tells, as it stood when it was told. */
export function listen(events: MessageStream): unknown[] {
  const told: unknown[] = [];
  for (const name of eventNames) events.on(name, (...args: unknown[]) => told.push([name, plain(args)]));
  events.on('error', (thrown: unknown) => told.push(['error', describeError(thrown)]));
  events.on('abort', (thrown: unknown) => told.push(['abort', describeError(thrown)]));
  events.on('end', () => told.push(['end']));
  return told;
}

export async function failure(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    return { value: plain(await promise) };
  } catch (thrown) {
    return describeError(thrown);
  }
}

export type Ending = {
  readonly name: string;
  readonly end: (hand: Hand) => void;
  /** Whether the provider says it, so that its words must be the same. */
  readonly said?: true;
  /** Whether only a stream that makes a message of it can tell. */
  readonly ofMessage?: true;
};

/** How a stream that has begun ends ill. */
export const endings: readonly Ending[] = [
  { name: 'an error event', end: (hand) => hand.write(named(error('overloaded_error', 'Too many'))), said: true },
  { name: 'an event out of order', end: (hand) => hand.write(named(start)), ofMessage: true },
  { name: 'an event that is no JSON', end: (hand) => hand.write('event: content_block_delta\ndata: {oops\n\n') },
  { name: 'a broken connection', end: (hand) => hand.break() },
];
/** What is not the provider's own word may be put otherwise, and in a class that says more. */
export function wording(outcome: unknown, said: true | undefined): unknown {
  return said === true ? outcome : 'class' in (outcome as object);
}

export const begun = (): Hand => handWritten(named(...hello.slice(0, 3)));

export async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
