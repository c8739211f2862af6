import type { DialectName } from '../../../packages/modelwire/src/core/ir.ts';
import { isObject, type JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import { targetOf } from '../../conformance/provider-call.ts';
import { strictAnthropic } from './strict-anthropic.ts';
import { strictBedrock } from './strict-bedrock.ts';
import { strictCohere } from './strict-cohere.ts';
import { strictGemini } from './strict-gemini.ts';
import { strictOllama } from './strict-ollama.ts';
import { strictOpenai } from './strict-openai.ts';
import { strictResponses } from './strict-responses.ts';
import { objectsIn, refuse, type StrictProvider } from './strict-provider.ts';

/** The catalogue's own entries, with a vendor behind each that takes nothing that the real one refuses. A new one for every conversation. */
export const strictProviders: { readonly [name: string]: () => StrictProvider } = {
  anthropic: () => strictAnthropic({ target: only('anthropic', 'anthropic-messages', 'claude-sonnet-4-5') }),
  openai: () => strictOpenai({ target: only('openai', 'openai-chat'), id: (_, count) => `call_${'Zx0q'.repeat(6)}${count}` }),
  deepseek: () =>
    strictOpenai({
      target: only('deepseek', 'openai-chat'),
      id: (_, count) => `call_0${count}_${'Kq0sRrJDwFLAAGhuS8'}`,
      thinks: 'reasoning_content',
      messageFields: ['reasoning_content'],
      fields: ['thinking'],
      check: (messages) => wantsThoughts(messages, false),
    }),
  mistral: () =>
    strictOpenai({
      target: only('mistral', 'openai-chat'),
      id: (_, count) => `Vh8${String(count).padStart(6, 'q')}`,
      messageFields: ['media'],
      check: checkMistral,
    }),
  google: () => strictGemini({ target: only('google', 'gemini') }),
  moonshot: () =>
    strictOpenai({
      target: only('moonshot', 'openai-chat'),
      id: (name, count) => `functions.${name}:${count}`.slice(-40),
      thinks: 'reasoning_content',
      messageFields: ['reasoning_content'],
      fields: ['thinking'],
      check(messages, body) {
        wantsThoughts(messages, true);
        checkMoonshotNames(body);
      },
    }),
  openrouter: () =>
    strictOpenai({
      target: only('openrouter', 'openai-chat'),
      // Some of the servers behind it count anew with every answer.
      id: (_name, _count, index) => `tool_${index}`,
      thinks: 'details',
      messageFields: ['reasoning', 'reasoning_content', 'reasoning_details'],
      interleaves: true,
    }),
  // The same company, and the same key: what one of its formats gives out, the other has no place for.
  'openai responses': () => strictResponses({ target: only('openai', 'openai-responses') }),
  // Two that speak another vendor's format, with signatures and secrets of their own. What this one thinks is not always signed.
  minimax: () => strictAnthropic({ target: only('minimax', 'anthropic-messages'), signs: (answer) => answer % 2 === 1 }),
  xai: () => strictResponses({ target: only('xai', 'openai-responses') }),
  cohere: () => strictCohere({ target: only('cohere', 'cohere') }),
  ollama: () => strictOllama({ target: only('ollama', 'ollama', 'qwen3') }),
  bedrock: () => strictBedrock({ target: only('bedrock', 'bedrock-converse', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0') }),
};

/** Spoken to in this dialect alone. */
function only(name: string, dialect: DialectName, model?: string): ReturnType<typeof targetOf> {
  return targetOf(name, { dialect, model });
}

/** https://api-docs.deepseek.com/guides/thinking_mode: every message of a conversation with tools wants its thinking back. */
function wantsThoughts(messages: readonly JsonObject[], filled: boolean): void {
  if (!messages.some((message) => message['tool_calls'] !== undefined)) return;
  for (const [at, { role, reasoning_content: text }] of messages.entries())
    refuse(
      role === 'assistant' && (typeof text !== 'string' || (filled && text === '')),
      `The \`reasoning_content\` in the thinking mode must be passed back to the API. (messages[${at}])`,
    );
}

/** https://docs.mistral.ai/capabilities/function_calling: ids of nine letters or digits, and an answer of the model after results. */
function checkMistral(messages: readonly JsonObject[]): void {
  let last: unknown;
  for (const { role, tool_calls: calls, tool_call_id: id } of messages) {
    const ids = [...(calls === undefined ? [] : objectsIn(calls).map((call) => call['id'])), ...(id === undefined ? [] : [id])];
    for (const given of ids)
      refuse(!/^[a-zA-Z0-9]{9}$/.test(String(given)), `Tool call id was ${String(given)} but must be a-z, A-Z, 0-9, with a length of 9.`);
    refuse(last === 'tool' && role !== 'tool' && role !== 'assistant', `Unexpected role '${String(role)}' after role 'tool'`);
    last = role;
  }
}

/** https://platform.kimi.com/docs/api/chat: a name begins with a letter. */
function checkMoonshotNames(body: JsonObject): void {
  for (const { function: declared } of objectsIn(body['tools'])) {
    const name = isObject(declared) ? String(declared['name']) : '';
    refuse(
      !/^[a-zA-Z_][a-zA-Z0-9_-]{2,63}$/.test(name),
      `function name is invalid, must start with a letter and can contain letters, numbers, underscores, and dashes (${name})`,
    );
  }
}
