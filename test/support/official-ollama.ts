import { count, filled, isJson, list, matching, nothing, object, objectValue, oneOf, problemsOf, type Shape, string } from './shape.ts';
import type { SseFrame } from './official-openai.ts';

/** What Ollama allows in answers: read off the types of `ollama` 0.6 (dist/browser.d.ts) and, for what they leave out, Ollama's own. */
const call = object({ function: object({ name: filled, arguments: objectValue }, { index: count }) }, { id: filled });
const message = object({ role: oneOf('assistant'), content: string }, { thinking: filled, tool_calls: list(call) });
const date = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/, 'a date');
const head = { model: filled, created_at: date };
const counts = { total_duration: count, load_duration: count, prompt_eval_count: count, prompt_eval_duration: count, eval_count: count, eval_duration: count };
const end = { ...head, done: oneOf(true), done_reason: oneOf('stop', 'length'), ...counts };

const answer = object({ ...end, message });
const line = object({ ...head, message, done: oneOf(false) });
const generated = object({ ...end, response: string }, { thinking: filled });
const generatedLine = object({ ...head, response: string, done: oneOf(false) }, { thinking: filled });

const error = object({ error: filled }, { code: filled });

const details = object({ parent_model: string, format: string, family: string, families: list(string), parameter_size: string, quantization_level: string });
const model = object({ name: filled, model: filled, modified_at: date, size: count, digest: matching(/^[0-9a-f]{64}$/, 'a digest'), details });
const shown = object({
  license: string,
  modelfile: string,
  parameters: string,
  template: string,
  system: string,
  details,
  messages: list(nothing),
  modified_at: date,
  model_info: objectValue,
  capabilities: list(oneOf('completion', 'tools', 'vision', 'thinking')),
});
const models = object({ models: list(model) });
const version = object({ version: matching(/^\d+\.\d+\.\d+$/, 'a version') });

export const ollamaShapes = { answer, generated, error, models, shown, version, line } as const satisfies { readonly [name: string]: Shape };

/** What is wrong with a stream that ended well: each line's shape, and a last one that is done, alone. */
export function ollamaStreamProblems(frames: readonly SseFrame[], form: 'chat' | 'generate' = 'chat'): string[] {
  const shapes = form === 'chat' ? { line, end: answer } : { line: generatedLine, end: generated };
  const problems: string[] = [];
  let calls = 0;
  frames.forEach((frame, index) => {
    const value: unknown = JSON.parse(frame.data);
    const isLast = index === frames.length - 1;
    problems.push(...problemsOf(isLast ? shapes.end : shapes.line, value, `line ${index}`));
    const said = isJson(value) && isJson(value['message']) ? value['message'] : undefined;
    if (!isLast && said?.['content'] === '' && said['thinking'] === undefined && said['tool_calls'] === undefined) problems.push(`line ${index}: says nothing`);
    for (const item of Array.isArray(said?.['tool_calls']) ? said['tool_calls'].filter(isJson) : []) {
      const called = isJson(item['function']) ? item['function']['index'] : undefined;
      if (called !== undefined && called !== calls) problems.push(`line ${index}: call ${calls} has the index ${String(called)}`);
      calls++;
    }
  });
  if (frames.length === 0) problems.push('no line at all');
  return problems;
}
