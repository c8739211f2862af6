import { accountForOrder } from '../../core/accounting.ts';
import type { Context } from '../../core/dialect.ts';
import { emptyConversation } from '../../core/empty-conversation.ts';
import type { NameMap } from '../../core/fit.ts';
import type {
  Block,
  ChatRequest,
  DocumentBlock,
  Message,
  RawJson,
  ReasoningBlock,
  SearchResultBlock,
  TextBlock,
  ToolCallBlock,
  ToolResultBlock,
} from '../../core/ir.ts';
import { type Entry, printArray, printObject, printOptional, printString } from '../../core/json-print.ts';
import { accountForExtras, cachePath, fieldPath } from '../../core/notes.ts';
import { openBlock } from '../../core/seal.ts';
import type { Quirks } from '../../core/target.ts';
import { customInput } from '../../core/tool-input.ts';
import { isToolCall, isToolResult } from '../../core/tool-pairs.ts';
import { sendBytes } from '../../core/media.ts';
import { dialect, hasOwnMark, ownEntries } from './wire.ts';

/** What the parts of one request share while it is written. */
export type Scope = {
  readonly request: ChatRequest;
  readonly context: Context;
  readonly quirks: Quirks;
  readonly names: NameMap;
  /** Whether a tool is called anywhere in the conversation. */
  readonly calls: boolean;
  /** Custom tools are sent as functions: hardly anybody but OpenAI knows them. Our own callers' go as they came. */
  readonly wrapsCustom: boolean;
  callId(id: string): string;
};

/** A part of a message's content. Nothing but text has no `raw` until it is known that it does not stand as a plain string. */
type Part = { readonly raw: RawJson; readonly text?: undefined } | { readonly raw?: undefined; readonly text: string };

/** The messages so far, and the media of tool results that wait for the end of their run. */
type Draft = {
  readonly messages: RawJson[];
  media: Part[];
  /** The message of a tool's that stands last, where what follows must go into it. */
  result?: { readonly parts: readonly Part[]; print(parts: readonly Part[]): RawJson } | undefined;
};

/** The conversation as its messages. */
export function printMessages(scope: Scope): RawJson[] {
  const { messages } = scope.request;
  const last = messages.at(-1);
  if (last?.role === 'assistant' && scope.quirks.prefill === false)
    scope.context.ledger.refuse(last.at ?? 'messages', 'the provider does not go on from an assistant message', 'End the messages with one of the user');
  const begin = messages.findIndex((message) => !isSystem(message));
  const leading = messages.slice(0, begin === -1 ? messages.length : begin);
  const draft: Draft = { messages: [], media: [] };
  addLeading(leading, draft, scope);
  for (const message of messages.slice(leading.length)) {
    accountForExtras(message.ext, dialect, scope.context.ledger);
    if (message.role === 'user') addUser(message, draft, scope);
    else if (message.role === 'assistant') addAssistant(message, draft, scope);
    else addLateSystem(message, draft, scope);
  }
  flushMedia(draft, scope);
  if (draft.messages.length === 0) throw emptyConversation(messages[0]?.at ?? 'messages', scope.context.target);
  return draft.messages;
}

function isSystem(message: Message): boolean {
  return message.role === 'system' || message.role === 'developer';
}

/** The system messages at the start. Where only the very first may be one, they are one. */
function addLeading(leading: readonly Message[], draft: Draft, scope: Scope): void {
  const [first] = leading;
  for (const message of leading) accountForExtras(message.ext, dialect, scope.context.ledger);
  if (scope.quirks.systemAnywhere !== false || first === undefined) {
    for (const message of leading) draft.messages.push(printMessage(roleOf(message, scope), message, printContent(systemParts(message, scope), '\n\n', scope)));
    return;
  }
  if (leading.length > 1) scope.context.ledger.note('changed', leading[1]?.at ?? 'messages', 'the system messages at the start are sent as one');
  draft.messages.push(
    printMessage(
      roleOf(first, scope),
      first,
      printContent(
        leading.flatMap((message) => systemParts(message, scope)),
        '\n\n',
        scope,
      ),
    ),
  );
}

function addLateSystem(message: Message, draft: Draft, scope: Scope): void {
  const parts = systemParts(message, scope);
  if (scope.quirks.systemAnywhere !== false && draft.result === undefined) {
    flushMedia(draft, scope);
    draft.messages.push(printMessage(roleOf(message, scope), message, printContent(parts, '\n\n', scope)));
    return;
  }
  scope.context.ledger.note('emulated', message.at ?? 'messages', 'a system message in the middle is sent as marked text of the user');
  const wrapped = parts.map((part) => textPart(`<system>${part.text ?? ''}</system>`));
  addUserParts({ ...message, ext: [] }, wrapped, draft, scope);
}

function roleOf(message: Message, { quirks, context: { ledger } }: Scope): string {
  if (message.role !== 'developer' || quirks.developerRole !== false) return message.role;
  ledger.note('changed', message.at ?? 'messages', 'the role developer is sent as system');
  return 'system';
}

function systemParts(message: Message, scope: Scope): Part[] {
  return message.blocks.flatMap((block) => {
    if (block.type === 'text' || block.type === 'opaque') return printPart(block, scope);
    scope.context.ledger.refuse(block.at ?? 'messages', 'a system message holds text only');
    return [];
  });
}

function printMessage(role: string, message: Message, content: RawJson, more: readonly Entry[] = []): RawJson {
  return printObject([
    ['role', printString(role)],
    ['content', content],
    ['name', printOptional(message.name)],
    ...more,
    ...ownEntries(message.ext, message.at ?? ''),
  ]);
}

/** One text as a string, anything else as parts; joined for providers that take no parts. */
function printContent(parts: readonly Part[], between: string, { quirks }: Scope): RawJson {
  const [first] = parts;
  if (first === undefined) return '""';
  if (parts.length === 1 && first.text !== undefined) return printString(first.text);
  return quirks.contentParts === false ? printString(parts.map((part) => part.text ?? '').join(between)) : printArray(parts.map(rawOfPart));
}

function rawOfPart(part: Part): RawJson {
  return part.raw ?? `{"type":"text","text":${printString(part.text)}}`;
}

/** Tool results first, each a message of its own; the rest of the turn after them. */
function addUser(message: Message, draft: Draft, scope: Scope): void {
  const results = message.blocks.filter(isToolResult);
  for (const result of results) addResult(result, draft, scope);
  const others = message.blocks.filter((block) => !isToolResult(block));
  const parts = others.flatMap((block) => printPart(block, scope));
  // Where all of it was left out with notes, no message is made of nothing.
  if (parts.length > 0 || message.blocks.length === 0) addUserParts(message, parts, draft, scope);
}

function addUserParts(message: Message, parts: readonly Part[], draft: Draft, scope: Scope): void {
  if (draft.result !== undefined) return addToResult(message, parts, draft.result, draft, scope);
  const all = [...draft.media, ...parts];
  draft.media = [];
  draft.messages.push(printMessage('user', message, printContent(all, '\n', scope)));
}

/** Where the model must speak right after tool results, what the user says there goes along with the last of them. */
function addToResult(message: Message, parts: readonly Part[], result: NonNullable<Draft['result']>, draft: Draft, scope: Scope): void {
  scope.context.ledger.note('emulated', message.at ?? 'messages', 'words of the user right after tool results are sent within the last of them, marked');
  const marked = parts.map((part) => (part.text === undefined ? part : textPart(`<user>\n${part.text}\n</user>`)));
  draft.result = { ...result, parts: [...result.parts, ...marked] };
  draft.messages[draft.messages.length - 1] = draft.result.print(draft.result.parts);
}

function flushMedia(draft: Draft, scope: Scope): void {
  if (draft.media.length > 0) addUserParts({ role: 'user', blocks: [] }, [], draft, scope);
}

function isMedia(block: Block): boolean {
  if (block.type !== 'document') return block.type === 'image' || block.type === 'audio';
  return block.source.kind === 'blocks' ? block.source.blocks.some(isMedia) : block.source.kind !== 'text';
}

/** Text goes into the tool message. Images and files mostly have no place there: they follow in the user's next message, under a marker. */
function addResult(result: ToolResultBlock, draft: Draft, scope: Scope): void {
  const { ledger } = scope.context;
  const at = result.at ?? 'messages';
  const id = scope.callId(result.callId);
  const media = result.content.filter(isMedia).flatMap((block) => printPart(block, scope));
  const said = result.content.filter((block) => !isMedia(block)).flatMap((block) => printPart(block, scope));
  accountForMarks(result, scope);
  if (result.isError === true) ledger.note('emulated', fieldPath(result, 'is_error', 'messages'), 'the error is told in the text of the result');
  const parts = result.isError === true ? [textPart(JSON.stringify({ error: said.map((part) => part.text ?? '').join('\n') }))] : said;
  const print = (content: readonly Part[]): RawJson =>
    printObject([['role', '"tool"'], ['tool_call_id', printString(id)], ['content', printContent(content, '\n', scope)], ...ownEntries(result.ext, at)]);
  if (scope.quirks.userAfterTool === false) {
    draft.result = { parts: [...parts, ...media], print };
    draft.messages.push(print(draft.result.parts));
    return;
  }
  draft.messages.push(print(parts));
  if (media.length === 0) return;
  ledger.note('emulated', at, 'media of a tool result follow in a message of the user');
  draft.media.push(textPart(`[tool result media for ${id}]`));
  for (const part of media) draft.media.push(part);
}

function addAssistant(message: Message, draft: Draft, scope: Scope): void {
  draft.result = undefined;
  flushMedia(draft, scope);
  accountForOrder(message, scope.context.ledger);
  const calls = message.blocks.filter(isToolCall);
  // Where something stands beside its text, a refusal stays the part that it was.
  const isField = (block: Block): boolean => block.type === 'refusal' && ownEntries(block.ext, block.at ?? '').length === 0;
  const refusals = message.blocks.filter(isField);
  const refusal = refusals.flatMap((block) => (block.type === 'refusal' ? [block.text] : [])).join('');
  for (const block of refusals) accountForMarks(block, scope);
  const parts = message.blocks
    .filter((block) => block.type !== 'toolCall' && block.type !== 'reasoning' && !isField(block))
    .flatMap((block) => printPart(block, scope));
  const isSilent = parts.length === 0 && (calls.length > 0 || refusal !== '');
  const thoughts = printThoughts(message, calls.length > 0, scope);
  if (parts.length === 0 && !isSilent && thoughts.length === 0 && message.blocks.length > 0) return;
  draft.messages.push(
    printMessage('assistant', message, isSilent ? 'null' : printContent(parts, '', scope), [
      ['refusal', refusal === '' ? undefined : printString(refusal)],
      ...thoughts,
      ['tool_calls', calls.length === 0 ? undefined : printArray(calls.map((call) => printCall(call, scope)))],
    ]),
  );
}

function printCall(call: ToolCallBlock, scope: Scope): RawJson {
  accountForMarks(call, scope);
  const kind = scope.wrapsCustom ? 'function' : call.kind;
  const inner: Entry[] = [
    ['name', printString(scope.names.to(call.name))],
    [kind === 'function' ? 'arguments' : 'input', printString(argumentsOf(call, kind))],
  ];
  const nested = ownEntries(call.ext, `${call.at ?? ''}.${kind}`);
  const id = scope.callId(call.id);
  if (id !== call.id) scope.context.ledger.note('changed', call.at ?? 'messages', `the call id is sent as "${id}"`);
  return printObject([
    ['id', printString(id)],
    ['type', printString(kind)],
    [kind, printObject([...inner, ...nested])],
    ...ownEntries(call.ext, call.at ?? ''),
  ]);
}

function argumentsOf(call: ToolCallBlock, kind: ToolCallBlock['kind']): string {
  if (call.kind !== kind) return customInput(call.arguments);
  return kind === 'function' && call.arguments === '' ? '{}' : call.arguments;
}

/** The thinking of earlier turns, where the provider wants it back. */
function printThoughts(message: Message, hasCalls: boolean, scope: Scope): Entry[] {
  const { quirks, context } = scope;
  const thoughts = message.blocks.filter((block) => block.type === 'reasoning');
  for (const block of thoughts) accountForExtras(block.ext, dialect, context.ledger);
  const ours = thoughts.flatMap((block) => {
    const own = ownThought(block, scope);
    if (own === undefined) context.ledger.drop(block.at ?? message.at ?? 'messages', 'reasoning of another origin is withheld');
    return own ?? [];
  });
  const history = quirks.reasoningHistory;
  if (history === 'always' || (history === 'tool_calls' && hasCalls)) {
    const text = ours.map((block) => block.text).join('');
    const details = printDetails(ours);
    if (details !== undefined) return [['reasoning_details', details]];
    const sent = text === '' ? placeholderFor(hasCalls, scope) : text;
    return sent === undefined ? [] : [[quirks.reasoningField ?? 'reasoning_content', printString(sent)]];
  }
  const spelled = history === undefined ? ours.flatMap((block) => plainEntries(block, quirks.reasoningField)) : [];
  const details = history === undefined ? printDetails(ours) : undefined;
  const kept = details === undefined ? spelled : [...spelled, ['reasoning_details', details] as const];
  if (kept.length === 0)
    for (const block of ours) context.ledger.drop(block.at ?? message.at ?? 'messages', 'the reasoning of earlier turns is not sent to this provider');
  return kept;
}

/** What stands for missing thinking. Where all of it must go back, every message of a conversation with tools wants some. */
function placeholderFor(hasCalls: boolean, { calls, quirks }: Scope): string | undefined {
  const isWanted = hasCalls || (quirks.reasoningHistory === 'always' && calls);
  return isWanted ? quirks.reasoningPlaceholder : undefined;
}

/**
 * Made by this target, or by nobody that a seal names: then it must have come in this format, and where thinking is plain text, opaque
 * state is another's.
 */
function ownThought(block: ReasoningBlock, { context, quirks }: Scope): ReasoningBlock | undefined {
  const opened = openBlock(block, context);
  if (opened.kind !== 'unsealed') return opened.kind === 'own' ? opened.block : undefined;
  const isOpaque = (block.signature ?? '') !== '' || block.redacted !== undefined;
  const isOurs = block.ext?.some((extra) => extra.dialect === dialect) === true && !(isOpaque && quirks.reasoningHistory !== undefined);
  return isOurs ? block : undefined;
}

/** As the caller spelled it, under the provider's name for it where that is known. */
function plainEntries(block: ReasoningBlock, field: Quirks['reasoningField']): Entry[] {
  return (block.ext ?? []).filter((extra) => extra.key === 'reasoning_content' || extra.key === 'reasoning').map((extra) => [field ?? extra.key, extra.raw]);
}

/** OpenRouter's details as they came. What is under our seal was made elsewhere and in another shape. */
function printDetails(blocks: readonly ReasoningBlock[]): RawJson | undefined {
  let index = 0;
  const details = blocks.flatMap((block) => {
    const own = (block.ext ?? []).filter((extra) => extra.path.includes('reasoning_details'));
    if (own.length === 0 || own.some((extra) => extra.key === 'format' && extra.raw === '"modelwire"')) return [];
    const isSummary = own.some((extra) => extra.raw === '"reasoning.summary"');
    const text = block.redacted !== undefined && block.text === '' ? undefined : block.text;
    return [
      printObject([
        ...own.map((extra): Entry => [extra.key, extra.raw]),
        [isSummary ? 'summary' : 'text', printOptional(text)],
        ['signature', printOptional(block.signature)],
        ['data', printOptional(block.redacted)],
        ['index', String(index++)],
      ]),
    ];
  });
  return details.length === 0 ? undefined : printArray(details);
}

function textPart(text: string): Part {
  return { text };
}

/** Cache marks and extras of a block: ours go along, others are accounted for. */
function accountForMarks(block: Block, { context: { ledger } }: Scope): void {
  accountForExtras(block.ext, dialect, ledger);
  if (block.cache !== undefined && !hasOwnMark(block.ext)) ledger.drop(cachePath(block, 'messages'), 'prompt caching is automatic there');
}

function printPart(block: Block, scope: Scope): Part[] {
  const { ledger } = scope.context;
  const at = block.at ?? 'messages';
  accountForMarks(block, scope);
  switch (block.type) {
    case 'text':
      if (block.citations !== undefined) ledger.drop(`${at}.citations`, 'there is no place for citations in a request');
      return [ownPart(block, block.type, block.text)];
    case 'refusal':
      return [ownPart(block, block.type, block.text)];
    case 'image':
      return mediaPart('image_url', block, imageEntries(block, at, scope), scope);
    case 'audio':
      return mediaPart(
        'input_audio',
        block,
        [
          ['data', printString(block.data)],
          ['format', printString(block.format)],
        ],
        scope,
      );
    case 'document':
      return documentParts(block, at, scope);
    case 'searchResult':
      return [searchResultPart(block, at, scope)];
    case 'opaque':
      if (block.dialect === dialect) return [{ raw: block.raw }];
      if (block.loss === 'hint') ledger.drop(at, `${block.kind} is known to ${block.dialect} alone`);
      else ledger.refuse(at, `${block.kind} is known to ${block.dialect} alone`);
      return [];
    case 'reasoning':
    case 'toolCall':
    case 'toolResult':
      ledger.refuse(at, `${block.type} has no place here`);
      return [];
  }
}

function searchResultPart(result: SearchResultBlock, at: string, scope: Scope): Part {
  const { title, source, content, cite } = result;
  const { ledger } = scope.context;
  ledger.note('emulated', at, 'a search result is sent as text');
  if (cite !== undefined) ledger.drop(fieldPath(result, 'citations', 'messages'), 'citations cannot be asked for there');
  for (const block of content) accountForText(block, scope);
  return textPart(`${title}\nSource: ${source}\n\n${content.map((block) => block.text).join('\n')}`);
}

function accountForText(block: TextBlock, scope: Scope): void {
  accountForMarks(block, scope);
  if (block.citations !== undefined) scope.context.ledger.drop(`${block.at ?? 'messages'}.citations`, 'there is no place for citations in a request');
}

/** Text with the extras that came with it; with some, it cannot be a plain string. */
function ownPart({ ext, at = '' }: Block, type: 'text' | 'refusal', text: string): Part {
  const own = ownEntries(ext, at);
  return own.length === 0 ? textPart(text) : { raw: printObject([['type', printString(type)], [type, printString(text)], ...own]) };
}

function mediaPart(type: string, block: Block, inner: readonly Entry[] | undefined, { quirks, context: { ledger } }: Scope): Part[] {
  const isRefused =
    quirks.contentParts === false || (block.type === 'image' && quirks.images === false) || (block.type === 'document' && quirks.documents === false);
  if (isRefused) ledger.refuse(block.at ?? 'messages', `the provider takes no ${block.type}`, 'Choose a model that does');
  if (isRefused || inner === undefined) return [];
  const at = block.at ?? '';
  const raw = printObject([
    ['type', printString(type)],
    [type, printObject([...inner, ...ownEntries(block.ext, `${at}.${type}`)])],
    ...ownEntries(block.ext, at),
  ]);
  return [{ raw }];
}

function imageEntries({ source, detail }: Block & { type: 'image' }, at: string, { quirks, context: { ledger } }: Scope): Entry[] | undefined {
  if (source.kind === 'url' && quirks.imageUrls === false) {
    ledger.refuse(at, 'the provider takes no image by its address', sendBytes);
    return undefined;
  }
  if (source.kind === 'file') {
    ledger.refuse(at, 'an uploaded file belongs to the account that holds it', 'Send the image itself');
    return undefined;
  }
  return [
    ['url', printString(source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`)],
    ['detail', printOptional(detail)],
  ];
}

function documentParts(block: DocumentBlock, at: string, scope: Scope): Part[] {
  const { ledger } = scope.context;
  const { source } = block;
  if (block.context !== undefined) ledger.drop(`${at}.context`, 'there is no place for the context of a document');
  if (block.cite === true) ledger.drop(fieldPath(block, 'citations', 'messages'), 'citations cannot be asked for there');
  const name = block.title ?? block.filename;
  switch (source.kind) {
    case 'text':
      ledger.note('emulated', at, 'a text document is sent as text');
      return [textPart(name === undefined ? source.text : `[document: ${name}]\n${source.text}`)];
    case 'blocks':
      ledger.note('emulated', at, 'a document is sent as its parts');
      return [...(name === undefined ? [] : [textPart(`[document: ${name}]`)]), ...source.blocks.flatMap((inner) => printPart(inner, scope))];
    case 'url':
      if (ownEntries(block.ext, `${at}.file`).length > 0) return mediaPart('file', block, [['filename', printOptional(block.filename)]], scope);
      ledger.refuse(at, 'a document by its address cannot be sent', sendBytes);
      return [];
    case 'file':
      if (source.dialect !== dialect) ledger.refuse(at, 'an uploaded file belongs to the account that holds it', 'Send the document itself');
      return source.dialect === dialect
        ? mediaPart(
            'file',
            block,
            [
              ['file_id', printString(source.id)],
              ['filename', printOptional(block.filename)],
            ],
            scope,
          )
        : [];
    case 'base64':
      if (block.filename === undefined) ledger.note('changed', at, `the document is named "${block.title ?? 'document.pdf'}"`);
      return mediaPart(
        'file',
        block,
        [
          ['filename', printString(block.filename ?? block.title ?? 'document.pdf')],
          ['file_data', printString(`data:${source.mediaType};base64,${source.data}`)],
        ],
        scope,
      );
  }
}
