import { mkdirSync, writeFileSync } from 'node:fs';
import { configJsonSchemaText } from './json-schema.ts';

// Run this after a change of schema.ts: node --conditions=modelwire-source packages/gateway/src/config/write-schema.ts
const folder = new URL('../../schema/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('modelwire.schema.json', folder), configJsonSchemaText());
