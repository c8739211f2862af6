import { encodeBase64 } from '../../../packages/modelwire/src/core/base64.ts';
import type { RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { printArray, printString } from '../../../packages/modelwire/src/core/json-print.ts';
import { isObject, type JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import type { Target } from '../../../packages/modelwire/src/core/target.ts';
import { checkBedrockRequest } from '../../../packages/modelwire/src/providers/mock-bedrock-check.ts';
import { frameMessage } from '../../../packages/modelwire/src/providers/mock-bedrock-frame.ts';
import { signatureOf } from '../../../packages/modelwire/src/providers/mock-signature.ts';
import { type Issued, objectIn, objectsIn, pieces, read, refuse, refusing, resultsIn, type StrictProvider, textOf, type Turn } from './strict-provider.ts';

type Block = { readonly start?: RawJson; readonly whole: RawJson; readonly deltas: readonly RawJson[] };

/** Claude on Bedrock's Converse: thinking that is signed, and secret thinking. */
export function strictBedrock({ target }: { readonly target: Target }): StrictProvider {
  const issued: Issued[] = [];
  let answers = 0;
  let calls = 0;

  const make = (turn: Turn, body: JsonObject): readonly Block[] => {
    const tools = toolsIn(body);
    const blocks: Block[] = [];
    if (thinksIn(body)) {
      const thought = `thought ${++answers} of ${target.provider}: "考虑" 😀\n`;
      const redacted = encodeBase64(`secret ${target.provider} ${answers} \u00ff`);
      const withCalls = turn.calls.length > 0;
      const shown = `thought ${answers} of ${target.provider}`;
      issued.push({ state: `${thought}|${signatureOf(thought)}`, secrets: [signatureOf(thought)], shown, withCalls, plain: false });
      issued.push({ state: redacted, secrets: [redacted], withCalls, plain: false });
      blocks.push(thinkingOf(thought), secretOf(redacted));
    }
    blocks.push(textBlock(turn.says), ...turn.calls.map(({ tool, args }) => callOf(`tooluse_${'kZ-_'.repeat(4)}${calls++}`, tools[tool] ?? '', args)));
    return blocks;
  };

  return {
    target,
    dialect: 'bedrock-converse',
    streamType: 'application/vnd.amazon.eventstream',
    issued,
    answer(text, stream, turn) {
      const body = objectIn(read(text).value);
      refusing(() => checkBedrockRequest(body, { lenient: false, thinks: false }));
      const messages = objectsIn(body['messages']);
      for (const state of statesIn(body))
        refuse(!issued.some((one) => one.state === state), 'The model returned the following errors: Invalid `signature` in `thinking` block');
      checkThinking(messages, thinksIn(body));
      checkResults(messages);
      const blocks = make(turn, body);
      return stream ? streamOf(blocks, turn) : wholeOf(blocks, turn);
    },
    returned: statesIn,
    told(json) {
      const body = objectIn(json.value);
      const messages = objectsIn(body['messages']);
      return {
        tools: toolsIn(body),
        results: resultsIn(
          messages.flatMap(({ content }) => objectsIn(content)),
          {
            callOf: ({ toolUse }) => (isObject(toolUse) ? [toolUse['toolUseId'], toolUse['name']] : undefined),
            answers: ({ toolResult }) => (isObject(toolResult) ? toolResult['toolUseId'] : undefined),
          },
        ),
        said: messages.map(({ role, content }) => (role === 'assistant' ? textOf(content) : '')).join(''),
        calls: messages.flatMap(({ content }, at) =>
          objectsIn(content).flatMap(({ toolUse }, index) =>
            isObject(toolUse) ? [{ name: String(toolUse['name']), args: json.raw(['messages', at, 'content', index, 'toolUse', 'input']) ?? '' }] : [],
          ),
        ),
      };
    },
    cached: { list: 'messages', fixed: ['toolConfig', 'system'] },
  };
}

function toolsIn(body: JsonObject): readonly string[] {
  return objectsIn(objectIn(body['toolConfig'])['tools']).flatMap(({ toolSpec }) => (isObject(toolSpec) ? [String(toolSpec['name'])] : []));
}

function thinksIn(body: JsonObject): boolean {
  const fields = body['additionalModelRequestFields'];
  return isObject(fields) && isObject(fields['thinking']) && fields['thinking']['type'] === 'enabled';
}

function statesIn(body: JsonObject): readonly string[] {
  const blocks = objectsIn(body['messages']).flatMap(({ content }) => objectsIn(content));
  return blocks.flatMap(({ reasoningContent }) => {
    if (!isObject(reasoningContent)) return [];
    const { reasoningText, redactedContent } = reasoningContent;
    return isObject(reasoningText) ? [`${String(reasoningText['text'])}|${String(reasoningText['signature'])}`] : [String(redactedContent)];
  });
}

/** Thinking is the model's, stands before the calls that it led to, and where it is on the turn that goes on has its own. */
function checkThinking(messages: readonly JsonObject[], thinks: boolean): void {
  for (const [at, { role, content }] of messages.entries()) {
    const kinds = objectsIn(content).map((block) => Object.keys(block)[0]);
    const last = kinds.lastIndexOf('reasoningContent');
    refuse(role === 'user' && last !== -1, 'User messages cannot contain reasoning content. Please remove the reasoning content and try again.');
    const call = kinds.indexOf('toolUse');
    refuse(call !== -1 && call < last, `messages.${at}.content.${last}: thinking must precede the toolUse blocks`);
  }
  const index = messages.findLastIndex(({ role }) => role === 'assistant');
  const blocks = objectsIn(messages[index]?.['content'] ?? []);
  const [first = ''] = Object.keys(blocks[0] ?? {});
  refuse(
    thinks && blocks.some(({ toolUse }) => toolUse !== undefined) && first !== 'reasoningContent',
    `The model returned the following errors: messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`.`,
  );
}

/** A result that failed says how. */
function checkResults(messages: readonly JsonObject[]): void {
  for (const [at, { content }] of messages.entries())
    for (const [index, { toolResult }] of objectsIn(content).entries())
      refuse(
        isObject(toolResult) && toolResult['status'] === 'error' && objectsIn(toolResult['content']).length === 0,
        `The content field at messages.${at}.content.${index}.toolResult cannot be empty when status value is error.`,
      );
}

function thinkingOf(thought: string): Block {
  return {
    whole: `{"reasoningContent":{"reasoningText":{"text":${printString(thought)},"signature":${printString(signatureOf(thought))}}}}`,
    deltas: [
      ...pieces(thought).map((text) => `{"reasoningContent":{"text":${printString(text)}}}`),
      `{"reasoningContent":{"signature":${printString(signatureOf(thought))}}}`,
    ],
  };
}

function secretOf(data: string): Block {
  const whole = `{"reasoningContent":{"redactedContent":${printString(data)}}}`;
  return { whole, deltas: [whole] };
}

function textBlock(says: string): Block {
  return { whole: `{"text":${printString(says)}}`, deltas: pieces(says).map((text) => `{"text":${printString(text)}}`) };
}

function callOf(id: string, name: string, args: RawJson): Block {
  const head = `"toolUseId":${printString(id)},"name":${printString(name)}`;
  return {
    start: `{"toolUse":{${head}}}`,
    whole: `{"toolUse":{${head},"input":${args}}}`,
    deltas: pieces(args).map((text) => `{"toolUse":{"input":${printString(text)}}}`),
  };
}

const ends = '"usage":{"inputTokens":10,"outputTokens":5,"totalTokens":15},"metrics":{"latencyMs":42}';

function stopOf({ calls }: Turn): RawJson {
  return calls.length > 0 ? '"tool_use"' : '"end_turn"';
}

function wholeOf(blocks: readonly Block[], turn: Turn): string {
  const content = printArray(blocks.map(({ whole }) => whole));
  return `{"output":{"message":{"role":"assistant","content":${content}}},"stopReason":${stopOf(turn)},${ends}}`;
}

function streamOf(blocks: readonly Block[], turn: Turn): Uint8Array {
  const frames = [
    frame('messageStart', '{"role":"assistant","p":"abc"}'),
    ...blocks.flatMap(({ start, deltas }, index) => [
      ...(start === undefined ? [] : [frame('contentBlockStart', `{"contentBlockIndex":${index},"start":${start}}`)]),
      ...deltas.map((delta) => frame('contentBlockDelta', `{"contentBlockIndex":${index},"delta":${delta},"p":"ab"}`)),
      frame('contentBlockStop', `{"contentBlockIndex":${index}}`),
    ]),
    frame('messageStop', `{"stopReason":${stopOf(turn)}}`),
    frame('metadata', `{${ends}}`),
  ];
  return Uint8Array.from(frames.flatMap((bytes) => [...bytes]));
}

function frame(name: string, payload: RawJson): Uint8Array {
  return frameMessage(
    [
      [':event-type', name],
      [':content-type', 'application/json'],
      [':message-type', 'event'],
    ],
    payload,
  );
}
