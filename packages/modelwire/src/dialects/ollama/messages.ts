import { accountForBlock, accountForOrder, loseCitations } from '../../core/accounting.ts';
import { inWords, type PlainBlock } from '../../core/in-words.ts';
import type { Block, ImageBlock, Message, RawJson, ReasoningBlock, ToolCallBlock, ToolResultBlock } from '../../core/ir.ts';
import { type Entry, printArray, printObject, printString } from '../../core/json-print.ts';
import { accountForExtras, cachePath, fieldPath } from '../../core/notes.ts';
import { unseal } from '../../core/seal.ts';
import { objectInput } from '../../core/tool-input.ts';
import { checkToolPairs, isToolCall, isToolResult } from '../../core/tool-pairs.ts';
import { encodeImage } from './images.ts';
import { dialect, isMarked, ownEntries, printWithExtras } from './wire.ts';
import type { Writing } from './writing.ts';

/** The messages so far, and the images of tool results that wait for the end of their run. */
type Draft = { readonly messages: RawJson[]; media: Content; readonly names: ReadonlyMap<string, string> };

/** What a message says, as Ollama takes it: pieces of text, and images beside them. */
type Content = { readonly texts: readonly string[]; readonly images: readonly string[] };

const empty: Content = { texts: [], images: [] };

export function encodeMessages(writing: Writing): RawJson[] {
  const { request, ledger, quirks } = writing;
  const { messages } = request;
  checkToolPairs(messages, ledger);
  const last = messages.at(-1);
  if (last?.role === 'assistant' && quirks.prefill === false)
    ledger.refuse(last.at ?? 'messages', 'the model does not go on from an assistant message', 'End the messages with one of the user');
  const calls = messages.flatMap((message) => message.blocks.filter(isToolCall));
  const draft: Draft = { messages: [], media: empty, names: new Map(calls.map(({ id, name }) => [id, name])) };
  for (const message of messages) {
    account(message, writing);
    if (message.role === 'user') addUser(message, draft, writing);
    else {
      flushMedia(draft, writing);
      if (message.role === 'assistant') addAssistant(message, draft, writing);
      else draft.messages.push(printMessage('system', message, contentOf(message.blocks, writing)));
    }
  }
  flushMedia(draft, writing);
  return draft.messages;
}

/** What a message carries besides its blocks. */
function account(message: Message, { ledger }: Writing): void {
  accountForExtras(message.ext, dialect, ledger);
  if (message.name !== undefined) ledger.drop(`${message.at ?? 'messages'}.name`, 'messages have no name there');
  if (message.role === 'developer') ledger.note('changed', message.at ?? 'messages', 'the role developer is sent as system');
}

/** Results of one message become messages of their own, before the rest of it. */
function addUser(message: Message, draft: Draft, writing: Writing): void {
  const results = message.blocks.filter(isToolResult);
  for (const result of results) addResult(result, draft, writing);
  const others = message.blocks.filter((block) => !isToolResult(block));
  if (others.length === 0 && results.length > 0) return;
  const { texts, images } = contentOf(others, writing);
  const { media } = draft;
  draft.media = empty;
  draft.messages.push(printMessage('user', message, { texts: [...media.texts, ...texts], images: [...media.images, ...images] }));
}

function flushMedia(draft: Draft, writing: Writing): void {
  if (draft.media !== empty) addUser({ role: 'user', blocks: [] }, draft, writing);
}

function printMessage(role: string, { at = 'messages', ext }: Pick<Message, 'at' | 'ext'>, { texts, images }: Content, more: readonly Entry[] = []): RawJson {
  const entries: Entry[] = [
    ['role', printString(role)],
    ['content', printString(texts.join(role === 'assistant' ? '' : '\n'))],
    ['images', images.length === 0 ? undefined : printArray(images.map(printString))],
    ...more,
  ];
  return printWithExtras(entries, ext, at);
}

/** Text goes into the message of the result. For those who know no images there, they follow in the user's next message, under a marker. */
function addResult(result: ToolResultBlock, draft: Draft, writing: Writing): void {
  const { ledger, own } = writing;
  const at = result.at ?? 'messages';
  const content = contentOf(result.content, writing);
  accountForBlock(result, writing);
  if (result.isError === true) ledger.note('emulated', fieldPath(result, 'is_error', 'messages'), 'the error is told in the text of the result');
  const texts = result.isError === true ? [JSON.stringify({ error: content.texts.join('\n') })] : content.texts;
  const name = draft.names.get(result.callId);
  draft.messages.push(
    printMessage('tool', result, { texts, images: own ? content.images : [] }, [
      ['tool_name', name === undefined || own ? undefined : printString(name)],
      ['tool_call_id', isMarked(result.ext, 'madeId') ? undefined : printString(result.callId)],
    ]),
  );
  if (own || content.images.length === 0) return;
  ledger.note('emulated', at, 'images of a tool result follow in a message of the user');
  const { media } = draft;
  draft.media = { texts: [...media.texts, `[tool result media for ${result.callId}]`], images: [...media.images, ...content.images] };
}

function addAssistant(message: Message, draft: Draft, writing: Writing): void {
  const { blocks } = message;
  const calls = blocks.filter(isToolCall);
  const thinking = blocks.flatMap((block) => (block.type === 'reasoning' ? ownThinking(block, writing) : [])).join('');
  const content = contentOf(
    blocks.filter((block) => block.type !== 'reasoning' && block.type !== 'toolCall'),
    writing,
  );
  accountForOrder(message, writing.ledger);
  draft.messages.push(
    printMessage('assistant', message, content, [
      ['thinking', thinking === '' ? undefined : printString(thinking)],
      ['tool_calls', calls.length === 0 ? undefined : printArray(calls.map((call) => printCall(call, writing)))],
    ]),
  );
}

/** The thinking of the same origin, or of one that nobody names; else none, with a note. */
function ownThinking(block: ReasoningBlock, { context, own, ledger, dialect: ours }: Writing): string[] {
  const at = block.at ?? 'messages';
  accountForExtras(block.ext, ours, ledger);
  if (block.cache !== undefined) ledger.drop(cachePath(block, 'messages'), 'prompt caching is automatic there');
  const states = [block.signature, block.redacted].filter((state) => state !== undefined);
  const isOurs = states.length === 0 ? own : states.every((state) => unseal(state, context.target).kind === 'own');
  if (!isOurs) ledger.drop(at, states.length === 0 ? 'reasoning without an origin is withheld' : 'reasoning of another origin is withheld');
  return isOurs ? [block.text] : [];
}

function printCall(call: ToolCallBlock, writing: Writing): RawJson {
  const at = call.at ?? 'messages';
  accountForBlock(call, writing);
  const inner = printWithExtras(
    [
      ['name', printString(call.name)],
      ['arguments', objectInput(call, at)],
    ],
    call.ext,
    `${at}.function`,
  );
  return printObject([['id', isMarked(call.ext, 'madeId') ? undefined : printString(call.id)], ['function', inner], ...ownEntries(call.ext, at)]);
}

/** Blocks as text and images. Where an image stood among the texts is lost. */
function contentOf(blocks: readonly Block[], writing: Writing): Content {
  const items = blocks.flatMap((block) => inWords(block, writing));
  const texts: string[] = [];
  const images: string[] = [];
  for (const item of items) {
    accountForBlock(item, writing);
    if (item.type === 'image') images.push(...encodeImage(item, writing));
    else texts.push(...textOf(item, writing));
  }
  const isMixed = items.slice(0, -1).some((item, index) => item.type === 'image' && items[index + 1]?.type !== 'image');
  if (isMixed && !writing.own && images.length > 0 && texts.length > 0)
    writing.ledger.note('changed', items[0]?.at ?? 'messages', 'images stand beside the text, not within it');
  return { texts, images };
}

function textOf(item: Exclude<PlainBlock, ImageBlock>, writing: Writing): string[] {
  const { ledger } = writing;
  const at = item.at ?? 'messages';
  switch (item.type) {
    case 'text':
      loseCitations(item, writing);
      return [item.text];
    case 'refusal':
      ledger.note('changed', at, 'a refusal is sent as plain text');
      return [item.text];
    case 'document':
      ledger.refuse(at, 'Ollama takes no documents', 'Send the text of the document');
      return [];
    case 'audio':
      ledger.refuse(at, 'Ollama takes no audio', 'Send what is said as text');
      return [];
    case 'opaque':
      if (item.loss === 'hint') ledger.drop(at, `only ${item.dialect} understands a block of type ${item.kind}`);
      else ledger.refuse(at, `only ${item.dialect} understands a block of type ${item.kind}`);
      return [];
    case 'reasoning':
    case 'toolCall':
    case 'toolResult':
      ledger.refuse(at, `${item.type} has no place here`);
      return [];
  }
}
