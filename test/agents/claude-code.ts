import { join } from 'node:path';
import type { DialectName } from 'modelwire/internal/core/ir';
import { mockDialects } from 'modelwire/internal/providers/mock';
import type { Agent, AgentCase, Command, Played, Stage } from './agent-case.ts';
import { listAt, parsed, textIn, unless } from './bodies.ts';
import { noteServer } from './note-server-command.ts';
import { exported, snippet } from './snippets.ts';

function start(stage: Stage, model: string, more: readonly string[] = []): Command {
  const env = exported(snippet('Claude Code', 'sh', stage));
  return {
    command: join(stage.installed, 'node_modules/.bin/claude'),
    args: ['-p', stage.prompt, '--permission-mode', 'acceptEdits', '--allowedTools', 'Write', ...more],
    env: { ...env, ANTHROPIC_MODEL: model, ANTHROPIC_DEFAULT_HAIKU_MODEL: model },
  };
}

/** Each is spoken to in a way of its own: a thinking budget; adaptive thinking; that and system messages within the conversation. */
const models = ['claude-sonnet-4-5', 'claude-opus-4-6', 'auto'] as const;
const notes = JSON.stringify({ mcpServers: { notes: noteServer } });
const noteTool = 'mcp__notes__save_note';

const cases: readonly AgentCase[] = mockDialects.flatMap((back) =>
  models.flatMap((model): AgentCase[] => [
    { name: model, back, start: (stage) => start(stage, model), problems: (played) => problems(played, { back, model }) },
    {
      name: `${model} deferred-tool`,
      back,
      tool: noteTool,
      start: (stage) => start(stage, model, ['--mcp-config', notes, '--allowedTools', noteTool]),
      problems: (played) => [...problems(played, { back, model }), ...deferredProblems(played, back)],
    },
  ]),
);

type About = { readonly back: DialectName; readonly model: string };

/** The traps that this client sets a translation: each must have been in what it sent, and have come out at the other side as it should. */
function problems({ exchanges, upstream }: Played, { back, model }: About): readonly string[] {
  const sent = exchanges.filter(({ method }) => method === 'POST').map((exchange) => parsed(exchange.sent));
  const first = sent[0] ?? {};
  const midway = listAt(first, 'messages').some((message) => message['role'] === 'system');
  const thinking = textIn(first['thinking'], 'type');
  return [
    ...unless(
      listAt(first, 'tools').some((tool) => tool['defer_loading'] === true),
      'it sent no deferred tool',
    ),
    ...unless(
      listAt(first, 'system').some((block) => block['cache_control'] !== undefined),
      'it sent no cache mark',
    ),
    ...unless(midway === (model === 'auto'), `system messages within the conversation: ${midway}`),
    ...unless(thinking === (model === 'claude-sonnet-4-5' ? 'enabled' : 'adaptive'), `it asked for thinking ${thinking}`),
    ...unless(first['context_management'] !== undefined, 'it sent no context_management'),
    ...sentBackProblems({ exchanges, upstream }, back),
    ...(back === 'anthropic-messages' ? relayProblems({ exchanges, upstream }) : foreignProblems(upstream, back)),
  ];
}

/** Where the thinking of those stands that sign none. */
const unsigned: { readonly [back in DialectName]?: string } = { 'openai-chat': 'reasoning_content', cohere: 'thinking', ollama: 'thinking' };

/** How thinking is asked for. */
const thinks: { readonly [back in DialectName]?: RegExp } = {
  gemini: /"thinkingConfig":\{/,
  cohere: /"thinking":\{"type":"enabled"/,
  ollama: /"think":(?:true|"\w+")/,
  'bedrock-converse': /"additionalModelRequestFields":\{[^}]*"thinking":|"effort":"\w+"/,
};

/** The thinking and the signature that the client was shown are in its next step, and reach the provider as the provider made them. */
function sentBackProblems({ exchanges, upstream }: Pick<Played, 'exchanges' | 'upstream'>, back: DialectName): readonly string[] {
  const [shown, next] = exchanges.filter(({ method }) => method === 'POST');
  const signature = /"signature_delta","signature":"([^"]+)"/.exec(shown?.got ?? '')?.[1];
  const thinking = [...(shown?.got ?? '').matchAll(/"thinking_delta","thinking":"([^"]*)"/g)].map(([, piece]) => piece).join('');
  // It asks for thinking not to be shown, and some providers then say none: the signature alone goes round.
  if (signature === undefined || (thinking === '' && !hides.includes(back))) return ['it was shown no thinking with a signature'];
  const echoed = next?.sent.includes(`"thinking":"${thinking}","signature":"${signature}"`) === true;
  // Under the gateway's seal is what the provider signed with; who signs nothing gets the thinking itself.
  const key = unsigned[back];
  const wanted = key === undefined ? `":"${signature.replace('mw1.scripted.', '')}"` : `"${key}":"${thinking}"`;
  return [
    ...unless(echoed, 'it did not send its thinking back'),
    ...unless(upstream[1]?.body.includes(wanted) === true, 'its thinking did not come back to the provider'),
  ];
}

const hides: readonly DialectName[] = ['gemini', 'openai-responses'];

/** In its own dialect all bytes pass but the model's name. */
function relayProblems({ exchanges, upstream }: Pick<Played, 'exchanges' | 'upstream'>): readonly string[] {
  const sent = exchanges.filter(({ method }) => method === 'POST');
  return sent.flatMap(({ sent: body }, index) =>
    unless(upstream[index]?.body === body.replace(/"model":"[^"]*"/, '"model":"agent"'), `request ${index} was not relayed byte for byte`),
  );
}

function foreignProblems(upstream: Played['upstream'], back: DialectName): readonly string[] {
  const wish = thinks[back] ?? /"reasoning_effort":"\w+"|"reasoning":\{"effort":"\w+"/;
  return upstream.flatMap(({ body }) => [
    ...unless(
      !/DeferredToolPlaceholder|defer_loading|cache_control|context_management|x-anthropic-billing-header/.test(body),
      'what only Anthropic knows reached another provider',
    ),
    ...unless(body.includes('# Environment'), 'its words about the environment did not arrive'),
    ...unless(wish.test(body), 'its wish for thinking did not arrive'),
  ]);
}

/** The tool is offered from the step on in which its reference has come back. */
function deferredProblems({ exchanges, upstream }: Played, back: DialectName): readonly string[] {
  const sent = exchanges.filter(({ method }) => method === 'POST').map(({ sent: body }) => body);
  const offered = new RegExp(`"name":"${noteTool}","(?:description|input_schema|parameters)`);
  return [
    ...unless(sent[1]?.includes(`{"type":"tool_reference","tool_name":"${noteTool}"}`) === true, 'it sent no tool_reference'),
    ...(back === 'anthropic-messages' ? [] : unless(!offered.test(upstream[0]?.body ?? ''), 'the tool was offered before it was looked up')),
    ...unless(offered.test(upstream[1]?.body ?? ''), 'the tool was not offered after it was looked up'),
  ];
}

export const claudeCode: Agent = { name: 'claude-code', packages: { from: 'npm', names: ['@anthropic-ai/claude-code@2.1.332'] }, cases };
