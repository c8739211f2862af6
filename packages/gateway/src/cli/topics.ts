import { errorHelp } from './error-help.ts';
import { CliError } from './failure.ts';
import { colour, table } from './terminal.ts';

const env = `Variables that modelwire reads. The real environment wins over ./.env.local,
and that over ./.env.

${table([
  ['  MODELWIRE_CONFIG', 'configuration file; default ./modelwire.yaml'],
  ['  MODELWIRE_HOST', 'address to listen on; default 127.0.0.1'],
  ['  MODELWIRE_PORT', 'port to listen on; default 4000, 0 for any free one'],
  ['  MODELWIRE_DATA', 'folder for the store, when the configuration names none'],
  ['  MODELWIRE_HTTP', 'HTTP engine: lean (default), or node'],
  ['  MODELWIRE_LOG', 'one line per call on stdout: auto, json, text, off'],
  ['  MODELWIRE_URL', 'a running gateway that "ask" should use'],
  ['  MODELWIRE_KEY', 'the key for it'],
  ['  MODELWIRE_CACHE_DIR', 'folder for model files'],
  ['  MODELWIRE_LOCAL_*', 'embedded model: _MODEL_FILE, _MODEL_URL,'],
  ['', '_MODEL_SHA256, _THREADS, _CONTEXT, _SLOTS'],
  ['  MODELWIRE_DEBUG', 'when set, errors come with their stack'],
  ['  HTTPS_PROXY, NO_PROXY', 'the way out; NODE_EXTRA_CA_CERTS adds authorities'],
  ['  NO_COLOR, FORCE_COLOR', 'colours off, or on without a terminal'],
])}

A provider is on when its key is set: OPENAI_API_KEY, ANTHROPIC_API_KEY,
DEEPSEEK_API_KEY and so on; "modelwire doctor" lists those that are, with where
each was found. OPENAI_BASE_URL and the like are for clients: the gateway never
reads them.`;

const config = `One YAML (or JSON) file, checked by "modelwire check" and read again when it
changes. Its JSON Schema, for editors, is schema/modelwire.schema.json in the
package.

  server: { host: 127.0.0.1, port: 4000 }
  providers:
    deepseek: {}                      # known: its key is DEEPSEEK_API_KEY
    lab:                              # any other: what it speaks, and where
      speaks: [openai-chat]
      baseURL: "http://127.0.0.1:8000/v1"
      key: "\${LAB_KEY}"               # or none
  routes:
    fast: { targets: [deepseek/deepseek-chat] }
    "claude-*": { targets: [lab/qwen3] }
  keys:                               # none on loopback: anyone there may call
    - { name: ci, hash: "sha256:…", models: [fast] }
  retry: { attempts: 3 }
  deadline: { firstToken: 60s, total: 10m }
  fidelity: carry                     # strict | carry | lenient
  store: memory                       # or { file: calls.sqlite }
  local: { enabled: true }            # the embedded model
  log: auto                           # auto | json | text | off

\${NAME} and \${NAME:-default} take a value from the environment.
"modelwire key new NAME" makes a key.
A file with a problem never replaces one that works.`;

const exitCodeTopic = table([
  ['  0', 'ok'],
  ['  1', 'failed'],
  ['  2', 'usage, or a configuration that cannot be used'],
  ['  3', 'the provider failed'],
  ['  4', 'a key is missing or was refused'],
  ['  5', 'a budget or limit'],
  ['  6', 'out of time'],
  ['  130', 'interrupted'],
]);

export const topics: Readonly<Record<string, string>> = { env, config, 'exit-codes': exitCodeTopic };

/** The text of `modelwire help TOPIC`; undefined when there is no such topic. */
export function topicText(topic: string, painted: boolean): string | undefined {
  const [name = '', code] = topic.split('#', 2);
  if (name !== 'errors') return code === undefined ? topics[name] : undefined;
  const paint = colour(painted);
  const entries: Readonly<Record<string, string>> = errorHelp;
  if (code === undefined)
    return Object.entries(entries)
      .map(([each, text]) => `${paint.bold(each)}\n  ${text}`)
      .join('\n');
  const text = Object.hasOwn(entries, code) ? entries[code] : undefined;
  if (text === undefined) throw new CliError('usage', `there is no error code "${code}"`, { todo: ['modelwire help errors'] });
  return `${paint.bold(code)}\n  ${text}`;
}
