import type { LlamaEmbeddingContext, LlamaModel } from 'node-llama-cpp';
import type { EmbeddingAsk } from './embedding-request.ts';
import { normalized } from './embedding-request.ts';
import type { Embeddings } from './generator.ts';
import { unsupported, WireError } from './wire-error.ts';

/** Texts are read whole, one at a time: a longer window would only take memory. */
const longestText = 2048;

/** The vectors of the chat model's last layer, made in a context of their own, which is there from the first call on. */
export function createEmbedder(model: LlamaModel, options: { readonly threads: number; readonly contextSize: number }) {
  const contextSize = Math.min(options.contextSize, longestText);
  let context: Promise<LlamaEmbeddingContext> | undefined;
  const open = (): Promise<LlamaEmbeddingContext> => {
    context ??= model.createEmbeddingContext({ contextSize, batchSize: contextSize, threads: options.threads }).catch((error: unknown) => {
      context = undefined;
      throw error;
    });
    return context;
  };
  return async ({ texts, dimensions }: EmbeddingAsk, signal: AbortSignal): Promise<Embeddings> => {
    const own = model.embeddingVectorSize;
    if (dimensions !== undefined && dimensions !== own)
      throw unsupported('dimensions', `the embedded model's vectors have ${own} numbers; leave dimensions out`);
    const inputs = texts.map((text) => model.tokenize(text));
    const long = inputs.findIndex((tokens) => tokens.length + 2 >= contextSize);
    if (long !== -1) {
      const message = `input[${long}]: a text may have ${contextSize - 3} tokens here, and this one has ${inputs[long]?.length}; shorten it`;
      throw new WireError(400, message, { param: `input[${long}]`, code: 'context_length_exceeded' });
    }
    const embedder = await open();
    const vectors: (readonly number[])[] = [];
    for (const tokens of inputs) {
      signal.throwIfAborted();
      vectors.push(normalized((await embedder.getEmbeddingFor(tokens)).vector));
    }
    return { vectors, tokens: inputs.reduce((sum, tokens) => sum + tokens.length, 0) };
  };
}
