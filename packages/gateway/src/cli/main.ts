import { enableCompileCache, flushCompileCache } from 'node:module';
import { nodeTooOld } from './node-version.ts';
import { createWorld } from './world.ts';

const tooOld = nodeTooOld(process.version);
if (tooOld === undefined) {
  // From the second start on, modules come compiled: a third of the time. Everything else is imported after this.
  enableCompileCache();
  // Written at a clean exit only, unless asked for: a process that is killed would leave every start a first one.
  setTimeout(flushCompileCache, 2000).unref();
  const { runCommandLine } = await import('./run.ts');
  finish(await runCommandLine(process.argv.slice(2), createWorld(process)));
} else {
  process.stderr.write(`error[node_too_old]: ${tooOld}\n  do          install a newer Node from https://nodejs.org\n`);
  finish(1);
}

/** Lets what was written reach its reader; whatever is still open then may not keep the process alive. */
function finish(code: number): void {
  // Output that was lost has set it already, or will while it is written out.
  process.exitCode ??= code;
  setTimeout(() => process.exit(), 500).unref();
}
