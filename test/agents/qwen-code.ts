import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mockDialects } from 'modelwire/internal/providers/mock';
import type { Agent } from './agent-case.ts';
import { exported, snippet } from './snippets.ts';

export const qwenCode: Agent = {
  name: 'qwen-code',
  packages: { from: 'npm', names: ['@qwen-code/qwen-code@0.24.4'] },
  cases: mockDialects.map((back) => ({
    back,

    start: (stage) => {
      mkdirSync(join(stage.home, '.qwen'));
      writeFileSync(join(stage.home, '.qwen/settings.json'), snippet('Qwen Code', 'json', stage));
      return {
        command: join(stage.installed, 'node_modules/.bin/qwen'),
        args: ['--auth-type', 'openai', '--approval-mode', 'yolo', '-p', stage.prompt],
        env: exported(snippet('Qwen Code', 'sh', stage)),
      };
    },
  })),
};
