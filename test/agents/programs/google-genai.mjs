import { writeFileSync } from 'node:fs';

const schema = { type: 'object', properties: { path: { type: 'string' }, content: { type: 'string' } }, required: ['path', 'content'] };
const tools = [{ functionDeclarations: [{ name: 'write_file', description: 'Writes a file.', parametersJsonSchema: schema }] }];
const chat = client.chats.create({ model: 'auto', config: { tools, thinkingConfig: { includeThoughts: true } } });
let message = process.env.AGENT_PROMPT;
while (message !== undefined) {
  const calls = [];
  for await (const chunk of await chat.sendMessageStream({ message })) {
    if (chunk.functionCalls !== undefined) calls.push(...chunk.functionCalls);
    for (const part of chunk.candidates?.[0]?.content?.parts ?? []) if (part.text !== undefined && part.thought !== true) process.stdout.write(part.text);
  }
  const parts = calls.map(({ id, name, args }) => {
    writeFileSync(args.path, args.content);
    return { functionResponse: { id, name, response: { output: `wrote ${args.path}` } } };
  });
  message = parts.length > 0 ? parts : undefined;
}
