/**
 * Real agents and frameworks, unchanged, through a gateway process on scripted providers of other formats: each writes a file with a tool of
 * its own. `npm run test:agents` plays all cases, `npm run test:agents -- claude-code codex` those whose name begins so. Prints a line a case and,
 * last, `N passed, N failed`; an agent that cannot be installed has failed. `AGENTS_KEEP=FOLDER` keeps what passed, a file a case.
 */
import { agents } from './agents.ts';
import type { Agent, AgentCase } from './agent-case.ts';
import { install } from './install.ts';
import { play } from './play.ts';

function nameOf(agent: Agent, agentCase: AgentCase): string {
  return [agent.name, agentCase.name, `on ${agentCase.back}`].filter((word) => word !== undefined).join(' ');
}

/** `gemini` is not `gemini-cli`: what is asked for is the agent, or the beginning of a case's words. */
function isChosen(name: string, asked: readonly string[]): boolean {
  return asked.length === 0 || asked.some((each) => name === each || name.startsWith(`${each} `));
}

async function attempt<Value>(run: () => Promise<Value>): Promise<Value | Error> {
  try {
    return await run();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function main(asked: readonly string[]): Promise<number> {
  const all = agents.flatMap((agent) => agent.cases.map((agentCase) => ({ agent, agentCase, name: nameOf(agent, agentCase) })));
  const unknown = asked.filter((each) => !all.some(({ name }) => isChosen(name, [each])));
  if (unknown.length > 0) {
    console.error(`no case is called ${unknown.join(', ')}; there are:\n${all.map(({ name }) => `  ${name}`).join('\n')}`);
    return 2;
  }
  let failed = 0;
  const chosen = all.filter(({ name }) => isChosen(name, asked));
  for (const { agent, agentCase, name } of chosen) {
    const from = performance.now();
    const result = await attempt(async () => play({ name, agent, agentCase, installed: await install(agent.name, agent.packages) }));
    const problems = result instanceof Error ? [result.stack ?? result.message] : result;
    if (problems.length > 0) failed++;
    console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'}  ${name} (${((performance.now() - from) / 1000).toFixed(1)} s)`);
    for (const problem of problems.slice(0, 8)) console.log(`      ${problem.slice(0, 2000)}`);
  }
  console.log(`${chosen.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exit(await main(process.argv.slice(2)));
