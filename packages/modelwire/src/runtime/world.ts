import type { World } from '../core/attempt.ts';
import type { Target } from '../core/target.ts';
import type { Transport } from '../core/transport.ts';
import { authorize } from '../auth/authorize.ts';
import { dialects } from '../dialects/index.ts';
import { decodeSse } from '../framing/sse.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The real world: the wall clock, real chance, real timers, and the transport handed in. */
export function createWorld(transport: (target: Target) => Transport): World {
  return {
    now: Date.now,
    random: Math.random,
    newId: (prefix) => prefix + ulid(Date.now()),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    transport,
    frames: decodeSse,
    authorize,
    dialect: (name) => dialects[name],
  };
}

/** 26 characters that sort by time: https://github.com/ulid/spec */
function ulid(now: number): string {
  let time = '';
  let rest = now;
  for (let i = 0; i < 10; i++) {
    time = alphabet.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  let chance = '';
  for (let i = 0; i < 16; i++) chance += alphabet.charAt(Math.floor(Math.random() * 32));
  return time + chance;
}
