import assert from 'node:assert/strict';
import type { Attempt } from '../../packages/modelwire/src/core/attempt.ts';
import { defaultDeadlines } from '../../packages/modelwire/src/core/deadline.ts';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import type { Chunk } from '../../packages/modelwire/src/core/pump.ts';
import { Secret, type Target } from '../../packages/modelwire/src/core/target.ts';
import { scanTopLevel } from '../../packages/modelwire/src/core/top-level.ts';
import type { WireRequest } from '../../packages/modelwire/src/core/transport.ts';
import { dialects } from '../support/dialects.ts';
import { performCall } from '../../packages/modelwire/src/layers/perform.ts';
import { findProvider, type Provider } from '../../packages/modelwire/src/providers/catalog.ts';
import { addressesFor } from '../../packages/modelwire/src/providers/from-env.ts';
import { toTarget } from '../../packages/modelwire/src/providers/directory.ts';
import { createFakeWorld, scriptedTransport, sentBody } from '../support/fake-world.ts';

/** Calls a provider of the catalogue through the whole path, with a scripted answer in place of the network. */

export const key = 'sk-verysecretkey-0123456789';

/** What the environment says of addresses that are made of it. */
export const places = { GOOGLE_CLOUD_PROJECT: 'p-1', AZURE_OPENAI_RESOURCE: 'r-1' };

export function provider(name: string): Provider {
  const found = findProvider(name);
  assert.ok(found, name);
  return found;
}

/** The target that a key in the environment makes; `dialect` leaves it only one to be spoken to in. */
export function targetOf(name: string, options: { readonly model?: string | undefined; readonly dialect?: DialectName } = {}): Target {
  const { keys, defaultModel } = provider(name);
  const { speaks } = addressesFor(provider(name), places);
  const { dialect, model = defaultModel ?? 'a-model' } = options;
  const spoken = dialect === undefined ? speaks : { [dialect]: speaks[dialect] };
  return toTarget({ name, speaks: spoken, key: new Secret(key), needsKey: true, keyNames: keys }, model);
}

export type Told = { readonly text: string; readonly attempt: Attempt; readonly sent: WireRequest; readonly body: Record<string, unknown> };

export type Asked = {
  readonly target: Target;
  readonly front: DialectName;
  readonly request: object;
  readonly answer: { readonly status?: number; readonly text: string };
  readonly wantUsage?: boolean;
  /** The answer comes byte by byte. */
  readonly bytewise?: boolean;
};

export async function ask({ target, front, request, answer, wantUsage = true, bytewise = false }: Asked): Promise<Told> {
  const text = JSON.stringify({ model: target.model, ...request });
  const stream = 'stream' in request && request.stream === true;
  const isStream = stream && /^(?:event|data)?:/.test(answer.text);
  const { transport, requests } = scriptedTransport(
    answer.status ?? 200,
    { 'content-type': isStream ? 'text/event-stream' : 'application/json' },
    ...(bytewise ? bytesOf(answer.text) : [answer.text]),
  );
  const running = performCall(
    {
      id: 'req_1',
      front: dialects[front],
      operation: 'chat',
      top: scanTopLevel(new TextEncoder().encode(text)),
      headers: {},
      targets: [target],
      fidelity: 'carry',
      deadlines: defaultDeadlines,
      retry: { attempts: 1, longestWait: 0 },
      wantUsage,
      pingMs: 0,
    },
    createFakeWorld(transport),
  );
  const { body } = await running.answer;
  running.settle();
  const chunks: Chunk[] = [];
  if (body.kind === 'whole') chunks.push(...body.chunks);
  else body.source.start({ data: (chunk) => chunks.push(chunk), end: () => undefined, reset: (error) => assert.fail(error.message) });
  const [sent] = requests;
  const [attempt] = running.attempts;
  assert.ok(sent !== undefined && attempt !== undefined);
  return {
    // A character may end in the next chunk.
    text: Buffer.concat(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk))).toString(),
    attempt,
    sent,
    body: record(JSON.parse(sentBody(sent))),
  };
}

function bytesOf(text: string): Uint8Array[] {
  return [...new TextEncoder().encode(text)].map((byte) => Uint8Array.of(byte));
}

export function record(value: unknown): Record<string, unknown> {
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), `no object: ${JSON.stringify(value)}`);
  return { ...value };
}

export function list(value: unknown): Record<string, unknown>[] {
  assert.ok(Array.isArray(value), `no list: ${JSON.stringify(value)}`);
  return value.map(record);
}

/** The message that an Anthropic stream adds up to, as its SDK would build it. */
export function messageIn(stream: string): Record<string, unknown> {
  let message: Record<string, unknown> = {};
  const content: Record<string, unknown>[] = [];
  for (const event of stream.split('\n\n')) {
    const data = event.split('\n').find((line) => line.startsWith('data: '));
    if (data === undefined) continue;
    const value = record(JSON.parse(data.slice(6)));
    const at = Number(value['index']);
    if (value['type'] === 'message_start') message = record(value['message']);
    else if (value['type'] === 'content_block_start') content[at] = { ...record(value['content_block']), json: '' };
    else if (value['type'] === 'content_block_delta') content[at] = grown(content[at] ?? {}, record(value['delta']));
    else if (value['type'] === 'message_delta')
      message = { ...message, ...record(value['delta']), usage: { ...record(message['usage']), ...record(value['usage']) } };
    else assert.ok(['content_block_stop', 'message_stop', 'ping'].includes(String(value['type'])), event);
  }
  return { ...message, content: content.map(({ json, ...block }) => (block['type'] === 'tool_use' ? { ...block, input: JSON.parse(String(json)) } : block)) };
}

function grown(block: Record<string, unknown>, delta: Record<string, unknown>): Record<string, unknown> {
  const add = (field: string, from = field): Record<string, unknown> => ({ ...block, [field]: `${String(block[field] ?? '')}${String(delta[from])}` });
  switch (delta['type']) {
    case 'text_delta':
      return add('text');
    case 'thinking_delta':
      return add('thinking');
    case 'signature_delta':
      return add('signature');
    default:
      return add('json', 'partial_json');
  }
}
