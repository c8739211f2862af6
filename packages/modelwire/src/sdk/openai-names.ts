/** The type names under the two paths that code written for the official package uses: `Chat.X` and `Chat.Completions.X`. */
export type * from './openai-types.ts';
export type * as Completions from './openai-types.ts';
