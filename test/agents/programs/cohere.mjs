import { writeFileSync } from 'node:fs';

const parameters = { type: 'object', properties: { path: { type: 'string' }, content: { type: 'string' } }, required: ['path', 'content'] };
const tools = [{ type: 'function', function: { name: 'write_file', description: 'Writes a file.', parameters } }];
const messages = [{ role: 'user', content: process.env.AGENT_PROMPT }];
for (;;) {
  const content = [];
  const toolCalls = [];
  let toolPlan = '';
  for await (const { type, index, delta } of await client.chatStream({ model: 'auto', messages, tools })) {
    const said = delta?.message;
    if (type === 'tool-plan-delta') toolPlan += said.toolPlan;
    if (type === 'content-start') content[index] = said.content;
    if (type === 'content-delta') {
      for (const [kind, text] of Object.entries(said.content)) content[index][kind] += text;
      process.stdout.write(said.content.text ?? '');
    }
    if (type === 'tool-call-start') toolCalls[index] = said.toolCalls;
    if (type === 'tool-call-delta') toolCalls[index].function.arguments += said.toolCalls.function.arguments;
  }
  const calls = toolCalls.filter((call) => call !== undefined);
  if (calls.length === 0) break;
  messages.push({ role: 'assistant', content: content.filter((part) => part !== undefined), toolCalls: calls, ...(toolPlan === '' ? {} : { toolPlan }) });
  for (const { id, function: called } of calls) {
    const { path, content: text } = JSON.parse(called.arguments);
    writeFileSync(path, text);
    messages.push({ role: 'tool', toolCallId: id, content: `wrote ${path}` });
  }
}
