import type { Agent } from './agent-case.ts';
import { claudeCode } from './claude-code.ts';
import { codex } from './codex.ts';
import { frameworkAgents } from './frameworks.ts';
import { geminiCli } from './gemini-cli.ts';
import { opencode } from './opencode.ts';
import { qwenCode } from './qwen-code.ts';

/** Every agent and framework that is tried. */
export const agents: readonly Agent[] = [claudeCode, codex, qwenCode, geminiCli, opencode, ...frameworkAgents];
