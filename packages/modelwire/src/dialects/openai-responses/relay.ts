import { hasJsonValue } from '../../core/bytes.ts';
import type { RelayRules, Sighting, Tap, TopLevelEdit } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Usage } from '../../core/ir.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import type { Quirks } from '../../core/target.ts';
import type { TopLevel } from '../../core/top-level.ts';
import { encodeErrorEvent, failureInside } from './errors.ts';
import { endOf } from './finish.ts';
import { encodeFailed } from './response.ts';
import { sealing } from './sealing.ts';
import { decodeUsage } from './usage.ts';
import { callIdRule, nameLimit } from './wire.ts';

export const relayRules: RelayRules = {
  edits(top, { quirks }) {
    if (needsTranslation(top, quirks)) return undefined;
    return (quirks.refuses ?? []).filter((key) => top.has(key)).map((key): TopLevelEdit => ({ kind: 'remove', key, reason: 'the provider refuses the field' }));
  },
  tap: createTap,
  sealing,
  // The last event is the answer itself: what ends without it has not ended.
  terminator: '',
  whole(value, text, target) {
    const failure = failureInside(value, text, target);
    if (failure !== undefined) throw failure;
    if (!isAnswer(value))
      throw new GatewayError('upstream_invalid_response', `${target.provider}: what came with status 200 is no response`, {
        hint: 'Check that the base URL is that of a responses API',
      });
    return { usage: decodeUsage(value['usage'], nothing), finish: endOf(value) };
  },
};

/** Nobody hears what could not be read of a relayed answer. */
const nothing = (): undefined => undefined;

function isAnswer(value: unknown): value is JsonObject {
  return isObject(value) && (value['object'] === 'response' || Array.isArray(value['output']));
}

/** What only a translation can put right: state under our seal or of another maker, names and roles that the target does not take, and what it lacks and is emulated. */
function needsTranslation(top: TopLevel, quirks: Quirks): boolean {
  return (
    top.sealed ||
    // What a target whose state is its own has made would be under our seal.
    (quirks.ownState === true && hasJsonValue(top, '"reasoning"')) ||
    !top.fits({ names: nameLimit.pattern, ...(quirks.toolCallIds === 'max40' ? { ids: callIdRule.pattern } : {}) }) ||
    (quirks.developerRole === false && top.indexOf('"developer"') !== -1) ||
    lacksFormat(top, quirks) ||
    lacksTools(top, quirks) ||
    lacksForce(top, quirks)
  );
}

/** Where the words mean something else, a translation does no harm. */
function lacksFormat(top: TopLevel, { structuredOutput = 'schema' }: Quirks): boolean {
  if (structuredOutput === 'schema' || !top.has('text')) return false;
  return top.indexOf('"json_schema"') !== -1 || (structuredOutput === 'none' && top.indexOf('"json_object"') !== -1);
}

function lacksTools(top: TopLevel, { tools }: Quirks): boolean {
  return tools === false && (top.has('tools') || top.indexOf('"function_call') !== -1 || top.indexOf('"custom_tool_call') !== -1);
}

function lacksForce(top: TopLevel, { forcedToolChoice }: Quirks): boolean {
  const choice = forcedToolChoice === false && top.has('tool_choice') ? top.value('tool_choice') : 'auto';
  return choice !== null && choice !== 'auto' && choice !== 'none';
}

const nothingSeen: Sighting = { content: false, finish: false, terminal: false, error: false, withhold: false };

/** Looks at a relayed stream: every event says what it is, and the last holds the whole answer. */
function createTap(): Tap {
  let opening: JsonObject | undefined;
  let last = -1;
  let usage: Usage | undefined;
  let finish: string | undefined;
  return {
    see(_text, data) {
      const value = data();
      if (!isObject(value)) return nothingSeen;
      const { type, response } = value;
      if (type === 'error' || type === 'response.failed' || (isObject(value['error']) && type === undefined)) return { ...nothingSeen, error: true };
      if (typeof value['sequence_number'] === 'number') last = value['sequence_number'];
      if (type === 'response.created' && isObject(response)) opening = response;
      if (type !== 'response.completed' && type !== 'response.incomplete') return { ...nothingSeen, content: isContent(value) };
      const answer = isObject(response) ? response : {};
      usage = decodeUsage(answer['usage'], nothing);
      finish = endOf(answer) ?? type.slice('response.'.length);
      return { ...nothingSeen, finish: true, terminal: true };
    },
    usage: () => usage,
    finish: () => finish,
    errorEvent: (error) =>
      opening === undefined ? encodeErrorEvent(error, last + 1) : encodeErrorEvent(error, last + 1) + encodeFailed(opening, error, last + 2),
  };
}

/** Items that are nothing before their first piece comes. */
const begunEmpty: ReadonlySet<unknown> = new Set(['message', 'reasoning']);

function isContent({ type, delta, item }: JsonObject): boolean {
  if (typeof type !== 'string') return false;
  if (type.endsWith('.delta')) return delta !== '' && delta !== undefined;
  if (type === 'response.output_item.added') return isObject(item) && !begunEmpty.has(item['type']);
  return type === 'response.output_item.done' || type === 'response.image_generation_call.partial_image';
}
