import type { ColdStart } from './cold-start.ts';
import { type PairCost, pairBar } from './pairs.ts';
import { type Measured, median, type Round } from './measure.ts';
import type { Row } from './scenarios.ts';

export type Memory = { readonly floor: { readonly now: number; readonly peak: number }; readonly gateway: { readonly now: number; readonly peak: number } };

export type Results = {
  readonly machine: string;
  readonly gateway: string;
  readonly quick: boolean;
  readonly measured: readonly Measured[];
  readonly pairCosts: readonly PairCost[];
  readonly coldStart: ColdStart | undefined;
  readonly memory: Memory | undefined;
};

export type Verdict = { readonly title: string; readonly value: number; readonly bar: number; readonly met: boolean };

const readyBarMs = 400;
/** Above this the mock and the load generator are what limits a row. */
const saturated = 0.93;
/** Below this, in a closed loop, a target did not have its core to itself, and its rate says more of its neighbours than of itself. */
const undisturbed = 0.85;

type Line = { readonly row: Row; readonly measured: Measured; readonly floor: readonly Round[]; readonly gateway: readonly Round[] };

function linesOf(results: Results, groups: readonly string[]): Line[] {
  return results.measured
    .filter((measured) => groups.includes(measured.scenario.group))
    .flatMap((measured) =>
      measured.scenario.rows.map((row) => ({ row, measured, floor: measured.rounds.get(row.floor) ?? [], gateway: measured.rounds.get(row.gateway) ?? [] })),
    );
}

/** The median of the rounds' own ratios: the two sides of one round met the same weather. */
function ratioOf(line: Line, value: (round: Round) => number | undefined): number {
  return median(line.gateway.map((round, index) => (value(round) ?? Number.NaN) / (pick(line.floor[index], value) ?? Number.NaN)));
}

/** How often the floor's CPU time per unit goes into the gateway's. */
function cpuRatioOf(line: Line): number {
  return 1 / ratioOf(line, (round) => round.cpuUs);
}

function busyOf(rounds: readonly Round[]): number {
  return median(rounds.map((round) => round.busy ?? Number.NaN));
}

function isDisturbed(line: Line): boolean {
  return Math.min(busyOf(line.floor), busyOf(line.gateway)) < undisturbed;
}

/** What a bar is set against: the ratio of the rates, or where the core was shared with others the ratio of the CPU time per unit. */
function judged(line: Line): number {
  return isDisturbed(line) ? cpuRatioOf(line) : ratioOf(line, (round) => round.rate);
}

function pick(round: Round | undefined, value: (round: Round) => number | undefined): number | undefined {
  return round === undefined ? undefined : value(round);
}

const throughputGroups = ['relay', 'stream', 'translated', 'translated-stream', 'bodies'];

export function verdictsOf(results: Results): Verdict[] {
  const verdicts: Verdict[] = linesOf(results, throughputGroups).flatMap((line) => {
    const { title, bar } = line.row;
    if (bar === undefined) return [];
    const value = judged(line);
    return [{ title, value, bar, met: value >= bar }];
  });
  for (const { front, back, callRatio, eventRatio } of results.pairCosts) {
    const value = Math.max(callRatio, eventRatio);
    verdicts.push({ title: `${front} → ${back}, times the common pair`, value, bar: pairBar, met: value <= pairBar });
  }
  const start = results.coldStart;
  if (start !== undefined) verdicts.push({ title: 'ready to serve, ms', value: start.gatewayMs, bar: readyBarMs, met: start.gatewayMs <= readyBarMs });
  return verdicts;
}

/** Rounds in which a request failed: their figures mean nothing. */
export function errorsOf(results: Results): string[] {
  return results.measured.flatMap((measured) =>
    [...measured.rounds].flatMap(([name, rounds]) => {
      const errors = rounds.reduce((total, round) => total + round.errors, 0);
      const first = rounds.find((round) => round.firstError !== '')?.firstError ?? '';
      return errors === 0 ? [] : [`${measured.scenario.group}/${name}: ${errors} errors, the first: ${first}`];
    }),
  );
}

export function markdown(results: Results): string {
  const parts = [
    '# modelwire bench',
    results.machine,
    `Gateway: ${results.gateway}. Medians; a ratio is the median of the ratios within each round.${results.quick ? ' **Quick run: short rounds, for a smoke test only.**' : ''}`,
    throughputTable(results),
    latencyTable(results),
    pacedTable(results),
    pairTable(results),
    processTable(results),
    ...errorsOf(results).map((error) => `**${error}**`),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

function throughputTable(results: Results): string {
  const rows = linesOf(results, throughputGroups).map((line) => {
    const { row, measured } = line;
    const ratio = ratioOf(line, (round) => round.rate);
    const busy = median([...line.floor, ...line.gateway].map((round) => round.loadBusy ?? Number.NaN));
    return [
      row.title,
      measured.scenario.unitsEach === 1 ? 'req/s' : 'events/s',
      count(median(line.floor.map((round) => round.rate))),
      count(median(line.gateway.map((round) => round.rate))),
      `**${ratio.toFixed(2)}**`,
      row.bar === undefined ? '' : `≥ ${row.bar} ${judged(line) >= row.bar ? 'pass' : 'short'}${isDisturbed(line) ? ' ‡' : ''}`,
      small(cpuOf(line.floor)),
      small(cpuOf(line.gateway)),
      cpuRatioOf(line).toFixed(2),
      `${percent(busyOf(line.floor))} / ${percent(busyOf(line.gateway))} %`,
      `${percent(busy)} %${busy > saturated ? ' †' : ''}`,
    ];
  });
  const head = ['throughput', 'unit', 'floor', 'gateway', 'ratio', 'bar', 'floor CPU µs', 'gateway CPU µs', 'CPU ratio', 'busy', 'load busy'];
  const text = table(head, rows);
  const limited = text.includes('†') ? '\n\n† limited by the mock and the load generator: read the CPU columns.' : '';
  const disturbed = text.includes('‡') ? '\n\n‡ the measured core was shared with other work: judged by the CPU ratio.' : '';
  return text + limited + disturbed;
}

function percent(share: number): string {
  return (share * 100).toFixed(0);
}

function cpuOf(rounds: readonly Round[]): number {
  return median(rounds.map((round) => round.cpuUs ?? Number.NaN));
}

function latencyTable(results: Results): string {
  const rows = linesOf(results, ['latency']).map((line) => {
    const direct = line.measured.rounds.get('direct') ?? [];
    const added = (rounds: readonly Round[], value: (round: Round) => number): string =>
      median(rounds.map((round, index) => value(round) - (pick(direct[index], value) ?? Number.NaN))).toFixed(2);
    const p50 = (round: Round): number => round.p50;
    const p99 = (round: Round): number => round.p99;
    return [
      line.row.title,
      added(line.floor, p50),
      added(line.gateway, p50),
      added(line.floor, p99),
      added(line.gateway, p99),
      small(cpuOf(line.floor)),
      small(cpuOf(line.gateway)),
    ];
  });
  return table(['added latency', 'floor p50 ms', 'gateway p50 ms', 'floor p99 ms', 'gateway p99 ms', 'floor CPU µs', 'gateway CPU µs'], rows);
}

function pacedTable(results: Results): string {
  const rows = linesOf(results, ['paced']).map((line) => {
    const head = (rounds: readonly Round[]): string => median(rounds.map((round) => round.head50)).toFixed(1);
    const total = (rounds: readonly Round[]): string => count(median(rounds.map((round) => round.p50)));
    return [line.row.title, small(cpuOf(line.floor)), small(cpuOf(line.gateway)), head(line.floor), head(line.gateway), total(line.floor), total(line.gateway)];
  });
  return table(
    ['live pace', 'floor CPU µs/event', 'gateway CPU µs/event', 'floor head p50 ms', 'gateway head p50 ms', 'floor stream p50 ms', 'gateway stream p50 ms'],
    rows,
  );
}

function pairTable({ pairCosts }: Results): string {
  const rows = pairCosts.map(({ front, back, callUs, eventUs, callRatio, eventRatio }) => [
    `${front} → ${back}`,
    small(callUs),
    callRatio.toFixed(2),
    eventUs.toFixed(2),
    eventRatio.toFixed(2),
    `≤ ${pairBar} ${Math.max(callRatio, eventRatio) <= pairBar ? 'pass' : 'short'}`,
  ]);
  return table(['translation alone, caller → provider', 'call µs', 'ratio', 'event µs', 'ratio', 'bar'], rows);
}

function processTable(results: Results): string {
  const { coldStart: start, memory } = results;
  const rows: string[][] = [];
  if (start !== undefined) {
    const verdict = `≤ ${readyBarMs} ${start.gatewayMs <= readyBarMs ? 'pass' : 'short'}`;
    rows.push(['spawn → first 200 on GET /v1/models, ms', count(start.floorMs), count(start.gatewayMs), verdict]);
    rows.push(['the very first start (nothing compiled yet), ms', '', count(start.gatewayFirstMs), '']);
    rows.push(['RSS after start, MB', count(start.floorIdleMb), count(start.gatewayIdleMb), '']);
  }
  if (memory !== undefined) {
    rows.push(['RSS after the loads, MB', count(memory.floor.now), count(memory.gateway.now), '']);
    rows.push(['RSS at its highest, MB', count(memory.floor.peak), count(memory.gateway.peak), '']);
  }
  return table(['process', 'floor', 'gateway', 'bar'], rows);
}

function count(value: number): string {
  return Number.isNaN(value) ? '–' : Math.round(value).toLocaleString('en');
}

function small(value: number): string {
  if (Number.isNaN(value)) return '–';
  return value < 100 ? value.toFixed(1) : count(value);
}

/** For other programs: every round as it was measured. */
export function json(results: Results): string {
  const measured = results.measured.map(({ scenario, rounds }) => ({ group: scenario.group, rows: scenario.rows, rounds: Object.fromEntries(rounds) }));
  return `${JSON.stringify({ ...results, measured, verdicts: verdictsOf(results) }, null, 2)}\n`;
}
