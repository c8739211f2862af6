import { EventStreamCodec } from '@smithy/core/event-streams';
import { count, filled, isJson, isObjectText, type Json, list, matching, object, objectValue, oneOf, problemsOf, type Shape, string } from './shape.ts';

/** What Bedrock's Converse allows in answers: read off the types of `@aws-sdk/client-bedrock-runtime` 3.1164 (dist-types/models/models_0.d.ts). */
const base64 = matching(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'base64');
const toolUseId = matching(/^[a-zA-Z0-9_-]+$/, 'an id of letters, digits, _ and -');

/** An object with exactly one of these keys. */
function oneKey(shapes: { readonly [key: string]: Shape }): Shape {
  return (value, at, problems) => {
    object({}, shapes)(value, at, problems);
    if (isJson(value) && Object.keys(value).length !== 1) problems.push(`${at}: has ${Object.keys(value).length} members, not one`);
  };
}

const source = oneKey({ bytes: base64, s3Location: objectValue });
const image = object({ format: oneOf('png', 'jpeg', 'gif', 'webp'), source }, { error: objectValue });
const citation = object({}, { title: string, source: string, sourceContent: list(object({ text: string })), location: objectValue });
const toolUse = object({ toolUseId, name: filled, input: objectValue }, { type: oneOf('server_tool_use') });

const block = oneKey({
  text: string,
  image,
  audio: object({ format: filled, source }),
  toolUse,
  toolResult: objectValue,
  reasoningContent: oneKey({ reasoningText: object({ text: string }, { signature: filled }), redactedContent: base64 }),
  citationsContent: object({}, { content: list(object({ text: string })), citations: list(citation) }),
});

const stopReason = oneOf(
  'end_turn',
  'tool_use',
  'max_tokens',
  'stop_sequence',
  'guardrail_intervened',
  'content_filtered',
  'malformed_model_output',
  'malformed_tool_use',
  'model_context_window_exceeded',
);
const usage = object(
  { inputTokens: count, outputTokens: count, totalTokens: count },
  {
    cacheReadInputTokens: count,
    cacheWriteInputTokens: count,
    cacheDetails: list(object({ ttl: oneOf('5m', '1h'), inputTokens: count })),
  },
);
const ends = {
  trace: object({}, { guardrail: objectValue, promptRouter: object({}, { invokedModelId: filled }) }),
  performanceConfig: object({}, { latency: oneOf('standard', 'optimized') }),
  serviceTier: object({ type: oneOf('default', 'priority', 'flex', 'reserved') }),
};
const metrics = object({ latencyMs: count });
const message = object({ role: oneOf('assistant'), content: list(block) });
const answer = object({ output: object({ message }), stopReason, usage, metrics }, { ...ends, additionalModelResponseFields: objectValue });

/** Bedrock pads its events. */
const padded = { p: string };
const at = { contentBlockIndex: count };
const start = oneKey({
  toolUse: object({ toolUseId, name: filled }, { type: oneOf('server_tool_use') }),
  toolResult: object({ toolUseId }, { type: string, status: oneOf('success', 'error') }),
  image: object({ format: oneOf('png', 'jpeg', 'gif', 'webp') }),
});
const delta = oneKey({
  text: string,
  toolUse: object({ input: string }),
  toolResult: list(oneKey({ text: string, json: () => undefined })),
  reasoningContent: oneKey({ text: string, redactedContent: base64, signature: filled }),
  citation,
  image: object({}, { source, error: objectValue }),
});
const events: { readonly [name: string]: Shape } = {
  messageStart: object({ role: oneOf('assistant') }, padded),
  contentBlockStart: object({ start, ...at }, padded),
  contentBlockDelta: object({ delta, ...at }, padded),
  contentBlockStop: object(at, padded),
  messageStop: object({ stopReason }, { ...padded, additionalModelResponseFields: objectValue }),
  metadata: object({ usage, metrics }, { ...padded, ...ends }),
};

function checkSum(value: unknown, problems: string[]): void {
  if (!isJson(value)) return;
  const sum = ['inputTokens', 'outputTokens', 'cacheReadInputTokens', 'cacheWriteInputTokens'].reduce((all, key) => all + Number(value[key] ?? 0), 0);
  if (sum !== value['totalTokens']) problems.push(`usage: totalTokens is not the sum, ${sum}`);
}

/** What is wrong with a whole answer: its shape, and what must agree within it. */
export function converseProblems(value: unknown): string[] {
  const problems = problemsOf(answer, value);
  if (problems.length > 0 || !isJson(value)) return problems;
  checkSum(value['usage'], problems);
  const content = isJson(value['output']) && isJson(value['output']['message']) ? value['output']['message']['content'] : [];
  const calls = Array.isArray(content) && content.some((item) => isJson(item) && isJson(item['toolUse']) && item['toolUse']['type'] === undefined);
  if (calls !== (value['stopReason'] === 'tool_use') && value['stopReason'] !== 'max_tokens')
    problems.push(`stopReason ${String(value['stopReason'])}, calls: ${calls}`);
  return problems;
}

const decoder = new TextDecoder();
const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : decoder.decode(bytes)),
  (text) => new TextEncoder().encode(text),
);

export type BedrockEvent = { readonly name: string; readonly isException: boolean; readonly value: Json };

/** The messages of a stream, as Amazon's own decoder reads them: it holds both check sums. */
export function bedrockEvents(bytes: Uint8Array): BedrockEvent[] {
  const found: BedrockEvent[] = [];
  let from = 0;
  while (from < bytes.length) {
    const length = new DataView(bytes.buffer, bytes.byteOffset + from).getUint32(0);
    const { headers, body } = codec.decode(bytes.subarray(from, from + length));
    const isException = headers[':message-type']?.value === 'exception';
    const name = String(headers[isException ? ':exception-type' : ':event-type']?.value);
    if (headers[':content-type']?.value !== 'application/json') throw new Error(`${name}: no content type`);
    found.push({ name, isException, value: JSON.parse(decoder.decode(body)) as Json });
    from += length;
  }
  return found;
}

/** What is wrong with a stream that ended well: each event's shape, and their order. */
export function converseStreamProblems(bytes: Uint8Array): string[] {
  const problems: string[] = [];
  const all = bedrockEvents(bytes);
  let open: unknown;
  let next = 0;
  all.forEach(({ name, isException, value }, index) => {
    const shape = events[name];
    if (isException || shape === undefined) problems.push(`event ${index}: ${name}`);
    else problems.push(...problemsOf(shape, value, `event ${index} ${name}`));
    const place = value['contentBlockIndex'];
    if (name === 'contentBlockStart' || (name === 'contentBlockDelta' && open === undefined)) {
      if (open !== undefined || place !== next) problems.push(`event ${index}: ${name} ${String(place)} while ${String(open)} is open`);
      if (name === 'contentBlockDelta' && isJson(value['delta']) && ('toolUse' in value['delta'] || 'image' in value['delta']))
        problems.push(`event ${index}: a block that must have a start has none`);
      open = place;
      next++;
    } else if (name === 'contentBlockDelta' && place !== open) problems.push(`event ${index}: a delta of ${String(place)} while ${String(open)} is open`);
    if (name === 'contentBlockStop') {
      if (place !== open) problems.push(`event ${index}: a stop of ${String(place)} while ${String(open)} is open`);
      open = undefined;
    }
  });
  const names = all.map(({ name }) => name);
  if (names[0] !== 'messageStart' || names.lastIndexOf('messageStart') !== 0) problems.push('messageStart is not the first alone');
  if (names.at(-2) !== 'messageStop' || names.at(-1) !== 'metadata') problems.push(`the end is ${names.slice(-2).join(', ')}`);
  if (open !== undefined) problems.push('a block is open at the end');
  problems.push(...blockProblems(all));
  checkSum(all.at(-1)?.value['usage'], problems);
  return problems;
}

const brokenOff: readonly unknown[] = ['guardrail_intervened', 'content_filtered'];

/** What the pieces of one block bring: thinking and text have further kinds beside them. */
const kindsTogether: readonly (readonly string[])[] = [['text', 'citation'], ['toolUse'], ['toolResult'], ['reasoningContent'], ['image']];

/** A block is of one kind, the input of a call is an object, and the reason says whether there are calls, unless the answer broke off. */
function blockProblems(all: readonly BedrockEvent[]): string[] {
  const problems: string[] = [];
  const inputs = new Map<unknown, string>();
  const kindsOf = new Map<unknown, Set<string>>();
  for (const { name, value } of all) {
    const index = value['contentBlockIndex'];
    const inner = isJson(value['delta']) ? value['delta'] : isJson(value['start']) ? value['start'] : {};
    if (name !== 'contentBlockStart' && name !== 'contentBlockDelta') continue;
    const kinds = kindsOf.get(index) ?? new Set();
    kindsOf.set(index, kinds);
    for (const kind of Object.keys(inner)) kinds.add(kind);
    const use = inner['toolUse'];
    if (isJson(use) && use['type'] === undefined) inputs.set(index, (inputs.get(index) ?? '') + String(use['input'] ?? ''));
  }
  for (const [index, kinds] of kindsOf)
    if (!kindsTogether.some((together) => [...kinds].every((kind) => together.includes(kind))))
      problems.push(`block ${String(index)} is of several kinds: ${[...kinds].join(', ')}`);
  const reason = all.find(({ name }) => name === 'messageStop')?.value['stopReason'];
  if (reason === 'max_tokens' || reason === 'model_context_window_exceeded') return problems;
  if (inputs.size > 0 !== (reason === 'tool_use') && !brokenOff.includes(reason)) problems.push(`stopReason ${String(reason)}, ${inputs.size} calls`);
  for (const [index, text] of inputs) if (!isObjectText(text)) problems.push(`the arguments of the call in block ${String(index)} are not JSON: ${text}`);
  return problems;
}
