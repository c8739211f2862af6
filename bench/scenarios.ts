import { streamEvents } from './answers.ts';
import type { Load } from './load.ts';
import type { GroupName } from './options.ts';
import type { BodySize, RequestSpec } from './requests.ts';

/** Whom a series of requests is sent to. `direct` is the mock itself. */
export type TargetName = 'direct' | 'floor' | 'gateway';

export type Series = { readonly name: string; readonly target: TargetName; readonly request: RequestSpec; readonly minEvents: number };

/** A line of the report: one series of the gateway against one of the floor, measured in the same rounds. */
export type Row = { readonly title: string; readonly gateway: string; readonly floor: string; readonly bar?: number };

export type Scenario = {
  readonly group: GroupName;
  readonly load: Load;
  readonly ms: number;
  readonly warmMs: number;
  /** Fewer rounds than asked for, where one takes long and shows little noise. */
  readonly mostRounds?: number;
  /** Work of one answer, in the unit of the rate: 1, or the events of a stream. */
  readonly unitsEach: number;
  readonly series: readonly Series[];
  readonly rows: readonly Row[];
};

type Path = 'openai' | 'anthropic';

const dialectOf = { openai: 'openai-chat', anthropic: 'anthropic-messages' } as const;

function spec(caller: Path, model: string, options: { readonly stream?: boolean; readonly size?: BodySize; readonly prefix?: string } = {}): RequestSpec {
  return { dialect: dialectOf[caller], model, stream: options.stream ?? false, size: options.size ?? '1 KB', prefix: options.prefix ?? '' };
}

/** Pings and usage may or may not come, so that 100 is what every stream must have. */
const leastEvents = 100;

function floorSeries(caller: Path, stream: boolean): Series {
  return { name: `floor-${caller}`, target: 'floor', request: spec(caller, 'bench', { stream }), minEvents: stream ? leastEvents : 0 };
}

function gatewaySeries(caller: Path, upstream: Path, stream: boolean): Series {
  return { name: `${caller}-to-${upstream}`, target: 'gateway', request: spec(caller, `to-${upstream}`, { stream }), minEvents: stream ? leastEvents : 0 };
}

/** Before everything else: some ten thousand requests pass before the JIT compiler has settled, and no row should pay for that. */
export const warmUps: readonly Series[] = [
  floorSeries('openai', false),
  gatewaySeries('openai', 'openai', false),
  gatewaySeries('anthropic', 'openai', false),
  gatewaySeries('openai', 'openai', true),
];

const steady = { load: { kind: 'closed', connections: 32 }, ms: 2500, warmMs: 2500 } as const;

function relayScenario(group: 'relay' | 'stream'): Scenario {
  const stream = group === 'stream';
  const bar = stream ? 0.9 : 0.85;
  const what = stream ? 'relay stream' : 'relay, 1 KB';
  return {
    group,
    ...steady,
    unitsEach: stream ? streamEvents : 1,
    series: [
      floorSeries('openai', stream),
      gatewaySeries('openai', 'openai', stream),
      floorSeries('anthropic', stream),
      gatewaySeries('anthropic', 'anthropic', stream),
    ],
    rows: [
      { title: `${what}, openai-chat`, gateway: 'openai-to-openai', floor: 'floor-openai', bar },
      { title: `${what}, anthropic-messages`, gateway: 'anthropic-to-anthropic', floor: 'floor-anthropic', bar },
    ],
  };
}

/** Set against the floor relaying what the same upstream says. */
function translatedScenario(group: 'translated' | 'translated-stream'): Scenario {
  const stream = group === 'translated-stream';
  const what = stream ? 'translated stream' : 'translated, 1 KB';
  return {
    group,
    ...steady,
    unitsEach: stream ? streamEvents : 1,
    series: [
      floorSeries('openai', stream),
      gatewaySeries('anthropic', 'openai', stream),
      floorSeries('anthropic', stream),
      gatewaySeries('openai', 'anthropic', stream),
    ],
    rows: [
      { title: `${what}, anthropic-messages caller → openai-chat upstream`, gateway: 'anthropic-to-openai', floor: 'floor-openai', bar: 0.5 },
      { title: `${what}, openai-chat caller → anthropic-messages upstream`, gateway: 'openai-to-anthropic', floor: 'floor-anthropic', bar: 0.5 },
    ],
  };
}

function bodyScenario(size: BodySize, what: string, connections: number, bar?: number): Scenario {
  const request = (model: string): RequestSpec => spec('openai', model, { size });
  return {
    group: 'bodies',
    load: { kind: 'closed', connections },
    ms: 2500,
    warmMs: 1200,
    unitsEach: 1,
    series: [
      { name: 'floor', target: 'floor', request: request('bench'), minEvents: 0 },
      { name: 'gateway', target: 'gateway', request: request('to-openai'), minEvents: 0 },
    ],
    rows: [{ title: `relay, ${what}`, gateway: 'gateway', floor: 'floor', ...(bar === undefined ? {} : { bar }) }],
  };
}

/** Requests a second of the latency rows: far from what either can do, so that what is measured is the way, not a queue. */
const latencyRate = 200;

const latency: Scenario = {
  group: 'latency',
  load: { kind: 'open', perSecond: latencyRate },
  ms: 4000,
  warmMs: 1500,
  unitsEach: 1,
  series: [
    { name: 'direct', target: 'direct', request: spec('openai', 'bench'), minEvents: 0 },
    { name: 'floor', target: 'floor', request: spec('openai', 'bench'), minEvents: 0 },
    { name: 'gateway', target: 'gateway', request: spec('openai', 'to-openai'), minEvents: 0 },
    { name: 'translated', target: 'gateway', request: spec('anthropic', 'to-openai'), minEvents: 0 },
  ],
  rows: [
    { title: `relay, 1 KB at ${latencyRate} req/s`, gateway: 'gateway', floor: 'floor' },
    { title: `translated, 1 KB at ${latencyRate} req/s`, gateway: 'translated', floor: 'floor' },
  ],
};

/** One event every 20 ms and stream, as models speak: each event is a wake-up of its own. About 100 streams at once. */
const paced: Scenario = {
  group: 'paced',
  load: { kind: 'open', perSecond: 50 },
  ms: 3000,
  warmMs: 500,
  mostRounds: 2,
  unitsEach: streamEvents,
  series: [
    { name: 'floor', target: 'floor', request: spec('openai', 'bench', { stream: true, prefix: '/paced' }), minEvents: leastEvents },
    { name: 'gateway', target: 'gateway', request: spec('openai', 'to-paced', { stream: true }), minEvents: leastEvents },
    { name: 'translated', target: 'gateway', request: spec('anthropic', 'to-paced', { stream: true }), minEvents: leastEvents },
  ],
  rows: [
    { title: 'relay stream at 20 ms an event', gateway: 'gateway', floor: 'floor' },
    { title: 'translated stream at 20 ms an event', gateway: 'translated', floor: 'floor' },
  ],
};

/** In the order of the report. `start` is measured apart. */
export const scenarios: readonly Scenario[] = [
  relayScenario('relay'),
  relayScenario('stream'),
  translatedScenario('translated'),
  translatedScenario('translated-stream'),
  bodyScenario('100 KB', '100 KB of chat text', 16),
  bodyScenario('2 MB', '2 MB image', 8, 0.8),
  bodyScenario('10 MB', '10 MB image', 4),
  latency,
  paced,
];
