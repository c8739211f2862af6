import assert from 'node:assert/strict';
import type { Attempt } from '../../../packages/modelwire/src/core/attempt.ts';
import type { DialectName, RawJson } from '../../../packages/modelwire/src/core/ir.ts';
import { isGatewayError } from '../../../packages/modelwire/src/core/errors.ts';
import type { JsonText } from '../../../packages/modelwire/src/core/json-text.ts';
import { type ClientResult, type Manner, marks, oddNames, png, type Setup } from './client.ts';
import { clients } from './clients.ts';
import { strictProviders } from './providers.ts';
import { type Issued, objectIn, objectsIn, read, type StrictProvider, type Turn } from './strict-provider.ts';
import { talk, type Told } from './talk.ts';

/** Big numbers, a key twice, odd spacing, escapes: nothing of it may be parsed and printed again. */
const strange: RawJson = '{"n":9007199254740993 , "t":"\\u4f60\\ud83d\\ude00\\/ \\"q\\"","t":"天",  "k":{"z":[1, 2 ,3.0],"e":1E2},"b":-0.0}';
const empty: RawJson = '{}';
const plain: RawJson = '{"t":"x"}';

export type Step = { readonly who: 'A' | 'B'; readonly turn: Turn; readonly user?: { readonly text: string; readonly image: boolean } };

const call = (tool: number, args: RawJson): Turn['calls'][number] => ({ tool, args });
const ends = (says: string): Turn => ({ says, calls: [] });

/** The provider changes between two turns of the user's. */
export const between: readonly Step[] = [
  { who: 'A', user: { text: 'Look at this. 看', image: true }, turn: { says: 'I look.', calls: [call(0, strange), call(1, plain)] } },
  { who: 'A', turn: { says: 'One more.', calls: [call(2, empty)] } },
  { who: 'A', turn: ends('Done with A. 好') },
  { who: 'B', user: { text: 'Now you.', image: false }, turn: { says: 'I begin.', calls: [call(3, plain), call(4, strange), call(4, plain)] } },
  { who: 'B', turn: ends('Done with B.') },
  { who: 'A', user: { text: 'And you again.', image: true }, turn: { says: 'Once more.', calls: [call(0, strange)] } },
  { who: 'A', turn: ends('The end.') },
];

/** It changes while tools are at work: one reads the results of the other's calls. */
export const within: readonly Step[] = [
  { who: 'A', user: { text: 'Look at this.', image: true }, turn: { says: 'I look.', calls: [call(0, strange), call(1, plain)] } },
  { who: 'B', turn: { says: 'So do I.', calls: [call(2, plain), call(4, strange)] } },
  { who: 'A', turn: { says: 'And I.', calls: [call(3, strange)] } },
  { who: 'B', turn: ends('That was it.') },
  { who: 'A', user: { text: 'Thanks.', image: false }, turn: ends('The end.') },
];

export type Case = Setup & { readonly front: DialectName; readonly stream: boolean; readonly a: string; readonly b: string };

/** A request as it reached its provider, and how it went. */
type Sent = { readonly json: JsonText; readonly mode: Attempt['mode'] };

/** Plays one conversation, and holds every request and answer of it against what must be so. */
export async function converse({ front, manner, names, stream, a, b }: Case, steps: readonly Step[]): Promise<void> {
  const made = { A: providerOf(a), B: providerOf(b) };
  const client = clients[front]({ manner, names });
  const history: Made[] = [];
  const before = new Map<StrictProvider, Sent>();
  let said = '';
  for (const [at, { who, user, turn }] of steps.entries()) {
    const provider = made[who];
    const other = made[who === 'A' ? 'B' : 'A'];
    const where = `call ${at + 1}, to ${provider.target.provider}`;
    if (user !== undefined) client.say(user.text, user.image);
    const body = client.request(provider.target.model, stream);
    const expected = expectedBack(provider, { front, manner, stream });
    const told = await talk({ front, body, stream, provider, turn }).catch((error: unknown) => {
      throw new Error(`${where}: ${isGatewayError(error) ? error.message : String(error)}\n${body}`, { cause: error });
    });
    const json = read(told.sent);
    assertKept(told, { json, body, provider, history, names, said, respelled: manner === 'drops' && !textual.includes(front), where });
    const seen: Seen = { body, provider, other, front, manner, where };
    assert.deepEqual(returnedTo(json, seen), expected, `${where}: what it gave out comes back as it was`);
    assertWithheld(told, seen);
    assertMarked(told, provider, front, where);
    const sent: Sent = { json, mode: told.attempt.mode };
    assertPrefix(provider, before.get(provider), sent, where);
    before.set(provider, sent);
    const calls = client.hear(told.answer, stream);
    assert.deepEqual(
      calls.map(({ name, args }) => ({ name, args })),
      turn.calls.map(({ tool, args }) => ({ name: names[tool], args })),
      `${where}: its calls, by the caller's names and to the byte`,
    );
    assertTold(told, { provider, front, where });
    history.push(...turn.calls.map((one, index, list) => ({ ...one, image: takesImages.includes(front) && showsImage(index, list.length) })));
    if (sendsText({ front, manner }, provider, turn)) said += turn.says;
    if (calls.length > 0) client.answerCalls(calls.map(resultOf));
  }
}

function providerOf(name: string): StrictProvider {
  const make = strictProviders[name];
  assert.ok(make !== undefined, name);
  return make();
}

/** Formats that have arguments as text, which clients keep to the byte. */
const textual: readonly DialectName[] = ['openai-chat', 'openai-responses', 'cohere'];

/** A call of the history, and whether its result has an image. */
type Made = Turn['calls'][number] & { readonly image: boolean };

/** Of parallel calls the second gives an image, of several rounds a lone one fails. */
function resultOf(made: ClientResult['call'], index: number, all: readonly ClientResult['call'][]): ClientResult {
  const text = `result of ${made.name}`;
  if (all.length === 1) return { call: made, text, isError: true };
  return showsImage(index, all.length) ? { call: made, text, image: true } : { call: made, text };
}

function showsImage(index: number, count: number): boolean {
  return index === 1 && count > 1;
}

/** Formats in which a result may hold an image. */
const takesImages: readonly DialectName[] = ['openai-responses', 'anthropic-messages', 'gemini', 'ollama', 'bedrock-converse'];

/** Who follows Cohere's guides leaves out what is said beside calls, unless it is a plan. */
function sendsText({ front, manner }: Pick<Case, 'front' | 'manner'>, { dialect }: StrictProvider, { calls }: Turn): boolean {
  return front !== 'cohere' || manner !== 'drops' || calls.length === 0 || dialect === front;
}

type Kept = {
  readonly json: JsonText;
  readonly body: string;
  readonly provider: StrictProvider;
  readonly history: readonly Made[];
  readonly names: readonly string[];
  readonly said: string;
  readonly respelled: boolean;
  readonly where: string;
};

/** Tools and calls by the names that the provider was given, arguments to the byte as the client sent them; all texts, results and images. */
function assertKept({ sent }: Told, { json, body, provider, history, names, said, respelled, where }: Kept): void {
  const { tools, calls, results, said: text } = provider.told(json);
  assert.equal(new Set(tools).size, oddNames.length, where);
  const wanted = history.map(({ tool, args }) => ({ name: tools[tool], args: respelled ? JSON.stringify(JSON.parse(args)) : args }));
  assert.deepEqual(calls, wanted, `${where}: the calls of the history`);
  assert.equal(text, said, `${where}: what was said`);
  assert.deepEqual(
    results.map(({ name, text: held }) => [name, count(held, 'result of '), count(held, `result of ${names[tools.indexOf(name)]}`)]),
    history.map(({ tool }) => [tools[tool], 1, 1]),
    `${where}: each result with its call`,
  );
  if (placesImages.includes(provider.dialect))
    assert.deepEqual(
      results.map(({ text: held }) => count(held, png) === 1),
      history.map(({ image }) => image),
      `${where}: images in results`,
    );
  assert.equal(count(sent, png), count(body, png), `${where}: the images`);
}

/** Vendors of these formats are shown the image of a result where it stands. */
const placesImages: readonly DialectName[] = ['openai-responses', 'anthropic-messages', 'gemini', 'bedrock-converse'];

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** Whether a client sends back what an answer with calls, or a text, brought besides. */
type Slots = { readonly calls: boolean; readonly text: boolean };
const every: Slots = { calls: true, text: true };
const none: Slots = { calls: false, text: false };
const withCalls: Slots = { calls: true, text: false };

/** What is a provider's own in the caller's format. */
const native: { readonly [front in DialectName]: { readonly [manner in Manner]: Slots } } = {
  'openai-chat': { keeps: every, drops: none, overwrites: every },
  'openai-responses': { keeps: every, drops: every, overwrites: every },
  'anthropic-messages': { keeps: every, drops: every, overwrites: every },
  gemini: { keeps: every, drops: every, overwrites: every },
  // The guides leave thinking out.
  cohere: { keeps: every, drops: none, overwrites: none },
  ollama: { keeps: every, drops: every, overwrites: every },
  'bedrock-converse': { keeps: every, drops: every, overwrites: every },
};

/** Where another format's provider's own travels. */
const slots: { readonly [front in DialectName]: { readonly [manner in Manner]: Slots } } = {
  ...native,
  'openai-chat': { keeps: every, drops: withCalls, overwrites: every },
  cohere: { keeps: withCalls, drops: withCalls, overwrites: withCalls },
  // Who drops the ids of calls has no place at all.
  ollama: { keeps: withCalls, drops: none, overwrites: withCalls },
};

/** What a provider must see again: all that its client could keep. */
function expectedBack({ issued, dialect }: StrictProvider, { front, manner, stream }: Pick<Case, 'front' | 'manner' | 'stream'>): readonly string[] {
  const { calls, text } = (dialect === front ? native : slots)[front][manner];
  return issued
    .filter((one) => {
      if (dialect === front && one.plain && stream && manner === 'overwrites') return false;
      if (dialect !== front && one.optional === true) return false;
      return one.withCalls ? calls : text;
    })
    .map(({ state }) => state);
}

/** Where a client of the format could not bring back what came with a text, whatever it keeps, a note says so. */
function assertTold({ attempt }: Told, { provider, front, where }: Pick<Seen, 'provider' | 'front' | 'where'>): void {
  const last = provider.issued.at(-1);
  if (last === undefined || last.withCalls || provider.dialect === front || (slots[front].keeps.text && last.optional !== true)) return;
  assert.ok(
    attempt.notes.some(({ path, reason }) => /signature|redacted|reasoning|thinking/i.test(path + reason)),
    `${where}: no note that the thinking of the answer cannot come back`,
  );
}

type Seen = Pick<Case, 'front' | 'manner'> & {
  readonly body: string;
  readonly provider: StrictProvider;
  readonly other: StrictProvider;
  readonly where: string;
};

/**
 * The thinking of an answer goes in clear to a provider of the caller's own format where the caller sends it without a mark of whose it is:
 * it came so (`plain`), or there was no slot for the mark.
 */
function isUnmarked(one: Issued, { provider, other, front, manner }: Pick<Seen, 'provider' | 'other' | 'front' | 'manner'>): boolean {
  if (provider.dialect !== front) return false;
  if (other.dialect === front) return one.plain;
  const { calls, text } = slots[front][manner];
  return !(one.withCalls ? calls : text);
}

/** What a provider is sent back of its own: neither what comes unmarked of another, nor what the library of `overwrites` leaves of a text. */
function returnedTo(json: JsonText, seen: Pick<Seen, 'provider' | 'other' | 'front' | 'manner'>): readonly string[] {
  const { provider, other, manner } = seen;
  const unmarked = other.issued.flatMap((one) => (one.shown !== undefined && isUnmarked(one, seen) ? [one.shown] : []));
  const known = new Set(provider.issued.map(({ state }) => state));
  return provider
    .returned(objectIn(json.value))
    .filter((state) => known.has(state) || !(manner === 'overwrites' || unmarked.some((text) => state.includes(text))));
}

/** Nothing under a seal reaches a provider, nor what another gave out; and the receipt says so. */
function assertWithheld({ sent, attempt }: Told, seen: Seen): void {
  const { body, other, where } = seen;
  assert.ok(!/mw1\.|"bXcx/.test(sent), `${where}: a seal went out`);
  const clear = other.issued.flatMap((one) => (one.shown === undefined || isUnmarked(one, seen) ? [] : [one.shown]));
  const withheld = [...other.issued.flatMap(({ secrets }) => secrets), ...clear];
  assert.deepEqual(
    withheld.filter((text) => sent.includes(text)),
    [],
    `${where}: the thinking of ${other.target.provider}`,
  );
  if (!withheld.some((text) => body.includes(text))) return;
  assert.ok(
    attempt.notes.some(({ reason }) => /withheld|not sent/.test(reason)),
    `${where}: no note of what was withheld`,
  );
}

/** The two formats that mark what is to be cached say the same of it. */
const markWords: { readonly [dialect in DialectName]?: string } = { 'anthropic-messages': '"cache_control"', 'bedrock-converse': '"cachePoint"' };

function assertMarked({ sent }: Told, { dialect }: StrictProvider, front: DialectName, where: string): void {
  const word = markWords[dialect];
  if (word !== undefined && markWords[front] !== undefined) assert.equal(count(sent, word), marks, `${where}: cache marks`);
}

/**
 * A request begins as the one before it did, to the byte, up to the end of its messages: prompt caches go by that. Between a request that
 * was relayed and one that was translated only the spelling of messages may change, which vendors parse away (arguments are held to the
 * byte by `assertKept`); tools and system text are the same all the way.
 */
function assertPrefix({ cached: { list, fixed } }: StrictProvider, before: Sent | undefined, now: Sent, where: string): void {
  if (before === undefined) return;
  const { json: old } = before;
  const { json } = now;
  for (const key of fixed) assert.equal(json.raw([key]), old.raw([key]), `${where}: ${key}`);
  if (before.mode === now.mode) {
    const messages = old.raw([list]) ?? '';
    const end = old.text.indexOf(messages) + messages.length - 1;
    assert.equal(json.text.slice(0, end), old.text.slice(0, end), `${where}: the prefix`);
    return;
  }
  const earlier = objectsIn(objectIn(old.value)[list]);
  assert.deepEqual(objectsIn(objectIn(json.value)[list]).slice(0, earlier.length), earlier, `${where}: the prefix`);
}
