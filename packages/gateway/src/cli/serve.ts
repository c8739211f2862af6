import type { LocalEngine } from '@modelwire/local';
import type { EffectiveConfig } from '../config/config.ts';
import { layerEnv } from '../config/dotenv.ts';
import { loadConfig, readIfThere } from '../config/load.ts';
import type { ConfigWatch } from '../config/watch.ts';
import type { Gateway, GatewayOptions } from '../server/gateway.ts';
import { bootText } from './boot-text.ts';
import { type Command, type Invocation, sharedFlags, textFlag, type World } from './command.ts';
import { createEngine, onlyEmbedded } from './engine.ts';
import { exitCodes } from './exit-code.ts';
import { failureText, toCliError } from './failure.ts';
import { createCallLog } from './log-lines.ts';
import { listenOn } from './port.ts';
import { version } from './version.ts';

/** `modelwire serve`, also what `modelwire` alone does. */
export const command: Command = {
  name: 'serve',
  about: 'the gateway, both formats on one port',
  usage: 'serve [--config FILE] [--port N] [--host H]',
  examples: [
    ['modelwire', 'on http://127.0.0.1:4000'],
    ['modelwire serve --port 0', 'on any free port'],
    ['modelwire serve --config modelwire.yaml', 'a configuration, followed live'],
  ],
  flags: {
    config: { ...sharedFlags.config, short: 'c' },
    port: { type: 'string', short: 'p', value: 'N', about: 'port (default 4000 or the next free; 0: any free one)' },
    host: { type: 'string', value: 'H', about: 'address to listen on (default 127.0.0.1)' },
    verbose: { type: 'boolean', about: "print what the embedded model's process says" },
  },
  args: [0, 0],
  next: 'modelwire ask "hi"',
  run: serve,
};

async function serve(invocation: Invocation): Promise<number> {
  const { flags, world, paint } = invocation;
  const load = {
    file: textFlag(flags, 'config'),
    flags: { host: textFlag(flags, 'host'), port: textFlag(flags, 'port') },
    env: { ...world.env },
    cwd: world.cwd,
  };
  // The server's code is read while the configuration is.
  const layered = await layerEnv(world.env, world.cwd, readIfThere);
  const [config, { startGateway }] = await Promise.all([loadConfig({ ...load, layered }), import('../server/gateway.ts')]);
  const engine = await createEngine({
    config,
    env: layered.env,
    realEnv: world.env,
    log: flags['verbose'] === true ? (line) => world.stderr.write(`model: ${line}\n`) : undefined,
  });
  const log = createCallLog(config.log, world.stdout, paint.stdout);
  const gateway = await listenOn(config, (server) => startGateway(gatewayOptions({ ...config, server }, { engine, env: layered.env, log: log?.call, world })));
  // Nobody waits for the model yet, but the first call surely will.
  if (engine !== undefined && onlyEmbedded(config)) void startQuietly(engine);
  const signals = listenForSignals(world);
  world.stdout.write(
    bootText({
      config,
      url: gateway.url,
      port: gateway.port,
      version,
      readyMs: world.uptime(),
      local: engine?.status(),
      program: programName(world),
      painted: paint.stdout,
    }),
  );
  if (engine !== undefined) (await import('./progress.ts')).showProgress(engine, world.stderr);
  const watch = await watchFile(load, config, gateway, invocation);
  const reloads = world.onSignal('SIGHUP', () => void watch.reload());
  const code = await untilStopped(gateway, signals, world);
  reloads();
  watch.close();
  log?.flush();
  return code;
}

type Parts = { readonly engine: LocalEngine | undefined; readonly env: GatewayOptions['env']; readonly log: GatewayOptions['log']; readonly world: World };

function gatewayOptions(config: EffectiveConfig, { engine, env, log, world }: Parts): GatewayOptions {
  return {
    config,
    version,
    problem: (message) => world.stderr.write(`problem: ${message}\n`),
    ...(env === undefined ? {} : { env }),
    ...(engine === undefined ? {} : { local: engine }),
    ...(log === undefined ? {} : { log }),
  };
}

/** A failure is told by `showProgress`, and by every answer that needs the model. */
async function startQuietly(engine: LocalEngine): Promise<void> {
  await Promise.allSettled([engine.start()]);
}

function programName(world: World): string {
  return world.env['npm_package_name'] === 'modelwire-repo' ? 'npm run -s modelwire --' : 'modelwire';
}

type Load = Parameters<typeof loadConfig>[0];

/** Puts every good change of the file in force; a bad one is told and changes nothing. */
async function watchFile(load: Load, started: EffectiveConfig, gateway: Gateway, { world, paint }: Invocation): Promise<ConfigWatch> {
  const { watchConfig } = await import('../config/watch.ts');
  return watchConfig({
    ...load,
    started,
    onChange(config, restart) {
      gateway.apply(config);
      const count = config.directory.routes.length;
      world.stderr.write(`configuration reloaded: ${config.file ?? 'no file'}, ${count} route${count === 1 ? '' : 's'}\n`);
      for (const warning of config.warnings) world.stderr.write(`warning: ${warning}\n`);
      if (restart.length > 0) world.stderr.write(`needs a restart to take effect: ${restart.join(', ')}\n`);
    },
    onProblem(error) {
      world.stderr.write(failureText(toCliError(error), paint.stderr));
      world.stderr.write('the configuration from before stays in force\n');
    },
  });
}

/** Resolves with the exit code once a signal has stopped the gateway. A second signal does not wait for open answers. */
async function untilStopped(gateway: Gateway, signals: StopSignals, world: World): Promise<number> {
  const code = await signals.next();
  world.stderr.write('stopping: answers under way have 10 s to end, once more stops at once\n');
  const hurried = await Promise.race([gateway.close({ graceMs: 10_000 }), signals.next()]);
  signals.close();
  return hurried ?? code;
}

/** The signals that stop the gateway, one at a time, as exit codes. */
type StopSignals = { next(): Promise<number>; close(): void };

function listenForSignals(world: World): StopSignals {
  let waiting: ((code: number) => void) | undefined;
  const arrived: number[] = [];
  const stop = (code: number): void => {
    if (waiting === undefined) arrived.push(code);
    else waiting(code);
    waiting = undefined;
  };
  const off = [world.onSignal('SIGINT', () => stop(exitCodes.interrupted)), world.onSignal('SIGTERM', () => stop(exitCodes.ok))];
  // A terminal that closes sends SIGHUP, which reads the configuration; that it is gone shows when we write to it.
  for (const output of [world.stdout, world.stderr]) output.onGone((code) => (code === 'EIO' ? stop(exitCodes.interrupted) : undefined));
  return {
    next: () =>
      new Promise((resolve) => {
        const code = arrived.shift();
        if (code === undefined) waiting = resolve;
        else resolve(code);
      }),
    close() {
      for (const remove of off) remove();
    },
  };
}
