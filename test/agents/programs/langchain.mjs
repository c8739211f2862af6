import { writeFileSync } from 'node:fs';
import { createAgent, tool } from 'langchain';
import { z } from 'zod';

const writeFile = tool(
  async ({ path, content }) => {
    writeFileSync(path, content);
    return `wrote ${path}`;
  },
  { name: 'write_file', description: 'Writes a file.', schema: z.object({ path: z.string(), content: z.string() }) },
);
const agent = createAgent({ model, tools: [writeFile] });
const messages = [{ role: 'user', content: process.env.AGENT_PROMPT }];
for await (const [message] of await agent.stream({ messages }, { streamMode: 'messages' })) process.stdout.write(message.text);
