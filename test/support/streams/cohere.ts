import { isObject, type JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import { changing, type Cut, type Frame, frame, missing, nameless, objectIn, objects, type Streaming, valueOf, without } from './frames.ts';

/** `message-start`, the parts of the content, what is planned, calls, citations, and `message-end` with the reason and the usage. */
function make({ id, finish_reason, usage, message, logprobs }: JsonObject, cut: Cut): readonly Frame[] {
  const { content, tool_plan: plan, tool_calls: calls, citations } = isObject(message) ? message : {};
  const event = (type: string, more: object, lane?: string): Frame => frame({ type, ...more }, type, lane);
  const within = (fields: object): object => ({ delta: { message: fields } });
  return [
    event('message-start', { id, ...within({ role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }) }),
    ...objects(content).flatMap((part, index) => {
      const { type } = part;
      const key = String(type);
      return [
        event('content-start', { index, ...within({ content: { ...part, [key]: '' } }) }),
        ...cut(String(part[key])).map((piece, at) =>
          event('content-delta', { index, ...within({ content: { [key]: piece } }), ...(at === 0 && logprobs !== undefined ? { logprobs: {} } : {}) }),
        ),
        event('content-end', { index }),
      ];
    }),
    ...(typeof plan === 'string' ? cut(plan).map((piece) => event('tool-plan-delta', within({ tool_plan: piece }))) : []),
    ...objects(calls).flatMap((call, index) => callEvents(call, cut).map(([type, fields]) => event(type, { index, ...fields }, String(index)))),
    ...objects(citations).flatMap((citation, index) => [
      event('citation-start', { index, ...within({ citations: citation }) }),
      event('citation-end', { index }),
    ]),
    event('message-end', { id, delta: { finish_reason, ...(usage === undefined ? {} : { usage }) } }),
  ];
}

function callEvents(call: JsonObject, cut: Cut): readonly (readonly [type: string, fields: object])[] {
  const made = objectIn(call, 'function');
  const text = typeof made['arguments'] === 'string' ? made['arguments'] : '';
  const tell = (calls: object): object => ({ delta: { message: { tool_calls: calls } } });
  return [
    ['tool-call-start', tell({ ...call, function: { ...made, arguments: '' } })],
    ...cut(text).map((piece) => ['tool-call-delta', tell({ function: { arguments: piece } })] as const),
    ['tool-call-end', {}],
  ];
}

const typeOf = (given: Frame): string => String(valueOf(given)['type']);

/** The message of every event that has one, changed. */
const messages = (change: (message: JsonObject) => JsonObject): ReturnType<typeof changing> =>
  changing((value) => {
    const delta = objectIn(value, 'delta');
    return isObject(delta['message']) ? { ...value, delta: { ...delta, message: change(delta['message']) } } : value;
  });

export const cohere: Streaming = {
  make,
  isEnd: (given) => typeOf(given) === 'message-end',
  oddities: {
    'no names': nameless,
    'the kind as the name alone': changing((value) => without(value, 'type')),
    'no ends of parts and calls': missing((given) => typeOf(given) !== 'message-end' && typeOf(given).endsWith('-end')),
    'no message-start': missing((given) => typeOf(given) === 'message-start'),
    'calls without an index': changing((value, given) => (typeOf(given).startsWith('tool-call') ? without(value, 'index') : value)),
    'a call in a list': messages((message) => (isObject(message['tool_calls']) ? { ...message, tool_calls: [message['tool_calls']] } : message)),
    'a [DONE] at the end': (frames) => [...frames, { event: '', data: '[DONE]' }],
    'an empty piece before each': (frames) =>
      frames.flatMap((given) => {
        const value = valueOf(given);
        return value['type'] === 'content-delta' ? [frame({ ...value, delta: { message: { content: { text: '' } } } }, given.event), given] : [given];
      }),
    'more after the end': (frames) => [
      ...frames,
      frame({ type: 'content-delta', index: 0, delta: { message: { content: { text: 'late' } } } }, 'content-delta'),
    ],
  },
};
