/** The names below `Anthropic.Beta`. */
export type * from './anthropic-beta-types.ts';
export type * as Messages from './anthropic-beta-types.ts';
