import { holdsSealedBytes } from '../../core/seal.ts';
import { hasJsonKey } from '../../core/bytes.ts';
import type { RelayRules, Sighting, Tap, TopLevelEdit } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import type { Quirks } from '../../core/target.ts';
import type { TopLevel } from '../../core/top-level.ts';
import { failureInside } from './errors.ts';
import { stopOf } from './finish.ts';
import { firstCandidate } from './reply.ts';
import { decodeUsage, withUsage } from './usage.ts';
import { toolNames } from './wire.ts';

const nothing = (): undefined => undefined;

export const relayRules: RelayRules = {
  edits(top, { quirks }) {
    // State under our seal only a translation can open, and names that Google refuses only it can change.
    if (
      top.sealed ||
      holdsSealedBytes(top) ||
      asksFormat(top, quirks) ||
      asksTools(top, quirks) ||
      forcesCall(top, quirks) ||
      !top.fits({ names: toolNames.pattern })
    )
      return undefined;
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
    const stop = stopInside(answer);
    if (stop === undefined && !Array.isArray(answer['candidates']))
      throw new GatewayError('upstream_invalid_response', `${target.provider}: the answer has no candidates`, {
        hint: 'Check that the base URL is that of a Gemini API',
      });
    return { usage: decodeUsage(answer['usageMetadata'], nothing), finish: stop };
  },
};

/** Structured output that the provider lacks is emulated, which takes a translation. Where the words mean something else, that does no harm. */
function asksFormat({ bytes }: TopLevel, { structuredOutput = 'schema' }: Quirks): boolean {
  if (structuredOutput === 'schema') return false;
  const keys = structuredOutput === 'json' ? schemaKeys : [...schemaKeys, 'responseMimeType', 'response_mime_type'];
  return keys.some((key) => hasJsonKey(bytes, key));
}

function asksTools(top: TopLevel, { tools }: Quirks): boolean {
  return tools === false && (top.has('tools') || hasJsonKey(top.bytes, 'functionCall') || hasJsonKey(top.bytes, 'function_call'));
}

/** A choice of any kind: where none is forced, a translation does no harm. */
function forcesCall({ bytes }: TopLevel, { forcedToolChoice }: Quirks): boolean {
  return forcedToolChoice === false && (hasJsonKey(bytes, 'functionCallingConfig') || hasJsonKey(bytes, 'function_calling_config'));
}

const schemaKeys: readonly string[] = ['responseSchema', 'response_schema', 'responseJsonSchema', 'response_json_schema'];

function stopInside(answer: JsonObject): string | undefined {
  const at = firstCandidate(answer);
  const candidate: unknown = Array.isArray(answer['candidates']) ? answer['candidates'][at] : undefined;
  return stopOf(isObject(candidate) ? candidate : undefined, answer['promptFeedback'])?.native;
}

/** A quote in a JSON string is escaped, so a key with its quotes is one of the chunk's own. */
const someContent = /"text"\s*:\s*"[^"]|"(?:functionCall|inlineData|fileData|executableCode|codeExecutionResult|toolCall|toolResponse)"\s*:\s*\{/;
const finishReason = /"(?:finishReason|blockReason)"\s*:\s*"([^"]+)"/;
const anyCandidate = /"(?:candidates|promptFeedback)"\s*:/;
const bareError = /"error"\s*:\s*(?:\{|"[^"])/;
const otherIndex = /"index"\s*:\s*[1-9]/;

/** Looks at a relayed stream by its text. Every chunk counts the tokens so far: only the last is read. */
function createTap(): Tap {
  let usage: JsonObject = {};
  let counted: (() => unknown) | undefined;
  let finish: string | undefined;
  /** Of an answer with several candidates, those that have not ended. */
  const open = new Set<number>();
  const follow = (answer: unknown): void => {
    for (const item of isObject(answer) && Array.isArray(answer['candidates']) ? answer['candidates'].filter(isObject) : []) {
      const index = typeof item['index'] === 'number' ? item['index'] : 0;
      if (typeof item['finishReason'] === 'string') open.delete(index);
      else open.add(index);
    }
  };
  return {
    see(text, data): Sighting {
      if (text.includes('"usageMetadata"')) counted = data;
      const stop = finishReason.exec(text)?.[1];
      finish = stop ?? finish;
      if (open.size > 0 || otherIndex.test(text)) follow(data());
      const error = bareError.test(text) && !anyCandidate.test(text);
      return { content: someContent.test(text), finish: stop !== undefined, terminal: false, error, withhold: false };
    },
    usage() {
      const answer = counted?.();
      if (isObject(answer)) usage = withUsage(usage, answer['usageMetadata']);
      counted = undefined;
      return decodeUsage(usage, nothing);
    },
    finish: () => (open.size === 0 ? finish : undefined),
  };
}
