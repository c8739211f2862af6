import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Context } from '../../packages/modelwire/src/core/dialect.ts';
import { collect, explode } from '../../packages/modelwire/src/core/collect.ts';
import { GatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { ChatEvent } from '../../packages/modelwire/src/core/event.ts';
import type { DialectName, Reply } from '../../packages/modelwire/src/core/ir.ts';
import { parseJsonText } from '../../packages/modelwire/src/core/json-text.ts';
import { prepareFor } from '../../packages/modelwire/src/core/prepare.ts';
import { dialects } from '../support/dialects.ts';
import { decodeNdjson } from '../../packages/modelwire/src/framing/ndjson.ts';
import { decodeSse } from '../../packages/modelwire/src/framing/sse.ts';
import { contextTo } from '../support/context.ts';
import type { ReplyCase } from './cases/case.ts';
import { replyCases, requestCases } from './cases.ts';

/** Front × back × case: what goes out and what comes back, as golden files. Update: `node … --test-update-snapshots`. */
const golden = (name: string): string => join(import.meta.dirname, 'golden', name);
const names = Object.keys(dialects) as readonly DialectName[];

const contextFor = (back: DialectName): Context =>
  contextTo(back, {
    provider: 'lab',
    model: 'm',
    speaks: { [back]: { baseURL: 'http://lab', auth: 'none' } },
    info: { maxOutput: 16_000 },
    now: 1_700_000_000_000,
  });

function translateRequest(front: DialectName, back: DialectName, body: string): object {
  const context = contextFor(back);
  try {
    const { request } = dialects[front].accept(parseJsonText(body), context, { model: 'm', stream: false });
    const prepared = prepareFor(dialects[back], request, context);
    return { path: prepared.path, headers: prepared.headers, text: prepared.body, notes: context.ledger.notes };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { refused: { code: error.code, message: error.message, param: error.param, hint: error.hint } };
  }
}

describe('requests', () => {
  for (const { front, name, body } of requestCases) {
    for (const back of names) {
      test(`${front} → ${back}: ${name}`, (t) => {
        t.assert.fileSnapshot(translateRequest(front, back, body), golden(`request.${front}.${back}.${name}.json`));
      });
    }
  }

  test('within a dialect nothing is lost: decode and encode give the same JSON', () => {
    const free =
      /^(?:tool-choice-named|demand-n|demand-logprobs|demand-audio|refusal-history|orphan-result|broken-arguments|unknown-role|thread|prefill|thinking-foreign|thinking-history|reasoning-history|consecutive-users|hints|parameters|system-in-messages|signature-foreign|snake-case|demand-candidates|thinking-of-others|tool-of-another-type|ids-missing|no-messages|thinking-sealed)$/;
    for (const { front, name, body } of requestCases) {
      if (free.test(name)) continue;
      const out = translateRequest(front, front, body);
      assert.ok('text' in out, `${front} ${name}`);
      assert.deepEqual(plain(JSON.parse(String(out.text))), plain(JSON.parse(body)), `${front} ${name}`);
    }
  });
});

/** Content as one plain text part is the same as content as a string. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) => {
    const only: unknown = Array.isArray(inner) && inner.length === 1 ? inner[0] : undefined;
    const isText = typeof only === 'object' && only !== null && 'type' in only && only.type === 'text' && Object.keys(only).length === 2 && 'text' in only;
    return isText ? only.text : inner;
  }) as unknown;
}

const minimal: { readonly [name in DialectName]: string } = {
  'openai-chat': JSON.stringify({
    model: 'm',
    messages: [{ role: 'user', content: 'hi' }],
    tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
    stream: true,
    stream_options: { include_usage: true },
  }),
  'openai-responses': JSON.stringify({
    model: 'm',
    input: 'hi',
    tools: [{ type: 'function', name: 'weather', parameters: { type: 'object' }, strict: false }],
    include: ['reasoning.encrypted_content'],
    stream: true,
  }),
  'anthropic-messages': JSON.stringify({
    model: 'm',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'hi' }],
    tools: [{ name: 'weather', input_schema: { type: 'object' } }],
    stream: true,
  }),
  ollama: JSON.stringify({
    model: 'm',
    messages: [{ role: 'user', content: 'hi' }],
    tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
  }),
  gemini: JSON.stringify({
    contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
    tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: { type: 'object' } }] }],
    generationConfig: { thinkingConfig: { includeThoughts: true } },
  }),
  cohere: JSON.stringify({
    model: 'm',
    messages: [{ role: 'user', content: 'hi' }],
    tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
    stream: true,
  }),
  'bedrock-converse': JSON.stringify({
    messages: [{ role: 'user', content: [{ text: 'hi' }] }],
    toolConfig: { tools: [{ toolSpec: { name: 'weather', inputSchema: { json: { type: 'object' } } } }] },
  }),
};

function pair(front: DialectName, back: DialectName) {
  const context = contextFor(back);
  const accepted = dialects[front].accept(parseJsonText(minimal[front]), context, { model: 'm', stream: true });
  return { context, accepted, prepared: prepareFor(dialects[back], accepted.request, context) };
}

function decode(prepared: ReturnType<typeof pair>['prepared'], bytes: Uint8Array, cuts: readonly number[]): ChatEvent[] {
  const events: ChatEvent[] = [];
  const frames = decodeSse();
  const lines = decodeNdjson();
  const decoder = prepared.stream();
  const onFrame = (frame: { event: string; data: string }): void => decoder.push(frame, (event) => events.push(event));
  const onBytes = (piece: Uint8Array): void => frames.push(piece, onFrame);
  const isLines = bytes[0] === '{'.charCodeAt(0);
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    if (isLines) lines.push(bytes.subarray(from, cut), onBytes);
    else onBytes(bytes.subarray(from, cut));
    from = cut;
  }
  lines.end(onBytes);
  frames.end(onFrame);
  decoder.end((event) => events.push(event));
  return events;
}

/** `start (open delta* close)* usage? (finish | fail)`, with `fail` possible anywhere after which nothing follows. */
function assertGrammar(events: readonly ChatEvent[], label: string): void {
  const word = events
    .map((event) =>
      event.type[0] === 'f' ? (event.type === 'finish' ? 'F' : 'X') : { start: 's', open: 'o', delta: 'd', close: 'c', usage: 'u' }[event.type as 'start'],
    )
    .join('');
  assert.match(word, /^(?:s(?:od*c)*u?F|(?:s(?:od*c)*(?:od*)?u?)?X)$/, `${label}: ${word}`);
}

/** What must be equal between a stream and a whole answer: everything but how the text was cut and what raw form usage had. */
function comparable(reply: Reply): unknown {
  return JSON.parse(JSON.stringify(reply, (key, value: unknown) => (key === 'raw' || key === 'ext' ? undefined : value)));
}

describe('replies', () => {
  for (const replyCase of replyCases) {
    const { back, name } = replyCase;
    for (const front of names) {
      test(`${back} → ${front}: ${name}`, (t) => {
        t.assert.fileSnapshot(answersOf(front, replyCase), golden(`reply.${back}.${front}.${name}.json`));
      });
    }

    test(`laws: ${back} ${name}`, () => {
      const { prepared } = pair(back, back);
      const whole = prepared.reply(replyCase.whole);
      assert.deepEqual(collect(explode(whole)), whole);
      const bytes = new TextEncoder().encode(replyCase.frames);
      const once = decode(prepared, bytes, []);
      assertGrammar(once, name);
      assert.deepEqual(comparable(collect(once)), comparable(whole));
    });

    test(`any cut of the bytes: ${back} ${name}`, () => {
      const { prepared } = pair(back, back);
      const bytes = new TextEncoder().encode(replyCase.frames);
      const once = comparable(collect(decode(prepared, bytes, [])));
      for (let cut = 1; cut < bytes.length; cut++) assert.deepEqual(comparable(collect(decode(prepared, bytes, [cut]))), once, `cut at ${cut}`);
      const every = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
      assert.deepEqual(comparable(collect(decode(prepared, bytes, every))), once, 'cut at every byte');
    });

    test(`torn anywhere: ${back} ${name} is a failure or the whole, never less`, () => {
      const { prepared } = pair(back, back);
      const bytes = new TextEncoder().encode(replyCase.frames);
      const full = comparable(collect(decode(prepared, bytes, [])));
      for (let end = 0; end < bytes.length; end++) {
        const events = decode(prepared, bytes.subarray(0, end), []);
        assertGrammar(events, `torn at ${end}`);
        if (events.at(-1)?.type !== 'finish') continue;
        // A finish reason came: content is whole; only usage may be missing.
        const { usage: _u, serviceTier: _s, ...rest } = comparable(collect(events)) as Record<string, unknown>;
        const { usage: _u2, serviceTier: _s2, ...wanted } = full as Record<string, unknown>;
        assert.deepEqual(rest, wanted, `torn at ${end}`);
      }
    });
  }
});

function answersOf(front: DialectName, { back, whole, frames }: ReplyCase): object {
  const asWhole = pair(front, back);
  const body: unknown = JSON.parse(asWhole.accepted.reply(asWhole.prepared.reply(whole)));
  const asStream = pair(front, back);
  const encoder = asStream.accepted.stream();
  let text = '';
  const emit = (piece: string): void => {
    text += piece;
  };
  for (const event of decode(asStream.prepared, new TextEncoder().encode(frames), [])) encoder.push(event, emit);
  encoder.end(emit);
  return { body, stream: text.split('\n'), notes: asWhole.context.ledger.notes };
}
