import type { World } from '../core/attempt.ts';
import type { FetchMedia } from '../core/media.ts';
import type { Target } from '../core/target.ts';
import type { Transport } from '../core/transport.ts';
import { authorize } from '../auth/authorize.ts';
import { dialectNamed } from '../dialects/index.ts';
import { toEvents } from '../framing/to-events.ts';
import { embeddingFormat } from '../embeddings/index.ts';
import { decodeSse } from '../framing/sse.ts';
import { createTimers } from './timers.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The real world: the wall clock, real chance, real timers, and the transport handed in. `fetchMedia`: default none. */
export function createWorld(transport: (target: Target) => Transport, fetchMedia?: FetchMedia): World {
  const ulid = createUlids();
  return {
    now: Date.now,
    random: Math.random,
    newId: (prefix) => prefix + ulid(Date.now()),
    after: createTimers(),
    transport,
    frames: decodeSse,
    toEvents,
    authorize,
    ...(fetchMedia === undefined ? {} : { fetchMedia }),
    dialect: dialectNamed,
    embeddings: embeddingFormat,
  };
}

/** Ids of 26 characters that sort by time: https://github.com/ulid/spec */
function createUlids(): (now: number) => string {
  const pairs = Array.from({ length: 1024 }, (_, n) => alphabet.charAt(n >> 5) + alphabet.charAt(n & 31));
  let lastTime = 0;
  let prefix = '';
  const chance = (): string => {
    const bits = Math.random() * 2 ** 20;
    return `${pairs[bits >> 10]}${pairs[bits & 1023]}`;
  };
  return (now) => {
    if (now !== lastTime) {
      lastTime = now;
      prefix = digits32(now, 10);
    }
    return prefix + chance() + chance() + chance() + chance();
  };
}

function digits32(value: number, count: number): string {
  let text = '';
  let rest = value;
  for (let i = 0; i < count; i++) {
    text = alphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
