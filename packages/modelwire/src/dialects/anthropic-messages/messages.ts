import type { Context } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import { anthropicIdRule, fitId, type NameMap } from '../../core/fit.ts';
import type { Block, ChatRequest, DocumentBlock, ImageBlock, MediaSource, Message, RawJson, ReasoningBlock, SearchResultBlock, TextBlock, Tool, ToolCallBlock, ToolResultBlock } from '../../core/ir.ts';
import { type Entry, printArray, printObject, printOptional, printString } from '../../core/json-print.ts';
import { accountForExtras, type Ledger } from '../../core/notes.ts';
import { unseal } from '../../core/seal.ts';
import type { Quirks } from '../../core/target.ts';
import { checkToolPairs, isToolResult } from '../../core/tool-pairs.ts';
import { dialect, isJsonObject, isSpelled, printWithExtras } from './wire.ts';

/** What one request's encoding knows. `own`: it came in this dialect, and goes out as it came but for what a quirk asks. */
export type Writing = {
  readonly request: ChatRequest;
  readonly context: Context;
  readonly ledger: Ledger;
  readonly quirks: Quirks;
  readonly own: boolean;
  readonly names: NameMap;
  /** Prints the cache mark of a block or tool, unless there are more marks than the provider takes: then only the last ones. */
  mark(item: { readonly cache?: Tool['cache']; readonly ext?: Tool['ext']; readonly at?: string }): RawJson | undefined;
};

/** The conversation as the provider takes it: the leading system text on top, then turns of user and assistant. */
export function encodeConversation(writing: Writing, instruction: string | undefined): { readonly system: RawJson | undefined; readonly messages: RawJson } {
  const { request, own, quirks } = writing;
  const first = request.messages.findIndex((message) => !isLeading(message, writing));
  const leading = first === -1 ? request.messages.length : first;
  const system = encodeSystem(request.messages.slice(0, leading), instruction, writing);
  const rest = request.messages.slice(leading);
  const moved = quirks.systemInMessages !== true && rest.some(isSystem);
  const placed = rest.map((message) => placeSystem(message, writing));
  const turns = mergeTurns(placed);
  const threaded = request.ext.some((extra) => extra.path === 'thread' && extra.loss !== 'nothing');
  if (!threaded) checkToolPairs(turns, writing.ledger);
  const sent = own && !moved ? placed : turns.map((turn) => resultsFirst(turn, writing));
  if (quirks.prefill === false && sent.at(-1)?.role === 'assistant') {
    writing.ledger.refuse(sent.at(-1)?.at ?? 'messages', 'the model cannot continue an assistant message', 'End the conversation with a user message');
  }
  return { system, messages: printArray(sent.flatMap((message) => encodeMessage(message, writing))) };
}

function isSystem(message: Message): boolean {
  return message.role === 'system' || message.role === 'developer';
}

/** A system message in the caller's own list stays in the list where the model takes it there. */
function isLeading(message: Message, { own, quirks }: Writing): boolean {
  return isSystem(message) && (isSpelled(message.ext, 'topLevel') || !own || quirks.systemInMessages !== true);
}

function encodeSystem(messages: readonly Message[], instruction: string | undefined, writing: Writing): RawJson | undefined {
  const printed = messages.flatMap((message) => {
    account(message, writing);
    return message.blocks.flatMap((block) => (block.type === 'text' ? (encodeText(block, writing) ?? []) : (encodeSystemOther(block, writing) ?? [])));
  });
  if (instruction !== undefined) printed.push(printObject([['type', '"text"'], ['text', printString(instruction)]]));
  const only = messages.length === 1 && instruction === undefined && printed.length === 1 ? messages[0] : undefined;
  const text = only === undefined ? undefined : plainText(only.blocks, writing);
  if (text !== undefined && (!writing.own || isSpelled(only?.ext, 'string'))) return printString(text);
  return printed.length === 0 ? undefined : printArray(printed);
}

/** Only text, and what changes the tools in the middle of a conversation, can stand in system messages. */
function encodeSystemOther(block: Block, writing: Writing): RawJson | undefined {
  if (block.type === 'opaque') return encodeOpaque(block, writing);
  writing.ledger.refuse(block.at ?? 'system', `a system message holds text only, not ${block.type}`);
  return undefined;
}

/** A later system message keeps its place: as such where the model takes it, else as marked user text, never moved to the top. */
function placeSystem(message: Message, writing: Writing): Message {
  if (!isSystem(message)) return message;
  if (writing.quirks.systemInMessages === true) return { ...message, role: 'system' };
  writing.ledger.note('emulated', message.at ?? 'messages', 'a later system message is sent as marked user text');
  const blocks = message.blocks.map((block): Block => (block.type === 'text' ? { ...block, text: `<system>\n${block.text}\n</system>` } : block));
  return { ...message, role: 'user', blocks, ext: message.ext?.filter((extra) => extra.raw !== '') ?? [] };
}

/** Consecutive messages of one role are one turn. */
function mergeTurns(messages: readonly Message[]): Message[] {
  const turns: Message[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    if (last === undefined || last.role !== message.role || message.role === 'system') turns.push(message);
    else turns[turns.length - 1] = { ...last, blocks: [...last.blocks, ...message.blocks], ext: [...(last.ext ?? []), ...(message.ext ?? [])].filter((extra) => extra.raw !== '') };
  }
  return turns;
}

/** Tool results stand first in their turn. */
function resultsFirst(turn: Message, { ledger }: Writing): Message {
  const results = turn.blocks.filter(isToolResult);
  const rest = turn.blocks.filter((block) => !isToolResult(block));
  const last = turn.blocks[results.length - 1];
  if (last === undefined || isToolResult(last)) return turn;
  ledger.note('changed', turn.at ?? 'messages', 'tool results are sent first in their turn');
  return { ...turn, blocks: [...results, ...rest] };
}

/** What a message carries besides its blocks. */
function account(message: Message, { ledger }: Writing): void {
  accountForExtras(message.ext, dialect, ledger);
  if (message.name !== undefined) ledger.drop(`${message.at ?? 'messages'}.name`, 'messages have no name there');
  if (message.role === 'developer') ledger.note('changed', message.at ?? 'messages', 'the role developer is sent as system');
}

function encodeMessage(message: Message, writing: Writing): RawJson[] {
  account(message, writing);
  const at = message.at ?? 'messages';
  const printed = message.blocks.flatMap((block) => (message.role === 'system' && block.type !== 'text' ? (encodeSystemOther(block, writing) ?? []) : (encodeBlock(block, writing) ?? [])));
  if (printed.length === 0 && !(writing.own && message.blocks.length === 0)) return leaveOut(message, at, writing);
  return [printWithExtras([['role', printString(message.role)], ['content', contentOf(message, printed, writing)]], message.ext, at)];
}

function contentOf(message: Message, printed: readonly RawJson[], writing: Writing): RawJson | undefined {
  if (isSpelled(message.ext, 'absent')) return undefined;
  const text = printed.length === 1 ? plainText(message.blocks, writing) : undefined;
  return text !== undefined && (!writing.own || isSpelled(message.ext, 'string')) ? printString(text) : printArray(printed);
}

/** Where only hints stood, nothing is lost by leaving the message out; where nothing stood at all, nobody may invent it. */
function leaveOut(message: Message, at: string, { ledger }: Writing): RawJson[] {
  const hints = message.blocks.length > 0 && message.blocks.every((block) => block.type === 'reasoning' || (block.type === 'opaque' && block.loss === 'hint'));
  if (hints) ledger.drop(at, 'nothing of this message can be sent');
  else ledger.refuse(at, 'the message is empty', 'Leave the message out, or give it text');
  return [];
}

/** The text of blocks that one string says as well. */
function plainText(blocks: readonly Block[], writing: Writing): string | undefined {
  const texts = blocks.filter((block) => !isBlank(block, writing));
  const only = texts.length === 1 ? texts[0] : undefined;
  return only?.type === 'text' && only.cache === undefined && only.citations === undefined ? only.text : undefined;
}

/** The block as JSON; undefined when it was left out with a note. */
function encodeBlock(block: Block, writing: Writing): RawJson | undefined {
  switch (block.type) {
    case 'text':
      return encodeText(block, writing);
    case 'refusal':
      writing.ledger.note('changed', block.at ?? 'messages', 'a refusal is sent as plain text');
      return encodeText({ ...block, type: 'text' }, writing);
    case 'image':
      return encodeImage(block, writing);
    case 'document':
      return encodeDocument(block, writing);
    case 'audio':
      writing.ledger.refuse(block.at ?? 'messages', 'the messages format takes no audio', 'Send a transcript, or choose a model of another format');
      return undefined;
    case 'toolCall':
      return encodeToolCall(block, writing);
    case 'toolResult':
      return encodeToolResult(block, writing);
    case 'reasoning':
      return encodeReasoning(block, writing);
    case 'searchResult':
      return encodeSearchResult(block, writing);
    case 'opaque':
      return encodeOpaque(block, writing);
  }
}

/** One block's JSON: its type, its fields, its cache mark and our own extras; everyone else's are accounted for. */
function print(type: string, fields: readonly Entry[], block: Block, writing: Writing): RawJson {
  accountForExtras(block.ext, dialect, writing.ledger);
  return printWithExtras([['type', printString(type)], ...fields, ['cache_control', writing.mark(block)]], block.ext, block.at ?? '');
}

/** Text of nothing but white space is refused as empty. Our own callers' requests go as they came. */
function isBlank(block: Block, { own }: Writing): boolean {
  return !own && block.type === 'text' && block.text.trim() === '';
}

function encodeText(block: TextBlock, writing: Writing): RawJson | undefined {
  if (isBlank(block, writing)) {
    writing.ledger.drop(block.at ?? 'messages', 'an empty text is refused there');
    return undefined;
  }
  if (block.citations !== undefined && !writing.own) writing.ledger.drop(`${block.at ?? 'messages'}.citations`, 'citations of another format have no place');
  return print('text', [['text', printString(block.text)], ['citations', writing.own ? block.citations : undefined]], block, writing);
}

const imageTypes: readonly string[] = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];

function encodeImage(block: ImageBlock, writing: Writing): RawJson | undefined {
  const { ledger, own, quirks } = writing;
  const at = block.at ?? 'messages';
  if (quirks.images === false) {
    ledger.refuse(at, 'the model takes no images', 'Choose a model that does');
    return undefined;
  }
  const { source, detail } = block;
  if (!own && source.kind === 'base64' && !imageTypes.includes(source.mediaType)) {
    ledger.refuse(at, `images of type ${source.mediaType} are not taken`, `Send one of ${imageTypes.join(', ')}`);
    return undefined;
  }
  if (detail !== undefined && detail !== 'auto') ledger.drop(`${at}.detail`, 'the detail of an image cannot be chosen');
  const raw = encodeSource(source, block, writing);
  return raw === undefined ? undefined : print('image', [['source', raw]], block, writing);
}

function encodeSource(source: MediaSource, block: Block, writing: Writing): RawJson | undefined {
  const entries = sourceEntries(source);
  if (source.kind !== 'file' || source.dialect === dialect) return printWithExtras(entries, block.ext, `${block.at ?? ''}.source`);
  writing.ledger.refuse(block.at ?? 'messages', 'the file was uploaded to another provider', 'Send the file itself');
  return undefined;
}

function sourceEntries(source: MediaSource): Entry[] {
  switch (source.kind) {
    case 'base64':
      return [['type', '"base64"'], ['media_type', printString(source.mediaType)], ['data', printString(source.data)]];
    case 'url':
      return [['type', '"url"'], ['url', printString(source.url)]];
    case 'file':
      return [['type', '"file"'], ['file_id', printString(source.id)]];
  }
}

function encodeDocument(block: DocumentBlock, writing: Writing): RawJson | undefined {
  const { ledger, quirks } = writing;
  const at = block.at ?? 'messages';
  if (quirks.documents === false) {
    ledger.refuse(at, 'the model takes no documents', 'Send the text of the document');
    return undefined;
  }
  const source = encodeDocumentSource(block, writing);
  if (source === undefined) return undefined;
  const asTitle = block.filename !== undefined && block.title === undefined;
  if (block.filename !== undefined) ledger.note(asTitle ? 'changed' : 'carried', `${at}.filename`, asTitle ? 'the file name is sent as the title' : 'the document has a title of its own');
  const entries: Entry[] = [
    ['source', source],
    ['title', printOptional(block.title ?? block.filename)],
    ['context', printOptional(block.context)],
    ['citations', encodeCite(block)],
  ];
  return print('document', entries, block, writing);
}

function encodeDocumentSource(block: DocumentBlock, writing: Writing): RawJson | undefined {
  const { source } = block;
  const at = block.at ?? '';
  if (source.kind === 'text') return plainSource(source.text, block);
  if (source.kind === 'blocks') {
    const printed = source.blocks.flatMap((item) => encodeBlock(item, writing) ?? []);
    const only = source.blocks[0];
    const content = isSpelled(block.ext, 'string') && only?.type === 'text' ? printString(only.text) : printArray(printed);
    return printWithExtras([['type', '"content"'], ['content', content]], block.ext, `${at}.source`);
  }
  if (!writing.own && source.kind === 'base64' && source.mediaType !== 'application/pdf') return textFile(source.mediaType, source.data, block, writing);
  return encodeSource(source, block, writing);
}

function plainSource(text: string, block: DocumentBlock): RawJson {
  return printWithExtras([['type', '"text"'], ['media_type', '"text/plain"'], ['data', printString(text)]], block.ext, `${block.at ?? ''}.source`);
}

/** A text file goes as its text; of other files only PDF is taken. */
function textFile(mediaType: string, data: string, block: DocumentBlock, { ledger }: Writing): RawJson | undefined {
  const at = block.at ?? 'messages';
  const text = /^(?:text\/|application\/json\b)/.test(mediaType) ? decodeUtf8(data) : undefined;
  if (text === undefined) {
    ledger.refuse(at, `documents of type ${mediaType} are not taken`, 'Send a PDF or plain text');
    return undefined;
  }
  if (mediaType !== 'text/plain') ledger.note('changed', at, `a ${mediaType} file is sent as plain text`);
  return plainSource(text, block);
}

/** Text out of base64; undefined when it is none. */
function decodeUtf8(data: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(atob(data), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

function encodeCite(block: DocumentBlock | SearchResultBlock): RawJson | undefined {
  const raw = printWithExtras([['enabled', printOptional(block.cite)]], block.ext, `${block.at ?? ''}.citations`);
  return raw === '{}' ? undefined : raw;
}

function encodeSearchResult(block: SearchResultBlock, writing: Writing): RawJson {
  const content = printArray(block.content.flatMap((item) => encodeText(item, writing) ?? []));
  return print('search_result', [['title', printString(block.title)], ['source', printString(block.source)], ['content', content], ['citations', encodeCite(block)]], block, writing);
}

/** Thinking goes back byte for byte to where it was made; any other, and thinking that nobody signed, is withheld. */
function encodeReasoning(block: ReasoningBlock, writing: Writing): RawJson | undefined {
  const { ledger, context } = writing;
  const at = block.at ?? 'messages';
  const opened = unseal(block.redacted ?? block.signature ?? '', context.target);
  if (opened.kind === 'foreign') {
    ledger.drop(at, 'reasoning of another origin is withheld');
    return undefined;
  }
  if (opened.payload === '') {
    ledger.drop(at, 'reasoning without a signature is withheld');
    return undefined;
  }
  if (block.redacted !== undefined) return print('redacted_thinking', [['data', printString(opened.payload)]], block, writing);
  return print('thinking', [['thinking', printString(block.text)], ['signature', printString(opened.payload)]], block, writing);
}

function encodeToolCall(block: ToolCallBlock, writing: Writing): RawJson {
  const at = block.at ?? 'messages';
  const id = fitId(block.id, anthropicIdRule);
  if (id !== block.id) writing.ledger.note('changed', at, `the call id is sent as "${id}"`);
  const input = block.kind === 'custom' ? printObject([['input', printString(block.arguments)]]) : inputOf(block, at);
  return print('tool_use', [['id', printString(id)], ['name', printString(writing.names.to(block.name))], ['input', input]], block, writing);
}

/** The arguments as the object they must be; broken ones are the caller's to mend, never `{}`. */
function inputOf(block: ToolCallBlock, at: string): RawJson {
  if (block.arguments.trim() === '') return '{}';
  if (isJsonObject(block.arguments)) return block.arguments.trim();
  throw new GatewayError('invalid_request', `${at}: the arguments of "${block.name}" are not one complete JSON object`, { param: at, hint: 'Leave the broken call out of the history' });
}

function encodeToolResult(block: ToolResultBlock, writing: Writing): RawJson {
  const fields: Entry[] = [['tool_use_id', printString(fitId(block.callId, anthropicIdRule))], ['content', resultContent(block, writing)], ['is_error', printOptional(block.isError)]];
  return print('tool_result', fields, block, writing);
}

const resultBlocks: readonly Block['type'][] = ['text', 'refusal', 'image', 'document', 'searchResult', 'opaque'];

/** An empty result is one without content. */
function resultContent(block: ToolResultBlock, writing: Writing): RawJson | undefined {
  if (isSpelled(block.ext, 'absent')) return undefined;
  const content = block.content.filter((item) => !isBlank(item, writing));
  if (content.length === 0 && !writing.own) return undefined;
  const text = plainText(content, writing);
  if (text !== undefined && (!writing.own || isSpelled(block.ext, 'string'))) {
    accountForExtras(content[0]?.ext, dialect, writing.ledger);
    return printString(text);
  }
  return printArray(content.flatMap((item) => encodeResultBlock(item, writing) ?? []));
}

function encodeResultBlock(block: Block, writing: Writing): RawJson | undefined {
  if (resultBlocks.includes(block.type)) return encodeBlock(block, writing);
  writing.ledger.refuse(block.at ?? 'messages', `a tool result cannot hold ${block.type}`);
  return undefined;
}

function encodeOpaque(block: Extract<Block, { type: 'opaque' }>, { ledger }: Writing): RawJson | undefined {
  if (block.dialect === dialect) return block.raw;
  const reason = `only ${block.dialect} understands a block of type ${block.kind}`;
  if (block.loss === 'hint') ledger.drop(block.at ?? 'messages', reason);
  else ledger.refuse(block.at ?? 'messages', reason);
  return undefined;
}
