import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mockDialects } from 'modelwire/internal/providers/mock';
import type { Agent, AgentCase, Command, Forgets, Stage } from './agent-case.ts';
import { snippet } from './snippets.ts';

const wires = ['openai-compatible', 'openai', 'anthropic', 'google'] as const;

function start(stage: Stage, wire: (typeof wires)[number]): Command {
  const config = snippet('opencode', 'json', stage).replace('@ai-sdk/openai-compatible', `@ai-sdk/${wire}`);
  writeFileSync(join(stage.work, 'opencode.json'), wire === 'google' ? config.replace('/v1"', '/v1beta"') : config);
  return {
    command: join(stage.installed, 'node_modules/.bin/opencode'),
    args: ['run', '--pure', stage.prompt],
    env: { OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1' },
  };
}

const forgets: { readonly [wire in (typeof wires)[number]]?: Forgets } = { openai: 'uncovered' };

function forgetting(wire: (typeof wires)[number]): Pick<AgentCase, 'forgets'> {
  const what = forgets[wire];
  return what === undefined ? {} : { forgets: what };
}

export const opencode: Agent = {
  name: 'opencode',
  packages: { from: 'npm', names: ['opencode-ai@1.18.33'] },
  asksInVain: ['registry.npmjs.org:443'],
  cases: wires.flatMap((wire) => mockDialects.map((back): AgentCase => ({ name: wire, back, ...forgetting(wire), start: (stage) => start(stage, wire) }))),
};
