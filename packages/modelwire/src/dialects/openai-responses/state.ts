import type { AnswerListener, KeptAs, KeptTurn, SseEvent, StateRules, StateWish, TopLevelEdit } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { RawJson } from '../../core/ir.ts';
import { joinLists, printArray, printString } from '../../core/json-print.ts';
import { scanTopLevel, spliceTopLevel, type TopLevel } from '../../core/top-level.ts';
import { printFailure } from './errors.ts';
import { printResponse, styleFor } from './response.ts';
import { listItems } from './stored-items.ts';
import { stateInclude } from './verdicts-request.ts';

/**
 * Stored responses: a caller goes on from one by its id and sends only what is new. Instructions, tools and settings are said anew in
 * each turn. https://developers.openai.com/api/docs/guides/conversation-state
 */
export const stateRules: StateRules = {
  wish,
  keeps: (quirks) => quirks.storesResponses === true,
  resume,
  asked: (top) => ({ input: inputItems(top) }),
  listen: createListener,
  unknown: (id) =>
    new GatewayError('previous_response_not_found', `Previous response with id '${id.slice(0, 100)}' not found`, {
      param: 'previous_response_id',
      hint: 'Send the whole conversation in `input`',
    }),
  stored: {
    queued(body, { id, previous }, context) {
      const head = { id, model: context.target.model, created: Math.floor(context.now() / 1000) };
      return withFields(
        printResponse(
          head,
          { status: 'queued', output: [] },
          styleFor(body, (name) => ({ name }), context),
        ),
        { previous_response_id: previous },
      );
    },
    broken(answer, error) {
      // Who asked for the end has not failed.
      if (error.code === 'client_gone') return withFields(answer, { status: 'cancelled' });
      return edited(answer, [
        { kind: 'set', key: 'status', raw: '"failed"' },
        { kind: 'set', key: 'error', raw: printFailure(error) },
      ]);
    },
    removed: (id) => JSON.stringify({ id, object: 'response', deleted: true }),
    items: listItems,
    missing: (id) => new GatewayError('not_found', `Response with id '${id.slice(0, 100)}' not found`, { hint: 'It was never stored, or is kept no longer' }),
  },
};

function wish(top: TopLevel): StateWish | undefined {
  const previous = top.value('previous_response_id');
  const keep = top.value('store') !== false;
  const background = top.value('background') === true;
  if (background && !keep) throw malformed('background', 'false or absent where store is false: nothing could be asked for later');
  if (top.has('previous_response_id') && previous !== null && (typeof previous !== 'string' || previous === ''))
    throw malformed('previous_response_id', 'the id of a response');
  // What a provider keeps in other ways is its alone.
  if (top.has('conversation') && top.value('conversation') !== null) return undefined;
  if (typeof previous !== 'string' && !keep) return undefined;
  return { ...(typeof previous === 'string' ? { previous } : {}), keep, ...(background ? { background } : {}) };
}

function malformed(param: string, expected: string): GatewayError {
  return new GatewayError('invalid_request', `${param} must be ${expected}`, { param });
}

function resume(top: TopLevel, turns: readonly KeptTurn[]): readonly TopLevelEdit[] {
  const edits: TopLevelEdit[] = ['previous_response_id', 'background'].flatMap((key) =>
    top.has(key) ? [{ kind: 'remove', key, reason: 'the responses are kept here' }] : [],
  );
  // Who does not wait may follow the events later.
  if (top.value('background') === true) edits.push({ kind: 'set', key: 'stream', raw: 'true' });
  // Without its state a model that thinks could not go on from its own turn.
  if (top.value('store') !== false) edits.push({ kind: 'set', key: 'include', raw: withState(top) });
  for (const { id, answer } of turns) refuseBroken(id, answer);
  if (turns.length === 0) return edits;
  const items = turns.flatMap(({ asked, answer }) => [asked['input'] ?? '[]', outputOf(answer)]);
  return [...edits, { kind: 'set', key: 'input', raw: joinLists([...items, inputItems(top)]) }];
}

/** What broke off, or is not there yet, is no turn to go on from. */
function refuseBroken(id: string, answer: RawJson): void {
  const status = scan(answer).value('status');
  if (status === 'completed' || status === 'incomplete') return;
  const param = 'previous_response_id';
  throw new GatewayError('invalid_request', `${param}: response ${id} is ${String(status)}`, { param, hint: 'Go on from a response that is completed' });
}

function withState(top: TopLevel): RawJson {
  const given = top.value('include');
  const others = Array.isArray(given) ? given.filter((one) => one !== stateInclude) : [];
  return JSON.stringify([...others, stateInclude]);
}

/** A text stands for one message of the user. */
function inputItems(top: TopLevel): RawJson {
  const raw = top.raw('input') ?? '[]';
  return raw.startsWith('"') ? printArray([`{"type":"message","role":"user","content":${raw}}`]) : raw;
}

function scan(raw: RawJson): TopLevel {
  return scanTopLevel(new TextEncoder().encode(raw));
}

function outputOf(answer: RawJson): RawJson {
  return scan(answer).raw('output') ?? '[]';
}

function edited(raw: RawJson, edits: readonly TopLevelEdit[]): RawJson {
  const decoder = new TextDecoder();
  return spliceTopLevel(scan(raw), edits)
    .map((part) => (typeof part === 'string' ? part : decoder.decode(part)))
    .join('');
}

function fieldEdits(fields: { readonly [key: string]: string | undefined }): TopLevelEdit[] {
  return Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [{ kind: 'set', key, raw: printString(value) }]));
}

function withFields(raw: RawJson, fields: { readonly [key: string]: string | undefined }): RawJson {
  return edited(raw, fieldEdits(fields));
}

const endings: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete']);

/** Only events that hold a response say whose turn it is. */
function createListener({ id: given, previous }: KeptAs): AnswerListener {
  const edits = fieldEdits({ id: given, previous_response_id: previous });
  let heard: Pick<KeptTurn, 'id' | 'answer'> | undefined;
  let latest: RawJson | undefined;
  const hear = (answer: RawJson, id: unknown): void => {
    if (typeof id === 'string' && id !== '') heard = { id: given ?? id, answer };
  };
  return {
    whole(answer) {
      const raw = edited(textOf(answer), edits);
      hear(raw, answer.value('id'));
      return edits;
    },
    event({ data }: SseEvent) {
      if (!data.includes('"response"')) return undefined;
      const event = scan(data);
      const raw = event.raw('response');
      if (raw === undefined || !raw.startsWith('{')) return undefined;
      const response = edited(raw, edits);
      latest = response;
      const type = event.value('type');
      if (typeof type === 'string' && endings.has(type)) hear(response, scan(raw).value('id'));
      return edits.length === 0 ? undefined : edited(data, [{ kind: 'set', key: 'response', raw: response }]);
    },
    latest: () => latest,
    heard: () => heard,
  };
}

function textOf({ bytes }: TopLevel): RawJson {
  return new TextDecoder().decode(bytes);
}
