import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mockDialects } from 'modelwire/internal/providers/mock';
import type { Agent, AgentCase, Command, Stage } from './agent-case.ts';
import { exported, snippet } from './snippets.ts';

function start(stage: Stage, model: string): Command {
  mkdirSync(join(stage.home, '.gemini'));
  writeFileSync(join(stage.home, '.gemini/settings.json'), snippet('Gemini CLI', 'json', stage));
  return {
    command: join(stage.installed, 'node_modules/.bin/gemini'),
    args: ['-m', model, '--approval-mode', 'yolo', '-p', stage.prompt],
    env: { ...exported(snippet('Gemini CLI', 'sh', stage)), GEMINI_CLI_TRUST_WORKSPACE: 'true' },
  };
}

export const geminiCli: Agent = {
  name: 'gemini-cli',
  packages: { from: 'npm', names: ['@google/gemini-cli@0.61.0'] },
  cases: mockDialects.flatMap((back) =>
    ['gemini-2.5-pro', 'gemini-3-pro-preview', 'auto'].map((model): AgentCase => ({ name: model, back, start: (stage) => start(stage, model) })),
  ),
};
