import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mockDialects } from 'modelwire/internal/providers/mock';
import type { Agent, AgentCase, Command, Stage } from './agent-case.ts';
import { noteServer } from './note-server-command.ts';
import { exported, snippet } from './snippets.ts';

/** So that it looks for nothing elsewhere. */
const alone = `
[analytics]
enabled = false

[features]
plugins = false
apps = false
`;

const server = `
[mcp_servers.notes]
command = ${JSON.stringify(noteServer.command)}
args = ${JSON.stringify(noteServer.args)}
`;

function start(stage: Stage, model: string, more = ''): Command {
  const documented = snippet('Codex', 'toml', stage).replace('model = "auto"', `model = "${model}"`);
  mkdirSync(join(stage.home, '.codex'));
  writeFileSync(join(stage.home, '.codex/config.toml'), `check_for_update_on_startup = false\n${documented}\n${alone}${more}`);
  return {
    command: join(stage.installed, 'node_modules/.bin/codex'),
    args: ['exec', '--skip-git-repo-check', '--sandbox', 'danger-full-access', stage.prompt],
    env: exported(snippet('Codex', 'sh', stage)),
  };
}

const cases: readonly AgentCase[] = mockDialects.flatMap((back): AgentCase[] => [
  { name: 'auto', back, start: (stage) => start(stage, 'auto') },
  { name: 'gpt-5.5 apply_patch', back, tool: 'apply_patch', start: (stage) => start(stage, 'gpt-5.5') },
  { name: 'auto namespace', back, tool: 'save_note', start: (stage) => start(stage, 'auto', server) },
  { name: 'gpt-5.5 tool_search', back, tool: 'save_note', start: (stage) => start(stage, 'gpt-5.5', server) },
]);

export const codex: Agent = { name: 'codex', packages: { from: 'npm', names: ['@openai/codex@0.171.0'] }, cases };
