import { loadDialects } from '../../packages/modelwire/src/dialects/index.ts';

/** All dialects, loaded. */
export const dialects = await loadDialects();
