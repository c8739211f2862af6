/** What tests of the OpenAI face share: a client of a scripted server, in an environment without keys. */
import { after, afterEach, beforeEach } from 'node:test';
import { openaiWire, type Script, type ScriptedServer, sse, startScriptedServer } from './scripted-server.ts';
import { type ClientOptions, OpenAI } from 'modelwire/openai';

const servers: ScriptedServer[] = [];
after(() => Promise.all(servers.map((server) => server.close())));

export async function serve(...scripts: readonly Script[]): Promise<ScriptedServer> {
  const server = await startScriptedServer(...scripts);
  servers.push(server);
  return server;
}

export function clientOf(server: ScriptedServer, options: ClientOptions = {}): OpenAI {
  return new OpenAI({ apiKey: 'sk-test-key', baseURL: `${server.url}/v1`, ...options });
}

export const body = { model: 'gpt-5', messages: [{ role: 'user' as const, content: 'Hi' }] };
export const streaming = { ...body, stream: true as const };
export const { chunk, completion, error } = openaiWire;
export const hello = sse(chunk({ role: 'assistant', content: '' }), chunk({ content: 'Hel' }), chunk({ content: 'lo' }), chunk({}, 'stop'));

const kept = { ...process.env };
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (/_(?:API_KEY|KEY|TOKEN|BASE_URL)$|^OPENAI_/.test(name)) delete process.env[name];
});
afterEach(() => {
  process.env = { ...kept };
});
