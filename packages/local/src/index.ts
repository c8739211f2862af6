export { createLocalEngine } from './engine.ts';
export type { LocalEndpoint, LocalEngine, LocalStatus } from './engine.ts';
export { LocalError } from './local-error.ts';
export { localModels } from './models.ts';
export type { LocalModel, ModelSource } from './models.ts';
export type { LocalOptions } from './settings.ts';
