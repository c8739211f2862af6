import type { RelayRules, Sighting, Tap, TopLevelEdit } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import type { Quirks } from '../../core/target.ts';
import type { TopLevel } from '../../core/top-level.ts';
import { failureInside } from './errors.ts';
import { decodeUsage } from './usage.ts';
import { failedReasons, request } from './verdicts.ts';
import { terminator, toolNames } from './wire.ts';

const nothing = (): undefined => undefined;

export const relayRules: RelayRules = {
  edits(top, { quirks }) {
    // State under our seal only a translation can open.
    if (top.sealed || !top.fits({ names: toolNames.pattern }, 'tools') || needsTranslation(top, quirks)) return undefined;
    return (quirks.refuses ?? [])
      .filter((key) => top.has(key))
      .map((key): TopLevelEdit => ({ kind: 'remove', key, reason: 'the provider refuses this field' }));
  },
  tap: createTap,
  terminator,
  whole(value, text, target) {
    const failure = failureInside(value, text, target);
    if (failure !== undefined) throw failure;
    const answer: JsonObject = isObject(value) ? value : {};
    if (!isObject(answer['message']))
      throw new GatewayError('upstream_invalid_response', `${target.provider}: the answer has no message`, {
        hint: 'Check that the base URL is that of Cohere’s API, version 2',
      });
    const finish = answer['finish_reason'];
    return { usage: decodeUsage(answer['usage'], nothing), finish: typeof finish === 'string' ? finish : undefined };
  },
};

/** What only a translation can put right: a value that the target cannot take. */
function needsTranslation(top: TopLevel, quirks: Quirks): boolean {
  const isSet = (key: string): boolean => top.has(key) && top.value(key) !== null;
  const isContract = (key: string): boolean => {
    const field = request.fields.get(key);
    return field?.contract === true || (field?.becomes === 'extra' && field.loss === 'demand');
  };
  // Long values are not read here.
  const format = top.value('response_format');
  const stops = top.value('stop_sequences');
  return (
    (quirks.refuses ?? []).some((key) => isSet(key) && isContract(key)) ||
    (quirks.structuredOutput !== undefined &&
      quirks.structuredOutput !== 'schema' &&
      isSet('response_format') &&
      !(isObject(format) && format['type'] === 'text')) ||
    (quirks.forcedToolChoice === false && top.value('tool_choice') === 'REQUIRED') ||
    (quirks.thinking === 'none' && isSet('thinking')) ||
    (quirks.temperatureMax !== undefined && Number(top.value('temperature') ?? 0) > quirks.temperatureMax) ||
    (quirks.stopMax !== undefined && isSet('stop_sequences') && !(Array.isArray(stops) && stops.length <= quirks.stopMax))
  );
}

/** A quote in a JSON string is escaped, so a key with its quotes is one of the event's own. */
const someContent = /"(?:text|thinking|tool_plan|arguments)"\s*:\s*"[^"]|"type"\s*:\s*"(?:tool-call-start|citation-start)"/;
const finishReason = /"finish_reason"\s*:\s*"([^"]+)"/;
const anyType = /"type"\s*:\s*"/;
const bareError = /"(?:error|message)"\s*:\s*(?:\{|"[^"])/;

/** Looks at a relayed stream by its text: what counts stands in its last event. */
function createTap(): Tap {
  let counted: (() => unknown) | undefined;
  let finish: string | undefined;
  return {
    see(text, data): Sighting {
      if (isTerminator(text)) return { content: false, finish: false, terminal: true, error: false, withhold: false };
      const isEnd = text.includes('"message-end"') && finishReason.test(text);
      const reason = isEnd ? finishReason.exec(text)?.[1] : undefined;
      const failed = reason !== undefined && failedReasons.has(reason);
      if (reason !== undefined && !failed) {
        finish = reason;
        counted = data;
      }
      const error = failed || text.startsWith('event: error') || (!anyType.test(text) && bareError.test(text));
      return { content: !isEnd && someContent.test(text), finish: reason !== undefined && !failed, terminal: false, error, withhold: false };
    },
    usage() {
      const end = counted?.();
      const delta = isObject(end) && isObject(end['delta']) ? end['delta'] : {};
      return decodeUsage(delta['usage'], nothing);
    },
    finish: () => finish,
  };
}

function isTerminator(text: string): boolean {
  return text.length < 64 && /^data: ?\[DONE\]/m.test(text);
}
