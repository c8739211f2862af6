import { writeFileSync } from 'node:fs';
import { isStepCount, streamText, tool } from 'ai';
import { z } from 'zod';

const write_file = tool({
  description: 'Writes a file.',
  inputSchema: z.object({ path: z.string(), content: z.string() }),
  execute: async ({ path, content }) => {
    writeFileSync(path, content);
    return `wrote ${path}`;
  },
});
const result = streamText({ model, prompt: process.env.AGENT_PROMPT, tools: { write_file }, stopWhen: isStepCount(5) });
for await (const part of result.fullStream) {
  if (part.type === 'text-delta') process.stdout.write(part.text);
  if (part.type === 'error') throw part.error;
}
