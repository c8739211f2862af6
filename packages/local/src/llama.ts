import { getLlama, LlamaChat, LlamaGrammarEvaluationState, LlamaLogLevel } from 'node-llama-cpp';
import type {
  ChatHistoryItem,
  ChatModelFunctions,
  ChatWrapper,
  GbnfJsonSchema,
  Llama,
  LlamaContextSequence,
  LlamaGrammar,
  LlamaModel,
  Token,
} from 'node-llama-cpp';
import { createAnswerPieces } from './answer-pieces.ts';
import type { ChatAsk } from './chat-request.ts';
import type { Generator, GenerationEnd, Piece } from './generator.ts';
import type { GrammarSchema } from './grammar-schema.ts';
import { createEmbedder } from './llama-embedder.ts';
import { exactWrapper } from './llama-template.ts';
import type { PromptStyle } from './models.ts';
import { planPrompt } from './prompt-plan.ts';
import type { PromptPlan } from './prompt-plan.ts';
import { createSlots } from './slots.ts';
import { WireError } from './wire-error.ts';

/** What to load and how much of the machine to use for it. */
export type LlamaOptions = {
  readonly modelPath: string;
  readonly prompt: PromptStyle;
  readonly threads: number;
  readonly contextSize: number;
  readonly slots: number;
  readonly queue: number;
};

// A prompt is read in pieces this long. The engine cannot be stopped inside one, and another slot waits for it.
const prefillPiece = 64;
// The engine moves the context window when it is full to the last token; we end the answer before that.
const reserve = 2;

type Slot = { readonly chat: LlamaChat; readonly sequence: LlamaContextSequence };
type Engine = { readonly llama: Llama; readonly model: LlamaModel; readonly wrapper: ChatWrapper; readonly options: LlamaOptions };
type Prompt = { readonly plan: PromptPlan; readonly tokens: Token[]; readonly grammar: LlamaGrammar | undefined };

/** Loads the model; resolves when it can generate. */
export async function createLlamaGenerator(options: LlamaOptions): Promise<Generator> {
  const llama = await getLlama({ gpu: false, build: 'never', maxThreads: options.threads, logLevel: LlamaLogLevel.warn });
  const model = await llama.loadModel({ modelPath: options.modelPath });
  const { contextSize, slots: count, threads } = options;
  const context = await model.createContext({ contextSize, sequences: count, threads, batchSize: prefillPiece * count });
  const wrapper = exactWrapper(model);
  const engine = { llama, model, wrapper, options };
  const slots = createSlots(
    Array.from({ length: count }, (): Slot => {
      const sequence = context.getSequence();
      return { sequence, chat: new LlamaChat({ contextSequence: sequence, chatWrapper: wrapper }) };
    }),
    options.queue,
  );
  return {
    embed: createEmbedder(model, { threads, contextSize }),
    countTokens: (ask) => render(engine, planPrompt(ask, options.prompt)).length,
    async generate(ask, { signal, emit }) {
      const prompt = await preparePrompt(engine, ask);
      const slot = await slots.take((each) => each.sequence.compareContextTokens(prompt.tokens).firstDifferentIndex, signal);
      try {
        emit({ type: 'start' });
        const cachedTokens = await prefill(slot.sequence, prompt.tokens, signal);
        return await write(slot, { ask, prompt, cachedTokens, signal, emit });
      } finally {
        slots.giveBack(slot);
      }
    },
  };
}

async function preparePrompt(engine: Engine, ask: ChatAsk): Promise<Prompt> {
  const plan = planPrompt(ask, engine.options.prompt);
  const tokens = render(engine, plan);
  const most = engine.options.contextSize;
  if (tokens.length + reserve >= most) {
    const message = `this model's maximum context length is ${most} tokens, and the messages are ${tokens.length} tokens long; shorten them`;
    throw new WireError(400, message, { param: 'messages', code: 'context_length_exceeded' });
  }
  return { plan, tokens, grammar: await createGrammar(engine, plan) };
}

function render(engine: Engine, plan: PromptPlan): Token[] {
  const functions = toFunctions(plan);
  const state = engine.wrapper.generateContextState({
    chatHistory: plan.history,
    ...(functions === undefined ? {} : { availableFunctions: functions }),
  });
  return state.contextText.tokenize(engine.model.tokenizer);
}

async function createGrammar({ llama, model }: Engine, plan: PromptPlan): Promise<LlamaGrammar | undefined> {
  if (plan.mode !== 'json' && plan.mode !== 'call') return undefined;
  try {
    const grammar = await llama.createGrammarForJsonSchema<GbnfJsonSchema>(toEngineSchema(plan.grammar.schema));
    // The engine reads a grammar only when it is first used.
    void new LlamaGrammarEvaluationState({ model, grammar });
    return grammar;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new WireError(400, `${plan.grammar.path}: no grammar can be made of this schema: ${why}`, { param: plan.grammar.path, code: 'unsupported_value' });
  }
}

/** Our type of the dialect is narrower than the engine's, which describes definitions by type parameters. */
function toEngineSchema(schema: GrammarSchema): GbnfJsonSchema {
  return schema as GbnfJsonSchema;
}

function toFunctions(plan: PromptPlan): ChatModelFunctions | undefined {
  if (plan.mode !== 'functions') return undefined;
  return Object.fromEntries(
    plan.functions.map(({ name, description, schema }) => [
      name,
      { ...(description === undefined ? {} : { description }), ...(schema === undefined ? {} : { params: toEngineSchema(schema) }) },
    ]),
  );
}

/** Reads all of the prompt but its last token, in pieces, and tells how many tokens the slot knew already. */
async function prefill(sequence: LlamaContextSequence, tokens: readonly Token[], signal: AbortSignal): Promise<number> {
  const all = tokens.slice(0, -1);
  await sequence.adaptStateToTokens(all, false);
  const known = sequence.nextTokenIndex;
  for (let at = known; at < all.length; at += prefillPiece) {
    signal.throwIfAborted();
    await sequence.evaluateWithoutGeneratingNewTokens(all.slice(at, at + prefillPiece));
  }
  signal.throwIfAborted();
  return known;
}

type Writing = {
  readonly ask: ChatAsk;
  readonly prompt: Prompt;
  readonly cachedTokens: number;
  readonly signal: AbortSignal;
  readonly emit: (piece: Piece) => void;
};

async function write({ chat, sequence }: Slot, job: Writing): Promise<GenerationEnd> {
  const { ask, prompt, signal } = job;
  const enough = new AbortController();
  const { mode, history } = prompt.plan;
  const wanted = { stop: ask.stop, forcedCall: mode === 'call', continues: endsInText(history) };
  const output = createAnswerPieces(wanted, job.emit, () => enough.abort());
  const meter = sequence.tokenMeter.getState();
  const room = sequence.contextSize - prompt.tokens.length - reserve;
  const response = await chat
    .generateResponse<ChatModelFunctions>(history, {
      ...samplingOf(ask),
      ...constraintOf(prompt),
      maxTokens: Math.min(ask.maxTokens, room),
      signal: AbortSignal.any([signal, enough.signal]),
      stopOnAbortSignal: true,
      onResponseChunk: output.add,
    })
    .catch((error: unknown) => {
      if (enough.signal.aborted) return undefined;
      throw error;
    });
  signal.throwIfAborted();
  return {
    finish: output.end(response?.metadata.stopReason, response?.functionCalls ?? []),
    promptTokens: prompt.tokens.length,
    cachedTokens: job.cachedTokens,
    completionTokens: sequence.tokenMeter.diff(meter).usedOutputTokens,
    reasoningTokens: output.reasoningTokens,
  };
}

/** Whether the client gave the beginning of the answer. */
function endsInText(history: readonly ChatHistoryItem[]): boolean {
  const last = history.at(-1);
  return last?.type === 'model' && typeof last.response.at(-1) === 'string';
}

function samplingOf(ask: ChatAsk) {
  const { frequencyPenalty, presencePenalty } = ask;
  const penalised = frequencyPenalty !== 0 || presencePenalty !== 0;
  return {
    temperature: ask.temperature,
    ...(ask.topP === undefined ? {} : { topP: ask.topP }),
    ...(ask.seed === undefined ? {} : { seed: ask.seed >>> 0 }),
    repeatPenalty: penalised ? { penalty: 1, frequencyPenalty, presencePenalty, lastTokens: 256, penalizeNewLine: true } : false,
  } as const;
}

function constraintOf({ plan, grammar }: Prompt) {
  if (grammar !== undefined) return { grammar };
  const functions = toFunctions(plan);
  return functions === undefined ? {} : { functions, maxParallelFunctionCalls: 1 };
}
