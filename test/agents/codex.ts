import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mockDialects } from 'modelwire/internal/providers/mock';
import type { DialectName } from 'modelwire/internal/core/ir';
import type { Agent, AgentCase, Command, Played, Stage } from './agent-case.ts';
import { unless } from './bodies.ts';
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

const noteTool = 'save_note';
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
  { name: 'auto', back, start: (stage) => start(stage, 'auto'), problems: (played) => problems(played, back) },
  {
    name: 'gpt-5.5 apply_patch',
    back,
    tool: 'apply_patch',
    start: (stage) => start(stage, 'gpt-5.5'),
    problems: (played) => [...problems(played, back), ...customProblems(played, back)],
  },
  {
    name: 'auto namespace',
    back,
    tool: noteTool,
    start: (stage) => start(stage, 'auto', server),
    problems: (played) => [...problems(played, back), ...namespaceProblems(played, back)],
  },
  {
    name: 'gpt-5.5 tool_search',
    back,
    tool: noteTool,
    start: (stage) => start(stage, 'gpt-5.5', server),
    problems: (played) => [...problems(played, back), ...searchProblems(played)],
  },
]);

/** What it sends of its own arrives, in its own dialect byte for byte but for the model's name. */
function problems({ exchanges, upstream }: Played, back: DialectName): readonly string[] {
  const sent = exchanges.filter(({ method }) => method === 'POST').map(({ sent: body }) => body);
  if (back === 'openai-responses') {
    const relayed = sent.every((body, index) => upstream[index]?.body === body.replace(/"model":"[^"]*"/, '"model":"agent"'));
    return unless(relayed, 'the requests were not relayed byte for byte');
  }
  return [
    ...unless(
      sent.every((body) => /"store":false/.test(body) && /"include":\["reasoning.encrypted_content"\]/.test(body)),
      'it wants its turns stored',
    ),
    ...unless(
      upstream.every(({ body }) => body.includes('<permissions instructions>')),
      'what it says as developer did not arrive',
    ),
    ...unless(!upstream.some(({ body }) => /client_metadata|"web_search"/.test(body)), 'what only its own provider knows reached another'),
  ];
}

/** A tool that takes text in a grammar is a function elsewhere, and a custom tool again when it is called. */
function customProblems({ exchanges, upstream }: Played, back: DialectName): readonly string[] {
  const called = exchanges.some(({ got }) => got.includes('"type":"custom_tool_call"'));
  const offered = back === 'openai-responses' || upstream.every(({ body }) => body.includes('begin_patch'));
  return [...unless(called, 'it was not called as a custom tool'), ...unless(offered, 'its grammar did not arrive')];
}

/** The tools of a namespace are tools like others elsewhere, and in their namespace again when they are called. */
function namespaceProblems({ exchanges, upstream }: Played, back: DialectName): readonly string[] {
  const restored = exchanges.some(({ got }) =>
    new RegExp(`"name":"${noteTool}","namespace":"mcp__notes"|"namespace":"mcp__notes"[^}]*"name":"${noteTool}"`).test(got),
  );
  const flat = back === 'openai-responses' || !upstream.some(({ body }) => body.includes('"namespace"'));
  return [...unless(restored, 'the call is not in its namespace'), ...unless(flat, 'a namespace reached another provider')];
}

/** Its search for tools is called as its own kind of call, and what it found can be called in the next step. */
function searchProblems({ exchanges, upstream }: Played): readonly string[] {
  const [first, second] = upstream.map(({ body }) => body.includes('Saves a note as a file.'));
  return [
    ...unless(
      exchanges.some(({ got }) => got.includes('"type":"tool_search_call"')),
      'its search was not called as a search',
    ),
    ...unless(first === false && second === true, 'the tool is not offered from the search on'),
  ];
}

export const codex: Agent = { name: 'codex', packages: { from: 'npm', names: ['@openai/codex@0.171.0'] }, cases };
