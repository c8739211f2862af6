import type { RelayRules, Sighting, Tap, TopLevelEdit } from '../../core/dialect.ts';
import { hasJsonKey } from '../../core/bytes.ts';
import { GatewayError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import { holdsSealedBytes } from '../../core/seal.ts';
import { mayGoOnUnthinking } from '../../core/thinking.ts';
import type { TopLevel } from '../../core/top-level.ts';
import { failureInside } from './errors.ts';
import { decodeUsage } from './usage.ts';
import { callIdRule, toolNames } from './wire.ts';

const nothing = (): undefined => undefined;

/** Documents have names of their own. */
function isFitting(top: TopLevel): boolean {
  return top.fits({ ids: callIdRule.pattern }) && top.fits({ names: toolNames.pattern }, 'toolConfig');
}

/** Whether thinking is asked for while tools are at work in a turn that may have been begun without. */
function isUnthinking(top: TopLevel): boolean {
  const fields = top.value('additionalModelRequestFields');
  const thinking = isObject(fields) ? fields['thinking'] : undefined;
  return isObject(thinking) && thinking['type'] === 'enabled' && mayGoOnUnthinking(top, { call: '"toolUse"', thought: '"reasoningContent"' });
}

export const relayRules: RelayRules = {
  edits(top, { quirks }) {
    // State under our seal only a translation can open.
    if (top.sealed || holdsSealedBytes(top) || !isFitting(top) || isUnthinking(top)) return undefined;
    // A choice of any kind: where none is forced, a translation does no harm.
    if (quirks.forcedToolChoice === false && hasJsonKey(top.bytes, 'toolChoice')) return undefined;
    return (quirks.refuses ?? [])
      .filter((key) => top.has(key))
      .map((key): TopLevelEdit => ({ kind: 'remove', key, reason: 'the provider refuses this field' }));
  },
  tap: createTap,
  terminator: '',
  modelInPath: true,
  whole(value, text, target) {
    const failure = failureInside(value, text, target);
    if (failure !== undefined) throw failure;
    const answer: JsonObject = isObject(value) ? value : {};
    const { stopReason } = answer;
    if (!isObject(answer['output']))
      throw new GatewayError('upstream_invalid_response', `${target.provider}: the answer has no output`, {
        hint: 'Check that the base URL is that of a Bedrock runtime',
      });
    return { usage: decodeUsage(answer['usage'], nothing), finish: typeof stopReason === 'string' ? stopReason : undefined };
  },
};

/** How an event begins: its name is the first key. */
const eventName = /^(?:event:[^\n]*\n)?data: ?\{"(\w+)"/;
const stopReason = /"stopReason"\s*:\s*"([^"]+)"/;
const someContent = /"(?:text|input|redactedContent|bytes)"\s*:\s*"[^"]|"(?:citation|toolResult)"\s*:/;

/** Looks at a relayed stream by its text. The usage comes last, and ends it. */
function createTap(): Tap {
  let counted: (() => unknown) | undefined;
  let finish: string | undefined;
  return {
    see(text, data): Sighting {
      const name = eventName.exec(text)?.[1];
      if (name === 'messageStop') finish = stopReason.exec(text)?.[1] ?? finish;
      if (name === 'metadata') counted = data;
      return {
        content: name === 'contentBlockStart' || (name === 'contentBlockDelta' && someContent.test(text)),
        finish: name === 'messageStop',
        terminal: name === 'metadata',
        error: text.startsWith('event: error'),
        withhold: false,
      };
    },
    usage() {
      const event = counted?.();
      const metadata = isObject(event) ? event['metadata'] : undefined;
      return isObject(metadata) ? decodeUsage(metadata['usage'], nothing) : undefined;
    },
    finish: () => finish,
  };
}
