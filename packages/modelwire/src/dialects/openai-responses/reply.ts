import { takeShared } from '../../core/common-fields.ts';
import type { Context } from '../../core/dialect.ts';
import type { Block, Extra, Finish, RawJson, Reply, ReplyHead } from '../../core/ir.ts';
import { type Cursor, cursorAt, fieldOf, itemsOf } from '../../core/json-cursor.ts';
import { isObject, type JsonObject, type JsonText, parseJsonText } from '../../core/json-text.ts';
import { loseExtras } from '../../core/notes.ts';
import { blamingProvider, invalidAnswer } from '../../core/provider-fault.ts';
import { describeForeign } from '../../core/upstream-failure.ts';
import { failureInside } from './errors.ts';
import { accountForFinish, decodeFinish, encodeFinish, explanationOf } from './finish.ts';
import { itemBlocks } from './items.ts';
import type { Reading } from './parts.ts';
import { groupItems, isShowable, itemId, printItem, textPlace } from './print-items.ts';
import { type AnswerStyle, printResponse, withId } from './response.ts';
import { decodeUsage, printTier, printUsage, tierOf } from './usage.ts';
import { reply as replyShape } from './verdicts-reply.ts';
import { dialect, extrasOf, isOwn } from './wire.ts';

/** A whole answer. Throws `upstream_invalid_response` for what is none, and the provider's own error for an error inside a 200. */
export function decodeReply(text: string, reading: Reading): Reply {
  const { target, ledger } = reading.context;
  const json = parseAnswer(text, reading);
  const inside = failureInside(json.value, text, target);
  if (inside !== undefined) throw inside;
  const response = isObject(json.value) ? json.value : {};
  if (!Array.isArray(response['output'])) throw invalidAnswer(target, 'the answer has no output');
  return blamingProvider(target, () => {
    const root = cursorAt(json);
    const blocks = itemsOf(fieldOf(root, 'output')).flatMap((item) => itemBlocks(item, reading));
    const called = blocks.some((block) => block.type === 'toolCall');
    const finish = decodeFinish(response, { called, ext: responseExtras(root) }, reading.context);
    const usage = decodeUsage(response['usage'], ledger.lost);
    return { ...headOf(response, reading.context), blocks, finish, ...(usage === undefined ? {} : { usage }), ...tierOf(response['service_tier']) };
  });
}

function parseAnswer(text: string, { context }: Reading): JsonText {
  try {
    return parseJsonText(text);
  } catch (cause) {
    throw invalidAnswer(context.target, describeForeign(text), cause);
  }
}

/** Who answers; a field that the provider left out is made up where it must be. */
export function headOf({ id, model, created_at: created }: JsonObject, context: Context): ReplyHead {
  return {
    id: typeof id === 'string' && id !== '' ? id : context.newId('resp_'),
    model: typeof model === 'string' && model !== '' ? model : context.target.model,
    created: typeof created === 'number' && created > 0 ? Math.floor(created) : Math.floor(context.now() / 1000),
  };
}

/** What a response holds besides, wherever it stands. */
export function responseExtras(response: Cursor): Extra[] {
  return extrasOf(response, replyShape, '').filter((extra) => extra.raw !== 'null');
}

// The caller's side: the same answer in full official shape.

export function encodeReply(reply: Reply, style: AnswerStyle): string {
  const { context } = style;
  const { finish, usage } = reply;
  const { status, details } = encodeFinish(finish, context);
  const { blocks, others } = withLogprobs(reply);
  loseExtras(others, dialect, context.ledger);
  loseExtras(finish.ext, dialect, context.ledger);
  accountForFinish(finish, context);
  for (const block of blocks) accountForBlock(block, style);
  const groups = groupItems([...blocks, ...refusalOf(finish, blocks)].filter(isShowable).map((block) => shown(block, style)));
  const output = groups.map((group, at) => printItem(group, style, { id: itemId(group, style), status: at === groups.length - 1 ? status : 'completed' }));
  const standing = {
    status,
    output,
    details,
    usage: usage === undefined ? undefined : printUsage(usage, context),
    tier: printTier(reply.serviceTier, context),
  };
  return printResponse(withId(reply, style), { ...standing, ext: finish.ext }, style);
}

/** The probabilities that stand beside the message elsewhere stand with its text here, where it has but one. */
function withLogprobs({ blocks, ext = [] }: Reply): { readonly blocks: readonly Block[]; readonly others: readonly Extra[] } {
  const { shared, others } = takeShared(ext, dialect, ['logprobs']);
  const told = tokensIn(shared.get('logprobs')?.raw);
  const texts = blocks.filter((block) => block.type === 'text');
  if (told === undefined || texts.length !== 1) return { blocks, others: ext };
  const own: Extra = { dialect, path: `${textPlace}.logprobs`, key: 'logprobs', raw: told, loss: 'nothing' };
  return { blocks: blocks.map((block) => (block === texts[0] ? { ...block, ext: [...(block.ext ?? []), own] } : block)), others };
}

/** The list of tokens, in which this format has bytes for each; undefined when there is more than that list. */
function tokensIn(raw: RawJson | undefined): RawJson | undefined {
  const value: unknown = JSON.parse(raw ?? 'null');
  if (!isObject(value) || !Array.isArray(value['content']) || (Array.isArray(value['refusal']) && value['refusal'].length > 0)) return undefined;
  return JSON.stringify(value['content'], (key, one: unknown) => (key === 'bytes' && one === null ? [] : one));
}

/** Where a provider says in words why it refused and the answer does not, these are the refusal. */
export function refusalOf(finish: Finish, blocks: readonly Block[]): Block[] {
  const text = explanationOf(finish);
  return text === '' || blocks.some((block) => block.type === 'refusal') ? [] : [{ type: 'refusal', text }];
}

/** The state of OpenAI's own thinking goes to those who asked for it. */
export function shown(block: Block, { context, keepsThinking }: AnswerStyle): Block {
  if (block.type !== 'reasoning' || keepsThinking || !isOwn(context)) return block;
  const { signature: _state, ...rest } = block;
  return rest;
}

/** Says what of a block has no place in this format. The blocks of an answer have no index that whole answers and streams share: the kind names them. */
export function accountForBlock(block: Block, { context: { ledger } }: AnswerStyle): void {
  loseExtras(block.ext, dialect, ledger);
  if (isShowable(block)) return;
  const kind = block.type === 'opaque' ? block.kind : block.type;
  ledger.lost(block.at ?? `content.${kind}`, `${kind} has no place in ${dialect}`);
}
