import { writeFileSync } from 'node:fs';
import { ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';

const schema = { type: 'object', properties: { path: { type: 'string' }, content: { type: 'string' } }, required: ['path', 'content'] };
const toolConfig = { tools: [{ toolSpec: { name: 'write_file', description: 'Writes a file.', inputSchema: { json: schema } } }] };
const messages = [{ role: 'user', content: [{ text: process.env.AGENT_PROMPT }] }];

/** The blocks of a streamed answer; its text is printed as it comes. */
async function answer() {
  const blocks = [];
  const { stream } = await client.send(new ConverseStreamCommand({ modelId: 'auto', messages, toolConfig }));
  for await (const { contentBlockStart: start, contentBlockDelta: piece } of stream) {
    if (start !== undefined) blocks[start.contentBlockIndex] = { toolUse: { ...start.start.toolUse, input: '' } };
    if (piece === undefined) continue;
    const { text, toolUse, reasoningContent: thought } = piece.delta;
    const fresh = thought === undefined ? { text: '' } : { reasoningContent: { reasoningText: { text: '' } } };
    const block = (blocks[piece.contentBlockIndex] ??= fresh);
    if (text !== undefined) {
      block.text += text;
      process.stdout.write(text);
    }
    if (toolUse !== undefined) block.toolUse.input += toolUse.input;
    if (thought?.redactedContent !== undefined) block.reasoningContent = { redactedContent: thought.redactedContent };
    if (thought?.text !== undefined) block.reasoningContent.reasoningText.text += thought.text;
    if (thought?.signature !== undefined) block.reasoningContent.reasoningText.signature = thought.signature;
  }
  return blocks.map((block) => (block.toolUse === undefined ? block : { toolUse: { ...block.toolUse, input: JSON.parse(block.toolUse.input) } }));
}

for (;;) {
  const content = await answer();
  messages.push({ role: 'assistant', content });
  const calls = content.flatMap(({ toolUse }) => toolUse ?? []);
  if (calls.length === 0) break;
  const results = calls.map(({ toolUseId, input }) => {
    writeFileSync(input.path, input.content);
    return { toolResult: { toolUseId, content: [{ text: `wrote ${input.path}` }] } };
  });
  messages.push({ role: 'user', content: results });
}
