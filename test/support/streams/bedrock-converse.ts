import { isObject, type JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import { changing, type Cut, type Frame, frame, missing, objectIn, objects, type Oddity, type Streaming, valueOf, without } from './frames.ts';

/** What a block begins with, if anything, and the deltas that bring the rest. */
type Told = { readonly start?: object; readonly deltas: readonly object[] };

/** The kinds of block that a stream can tell, each by what its kind holds. */
const kinds: { readonly [kind: string]: (inner: JsonObject, cut: Cut) => Told } = {
  citationsContent: ({ content, citations }, cut) => ({
    deltas: [
      ...cut(
        objects(content)
          .map(({ text }) => String(text))
          .join(''),
      ).map((text) => ({ text })),
      ...(Array.isArray(citations) ? citations.map((citation: unknown) => ({ citation })) : []),
    ],
  }),
  reasoningContent: ({ reasoningText, redactedContent }, cut) => {
    if (!isObject(reasoningText)) return { deltas: [{ reasoningContent: { redactedContent } }] };
    const { text, signature } = reasoningText;
    const sealed = signature === undefined ? [] : [{ reasoningContent: { signature } }];
    return { deltas: [...cut(String(text)).map((piece) => ({ reasoningContent: { text: piece } })), ...sealed] };
  },
  toolUse: ({ input, ...start }, cut) => ({ start, deltas: cut(JSON.stringify(input)).map((piece) => ({ toolUse: { input: piece } })) }),
  toolResult: ({ content, ...start }) => ({ start, deltas: [{ toolResult: content }] }),
  image: ({ format, ...image }) => ({ start: { format }, deltas: [{ image }] }),
};

/** The blocks one after the other, text without a start, the reason, and the usage at last. */
function make(reply: JsonObject, cut: Cut): readonly Frame[] {
  const { output, stopReason, additionalModelResponseFields, ...end } = reply;
  const more = additionalModelResponseFields === undefined ? {} : { additionalModelResponseFields };
  return [
    frame({ messageStart: { role: 'assistant' } }),
    ...contentOf(output).flatMap((block, contentBlockIndex) => blockEvents(block, contentBlockIndex, cut)),
    frame({ messageStop: { stopReason, ...more } }),
    frame({ metadata: end }),
  ];
}

function contentOf(output: unknown): readonly JsonObject[] {
  return objects(isObject(output) ? objectIn(output, 'message')['content'] : undefined);
}

function blockEvents(block: JsonObject, contentBlockIndex: number, cut: Cut): readonly Frame[] {
  const [kind = ''] = Object.keys(block);
  const { start, deltas } = typeof block[kind] === 'string' ? { start: undefined, deltas: cut(block[kind]).map((text) => ({ text })) } : told(block, kind, cut);
  const lane = kind === 'toolUse' ? String(contentBlockIndex) : undefined;
  const event = (name: string, fields: object): Frame => frame({ [name]: { ...fields, contentBlockIndex } }, '', lane);
  return [
    ...(start === undefined ? [] : [event('contentBlockStart', { start: { [kind]: start } })]),
    ...deltas.map((delta) => event('contentBlockDelta', { delta })),
    event('contentBlockStop', {}),
  ];
}

function told(block: JsonObject, kind: string, cut: Cut): Told {
  return kinds[kind]?.(objectIn(block, kind), cut) ?? { deltas: [] };
}

/** Documents, videos and the like have no form in a stream, nor has a block of nothing. */
function tellable(reply: JsonObject): JsonObject {
  const content = contentOf(reply['output']).filter((block) =>
    Object.entries(block).every(([kind, inner]) => kind === 'text' || (kinds[kind] !== undefined && isObject(inner) && Object.keys(inner).length > 0)),
  );
  return { ...reply, output: { message: { ...objectIn(objectIn(reply, 'output'), 'message'), content } } };
}

/** What the event of that name holds, changed. */
function events(name: string, change: (inner: JsonObject, index: number) => JsonObject): Oddity {
  return changing((value, _given, index) => (isObject(value[name]) ? { [name]: change(value[name], index) } : value));
}

const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export const bedrockConverse: Streaming = {
  make,
  isEnd: (given) => valueOf(given)['messageStop'] !== undefined,
  tellable,
  oddities: {
    'pieces with padding': changing((value, _given, index) =>
      Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, isObject(inner) ? { ...inner, p: alphabet.slice(0, (index * 7) % 60) } : inner])),
    ),
    'no ends of blocks': missing((_given, value) => value['contentBlockStop'] !== undefined),
    'no messageStart': missing((_given, value) => value['messageStart'] !== undefined),
    'the index before the delta': events('contentBlockDelta', ({ contentBlockIndex, ...rest }) => ({ contentBlockIndex, ...rest })),
    'events that are new between': (frames) => frames.flatMap((given) => [given, frame({ somethingNew: { note: 'n' } })]),
    'an empty piece before each': (frames) =>
      frames.flatMap((given) => {
        const inner = objectIn(valueOf(given), 'contentBlockDelta');
        const isText = typeof objectIn(inner, 'delta')['text'] === 'string';
        return isText ? [frame({ contentBlockDelta: { ...inner, delta: { text: '' } } }), given] : [given];
      }),
    'more after the end': (frames) => [...frames, frame({ contentBlockDelta: { delta: { text: 'late' }, contentBlockIndex: 0 } })],
    'no role at the beginning': events('messageStart', (inner) => without(inner, 'role')),
  },
};
