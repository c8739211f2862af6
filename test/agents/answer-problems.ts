import type { DialectName } from 'modelwire/internal/core/ir';
import { converseStreamProblems } from '../support/official-bedrock.ts';
import { judge } from '../clients/judge.ts';
import type { AgentCase, Forgets, Played } from './agent-case.ts';
import { unless } from './bodies.ts';
import { type Exchange, eventStream } from './recorder.ts';

/** What is asked of every agent's case: both steps went through, streamed, and nobody on the way refused anything or broke a format. */
export function answerProblems({ exchanges, upstream, stdout }: Played, agentCase: AgentCase): readonly string[] {
  const asked = exchanges.filter(({ method }) => method === 'POST');
  const streamed = upstream.filter(({ body, path }) => /"stream": ?true/.test(body) || /:streamGenerateContent|\/converse-stream/.test(path));
  return [
    ...(asked.length < 2 ? [`only ${asked.length} requests: no second step`] : []),
    ...(streamed.length < 2 ? [`only ${streamed.length} of ${upstream.length} requests upstream are streams`] : []),
    ...exchanges.flatMap(exchangeProblems),
    ...upstream.flatMap(({ path, status }) => (status === 200 ? [] : [`the provider answered ${status} to ${path}`])),
    ...thinkingProblems(upstream, agentCase),
    ...(stdout.includes('hello.txt') ? [] : [`the model's last words are not in what it printed: ${stdout.slice(-500)}`]),
  ];
}

/** Where thinking has no signature. An item of the Responses format need not have one, but one that it has is checked there. */
const returned: { readonly [back in DialectName]?: RegExp } = {
  'openai-chat': /"reasoning_content": ?"The user wrote/,
  'openai-responses': /"type": ?"reasoning"/,
  cohere: /"thinking": ?"The user wrote/,
  ollama: /"thinking": ?"The user wrote/,
};

const lost: { readonly [forgets in Forgets]: (back: DialectName) => boolean } = {
  thinking: () => true,
  text: (back) => back === 'openai-chat',
  uncovered: (back) => back === 'openai-responses',
};

/** What the client forgets is all of the thinking on that back. */
export function losesThinking({ back, forgets }: AgentCase): boolean {
  return forgets !== undefined && lost[forgets](back);
}

/** What the provider thought before the call is there when the call's result comes: the thinking or its signature, as the provider made it. */
function thinkingProblems(upstream: Played['upstream'], agentCase: AgentCase): readonly string[] {
  if (losesThinking(agentCase)) return [];
  const { back } = agentCase;
  const own = returned[back] ?? /ignature": ?"EqMock[0-9a-f]{58}"/;
  return unless(
    upstream.some(({ body }) => own.test(body)),
    'the thinking did not come back to the provider',
  );
}

function exchangeProblems(exchange: Exchange): readonly string[] {
  const { method, path, status, got, left, answerHeaders, headers, sent } = exchange;
  // Some look first whether anybody is there.
  if (method === 'HEAD' || path === '/') return [];
  if (status !== 200) return [`${method} ${path}: ${status} ${got.slice(0, 500)}`];
  const header = (name: string): string | null => {
    const value = answerHeaders[name];
    return typeof value === 'string' ? value : null;
  };
  const names = ['content-type', 'x-request-id', 'request-id'];
  if (answerHeaders['content-type'] === eventStream) return left ? [] : converseStreamProblems(Buffer.from(got, 'base64'));
  return judge(
    {
      method,
      path: new URL(path, 'http://127.0.0.1').pathname,
      status,
      headers: Object.fromEntries(names.map((name) => [name, header(name)])),
      includeUsage: /"include_usage": ?true/.test(sent),
      anthropic: headers['anthropic-version'] !== undefined,
      google: /\/models\/[^/]+:\w+/.test(path),
      cohere: path.endsWith('/v2/chat'),
      body: got,
    },
    left ? 'aborted' : 'whole',
    { answers: 0, events: 0 },
  );
}
