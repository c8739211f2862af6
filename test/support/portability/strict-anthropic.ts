import type { RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { printArray, printObject, printString } from '../../../packages/modelwire/src/core/json-print.ts';
import { isObject, type JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import type { Target } from '../../../packages/modelwire/src/core/target.ts';
import { checkAnthropicRequest } from '../../../packages/modelwire/src/providers/mock-anthropic-check.ts';
import { hashHex } from '../../../packages/modelwire/src/providers/mock-count.ts';
import { signatureOf } from '../../../packages/modelwire/src/providers/mock-signature.ts';
import { type Issued, objectIn, objectsIn, pieces, read, refuse, refusing, resultsIn, sse, type StrictProvider, textOf, type Turn } from './strict-provider.ts';

type Block = { readonly start: RawJson; readonly whole: RawJson; readonly deltas: readonly RawJson[] };

type Vendor = {
  readonly target: Target;
  /** Whether the thinking of an answer, by its number from 1 on, is signed, with secret thinking beside it. Default: always. */
  readonly signs?: (answer: number) => boolean;
};

/** Anthropic itself, who serves its models, or who only speaks its format: thinking that is signed, and secret thinking. */
export function strictAnthropic({ target, signs = () => true }: Vendor): StrictProvider {
  const issued: Issued[] = [];
  let answers = 0;
  let calls = 0;

  const make = (turn: Turn, body: JsonObject): readonly Block[] => {
    const tools = objectsIn(body['tools']).map((tool) => String(tool['name']));
    const blocks: Block[] = [];
    if (isObject(body['thinking']) && body['thinking']['type'] === 'enabled') {
      const thought = `thought ${++answers} of ${target.provider}: "考虑" 😀\n`;
      const data = `EmwKAh${target.provider}/${answers}+==`;
      const withCalls = turn.calls.length > 0;
      const shown = `thought ${answers} of ${target.provider}`;
      const isSigned = signs(answers);
      const signature = isSigned ? signatureOf(thought) : '';
      issued.push({ state: `${thought}|${signature}`, secrets: isSigned ? [signature] : [], shown, withCalls, plain: false });
      blocks.push(thinkingOf(thought, signature));
      if (isSigned) {
        issued.push({ state: data, secrets: [data], withCalls, plain: false });
        blocks.push({ start: redacted(data), whole: redacted(data), deltas: [] });
      }
    }
    blocks.push(
      textBlock(turn.says),
      ...turn.calls.map(({ tool, args }) => callOf(`toolu_01${hashHex(`${target.provider} ${calls++}`, 20)}`, tools[tool] ?? '', args)),
    );
    return blocks;
  };

  return {
    target,
    dialect: 'anthropic-messages',
    issued,
    answer(text, stream, turn) {
      const body = objectIn(read(text).value);
      refuse(body['model'] !== target.model, `model: ${String(body['model'])}`);
      refusing(() => checkAnthropicRequest(asSigned(body, issued), { lenient: false }));
      for (const state of statesIn(body)) refuse(!issued.some((one) => one.state === state), 'Invalid `data` in `redacted_thinking` block');
      const blocks = make(turn, body);
      return stream ? streamOf(blocks, target, turn) : wholeOf(blocks, target, turn);
    },
    returned: statesIn,
    told(json) {
      const body = objectIn(json.value);
      const calls = objectsIn(body['messages']).flatMap(({ content }, at) =>
        (Array.isArray(content) ? objectsIn(content) : []).flatMap(({ type, name }, index) =>
          type === 'tool_use' ? [{ name: String(name), args: json.raw(['messages', at, 'content', index, 'input']) ?? '' }] : [],
        ),
      );
      const said = objectsIn(body['messages']).map(({ role, content }) => (role === 'assistant' ? textOf(content) : ''));
      const blocks = objectsIn(body['messages']).flatMap(({ content }) => (Array.isArray(content) ? objectsIn(content) : []));
      const results = resultsIn(blocks, {
        callOf: ({ type, id, name }) => (type === 'tool_use' ? [id, name] : undefined),
        answers: (block) => block['tool_use_id'],
      });
      return { tools: objectsIn(body['tools']).map((tool) => String(tool['name'])), calls, results, said: said.join('') };
    },
    cached: { list: 'messages', fixed: ['tools', 'system'] },
  };
}

function statesIn(body: JsonObject): readonly string[] {
  const blocks = objectsIn(body['messages']).flatMap(({ content }) => (Array.isArray(content) ? objectsIn(content) : []));
  return blocks.flatMap(({ type, thinking, signature, data }) =>
    type === 'thinking' ? [`${String(thinking)}|${String(signature)}`] : type === 'redacted_thinking' ? [String(data)] : [],
  );
}

function redacted(data: string): RawJson {
  return `{"type":"redacted_thinking","data":${printString(data)}}`;
}

/** The check knows signed thinking only: what was given out without a signature passes it as if it had one. */
function asSigned(body: JsonObject, issued: readonly Issued[]): JsonObject {
  const sign = (block: JsonObject): JsonObject => {
    const thought = String(block['thinking']);
    return block['signature'] === '' && issued.some(({ state }) => state === `${thought}|`) ? { ...block, signature: signatureOf(thought) } : block;
  };
  const messages = objectsIn(body['messages']).map((message) =>
    Array.isArray(message['content']) ? { ...message, content: objectsIn(message['content']).map(sign) } : message,
  );
  return { ...body, messages };
}

function thinkingOf(thought: string, signed: string): Block {
  const print = (text: string, signature: string): RawJson => `{"type":"thinking","thinking":${printString(text)},"signature":${printString(signature)}}`;
  return {
    start: print('', ''),
    whole: print(thought, signed),
    deltas: [
      ...pieces(thought).map((text) => `{"type":"thinking_delta","thinking":${printString(text)}}`),
      ...(signed === '' ? [] : [`{"type":"signature_delta","signature":${printString(signed)}}`]),
    ],
  };
}

function textBlock(says: string): Block {
  const print = (text: string): RawJson => `{"type":"text","text":${printString(text)},"citations":null}`;
  return { start: print(''), whole: print(says), deltas: pieces(says).map((text) => `{"type":"text_delta","text":${printString(text)}}`) };
}

function callOf(id: string, name: string, args: RawJson): Block {
  const print = (input: RawJson): RawJson =>
    `{"type":"tool_use","id":${printString(id)},"name":${printString(name)},"input":${input},"caller":{"type":"direct"}}`;
  return {
    start: print('{}'),
    whole: print(args),
    deltas: ['', ...pieces(args)].map((text) => `{"type":"input_json_delta","partial_json":${printString(text)}}`),
  };
}

const usage = '{"input_tokens":10,"output_tokens":5}';

function messageOf(content: RawJson, stop: RawJson, { model }: Target): RawJson {
  return printObject([
    ['id', '"msg_01"'],
    ['type', '"message"'],
    ['role', '"assistant"'],
    ['model', printString(model)],
    ['content', content],
    ['stop_reason', stop],
    ['stop_sequence', 'null'],
    ['usage', usage],
  ]);
}

function stopOf({ calls }: Turn): RawJson {
  return calls.length > 0 ? '"tool_use"' : '"end_turn"';
}

function wholeOf(blocks: readonly Block[], target: Target, turn: Turn): string {
  return messageOf(printArray(blocks.map(({ whole }) => whole)), stopOf(turn), target);
}

function streamOf(blocks: readonly Block[], target: Target, turn: Turn): string {
  const event = (type: string, rest: string): string => sse(`{"type":"${type}"${rest}}`, type);
  return [
    event('message_start', `,"message":${messageOf('[]', 'null', target)}`),
    ...blocks.flatMap(({ start, deltas }, index) => [
      event('content_block_start', `,"index":${index},"content_block":${start}`),
      ...deltas.map((delta) => event('content_block_delta', `,"index":${index},"delta":${delta}`)),
      event('content_block_stop', `,"index":${index}`),
    ]),
    event('message_delta', `,"delta":{"stop_reason":${stopOf(turn)},"stop_sequence":null},"usage":${usage}`),
    event('message_stop', ''),
  ].join('');
}
