import { deadlineError } from '../core/deadline.ts';
import { GatewayError, toGatewayError } from '../core/errors.ts';
import type { DialectName } from '../core/ir.ts';
import { exceedsDepth, isObject, type JsonObject, maxJsonDepth } from '../core/json-text.ts';
import type { Endpoint, Target } from '../core/target.ts';
import type { Transport, WireAnswer, WireRequest } from '../core/transport.ts';
import { mockProvider, type ProviderConfig, toTarget } from './directory.ts';
import { mockAnthropic } from './mock-anthropic.ts';
import { checkAnthropicPrompt } from './mock-anthropic-check.ts';
import { answerTurn, errorAnswer, jsonAnswer, type MockAnswer } from './mock-answer.ts';
import { hashHex } from './mock-count.ts';
import { mockModels, mockNames, type MockPlan, nearestMockName, planOf } from './mock-name.ts';
import { mockGemini } from './mock-gemini.ts';
import { mockOpenai } from './mock-openai.ts';
import { mockResponses } from './mock-responses.ts';
import { type After, createMockSource } from './mock-source.ts';
import { mockCreated, type MockWire } from './mock-wire.ts';

export type MockOptions = {
  /** Timers for `slow-N` and `drip-N`, which alone need them. Default `setTimeout`. */
  readonly after?: After;
};

/** Nothing is behind this address: the mock transport answers without a network. */
const nowhere = 'http://mock.invalid';

const endpoints = {
  'openai-chat': { baseURL: `${nowhere}/v1`, auth: 'bearer' },
  'openai-responses': { baseURL: `${nowhere}/v1`, auth: 'bearer' },
  'anthropic-messages': { baseURL: nowhere, auth: 'x-api-key' },
  gemini: { baseURL: nowhere, auth: 'x-goog-api-key' },
} as const satisfies { readonly [name in DialectName]?: Endpoint };

/** What the scripted provider speaks. */
export type MockDialect = keyof typeof endpoints;

/** The scripted provider as the directory wants it. It speaks every dialect here, or only the one given, and needs no key. */
export function mockProviderConfig(options: { readonly name?: string; readonly only?: MockDialect } = {}): ProviderConfig {
  const { only } = options;
  return {
    name: options.name ?? mockProvider,
    speaks: only === undefined ? endpoints : { [only]: endpoints[only] },
    quirks: { reasoningField: 'reasoning_content', reasoningHistory: 'tool_calls', systemInMessages: true },
    models: mockModels,
    needsKey: false,
    keyNames: [],
  };
}

/** A scripted model, spoken to in the dialect given or in either. */
export function createMockTarget(model: string, only?: MockDialect): Target {
  return { ...toTarget(mockProviderConfig(only === undefined ? {} : { only }), model), info: { contextLength: 200_000, maxOutput: 8192 } };
}

/**
 * The scripted provider: answers chosen by the model's name (docs/mock.md), the same for the same request. It checks requests as
 * strictly as the vendors do. One instance counts the failures of `flaky-N`; otherwise it keeps nothing.
 */
export function createMockTransport(options: MockOptions = {}): Transport {
  const after = options.after ?? afterTimeout;
  const failures = new Map<string, number>();
  return async (request) => {
    if (request.signal.aborted) throw toGatewayError(request.signal.reason);
    const { answer, slowMs } = respond(request, failures);
    if (slowMs > 0) await delay(slowMs, request, after);
    return { status: answer.status, headers: answer.headers, body: createMockSource(answer.body, request.signal, after) } satisfies WireAnswer;
  };
}

function afterTimeout(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

type Response = { readonly answer: MockAnswer; readonly slowMs: number };

function respond(request: WireRequest, failures: Map<string, number>): Response {
  const path = new URL(request.url).pathname;
  const wire = wireOf(path, request);
  const text = bodyText(request);
  try {
    if (request.method === 'GET') return { answer: jsonAnswer(wire, { text: path }, modelsBody(path, wire)), slowMs: 0 };
    const counting = path.endsWith('/messages/count_tokens') || path.endsWith(':countTokens');
    const named = namedIn(path);
    if (!counting && named === undefined && !/\/(?:chat\/completions|responses|messages)$/.test(path)) throw unknownPath(request.method, path);
    return chat({ wire, text, counting, request, named }, failures);
  } catch (thrown) {
    return { answer: errorAnswer(wire, toGatewayError(thrown), text), slowMs: 0 };
  }
}

/** The path tells; a list of models does not, there the version header does. */
function wireOf(path: string, request: WireRequest): MockWire {
  if (namedIn(path) !== undefined || path.startsWith('/v1beta/')) return mockGemini;
  if (/\/messages(?:\/count_tokens)?$/.test(path)) return mockAnthropic;
  if (path.endsWith('/responses')) return mockResponses;
  return request.method === 'GET' && request.headers['anthropic-version'] !== undefined ? mockAnthropic : mockOpenai;
}

/** What a path of Google's says besides the body: the model, and whether a stream is wanted. */
type Named = { readonly model: string; readonly stream: boolean };

function namedIn(path: string): Named | undefined {
  const [, model, method] = /\/models\/(.+):(generateContent|streamGenerateContent|countTokens)$/.exec(path) ?? [];
  return model === undefined ? undefined : { model: decodeURIComponent(model), stream: method === 'streamGenerateContent' };
}

type Asked = { readonly wire: MockWire; readonly text: string; readonly counting: boolean; readonly request: WireRequest; readonly named: Named | undefined };

function chat(asked: Asked, failures: Map<string, number>): Response {
  const { wire, text, counting, request, named } = asked;
  checkHeaders(wire, request);
  const body = { ...parse(wire, text), ...named };
  const plan = planFor(body);
  const view = wire.view(body, text);
  const rules = { lenient: plan?.content.kind === 'inspect', thinks: plan?.content.kind === 'reasoning' && view.thinking };
  if (counting && wire === mockAnthropic) checkAnthropicPrompt(body, rules);
  else wire.check(body, rules);
  if (plan === undefined) throw unknownModel(body);
  const { slowMs } = plan;
  if (failsStill(plan, text, failures))
    return { answer: errorAnswer(wire, new GatewayError('overloaded', 'Failing as often as the model name asked'), text), slowMs };
  if (!counting) return { answer: answerTurn(plan, { wire, view, body }), slowMs };
  const still = { ...view, stream: false };
  return { answer: answerTurn(plan, { wire, view: still, body, counted: wire.count(still) }), slowMs };
}

function checkHeaders(wire: MockWire, request: WireRequest): void {
  if (wire === mockAnthropic && request.headers['anthropic-version'] === undefined)
    throw new GatewayError('invalid_request', 'anthropic-version: header is required');
  if (request.headers['content-type']?.startsWith('application/json') !== true)
    throw new GatewayError('invalid_request', 'content-type: must be application/json');
}

function planFor(body: JsonObject): MockPlan | undefined {
  return typeof body['model'] === 'string' ? planOf(body['model']) : undefined;
}

function bodyText(request: WireRequest): string {
  const decoder = new TextDecoder();
  return request.body.map((part) => (typeof part === 'string' ? part : decoder.decode(part, { stream: true }))).join('') + decoder.decode();
}

function parse(wire: MockWire, text: string): JsonObject {
  if (exceedsDepth(text, maxJsonDepth)) throw new GatewayError('invalid_request', `The request body nests deeper than ${maxJsonDepth} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const said = wire === mockAnthropic ? 'The request body is not valid JSON' : 'We could not parse the JSON body of your request.';
    throw new GatewayError('invalid_request', said, { cause });
  }
  if (!isObject(value)) throw new GatewayError('invalid_request', 'The request body must be a JSON object');
  return value;
}

function unknownModel(body: JsonObject): GatewayError {
  const model = String(body['model']);
  const nearest = nearestMockName(model);
  const help = nearest === undefined ? `known names are ${mockNames.join(', ')}` : `did you mean \`${nearest}\`?`;
  return new GatewayError('model_not_found', `The model \`${model}\` does not exist; ${help}`);
}

function unknownPath(method: string, path: string): GatewayError {
  return new GatewayError('not_found', `Unknown request URL: ${method} ${path}`, { details: { code: 'unknown_url' } });
}

/** Requests that failed and never came again are forgotten when there are this many. */
const mostFailures = 10_000;

/** `flaky-N` fails a request N times, then answers it: the same body is the same request. */
function failsStill(plan: MockPlan, text: string, failures: Map<string, number>): boolean {
  if (plan.fault?.kind !== 'flaky') return false;
  const id = hashHex(text, 24);
  const failed = failures.get(id) ?? 0;
  if (failures.size >= mostFailures) failures.clear();
  if (failed < plan.fault.times) failures.set(id, failed + 1);
  else failures.delete(id);
  return failed < plan.fault.times;
}

function modelsBody(path: string, wire: MockWire): string {
  const id = /\/models\/(.+)$/.exec(path)?.[1];
  if (id === undefined && !path.endsWith('/models')) throw unknownPath('GET', path);
  const name = id === undefined ? undefined : decodeURIComponent(id);
  if (name !== undefined && planOf(name) === undefined) throw unknownModel({ model: name });
  const card = wire === mockAnthropic ? anthropicCard : wire === mockGemini ? geminiCard : openaiCard;
  if (name !== undefined) return JSON.stringify(card(name));
  const data = mockModels.map(card);
  if (wire === mockOpenai) return JSON.stringify({ object: 'list', data });
  if (wire === mockGemini) return JSON.stringify({ models: data });
  return JSON.stringify({ data, has_more: false, first_id: mockModels[0], last_id: mockModels.at(-1) });
}

function openaiCard(id: string): JsonObject {
  return { id, object: 'model', created: mockCreated, owned_by: 'mock' };
}

function geminiCard(id: string): JsonObject {
  return { name: `models/${id}`, version: id, displayName: id, supportedGenerationMethods: ['generateContent', 'countTokens'] };
}

function anthropicCard(id: string): JsonObject {
  const unknown = { capabilities: null, deprecated_at: null, line: null, max_input_tokens: null, max_tokens: null, retires_at: null };
  return { type: 'model', id, display_name: id, created_at: new Date(mockCreated * 1000).toISOString(), lifecycle: 'active', ...unknown };
}

/** Waits before the head, no longer than the caller's own deadline for it. */
function delay(ms: number, request: WireRequest, after: After): Promise<void> {
  const { signal, headersMs } = request;
  return new Promise((resolve, reject) => {
    const release = signal.onAbort(() => {
      cancel();
      reject(toGatewayError(signal.reason));
    });
    const cancel = after(Math.min(ms, headersMs), () => {
      release();
      if (ms > headersMs) reject(deadlineError('headers', headersMs, 'mock'));
      else resolve();
    });
  });
}
