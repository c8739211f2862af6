import type { RelayRules, Sighting, Tap, TopLevelEdit } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import { failureInside } from './errors.ts';
import { plainStop } from './finish.ts';
import { decodeUsage } from './usage.ts';

const silent = { lost: () => undefined, note: () => undefined };

export const relayRules: RelayRules = {
  edits(top, { quirks }) {
    // State under our seal only a translation can open.
    if (top.sealed) return undefined;
    return (quirks.refuses ?? [])
      .filter((key) => top.has(key))
      .map((key): TopLevelEdit => ({ kind: 'remove', key, reason: 'the provider refuses this field' }));
  },
  tap: createTap,
  terminator: '',
  whole(value, text, target) {
    const failure = failureInside(value, text, target);
    if (failure !== undefined) throw failure;
    const answer: JsonObject = isObject(value) ? value : {};
    if (answer['done'] !== true)
      throw new GatewayError(
        'upstream_invalid_response',
        `${target.provider}: ${answer['done'] === undefined ? 'no answer of Ollama came' : 'the answer is not done'}`,
        {
          hint: 'Check that the base URL is that of an Ollama server',
        },
      );
    return { usage: decodeUsage(answer, silent), finish: finishOf(answer) };
  },
};

function finishOf({ done_reason: reason }: JsonObject): string {
  return typeof reason === 'string' && reason !== '' ? reason : plainStop;
}

/** A quote in a JSON string is escaped, so a key with its quotes is one of a line's own, or of the arguments of a call. */
const someContent = /"(?:content|thinking|response)"\s*:\s*"[^"]|"tool_calls"\s*:\s*\[\s*\{/;
const maybeDone = /"done"\s*:\s*true/;
const maybeError = /"error"\s*:\s*(?:\{|"[^"])/;

/** Looks at a relayed stream by its text: only lines that may be the last, or an error, are parsed. */
function createTap(): Tap {
  let last: JsonObject | undefined;
  const lineOf = (data: () => unknown): JsonObject => {
    const value = data();
    return isObject(value) ? value : {};
  };
  return {
    see(text, data): Sighting {
      const isDone = maybeDone.test(text) && lineOf(data)['done'] === true;
      if (isDone) last = lineOf(data);
      const error = maybeError.test(text) && isError(lineOf(data)['error']);
      return { content: someContent.test(text), finish: isDone, terminal: isDone, error, withhold: false };
    },
    usage: () => (last === undefined ? undefined : decodeUsage(last, silent)),
    finish: () => (last === undefined ? undefined : finishOf(last)),
  };
}

function isError(value: unknown): boolean {
  return isObject(value) || (typeof value === 'string' && value !== '');
}
