/**
 * The official libraries, unchanged, against the gateway: every case on every back. Prints a line for each library and back, and
 * last `N passed, N failed`. `--only python-openai` runs one library, `--case tool_round` one case, `--verbose` names every case.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import type { DialectName } from 'modelwire/internal/core/ir';
import { mockModels } from 'modelwire/internal/providers/mock-name';
import { startGateway } from '../../packages/gateway/src/server/gateway.ts';
import { startMockServer } from '../support/mock-server.ts';
import { testConfig, testProvider } from '../support/test-config.ts';
import { type Exchange, judge, type Outcome, type Tally } from './judge.ts';
import { ensureVenv } from './venv.ts';

const here = new URL('.', import.meta.url).pathname;
const key = 'sk-modelwire-clients-0123456789';
const longestRun = 170_000;

const { values: options } = parseArgs({ options: { only: { type: 'string' }, case: { type: 'string' }, verbose: { type: 'boolean' } } });

type Client = {
  readonly name: string;
  readonly script: string;
  readonly backs: readonly string[];
  readonly cases: readonly string[];
  /** `true`: the script has more cases, of what these backs cannot do. */
  readonly partial?: true;
};

const openaiCases = (
  'chat_whole chat_stream chat_stream_no_usage chat_async unicode_text system_text tool_round tool_stream tools_parallel tools_parallel_stream tool_choice strict_tool ' +
  'image document reasoning_whole reasoning_stream structured refusal length_stop stop_string cache_usage several_choices models error_key error_model error_param ' +
  'error_rate_limit error_server retry_mends torn_stream no_terminator bad_upstream abort timeout'
).split(' ');
const anthropicCases = (
  'chat_whole chat_stream chat_async unicode_text system_text cache_marks tool_round tool_stream tools_parallel tools_parallel_stream tool_choice tool_error tool_runner ' +
  'image document reasoning_whole reasoning_stream structured refusal length_stop stop_string cache_usage count_tokens models error_key error_model error_param ' +
  'error_rate_limit error_server error_overloaded retry_mends torn_stream no_terminator bad_upstream abort timeout'
).split(' ');

const googleCases = (
  'chat_whole chat_stream chat_history unicode_text system_text tool_round tool_stream tools_parallel tool_choice automatic_calls image document reasoning_whole reasoning_stream ' +
  'structured refusal length_stop stop_string cache_usage count_tokens models array_stream query_key error_key error_model error_param error_rate_limit torn_stream abort'
).split(' ');

const cohereCases = (
  'chat_whole chat_stream chat_turns unicode_text done_text system_text tool_round tool_stream tools_parallel tool_choice image documents reasoning_whole reasoning_stream ' +
  'structured structured_older refusal length_stop stop_string cache_usage models safety error_key error_model error_param error_rate_limit error_server retry_mends torn_stream abort timeout'
).split(' ');

const ollamaCases = (
  'chat_whole chat_stream stream_unasked unicode_text system_text tool_round tool_stream tools_parallel image reasoning_whole reasoning_stream structured json_mode refusal ' +
  'length_stop stop_string cache_usage generate_whole generate_stream generate_refused models error_key error_model error_param error_rate_limit error_server torn_stream ' +
  'bad_upstream abort'
).split(' ');

const pythonOllamaCases =
  'chat_whole chat_stream unicode_text system_text tool_round tool_stream image reasoning structured generate models error_key error_model error_param torn_stream abort'.split(
    ' ',
  );

/** Ollama's format has no choice of tools, no documents, no signatures, no details of usage, and one word for every good end. */
function forOllama(cases: readonly string[], ...without: readonly string[]): Pick<Client, 'backs' | 'cases' | 'partial'> {
  const beyond = ['system_text', 'tool_choice', 'document', 'reasoning_whole', 'reasoning_stream', 'refusal', 'cache_usage', ...without];
  return { backs: ['mo'], cases: cases.filter((name) => !beyond.includes(name)), partial: true };
}

const responsesCases = (
  'answer_whole answer_stream stream_helper unicode_text instructions conversation tool_round tool_stream tools_parallel tool_choice custom_tool image document reasoning_whole ' +
  'reasoning_stream structured refusal length_stop cache_usage kept error_key error_model error_param error_rate_limit error_server retry_mends torn_stream bad_upstream abort timeout'
).split(' ');

const clients: readonly Client[] = [
  { name: 'python-openai', script: 'python/openai_client.py', backs: ['mc', 'ma', 'mb', 'mr'], cases: openaiCases },
  { name: 'python-anthropic', script: 'python/anthropic_client.py', backs: ['ma', 'mc', 'mb', 'mr'], cases: anthropicCases },
  { name: 'node-openai', script: 'node/openai-client.ts', backs: ['mc', 'ma', 'mb', 'mg', 'mh', 'mr', 'mk'], cases: openaiCases },
  { name: 'node-anthropic', script: 'node/anthropic-client.ts', backs: ['ma', 'mc', 'mb', 'mg', 'mh', 'mr', 'mk'], cases: anthropicCases },
  { name: 'node-responses', script: 'node/responses-client.ts', backs: ['mr', 'mc', 'ma', 'mg', 'mh'], cases: responsesCases },
  { name: 'python-responses', script: 'python/responses_client.py', backs: ['mr', 'mc', 'ma', 'mg', 'mh'], cases: responsesCases },
  { name: 'node-google', script: 'node/google-client.ts', backs: ['mg', 'mc', 'ma', 'mh', 'mr'], cases: googleCases },
  { name: 'node-cohere', script: 'node/cohere-client.ts', backs: ['mh', 'mc', 'ma', 'mg', 'mr'], cases: cohereCases },
  {
    name: 'node-openai-on-ollama',
    script: 'node/openai-client.ts',
    ...forOllama(openaiCases, 'tool_stream', 'tools_parallel', 'strict_tool', 'image', 'several_choices'),
  },
  {
    name: 'node-anthropic-on-ollama',
    script: 'node/anthropic-client.ts',
    ...forOllama(anthropicCases, 'tool_stream', 'image', 'cache_marks', 'tools_parallel', 'tool_error', 'stop_string', 'count_tokens', 'bad_upstream'),
  },
  { name: 'node-google-on-ollama', script: 'node/google-client.ts', ...forOllama(googleCases, 'tool_stream') },
  { name: 'python-ollama', script: 'python/ollama_client.py', backs: ['mo', 'mc', 'ma', 'mg'], cases: pythonOllamaCases },
  { name: 'node-ollama', script: 'node/ollama-client.ts', backs: ['mo', 'mc', 'ma', 'mg', 'mr'], cases: ollamaCases },
];

type Line = {
  readonly case: string;
  readonly back: string;
  readonly error: string | null;
  readonly outcome: Outcome;
  readonly exchanges: readonly Exchange[];
  readonly ms: number;
};
type Result = { readonly client: string; readonly back: string; readonly name: string; readonly problems: readonly string[]; readonly ms: number };

/** Runs one library's script; every case it should have run has a result, and one that it did not is a failure. */
async function runClient(client: Client, python: string, urls: { readonly gateway: string; readonly mock: string }): Promise<Result[]> {
  const script = join(here, client.script);
  const command = script.endsWith('.py') ? [python, script] : [process.execPath, '--conditions=modelwire-source', script];
  const child = spawn(command[0] ?? '', command.slice(1), {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      // The machine's own keys and proxies are not for this test.
      ...blank(
        'OPENAI_API_KEY',
        'OPENAI_BASE_URL',
        'OPENAI_ORG_ID',
        'OPENAI_PROJECT_ID',
        'ANTHROPIC_API_KEY',
        'GEMINI_API_KEY',
        'GOOGLE_API_KEY',
        'CO_API_KEY',
        'COHERE_API_KEY',
        'OLLAMA_HOST',
        'OLLAMA_API_KEY',
        'ANTHROPIC_AUTH_TOKEN',
        'ANTHROPIC_BASE_URL',
        'HTTP_PROXY',
        'HTTPS_PROXY',
        'http_proxy',
        'https_proxy',
      ),
      PYTHONDONTWRITEBYTECODE: '1',
      CLIENTS_BASE: urls.gateway,
      CLIENTS_MOCK: urls.mock,
      CLIENTS_KEY: key,
      CLIENTS_BACKS: client.backs.join(','),
      CLIENTS_NAME: client.name,
      CLIENTS_CASES: client.partial === true ? wanted(client).join(',') || 'none' : (options.case ?? ''),
    },
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), longestRun);
  const tally: Tally = { answers: 0, events: 0 };
  const results: Result[] = [];
  // Not by readline: it also breaks lines at U+2028, which is in what the cases say.
  const output = await text(child.stdout);
  for (const said of output.split('\n').filter((each) => each !== '')) {
    const line = toLine(said);
    if (line === undefined) console.log(`  ${client.name}: ${said}`);
    else results.push(resultOf(client, line, tally));
  }
  clearTimeout(timer);
  const missing = client.backs.flatMap((back) =>
    wanted(client)
      .filter((name) => !results.some((result) => result.back === back && result.name === name))
      .map((name) => ({ back, name })),
  );
  for (const { back, name } of missing) results.push({ client: client.name, back, name, problems: ['did not run'], ms: 0 });
  report(client, results, tally);
  return results;
}

function blank(...names: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

function wanted(client: Client): readonly string[] {
  return options.case === undefined ? client.cases : client.cases.filter((name) => options.case?.split(',').includes(name));
}

function toLine(said: string): Line | undefined {
  return said.startsWith('{"case"') ? (JSON.parse(said) as Line) : undefined;
}

function resultOf(client: Client, line: Line, tally: Tally): Result {
  const judged = line.exchanges.flatMap((exchange) => attempt(() => judge(exchange, line.outcome, tally)));
  const unknown = client.cases.includes(line.case) ? [] : ['a case that the list does not have'];
  return {
    client: client.name,
    back: line.back,
    name: line.case,
    problems: [...(line.error === null ? [] : [line.error]), ...judged, ...unknown],
    ms: line.ms,
  };
}

/** A body that is not JSON at all is a problem of the answer, not of the judge. */
function attempt(run: () => string[]): string[] {
  try {
    return run();
  } catch (error) {
    return [`an answer that cannot be read: ${String(error)}`];
  }
}

function report(client: Client, results: readonly Result[], tally: Tally): void {
  for (const back of client.backs) {
    const own = results.filter((result) => result.back === back);
    const failed = own.filter((result) => result.problems.length > 0);
    console.log(
      `${client.name} on ${back}: ${own.length - failed.length} passed, ${failed.length} failed (${own.reduce((sum, result) => sum + result.ms, 0)} ms)`,
    );
    for (const { name, problems } of failed) {
      console.log(`  FAILED ${name}`);
      for (const problem of problems.slice(0, 5)) console.log(`    ${problem.slice(0, 600)}`);
    }
    if (options.verbose === true) for (const { name, ms } of own) console.log(`  ${name} ${ms} ms`);
  }
  console.log(`${client.name}: ${tally.answers} answers and ${tally.events} events judged by the official types`);
}

async function main(): Promise<number> {
  const chosen = clients.filter((client) => options.only === undefined || client.name === options.only);
  if (chosen.length === 0) {
    console.error(`--only takes one of ${clients.map((client) => client.name).join(', ')}`);
    return 2;
  }
  const { python } = chosen.some((client) => client.script.endsWith('.py')) ? await ensureVenv() : { python: '' };
  const mock = await startMockServer();
  const provider = (name: string, speaks: readonly DialectName[]) =>
    testProvider(name, mock.url, speaks, {
      models: mockModels,
      quirks: { reasoningField: 'reasoning_content', reasoningHistory: 'tool_calls', systemInMessages: true },
    });
  const gateway = await startGateway({
    config: testConfig(
      [
        provider('mc', ['openai-chat']),
        provider('ma', ['anthropic-messages']),
        provider('mb', ['openai-chat', 'anthropic-messages']),
        provider('mg', ['gemini']),
        provider('mh', ['cohere']),
        provider('mo', ['ollama']),
        provider('mr', ['openai-responses']),
        provider('mk', ['bedrock-converse']),
      ],
      {
        keys: [{ name: 'clients', sha256: createHash('sha256').update(key).digest('hex') }],
        retry: { attempts: 2 },
      },
    ),
    version: 'test',
    env: {},
  });
  const urls = { gateway: gateway.url, mock: mock.url };
  const results: Result[] = [];
  // Two at a time: a library's process mostly waits.
  for (let i = 0; i < chosen.length; i += 2)
    results.push(...(await Promise.all(chosen.slice(i, i + 2).map((client) => runClient(client, python, urls)))).flat());
  await gateway.close({ graceMs: 1000 });
  await mock.close();
  const failed = results.filter((result) => result.problems.length > 0).length;
  console.log(`${results.length - failed} passed, ${failed} failed`);
  return failed === 0 && results.length > 0 ? 0 : 1;
}

process.exit(await main());
