import type { HeaderMap } from '../core/dialect.ts';
import type { Transport, WireRequest } from '../core/transport.ts';
import { type Environment, variable } from './environment.ts';

export type LogLevel = 'off' | 'error' | 'warn' | 'info' | 'debug';

type Write = (message: string, ...rest: unknown[]) => void;

/** Where lines go. `console` is one. */
export type Logger = { error: Write; warn: Write; info: Write; debug: Write };

/** What is written of a level; a level that is not written is absent, so that its lines are not even made. */
export type Log = Readonly<Partial<Logger>>;

export type LogOptions = {
  /**
   * The least that is written: `info` has a line for each attempt, `debug` also what is sent and what comes, keys left out. Default: the
   * variable `ANTHROPIC_LOG` or `OPENAI_LOG`, else `warn`.
   */
  logLevel?: LogLevel | undefined;
  /** Default: `console`. */
  logger?: Logger | undefined;
};

const levels = ['off', 'error', 'warn', 'info', 'debug'] as const;

/** `name` is the variable that says the level where the options do not. */
export function createLog({ logLevel, logger = console }: LogOptions, name: string, env: Environment): Log {
  const said = logLevel ?? variable(env, name)?.toLowerCase();
  const known = levels.find((level) => level === said);
  if (said !== undefined && known === undefined)
    logger.warn(`${logLevel === undefined ? name : 'logLevel'} is "${said}", which is none of ${levels.join(', ')}`);
  const written = levels.slice(1, levels.indexOf(known ?? 'warn') + 1);
  const log: Partial<Logger> = {};
  for (const level of written) if (level !== 'off') log[level] = (...line) => logger[level](...line);
  return log;
}

/** Writes each attempt of a call as it passes. */
export function logged(transport: Transport, log: Log, { id, now }: { readonly id: string; readonly now: () => number }): Transport {
  if (log.info === undefined) return transport;
  return async (request) => {
    const began = now();
    const what = `[${id}] ${request.method} ${withoutSecrets(request.url)}`;
    log.debug?.(`${what} begins`, { headers: shown(request.headers), body: bodyText(request) });
    try {
      const answer = await transport(request);
      const outcome = answer.status < 400 ? 'succeeded' : 'failed';
      log.info?.(`${what} ${outcome} with status ${answer.status} in ${now() - began} ms`);
      log.debug?.(`${what} answers`, { headers: shown(answer.headers) });
      return answer;
    } catch (thrown) {
      log.info?.(`${what} failed in ${now() - began} ms: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      throw thrown;
    }
  };
}

/** Names of headers and of query parameters that carry a key. */
const secret = /auth|cookie|key|secret|sig|token/i;

function shown(headers: HeaderMap): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, secret.test(name) ? '***' : value]));
}

function withoutSecrets(url: string): string {
  const parsed = new URL(url);
  if (parsed.search === '') return url;
  for (const name of new Set(parsed.searchParams.keys())) if (secret.test(name)) parsed.searchParams.set(name, '***');
  return parsed.href;
}

function bodyText({ body }: WireRequest): string {
  const decoder = new TextDecoder();
  return body.map((part) => (typeof part === 'string' ? part : decoder.decode(part))).join('');
}
