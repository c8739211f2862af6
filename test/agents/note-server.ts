/** A tool server as agents start it (MCP over stdin and stdout): one tool, which writes a file. https://modelcontextprotocol.io/specification */
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

type Call = {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: { readonly protocolVersion?: string; readonly arguments?: { readonly path: string; readonly content: string } };
};

const schema = {
  type: 'object',
  properties: { path: { type: 'string' }, content: { type: 'string' } },
  required: ['path', 'content'],
  additionalProperties: false,
};
const tools = [{ name: 'save_note', description: 'Saves a note as a file.', inputSchema: schema }];

function answer({ method, params }: Call): object {
  switch (method) {
    case 'initialize':
      return { protocolVersion: params?.protocolVersion ?? '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'notes', version: '1.0.0' } };
    case 'tools/list':
      return { tools };
    case 'tools/call': {
      const { path, content } = params?.arguments ?? { path: '', content: '' };
      writeFileSync(path, content);
      return { content: [{ type: 'text', text: `saved ${path}` }] };
    }
    default:
      return {};
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const call = JSON.parse(line) as Call;
  if (call.id !== undefined) process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: call.id, result: answer(call) })}\n`);
}
