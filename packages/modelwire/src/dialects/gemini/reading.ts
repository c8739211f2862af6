import { type Assembler, createAssembler, type Emit } from '../../core/assemble.ts';
import type { Context } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Block, Extra, RawJson } from '../../core/ir.ts';
import { printString } from '../../core/json-print.ts';
import { isObject, type JsonObject, type Path } from '../../core/json-text.ts';
import { targetName } from '../../core/target.ts';
import { customText } from '../../core/tool-input.ts';
import { createPartialArguments, type PartialArguments } from './partial-args.ts';
import { signatureExtra } from './signature.ts';
import { answerCall, answerPart } from './verdicts.ts';
import { dialect } from './wire.ts';

/** What reading an answer needs of the request it answers. */
export type AnswerScope = {
  readonly context: Context;
  /** The caller's name of a tool, from the provider's. */
  toolName(name: string): string;
  /** Whether the caller's tool of that name takes free text. */
  isCustom(name: string): boolean;
};

export function invalid({ context: { target } }: AnswerScope, what: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_invalid_response', `${target.provider}: ${what}`, { provider: targetName(target), cause });
}

/** Where the parts stand in their JSON, for the source text of what is kept as it came. */
export type Place = (path: Path) => RawJson | undefined;

/** A piece of thinking or of the answer. */
export type Piece = { readonly kind: 'text' | 'reasoning'; readonly text: string };

/** Reads the parts of an answer, whole or chunk by chunk. */
export type Reader = {
  say(piece: Piece, emit: Emit): void;
  read(parts: readonly unknown[], place: Place, emit: Emit): void;
  /** The answer is over: closes what is open. */
  finish(emit: Emit): void;
  called(): boolean;
  /** Citations of the text so far; false when no text is open. */
  cite(citations: RawJson): boolean;
  hasBegun(): boolean;
};

/** A call whose arguments come in pieces. */
type Growing = { readonly name: string; readonly id: string | undefined; readonly args: PartialArguments };

export function createReader(scope: AnswerScope): Reader {
  const { context } = scope;
  const into = createAssembler({ salt: context.callId, toolName: scope.toolName });
  const lostPlaces = new Set<string>();
  let calls = 0;
  let growing: Growing | undefined;

  const call = (name: string, id: string | undefined, args: RawJson, emit: Emit): void => {
    const isCustom = scope.isCustom(scope.toolName(name));
    const ext = id === undefined ? madeIdExtra : undefined;
    into.call({ index: calls++, id, name, arguments: isCustom ? customText(args) : args, kind: isCustom ? 'custom' : 'function', ext }, emit);
  };
  const readCall = (made: JsonObject, place: Place, emit: Emit): void => {
    const name = textIn(made['name']);
    const id = textIn(made['id']);
    if (growing === undefined && made['willContinue'] !== true && !Array.isArray(made['partialArgs'])) {
      if (name === undefined) throw invalid(scope, 'a tool call without a name came');
      return call(name, id, isObject(made['args']) ? (place(['args']) ?? '{}') : '{}', emit);
    }
    growing ??= { name: name ?? '', id, args: createPartialArguments() };
    if (Array.isArray(made['partialArgs'])) growing.args.add(made['partialArgs']);
    if (made['willContinue'] === true) return;
    const { name: whole, id: given, args } = growing;
    growing = undefined;
    call(whole, given, args.json(), emit);
  };
  const loseOthers = (object: JsonObject, read: ReadonlySet<string>, at = ''): void => {
    for (const key of Object.keys(object)) {
      const place = `candidates.content.parts.${at}${key.slice(0, 40)}`;
      if (read.has(key) || lostPlaces.has(place) || lostPlaces.size === mostPlaces) continue;
      lostPlaces.add(place);
      context.ledger.lost(place, 'a translated answer has no place for it');
    }
  };
  const readPart = (part: JsonObject, place: Place, emit: Emit): void => {
    const signature = textIn(part['thoughtSignature']);
    if (isObject(part['functionCall'])) {
      // A signature of a call goes with the thinking before it, which may have no text: so every format can carry it.
      if (signature !== undefined) into.seal('', { signature }, emit);
      loseOthers(part, readKeys);
      loseOthers(part['functionCall'], callKeys, 'functionCall.');
      return readCall(part['functionCall'], (path) => place(['functionCall', ...path]), emit);
    }
    const media = mediaBlock(part);
    if (typeof part['text'] === 'string' || media !== undefined) loseOthers(part, readKeys);
    if (typeof part['text'] === 'string') return readText(part, part['text'], { into, signature, emit });
    if (media !== undefined) return into.whole(withSignature(media, signature), emit);
    const kind = Object.keys(part).find((key) => isObject(part[key]) && !besides.has(key));
    if (kind !== undefined) into.whole({ type: 'opaque', dialect, kind, raw: place([]) ?? 'null', loss: 'hint' }, emit);
  };

  return {
    say: ({ kind, text }, emit) => into.say(kind, text, emit),
    read(parts, place, emit) {
      for (const [index, part] of parts.entries()) if (isObject(part)) readPart(part, (path) => place([index, ...path]), emit);
    },
    finish(emit) {
      if (growing !== undefined) throw invalid(scope, `the arguments of the tool call "${growing.name}" broke off`);
      into.finish(emit);
    },
    called: () => into.callCount() > 0,
    cite: (citations) => into.amendText((block) => (block.type === 'text' ? { ...block, citations } : block)),
    hasBegun: () => into.blockCount() > 0,
  };
}

/** What stands beside the data of a part, and what is read of it. */
const besides = new Set([...answerPart.fields].filter(([, { becomes }]) => becomes === 'lost').map(([key]) => key));
const readKeys = new Set([...answerPart.known].filter((key) => !besides.has(key)));
/** How many places are named: every chunk may have new ones. */
const mostPlaces = 50;
const callKeys = answerCall.known;

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The call came without an id: Google is sent it back without. */
const madeIdExtra: readonly Extra[] = [{ dialect, path: '', key: 'madeId', raw: '', loss: 'nothing' }];

type Sink = { readonly into: Assembler; readonly signature: string | undefined; readonly emit: Emit };

function readText(part: JsonObject, text: string, { into, signature, emit }: Sink): void {
  if (part['thought'] === true) {
    into.say('reasoning', text, emit);
    if (signature !== undefined) into.seal('', { signature }, emit);
    return;
  }
  into.say('text', text, emit);
  if (signature === undefined) return;
  const ext = signatureExtras(signature);
  if (into.amendText((block) => ({ ...block, ext }))) return;
  into.whole({ type: 'opaque', dialect, kind: 'thoughtSignature', raw: `{"text":"","thoughtSignature":${printString(signature)}}`, loss: 'hint' }, emit);
}

/** Google asks for the signature of a text, and does without it. */
function signatureExtras(signature: string): readonly Extra[] {
  return [{ ...signatureExtra('', signature), loss: 'hint', reason: 'only callers of gemini can send the signature of a text back' }];
}

function withSignature(block: Block, signature: string | undefined): Block {
  return signature === undefined ? block : { ...block, ext: [...(block.ext ?? []), ...signatureExtras(signature)] };
}

/** An image or audio that the model made; undefined for anything else. */
function mediaBlock(part: JsonObject): Block | undefined {
  const data = part['inlineData'];
  if (!isObject(data) || typeof data['data'] !== 'string' || typeof data['mimeType'] !== 'string') return undefined;
  const { mimeType: mediaType, data: base64 } = data;
  if (mediaType.startsWith('image/')) return { type: 'image', source: { kind: 'base64', mediaType, data: base64 } };
  return mediaType.startsWith('audio/') ? { type: 'audio', format: mediaType.slice('audio/'.length), data: base64 } : undefined;
}
