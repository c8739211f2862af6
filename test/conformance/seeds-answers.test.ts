import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { DialectName, Reply } from '../../packages/modelwire/src/core/ir.ts';
import { dialects } from '../support/dialects.ts';
import { tell } from '../support/conversations.ts';
import { heard } from '../support/heard.ts';
import { callPair, type PairOutcome, type Scripted } from '../support/pair-call.ts';

/** Whole answers and refusals of providers that broke other gateways, for every caller's format. */
const names = Object.keys(dialects) as readonly DialectName[];
const tools = [{ name: 'weather', schema: { type: 'object' } }];
const ask = (front: DialectName, back: DialectName, answer: Scripted): Promise<PairOutcome> =>
  callPair({ front, back, body: tell(front, { turns: [{ user: 'hi' }], tools }), answer });
const json = (value: unknown, more: Omit<Scripted, 'chunks'> = {}): Scripted => ({
  ...more,
  chunks: [typeof value === 'string' ? value : JSON.stringify(value)],
});

async function replyTo(front: DialectName, back: DialectName, answer: Scripted): Promise<Reply> {
  const outcome = await ask(front, back, answer);
  assert.equal(outcome.error, undefined, outcome.error?.message);
  const reply = heard(front, outcome.shown, false);
  assert.ok(!(reply instanceof GatewayError), outcome.shown);
  return reply;
}

/** The status that each format's clients know for a provider that has too much to do. */
const busyStatus: { readonly [name in DialectName]: number } = {
  'openai-chat': 503,
  'openai-responses': 503,
  'anthropic-messages': 529,
  gemini: 503,
  cohere: 503,
  ollama: 503,
  'bedrock-converse': 503,
};

const busyBodies: readonly (readonly [back: DialectName, status: number, body: unknown, headers?: Record<string, string>])[] = [
  ['anthropic-messages', 529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
  ['openai-chat', 503, { error: { message: 'Overloaded', type: 'server_error' } }],
  ['openai-responses', 503, { error: { message: 'Overloaded', type: 'server_error' } }],
  ['gemini', 503, { error: { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' } }],
  ['cohere', 503, { message: 'Overloaded' }],
  ['ollama', 503, { error: 'Overloaded' }],
  ['bedrock-converse', 503, { message: 'Overloaded' }, { 'x-amzn-errortype': 'ServiceUnavailableException' }],
];

describe('a provider that has too much to do', () => {
  for (const [back, status, body, headers = {}] of busyBodies) {
    for (const front of names) {
      test(`${back} says ${status} → ${front}`, async () => {
        const { error } = await ask(front, back, json(body, { status, headers: { ...headers, 'retry-after': '3' } }));
        assert.ok(error !== undefined);
        assert.equal(error.code, 'overloaded');
        assert.ok(error.retryable);
        assert.match(error.message, /^lab: .*Overloaded/);
        assert.equal(error.retryAfter, 3);
        assert.equal(dialects[front].front.error(error, 'req_1').status, busyStatus[front]);
      });
    }
  }
});

/** Errors with the status of a success, and what they are. */
const inside: readonly (readonly [back: DialectName, body: unknown, code: string])[] = [
  ['openai-chat', { error: { message: 'The model is overloaded', type: 'overloaded', code: 503 } }, 'overloaded'],
  [
    'openai-responses',
    { id: 'r', object: 'response', status: 'failed', error: { code: 'rate_limit_exceeded', message: 'slow down' }, output: [] },
    'rate_limit_exceeded',
  ],
  ['anthropic-messages', { type: 'error', error: { type: 'rate_limit_error', message: 'slow down' } }, 'rate_limit_exceeded'],
  ['gemini', { error: { code: 429, message: 'slow down', status: 'RESOURCE_EXHAUSTED' } }, 'rate_limit_exceeded'],
  ['ollama', { error: 'model "x" not found' }, 'model_not_found'],
];

describe('an error with the status of a success', () => {
  for (const [back, body, code] of inside) {
    for (const front of names) {
      test(`${back} → ${front}`, async () => {
        const { error, shown } = await ask(front, back, json(body));
        assert.ok(error !== undefined && error.status >= 400, shown);
        assert.equal(error.code, code);
      });
    }
  }
});

describe('what is no answer at all', () => {
  for (const back of names) {
    for (const [kind, body] of [
      ['a page', '<html>Bad gateway</html>'],
      ['nothing', ''],
      ['half of one', '{"id":"c","choices":[{"mess'],
      ['an empty object', '{}'],
    ] as const) {
      test(`${back}: ${kind} is the provider's fault for every caller`, async () => {
        for (const front of names) {
          const { error, shown } = await ask(front, back, json(body));
          assert.ok(error !== undefined && error.status >= 500, `${front}: ${shown}`);
        }
      });
    }
  }
});

describe('a prompt that Google refuses', () => {
  const blocked = json({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 5, totalTokenCount: 5 } });
  for (const front of names) {
    test(`gemini → ${front}: no answer, and why`, async () => {
      const outcome = await ask(front, 'gemini', blocked);
      assert.equal(outcome.error, undefined);
      const reply = heard(front, outcome.shown, false);
      if (front === 'cohere') assert.match(outcome.shown, /"finish_reason":"ERROR"/);
      else if (front === 'ollama') assert.ok(outcome.notes.includes('dropped finish'));
      else assert.ok(!(reply instanceof GatewayError) && reply.finish.reason === 'filter', outcome.shown);
    });
  }
});

/** A kind of content that no format has yet, beside a text. */
const unknownContent: readonly (readonly [back: DialectName, body: object])[] = [
  [
    'anthropic-messages',
    {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [
        { type: 'hologram', data: 'x' },
        { type: 'text', text: 'Yes.' },
      ],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 5, output_tokens: 7 },
    },
  ],
  [
    'openai-responses',
    {
      id: 'r',
      object: 'response',
      created_at: 1,
      model: 'm',
      status: 'completed',
      error: null,
      output: [
        { type: 'hologram', id: 'h', data: 'x' },
        { type: 'message', id: 'm', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'Yes.', annotations: [] }] },
      ],
      usage: { input_tokens: 5, output_tokens: 7, total_tokens: 12 },
    },
  ],
  ['gemini', { candidates: [{ content: { role: 'model', parts: [{ hologram: { data: 'x' } }, { text: 'Yes.' }] }, finishReason: 'STOP' }] }],
  [
    'cohere',
    {
      id: 'c',
      finish_reason: 'COMPLETE',
      message: {
        role: 'assistant',
        content: [
          { type: 'hologram', data: 'x' },
          { type: 'text', text: 'Yes.' },
        ],
      },
    },
  ],
  [
    'bedrock-converse',
    {
      output: { message: { role: 'assistant', content: [{ hologram: { data: 'x' } }, { text: 'Yes.' }] } },
      stopReason: 'end_turn',
      usage: { inputTokens: 5, outputTokens: 7, totalTokens: 12 },
    },
  ],
];

describe('a kind of content that is not known', () => {
  for (const [back, body] of unknownContent) {
    for (const front of names.filter((name) => name !== back)) {
      test(`${back} → ${front}: the rest is shown, and a note says what is not`, async () => {
        const outcome = await ask(front, back, json(body));
        const reply = await replyTo(front, back, json(body));
        assert.equal(reply.blocks.map((block) => (block.type === 'text' ? block.text : '')).join(''), 'Yes.');
        assert.ok(
          outcome.notes.some((note) => /^dropped .*hologram/.test(note)),
          outcome.notes.join(),
        );
      });
    }
  }
});

/** Why each format's answer ended, and what a caller of each format is to think of it. */
const endings: readonly (readonly [back: DialectName, body: object, reason: string])[] = [
  ['openai-chat', { choices: [{ index: 0, message: { role: 'assistant', content: 'Half' }, finish_reason: 'length' }] }, 'length'],
  ['openai-chat', { choices: [{ index: 0, message: { role: 'assistant', content: 'No.' }, finish_reason: 'content_filter' }] }, 'filter'],
  ['anthropic-messages', claude('max_tokens'), 'length'],
  ['anthropic-messages', claude('model_context_window_exceeded'), 'length'],
  ['anthropic-messages', claude('refusal'), 'filter'],
  ['bedrock-converse', converse('max_tokens'), 'length'],
  ['bedrock-converse', converse('guardrail_intervened'), 'filter'],
  ['bedrock-converse', converse('content_filtered'), 'filter'],
  ['gemini', { candidates: [{ content: { parts: [{ text: 'Half' }] }, finishReason: 'MAX_TOKENS' }] }, 'length'],
  ['gemini', { candidates: [{ content: { parts: [{ text: 'Half' }] }, finishReason: 'RECITATION' }] }, 'filter'],
  ['cohere', { id: 'c', finish_reason: 'MAX_TOKENS', message: { role: 'assistant', content: [{ type: 'text', text: 'Half' }] } }, 'length'],
  ['ollama', { model: 'm', created_at: '2026-11-01T00:00:00Z', message: { role: 'assistant', content: 'Half' }, done: true, done_reason: 'length' }, 'length'],
];

function claude(reason: string): object {
  const usage = { input_tokens: 5, output_tokens: 7 };
  return {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text: 'Half' }],
    stop_reason: reason,
    stop_sequence: null,
    usage,
  };
}

function converse(stopReason: string): object {
  return { output: { message: { role: 'assistant', content: [{ text: 'Half' }] } }, stopReason, usage: { inputTokens: 5, outputTokens: 7, totalTokens: 12 } };
}

describe('an answer that is not all that there was to say', () => {
  for (const [back, body, reason] of endings) {
    for (const front of names.filter((name) => name !== back)) {
      test(`${back} → ${front}: ${JSON.stringify(body).match(/"(?:finish_reason|stop_reason|stopReason|finishReason|done_reason)":"\w+"/)?.[0] ?? ''}`, async () => {
        const outcome = await ask(front, back, json(body));
        if (reason === 'filter' && front === 'cohere') return assert.match(outcome.shown, /"finish_reason":"ERROR"/);
        if (reason === 'filter' && front === 'ollama') return assert.ok(outcome.notes.includes('dropped finish'), outcome.notes.join());
        const reply = heard(front, outcome.shown, false);
        assert.ok(!(reply instanceof GatewayError), outcome.shown);
        assert.equal(reply.finish.reason === 'contextFull' ? 'length' : reply.finish.reason, reason);
      });
    }
  }
});
