import type { GenerationEnd, Piece } from './generator.ts';

/** What every answer and chunk of one request has in common. */
export type ReplyHead = { readonly id: string; readonly created: number; readonly model: string };

type ToolCall = { readonly id: string; readonly type: 'function'; readonly function: { readonly name: string; readonly arguments: string } };

/** Builds the whole answer from the same pieces a stream is made of. */
export function createReplyCollector(head: ReplyHead, createCallId: () => string) {
  let text = '';
  let reasoning = '';
  const calls: { id: string; name: string; arguments: string }[] = [];

  function add(piece: Piece): void {
    switch (piece.type) {
      case 'start':
        return;
      case 'text':
        text += piece.text;
        return;
      case 'reasoning':
        reasoning += piece.text;
        return;
      case 'call':
        calls.push({ id: createCallId(), name: piece.name, arguments: '' });
        return;
      case 'arguments': {
        const call = calls.at(-1);
        if (call !== undefined) call.arguments += piece.text;
      }
    }
  }

  function finish(end: GenerationEnd) {
    const toolCalls: ToolCall[] = calls.map((call) => ({ id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } }));
    const message = {
      role: 'assistant',
      content: text === '' && toolCalls.length > 0 ? null : text,
      refusal: null,
      ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
      ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
    };
    return {
      id: head.id,
      object: 'chat.completion',
      created: head.created,
      model: head.model,
      choices: [{ index: 0, message, logprobs: null, finish_reason: end.finish }],
      usage: toUsage(end),
    };
  }

  return { add, finish };
}

/** Turns pieces into chunks. `includeUsage` puts `usage` on every chunk, null but on the last, as the format says. */
export function createChunkEncoder(head: ReplyHead, options: { readonly includeUsage: boolean; readonly createCallId: () => string }) {
  let calls = 0;

  function chunk(choices: readonly unknown[], usage: unknown = null) {
    const { id, created, model } = head;
    return { id, object: 'chat.completion.chunk', created, model, choices, ...(options.includeUsage ? { usage } : {}) };
  }

  function choice(delta: unknown, finish: string | null = null) {
    return chunk([{ index: 0, delta, logprobs: null, finish_reason: finish }]);
  }

  function add(piece: Piece) {
    switch (piece.type) {
      case 'start':
        return choice({ role: 'assistant', content: '', refusal: null });
      case 'text':
        return choice({ content: piece.text });
      case 'reasoning':
        return choice({ reasoning_content: piece.text });
      case 'call': {
        const made = { index: calls, id: options.createCallId(), type: 'function', function: { name: piece.name, arguments: '' } };
        calls += 1;
        return choice({ tool_calls: [made] });
      }
      case 'arguments':
        return choice({ tool_calls: [{ index: calls - 1, function: { arguments: piece.text } }] });
    }
  }

  function finish(end: GenerationEnd): readonly unknown[] {
    const last = choice({}, end.finish);
    return options.includeUsage ? [last, chunk([], toUsage(end))] : [last];
  }

  return { add, finish };
}

function toUsage(end: GenerationEnd) {
  return {
    prompt_tokens: end.promptTokens,
    completion_tokens: end.completionTokens,
    total_tokens: end.promptTokens + end.completionTokens,
    prompt_tokens_details: { cached_tokens: end.cachedTokens, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: end.reasoningTokens, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  };
}
