import { emptyConversation } from '../../core/empty-conversation.ts';
import type { Block, Extra, Message, RawJson, ReasoningBlock, ToolResultBlock } from '../../core/ir.ts';
import { type Entry, printArray, printString } from '../../core/json-print.ts';
import { lateSystem } from '../../core/late-system.ts';
import { accountForExtras, fieldPath } from '../../core/notes.ts';
import { joinRuns } from '../../core/runs.ts';
import { openBlock, type Opened } from '../../core/seal.ts';
import { checkToolPairs, isToolCall, isToolResult } from '../../core/tool-pairs.ts';
import { printDocument, printImage, printSearchResult } from './media.ts';
import { printItem } from './print-items.ts';
import { openOwn } from './signature.ts';
import { dialect, markOf, ownEntries, printWithExtras } from './wire.ts';
import { accountForBlock, itemStyle, type Part, printPart, type Writing } from './writing.ts';

/** The conversation as OpenAI takes it: what a front's field for system text says, then the items. */
export function printConversation(writing: Writing): { readonly instructions?: RawJson; readonly input: RawJson | undefined } {
  const { request, own, ledger } = writing;
  const [first, ...others] = request.messages;
  // A conversation cannot be empty: where nothing but system text is left, it asks.
  const instructions = first === undefined || (others.length === 0 && !own) ? undefined : instructionsOf(first, writing);
  const rest = instructions === undefined ? request.messages : others;
  const leading = rest.findIndex((message) => !isSystem(message));
  const items = rest.map((message, index) => placeSystem(message, leading === -1 || index < leading, writing));
  if (!own) checkToolPairs(items, ledger);
  const sole = items.length === 1 && own ? plainInput(items[0]) : undefined;
  if (sole !== undefined) return { ...(instructions === undefined ? {} : { instructions }), input: sole };
  const printed = items.map((message) => printMessage(message, writing));
  if (!own && printed.every((item) => item.length === 0)) throw emptyConversation(request.messages[0]?.at ?? 'input', writing.context.target);
  const input = printArray(printed.flat());
  return {
    ...(instructions === undefined ? {} : { instructions }),
    input: own && items.length === 0 && markOf(request.ext, 'empty') === undefined ? undefined : input,
  };
}

function isSystem(message: Message): boolean {
  return message.role === 'system' || message.role === 'developer';
}

/** One plain text from the front's own field for it. What stood in a list of messages is an item, in its place. */
function instructionsOf(message: Message, writing: Writing): RawJson | undefined {
  const [only] = message.blocks;
  const isField = message.role === 'system' && message.at !== undefined && !message.at.endsWith(']');
  if (!isField || only?.type !== 'text' || message.blocks.length > 1 || only.cache !== undefined) return undefined;
  account(message, writing);
  accountForBlock(only, writing);
  loseCitations(only, writing);
  return printString(only.text);
}

function plainInput(message: Message | undefined): RawJson | undefined {
  const [only] = message?.blocks ?? [];
  return message?.at === 'input' && only?.type === 'text' ? printString(only.text) : undefined;
}

/** A system message may stand anywhere, but for providers that want it first. */
function placeSystem(message: Message, leads: boolean, { quirks, ledger }: Writing): Message {
  return !leads && isSystem(message) && quirks.systemAnywhere === false ? lateSystem(message, ledger, dialect) : message;
}

/** What a message carries besides its blocks. */
function account(message: Message, { ledger }: Writing): void {
  accountForExtras(message.ext, dialect, ledger);
  if (message.name !== undefined) ledger.drop(`${message.at ?? 'input'}.name`, 'messages have no name there');
}

/** A message as items. */
function printMessage(message: Message, writing: Writing): RawJson[] {
  account(message, writing);
  const runs = joinRuns(message.blocks, (last, block) => isContent(last) && isContent(block) && markOf(block.ext, 'item') === undefined);
  const role = roleOf(message, writing);
  if (runs.length === 0) return message.role === 'assistant' ? [] : [printEasy(role, '""', message)];
  return runs.flatMap((run) => {
    const [first] = run;
    if (isToolResult(first)) return [printResult(first, writing)];
    if (first.type === 'reasoning') return printReasoning(first, writing);
    if (isToolCall(first)) {
      accountForBlock(first, writing);
      const style = itemStyle(writing);
      const id = style.callId(first.id);
      if (id !== first.id) writing.ledger.note('changed', first.at ?? 'input', `the call id is sent as "${id}"`);
      return [printItem([first], style, {})];
    }
    if (!isContent(first) && first.type === 'opaque') return printOpaque(first, writing);
    return printContent(run, message, role, writing);
  });
}

function roleOf({ role, at }: Message, { quirks, ledger }: Writing): string {
  if (role !== 'developer' || quirks.developerRole !== false) return role;
  ledger.note('changed', at ?? 'input', 'the role developer is sent as system');
  return 'system';
}

/** Blocks that are parts of a message's content. */
function isContent(block: Block): boolean {
  if (block.type === 'opaque') return markOf(block.ext, 'part') !== undefined;
  return !isToolCall(block) && !isToolResult(block) && block.type !== 'reasoning';
}

function printOpaque(block: Block & { type: 'opaque' }, { ledger }: Writing): RawJson[] {
  if (block.dialect === dialect) return [block.raw];
  const reason = `only ${block.dialect} understands a block of type ${block.kind}`;
  if (block.loss === 'hint') ledger.drop(block.at ?? 'input', reason);
  else ledger.refuse(block.at ?? 'input', reason);
  return [];
}

/** A message item. Of an assistant's, the first block has what the item has besides; of any other, the message. */
function printContent(run: readonly [Block, ...Block[]], message: Message, role: string, writing: Writing): RawJson[] {
  const [first] = run;
  const ext = message.role === 'assistant' ? first.ext : message.ext;
  const begun = markOf(ext, 'item');
  const isEmpty = markOf(ext, 'empty') !== undefined;
  const parts = isEmpty ? [] : run.flatMap((block) => printBlock(block, message.role, writing));
  if (parts.length === 0 && !isEmpty) {
    leaveOut(message, run, writing);
    return [];
  }
  const only = parts.length === 1 ? parts[0]?.text : undefined;
  const plain = !writing.own || markOf(ext, 'string') !== undefined ? only : undefined;
  const content = plain === undefined ? printArray(parts.map((part) => rawOfPart(part, message.role))) : printString(plain);
  return [printEasy(role, content, { ext: ext ?? [], at: begun?.path })];
}

type Origin = { readonly ext?: readonly Extra[]; readonly at?: string | undefined };

/** Our own callers may leave the type out. */
function printEasy(role: string, content: RawJson, { ext, at = '' }: Origin = {}): RawJson {
  const entries: Entry[] = [
    ['type', markOf(ext, 'item') === undefined ? '"message"' : undefined],
    ['role', printString(role)],
    ['content', content],
  ];
  return printWithExtras(entries, ext, at);
}

function rawOfPart(part: Part, role: Message['role']): RawJson {
  if (part.raw !== undefined) return part.raw;
  const text = printString(part.text);
  return role === 'assistant' ? `{"type":"output_text","text":${text},"annotations":[]}` : `{"type":"input_text","text":${text}}`;
}

/** Where only hints stood, nothing is lost by leaving the message out; where nothing stood at all, nobody may invent it. */
function leaveOut({ at }: Message, run: readonly Block[], { ledger }: Writing): void {
  if (run.some((block) => block.type !== 'text')) ledger.drop(run[0]?.at ?? at ?? 'input', 'nothing of this message can be sent');
}

/** A part of a message or of a result; none when it was left out with a note. */
function printBlock(block: Block, role: Message['role'], writing: Writing): Part[] {
  const { ledger } = writing;
  const at = block.at ?? 'input';
  if (isSystem({ role, blocks: [] }) && block.type !== 'text' && !writing.own) {
    ledger.refuse(at, `a system message holds text only, not ${block.type}`);
    return [];
  }
  switch (block.type) {
    case 'text':
      loseCitations(block, writing);
      return [ownText(block, block.text, role === 'assistant' ? 'output_text' : 'input_text', writing)];
    case 'refusal':
      if (role === 'assistant' || writing.own)
        return [
          printPart(
            [
              ['type', '"refusal"'],
              ['refusal', printString(block.text)],
            ],
            block,
            writing,
          ),
        ];
      ledger.note('changed', at, 'a refusal is sent as plain text');
      return [ownText(block, block.text, 'input_text', writing)];
    case 'image':
      return printImage(block, writing);
    case 'document':
      return printDocument(block, writing, (inner) => printBlock(inner, role, writing));
    case 'searchResult':
      return printSearchResult(block, writing);
    case 'opaque':
      return printOpaque(block, writing).map((raw) => ({ raw }));
    case 'audio':
      ledger.refuse(at, 'the responses format takes no audio', 'Send a transcript, or choose a model of another format');
      return [];
    default:
      ledger.refuse(at, `${block.type} has no place here`);
      return [];
  }
}

/** Text with the extras that came with it; with some, it cannot be a plain string. */
function ownText(block: Block, text: string, type: string, writing: Writing): Part {
  accountForBlock(block, writing);
  if (ownEntries(block.ext, block.at ?? '').length === 0) return { text };
  const entries: Entry[] = [
    ['type', printString(type)],
    ['text', printString(text)],
    ['annotations', type === 'output_text' && !writing.own ? '[]' : undefined],
  ];
  return { raw: printWithExtras(entries, block.ext, block.at ?? '') };
}

function loseCitations(block: Block, { ledger }: Writing): void {
  if (block.type === 'text' && block.citations !== undefined) ledger.drop(`${block.at ?? 'input'}.citations`, 'citations have no place in the history');
}

/** Thinking goes back byte for byte to where it was made; any other is withheld with a note. */
function printReasoning(block: ReasoningBlock, writing: Writing): RawJson[] {
  if (writing.own) return printOwnReasoning(block, writing);
  const opened = openBlock(block, writing.context);
  if (opened.kind !== 'own' || block.redacted !== undefined) return withhold(block, opened.kind, writing);
  accountForBlock(block, writing);
  // What came back under the seal says of itself where it stood in the answer.
  const { at: _at, ...made } = opened.block;
  return [printItem([made], itemStyle(writing), {})];
}

/** The same within the format: what nobody sealed was made by OpenAI, or by a target whose state is taken for OpenAI's. */
function printOwnReasoning(block: ReasoningBlock, writing: Writing): RawJson[] {
  const { quirks, context } = writing;
  const { signature, ...rest } = block;
  const opened = openOwn(signature ?? '', context.target);
  if (opened.kind === 'foreign' || (opened.kind === 'unsealed' && quirks.ownState === true)) return withhold(block, opened.kind, writing);
  accountForBlock(block, writing);
  if (opened.kind === 'unsealed') return [printItem([block], itemStyle(writing), {})];
  return [printItem([opened.payload === '' ? rest : { ...rest, signature: opened.payload }], itemStyle(writing), {})];
}

function withhold(block: ReasoningBlock, kind: Opened['kind'], { ledger }: Writing): RawJson[] {
  const isSigned = kind !== 'unsealed' || (block.redacted ?? block.signature ?? '') !== '';
  ledger.drop(block.at ?? 'input', isSigned ? 'reasoning of another origin is withheld' : 'reasoning without a signature is withheld');
  return [];
}

function printResult(block: ToolResultBlock, writing: Writing): RawJson {
  const { ledger, customCalls } = writing;
  const at = block.at ?? 'input';
  accountForBlock(block, writing);
  const parts = block.content.flatMap((item) => printBlock(item, 'user', writing));
  if (block.isError === true) ledger.note('emulated', fieldPath(block, 'is_error', 'input'), 'the error is told in the text of the result');
  const entries: Entry[] = [
    ['type', customCalls.has(block.callId) ? '"custom_tool_call_output"' : '"function_call_output"'],
    ['call_id', printString(itemStyle(writing).callId(block.callId))],
    ['output', block.isError === true ? printError(parts) : printOutput(parts, block, writing)],
  ];
  return printWithExtras(entries, block.ext, at);
}

function printError(parts: readonly Part[]): RawJson {
  const texts = parts.map((part) => part.text ?? '').filter((text) => text !== '');
  const media = parts.filter((part) => part.text === undefined).map((part) => rawOfPart(part, 'user'));
  const said = printString(JSON.stringify({ error: texts.join('\n') }));
  return media.length === 0 ? said : printArray([`{"type":"input_text","text":${said}}`, ...media]);
}

function printOutput(parts: readonly Part[], block: ToolResultBlock, { own }: Writing): RawJson {
  const [first] = parts;
  const isPlain = own ? markOf(block.ext, 'string') !== undefined : parts.length <= 1 && first?.raw === undefined;
  return isPlain ? printString(first?.text ?? '') : printArray(parts.map((part) => rawOfPart(part, 'user')));
}
