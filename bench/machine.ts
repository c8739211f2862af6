import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, type as systemName } from 'node:os';

/** The cores that the processes are pinned to; undefined where nothing can be pinned. */
export type Pins = { readonly measured: number; readonly upstream: number; readonly load: number };

/** What is measured has a core to itself; the mock and the load share the second one, or have one each where there are three. */
export function choosePins(): Pins | undefined {
  const cores = allowedCores();
  const [measured, upstream, load] = cores;
  if (measured === undefined || upstream === undefined) return undefined;
  if (spawnSync('taskset', ['-c', String(measured), 'true']).status !== 0) return undefined;
  return { measured, upstream, load: load ?? upstream };
}

/** Keeps the bench's own process off the measured core. */
export function pinSelf(core: number): void {
  spawnSync('taskset', ['-a', '-c', '-p', String(core), String(process.pid)]);
}

function allowedCores(): number[] {
  const list = /Cpus_allowed_list:\s*(\S+)/.exec(readProc('self/status') ?? '')?.[1];
  return (list ?? '').split(',').flatMap((range) => {
    const [first, last] = range.split('-').map(Number);
    if (first === undefined || !Number.isInteger(first)) return [];
    return Array.from({ length: (last ?? first) - first + 1 }, (_, index) => first + index);
  });
}

/** Undefined where there is no /proc, or the process is gone. */
function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** Linux counts CPU time in ticks of 10 ms. */
const tickMs = 10;

/** CPU milliseconds that a process has used, user and system, all its threads. Undefined where it cannot be known. */
export function cpuMs(pid: number): number | undefined {
  const stat = readProc(`${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the name in parentheses and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** Resident memory in MB, now and at its highest. */
export function memoryMb(pid: number): { readonly now: number; readonly peak: number } | undefined {
  const status = readProc(`${pid}/status`);
  const now = /VmRSS:\s*(\d+)/.exec(status ?? '')?.[1];
  const peak = /VmHWM:\s*(\d+)/.exec(status ?? '')?.[1];
  return now === undefined || peak === undefined ? undefined : { now: Number(now) / 1024, peak: Number(peak) / 1024 };
}

export function describeMachine(pins: Pins | undefined): string {
  const pinned =
    pins === undefined
      ? 'processes are not pinned (no taskset, or a single core): read the ratios with care'
      : `floor and gateway pinned to core ${pins.measured}, mock upstream to ${pins.upstream}, load generator to ${pins.load}`;
  return `Node ${process.versions.node}, ${systemName()} ${release()}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown CPU'}; ${pinned}.`;
}
