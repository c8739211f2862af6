import type { Agent } from './agent-case.ts';
import { claudeCode } from './claude-code.ts';

/** Every agent and framework that is tried. */
export const agents: readonly Agent[] = [claudeCode];
