import type { EffectiveConfig, ServerSettings } from '../config/config.ts';
import type { Gateway } from '../server/gateway.ts';
import { CliError } from './failure.ts';

/** How many ports after the default one are tried before any free one will do. */
const tries = 20;

/** Starts on the configured port. A port that nobody chose gives way to the next free one; a chosen one does not. */
export async function listenOn(config: EffectiveConfig, start: (server: ServerSettings) => Promise<Gateway>): Promise<Gateway> {
  const { server } = config;
  const chosen = config.sources.get('server.port');
  for (let attempt = 0; ; attempt++) {
    const port = attempt > tries ? 0 : server.port + attempt;
    try {
      return await start({ ...server, port });
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE' || attempt > tries) throw listenError(error, server);
      if (chosen !== undefined) throw portTaken(server, chosen, error);
    }
  }
}

function portTaken({ host, port }: ServerSettings, source: string, cause: unknown): CliError {
  return new CliError('port_taken', `port ${port} of ${host} is taken (chosen by ${source})`, {
    todo: [`modelwire serve --port ${port + 1}`, 'modelwire serve --port 0, for any free port', 'modelwire doctor says whether a gateway is there already'],
    cause,
  });
}

function listenError(error: unknown, { host, port }: ServerSettings): unknown {
  const code = codeOf(error);
  if (code === 'EACCES') return new CliError('failed', `this user may not listen on port ${port}`, { todo: ['modelwire serve --port 4000'], cause: error });
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new CliError('failed', `${host} is no address of this machine`, { todo: ['modelwire serve --host 127.0.0.1'], cause: error });
  }
  return error;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
