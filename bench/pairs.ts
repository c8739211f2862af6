import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Accepted, Context } from '../packages/modelwire/src/core/dialect.ts';
import type { ChatEvent } from '../packages/modelwire/src/core/event.ts';
import type { Block, ChatRequest, DialectName, Reply } from '../packages/modelwire/src/core/ir.ts';
import { prepareFor } from '../packages/modelwire/src/core/prepare.ts';
import { parseJsonText } from '../packages/modelwire/src/core/json-text.ts';
import { createLedger } from '../packages/modelwire/src/core/notes.ts';
import { loadDialects, type WholeDialect } from '../packages/modelwire/src/dialects/index.ts';
import { decodeSse } from '../packages/modelwire/src/framing/sse.ts';

const dialects = await loadDialects();

/** What the translation alone costs, caller's dialect × provider's dialect, without HTTP. */
export type PairCost = {
  readonly front: DialectName;
  readonly back: DialectName;
  /** A request of 1 KB with a tool, and its whole answer of 1 KB, in microseconds. */
  readonly callUs: number;
  /** An event of a stream of 100 pieces of text. */
  readonly eventUs: number;
  /** The same as multiples of the dearer of the two pairs of OpenAI's and Anthropic's formats. */
  readonly callRatio: number;
  readonly eventRatio: number;
};

/** No pair may cost more than this many times what OpenAI's and Anthropic's formats cost each other. */
export const pairBar = 2;

/** Measures in a thread of its own, whose code no other work has made the engine change its mind about. */
export async function measurePairs(ms: number, rounds: number): Promise<readonly PairCost[]> {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { ms, rounds } });
  const costs = await new Promise<readonly Cost[]>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const common = costs.filter(
    ({ front, back }) => `${front} ${back}` === 'openai-chat anthropic-messages' || `${front} ${back}` === 'anthropic-messages openai-chat',
  );
  const most = (value: (cost: Cost) => number): number => Math.max(...common.map(value));
  const call = most(({ callUs }) => callUs);
  const event = most(({ eventUs }) => eventUs);
  return costs.map((cost) => ({ ...cost, callRatio: cost.callUs / call, eventRatio: cost.eventUs / event }));
}

type Cost = Pick<PairCost, 'front' | 'back' | 'callUs' | 'eventUs'>;

const pieces = Array.from({ length: 100 }, (_, index) => ` word${index % 10} and more`);
const words = pieces.join('').slice(0, 1000);

const request: ChatRequest = {
  model: 'm',
  messages: [
    { role: 'system', blocks: [{ type: 'text', text: 'Answer in few words.' }] },
    { role: 'user', blocks: [{ type: 'text', text: words.slice(0, 600) }] },
  ],
  stream: false,
  streamUsage: true,
  maxTokens: 500,
  temperature: 0.5,
  tools: [
    {
      kind: 'function',
      name: 'get_weather',
      description: 'The weather of a city',
      schema: '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}',
    },
  ],
  names: {},
  ext: [],
};

const text = { type: 'text', text: words } satisfies Block;
const reply: Reply = {
  id: 'answer_1',
  model: 'm',
  created: 1_700_000_000,
  blocks: [text],
  finish: { reason: 'end' },
  usage: { input: 200, output: 100 },
};

function answerEvents(): readonly ChatEvent[] {
  const { blocks: _blocks, finish, usage = { input: 0, output: 0 }, ...head } = reply;
  const deltas = pieces.map((piece) => ({ type: 'delta', text: piece }) as const);
  const block: Block = { ...text, text: pieces.join('') };
  return [
    { type: 'start', head },
    { type: 'open', block: { ...text, text: '' } },
    ...deltas,
    { type: 'close', block },
    { type: 'usage', usage },
    { type: 'finish', finish },
  ];
}

function contextFor(back: DialectName): Context {
  const target = { provider: 'lab', model: 'm', speaks: {}, quirks: {}, info: { maxOutput: 16_000 } };
  return { callId: 'req_1', target, back, ledger: createLedger('lab/m', 'lenient'), now: () => 1_700_000_000_000, newId: (prefix) => `${prefix}1` };
}

/** What travels in a dialect: a request as callers send it, an answer as providers do. */
type Sample = { readonly body: string; readonly streamBody: string; readonly whole: string; readonly stream: Uint8Array };

function accept(front: WholeDialect, body: string, context: Context, stream: boolean): Accepted {
  return front.accept(parseJsonText(body), context, { model: 'm', stream });
}

function sampleOf(dialect: WholeDialect): Sample {
  const context = contextFor(dialect.name);
  const body = prepareFor(dialect, request, context).body;
  const streamBody = prepareFor(dialect, { ...request, stream: true }, context).body;
  const encoder = accept(dialect, streamBody, context, true).stream();
  let stream = '';
  const write = (piece: string): void => void (stream += piece);
  for (const event of answerEvents()) encoder.push(event, write);
  encoder.end(write);
  const whole = accept(dialect, body, context, false).reply(reply);
  return { body, streamBody, whole, stream: new TextEncoder().encode(asSent[dialect.name]?.(stream) ?? stream) };
}

/** Where a provider's stream has more in it than ours: Google counts tokens in every chunk. */
const asSent: { readonly [name in DialectName]?: (stream: string) => string } = {
  gemini(stream) {
    let tokens = 0;
    return stream.replaceAll(/("responseId":"[^"]*")\}/g, (_, id: string) => {
      tokens += 4;
      return `${id},"usageMetadata":{"promptTokenCount":200,"candidatesTokenCount":${tokens},"totalTokenCount":${200 + tokens}}}`;
    });
  },
};

function translateCall(front: WholeDialect, back: WholeDialect, asked: Sample, given: Sample): number {
  const context = contextFor(back.name);
  const accepted = accept(front, asked.body, context, false);
  const prepared = prepareFor(back, accepted.request, context);
  return accepted.reply(prepared.reply(given.whole)).length;
}

function translateStream(front: WholeDialect, back: WholeDialect, asked: Sample, given: Sample): number {
  const context = contextFor(back.name);
  const accepted = accept(front, asked.streamBody, context, true);
  const decoder = prepareFor(back, accepted.request, context).stream();
  const encoder = accepted.stream();
  const frames = decodeSse();
  let length = 0;
  const write = (piece: string): void => void (length += piece.length);
  const onEvent = (event: ChatEvent): void => encoder.push(event, write);
  const onFrame = (frame: { event: string; data: string }): void => decoder.push(frame, onEvent);
  // As a socket brings them: a few kilobytes at a time.
  for (let at = 0; at < given.stream.length; at += 4096) frames.push(given.stream.subarray(at, at + 4096), onFrame);
  frames.end(onFrame);
  decoder.end(onEvent);
  encoder.end(write);
  return length;
}

/** CPU time of this thread a run, in microseconds: what the machine does besides is not in it. */
function timeOf(run: () => number, ms: number): number {
  const cpu = (): number => {
    const { user, system } = process.threadCpuUsage();
    return user + system;
  };
  const start = cpu();
  let runs = 0;
  for (let spent = 0; spent < ms * 1000; spent = cpu() - start) {
    for (let i = 0; i < 20; i++) if (run() === 0) throw new Error('a translation gave nothing');
    runs += 20;
  }
  return (cpu() - start) / runs;
}

/** The pairs in turn, round after round; the best round counts, the one that other work on the machine disturbed least. */
function measureHere(ms: number, rounds: number): Cost[] {
  const names = Object.keys(dialects) as readonly DialectName[];
  const samples = new Map(names.map((name) => [name, sampleOf(dialects[name])]));
  const sample = (name: DialectName): Sample => samples.get(name) ?? sampleOf(dialects[name]);
  const pairs = names.flatMap((front) =>
    names.filter((back) => back !== front).map((back) => ({ front, back, calls: new Array<number>(), streams: new Array<number>() })),
  );
  for (let round = 0; round <= rounds; round++) {
    for (const { front, back, calls, streams } of pairs) {
      const call = timeOf(() => translateCall(dialects[front], dialects[back], sample(front), sample(back)), ms);
      const stream = timeOf(() => translateStream(dialects[front], dialects[back], sample(front), sample(back)), ms);
      // The first round warms up.
      if (round > 0) calls.push(call);
      if (round > 0) streams.push(stream);
    }
  }
  return pairs.map(({ front, back, calls, streams }) => ({ front, back, callUs: Math.min(...calls), eventUs: Math.min(...streams) / pieces.length }));
}

if (!isMainThread && parentPort !== null) {
  const { ms, rounds } = workerData as { ms: number; rounds: number };
  parentPort.postMessage(measureHere(ms, rounds));
}
