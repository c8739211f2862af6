import { accountForBlock, loseCitations } from '../../core/accounting.ts';
import { inWords, type PlainBlock } from '../../core/in-words.ts';
import { lateSystem } from '../../core/late-system.ts';
import type { Block, Extra, Message, RawJson, ReasoningBlock, TextBlock, ToolCallBlock, ToolResultBlock } from '../../core/ir.ts';
import { type Entry, printArray, printOptional, printString } from '../../core/json-print.ts';
import { accountForExtras } from '../../core/notes.ts';
import { joinRuns } from '../../core/runs.ts';
import { openBlock } from '../../core/seal.ts';
import { objectInput } from '../../core/tool-input.ts';
import { checkToolPairs, isToolCall, isToolResult } from '../../core/tool-pairs.ts';
import { encodeAudio, encodeDocument, encodeImage } from './media.ts';
import { missingSignature } from './signature.ts';
import { dialect, isMarked, ownEntries, printWithExtras } from './wire.ts';
import { printPart, printTextPart, type Writing } from './writing.ts';

/** The conversation as Google takes it: the leading system text apart, then contents of user and model. */
export function encodeConversation(writing: Writing): { readonly system: RawJson | undefined; readonly contents: RawJson } {
  const { request, own } = writing;
  const leading = leadingCount(request.messages);
  const contents = encodeContents(request.messages.slice(leading), writing);
  // Where nothing but system text is left, the last of it asks: a conversation cannot be empty.
  const asks = contents.length === 0 && leading > 0 && !own;
  return {
    system: encodeSystem(request.messages.slice(0, asks ? leading - 1 : leading), writing),
    contents: printArray(asks ? encodeContents(request.messages.slice(leading - 1, leading), writing) : contents),
  };
}

function encodeContents(messages: readonly Message[], writing: Writing): RawJson[] {
  const { own, ledger, quirks } = writing;
  const rest = messages.map((message) => (isSystem(message) ? lateSystem(message, ledger, dialect) : message));
  for (const message of rest) account(message, writing);
  const turns = own ? rest : mergeTurns(rest);
  if (!own) checkToolPairs(turns, ledger);
  if (quirks.prefill === false && turns.at(-1)?.role === 'assistant')
    ledger.refuse(turns.at(-1)?.at ?? 'contents', 'the model cannot continue an assistant message', 'End the conversation with a user message');
  const calls = callsIn(turns);
  // Where each chunk of a stream is a content of its own, several are one turn.
  let called = false;
  return turns.flatMap((message) => {
    called &&= message.role === 'assistant';
    const encoded = encodeMessage(message, { calls, called, writing });
    called ||= message.blocks.some(isToolCall);
    return encoded;
  });
}

function isSystem(message: Message): boolean {
  return message.role === 'system' || message.role === 'developer';
}

/** How many messages go apart. */
function leadingCount(messages: readonly Message[]): number {
  const first = messages.findIndex((message) => !isSystem(message));
  return first === -1 ? messages.length : first;
}

function encodeSystem(messages: readonly Message[], writing: Writing): RawJson | undefined {
  const [first] = messages;
  if (first === undefined) return undefined;
  const parts = messages.flatMap((message) => {
    account(message, writing);
    return message.blocks.flatMap((block) => {
      if (block.type === 'text' || (writing.own && block.type !== 'toolResult')) return encodeBlock(block, writing);
      writing.ledger.refuse(block.at ?? 'systemInstruction', `a system message holds text only, not ${block.type}`);
      return [];
    });
  });
  return parts.length === 0 && !writing.own ? undefined : printWithExtras([['parts', printArray(parts)]], first.ext, 'systemInstruction');
}

/** Consecutive messages of one role are one content: a call must follow right after what it answers. */
function mergeTurns(messages: readonly Message[]): Message[] {
  return joinRuns(messages, (last, message) => last.role === message.role).map((run) => {
    const [first] = run;
    return run.length === 1 ? first : { ...first, blocks: run.flatMap(({ blocks }) => blocks), ext: run.flatMap(({ ext }) => ext ?? []) };
  });
}

/** The calls of the conversation by their ids, each with its place among them: results name the function and stand in order. */
type Calls = ReadonlyMap<string, { readonly name: string; readonly place: number }>;

function callsIn(messages: readonly Message[]): Calls {
  const calls = messages.flatMap((message) => message.blocks.filter(isToolCall));
  return new Map(calls.map(({ id, name }, place) => [id, { name, place }]));
}

/** What a message carries besides its blocks. */
function account(message: Message, { ledger }: Writing): void {
  accountForExtras(message.ext, dialect, ledger);
  if (message.name !== undefined) ledger.drop(`${message.at ?? 'contents'}.name`, 'messages have no name there');
  if (message.role === 'developer') ledger.note('changed', message.at ?? 'contents', 'the role developer is sent as system');
}

/** `called`: the turn that the message goes on with has called tools already. */
type Conversation = { readonly calls: Calls; readonly called: boolean; readonly writing: Writing };

function encodeMessage(message: Message, { calls, called, writing }: Conversation): RawJson[] {
  const parts = message.role === 'assistant' ? encodeTurn(message.blocks, called, writing) : encodeAnswers(message.blocks, calls, writing);
  if (parts.length === 0 && !writing.own) {
    leaveOut(message, writing);
    return [];
  }
  const entries: Entry[] = [
    ['role', message.role === 'assistant' ? '"model"' : '"user"'],
    ['parts', parts.length === 0 ? undefined : printArray(parts)],
  ];
  return [printWithExtras(entries, message.ext, message.at ?? 'contents')];
}

/** Where only hints stood, nothing is lost by leaving the message out; where nothing stood at all, nobody may invent it. */
function leaveOut(message: Message, { ledger }: Writing): void {
  const at = message.at ?? 'contents';
  if (message.blocks.length > 0) ledger.drop(at, 'nothing of this message can be sent');
  else ledger.refuse(at, 'the message is empty', 'Leave the message out, or give it text');
}

function encodeAnswers(blocks: readonly Block[], calls: Calls, writing: Writing): RawJson[] {
  const results = blocks.filter(isToolResult);
  if (results.length === 0) return blocks.flatMap((block) => encodeBlock(block, writing));
  const placeOf = ({ callId }: ToolResultBlock): number => calls.get(callId)?.place ?? 0;
  const sorted = writing.own ? results : results.toSorted((a, b) => placeOf(a) - placeOf(b));
  if (sorted.some((result, index) => result !== results[index]))
    writing.ledger.note('changed', results[0]?.at ?? 'contents', 'tool results are sent in the order of their calls');
  let next = 0;
  return blocks.flatMap((block) => {
    const result = isToolResult(block) ? sorted[next++] : undefined;
    return result === undefined ? encodeBlock(block, writing) : [encodeResult(result, calls.get(result.callId)?.name, writing)];
  });
}

/** The turn of a model. The signature of its thinking goes with the call that followed: what stands between them, another format may have put there. */
function encodeTurn(blocks: readonly Block[], called: boolean, writing: Writing): RawJson[] {
  const waiting: string[] = [];
  const parts: RawJson[] = [];
  let calls = writing.own ? 0 : blocks.filter(isToolCall).length;
  let signed = called;
  for (const block of blocks) {
    if (block.type === 'reasoning') parts.push(...encodeReasoning(block, { waiting, calls, writing }));
    else if (block.type === 'toolCall') {
      // The first call of a turn must be signed; those beside it need not be.
      const signature = waiting.shift() ?? (signed || hasSignature(block) ? undefined : standIn(block, writing));
      parts.push(encodeCall(block, signature, writing));
      signed = true;
      calls--;
    } else parts.push(...encodeBlock(block, writing));
  }
  return parts;
}

type Turn = {
  /** Signatures for calls to come. */
  readonly waiting: string[];
  /** How many calls are still to come. */
  readonly calls: number;
  readonly writing: Writing;
};

function encodeReasoning(block: ReasoningBlock, { waiting, calls, writing }: Turn): RawJson[] {
  const own = ownReasoning(block, writing);
  if (own?.signature === undefined || calls <= waiting.length) return own === undefined ? [] : [encodeThought(own, writing)];
  const { signature, ...thought } = own;
  waiting.push(signature);
  return thought.text === '' ? [] : [encodeThought(thought, writing)];
}

function hasSignature(block: Block): boolean {
  return ownEntries(block.ext, block.at ?? '').some(([key]) => key === 'thoughtSignature');
}

/** The first call of a turn must be signed, and this one was made elsewhere. */
function standIn(block: Block, { quirks, ledger }: Writing): string | undefined {
  if (quirks.callSignatures !== true) return undefined;
  ledger.note('emulated', block.at ?? 'contents', 'a word that Google has for it stands for the signature that the call does not have');
  return missingSignature;
}

/** The reasoning with its own signature, opened; undefined when it was withheld with a note. */
function ownReasoning(block: ReasoningBlock, { context, own, ledger }: Writing): ReasoningBlock | undefined {
  const opened = openBlock(block, context);
  if (opened.kind === 'own' && opened.block.redacted === undefined)
    return opened.block.text === '' && opened.block.signature === undefined ? undefined : opened.block;
  if (opened.kind === 'unsealed' && own) return block;
  const isSigned = opened.kind !== 'unsealed' || (block.signature ?? block.redacted ?? '') !== '';
  ledger.drop(block.at ?? 'contents', isSigned ? 'reasoning of another origin is withheld' : 'reasoning without a signature is withheld');
  return undefined;
}

function encodeThought(block: ReasoningBlock, writing: Writing): RawJson {
  const entries: Entry[] = [
    ['text', printString(block.text)],
    // A signature alone is that of the text before it.
    ['thought', block.text === '' && !writing.own ? undefined : 'true'],
    ['thoughtSignature', printOptional(block.signature)],
  ];
  return printPart(entries, block, writing);
}

/** The block as parts; none when it was left out with a note. */
function encodeBlock(block: Block, writing: Writing): RawJson[] {
  return inWords(block, writing).flatMap((item) => encodePlain(item, writing));
}

function encodePlain(block: PlainBlock, writing: Writing): RawJson[] {
  const { ledger } = writing;
  switch (block.type) {
    case 'text':
      return encodeText(block, writing);
    case 'refusal':
      ledger.note('changed', block.at ?? 'contents', 'a refusal is sent as plain text');
      return [printTextPart(block.text, block, writing)];
    case 'image':
      return encodeImage(block, writing);
    case 'document':
      return encodeDocument(block, writing);
    case 'audio':
      return encodeAudio(block, writing);
    case 'opaque':
      if (block.dialect === dialect) return [block.raw];
      if (block.loss === 'hint') ledger.drop(block.at ?? 'contents', `only ${block.dialect} understands a block of type ${block.kind}`);
      else ledger.refuse(block.at ?? 'contents', `only ${block.dialect} understands a block of type ${block.kind}`);
      return [];
    case 'reasoning':
      return writing.own ? [encodeThought(block, writing)] : misplaced(block, writing);
    case 'toolCall':
      return writing.own ? [encodeCall(block, undefined, writing)] : misplaced(block, writing);
    case 'toolResult':
      return writing.own ? [encodeResult(block, undefined, writing)] : misplaced(block, writing);
  }
}

function misplaced(block: Block, { ledger }: Writing): RawJson[] {
  ledger.refuse(block.at ?? 'contents', `${block.type} has no place here`);
  return [];
}

function encodeText(block: TextBlock, writing: Writing): RawJson[] {
  loseCitations(block, writing);
  if (!writing.own && block.text === '') {
    writing.ledger.drop(block.at ?? 'contents', 'an empty text says nothing');
    return [];
  }
  return [printPart([['text', printString(block.text)]], block, writing)];
}

function encodeCall(block: ToolCallBlock, signature: string | undefined, writing: Writing): RawJson {
  const at = block.at ?? 'contents';
  const call = printWithExtras(
    [
      ['id', isMarked(block.ext, 'madeId') ? undefined : printString(block.id)],
      ['name', printString(writing.names.to(block.name))],
      ['args', objectInput(block, at)],
    ],
    block.ext,
    `${at}.functionCall`,
  );
  return printPart(
    [
      ['functionCall', call],
      ['thoughtSignature', printOptional(signature)],
    ],
    block,
    writing,
  );
}

function encodeResult(block: ToolResultBlock, called: string | undefined, writing: Writing): RawJson {
  const at = block.at ?? 'contents';
  const isName = (extra: Extra): boolean => extra.dialect === dialect && extra.key === 'name' && extra.path === `${at}.functionResponse.name`;
  // A result without a name stays so.
  const spelled = block.ext?.find(isName);
  const name = spelled === undefined ? (writing.own ? undefined : called) : String(JSON.parse(spelled.raw));
  const texts: string[] = [];
  const media: RawJson[] = [];
  for (const item of block.content.flatMap((part) => inWords(part, writing))) {
    const text = resultText(item, writing);
    if (text === undefined) media.push(...encodePlain(item, writing));
    else texts.push(text);
  }
  const response = printWithExtras([[block.isError === true ? 'error' : 'output', printString(texts.join('\n'))]], [], '');
  const result = printWithExtras(
    [
      ['id', isMarked(block.ext, 'madeId') ? undefined : printString(block.callId)],
      ['name', name === undefined ? undefined : printString(writing.names.to(name))],
      ['response', writing.own && texts.length === 0 ? undefined : response],
      ['parts', media.length === 0 ? undefined : printArray(media)],
    ],
    block.ext?.filter((extra) => !isName(extra)),
    `${at}.functionResponse`,
  );
  return printPart([['functionResponse', result]], block, writing);
}

/** What a result says in words; media stand beside it. */
function resultText(item: PlainBlock, writing: Writing): string | undefined {
  if (item.type !== 'text' && item.type !== 'refusal') return undefined;
  if (item.type === 'text') loseCitations(item, writing);
  accountForBlock(item, writing);
  return item.text;
}
