import { emptyConversation } from '../../core/empty-conversation.ts';
import { fitId } from '../../core/fit.ts';
import { lateSystem } from '../../core/late-system.ts';
import type {
  Block,
  CacheMark,
  Message,
  OpaqueBlock,
  RawJson,
  ReasoningBlock,
  SearchResultBlock,
  TextBlock,
  ToolCallBlock,
  ToolResultBlock,
} from '../../core/ir.ts';
import { type Entry, printArray, printObject, printString } from '../../core/json-print.ts';
import { accountForExtras, cachePath } from '../../core/notes.ts';
import { joinRuns } from '../../core/runs.ts';
import { openBlock } from '../../core/seal.ts';
import { objectInput } from '../../core/tool-input.ts';
import { checkToolPairs, isToolResult } from '../../core/tool-pairs.ts';
import { encodeAudio, encodeDocument, encodeImage, encodePiece } from './media.ts';
import { besideOf, callIdRule, dialect, isMarked, printWithExtras } from './wire.ts';
import { loseCitations, nameOf, type Place, printBlock, printCachePoint, printKind, type Writing } from './writing.ts';

/** The conversation as Bedrock takes it: the leading system text apart, then turns of user and assistant. */
export function encodeConversation(
  writing: Writing,
  instruction: string | undefined,
): { readonly system: RawJson | undefined; readonly messages: RawJson | undefined } {
  const { request, own } = writing;
  const leading = leadingCount(writing);
  const rest = request.messages.slice(leading);
  // Where nothing but system text is left, the last of it asks: a conversation cannot be empty.
  const asks = rest.length === 0 && leading > 0 && !own;
  const system = encodeSystem(request.messages.slice(0, asks ? leading - 1 : leading), instruction, writing);
  const messages = encodeMessages(asks ? request.messages.slice(leading - 1, leading) : rest, writing);
  if (messages.length === 0 && !own) throw emptyConversation(request.messages[0]?.at ?? 'messages', writing.context.target);
  return { system, messages: own && isMarked(request.ext, 'absent') ? undefined : printArray(messages) };
}

function isSystem(message: Message): boolean {
  return message.role === 'system' || message.role === 'developer';
}

/** How many messages go apart. A system message that our own caller had in the list stays there; one of modelwire's own has no place in it. */
function leadingCount({ request: { messages }, own }: Writing): number {
  const first = messages.findIndex((message) => !isSystem(message) || (own && message.at !== undefined && message.at !== 'system'));
  return first === -1 ? messages.length : first;
}

function encodeMessages(messages: readonly Message[], writing: Writing): RawJson[] {
  const { own, ledger, quirks } = writing;
  const placed = messages.map((message, index) => placeSystem(message, index, writing));
  const sent = placed.flatMap((message) => (own ? withOwnReasoning(message, writing) : sendable(message, writing)));
  const turns = own ? sent : mergeTurns(sent);
  if (!own) checkToolPairs(turns, ledger);
  const last = turns.at(-1);
  if (quirks.prefill === false && last?.role === 'assistant')
    ledger.refuse(last.at ?? 'messages', 'the model cannot continue an assistant message', 'End the conversation with a user message');
  const auto = writing.request.cache;
  return turns.flatMap((turn, index) => encodeMessage(own ? turn : resultsFirst(turn, writing), index === turns.length - 1 ? auto : undefined, writing));
}

/** A later system message keeps its place: as such where the model takes it, else as marked user text, never moved to the top. */
function placeSystem(message: Message, index: number, { own, quirks, ledger }: Writing): Message {
  if (!isSystem(message) || own) return message;
  return quirks.systemInMessages === true && index > 0 ? { ...message, role: 'system' } : lateSystem(message, ledger, dialect);
}

/** Consecutive messages of one role are one turn. */
function mergeTurns(messages: readonly Message[]): Message[] {
  return joinRuns(messages, (last, message) => last.role === message.role && message.role !== 'system').map((run) => {
    const [first] = run;
    return run.length === 1 ? first : { ...first, blocks: run.flatMap(({ blocks }) => blocks), ext: run.flatMap(({ ext }) => ext ?? []) };
  });
}

/** Tool results stand first in their turn. */
function resultsFirst(turn: Message, { ledger }: Writing): Message {
  const results = turn.blocks.filter(isToolResult);
  const last = turn.blocks[results.length - 1];
  if (results.length === 0 || last === undefined || isToolResult(last)) return turn;
  ledger.note('changed', turn.at ?? 'messages', 'tool results are sent first in their turn');
  return { ...turn, blocks: [...results, ...turn.blocks.filter((block) => !isToolResult(block))] };
}

/** The message without what is left out with a note, and none where nothing is left. */
function sendable(message: Message, writing: Writing): Message[] {
  account(message, writing);
  const blocks = message.blocks.flatMap((block) => opened(block, writing));
  if (blocks.length > 0) return [{ ...message, blocks }];
  const at = message.at ?? 'messages';
  // Where only hints stood, nothing is lost by leaving the message out; where nothing stood at all, nobody may invent it.
  if (message.blocks.some((block) => block.type !== 'text')) writing.ledger.drop(at, 'nothing of this message can be sent');
  else writing.ledger.refuse(at, 'the message is empty', 'Leave the message out, or give it text');
  return [];
}

/** What our own caller got under seal from another provider is opened, or withheld; the rest goes as it came. */
function withOwnReasoning(message: Message, writing: Writing): Message[] {
  if (!message.blocks.some((block) => block.type === 'reasoning')) return [message];
  const blocks = message.blocks.flatMap((block): Block[] => (block.type === 'reasoning' ? opened(block, writing) : [block]));
  if (blocks.length > 0) return [{ ...message, blocks }];
  writing.ledger.drop(message.at ?? 'messages', 'nothing of this message can be sent');
  return [];
}

/** The block as it may go: thinking with its own signature, text that says something, and of what only others understand nothing. */
function opened(block: Block, writing: Writing): Block[] {
  const { ledger } = writing;
  const at = block.at ?? 'messages';
  const reason = withheldFor(block, writing);
  if (reason !== undefined) {
    ledger.drop(at, reason);
    return [];
  }
  if (block.type === 'opaque' && block.dialect !== dialect) {
    ledger.refuse(at, foreignReason(block));
    return [];
  }
  return block.type === 'reasoning' ? openedReasoning(block, writing) : [block];
}

/** Why a block is left out; undefined for one that goes, or is refused. Thinking goes back byte for byte to where it was made. */
export function withheldFor(block: Block, { context, own }: Writing): string | undefined {
  if (block.type === 'text' && !own && block.text.trim() === '') return 'an empty text is refused there';
  if (block.type === 'opaque' && block.dialect !== dialect && block.loss === 'hint') return foreignReason(block);
  if (block.type !== 'reasoning') return undefined;
  const found = openBlock(block, context);
  if (found.kind === 'unsealed' && own) return undefined;
  if (found.kind === 'foreign' || (found.kind === 'unsealed' && stateOf(block) !== '')) return 'reasoning of another origin is withheld';
  return stateOf(found.block) === '' ? 'reasoning without a signature is withheld' : undefined;
}

function stateOf({ signature, redacted }: ReasoningBlock): string {
  return redacted ?? signature ?? '';
}

function foreignReason({ dialect: whose, kind }: OpaqueBlock): string {
  return `only ${whose} understands a block of type ${kind}`;
}

function openedReasoning(block: ReasoningBlock, writing: Writing): ReasoningBlock[] {
  const reason = withheldFor(block, writing);
  if (reason !== undefined) writing.ledger.drop(block.at ?? 'messages', reason);
  const found = openBlock(block, writing.context);
  return reason !== undefined || found.kind === 'foreign' ? [] : [found.block];
}

/** What a message carries besides its blocks. */
function account(message: Message, { ledger }: Writing): void {
  accountForExtras(message.ext, dialect, ledger);
  if (message.name !== undefined) ledger.drop(`${message.at ?? 'messages'}.name`, 'messages have no name there');
  if (message.role === 'developer') ledger.note('changed', message.at ?? 'messages', 'the role developer is sent as system');
}

function encodeSystem(messages: readonly Message[], instruction: string | undefined, writing: Writing): RawJson | undefined {
  const printed = messages.flatMap((message) => {
    account(message, writing);
    const place: Place = { writing, beside: besideOf(message.ext) };
    return message.blocks.flatMap((block) => {
      if (block.type === 'text' && (writing.own || block.text.trim() !== '')) return withCache(encodeText(block, place), block, place);
      if (block.type === 'opaque' && block.dialect === dialect) return withCache([block.raw], block, place);
      if (block.type === 'text') writing.ledger.drop(block.at ?? 'system', 'an empty text is refused there');
      else if (block.type === 'opaque' && block.loss === 'hint') writing.ledger.drop(block.at ?? 'system', foreignReason(block));
      else writing.ledger.refuse(block.at ?? 'system', `a system message holds text only, not ${block.type}`);
      return [];
    });
  });
  const all = instruction === undefined ? printed : [...printed, printObject([['text', printString(instruction)]])];
  return all.length === 0 ? undefined : printArray(all);
}

function encodeMessage(message: Message, auto: CacheMark | undefined, writing: Writing): RawJson[] {
  const place: Place = { writing, beside: besideOf(message.ext) };
  const content = message.blocks.flatMap((block) => withCache(encodeBlock(block, place), block, place));
  if (content.length === 0 && !writing.own) {
    writing.ledger.drop(message.at ?? 'messages', 'nothing of this message can be sent');
    return [];
  }
  if (auto !== undefined) content.push(...automaticMark(auto, content.at(-1), place));
  const entries: Entry[] = [
    ['role', printString(message.role === 'developer' ? 'system' : message.role)],
    ['content', printArray(content)],
  ];
  return [printWithExtras(entries, message.ext, message.at ?? 'messages')];
}

/** There is no automatic caching: the end of the conversation is marked instead. */
function automaticMark(cache: CacheMark, last: RawJson | undefined, { writing }: Place): RawJson[] {
  const at = nameOf(writing.request, 'cache', 'cache_control');
  if (last?.startsWith('{"cachePoint":') === true) {
    writing.ledger.note('carried', at, 'the end of the conversation has a mark already');
    return [];
  }
  writing.ledger.note('emulated', at, 'the end of the conversation is marked to be cached');
  return [printCachePoint({ ...cache, at }, {}, { writing, beside: undefined })];
}

/** What is cached with a block, and the marks of what is in it, stand after it. */
function withCache(printed: readonly RawJson[], block: Block, place: Place): RawJson[] {
  if (printed.length === 0) return [];
  const inside = blocksIn(block).filter((item) => item.cache !== undefined);
  const cache = block.cache ?? inside[0]?.cache;
  for (const item of inside) {
    const isUsed = item.cache === cache;
    place.writing.ledger.note(isUsed ? 'changed' : 'carried', cachePath(item, 'messages'), 'one mark, after the block, stands for those in it');
  }
  const owner = block.cache === undefined ? (inside[0] ?? block) : block;
  return cache === undefined ? [...printed] : [...printed, printCachePoint(cache, owner, place)];
}

function blocksIn(block: Block): readonly Block[] {
  if (block.type === 'toolResult') return block.content.flatMap((item) => [item, ...blocksIn(item)]);
  if (block.type === 'searchResult') return block.content;
  return block.type === 'document' && block.source.kind === 'blocks' ? block.source.blocks : [];
}

/** The block as JSON; nothing when it was left out with a note. */
function encodeBlock(block: Block, place: Place): RawJson[] {
  const { writing } = place;
  switch (block.type) {
    case 'text':
      return encodeText(block, place);
    case 'refusal':
      writing.ledger.note('changed', block.at ?? 'messages', 'a refusal is sent as plain text');
      return encodeText({ ...block, type: 'text' }, place);
    case 'image':
      return encodeImage(block, place);
    case 'document':
      return encodeDocument(block, place);
    case 'audio':
      return encodeAudio(block, place);
    case 'searchResult':
      return [encodeSearchResult(block, place)];
    case 'reasoning':
      return [encodeReasoning(block, place)];
    case 'toolCall':
      return [encodeToolCall(block, place)];
    case 'toolResult':
      return [encodeToolResult(block, place)];
    case 'opaque':
      return encodeOpaque(block, place);
  }
}

function encodeOpaque(block: OpaqueBlock, { writing }: Place): RawJson[] {
  if (block.dialect === dialect) return [block.raw];
  const at = block.at ?? 'messages';
  if (block.loss === 'hint') writing.ledger.drop(at, foreignReason(block));
  else writing.ledger.refuse(at, foreignReason(block));
  return [];
}

function encodeText(block: TextBlock, place: Place): RawJson[] {
  const { writing, beside } = place;
  loseCitations(block, writing);
  if (writing.own && block.citations !== undefined) return [encodeCitations(block, block.citations, place)];
  accountForExtras(block.ext, dialect, writing.ledger);
  if (isMarked(block.ext, 'json')) return [printKind('json', block.text, block.at, beside)];
  return [printKind('text', printString(block.text), block.at, beside)];
}

/** Text that cites, in the pieces that it came in. */
function encodeCitations(block: TextBlock, citations: RawJson, place: Place): RawJson {
  const entries: Entry[] = [
    ['content', printArray([printObject([['text', printString(block.text)]])])],
    ['citations', citations],
  ];
  return printBlock('citationsContent', entries, block, place);
}

function encodeSearchResult(block: SearchResultBlock, place: Place): RawJson {
  const entries: Entry[] = [
    ['source', printString(block.source)],
    ['title', printString(block.title)],
    ['content', printArray(block.content.map((piece) => encodePiece(piece, block, place.writing)))],
    ['citations', block.cite === undefined ? undefined : printWithExtras([['enabled', String(block.cite)]], block.ext, `${block.at ?? ''}.citations`)],
  ];
  return printBlock('searchResult', entries, block, place);
}

function encodeReasoning(block: ReasoningBlock, place: Place): RawJson {
  const { redacted, signature, text } = block;
  if (redacted !== undefined) {
    if (text !== '') place.writing.ledger.drop(block.at ?? 'messages', 'secret thinking has no text besides');
    return printBlock('reasoningContent', [['redactedContent', printString(redacted)]], block, place);
  }
  const clear = printWithExtras(
    [
      ['text', printString(text)],
      ['signature', signature === undefined ? undefined : printString(signature)],
    ],
    block.ext,
    `${block.at ?? ''}.reasoningText`,
  );
  return printBlock('reasoningContent', [['reasoningText', clear]], block, place);
}

function encodeToolCall(block: ToolCallBlock, place: Place): RawJson {
  const { writing } = place;
  const at = block.at ?? 'messages';
  const id = fitId(block.id, callIdRule);
  if (id !== block.id) writing.ledger.note('changed', at, `the call id is sent as "${id}"`);
  const entries: Entry[] = [
    ['toolUseId', printString(id)],
    ['name', printString(writing.names.to(block.name))],
    ['input', objectInput(block, at)],
  ];
  return printBlock('toolUse', entries, block, place);
}

function encodeToolResult(block: ToolResultBlock, place: Place): RawJson {
  const { writing } = place;
  const inside: Place = { writing, beside: besideOf(block.ext) };
  const content = block.content.flatMap((item) => encodeResultBlock(item, inside));
  const entries: Entry[] = [
    ['toolUseId', printString(fitId(block.callId, callIdRule))],
    ['content', printArray(content)],
    ['status', block.isError === undefined ? undefined : block.isError ? '"error"' : writing.own ? '"success"' : undefined],
  ];
  return printBlock('toolResult', entries, block, place);
}

const resultTypes: readonly Block['type'][] = ['text', 'refusal', 'image', 'document', 'searchResult', 'opaque'];

function encodeResultBlock(item: Block, place: Place): RawJson[] {
  const { ledger, own } = place.writing;
  const at = item.at ?? 'messages';
  if (!own && item.type === 'text' && item.text.trim() === '') {
    if (item.text !== '') ledger.drop(at, 'an empty text is refused there');
    return [];
  }
  if (resultTypes.includes(item.type)) return encodeBlock(item, place);
  ledger.refuse(at, `a tool result cannot hold ${item.type}`, 'Send it beside the result');
  return [];
}
