import type { AnswerListener, Earlier, KeptAs, KeptTurn, SseEvent, StateRules, StateWish, TopLevelEdit } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { RawJson } from '../../core/ir.ts';
import { joinLists, printArray, printOptional } from '../../core/json-print.ts';
import { isObject } from '../../core/json-text.ts';
import type { TopLevel } from '../../core/top-level.ts';
import { edited, scanText } from './edit-text.ts';
import { printFailure } from './errors.ts';
import { inputItems } from './input-items.ts';
import { conversationRules } from './kept-conversation.ts';
import { isWhole, itemRules, namedItems } from './named-items.ts';
import { printResponse, styleFor } from './response.ts';
import { askedItems, pageOf } from './stored-items.ts';
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
  items: itemRules,
  conversations: conversationRules,
  stored: {
    queued(body, as, context) {
      const head = { id: as.id, model: context.target.model, created: Math.floor(context.now() / 1000) };
      return edited(
        printResponse(
          head,
          { status: 'queued', output: [] },
          styleFor(body, (name) => ({ name }), context),
        ),
        fieldEdits(as),
      );
    },
    broken(answer, error) {
      // Who asked for the end has not failed.
      if (error.code === 'client_gone') return edited(answer, [{ kind: 'set', key: 'status', raw: '"cancelled"' }]);
      return edited(answer, [
        { kind: 'set', key: 'status', raw: '"failed"' },
        { kind: 'set', key: 'error', raw: printFailure(error) },
      ]);
    },
    removed: (id) => JSON.stringify({ id, object: 'response', deleted: true }),
    items: (turns, query) => pageOf(askedItems(turns), query),
    idOf,
    isOpen: (answer) => ['queued', 'in_progress'].includes(String(scanText(answer).value('status'))),
    missing: (id) => new GatewayError('not_found', `Response with id '${id.slice(0, 100)}' not found`, { hint: 'It was never stored, or is kept no longer' }),
  },
};

function wish(top: TopLevel): StateWish | undefined {
  const previous = top.value('previous_response_id');
  const conversation = conversationIn(top);
  const keep = top.value('store') !== false;
  const background = top.value('background') === true;
  if (background && !keep) throw malformed('background', 'false or absent where store is false: nothing could be asked for later');
  if (top.has('previous_response_id') && previous !== null && (typeof previous !== 'string' || previous === ''))
    throw malformed('previous_response_id', 'the id of a response');
  if (typeof previous === 'string' && conversation !== undefined)
    throw new GatewayError('invalid_request', "Mutually exclusive parameters: 'previous_response_id' and 'conversation'", { param: 'previous_response_id' });
  const items = namedItems(top, keep);
  if (typeof previous !== 'string' && conversation === undefined && items.length === 0 && !keep) return undefined;
  return {
    ...(typeof previous === 'string' ? { previous } : {}),
    ...(conversation === undefined ? {} : { conversation }),
    ...(items.length === 0 ? {} : { items }),
    keep,
    ...(background ? { background } : {}),
  };
}

function conversationIn(top: TopLevel): string | undefined {
  const given = top.value('conversation');
  if (!top.has('conversation') || given === null) return undefined;
  const id = isObject(given) ? given['id'] : given;
  if (typeof id === 'string' && id !== '') return id;
  throw malformed('conversation', 'the id of a conversation, or an object with its id');
}

function malformed(param: string, expected: string): GatewayError {
  return new GatewayError('invalid_request', `${param} must be ${expected}`, { param });
}

function resume(top: TopLevel, { turns, conversation }: Earlier): readonly TopLevelEdit[] {
  const stored = top.value('store') === true ? ['store'] : [];
  const edits: TopLevelEdit[] = ['previous_response_id', 'conversation', 'background', ...stored].flatMap((key) =>
    top.has(key) ? [{ kind: 'remove', key, reason: 'the responses are kept here' }] : [],
  );
  // Who does not wait may follow the events later.
  if (top.value('background') === true) edits.push({ kind: 'set', key: 'stream', raw: 'true' });
  // Without its state a model that thinks could not go on from its own turn.
  if (top.value('store') !== false || conversation !== undefined) edits.push({ kind: 'set', key: 'include', raw: withState(top) });
  for (const { id, answer } of turns) refuseBroken(id, answer);
  const earlier =
    conversation === undefined
      ? turns.flatMap(({ asked, answer }) => [asked['input'] ?? '[]', scanText(answer).raw('output') ?? '[]'])
      : [printArray(conversation.items.map(({ raw }) => raw))];
  return earlier.length === 0 ? edits : [...edits, { kind: 'set', key: 'input', raw: joinLists([...earlier, inputItems(top)]) }];
}

function refuseBroken(id: string, answer: RawJson): void {
  if (isWhole(answer)) return;
  const param = 'previous_response_id';
  const status = String(scanText(answer).value('status'));
  throw new GatewayError('invalid_request', `${param}: response ${id} is ${status}`, { param, hint: 'Go on from a response that is completed' });
}

function withState(top: TopLevel): RawJson {
  const given = top.value('include');
  const others = Array.isArray(given) ? given.filter((one) => one !== stateInclude) : [];
  return JSON.stringify([...others, stateInclude]);
}

function fieldEdits({ id, previous, conversation }: KeptAs): TopLevelEdit[] {
  const set = (key: string, raw: RawJson | undefined): TopLevelEdit[] => (raw === undefined ? [] : [{ kind: 'set', key, raw }]);
  return [
    ...set('id', printOptional(id)),
    ...set('previous_response_id', printOptional(previous)),
    ...set('conversation', conversation === undefined ? undefined : JSON.stringify({ id: conversation })),
  ];
}

const endings: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete']);

/** Only events that hold a response say whose turn it is. */
function createListener(as: KeptAs): AnswerListener {
  const edits = fieldEdits(as);
  let heard: Pick<KeptTurn, 'id' | 'answer'> | undefined;
  let latest: RawJson | undefined;
  const hear = (answer: RawJson, id: unknown): void => {
    if (typeof id === 'string' && id !== '') heard = { id: as.id ?? id, answer };
  };
  return {
    whole(answer) {
      const raw = edited(textOf(answer), edits);
      hear(raw, answer.value('id'));
      return edits;
    },
    event({ data }: SseEvent) {
      if (!data.includes('"response"')) return undefined;
      const event = scanText(data);
      const raw = event.raw('response');
      if (raw === undefined || !raw.startsWith('{')) return undefined;
      const response = edited(raw, edits);
      latest = response;
      const type = event.value('type');
      if (typeof type === 'string' && endings.has(type)) hear(response, scanText(raw).value('id'));
      return edits.length === 0 ? undefined : edited(data, [{ kind: 'set', key: 'response', raw: response }]);
    },
    latest: () => latest,
    heard: () => heard,
  };
}

/** Of an event that holds a response, or of a response. */
function idOf(text: RawJson): string | undefined {
  const top = scanText(text);
  const inner = top.raw('response');
  const id = (inner?.startsWith('{') === true ? scanText(inner) : top).value('id');
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function textOf({ bytes }: TopLevel): RawJson {
  return new TextDecoder().decode(bytes);
}
