import { anthropicShapes, messageProblems, messageStreamProblems } from '../support/official-anthropic.ts';
import { geminiShapes, responseProblems, responseStreamProblems } from '../support/official-gemini.ts';
import { chunkStreamProblems, completionProblems, openaiShapes, type SseFrame } from '../support/official-openai.ts';
import { responseObjectProblems, responsesStreamProblems } from '../support/official-responses.ts';
import { isJson, problemsOf } from '../support/shape.ts';

/** One HTTP exchange as a client recorded it: the raw bytes of the answer, before the library read them. */
export type Exchange = {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | null>>;
  /** Whether the request asked for usage in the stream. */
  readonly includeUsage: boolean;
  /** Whether the request carried `anthropic-version`. */
  readonly anthropic: boolean;
  /** Whether the request carried `x-goog-api-key`. */
  readonly google?: boolean;
  readonly body: string;
};

/** `torn`: the streams are meant to break; `aborted`: the client leaves in the middle. */
export type Outcome = 'whole' | 'torn' | 'aborted';

export type Tally = { answers: number; events: number };

/** What is wrong with the raw bytes of an answer, by the official types. */
export function judge(exchange: Exchange, outcome: Outcome, tally: Tally): string[] {
  tally.answers++;
  const where = `${exchange.method} ${exchange.path} ${exchange.status}`;
  const problems = [...headerProblems(exchange), ...bodyProblems(exchange, outcome, tally)];
  return problems.map((problem) => `${where}: ${problem}`);
}

function headerProblems({ headers }: Exchange): string[] {
  return ['x-request-id', 'request-id'].filter((name) => !headers[name]).map((name) => `no ${name} header`);
}

function bodyProblems(exchange: Exchange, outcome: Outcome, tally: Tally): string[] {
  const type = exchange.headers['content-type'] ?? '';
  if (exchange.status === 200 && type.startsWith('text/event-stream')) return streamProblems(exchange, outcome, tally);
  if (!type.startsWith('application/json')) return [`content-type ${type}`];
  const value: unknown = JSON.parse(exchange.body);
  if (exchange.google === true) return geminiProblems(exchange, value);
  if (exchange.status !== 200) return problemsOf(speaksAnthropic(exchange) ? anthropicShapes.error : openaiShapes.error, value);
  const path = exchange.path.replace(/^\/v1/, '');
  if (path === '/chat/completions') return completionProblems(value);
  if (path === '/responses') return responseObjectProblems(value);
  if (path === '/messages') return messageProblems(value);
  if (path === '/messages/count_tokens') return problemsOf(anthropicShapes.tokens, value);
  const shapes = exchange.anthropic ? anthropicShapes : openaiShapes;
  return problemsOf(path === '/models' ? shapes.models : shapes.model, value);
}

function geminiProblems({ status, path }: Exchange, value: unknown): string[] {
  if (status !== 200) return problemsOf(geminiShapes.error, value);
  if (path.endsWith(':countTokens')) return problemsOf(geminiShapes.tokens, value);
  if (Array.isArray(value)) return responseStreamProblems(value.map((item) => ({ event: '', data: JSON.stringify(item) })));
  if (/:\w+$/.test(path)) return responseProblems(value);
  return problemsOf(path.endsWith('/models') ? geminiShapes.models : geminiShapes.model, value);
}

function speaksAnthropic(exchange: Exchange): boolean {
  return exchange.anthropic || /\/messages(?:\/|$)/.test(exchange.path);
}

function streamProblems(exchange: Exchange, outcome: Outcome, tally: Tally): string[] {
  const { frames, problems } = framesOf(exchange.body, outcome);
  tally.events += frames.length;
  if (outcome === 'aborted') return problems;
  if (exchange.path.endsWith('/responses')) return [...problems, ...responsesStreamProblems(frames, { failed: outcome === 'torn' })];
  if (outcome === 'torn') return [...problems, ...tornProblems(exchange, frames)];
  if (exchange.google === true) return [...problems, ...responseStreamProblems(frames)];
  const streamed = speaksAnthropic(exchange) ? messageStreamProblems(frames) : chunkStreamProblems(frames, { includeUsage: exchange.includeUsage });
  return [...problems, ...streamed];
}

/** Strict about our own spelling: LF, `event: `, `data: `, comments, a blank line after each event. */
function framesOf(body: string, outcome: Outcome): { readonly frames: SseFrame[]; readonly problems: string[] } {
  const problems: string[] = [];
  const blocks = body.split('\n\n');
  const rest = blocks.pop();
  if (rest !== '' && outcome !== 'aborted') problems.push(`the stream ends within an event: ${JSON.stringify(rest?.slice(0, 80))}`);
  const frames = blocks.flatMap((block): SseFrame[] => {
    const lines = block.split('\n').filter((line) => !line.startsWith(':'));
    if (lines.length === 0) return [];
    const event = lines.find((line) => line.startsWith('event: '))?.slice(7) ?? '';
    const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6));
    if (data.length !== 1 || lines.some((line) => !/^(?:event|data|id): /.test(line))) problems.push(`an odd event: ${JSON.stringify(block.slice(0, 80))}`);
    return [{ event, data: data.join('\n') }];
  });
  return { frames, problems };
}

/** A broken stream says so in one error event at its end, and pretends no good end before it. */
function tornProblems(exchange: Exchange, frames: readonly SseFrame[]): string[] {
  const last = frames.at(-1);
  if (last === undefined) return ['no event at all'];
  const anthropic = speaksAnthropic(exchange);
  const value: unknown = JSON.parse(last.data);
  const shapes = exchange.google === true ? geminiShapes : anthropic ? anthropicShapes : openaiShapes;
  const problems = problemsOf(shapes.error, value, 'the last event');
  if (anthropic && last.event !== 'error') problems.push(`the error event is named "${last.event}"`);
  for (const frame of frames.slice(0, -1)) problems.push(...goodEnd(frame), ...eventProblems(exchange, frame));
  return problems;
}

function eventProblems(exchange: Exchange, frame: SseFrame): string[] {
  if (frame.data === '[DONE]') return [];
  const ours = speaksAnthropic(exchange) ? anthropicShapes.event : openaiShapes.chunk;
  return problemsOf(exchange.google === true ? geminiShapes.response : ours, JSON.parse(frame.data), 'an event');
}

function goodEnd(frame: SseFrame): string[] {
  if (frame.data === '[DONE]') return ['[DONE] in a broken stream'];
  const value: unknown = JSON.parse(frame.data);
  const choices = isJson(value) && Array.isArray(value['choices']) ? value['choices'].filter(isJson) : [];
  const candidates = isJson(value) && Array.isArray(value['candidates']) ? value['candidates'].filter(isJson) : [];
  if (choices.some((choice) => choice['finish_reason'] !== null) || candidates.some((candidate) => candidate['finishReason'] !== undefined))
    return ['a finish reason in a broken stream'];
  return ['message_stop', 'message_delta'].includes(frame.event) ? [`${frame.event} in a broken stream`] : [];
}
