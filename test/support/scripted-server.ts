import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Settles when the connection has closed under the answer, before it was complete. */
  readonly left: Promise<void>;
};

/** Answers one request. */
export type Script = (response: ServerResponse, request: Received) => void;

export type ScriptedServer = { readonly url: string; readonly received: readonly Received[]; close(): Promise<void> };

/** A server that plays one script a request, the last one again and again. */
export async function startScriptedServer(...scripts: readonly Script[]): Promise<ScriptedServer> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const left = new Promise<void>((resolve) => {
      response.once('close', () => {
        if (!response.writableFinished) resolve();
      });
    });
    const entry: Received = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString(), left };
    received.push(entry);
    (scripts[received.length - 1] ?? scripts.at(-1))?.(response, entry);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A whole answer. */
export function json(body: unknown, { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {}): Script {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** A stream that ends cleanly after these pieces. */
export function stream(...pieces: readonly string[]): Script {
  return (response) => {
    begin(response, pieces);
    response.end();
  };
}

/** A stream whose connection breaks after these pieces. */
export function torn(...pieces: readonly string[]): Script {
  return (response) => {
    begin(response, pieces);
    setImmediate(() => response.socket?.destroySoon());
  };
}

/** A stream that falls silent after these pieces. */
export function silent(...pieces: readonly string[]): Script {
  return (response) => begin(response, pieces);
}

function begin(response: ServerResponse, pieces: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_stream', 'request-id': 'req_stream' });
  response.flushHeaders();
  for (const piece of pieces) response.write(piece);
}

/** A stream that the test goes on writing. */
export function handWritten(...pieces: readonly string[]): { readonly script: Script; write(text: string): void; end(): void; break(): void } {
  let open: ServerResponse | undefined;
  return {
    script(response) {
      open = response;
      begin(response, pieces);
    },
    write: (text) => open?.write(text),
    end: () => open?.end(),
    break: () => open?.socket?.destroySoon(),
  };
}

/** Nothing at all, ever. */
export const mute: Script = () => undefined;

export function sse(...events: readonly unknown[]): string {
  return events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
}

export function named(...events: readonly { readonly type: string }[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

/** OpenAI's wire, as small as it can be. */
export const openaiWire = {
  completion: {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'gpt-5-2025',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hello', refusal: null }, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
    vendor_extra: 12345678901234567890n.toString(),
  },
  chunk: (delta: object, finish: string | null = null) => ({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'gpt-5-2025',
    choices: [{ index: 0, delta, finish_reason: finish }],
  }),
  error: (message: string, type = 'invalid_request_error', code: string | null = null) => ({ error: { message, type, param: 'messages', code } }),
};

const usage = { input_tokens: 3, output_tokens: 1, cache_creation_input_tokens: null, cache_read_input_tokens: null };

/** Anthropic's wire, as small as it can be. */
export const anthropicWire = {
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-5',
    content: [{ type: 'text', text: 'Hello', citations: null }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage,
  },
  start: {
    type: 'message_start',
    message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-5', content: [], stop_reason: null, stop_sequence: null, usage },
  },
  open: { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  text: (text: string) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
  close: { type: 'content_block_stop', index: 0 },
  finish: { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 2 } },
  stop: { type: 'message_stop' },
  error: (type: string, message: string) => ({ type: 'error', error: { type, message }, request_id: 'req_body' }),
};
