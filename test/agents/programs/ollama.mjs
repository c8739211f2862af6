import { writeFileSync } from 'node:fs';

const parameters = { type: 'object', properties: { path: { type: 'string' }, content: { type: 'string' } }, required: ['path', 'content'] };
const tools = [{ type: 'function', function: { name: 'write_file', description: 'Writes a file.', parameters } }];
const messages = [{ role: 'user', content: process.env.AGENT_PROMPT }];
for (;;) {
  const said = { role: 'assistant', content: '', thinking: '', tool_calls: [] };
  for await (const { message } of await client.chat({ model: 'auto', messages, tools, think: true, stream: true })) {
    said.content += message.content;
    said.thinking += message.thinking ?? '';
    said.tool_calls.push(...(message.tool_calls ?? []));
    process.stdout.write(message.content);
  }
  messages.push(said);
  if (said.tool_calls.length === 0) break;
  for (const { function: called } of said.tool_calls) {
    writeFileSync(called.arguments.path, called.arguments.content);
    messages.push({ role: 'tool', tool_name: called.name, content: `wrote ${called.arguments.path}` });
  }
}
