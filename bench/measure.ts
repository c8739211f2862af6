import type { LoadProcess, Server } from './children.ts';
import { cpuMs } from './machine.ts';
import type { Scenario, Series, TargetName } from './scenarios.ts';

/** One series in one round. */
export type Round = {
  /** Units of work a second. */
  readonly rate: number;
  /** CPU microseconds of the target per unit; undefined where it cannot be known. */
  readonly cpuUs: number | undefined;
  /** Share of the time that the target was on a core. Well below 1 in a closed loop it did not have its core to itself. */
  readonly busy: number | undefined;
  /** Share of the time that the mock and the load generator together were on a core. Near 1 the row is limited by them. */
  readonly loadBusy: number | undefined;
  readonly p50: number;
  readonly p99: number;
  readonly head50: number;
  readonly errors: number;
  readonly firstError: string;
};

export type Measured = { readonly scenario: Scenario; readonly rounds: ReadonlyMap<string, readonly Round[]> };

export type Bench = { readonly servers: Readonly<Record<TargetName, Server>>; readonly load: LoadProcess };

/** Keeps each path busy until the JIT compiler has seen it. */
export async function warmUp(bench: Bench, all: readonly Series[], ms: number): Promise<void> {
  for (const { target, request } of all)
    await bench.load.run({ port: bench.servers[target].port, request, load: { kind: 'closed', connections: 32 }, ms, minEvents: 0 });
}

/** All series of a scenario in turn, round after round, so that whatever else the machine does meets all of them. */
export async function measure(
  bench: Bench,
  scenario: Scenario,
  options: { readonly rounds: number; readonly scale: number; readonly quick: boolean },
): Promise<Measured> {
  const rounds = new Map<string, Round[]>(scenario.series.map((series) => [series.name, []]));
  for (const series of scenario.series) await runSeries(bench, scenario, series, scenario.warmMs * Math.max(options.scale, 0.15));
  const most = scenario.mostRounds === undefined ? options.rounds : options.quick ? 1 : scenario.mostRounds;
  for (let round = 0; round < Math.min(options.rounds, most); round++) {
    // Every other round goes backwards, so that a machine growing slower favours nobody.
    const order = round % 2 === 0 ? scenario.series : scenario.series.toReversed();
    for (const series of order) rounds.get(series.name)?.push(await runSeries(bench, scenario, series, scenario.ms * options.scale));
  }
  return { scenario, rounds };
}

async function runSeries(bench: Bench, scenario: Scenario, series: Series, ms: number): Promise<Round> {
  const target = bench.servers[series.target];
  const helpers = [bench.servers.direct.pid, bench.load.pid];
  const before = { target: cpuMs(target.pid), helpers: sum(helpers.map(cpuMs)) };
  const result = await bench.load.run({ port: target.port, request: series.request, load: scenario.load, ms, minEvents: series.minEvents });
  const units = result.done * scenario.unitsEach;
  const used = difference(cpuMs(target.pid), before.target);
  const helped = difference(sum(helpers.map(cpuMs)), before.helpers);
  return {
    rate: (units * 1000) / result.elapsedMs,
    cpuUs: used === undefined || units === 0 ? undefined : (used * 1000) / units,
    busy: used === undefined ? undefined : used / result.elapsedMs,
    loadBusy: helped === undefined ? undefined : helped / result.elapsedMs,
    p50: result.p50,
    p99: result.p99,
    head50: result.head50,
    errors: result.errors,
    firstError: result.firstError,
  };
}

function sum(values: readonly (number | undefined)[]): number | undefined {
  let total = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    total += value;
  }
  return total;
}

function difference(after: number | undefined, before: number | undefined): number | undefined {
  return after === undefined || before === undefined ? undefined : after - before;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
