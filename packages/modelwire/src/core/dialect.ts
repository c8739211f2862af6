import type { ChatEvent, Step } from './event.ts';
import type { GatewayError } from './errors.ts';
import type { ChatRequest, DialectName, RawJson, Reply, Usage } from './ir.ts';
import type { JsonText } from './json-text.ts';
import type { MediaKind } from './media.ts';
import type { Ledger } from './notes.ts';
import type { Quirks, Target } from './target.ts';
import type { TopLevel } from './top-level.ts';
import type { VerdictTable } from './verdicts.ts';

/** What a translation may know of the world: time, ids and the caller's headers come in as arguments. */
export type Context = {
  readonly callId: string;
  readonly target: Target;
  /** The dialect spoken to the target in this attempt. */
  readonly back: DialectName;
  readonly ledger: Ledger;
  /** Milliseconds since the epoch. */
  now(): number;
  /** A fresh id with the prefix, e.g. `newId('call_')`. */
  newId(prefix: string): string;
};

/** Lower-case header names to values, as the caller or the provider sent them (repeated ones joined by ", "). */
export type HeaderMap = Readonly<Record<string, string | undefined>>;

/** A request that the front has understood, and how its caller wants to be answered. One per attempt: `ledger` is the attempt's. */
export type Accepted = {
  readonly request: ChatRequest;
  /** The whole answer as the caller's JSON. */
  reply(reply: Reply): string;
  /** The stream as the caller's framed text, terminator included. A legal sequence whatever comes in. */
  stream(): Step<ChatEvent, string>;
};

/** The error in the caller's shape. */
export type ErrorBody = {
  readonly status: number;
  readonly body: string;
  /** What of the error the format tells in headers. */ readonly headers?: Readonly<Record<string, string>>;
};

/** What the URL says of a call where the body does not: the model, whether a stream is wanted, and what of. */
export type Asked = { readonly model: string; readonly stream: boolean; /** Default: `chat`. */ readonly operation?: Operation };

export type Front = {
  /**
   * Checks what the byte scan of the top level can see (required fields, ranges) and throws 400 naming the field. Deeper faults are
   * the provider's to judge on relay, `Translation.accept`'s on translation.
   */
  check(top: TopLevel, headers: HeaderMap, operation: Operation): void;
  /** A whole error answer. `requestId` is echoed where the format has a place for it. */
  error(error: GatewayError, requestId: string): ErrorBody;
  /** The same inside a stream that has begun: one framed event, after which the connection ends. */
  errorEvent(error: GatewayError, requestId: string): string;
  /** The header in which clients of the format look for the call's id, besides the usual ones. */
  readonly idHeader?: string;
  /** A keep-alive, legal anywhere between two events; empty where there is none. */
  readonly ping: string;
  /** A token count as the caller's JSON, where the dialect has one. */
  tokenCount?(tokens: number): string;
  /** `true`: official clients choke on comments in a stream, so none is sent. */
  readonly noComments?: true;
  /** The answer to a request that asks nothing of a model, for targets of other dialects, which know none; undefined for any other request. */
  answerIdle?(top: TopLevel, operation: Operation, now: number): string | undefined;
  /** `true`: the caller is given a stream unless its body says `"stream": false`. */
  readonly streamsUnasked?: true;
  /** Request headers of the format that switch features on: passed within the dialect, accounted for on the way to another. */
  readonly featureHeaders: readonly string[];
};

/** A request as the provider's dialect wants it, and how its answer is read. */
export type Prepared = {
  /** Below the endpoint's base URL, e.g. `/chat/completions`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  reply(text: string): Reply;
  stream(): Decoder;
};

/** Reads a provider's stream. `end` makes a stream without its terminal event fail, never finish. */
export type Decoder = Step<SseEvent, ChatEvent> & {
  /** The finish reason is known and only usage or the terminator may still come: a socket left open now is not waited for. */
  finishing(): boolean;
};

export type SseEvent = {
  /** The `event:` field; empty when absent. */
  readonly event: string;
  readonly data: string;
};

export type Back = {
  /** The provider's error answer (any status ≥ 300, or an error inside a 200) as ours. `text` may be anything, HTML too. */
  failure(answer: { readonly status: number; readonly headers: HeaderMap; readonly text: string }, target: Target): GatewayError;
  /** What the format takes as data only, never by its address. Default: nothing. */
  readonly asData?: readonly MediaKind[];
  /** `true`: no version stands in the paths of the format, so none is added to a base URL. */
  readonly bareURL?: true;
  /** Path and extra headers of a relayed request, and of the token count where the dialect has one. `asked` names the target's model. */
  relayPath(operation: Operation, asked: Asked): string | undefined;
  relayHeaders(caller: HeaderMap): Record<string, string>;
};

/** `generate`: an answer to one prompt, which the front alone tells from a chat. */
/** What structured output a format has, and where it asks for it. */
export type OutputFormats = {
  readonly json: boolean;
  readonly schema: boolean;
  readonly fields: readonly string[];
  /** Why no answer to this request is held to a format at all, in words; undefined when it is. Without it, every answer is. */
  excludes?(request: ChatRequest): string | undefined;
  /** Why a schema of another format's caller cannot be held to, in words; undefined when it can. Without it, every schema can. */
  lacks?(schema: RawJson): string | undefined;
  /** Keywords of such a schema that the model is told of and not held to. Default: none. */
  unheld?(schema: RawJson): readonly string[];
};

export type Operation = 'chat' | 'generate' | 'count_tokens' | 'embeddings' | 'pass_through';

/** What a relay may learn of one SSE event without parsing it. Several may hold at once. */
export type Sighting = {
  /** Content, tool or reasoning: the answer is committed. */
  readonly content: boolean;
  /** The model's finish reason. */
  readonly finish: boolean;
  /** The format's last event. */
  readonly terminal: boolean;
  /** The provider reports an error: its event text is parsed by `Tap.failure`. */
  readonly error: boolean;
  /** Must not reach the caller (a usage chunk that only we asked for). */
  readonly withhold: boolean;
};

/** Reads a relayed answer on the side. One per attempt. */
export type Tap = {
  /**
   * `text` is one whole SSE event as latin1: byte-wise, so only ASCII needles may be looked for. `data` parses its data, at most once;
   * undefined when that is no JSON, of which the stream's own reader will tell.
   */
  see(text: string, data: () => unknown): Sighting;
  /** The usage seen so far, from a stream. */
  usage(): Usage | undefined;
  /** The finish reason seen so far, in the provider's words. */
  finish(): string | undefined;
  /** How this stream tells an error, in a format whose events follow from those before; elsewhere the front's `errorEvent` does. */
  errorEvent?(error: GatewayError): string;
};

/** Puts the state that a relayed answer holds under the seal of its target. */
export type Sealing = {
  /** The whole answer. */
  whole(answer: RawJson, target: Target): RawJson;
  /** Per stream: what to send instead of an event; undefined: as it came. `event` is latin1, as in `Tap.see`, `text` the same decoded. */
  stream(target: Target): (event: string, text: () => string) => string | undefined;
};

/** How relaying works in a dialect: pure text, no parse of what passes. */
export type RelayRules = {
  /** Top-level edits that a target's quirks, or the need for usage, ask of the request. `undefined` when the body must be translated. */
  edits(top: TopLevel, context: { readonly quirks: Quirks; readonly wantUsage: boolean }): readonly TopLevelEdit[] | undefined;
  tap(options: { readonly withholdUsage: boolean }): Tap;
  /** For targets with the quirk `ownState`; without it, there is no such state in the format. */
  readonly sealing?: Sealing;
  /** The terminator that a finished stream must end with; empty where there is none. */
  readonly terminator: string;
  /** `true`: the model is named in the path, not in the body. */
  readonly modelInPath?: true;
  /** Usage and finish reason of a whole answer; throws the error that it holds, or `upstream_invalid_response` when it is not an answer at all. */
  whole(value: unknown, text: string, target: Target): { readonly usage: Usage | undefined; readonly finish: string | undefined };
};

/** An edit of the request's top level, spliced in the raw bytes. `raw` is JSON source text. */
export type TopLevelEdit =
  | { readonly kind: 'set'; readonly key: string; readonly raw: string }
  | { readonly kind: 'remove'; readonly key: string; readonly reason: string }
  | { readonly kind: 'rename'; readonly key: string; readonly to: string };

/** One turn of a conversation that is kept for its caller: what the request added to it, and what was answered. */
export type KeptTurn = {
  /** The answer's id, by which the caller goes on from here. */
  readonly id: string;
  /** The turn that this one went on from. */
  readonly previous?: string;
  /** Top-level fields of the request, as source text. */
  readonly asked: Readonly<Record<string, RawJson>>;
  readonly answer: RawJson;
};

/** One item of what was said, as its caller or the model said it, and the id by which it can be named. */
export type KeptItem = { readonly id: string; readonly raw: RawJson };

/** A conversation that has an id of its own, and grows by each answer in it. */
export type KeptConversation = {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly metadata: RawJson;
  readonly items: readonly KeptItem[];
};

/** What a request wants of kept conversations: to go on from a turn or in a conversation, that its own turn is kept, not to be waited for. */
export type StateWish = {
  readonly previous?: string;
  readonly conversation?: string;
  /** Ids of items that the request names instead of saying them. */
  readonly items?: readonly string[];
  readonly keep: boolean;
  readonly background?: true;
};

/** What an answer that is kept is to say of itself: `id`, where the caller has been told one already. */
export type KeptAs = { readonly id?: string; readonly previous?: string; readonly conversation?: string };

/** What a request goes on from. */
export type Earlier = { /** The oldest first. */ readonly turns: readonly KeptTurn[]; readonly conversation?: KeptConversation };

/** Hears a caller's answer on its way out, in the caller's own format, and puts into it what only we know. One per answer. */
export type AnswerListener = {
  /** What to change in the whole answer. */
  whole(answer: TopLevel): readonly TopLevelEdit[];
  /** The data to send instead; undefined: as it came. */
  event(event: SseEvent): RawJson | undefined;
  /** The answer as far as it has come, in a format whose events tell it. */
  latest?(): RawJson | undefined;
  /** What was answered, once the answer has come to its end. */
  heard(): Pick<KeptTurn, 'id' | 'answer'> | undefined;
};

/** A dialect whose callers may leave the turns so far to the server. Kept here, they go to any target in full. */
export type StateRules = {
  /** Throws 400 for a wish that cannot be read. */
  wish(top: TopLevel): StateWish | undefined;
  /** Whether a target keeps conversations itself, so that a request may be left as it stands. */
  keeps(quirks: Quirks): boolean;
  /** What makes the request whole: what was kept before what it brings itself. Throws 400 for what may not change. */
  resume(top: TopLevel, earlier: Earlier): readonly TopLevelEdit[];
  /** The request's own part of the conversation. `isFirst`: it does not go on from another. */
  asked(top: TopLevel, isFirst: boolean): KeptTurn['asked'];
  listen(as: KeptAs): AnswerListener;
  /** There is no such turn, or no longer. */
  unknown(id: string): GatewayError;
  /** Answers that can be asked for again by their id. */
  readonly stored?: StoredRules;
  /** Items that can be named by their id. */
  readonly items?: ItemRules;
  readonly conversations?: ConversationRules;
};

export type ItemRules = {
  /** The request with what is known of the items that it names in their places. */
  told(top: TopLevel, known: ReadonlyMap<string, RawJson>): readonly TopLevelEdit[];
  /** What the request brings itself. `base`: what the ids of those that have none are made of. */
  given(top: TopLevel, base: string): readonly KeptItem[];
  /** All items of a turn. */
  of(turn: KeptTurn): readonly KeptItem[];
  /** What was answered; undefined for an answer that did not come to its end. */
  answered(answer: RawJson): readonly KeptItem[] | undefined;
  /** The turn that the id of an item tells, where it was made here. */
  turnOf(id: string): string | undefined;
  unknown(id: string): GatewayError;
};

/** Conversations as the format's callers see them. Every body that cannot be read is thrown as 400. */
export type ConversationRules = {
  made(body: TopLevel, fresh: { readonly id: string; readonly base: string; readonly created: number }): KeptConversation;
  changed(conversation: KeptConversation, body: TopLevel): KeptConversation;
  /** The items that a body adds. */
  added(body: TopLevel, base: string): readonly KeptItem[];
  show(conversation: KeptConversation): RawJson;
  showItem(item: KeptItem): RawJson;
  /** All of them. */
  list(items: readonly KeptItem[]): RawJson;
  page(items: readonly KeptItem[], query: URLSearchParams): RawJson;
  removed(id: string): RawJson;
  missing(id: string): GatewayError;
  missingItem(id: string): GatewayError;
};

export type StoredRules = {
  /** The id of an answer, in the whole of it or in an event. */
  idOf(text: RawJson): string | undefined;
  /** Whether the answer has been promised, and neither has come nor failed. */
  isOpen(answer: RawJson): boolean;
  /** An answer that was promised and has not begun. */
  queued(body: JsonText, as: KeptAs & { readonly id: string }, context: Context): RawJson;
  /** An answer that ended before it was whole. */
  broken(answer: RawJson, error: GatewayError): RawJson;
  removed(id: string): RawJson;
  /** A page of what was said up to the last of the turns, its answer not included. Throws 400 for a query that cannot be read. */
  items(turns: readonly KeptTurn[], query: URLSearchParams): RawJson;
  /** Asked for by an id that nothing is kept under. */
  missing(id: string): GatewayError;
};

/** What a call takes that is translated, both ways: read when the first one comes. */
export type Translation = {
  readonly name: DialectName;
  /** `asked` is for dialects whose body does not say it; without it, no stream is wanted. */
  accept(body: JsonText, context: Context, asked?: Asked): Accepted;
  /** What structured output the format has; without it, both kinds. What a target lacks is emulated before `prepare`. */
  readonly output?: OutputFormats;
  /** `false`: the format has no choice of tools, so no call can be forced in it. */
  readonly forcesTools?: false;
  prepare(request: ChatRequest, context: Context): Prepared;
  /** What becomes of every field of the format. */
  readonly verdicts: VerdictTable;
};

/** What every call takes, relayed ones too. */
export type Dialect = {
  readonly name: DialectName;
  readonly front: Front;
  readonly back: Back;
  readonly relay: RelayRules;
  readonly state?: StateRules;
  /** At once when it is loaded. */
  translation(): Translation | Promise<Translation>;
};
