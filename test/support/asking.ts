import assert from 'node:assert/strict';
import type { Answer, Attempt } from '../../packages/modelwire/src/core/attempt.ts';
import { attemptCall } from '../../packages/modelwire/src/core/call.ts';
import { GatewayError } from '../../packages/modelwire/src/core/errors.ts';
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import type { Fidelity } from '../../packages/modelwire/src/core/notes.ts';
import type { ModelInfo, Quirks, Target } from '../../packages/modelwire/src/core/target.ts';
import { createFakeWorld, scriptedTransport, sentBody } from './fake-world.ts';
import { chatCall } from './chat-call.ts';

/** One attempt from a front to a back that plays a script, for tests of what a target lacks. */
export const names: readonly DialectName[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'];
export const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'integer' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
};
export const good = '{"city":"Oslo","degrees":-3}';

const fronts: { readonly [name in DialectName]?: (schema: object | undefined, more: object) => object } = {
  'openai-chat': (given, more) => ({
    model: 'm',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Weather?' },
    ],
    response_format: given === undefined ? { type: 'json_object' } : { type: 'json_schema', json_schema: { name: 'weather', schema: given, strict: true } },
    ...more,
  }),
  'openai-responses': (given, more) => ({
    model: 'm',
    instructions: 'Be brief.',
    input: 'Weather?',
    text: { format: given === undefined ? { type: 'json_object' } : { type: 'json_schema', name: 'weather', schema: given, strict: true } },
    ...more,
  }),
  'anthropic-messages': (given, more) => ({
    model: 'm',
    max_tokens: 100,
    system: 'Be brief.',
    messages: [{ role: 'user', content: 'Weather?' }],
    output_config: { format: { type: 'json_schema', schema: given } },
    ...more,
  }),
  gemini: (given, more) => ({
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    contents: [{ role: 'user', parts: [{ text: 'Weather?' }] }],
    generationConfig: { responseMimeType: 'application/json', ...(given === undefined ? {} : { responseJsonSchema: given }) },
    ...more,
  }),
};

/** What the provider says: text, or a call with these arguments after some text. */
export type Said = { readonly text?: string; readonly call?: { readonly name: string; readonly arguments: string }; readonly finish?: 'length' };

const data = (...events: readonly unknown[]): string =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
const named = (...events: readonly { readonly type: string }[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
/** In pieces of three characters. */
const pieces = (text: string): string[] => text.match(/[^]{1,3}/g) ?? [];

const backs: { readonly [name in DialectName]?: { whole(said: Said): string; stream(said: Said): string } } = {
  'openai-chat': {
    whole({ text, call, finish }) {
      const calls = call === undefined ? {} : { tool_calls: [{ id: 'call_1', type: 'function', function: call }] };
      const message = { role: 'assistant', content: text ?? null, ...calls };
      const reason = finish ?? (call === undefined ? 'stop' : 'tool_calls');
      return JSON.stringify({
        id: 'c',
        created: 1,
        model: 'm',
        choices: [{ index: 0, message, finish_reason: reason }],
        usage: { prompt_tokens: 5, completion_tokens: 7 },
      });
    },
    stream({ text = '', call, finish }) {
      const chunk = (delta: object, reason: string | null = null) => ({
        id: 'c',
        created: 1,
        model: 'm',
        choices: [{ index: 0, delta, finish_reason: reason }],
      });
      const called =
        call === undefined
          ? []
          : [
              { id: 'call_1', type: 'function', function: { name: call.name, arguments: '' } },
              ...pieces(call.arguments).map((part) => ({ function: { arguments: part } })),
            ];
      return data(
        ...pieces(text).map((part) => chunk({ content: part })),
        ...called.map((part) => chunk({ tool_calls: [{ index: 0, ...part }] })),
        chunk({}, finish ?? (call === undefined ? 'stop' : 'tool_calls')),
        { id: 'c', created: 1, model: 'm', choices: [], usage: { prompt_tokens: 5, completion_tokens: 7 } },
        '[DONE]',
      );
    },
  },
  'anthropic-messages': {
    whole({ text, call, finish }) {
      const content = [
        ...(text === undefined ? [] : [{ type: 'text', text }]),
        ...(call === undefined ? [] : [{ type: 'tool_use', id: 'toolu_1', name: call.name, input: JSON.parse(call.arguments) }]),
      ];
      const reason = finish === 'length' ? 'max_tokens' : call === undefined ? 'end_turn' : 'tool_use';
      return JSON.stringify({
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content,
        stop_reason: reason,
        stop_sequence: null,
        usage: { input_tokens: 5, output_tokens: 7 },
      });
    },
    stream({ text, call, finish }) {
      const block = (index: number, start: object, deltas: readonly object[]) => [
        { type: 'content_block_start', index, content_block: start },
        ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
        { type: 'content_block_stop', index },
      ];
      const texts =
        text === undefined
          ? []
          : block(
              0,
              { type: 'text', text: '' },
              pieces(text).map((part) => ({ type: 'text_delta', text: part })),
            );
      const use = { type: 'tool_use', id: 'toolu_1', name: call?.name, input: {} };
      const calls =
        call === undefined
          ? []
          : block(
              text === undefined ? 0 : 1,
              use,
              pieces(call.arguments).map((part) => ({ type: 'input_json_delta', partial_json: part })),
            );
      const message = {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 5, output_tokens: 0 },
      };
      const reason = finish === 'length' ? 'max_tokens' : call === undefined ? 'end_turn' : 'tool_use';
      return named(
        { type: 'message_start', message } as { type: string },
        ...texts,
        ...calls,
        { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 7 } } as { type: string },
        { type: 'message_stop' },
      );
    },
  },
  'openai-responses': {
    whole: (said) => JSON.stringify(responseAnswer(said)),
    stream(said) {
      const response = responseAnswer(said);
      let sequence = 0;
      const events: { readonly type: string; readonly [key: string]: unknown }[] = [
        { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
      ];
      for (const [index, item] of response.output.entries()) {
        const at = { output_index: index, item_id: item.id };
        if (item.type === 'function_call') {
          events.push({ type: 'response.output_item.added', output_index: index, item: { ...item, arguments: '', status: 'in_progress' } });
          for (const delta of pieces(item.arguments)) events.push({ type: 'response.function_call_arguments.delta', ...at, delta });
          events.push({ type: 'response.function_call_arguments.done', ...at, arguments: item.arguments });
        } else {
          const [part] = item.content;
          events.push({ type: 'response.output_item.added', output_index: index, item: { ...item, content: [], status: 'in_progress' } });
          events.push({ type: 'response.content_part.added', ...at, content_index: 0, part: { ...part, text: '' } });
          for (const delta of pieces(part.text)) events.push({ type: 'response.output_text.delta', ...at, content_index: 0, delta });
          events.push({ type: 'response.output_text.done', ...at, content_index: 0, text: part.text });
          events.push({ type: 'response.content_part.done', ...at, content_index: 0, part });
        }
        events.push({ type: 'response.output_item.done', output_index: index, item });
      }
      events.push({ type: response.status === 'completed' ? 'response.completed' : 'response.incomplete', response });
      return named(...events.map((event) => ({ ...event, sequence_number: sequence++ })));
    },
  },
  gemini: {
    whole: (said) => JSON.stringify(geminiAnswer(said)),
    stream: (said) => data(geminiAnswer(said)),
  },
};

type ResponseItem =
  | {
      readonly type: 'message';
      readonly id: string;
      readonly role: string;
      readonly status: string;
      readonly content: readonly [{ readonly type: string; readonly text: string; readonly annotations: readonly [] }];
    }
  | {
      readonly type: 'function_call';
      readonly id: string;
      readonly call_id: string;
      readonly name: string;
      readonly arguments: string;
      readonly status: string;
    };

function responseAnswer({ text, call, finish }: Said) {
  const status = finish === 'length' ? 'incomplete' : 'completed';
  const output: ResponseItem[] = [];
  if (text !== undefined) output.push({ type: 'message', id: 'msg_1', role: 'assistant', status, content: [{ type: 'output_text', text, annotations: [] }] });
  if (call !== undefined) output.push({ type: 'function_call', id: 'fc_1', call_id: 'call_1', ...call, status });
  const usage = {
    input_tokens: 5,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 7,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 12,
  };
  const details = finish === 'length' ? { incomplete_details: { reason: 'max_output_tokens' } } : {};
  return { id: 'resp_1', object: 'response', created_at: 1, model: 'm', status, output, error: null, ...details, usage };
}

function geminiAnswer({ text, call, finish }: Said): object {
  const parts = [
    ...(text === undefined ? [] : [{ text }]),
    ...(call === undefined ? [] : [{ functionCall: { name: call.name, args: JSON.parse(call.arguments) } }]),
  ];
  const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 7, totalTokenCount: 12 };
  return { candidates: [{ content: { role: 'model', parts }, finishReason: finish === 'length' ? 'MAX_TOKENS' : 'STOP', index: 0 }], usageMetadata };
}

export type Setting = {
  readonly front: DialectName;
  readonly back: DialectName;
  readonly quirks?: Quirks;
  readonly info?: ModelInfo;
  /** Undefined: any JSON object. */
  readonly schema?: object | undefined;
  readonly said: Said;
  readonly stream?: boolean;
  readonly more?: object;
  readonly fidelity?: Fidelity;
};

/** A stream that comes in two reads: the last event is the second. */
function inReads(text: string): string[] {
  const at = text.lastIndexOf('\n\n', text.length - 3) + 2;
  return at < 2 ? [text] : [text.slice(0, at), text.slice(at)];
}

export async function ask(setting: Setting) {
  const { front, back, quirks = {}, info, said, stream = false, more = {}, fidelity = 'carry' } = setting;
  const script = backs[back];
  const bodyOf = fronts[front];
  assert.ok(script !== undefined && bodyOf !== undefined);
  const type = stream ? 'text/event-stream' : 'application/json';
  const { transport, requests } = scriptedTransport(200, { 'content-type': type }, ...(stream ? inReads(script.stream(said)) : [script.whole(said)]));
  const target: Target = {
    provider: 'lab',
    model: 'm',
    speaks: { [back]: { baseURL: 'http://lab', auth: 'none' } },
    quirks,
    info: { maxOutput: 1000, ...info },
  };
  const body = bodyOf('schema' in setting ? setting.schema : schema, { ...(stream && front !== 'gemini' ? { stream: true } : {}), ...more });
  const call = chatCall(front, JSON.stringify(body), { stream, fidelity });
  const attempts: Attempt[] = [];
  const world = createFakeWorld(transport);
  const answer = await attemptCall(call, target, world, attempts).catch((error: unknown) => error as GatewayError);
  const made = attempts[0];
  assert.ok(made !== undefined);
  const request = JSON.parse(requests[0] === undefined ? '{}' : sentBody(requests[0]));
  const text = answer instanceof GatewayError ? '' : textOf(answer);
  return { answer, attempt: made, request, text, notes: made.notes.map((note) => `${note.verdict} ${note.path}`) };
}

function textOf(answer: Answer): string {
  let text = '';
  const add = (chunk: Uint8Array | string): void => {
    text += typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk);
  };
  if (answer.body.kind === 'whole') for (const chunk of answer.body.chunks) add(chunk);
  else answer.body.source.start({ data: add, end: () => undefined, reset: () => add('<reset>') });
  return text;
}

/** The answer's text and finish, whatever the format and whether it is a stream. */
export function read(
  front: DialectName,
  text: string,
  stream: boolean,
): { readonly content: string; readonly finish: unknown; readonly error: unknown; readonly calls: number } {
  const events = stream
    ? text
        .split('\n\n')
        .flatMap((event) => event.split('\n').filter((line) => line.startsWith('data: ')))
        .map((line) => line.slice(6))
        .filter((line) => line !== '[DONE]')
        .map((line) => JSON.parse(line))
    : [JSON.parse(text)];
  const error = events.find((event) => event.error !== undefined)?.error;
  if (front === 'openai-chat') {
    const choices = events.flatMap((event) => event.choices ?? []);
    const messages = choices.map((choice) => choice.message ?? choice.delta ?? {});
    return {
      content: messages.map((message) => message.content ?? '').join(''),
      finish: choices.map((choice) => choice.finish_reason).findLast((reason) => reason !== null && reason !== undefined),
      error,
      calls: messages.filter((message) => message.tool_calls !== undefined).length,
    };
  }
  if (front === 'gemini') {
    const parts = events.flatMap((event) => event.candidates?.[0]?.content?.parts ?? []);
    return {
      content: parts.map((part) => part.text ?? '').join(''),
      finish: events.map((event) => event.candidates?.[0]?.finishReason).findLast((reason) => reason !== undefined),
      error,
      calls: parts.filter((part) => part.functionCall !== undefined).length,
    };
  }
  if (front === 'openai-responses') {
    const last = events.findLast((event) => (event.response ?? event).output !== undefined);
    const answer = stream ? (events.some((event) => /^response\.(?:completed|incomplete)$/.test(event.type)) ? last.response : { output: [] }) : events[0];
    const texts = stream ? events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')) : [];
    const items = answer.output as { type: string; content?: { text?: string }[] }[];
    return {
      content: stream
        ? texts.join('')
        : items
            .flatMap((item) => item.content ?? [])
            .map((part) => part.text ?? '')
            .join(''),
      finish: answer.status,
      error: error ?? events.find((event) => event.type === 'error' || event.type === 'response.failed'),
      calls: items.filter((item) => item.type === 'function_call').length,
    };
  }
  const blocks = events.flatMap((event) => event.content ?? (event.type === 'content_block_start' ? [event.content_block] : []));
  return {
    content: events.map((event) => (event.content ?? []).map((block: { text?: string }) => block.text ?? '').join('') + (event.delta?.text ?? '')).join(''),
    finish: events.map((event) => event.stop_reason ?? event.delta?.stop_reason).findLast((reason) => reason !== null && reason !== undefined),
    error,
    calls: blocks.filter((block) => block.type === 'tool_use').length,
  };
}

export const ends: { readonly [name in DialectName]?: string } = {
  'openai-chat': 'stop',
  'openai-responses': 'completed',
  'anthropic-messages': 'end_turn',
  gemini: 'STOP',
};
export const lengths: { readonly [name in DialectName]?: string } = {
  'openai-chat': 'length',
  'openai-responses': 'incomplete',
  'anthropic-messages': 'max_tokens',
  gemini: 'MAX_TOKENS',
};

/** Each pair, whole and streaming. */
export function everyPair(run: (pair: { readonly front: DialectName; readonly back: DialectName; readonly stream: boolean }, name: string) => void): void {
  for (const front of names)
    for (const back of names) for (const stream of [false, true]) run({ front, back, stream }, `${front} → ${back}, ${stream ? 'streaming' : 'whole'}`);
}
