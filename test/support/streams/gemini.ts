import { isObject, type JsonObject } from '../../../packages/modelwire/src/core/json-text.ts';
import { between, changing, type Cut, type Frame, frame, objectIn, objects, type Oddity, type Streaming, valueOf, without } from './frames.ts';

/** A chunk a part, texts in pieces; what the answer says besides with the last. */
function make(reply: JsonObject, cut: Cut): readonly Frame[] {
  const { candidates, ...rest } = reply;
  const [candidate] = objects(candidates);
  if (candidate === undefined) return [frame(reply)];
  const { content, index: _index, ...end } = candidate;
  const parts = objects(isObject(content) ? content['parts'] : undefined).flatMap((part) => partPieces(part, cut));
  const role = isObject(content) ? content['role'] : undefined;
  const chunk = (part: unknown): Frame => frame({ candidates: [{ index: 0, content: { role, parts: [part] } }], modelVersion: rest['modelVersion'] });
  return [...parts.map(chunk), frame({ ...rest, candidates: [{ index: 0, ...end }] })];
}

/** A signature and what else a text bears comes with its last piece. */
function partPieces(part: JsonObject, cut: Cut): readonly JsonObject[] {
  const { text, ...rest } = part;
  if (typeof text !== 'string' || Object.keys(part).some((key) => key !== 'text' && key !== 'thought' && key !== 'thoughtSignature')) return [part];
  const pieces = cut(text);
  const thought = rest['thought'] === undefined ? {} : { thought: rest['thought'] };
  return pieces.map((piece, index) => (index === pieces.length - 1 ? { ...rest, text: piece } : { ...thought, text: piece }));
}

const candidateOf = (value: JsonObject): JsonObject => objects(value['candidates'])[0] ?? {};

/** The candidate of every chunk, changed. */
function candidates(change: (candidate: JsonObject) => JsonObject): Oddity {
  return changing((value) => (value['candidates'] === undefined ? value : { ...value, candidates: objects(value['candidates']).map(change) }));
}

/** Counts that grow with every chunk: the last hold. */
const usageEverywhere: Oddity = (frames) => {
  const { usageMetadata } = valueOf(frames.at(-1) ?? { event: '', data: '' });
  if (!isObject(usageMetadata)) return frames;
  const early = Object.fromEntries(Object.entries(usageMetadata).filter(([, count]) => typeof count === 'number'));
  return changing((value, _given, index) => (index === frames.length - 1 ? value : { ...value, usageMetadata: early }))(frames);
};

export const gemini: Streaming = {
  make,
  isEnd: (given) => {
    const value = valueOf(given);
    return typeof candidateOf(value)['finishReason'] === 'string' || typeof objectIn(value, 'promptFeedback')['blockReason'] === 'string';
  },
  oddities: {
    'usage in every chunk': usageEverywhere,
    'candidates without an index': candidates((candidate) => without(candidate, 'index')),
    'contents without a role': candidates((candidate) =>
      isObject(candidate['content']) ? { ...candidate, content: without(candidate['content'], 'role') } : candidate,
    ),
    'a [DONE] at the end': (frames) => [...frames, { event: '', data: '[DONE]' }],
    'chunks without a candidate between': between(frame({ responseId: 'r' })),
    'an empty text at the end': (frames) =>
      changing((value, _given, index) => {
        const candidate = candidateOf(value);
        const isLast = index === frames.length - 1 && candidate['finishReason'] !== undefined;
        return isLast ? { ...value, candidates: [{ ...candidate, content: { role: 'model', parts: [{ text: '' }] } }] } : value;
      })(frames),
  },
};
