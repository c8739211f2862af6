import assert from 'node:assert/strict';
import Official from 'openai';
import { OpenAI } from 'modelwire/openai';
import { plain } from './plain.ts';
import { type Script, type ScriptedServer, startScriptedServer } from './scripted-server.ts';

/** The same program for both: what it gives, what it throws, and what it asked for must be the same. */
export type Program<Result> = (client: Official, server: ScriptedServer) => Promise<Result>;

export type Played = { readonly outcome: unknown; readonly asked: readonly unknown[] };

/** Plays the program with the official package and with ours, each against a server of its own, and compares. Gives what both did. */
export async function twin(scripts: () => readonly Script[], program: Program<unknown>, options: { maxRetries?: number } = {}): Promise<Played> {
  const official = await play(scripts(), program, (baseURL) => new Official({ apiKey: 'sk-twin', baseURL, maxRetries: 0, logLevel: 'off', ...options }));
  // Ours takes the official package's place, which its types allow only where it has everything.
  const asOfficial = (client: OpenAI): Official => client as unknown as Official;
  const ours = await play(scripts(), program, (baseURL) => asOfficial(new OpenAI({ apiKey: 'sk-twin', baseURL, maxRetries: 0, logLevel: 'off', ...options })));
  assert.deepEqual(ours, official);
  return ours;
}

async function play(scripts: readonly Script[], program: Program<unknown>, clientAt: (baseURL: string) => Official): Promise<Played> {
  const server = await startScriptedServer(...scripts);
  try {
    const outcome = await settled(() => program(clientAt(`${server.url}/v1`), server));
    return { outcome, asked: server.received.map(({ method, url, headers, body }) => ({ method, url, key: headers.authorization, body: jsonOrText(body) })) };
  } finally {
    await server.close();
  }
}

/** What a promise came to, in a form that can be compared. */
export async function settled(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return { result: plain(await run()) };
  } catch (thrown) {
    return { thrown: described(thrown) };
  }
}

/** An error by its classes and fields. The words of an API's refusal are part of it, those of the client itself are not. */
export function described(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return { value: plain(thrown) };
  const classes: string[] = [];
  for (let made: unknown = thrown.constructor; typeof made === 'function' && made !== Error; made = Object.getPrototypeOf(made)) classes.push(made.name);
  const { status, code, param, type, error, requestID }: Record<string, unknown> = { ...thrown };
  return { classes, status, code, param, type, error, requestID, message: status === undefined ? undefined : thrown.message };
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
