import type { RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { printArray, printObject, printString } from '../../../packages/modelwire/src/core/json-print.ts';
import { isObject, type JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import type { Target } from '../../../packages/modelwire/src/core/target.ts';
import { hashHex } from '../../../packages/modelwire/src/providers/mock-count.ts';
import { checkResponsesRequest } from '../../../packages/modelwire/src/providers/mock-responses-check.ts';
import { encryptedThought } from '../../../packages/modelwire/src/providers/mock-signature.ts';
import { type Issued, objectIn, objectsIn, pieces, read, refuse, refusing, resultsIn, sse, type StrictProvider, textOf, type Turn } from './strict-provider.ts';

/** An item of an answer, and the events that bring what it holds. */
type Item = { readonly id: string; readonly type: string; readonly raw: RawJson; readonly events: readonly (readonly [type: string, fields: string])[] };

/** OpenAI's Responses, with nothing stored: thinking comes encrypted, bound to the id of its item, and goes back before what it led to. */
export function strictResponses({ target }: { readonly target: Target }): StrictProvider {
  const issued: Issued[] = [];
  /** The items that came after a piece of thinking, by their ids, with its id. */
  const thoughtOf = new Map<string, string>();
  let answers = 0;
  let calls = 0;

  const make = (turn: Turn, body: JsonObject): readonly Item[] => {
    const tools = toolsIn(body);
    const count = ++answers;
    const thought = `thought ${count} of ${target.provider}: "考虑" 😀\n`;
    const { summary, secret } = askedFor(body);
    const id = `rs_${hex(target, count)}`;
    const data = encryptedThought(thought);
    if (secret) {
      const shown = summary ? { shown: `thought ${count} of ${target.provider}` } : {};
      issued.push({ state: `${id}|${summary ? thought : ''}|${data}`, secrets: [data, id], ...shown, withCalls: turn.calls.length > 0, plain: false });
    }
    const items = [
      messageOf(`msg_${hex(target, count)}`, turn.says),
      ...turn.calls.map(({ tool, args }) =>
        callOf({ id: `fc_${hex(target, count)}${calls}`, callId: `call_${hashHex(`${target.provider} ${calls++}`, 24)}`, name: tools[tool] ?? '', args }),
      ),
    ];
    for (const item of items) thoughtOf.set(item.id, id);
    return [thinkingOf(id, summary ? thought : '', secret ? data : undefined), ...items];
  };

  return {
    target,
    dialect: 'openai-responses',
    issued,
    answer(text, stream, turn) {
      const body = objectIn(read(text).value);
      refuse(body['model'] !== target.model, `The requested model '${String(body['model'])}' does not exist.`);
      refuse(body['store'] !== false, "'store' must be false: this organization keeps no data");
      refusing(() => checkResponsesRequest(body, { lenient: false, thinks: false }));
      const items = objectsIn(body['input']);
      checkSecrets(items, issued);
      checkOrder(items, thoughtOf);
      const made = make(turn, body);
      return stream ? streamOf(made, target) : responseOf(made, 'completed', target);
    },
    returned: (body) => objectsIn(body['input']).flatMap((item) => (item['type'] === 'reasoning' ? [stateOf(item)] : [])),
    told({ value }) {
      const body = objectIn(value);
      const items = objectsIn(body['input']);
      return {
        tools: toolsIn(body),
        results: resultsIn(items, {
          callOf: ({ type, call_id: id, name }) => (type === 'function_call' ? [id, name] : undefined),
          answers: ({ type, call_id: id }) => (type === 'function_call_output' ? id : undefined),
        }),
        said: items.map(({ role, content }) => (role === 'assistant' ? textOf(content) : '')).join(''),
        calls: items.flatMap(({ type, name, arguments: args }) => (type === 'function_call' ? [{ name: String(name), args: String(args) }] : [])),
      };
    },
    cached: { list: 'input', fixed: ['tools', 'instructions', 'reasoning', 'include'] },
  };
}

/** The end of an item's id, as long as a real one, and nobody else's. */
function hex({ provider }: Target, count: number): string {
  return hashHex(`${provider} ${count}`, 36);
}

function toolsIn(body: JsonObject): readonly string[] {
  return objectsIn(body['tools']).map((tool) => String(tool['name']));
}

/** A summary is given to those who ask for one, and so is what must come back. */
function askedFor({ reasoning, include }: JsonObject): { readonly summary: boolean; readonly secret: boolean } {
  return {
    summary: isObject(reasoning) && typeof reasoning['summary'] === 'string',
    secret: Array.isArray(include) && include.includes('reasoning.encrypted_content'),
  };
}

function stateOf({ id, summary, encrypted_content: data }: JsonObject): string {
  return `${String(id)}|${textOf(summary)}|${String(data)}`;
}

/** What is encrypted knows the item that it came in. */
function checkSecrets(items: readonly JsonObject[], issued: readonly Issued[]): void {
  for (const item of items) {
    if (item['type'] !== 'reasoning') continue;
    const { id, encrypted_content: data } = item;
    const told = `The encrypted content for item ${String(id)} could not be verified. Reason: `;
    refuse(!issued.some(({ secrets }) => secrets[0] === data), `${told}Encrypted content could not be decrypted or parsed.`);
    refuse(!issued.some(({ secrets }) => secrets[0] === data && secrets[1] === id), `${told}Encrypted content item_id did not match the target item id.`);
  }
}

/** A piece of thinking is followed by an item of the answer that it is of, and such an item has its thinking before it. */
function checkOrder(items: readonly JsonObject[], thoughtOf: ReadonlyMap<string, string>): void {
  const seen = new Set<string>();
  for (const [at, item] of items.entries()) {
    const { type, id, role } = item;
    const next = items[at + 1];
    if (type === 'reasoning') {
      seen.add(String(id));
      const follows = next?.['type'] === 'function_call' || next?.['role'] === 'assistant' || next?.['type'] === 'reasoning';
      const known = thoughtOf.get(String(next?.['id'] ?? ''));
      refuse(!follows || (known !== undefined && known !== id), `Item '${String(id)}' of type 'reasoning' was provided without its required following item.`);
    }
    const thought = typeof id === 'string' ? thoughtOf.get(id) : undefined;
    refuse(
      thought !== undefined && !seen.has(thought),
      `Item '${String(id)}' of type '${String(type ?? role)}' was provided without its required 'reasoning' item: '${thought}'.`,
    );
    refuse(typeof id === 'string' && id.length > 64, `Invalid 'input[${at}].id': string too long. Expected a string with maximum length 64.`);
  }
}

function thinkingOf(id: string, thought: string, data: string | undefined): Item {
  const part = (text: string): RawJson => `{"type":"summary_text","text":${printString(text)}}`;
  const place = '"summary_index":0';
  return {
    id,
    type: 'reasoning',
    raw: printObject([
      ['id', printString(id)],
      ['type', '"reasoning"'],
      ['summary', thought === '' ? '[]' : `[${part(thought)}]`],
      ['encrypted_content', data === undefined ? undefined : printString(data)],
    ]),
    events:
      thought === ''
        ? []
        : [
            ['reasoning_summary_part.added', `${place},"part":${part('')}`],
            ...pieces(thought).map((piece) => ['reasoning_summary_text.delta', `${place},"delta":${printString(piece)}`] as const),
            ['reasoning_summary_text.done', `${place},"text":${printString(thought)}`],
            ['reasoning_summary_part.done', `${place},"part":${part(thought)}`],
          ],
  };
}

function messageOf(id: string, says: string): Item {
  const part = (text: string): RawJson => `{"type":"output_text","annotations":[],"logprobs":[],"text":${printString(text)}}`;
  const place = '"content_index":0';
  return {
    id,
    type: 'message',
    raw: `{"id":${printString(id)},"type":"message","status":"completed","content":[${part(says)}],"role":"assistant"}`,
    events: [
      ['content_part.added', `${place},"part":${part('')}`],
      ...pieces(says).map((piece) => ['output_text.delta', `${place},"delta":${printString(piece)},"logprobs":[]`] as const),
      ['output_text.done', `${place},"text":${printString(says)},"logprobs":[]`],
      ['content_part.done', `${place},"part":${part(says)}`],
    ],
  };
}

type Call = { readonly id: string; readonly callId: string; readonly name: string; readonly args: RawJson };

function callOf({ id, callId, name, args }: Call): Item {
  return {
    id,
    type: 'function_call',
    raw: `{"id":${printString(id)},"type":"function_call","status":"completed","arguments":${printString(args)},"call_id":${printString(callId)},"name":${printString(name)}}`,
    events: [
      ...pieces(args).map((piece) => ['function_call_arguments.delta', `"delta":${printString(piece)}`] as const),
      ['function_call_arguments.done', `"arguments":${printString(args)},"name":${printString(name)}`],
    ],
  };
}

const usage =
  '{"input_tokens":10,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":15}';

function responseOf(items: readonly Item[], status: 'completed' | 'in_progress', { model }: Target): string {
  return printObject([
    ['id', '"resp_1"'],
    ['object', '"response"'],
    ['created_at', '1793000000'],
    ['status', printString(status)],
    ['error', 'null'],
    ['incomplete_details', 'null'],
    ['model', printString(model)],
    ['output', printArray(items.map(({ raw }) => raw))],
    ['usage', status === 'completed' ? usage : 'null'],
  ]);
}

/** An item as it begins: what it holds comes later. */
function begun({ id, type, raw }: Item): RawJson {
  const { call_id, name } = objectIn(JSON.parse(raw));
  if (type === 'reasoning') return JSON.stringify({ id, type, summary: [] });
  if (type === 'message') return JSON.stringify({ id, type, status: 'in_progress', content: [], role: 'assistant' });
  return JSON.stringify({ id, type, status: 'in_progress', arguments: '', call_id, name });
}

function streamOf(items: readonly Item[], target: Target): string {
  let count = 0;
  const event = (type: string, fields: string): string => sse(`{"type":"response.${type}","sequence_number":${count++},${fields}}`, `response.${type}`);
  return [
    event('created', `"response":${responseOf([], 'in_progress', target)}`),
    event('in_progress', `"response":${responseOf([], 'in_progress', target)}`),
    ...items.flatMap((item, index) => [
      event('output_item.added', `"output_index":${index},"item":${begun(item)}`),
      ...item.events.map(([type, fields]) => event(type, `"item_id":${printString(item.id)},"output_index":${index},${fields}`)),
      event('output_item.done', `"output_index":${index},"item":${item.raw}`),
    ]),
    event('completed', `"response":${responseOf(items, 'completed', target)}`),
  ].join('');
}
