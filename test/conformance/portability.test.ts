import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RawJson } from '../../packages/modelwire/src/core/ir.ts';
import { isGatewayError } from '../../packages/modelwire/src/core/errors.ts';
import { carried, type Carried } from '../support/reply-streams.ts';
import { type ClientResult, type Manner, oddNames, plainNames, type Setup } from '../support/portability/client.ts';
import { clients } from '../support/portability/clients.ts';
import { anthropicMarks } from '../support/portability/client-anthropic.ts';
import { strictProviders } from '../support/portability/providers.ts';
import { objectIn, type StrictProvider, type Turn } from '../support/portability/strict-provider.ts';
import { talk, type Told } from '../support/portability/talk.ts';

/**
 * A conversation with tools, thinking and images is begun with one provider, goes on with another and comes back, with nothing kept
 * between the calls. Each provider refuses what the real one refuses: ids, names, altered signatures, missing thinking, orphans.
 */
const fronts = carried;

/** Big numbers, a key twice, odd spacing, escapes: nothing of it may be parsed and printed again. */
const strange: RawJson = '{"n":9007199254740993 , "t":"\\u4f60\\ud83d\\ude00\\/ \\"q\\"","t":"天",  "k":{"z":[1, 2 ,3.0],"e":1E2},"b":-0.0}';
const empty: RawJson = '{}';
const plain: RawJson = '{"t":"x"}';

type Step = { readonly who: 'A' | 'B'; readonly turn: Turn; readonly user?: { readonly text: string; readonly image: boolean } };

const call = (tool: number, args: RawJson): Turn['calls'][number] => ({ tool, args });
const ends = (says: string): Turn => ({ says, calls: [] });

/** The provider changes between two turns of the user's. */
const between: readonly Step[] = [
  { who: 'A', user: { text: 'Look at this. 看', image: true }, turn: { says: 'I look.', calls: [call(0, strange), call(1, plain)] } },
  { who: 'A', turn: { says: 'One more.', calls: [call(2, empty)] } },
  { who: 'A', turn: ends('Done with A. 好') },
  { who: 'B', user: { text: 'Now you.', image: false }, turn: { says: 'I begin.', calls: [call(3, plain), call(4, strange), call(4, plain)] } },
  { who: 'B', turn: ends('Done with B.') },
  { who: 'A', user: { text: 'And you again.', image: true }, turn: { says: 'Once more.', calls: [call(0, strange)] } },
  { who: 'A', turn: ends('The end.') },
];

/** It changes while tools are at work: one reads the results of the other's calls. */
const within: readonly Step[] = [
  { who: 'A', user: { text: 'Look at this.', image: true }, turn: { says: 'I look.', calls: [call(0, strange), call(1, plain)] } },
  { who: 'B', turn: { says: 'So do I.', calls: [call(2, plain), call(4, strange)] } },
  { who: 'A', turn: { says: 'And I.', calls: [call(3, strange)] } },
  { who: 'B', turn: ends('That was it.') },
  { who: 'A', user: { text: 'Thanks.', image: false }, turn: ends('The end.') },
];

type Case = Setup & { readonly front: Carried; readonly stream: boolean; readonly a: string; readonly b: string };

async function converse({ front, manner, names, stream, a, b }: Case, steps: readonly Step[]): Promise<void> {
  const made = { A: providerOf(a), B: providerOf(b) };
  const client = clients[front]({ manner, names });
  const history: Turn['calls'][number][] = [];
  const before = new Map<StrictProvider, string>();
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
    assertKept(told, { provider, history, respelled: manner === 'drops' && !textual.includes(front), where });
    const returned = provider
      .returned(objectIn(JSON.parse(told.sent)))
      .filter((state) => !passes(other, provider, front, state) && (manner !== 'overwrites' || knows(provider, state)));
    assert.deepEqual(returned, expected, `${where}: what it gave out comes back as it was`);
    assertWithheld(told, { body, provider, other, front, where });
    if (front === 'anthropic-messages' && provider.dialect === front) assert.equal(told.sent.split('"cache_control"').length - 1, anthropicMarks, where);
    assertPrefix(provider, before.get(provider), told.sent, where);
    before.set(provider, told.sent);
    const calls = client.hear(told.answer, stream);
    assert.deepEqual(
      calls.map(({ name, args }) => ({ name, args })),
      turn.calls.map(({ tool, args }) => ({ name: names[tool], args })),
      `${where}: its calls, by the caller's names and to the byte`,
    );
    history.push(...turn.calls);
    if (calls.length > 0) client.answerCalls(calls.map(resultOf));
  }
}

function providerOf(name: string): StrictProvider {
  const make = strictProviders[name];
  assert.ok(make !== undefined, name);
  return make();
}

/** Formats that have arguments as text, which clients keep to the byte. */
const textual: readonly Carried[] = ['openai-chat', 'openai-responses'];

/** Of parallel calls the second gives an image, of several rounds a lone one fails. */
function resultOf(made: ClientResult['call'], index: number, all: readonly ClientResult['call'][]): ClientResult {
  const text = `result of ${made.name}`;
  if (all.length === 1) return { call: made, text, isError: true };
  return index === 1 ? { call: made, text, image: true } : { call: made, text };
}

/** Tools and calls by the names that the provider was given, arguments to the byte as the client sent them. */
function assertKept(
  { sent }: Told,
  { provider, history, respelled, where }: { provider: StrictProvider; history: readonly Turn['calls'][number][]; respelled: boolean; where: string },
): void {
  const { tools, calls } = provider.told(sent);
  assert.equal(new Set(tools).size, oddNames.length, where);
  const wanted = history.map(({ tool, args }) => ({ name: tools[tool], args: respelled ? JSON.stringify(JSON.parse(args)) : args }));
  assert.deepEqual(calls, wanted, `${where}: the calls of the history`);
}

/** What a provider must see again: all that its client could keep. */
function expectedBack({ issued, dialect }: StrictProvider, { front, manner, stream }: Pick<Case, 'front' | 'manner' | 'stream'>): readonly string[] {
  const loses = front === 'openai-chat' && manner === 'drops';
  return issued
    .filter(({ withCalls, optional, plain }) => {
      if (dialect === front) return !loses && !(plain && stream && manner === 'overwrites');
      // The text of an answer has no place where a typed client of this format would keep more.
      return optional !== true && (withCalls || !loses);
    })
    .map(({ state }) => state);
}

type Seen = { readonly body: string; readonly provider: StrictProvider; readonly other: StrictProvider; readonly front: Carried; readonly where: string };

/** What the library of `overwrites` leaves of a text is nobody's. */
function knows({ issued }: StrictProvider, state: string): boolean {
  return issued.some((one) => one.state === state);
}

/** Plain text in the caller's own format says of nobody whose it is: it passes as it stands. */
function passes(origin: StrictProvider, provider: StrictProvider, front: Carried, state: string): boolean {
  return origin.dialect === front && provider.dialect === front && origin.issued.some((one) => one.plain && one.state === state);
}

/** Nothing under a seal reaches a provider, nor what another gave out; and the receipt says so. */
function assertWithheld({ sent, attempt }: Told, { body, provider, other, front, where }: Seen): void {
  assert.ok(!/mw1\.|"bXcx/.test(sent), `${where}: a seal went out`);
  const secret = other.issued.filter(({ state }) => !passes(other, provider, front, state));
  const leaked = secret.flatMap(({ secrets }) => secrets).filter((text) => sent.includes(text));
  assert.deepEqual(leaked, [], `${where}: the thinking of ${other.target.provider}`);
  if (!secret.some(({ secrets }) => secrets.some((text) => body.includes(text)))) return;
  assert.ok(
    attempt.notes.some(({ reason }) => /withheld|not sent/.test(reason)),
    `${where}: no note of what was withheld`,
  );
}

/** Tools, system text and messages begin as they did in the request before: prompt caches go by that. */
function assertPrefix(provider: StrictProvider, before: string | undefined, now: string, where: string): void {
  if (before === undefined) return;
  const old = provider.prefix(before);
  const list = provider.prefix(now);
  assert.deepEqual(list.fixed, old.fixed, `${where}: tools and system text`);
  assert.deepEqual(list.messages.slice(0, old.messages.length), old.messages, `${where}: the prefix`);
}

const vendors = Object.keys(strictProviders);
const manners: readonly Manner[] = ['keeps', 'drops'];
/** Only this format's library keeps the last of what it does not know. */
const mannersOf = (front: Carried): readonly Manner[] => (front === 'openai-chat' ? [...manners, 'overwrites'] : manners);

for (const front of fronts) {
  describe(`a client of ${front}`, () => {
    for (const a of vendors) {
      for (const b of vendors) {
        if (a === b) continue;
        for (const manner of mannersOf(front)) {
          test(`${a} → ${b} → ${a}, a client that ${manner} what it does not know`, async () => {
            for (const names of [plainNames, oddNames]) {
              for (const stream of [false, true]) {
                await converse({ front, manner, names, stream, a, b }, between);
                await converse({ front, manner, names, stream, a, b }, within);
              }
            }
          });
        }
      }
    }
  });
}
