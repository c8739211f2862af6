import { anthropicWire, named, openaiWire } from './scripted-server.ts';

/** Preloaded before a program: its `fetch` reaches no network, but answers as OpenAI, Anthropic and a server on this machine would. */
const { start, open, text, close, finish, stop, message } = anthropicWire;

function answer(url: string, init: RequestInit | undefined): Response {
  const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : {};
  const asksStream = typeof body === 'object' && body !== null && 'stream' in body && body.stream === true;
  if (url.endsWith('/models'))
    return Response.json(openaiWire.error('Incorrect API key provided', 'invalid_request_error', 'invalid_api_key'), {
      status: 401,
      headers: { 'x-request-id': 'req_2' },
    });
  if (url.endsWith('/messages') && asksStream)
    return new Response(named(start, open, text('Hel'), text('lo'), close, finish, stop), { headers: { 'content-type': 'text/event-stream' } });
  if (url.endsWith('/messages')) return Response.json(message, { headers: { 'request-id': 'req_1' } });
  if (url.endsWith('/chat/completions')) return Response.json(openaiWire.completion, { headers: { 'x-request-id': 'req_1' } });
  return Response.json(openaiWire.error('no such path'), { status: 404 });
}

globalThis.fetch = (input, init) => Promise.resolve(answer(input instanceof Request ? input.url : String(input), init));
