import { anthropicIdRule, fitId } from '../../core/fit.ts';
import { lateSystem } from '../../core/late-system.ts';
import type { Block, Message, OpaqueBlock, RawJson, ReasoningBlock, SearchResultBlock, TextBlock, ToolCallBlock, ToolResultBlock } from '../../core/ir.ts';
import { type Entry, printArray, printOptional, printString } from '../../core/json-print.ts';
import { accountForExtras } from '../../core/notes.ts';
import { joinRuns } from '../../core/runs.ts';
import { openBlock } from '../../core/seal.ts';
import { objectInput } from '../../core/tool-input.ts';
import { checkToolPairs, isToolResult } from '../../core/tool-pairs.ts';
import { encodeCite, encodeDocument, encodeImage } from './media.ts';
import { dialect, isSpelled, printWithExtras } from './wire.ts';
import { printBlock, type Writing } from './writing.ts';

/** The conversation as the provider takes it: the leading system text on top, then turns of user and assistant. */
export function encodeConversation(writing: Writing): { readonly system: RawJson | undefined; readonly messages: RawJson } {
  const { request, own, quirks } = writing;
  const leading = leadingCount(writing);
  const system = encodeSystem(request.messages.slice(0, leading), writing);
  const rest = request.messages.slice(leading).flatMap((message) => sendable(message, writing));
  const moved = quirks.systemInMessages !== true && rest.some(isSystem);
  const placed = rest.map((message, index) => placeSystem(message, index, writing));
  const turns = mergeTurns(placed, writing);
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

/** How many messages go on top. Where there is nothing but system text, the last of it asks: a conversation cannot be empty. */
function leadingCount(writing: Writing): number {
  const { messages } = writing.request;
  const first = messages.findIndex((message) => !isLeading(message, writing));
  if (first !== -1) return first;
  return writing.own ? messages.length : Math.max(0, messages.length - 1);
}

/** A system message in the caller's own list stays in the list where the model takes it there. One without a place is modelwire's own. */
function isLeading(message: Message, { own, quirks }: Writing): boolean {
  return isSystem(message) && (message.at === undefined || isSpelled(message.ext, 'topLevel') || !own || quirks.systemInMessages !== true);
}

function encodeSystem(messages: readonly Message[], writing: Writing): RawJson | undefined {
  const [first] = messages;
  if (first === undefined) return undefined;
  const sole = messages.length === 1 ? soleText(first, writing) : undefined;
  if (sole !== undefined) {
    account(first, writing);
    accountForExtras(sole.ext, dialect, writing.ledger);
    return printString(sole.text);
  }
  const printed = messages.flatMap((message) => {
    account(message, writing);
    return message.blocks
      .filter((block) => !isWithheld(block, writing))
      .flatMap((block) => (block.type === 'text' ? encodeText(block, writing) : (encodeSystemOther(block, writing) ?? [])));
  });
  const only = messages.length === 1 && printed.length === 1 ? messages[0] : undefined;
  const text = only === undefined ? undefined : plainText(only.blocks, writing);
  if (text !== undefined && (!writing.own || isSpelled(only?.ext, 'string'))) return printString(text);
  return printed.length === 0 ? undefined : printArray(printed);
}

/** The block of a message that is one plain string there: the usual case, told before anything is printed. */
function soleText({ blocks, ext }: Message, writing: Writing): TextBlock | undefined {
  const [only] = blocks;
  if (blocks.length !== 1 || only?.type !== 'text' || (writing.own && !isSpelled(ext, 'string'))) return undefined;
  return plainText(blocks, writing) === undefined ? undefined : only;
}

/** Only text, and what changes the tools in the middle of a conversation, can stand in system messages. */
function encodeSystemOther(block: Block, writing: Writing): RawJson | undefined {
  if (block.type === 'opaque') return encodeOpaque(block, writing);
  writing.ledger.refuse(block.at ?? 'system', `a system message holds text only, not ${block.type}`);
  return undefined;
}

/** A later system message keeps its place: as such where the model takes it, else as marked user text, never moved to the top. */
function placeSystem(message: Message, index: number, writing: Writing): Message {
  if (!isSystem(message)) return message;
  if (writing.quirks.systemInMessages === true && (index > 0 || writing.own)) return { ...message, role: 'system' };
  dropOwn(message.ext, 'what a system message says of itself has no place in a message of the user', writing);
  return lateSystem(message, writing.ledger, dialect);
}

/** Consecutive messages of one role are one turn. */
function mergeTurns(messages: readonly Message[], writing: Writing): Message[] {
  return joinRuns(messages, (last, message) => last.role === message.role && message.role !== 'system').map((run) => {
    const [first] = run;
    if (run.length === 1) return first;
    for (const message of run.slice(1)) {
      dropName(message, writing);
      dropOwn(message.ext, 'consecutive messages of one role are sent as one', writing);
    }
    return { ...first, blocks: run.flatMap((message) => message.blocks), ext: run.flatMap((message) => message.ext ?? []).filter((extra) => extra.raw !== '') };
  });
}

/** Tool results stand first in their turn. */
function resultsFirst(turn: Message, { ledger }: Writing): Message {
  if (!turn.blocks.some(isToolResult)) return turn;
  const results = turn.blocks.filter(isToolResult);
  const rest = turn.blocks.filter((block) => !isToolResult(block));
  const last = turn.blocks[results.length - 1];
  if (last === undefined || isToolResult(last)) return turn;
  ledger.note('changed', turn.at ?? 'messages', 'tool results are sent first in their turn');
  return { ...turn, blocks: [...results, ...rest] };
}

/** What a message carries besides its blocks. */
function account(message: Message, writing: Writing): void {
  const { ledger } = writing;
  accountForExtras(message.ext, dialect, ledger);
  dropName(message, writing);
  if (message.role === 'developer') ledger.note('changed', message.at ?? 'messages', 'the role developer is sent as system');
}

/** Fields of this dialect for which there is no place any more. */
function dropOwn(ext: Message['ext'], reason: string, { ledger }: Writing): void {
  for (const extra of ext ?? []) if (extra.dialect === dialect && extra.raw !== '' && extra.loss !== 'nothing') ledger.drop(extra.path, reason);
}

function dropName({ name, at = 'messages' }: Message, { ledger }: Writing): void {
  if (name !== undefined) ledger.drop(`${at}.name`, 'messages have no name there');
}

function encodeMessage(message: Message, writing: Writing): RawJson[] {
  account(message, writing);
  const sole = soleText(message, writing);
  if (sole !== undefined) {
    accountForExtras(sole.ext, dialect, writing.ledger);
    return [printWithContent(message, printString(sole.text))];
  }
  const printed = message.blocks.flatMap((block) =>
    message.role === 'system' && block.type !== 'text' ? (encodeSystemOther(block, writing) ?? []) : (encodeBlock(block, writing) ?? []),
  );
  if (printed.length === 0 && message.blocks.length > 0) {
    leaveOut(message, writing);
    return [];
  }
  return [printWithContent(message, isSpelled(message.ext, 'absent') ? undefined : printArray(printed))];
}

function printWithContent({ role, ext, at }: Message, content: RawJson | undefined): RawJson {
  const entries: Entry[] = [
    ['role', printString(role)],
    ['content', content],
  ];
  return printWithExtras(entries, ext, at ?? 'messages');
}

/** The message without what is withheld from this target; nothing when nothing is left. */
function sendable(message: Message, writing: Writing): Message[] {
  const blocks = message.blocks.filter((block) => !isWithheld(block, writing));
  if (blocks.length === message.blocks.length && blocks.length > 0) return [message];
  if (blocks.length > 0 || (writing.own && message.blocks.length === 0)) return [{ ...message, blocks }];
  leaveOut(message, writing);
  return [];
}

/** Where only hints stood, nothing is lost by leaving the message out; where nothing stood at all, nobody may invent it. */
function leaveOut(message: Message, { ledger }: Writing): void {
  const at = message.at ?? 'messages';
  if (message.blocks.some((block) => block.type !== 'text')) ledger.drop(at, 'nothing of this message can be sent');
  else ledger.refuse(at, 'the message is empty', 'Leave the message out, or give it text');
}

/** What is dropped before turns are made: with a note each. */
function isWithheld(block: Block, writing: Writing): boolean {
  const reason = withheldFor(block, writing);
  if (reason !== undefined) writing.ledger.drop(block.at ?? 'messages', reason);
  return reason !== undefined;
}

/** Why a block is left out; undefined for one that goes. */
export function withheldFor(block: Block, writing: Writing): string | undefined {
  if (isBlank(block, writing)) return 'an empty text is refused there';
  if (block.type === 'opaque' && block.dialect !== dialect && block.loss === 'hint') return foreignBlock(block);
  if (block.type !== 'reasoning') return undefined;
  const { own, quirks, context } = writing;
  const opened = openBlock(block, context);
  if (opened.kind === 'foreign') return 'reasoning of another origin is withheld';
  const isSigned = (opened.block.redacted ?? opened.block.signature ?? '') !== '';
  // Who has a state of its own knows thinking without any, and gave out none that is not under our seal.
  if (quirks.ownState === true && opened.kind === 'own') return undefined;
  if (isSigned && opened.kind === 'unsealed' && (!own || quirks.ownState === true)) return 'reasoning of another origin is withheld';
  return isSigned ? undefined : 'reasoning without a signature is withheld';
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
      return encodeDocument(block, writing, (item) => encodeBlock(item, writing));
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

/** Text of nothing but white space is refused as empty. Our own callers' requests go as they came. */
function isBlank(block: Block, { own }: Writing): boolean {
  return !own && block.type === 'text' && block.text.trim() === '';
}

function encodeText(block: TextBlock, writing: Writing): RawJson {
  if (block.citations !== undefined && !writing.own) writing.ledger.drop(`${block.at ?? 'messages'}.citations`, 'citations of another format have no place');
  return printBlock(
    'text',
    [
      ['text', printString(block.text)],
      ['citations', writing.own ? block.citations : undefined],
    ],
    block,
    writing,
  );
}

function encodeSearchResult(block: SearchResultBlock, writing: Writing): RawJson {
  const content = printArray(block.content.map((item) => encodeText(item, writing)));
  return printBlock(
    'search_result',
    [
      ['title', printString(block.title)],
      ['source', printString(block.source)],
      ['content', content],
      ['citations', encodeCite(block)],
    ],
    block,
    writing,
  );
}

/** Thinking goes back byte for byte to where it was made; any other, and thinking that nobody signed, was withheld. */
function encodeReasoning(block: ReasoningBlock, writing: Writing): RawJson | undefined {
  const opened = openBlock(block, writing.context);
  if (opened.kind === 'foreign') return undefined;
  const { text, signature, redacted } = opened.block;
  if (redacted !== undefined && text !== '') writing.ledger.drop(block.at ?? 'messages', 'secret thinking has no text besides');
  if (redacted !== undefined) return printBlock('redacted_thinking', [['data', printString(redacted)]], block, writing);
  return printBlock(
    'thinking',
    [
      ['thinking', printString(text)],
      ['signature', printString(signature ?? '')],
    ],
    block,
    writing,
  );
}

function encodeToolCall(block: ToolCallBlock, writing: Writing): RawJson {
  const at = block.at ?? 'messages';
  const id = fitId(block.id, anthropicIdRule);
  if (id !== block.id) writing.ledger.note('changed', at, `the call id is sent as "${id}"`);
  return printBlock(
    'tool_use',
    [
      ['id', printString(id)],
      ['name', printString(writing.names.to(block.name))],
      ['input', objectInput(block, at)],
    ],
    block,
    writing,
  );
}

function encodeToolResult(block: ToolResultBlock, writing: Writing): RawJson {
  const fields: Entry[] = [
    ['tool_use_id', printString(fitId(block.callId, anthropicIdRule))],
    ['content', resultContent(block, writing)],
    ['is_error', printOptional(block.isError)],
  ];
  return printBlock('tool_result', fields, block, writing);
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

function encodeOpaque(block: OpaqueBlock, { ledger }: Writing): RawJson | undefined {
  if (block.dialect === dialect) return block.raw;
  if (block.loss === 'hint') ledger.drop(block.at ?? 'messages', foreignBlock(block));
  else ledger.refuse(block.at ?? 'messages', foreignBlock(block));
  return undefined;
}

function foreignBlock(block: OpaqueBlock): string {
  return `only ${block.dialect} understands a block of type ${block.kind}`;
}
