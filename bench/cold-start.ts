import { get } from 'node:http';
import { type Command, startServer } from './children.ts';
import { memoryMb } from './machine.ts';
import { median } from './measure.ts';

export type ColdStart = {
  readonly floorMs: number;
  /** The very first start, when nothing is in Node's compile cache yet. */
  readonly gatewayFirstMs: number;
  /** The starts after it. */
  readonly gatewayMs: number;
  readonly floorIdleMb: number;
  readonly gatewayIdleMb: number;
};

/** From the spawn of the process until the first 200 on `GET /v1/models`, floor and gateway in turn, each start a new process. */
export async function measureColdStart(floor: Command, gateway: Command, starts: number): Promise<ColdStart> {
  const first = await startOnce(gateway);
  const times = { floor: new Array<Started>(), gateway: new Array<Started>() };
  for (let i = 0; i < starts; i++) {
    times.floor.push(await startOnce(floor));
    times.gateway.push(await startOnce(gateway));
  }
  const ms = (all: readonly Started[]): number[] => all.map((one) => one.ms);
  const mb = (all: readonly Started[]): number => median(all.map((one) => one.mb));
  return {
    floorMs: median(ms(times.floor)),
    gatewayFirstMs: first.ms,
    gatewayMs: median(ms(times.gateway)),
    floorIdleMb: mb(times.floor),
    gatewayIdleMb: mb(times.gateway),
  };
}

type Started = { readonly ms: number; readonly mb: number };

async function startOnce(command: Command): Promise<Started> {
  const startedAt = performance.now();
  const server = await startServer(command);
  try {
    const giveUpAt = startedAt + 20_000;
    while ((await statusOfModels(server.port)) !== 200) {
      if (performance.now() > giveUpAt) throw new Error(`${command.name} gave no 200 on GET /v1/models`);
    }
    const ms = performance.now() - startedAt;
    return { ms, mb: memoryMb(server.pid)?.now ?? Number.NaN };
  } finally {
    await server.stop();
  }
}

/** 0 when there is no answer yet. */
function statusOfModels(port: number): Promise<number> {
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/v1/models', agent: false, headers: { authorization: 'Bearer mw-bench-key' } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).once('error', () => resolve(0));
  });
}
