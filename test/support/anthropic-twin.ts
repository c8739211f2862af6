import assert from 'node:assert/strict';
import { test } from 'node:test';
import Official from '@anthropic-ai/sdk';
import { Anthropic } from 'modelwire/anthropic';
import { plain } from './plain.ts';
import { handWritten, type Script, startScriptedServer } from './scripted-server.ts';

/** One script that the same server plays to the official package and to ours. The types of the one hold for the other. */
export type Play = (client: Official, hand: Hand) => Promise<unknown>;

/** Goes on writing an answer while the script plays. */
export type Hand = ReturnType<typeof handWritten>;

/** What the server plays, in order; or an answer that the script itself goes on writing. */
export type Scene = readonly Script[] | Hand;

type Side = { readonly requests: unknown; readonly outcome: unknown };

/** Headers in which the two must agree. How the key is sent, what is told of the machine, and that ours asks for a stream by `accept` is each one's own. */
const compared = ['anthropic-beta', 'anthropic-version', 'content-type', 'x-mine', 'anthropic-user-profile-id', 'anthropic-workspace-id'] as const;

/** Plays the script to both and holds requests and outcome against each other. A script is made anew for each. */
export function twin(name: string, scene: () => Scene, play: Play, options: TwinOptions = {}): void {
  test(name, async () => {
    const theirs = await side(scene(), (url, hand) => play(new Official({ apiKey: 'sk-ant-test', baseURL: url, ...options.client }), hand));
    const ours = await side(scene(), (url, hand) =>
      play(new Anthropic({ apiKey: 'sk-ant-test', baseURL: url, ...options.client }) as unknown as Official, hand),
    );
    assert.deepEqual(ours, theirs);
    if (options.outcome !== undefined) assert.deepEqual(ours.outcome, options.outcome);
  });
}

export type TwinOptions = {
  readonly client?: { readonly timeout?: number; readonly maxRetries?: number; readonly defaultHeaders?: Record<string, string> };
  /** What it is to be, where that both agree is not enough. */
  readonly outcome?: unknown;
};

async function side(scene: Scene, play: (url: string, hand: Hand) => Promise<unknown>): Promise<Side> {
  const hand = 'script' in scene ? scene : handWritten();
  const server = await startScriptedServer(...('script' in scene ? [scene.script] : scene));
  try {
    const outcome = await play(server.url, hand).then(
      (value) => ({ value: plain(value) }),
      (thrown: unknown) => ({ thrown: describeError(thrown) }),
    );
    const requests = server.received.map(({ method, url, headers, body }) => ({
      method,
      url: decodeURIComponent(url),
      headers: Object.fromEntries(compared.map((header) => [header, headers[header]])),
      body: body === '' ? '' : (JSON.parse(body) as unknown),
    }));
    return { requests, outcome };
  } finally {
    await server.close();
  }
}

/** Class and fields of an error. Messages of errors without a body are each one's own words. */
export function describeError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return { thrown };
  const { status, error, requestID, type, apiMessage, errorCode } = thrown as Error & Record<string, unknown>;
  return { class: thrown.constructor.name, status, error, requestID, type, apiMessage, errorCode, ...(error === undefined ? {} : { message: thrown.message }) };
}

/** Whether the script plays to ours, whose own helpers it must then use. */
export function isOurs(client: unknown): boolean {
  return client instanceof Anthropic;
}
