import type { AttemptScope } from './attempt.ts';
import { cutError } from './body.ts';
import { latin1, utf8, withoutMark } from './bytes.ts';
import type { Sealing, Tap } from './dialect.ts';
import { GatewayError } from './errors.ts';
import type { Chunk, Machine } from './pump.ts';
import { blamingProvider } from './provider-fault.ts';
import { createEventBuffer, dataOf, type EventData, eventEnd, joined, plainEventEnd, readEvent } from './sse-text.ts';
import { targetName } from './target.ts';
import { createTemplate } from './template.ts';

/** What has been seen of a relayed stream. */
type Seen = { content: number; terminal: boolean; failure: GatewayError | undefined };

/** Passes whole SSE events; looks at each on the way. */
export function relayMachine(scope: AttemptScope, tap: Tap, seal?: ReturnType<Sealing['stream']>): Machine {
  const { call, attempt, target } = scope;
  const { front } = call.front;
  const seen: Seen = { content: 0, terminal: false, failure: undefined };
  const tell = (error: GatewayError): string => tap.errorEvent?.(error) ?? front.errorEvent(error, call.id);
  const look = createLook(scope, { tap, seen, tell, ...(seal === undefined ? {} : { seal }) });
  const events = createEventBuffer(target.provider);
  let begun = false;
  const note = (): void => {
    const usage = tap.usage();
    const finish = tap.finish();
    if (usage !== undefined) attempt.usage = usage;
    if (finish !== undefined) attempt.finish = finish;
  };
  return {
    read(bytes) {
      const whole = events.push(bytes);
      if (whole === undefined) return undefined;
      // The mark that some servers begin with is no part of the first event's field.
      const out = look(begun ? whole : withoutMark(whole));
      begun = true;
      note();
      return out;
    },
    end() {
      note();
      if (seen.terminal || seen.failure !== undefined) return undefined;
      seen.terminal = true;
      // What is left is an event cut short: nothing in it counts. An answer whose finish reason has passed is whole without it.
      if (tap.finish() !== undefined) return call.front.relay.terminator;
      seen.failure = cutError(scope, undefined);
      return tell(seen.failure);
    },
    broken(error) {
      seen.failure = error;
      return tell(error);
    },
    committed: () => seen.content > 0 || (seen.terminal && seen.failure === undefined),
    progress: () => seen.content,
    finishing: () => tap.finish() !== undefined,
    done: () => seen.terminal || seen.failure !== undefined,
    failure: () => seen.failure,
    ping: front.ping,
  };
}

type Looking = {
  readonly tap: Tap;
  readonly seen: Seen;
  readonly tell: (error: GatewayError) => string;
  readonly seal?: ReturnType<Sealing['stream']>;
};

/** What becomes of an event; bytes go out in its place. */
type Verdict = 'pass' | 'withhold' | 'break' | Uint8Array;

/** Looks at the events in bytes that hold whole ones only; returns what may pass. */
function createLook({ call, back, target }: AttemptScope, { tap, seen, tell, seal }: Looking): (bytes: Uint8Array) => Chunk | undefined {
  const template = createTemplate();

  /** Whether the event may pass; the template and `seen` learn from it. */
  const judge = (event: string, bytes: () => Uint8Array): Verdict => {
    let read: EventData | undefined;
    const data = (): EventData => (read ??= readEvent(event));
    const sighting = tap.see(event, () => data().value);
    if (sighting.error) {
      seen.failure = back.back.failure({ status: 200, headers: {}, text: dataOf(bytes()) }, target);
      // The provider's own words may hold a key or an address: to anyone else they go out as our error does, cleaned.
      return call.ownKey === true ? sealed(event, bytes) : 'break';
    }
    if (sighting.terminal) return finish() === 'pass' ? sealed(event, bytes) : 'break';
    if (!data().isLegal) {
      seen.failure = new GatewayError('upstream_invalid_response', `${target.provider}: an event of the stream is not JSON`, { provider: targetName(target) });
      return 'break';
    }
    const verdict = sighting.withhold ? 'withhold' : sealed(event, bytes);
    if (sighting.content) {
      seen.content++;
      if (!sighting.finish && verdict === 'pass') template.learn(event);
    }
    return verdict;
  };
  const sealed = (event: string, bytes: () => Uint8Array): 'pass' | Uint8Array => {
    const text = seal === undefined ? undefined : blamingProvider(target, () => seal(event, () => utf8(bytes())));
    return text === undefined ? 'pass' : new TextEncoder().encode(text);
  };
  /** A terminator without a finish reason ends nothing. */
  const finish = (): 'pass' | 'break' => {
    if (tap.finish() !== undefined) {
      seen.terminal = true;
      return 'pass';
    }
    seen.failure = new GatewayError('upstream_stream_cut', `${target.provider}: the stream ended without a finish reason`, { provider: targetName(target) });
    return 'break';
  };

  return (bytes) => {
    const text = latin1(bytes);
    const endOf = text.includes('\r') ? eventEnd : plainEventEnd;
    // After a finish reason more content is news, and must be seen.
    let mayFit = tap.finish() === undefined;
    let from = 0;
    let passFrom = 0;
    let kept: Uint8Array[] | undefined;
    while (from < text.length && seen.failure === undefined && !seen.terminal) {
      const run = mayFit ? template.run(text, from) : undefined;
      if (run !== undefined) {
        seen.content += run.count;
        from = run.end;
        continue;
      }
      const start = from;
      const end = endOf(text, start);
      from = end;
      const verdict = judge(text.slice(start, end), () => bytes.subarray(start, end));
      mayFit = tap.finish() === undefined;
      // The event itself does not pass.
      if (verdict === 'break' && seen.failure !== undefined) return joined(kept, bytes.subarray(passFrom, start), tell(seen.failure));
      if (verdict === 'pass' || verdict === 'break') continue;
      kept ??= [];
      if (start > passFrom) kept.push(bytes.subarray(passFrom, start));
      if (verdict !== 'withhold') kept.push(verdict);
      passFrom = end;
    }
    if (kept === undefined && from >= bytes.length) return bytes;
    return joined(kept, bytes.subarray(passFrom, from));
  };
}
