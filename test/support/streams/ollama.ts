import { isObject, type JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import { changing, type Cut, type Frame, frame, objectIn, objects, type Oddity, type Streaming, valueOf, without } from './frames.ts';

/** Thinking, then text, a line a piece, then each call on a line of its own; all the rest on the line that is done. */
function make(reply: JsonObject, cut: Cut): readonly Frame[] {
  const { message, response, thinking, model, created_at, ...rest } = reply;
  const head = { model, created_at };
  const line = (said: JsonObject): Frame => frame({ ...head, ...said, done: false });
  if (!isObject(message)) {
    const said = (key: string, value: unknown, more: JsonObject): readonly Frame[] =>
      typeof value === 'string' ? cut(value).map((piece) => line({ ...more, [key]: piece })) : [];
    return [...said('thinking', thinking, { response: '' }), ...said('response', response, {}), frame({ ...head, response: '', ...rest })];
  }
  const { content, thinking: thought, tool_calls: calls, role: _role, ...more } = message;
  const told = (said: JsonObject): Frame => line({ message: { role: 'assistant', content: '', ...said } });
  const inPieces = (key: string, value: unknown): readonly Frame[] => (typeof value === 'string' ? cut(value).map((piece) => told({ [key]: piece })) : []);
  return [
    // Of an answer to a chat nobody thinks beside the message; what is there stands before it.
    ...(typeof thinking === 'string' ? cut(thinking).map((piece) => line({ thinking: piece, message: { role: 'assistant', content: '' } })) : []),
    ...inPieces('thinking', thought),
    ...inPieces('content', content),
    ...objects(calls).map((call) => told({ tool_calls: [call] })),
    frame({ ...head, message: { role: 'assistant', content: '', ...more }, ...rest }),
  ];
}

/** Said is it with the line that is done; the answers of the table are done or not. */
function tellable(reply: JsonObject): JsonObject | undefined {
  return isObject(reply['message']) || typeof reply['response'] === 'string' ? { ...reply, done: true } : undefined;
}

/** The message of every line, changed. */
function messages(change: (message: JsonObject) => JsonObject): Oddity {
  return changing((value) => (isObject(value['message']) ? { ...value, message: change(value['message']) } : value));
}

function calls(change: (call: JsonObject) => JsonObject): Oddity {
  return messages((message) => (Array.isArray(message['tool_calls']) ? { ...message, tool_calls: objects(message['tool_calls']).map(change) } : message));
}

/** All calls on the line that is done. */
const callsAtTheEnd: Oddity = (frames) => {
  const held = frames.flatMap((given) => objects(objectIn(valueOf(given), 'message')['tool_calls']));
  if (held.length === 0) return frames;
  return frames
    .filter((given) => objectIn(valueOf(given), 'message')['tool_calls'] === undefined)
    .map((given) => {
      const value = valueOf(given);
      return value['done'] === true ? frame({ ...value, message: { ...objectIn(value, 'message'), tool_calls: held } }) : given;
    });
};

export const ollama: Streaming = {
  make,
  isEnd: (given) => valueOf(given)['done'] === true,
  tellable,
  oddities: {
    'calls without an index': calls((call) => ({ ...call, function: without(objectIn(call, 'function'), 'index') })),
    'arguments as text': calls((call) => {
      const inner = objectIn(call, 'function');
      return { ...call, function: { ...inner, arguments: JSON.stringify(inner['arguments']) } };
    }),
    'all calls with the end': callsAtTheEnd,
    'no roles': messages((message) => without(message, 'role')),
    'no empty content': messages((message) => (message['content'] === '' ? without(message, 'content') : message)),
    'every field, empty': messages((message) => ({ thinking: '', tool_calls: null, images: null, ...message })),
    'more after the end': (frames) => [...frames, frame({ model: 'm', message: { role: 'assistant', content: 'late' }, done: false })],
  },
};
