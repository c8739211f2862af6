import { writeFileSync } from 'node:fs';
import { Agent, tool } from '@openai/agents';
import { z } from 'zod';

const writeFile = tool({
  name: 'write_file',
  description: 'Writes a file.',
  parameters: z.object({ path: z.string(), content: z.string() }),
  execute: async ({ path, content }) => {
    writeFileSync(path, content);
    return `wrote ${path}`;
  },
});
const agent = new Agent({ name: 'Writer', instructions: 'You write files.', model: 'auto', tools: [writeFile] });
const result = await runner.run(agent, process.env.AGENT_PROMPT, { stream: true });
for await (const event of result)
  if (event.type === 'raw_model_stream_event' && event.data.type === 'output_text_delta') process.stdout.write(event.data.delta);
await result.completed;
