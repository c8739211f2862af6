import { hasJsonValue } from '../../core/bytes.ts';
import type { HeaderMap, Operation, RelayRules, Sighting, Tap, TopLevelEdit } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Usage } from '../../core/ir.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';
import type { Quirks } from '../../core/target.ts';
import { mayGoOnUnthinking } from '../../core/thinking.ts';
import type { TopLevel } from '../../core/top-level.ts';
import { failureInside } from './errors.ts';
import { decodeUsage } from './usage.ts';
import { refuseThread } from './check.ts';
import { sealing } from './sealing.ts';
import { apiVersion, countPath, encodeSse, messagesPath, toolNames } from './wire.ts';

export const relayRules: RelayRules = {
  edits(top, { quirks }) {
    refuseThread(top.value('thread'), { target: { quirks } });
    if (mustTranslate(top, quirks)) return undefined;
    return (quirks.refuses ?? [])
      .filter((key) => top.has(key))
      .map((key): TopLevelEdit => ({ kind: 'remove', key, reason: 'the provider refuses this field' }));
  },
  tap: createTap,
  sealing,
  terminator: encodeSse('message_stop', '{"type":"message_stop"}'),
  whole(value, text, target) {
    const failure = failureInside(value, text, target);
    if (failure !== undefined) throw failure;
    if (!isAnswer(value))
      throw new GatewayError('upstream_invalid_response', `${target.provider}: what came with status 200 is no message`, {
        hint: 'Check that the base URL is that of a messages API',
      });
    const finish = value['stop_reason'];
    return { usage: decodeUsage(value['usage'], () => undefined), finish: typeof finish === 'string' ? finish : undefined };
  },
};

function isAnswer(value: unknown): value is JsonObject {
  return isObject(value) && (value['type'] === 'message' || Array.isArray(value['content']));
}

/** What only a translation can put right: state under our seal or of another maker, or a value that the target cannot take. Where a word means something else than is looked for, a translation does no harm. */
function mustTranslate(top: TopLevel, quirks: Quirks): boolean {
  if (top.sealed || (quirks.tools === false && (top.has('tools') || top.indexOf('"tool_use"') !== -1)) || !top.fits(naming)) return true;
  if (quirks.systemInMessages !== true && hasJsonValue(top, '"system"')) return true;
  if (hasForeignThinking(top, quirks)) return true;
  return (
    isUnthinking(top) || isTooHot(top, quirks) || asksThinking(top, quirks) || isForced(top, quirks) || asksSchema(top, quirks) || hasManyStops(top, quirks)
  );
}

/** Any length of id passes within the format. */
const naming = { names: toolNames.pattern, ids: /^[a-zA-Z0-9_-]+$/ };

/** Thinking that a target whose state is its own has not made: its own would be under our seal. */
function hasForeignThinking(top: TopLevel, { ownState }: Quirks): boolean {
  return ownState === true && (hasJsonValue(top, '"thinking"') || hasJsonValue(top, '"redacted_thinking"'));
}

/** Whether thinking is asked for while tools are at work in a turn that may have been begun without. */
function isUnthinking(top: TopLevel): boolean {
  const thinking = top.value('thinking');
  return isObject(thinking) && thinking['type'] === 'enabled' && mayGoOnUnthinking(top, { call: '"tool_use"', thought: 'thinking"' });
}

function isTooHot(top: TopLevel, { temperatureMax }: Quirks): boolean {
  const temperature = temperatureMax === undefined ? undefined : top.value('temperature');
  return typeof temperature === 'number' && temperatureMax !== undefined && temperature > temperatureMax;
}

function asksThinking(top: TopLevel, { thinking: takes }: Quirks): boolean {
  if (takes === undefined || takes === 'adaptive') return false;
  const thinking = top.value('thinking');
  const type = isObject(thinking) ? thinking['type'] : undefined;
  return (takes === 'none' && type !== undefined) || type === 'adaptive' || type === 'between_tools' || mayHold(top, 'output_config', 'effort');
}

function isForced(top: TopLevel, { forcedToolChoice }: Quirks): boolean {
  const choice = forcedToolChoice === false ? top.value('tool_choice') : undefined;
  return isObject(choice) && (choice['type'] === 'any' || choice['type'] === 'tool');
}

function asksSchema(top: TopLevel, { structuredOutput }: Quirks): boolean {
  if (structuredOutput === undefined || structuredOutput === 'schema') return false;
  return top.has('output_format') || mayHold(top, 'output_config', 'format');
}

function hasManyStops(top: TopLevel, { stopMax }: Quirks): boolean {
  const stops = stopMax === undefined ? undefined : top.value('stop_sequences');
  return Array.isArray(stops) && stopMax !== undefined && stops.length > stopMax;
}

/** Whether the object under `field` has the key; an object too long to be looked into may have it. */
function mayHold(top: TopLevel, field: string, key: string): boolean {
  const value = top.value(field);
  if (value === undefined) return top.has(field);
  return isObject(value) && value[key] !== undefined && value[key] !== null;
}

const eventNames = 'message_start|content_block_start|content_block_delta|content_block_stop|message_delta|message_stop|ping|error';
const namedEvent = new RegExp(`(?:^|[\\r\\n])event: ?(${eventNames})[\\r\\n]`);
/** A quote in a JSON string is escaped, so a key with its quotes is one of the event's own. */
const typedEvent = new RegExp(`"type"\\s*:\\s*"(${eventNames})"`);
const someText = /"(?:text|thinking|partial_json)"\s*:\s*"[^"]/;
const textBlock = /"type"\s*:\s*"text"/;
/** An error in an event without a name or a type of its own. */
const bareError = /"error"\s*:\s*(?:\{|"[^"])/;
const stopReason = /"stop_reason"\s*:\s*"([^"]+)"/;

/** Looks at a relayed stream by its text; only events that hold usage are parsed. */
function createTap(): Tap {
  let usage: JsonObject = {};
  let finish: string | undefined;
  const learn = (data: unknown): void => {
    const value = isObject(data) ? data : {};
    const message = isObject(value['message']) ? value['message'] : value;
    const more = message['usage'];
    if (isObject(more)) usage = { ...usage, ...Object.fromEntries(Object.entries(more).filter(([, count]) => count !== null)) };
  };
  return {
    see(text, data) {
      const name = (namedEvent.exec(text) ?? typedEvent.exec(text))?.[1] ?? '';
      if (name === 'message_start' || name === 'message_delta') learn(data());
      const stop = name === 'message_delta' ? stopReason.exec(text)?.[1] : undefined;
      finish = stop ?? finish;
      return sighting(name, stop !== undefined, text);
    },
    usage: (): Usage | undefined => decodeUsage(usage, () => undefined),
    finish: () => finish,
  };
}

function sighting(name: string, finish: boolean, text: string): Sighting {
  const isContent = name === 'content_block_delta' ? someText.test(text) : name === 'content_block_start' && (!textBlock.test(text) || someText.test(text));
  return { content: isContent, finish, terminal: name === 'message_stop', error: name === 'error' || (name === '' && bareError.test(text)), withhold: false };
}

export function relayPath(operation: Operation): string {
  return operation === 'chat' ? messagesPath : countPath;
}

const printable = /^[\x20-\x7e]{1,4096}$/;

/** The caller's version and betas, where they are plain text; another API version than the caller's would change the fields. */
export function relayHeaders(caller: HeaderMap): Record<string, string> {
  const version = caller['anthropic-version'];
  const beta = caller['anthropic-beta'];
  return {
    'anthropic-version': version !== undefined && printable.test(version) ? version : apiVersion,
    ...(beta !== undefined && printable.test(beta) ? { 'anthropic-beta': beta } : {}),
  };
}
