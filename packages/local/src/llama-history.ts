import type { ChatHistoryItem } from 'node-llama-cpp';
import type { PastCall, Turn } from './chat-messages.ts';

type Style = {
  /** Put before and after the conversation's own system text. */
  readonly system: readonly [before: string, after: string];
  /**
   * How calls already made are told: in the syntax of the model's chat template, in plain words, or in plain words without the
   * question that leads to an answer (because another call is wanted).
   */
  readonly calls: 'template' | 'plain' | 'plain-unasked';
};

// Measured on SmolLM2 135M with seven tool results, texts and JSON: of nine wordings the one whose answers all held the result.
const question = 'So, what is the answer to my question?';

/**
 * The conversation as the engine's chat templates take it. Assistant turns in a row are one; so an assistant turn at the end is
 * continued, which is how a client gives the beginning of an answer.
 */
export function toHistory(turns: readonly Turn[], style: Style): ChatHistoryItem[] {
  const lead = turns.findIndex((turn) => turn.role !== 'system');
  const [before, after] = style.system;
  const own = turns.slice(0, lead === -1 ? turns.length : lead);
  const system = [before, ...own.map((turn) => turn.text), after].filter((text) => text !== '').join('\n\n');
  const history: ChatHistoryItem[] = system === '' ? [] : [{ type: 'system', text: system }];
  for (const turn of turns.slice(own.length)) {
    if (turn.role !== 'assistant') history.push({ type: turn.role, text: turn.text });
    else if (turn.calls.length > 0 && style.calls !== 'template') addPlainCalls(history, turn);
    else addTurn(history, turn);
  }
  const last = turns.at(-1);
  if (style.calls === 'plain' && last?.role === 'assistant' && last.calls.length > 0) ask(history);
  if (history.at(-1)?.type !== 'model') history.push({ type: 'model', response: [] });
  return history;
}

type AssistantTurn = Extract<Turn, { role: 'assistant' }>;

function addTurn(history: ChatHistoryItem[], turn: AssistantTurn): void {
  const last = history.at(-1);
  const response = last?.type === 'model' ? last.response : [];
  if (last?.type !== 'model') history.push({ type: 'model', response });
  if (turn.text !== '') response.push(turn.text);
  for (const call of turn.calls) response.push({ type: 'functionCall', name: call.name, params: parsed(call.arguments), result: parsed(call.result) });
}

function addPlainCalls(history: ChatHistoryItem[], turn: AssistantTurn): void {
  const said = [turn.text, ...turn.calls.map((call) => `I call ${call.name}(${call.arguments}).`)].filter((text) => text !== '');
  addTurn(history, { ...turn, text: said.join('\n'), calls: [] });
  history.push({ type: 'user', text: turn.calls.map((call) => `The result of ${call.name} is: ${call.result}`).join('\n') });
}

function ask(history: ChatHistoryItem[]): void {
  const last = history.at(-1);
  if (last?.type === 'user') last.text += `\n\n${question}`;
}

/** The templates print JSON values; a tool's plain text stays a string. */
function parsed(text: PastCall['result']): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
