import { isRecord } from './json-fields.ts';
import type { Fields } from './json-fields.ts';
import { badValue, unsupported } from './wire-error.ts';

/** A call of a tool that the model made earlier; `result` is what the tool answered. */
export type PastCall = { readonly name: string; readonly arguments: string; readonly result: string };

/** One turn of the conversation. An assistant's calls carry their results, as the engine's chat templates want them. */
export type Turn =
  | { readonly role: 'system'; readonly text: string }
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly calls: readonly PastCall[] };

type PendingCall = { readonly id: string; readonly name: string; readonly arguments: string; readonly path: string };

/** Checks `messages` and joins each tool message to the call it answers. */
export function decodeMessages(messages: unknown): readonly Turn[] {
  if (!Array.isArray(messages) || messages.length === 0) throw badValue('messages', 'must be a list of at least one message');
  const turns: Turn[] = [];
  for (let index = 0; index < messages.length; index += 1) {
    const path = `messages[${index}]`;
    const message: unknown = messages[index];
    if (!isRecord(message)) throw badValue(path, 'must be an object');
    const role = message['role'];
    if (role === 'assistant') {
      const calls = decodeCalls(message['tool_calls'], path);
      const answers = takeResults(messages, index + 1, calls);
      turns.push({ role, text: textOf(message, path, { mayBeAbsent: true }), calls: answers });
      index += calls.length;
    } else turns.push(decodePlain(message, path));
  }
  return turns;
}

function decodePlain(message: Fields, path: string): Turn {
  switch (message['role']) {
    case 'system':
    case 'developer':
      return { role: 'system', text: textOf(message, path) };
    case 'user':
      return { role: 'user', text: textOf(message, path) };
    case 'tool':
      throw badValue(`${path}.role`, "a message with role 'tool' must follow an assistant message whose tool_calls it answers");
    default:
      throw badValue(`${path}.role`, 'must be one of system, developer, user, assistant, tool');
  }
}

function decodeCalls(calls: unknown, path: string): readonly PendingCall[] {
  if (calls === undefined || calls === null) return [];
  if (!Array.isArray(calls)) throw badValue(`${path}.tool_calls`, 'must be a list');
  return calls.map((call: unknown, index) => {
    const at = `${path}.tool_calls[${index}]`;
    if (!isRecord(call) || typeof call['id'] !== 'string') throw badValue(at, 'must be an object with an id');
    const made = call['function'];
    if ((call['type'] ?? 'function') !== 'function' || !isRecord(made)) throw unsupported(at, 'the embedded model knows function calls only');
    if (typeof made['name'] !== 'string') throw badValue(`${at}.function.name`, 'must be a string');
    if (typeof made['arguments'] !== 'string') throw badValue(`${at}.function.arguments`, 'must be a string');
    return { id: call['id'], name: made['name'], arguments: made['arguments'], path: at };
  });
}

/** The tool messages right after an assistant message, in any order, one for each call. */
function takeResults(messages: readonly unknown[], from: number, calls: readonly PendingCall[]): readonly PastCall[] {
  const results = new Map<string, string>();
  for (let index = from; index < from + calls.length && index < messages.length; index += 1) {
    const message = messages[index];
    if (!isRecord(message) || message['role'] !== 'tool') break;
    const path = `messages[${index}]`;
    const id = message['tool_call_id'];
    if (typeof id !== 'string' || !calls.some((call) => call.id === id))
      throw badValue(`${path}.tool_call_id`, 'names no call of the assistant message before it');
    results.set(id, textOf(message, path));
  }
  return calls.map((call) => {
    const result = results.get(call.id);
    if (result === undefined) throw badValue(call.path, `no tool message right after answers the call '${call.id}'`);
    return { name: call.name, arguments: call.arguments, result };
  });
}

function textOf(message: Fields, path: string, options: { readonly mayBeAbsent?: boolean } = {}): string {
  const { content } = message;
  if (typeof content === 'string') return content;
  if (content === undefined || content === null) {
    if (options.mayBeAbsent === true) return typeof message['refusal'] === 'string' ? message['refusal'] : '';
    throw badValue(`${path}.content`, 'is required');
  }
  if (!Array.isArray(content)) throw badValue(`${path}.content`, 'must be a string or a list of text parts');
  return content.map((part: unknown, index) => partText(part, `${path}.content[${index}]`)).join('\n');
}

function partText(part: unknown, path: string): string {
  if (!isRecord(part)) throw badValue(path, 'must be an object');
  const { type } = part;
  const text = type === 'refusal' ? part['refusal'] : part['text'];
  if (type !== 'text' && type !== 'refusal') throw unsupported(path, `the embedded model reads text only, not ${String(type)}`);
  if (typeof text !== 'string') throw badValue(`${path}.text`, 'must be a string');
  return text;
}
