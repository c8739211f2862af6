import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { json, type Received, type Script, type ScriptedServer, startScriptedServer } from './scripted-server.ts';

/**
 * A provider that keeps responses and conversations itself, as OpenAI does: what it is asked for by id it has, or it has not. Its answers
 * say `kept there`; a stream gives the same in three events.
 */
export async function startKeepingServer(): Promise<ScriptedServer> {
  const kept = new Map<string, Readonly<Record<string, unknown>>>();
  return await startScriptedServer((response, request) => {
    const { pathname, searchParams } = new URL(request.url, 'http://provider.invalid');
    const [, , kind = '', id = '', below] = pathname.split('/');
    if (id === 'compact') return json(compacted(request))(response, request);
    if (request.method === 'POST' && id === '') return kind === 'responses' ? create(response, request, kept) : begin(response, request, kept);
    const found = kept.get(id);
    if (found === undefined) return missing(kind, id)(response, request);
    if (request.method === 'DELETE') {
      kept.delete(id);
      return json({ id, object: 'response', deleted: true })(response, request);
    }
    if (below === 'cancel') return json({ ...found, status: 'cancelled' })(response, request);
    if (below === 'input_items') return json({ object: 'list', data: [], first_id: null, last_id: null, has_more: false })(response, request);
    if (searchParams.get('stream') === 'true') return stream(response, found, Number(searchParams.get('starting_after') ?? -1));
    return json(found)(response, request);
  });
}

type Shelf = Map<string, Readonly<Record<string, unknown>>>;

function missing(kind: string, id: string): Script {
  const what = kind === 'responses' ? 'Response' : 'Conversation';
  return json({ error: { message: `${what} with id '${id}' not found.`, type: 'invalid_request_error', param: null, code: null } }, { status: 404 });
}

function create(response: ServerResponse, request: Received, kept: Shelf): void {
  const asked = JSON.parse(request.body);
  const id = idOf('resp', `${kept.size}${request.body}`);
  const item = { id: idOf('msg', id), type: 'message', role: 'assistant', status: 'completed' };
  const answer = {
    id,
    object: 'response',
    created_at: 1,
    completed_at: 2,
    status: asked.background === true ? 'queued' : 'completed',
    background: asked.background === true,
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model: asked.model,
    output: [...thoughtOf(asked), { ...item, content: [{ type: 'output_text', text: 'kept there', annotations: [], logprobs: [] }] }],
    parallel_tool_calls: true,
    previous_response_id: asked.previous_response_id ?? null,
    conversation: asked.conversation ?? null,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    access_programs: null,
    usage: { input_tokens: 1, input_tokens_details: { cached_tokens: 0 }, output_tokens: 1, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 2 },
  };
  if (asked.store !== false) kept.set(id, answer);
  if (asked.stream === true) stream(response, answer);
  else json(answer)(response, request);
}

/** For who asks for its state. */
function thoughtOf({ include }: { readonly include?: unknown }): object[] {
  const wanted = Array.isArray(include) && include.includes('reasoning.encrypted_content');
  return wanted ? [{ id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'made there' }] : [];
}

function begin(response: ServerResponse, request: Received, kept: Shelf): void {
  const conversation = { id: idOf('conv', request.body), object: 'conversation', created_at: 1, metadata: { kept: 'there' } };
  kept.set(conversation.id, conversation);
  json(conversation)(response, request);
}

function compacted(request: Received): object {
  const { model } = JSON.parse(request.body);
  const output = [{ id: 'cmp_1', type: 'compaction', encrypted_content: 'made there' }];
  return { id: 'resp_compacted', object: 'response.compaction', created_at: 1, model, output, usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } };
}

function stream(response: ServerResponse, answer: Readonly<Record<string, unknown>>, after = -1): void {
  const events = [
    { type: 'response.created', response: { ...answer, status: 'in_progress', output: [] } },
    { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'kept there', logprobs: [] },
    { type: 'response.completed', response: answer },
  ];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  events.forEach((event, number) => {
    if (number > after) response.write(`event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: number })}\n\n`);
  });
  response.end();
}

function idOf(prefix: string, of: string): string {
  return `${prefix}_${createHash('sha256').update(of).digest('hex').slice(0, 24)}`;
}
