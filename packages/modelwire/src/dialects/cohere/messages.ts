import { accountForBlock, accountForOrder, loseCitations } from '../../core/accounting.ts';
import { decodeBase64 } from '../../core/base64.ts';
import { GatewayError } from '../../core/errors.ts';
import { inWords, nameOf as titleOf, type PlainBlock } from '../../core/in-words.ts';
import type {
  Block,
  ChatRequest,
  DocumentBlock,
  ImageBlock,
  Message,
  RawJson,
  ReasoningBlock,
  SearchResultBlock,
  TextBlock,
  ToolCallBlock,
  ToolResultBlock,
} from '../../core/ir.ts';
import { type Entry, printArray, printObject, printOptional, printString } from '../../core/json-print.ts';
import { lateSystem } from '../../core/late-system.ts';
import { accountForExtras, fieldPath } from '../../core/notes.ts';
import { unseal } from '../../core/seal.ts';
import { checkToolPairs, isToolCall, isToolResult } from '../../core/tool-pairs.ts';
import { sendBytes } from '../../core/media.ts';
import { type DocumentWords, printDocument } from './documents.ts';
import { dialect, isMarked, printWithExtras } from './wire.ts';
import { printPart, type Writing } from './writing.ts';

/** A part of a message's content. Nothing but text has no `raw` until it is known that it does not stand as a plain string. */
type Part = { readonly raw: RawJson; readonly text?: undefined } | { readonly raw?: undefined; readonly text: string };

/** The messages so far, the media of tool results that wait for the end of their run, and the documents to be cited. */
type Draft = { readonly messages: RawJson[]; media: Part[]; readonly documents: RawJson[]; readonly ids: Set<string> };

/** The conversation as Cohere takes it, and the documents that its answer is to cite. */
export function encodeConversation(writing: Writing): { readonly messages: RawJson; readonly documents: RawJson | undefined } {
  const { request, own, ledger, quirks } = writing;
  const last = request.messages.at(-1);
  if (last?.role === 'assistant' && (!own || quirks.prefill === false))
    ledger.refuse(last.at ?? 'messages', 'the model does not go on from an assistant message', 'End the messages with one of the user');
  if (!own) checkToolPairs(request.messages, ledger);
  const draft: Draft = { messages: [], media: [], documents: [], ids: new Set() };
  const leading = leadingCount(request.messages);
  addSystem(request.messages.slice(0, leading), draft, writing);
  for (const message of request.messages.slice(leading)) addMessage(message, draft, writing);
  flushMedia(draft);
  if (draft.messages.length === 0) throw new GatewayError('invalid_request', 'nothing of the conversation can be sent', { param: 'messages' });
  return { messages: printArray(draft.messages), documents: draft.documents.length === 0 ? undefined : printArray(draft.documents) };
}

function isSystem(message: Message): boolean {
  return message.role === 'system' || message.role === 'developer';
}

function leadingCount(messages: readonly Message[]): number {
  const first = messages.findIndex((message) => !isSystem(message));
  return first === -1 ? messages.length : first;
}

/** The system messages at the start. Where only the very first may be one, they are one. */
function addSystem(leading: readonly Message[], draft: Draft, writing: Writing): void {
  const [first] = leading;
  for (const message of leading) account(message, writing);
  if (writing.quirks.systemAnywhere !== false || first === undefined) {
    for (const message of leading) addSystemMessage(message, draft, writing);
    return;
  }
  if (leading.length > 1) writing.ledger.note('changed', leading[1]?.at ?? 'messages', 'the system messages at the start are sent as one');
  const parts = leading.flatMap((message) => systemParts(message, writing));
  draft.messages.push(printMessage('system', first, parts, writing));
}

/** What is left of the message, if anything is: what went has a note of its own. */
function addSystemMessage(message: Message, draft: Draft, writing: Writing): void {
  const parts = systemParts(message, writing);
  if (parts.length > 0 || writing.own) draft.messages.push(printMessage('system', message, parts, writing));
}

function systemParts(message: Message, writing: Writing): Part[] {
  return message.blocks.flatMap((block) => {
    if (block.type === 'text' || block.type === 'opaque') return encodePart(block, writing);
    writing.ledger.refuse(block.at ?? 'messages', 'a system message holds text only');
    return [];
  });
}

/** What a message carries besides its blocks. */
function account(message: Message, { ledger }: Writing): void {
  accountForExtras(message.ext, dialect, ledger);
  if (message.name !== undefined) ledger.drop(`${message.at ?? 'messages'}.name`, 'messages have no name there');
  if (message.role === 'developer') ledger.note('changed', message.at ?? 'messages', 'the role developer is sent as system');
}

function addMessage(message: Message, draft: Draft, writing: Writing): void {
  account(message, writing);
  if (message.role === 'user') return addUser(message, draft, writing);
  if (message.role !== 'assistant' && writing.quirks.systemAnywhere === false) return addUser(lateSystem(message, writing.ledger, dialect), draft, writing);
  flushMedia(draft);
  if (message.role === 'assistant') addAssistant(message, draft, writing);
  else addSystemMessage(message, draft, writing);
}

/** One text as a string, as it came or where nobody says otherwise; anything else as parts. */
function printContent(parts: readonly Part[], asString: boolean): RawJson {
  const [first] = parts;
  if (parts.length === 1 && first?.text !== undefined && asString) return printString(first.text);
  return printArray(parts.map((part) => part.raw ?? `{"type":"text","text":${printString(part.text)}}`));
}

function printMessage(role: string, message: Message, parts: readonly Part[], { own }: Writing, more: readonly Entry[] = []): RawJson {
  const content = printContent(parts, !own || isMarked(message.ext, 'string'));
  return printWithExtras([['role', printString(role)], ['content', content], ...more], message.ext, message.at ?? 'messages');
}

/** Tool results first, each a message of its own; the rest of the turn after them. */
function addUser(message: Message, draft: Draft, writing: Writing): void {
  const results = message.blocks.filter(isToolResult);
  for (const result of results) addResult(result, draft, writing);
  const others = message.blocks.filter((block) => !isToolResult(block));
  if (others.length === 0 && results.length > 0) return;
  const parts = [...draft.media, ...others.flatMap((block) => encodeUserBlock(block, draft, writing))];
  draft.media = [];
  if (parts.length === 0 && !writing.own) leaveOut(message, draft, writing);
  else draft.messages.push(printMessage('user', message, parts, writing));
}

/** Where only hints or documents stood, nothing is lost by leaving the message out; where nothing stood at all, nobody may invent it. */
function leaveOut({ blocks, at = 'messages' }: Message, draft: Draft, { ledger }: Writing): void {
  if (blocks.some((block) => block.type !== 'text') && draft.documents.length === 0) ledger.drop(at, 'nothing of this message can be sent');
  else ledger.refuse(at, 'the message has no text', 'Leave the message out, or give it text');
}

function flushMedia(draft: Draft): void {
  if (draft.media.length > 0) draft.messages.push(`{"role":"user","content":${printContent(draft.media, true)}}`);
  draft.media = [];
}

/** What is to be cited goes with the documents of the request. */
function encodeUserBlock(block: Block, draft: Draft, writing: Writing): Part[] {
  const words = isCited(block) ? wordsOf(block, writing) : undefined;
  if (words === undefined || !isCited(block)) return encodePart(block, writing);
  writing.ledger.note('changed', block.at ?? 'messages', 'what is to be cited is sent among the documents of the request');
  draft.documents.push(printDocument({ ...words, ...uniqueId(words.id, draft) }));
  return [];
}

/** Whether there is something to be cited, which goes with the documents of the request. */
export function citesDocuments({ messages }: ChatRequest): boolean {
  return messages.some(({ role, blocks }) => role === 'user' && blocks.some((block) => isCited(block) && isWords(block)));
}

/** A search result, or a document that is text. */
function isWords(block: Block): boolean {
  if (block.type !== 'document') return block.type === 'searchResult';
  const { source } = block;
  return source.kind === 'text' || (source.kind === 'blocks' ? source.blocks.every(isText) : source.kind === 'base64' && textFile.test(source.mediaType));
}

const textFile = /^(?:text\/|application\/json\b)/;

function isCited(block: Block): block is SearchResultBlock | DocumentBlock {
  return (block.type === 'searchResult' || block.type === 'document') && block.cite === true;
}

/** Two documents with one id are refused. */
function uniqueId(id: string | undefined, { ids }: Draft): { readonly id?: string } {
  if (id === undefined) return {};
  let unique = id;
  for (let count = 2; ids.has(unique); count++) unique = `${id}#${count}`;
  ids.add(unique);
  return { id: unique };
}

/** A document that is text; undefined for any other. */
function wordsOf(block: SearchResultBlock | DocumentBlock, writing: Writing): DocumentWords | undefined {
  const text = block.type === 'searchResult' ? textOf(block.content, writing) : documentText(block, writing);
  if (text === undefined) return undefined;
  accountForBlock(block, writing);
  if (block.type === 'searchResult') return { id: block.source, title: block.title, source: block.source, text };
  const title = titleOf(block);
  return { ...(title === undefined ? {} : { title }), ...(block.context === undefined ? {} : { context: block.context }), text };
}

function documentText({ source }: DocumentBlock, writing: Writing): string | undefined {
  if (source.kind === 'text') return source.text;
  if (source.kind === 'blocks') return source.blocks.every(isText) ? textOf(source.blocks.filter(isText), writing) : undefined;
  if (source.kind !== 'base64' || !textFile.test(source.mediaType)) return undefined;
  return decodeBase64(source.data);
}

function isText(block: Block): block is TextBlock {
  return block.type === 'text';
}

function textOf(blocks: readonly TextBlock[], writing: Writing): string {
  for (const block of blocks) {
    loseCitations(block, writing);
    accountForBlock(block, writing);
  }
  return blocks.map(({ text }) => text).join('\n');
}

function addResult(result: ToolResultBlock, draft: Draft, writing: Writing): void {
  const { ledger } = writing;
  const at = result.at ?? 'messages';
  const isImage = (block: Block): boolean => block.type === 'image' && !writing.own;
  const media = result.content.filter(isImage).flatMap((block) => encodePart(block, writing));
  const parts = result.content.filter((block) => !isImage(block)).flatMap((block) => encodeResultBlock(block, writing));
  accountForBlock(result, writing);
  if (result.isError === true) ledger.note('emulated', fieldPath(result, 'is_error', 'messages'), 'the error is told in the text of the result');
  const said = result.isError === true ? [{ text: JSON.stringify({ error: parts.map((part) => part.text ?? part.raw).join('\n') }) }] : parts;
  const asString = !writing.own || isMarked(result.ext, 'string');
  const entries: Entry[] = [
    ['role', '"tool"'],
    ['tool_call_id', printString(result.callId)],
    ['content', said.length === 0 && asString ? '""' : printContent(said, asString)],
  ];
  draft.messages.push(printWithExtras(entries, result.ext, at));
  if (media.length === 0) return;
  ledger.note('emulated', at, 'images of a tool result follow in a message of the user');
  draft.media.push({ text: `[tool result media for ${result.callId}]` }, ...media);
}

/** Documents stand in results as what they are. */
function encodeResultBlock(block: Block, writing: Writing): Part[] {
  if (block.type === 'text' && block.text === '' && !writing.own) return encodeNothing(block, writing);
  if (block.type !== 'searchResult' && block.type !== 'document') return encodePart(block, writing);
  if (writing.own) return [{ raw: printWithExtras([['type', '"document"']], block.ext, block.at ?? '') }];
  const words = wordsOf(block, writing);
  if (words === undefined) return encodePart(block, writing);
  if (block.cite !== undefined)
    writing.ledger.note('changed', fieldPath(block, 'citations', 'messages'), 'citations are asked for by the request as a whole there');
  return [
    {
      raw: printObject([
        ['type', '"document"'],
        ['document', printDocument(words)],
      ]),
    },
  ];
}

/** An empty text of a result is its empty content: nothing is lost with it. */
function encodeNothing(block: TextBlock, writing: Writing): Part[] {
  loseCitations(block, writing);
  accountForBlock(block, writing);
  return [];
}

function addAssistant(message: Message, draft: Draft, writing: Writing): void {
  accountForOrder(message, writing.ledger);
  const calls = message.blocks.filter(isToolCall);
  const firstCall = message.blocks.findIndex(isToolCall);
  const isPlan = (block: Block, index: number): boolean => block.type === 'text' && (isMarked(block.ext, 'plan') || (!writing.own && index < firstCall));
  const plan = message.blocks.filter(isPlan).filter(isText);
  const parts = message.blocks.filter((block, index) => !isToolCall(block) && !isPlan(block, index)).flatMap((block) => encodePart(block, writing));
  for (const block of plan) {
    loseCitations(block, writing);
    accountForBlock(block, writing);
    if (!isMarked(block.ext, 'plan')) writing.ledger.note('changed', block.at ?? 'messages', 'the text before a call is sent as its plan');
  }
  const planned = plan.map(({ text }) => text).join('');
  const hasPlan = writing.own ? plan.length > 0 : planned !== '';
  if (parts.length === 0 && calls.length === 0 && !hasPlan && !writing.own) return leaveOut(message, draft, writing);
  const asString = !writing.own || isMarked(message.ext, 'string');
  const entries: Entry[] = [
    ['role', '"assistant"'],
    ['content', parts.length === 0 ? undefined : printContent(parts, asString)],
    ['tool_plan', hasPlan ? printString(planned) : undefined],
    ['tool_calls', calls.length === 0 ? undefined : printArray(calls.map((call) => printCall(call, writing)))],
  ];
  draft.messages.push(printWithExtras(entries, message.ext, message.at ?? 'messages'));
}

function printCall(call: ToolCallBlock, writing: Writing): RawJson {
  const at = call.at ?? '';
  const written =
    call.kind === 'custom' ? printObject([['input', printString(call.arguments)]]) : call.arguments === '' && !writing.own ? '{}' : call.arguments;
  const inner: Entry[] = [
    ['name', printString(writing.names.to(call.name))],
    ['arguments', printString(written)],
  ];
  return printPart(
    [
      ['id', printString(call.id)],
      ['type', '"function"'],
      ['function', printWithExtras(inner, call.ext, `${at}.function`)],
    ],
    call,
    writing,
  );
}

/** The block as parts of a message's content; none when it was left out with a note. */
function encodePart(block: Block, writing: Writing): Part[] {
  return inWords(readable(block), writing).flatMap((item) => encodePlain(item, writing));
}

/** A file that is text says what a document of text does. */
function readable(block: Block): Block {
  if (block.type !== 'document' || block.source.kind !== 'base64' || !textFile.test(block.source.mediaType)) return block;
  const text = decodeBase64(block.source.data);
  return text === undefined ? block : { ...block, source: { kind: 'text', text } };
}

function encodePlain(block: PlainBlock, writing: Writing): Part[] {
  const { ledger, own } = writing;
  const at = block.at ?? 'messages';
  switch (block.type) {
    case 'text':
      return encodeText(block, writing);
    case 'refusal':
      ledger.note('changed', at, 'a refusal is sent as plain text');
      accountForBlock(block, writing);
      return [{ text: block.text }];
    case 'image':
      return encodeImage(block, writing);
    case 'reasoning':
      return encodeThought(block, writing);
    case 'opaque':
      if (block.dialect === dialect) return [{ raw: block.raw }];
      if (block.loss === 'hint') ledger.drop(at, `only ${block.dialect} understands a block of type ${block.kind}`);
      else ledger.refuse(at, `only ${block.dialect} understands a block of type ${block.kind}`);
      return [];
    case 'document':
      ledger.refuse(at, 'a document is taken as text only', 'Send the text of the document');
      return [];
    case 'audio':
    case 'toolCall':
    case 'toolResult':
      ledger.refuse(at, block.type === 'audio' ? 'the model takes no audio' : `${block.type} has no place here`, own ? undefined : 'Send a transcript');
      return [];
  }
}

/** An empty text is refused there. */
function encodeText(block: TextBlock, writing: Writing): Part[] {
  loseCitations(block, writing);
  if (block.text === '' && !writing.own) {
    writing.ledger.drop(block.at ?? 'messages', 'an empty text says nothing');
    return [];
  }
  const raw = printPart(
    [
      ['type', '"text"'],
      ['text', printString(block.text)],
    ],
    block,
    writing,
  );
  // Extras need a part to stand on.
  return raw === `{"type":"text","text":${printString(block.text)}}` ? [{ text: block.text }] : [{ raw }];
}

const details: readonly string[] = ['auto', 'low', 'high'];

function encodeImage(block: ImageBlock, writing: Writing): Part[] {
  const { ledger, quirks, own } = writing;
  const at = block.at ?? 'messages';
  const { source, detail } = block;
  const refused =
    quirks.images === false
      ? ['the model takes no images', 'Choose a model that does']
      : source.kind === 'file'
        ? ['an uploaded file belongs to the account that holds it', 'Send the image itself']
        : source.kind === 'url' && quirks.imageUrls === false
          ? ['the provider takes no image by its address', sendBytes]
          : undefined;
  if (refused !== undefined || source.kind === 'file') {
    ledger.refuse(at, refused?.[0] ?? '', refused?.[1]);
    return [];
  }
  const isKnown = detail === undefined || own || details.includes(detail);
  if (!isKnown) ledger.drop(fieldPath(block, 'detail', 'messages'), `there is no detail "${detail.slice(0, 40)}"`);
  const inner: Entry[] = [
    ['url', printString(source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`)],
    ['detail', isKnown ? printOptional(detail) : undefined],
  ];
  const entries: Entry[] = [
    ['type', '"image_url"'],
    ['image_url', printWithExtras(inner, block.ext, `${at}.image_url`)],
  ];
  return [{ raw: printPart(entries, block, writing) }];
}

/** Thinking goes back to where it was made: a seal tells, since Cohere signs none. */
function encodeThought(block: ReasoningBlock, writing: Writing): Part[] {
  const opened = unseal(block.redacted ?? block.signature ?? '', writing.context.target);
  const isOurs = opened.kind === 'own' ? block.redacted === undefined : opened.kind === 'unsealed' && writing.own;
  if (!isOurs) {
    const isTold = opened.kind !== 'unsealed' || opened.payload !== '';
    writing.ledger.drop(block.at ?? 'messages', isTold ? 'reasoning of another origin is withheld' : 'reasoning of unknown origin is withheld');
    return [];
  }
  if (block.text === '' && !writing.own) return [];
  const entries: Entry[] = [
    ['type', '"thinking"'],
    ['thinking', printString(block.text)],
  ];
  return [{ raw: printPart(entries, block, writing) }];
}
