import { GatewayError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../core/json-text.ts';

/**
 * Arguments that Google streams piece by piece (`streamFunctionCallArguments`): each piece has the JSONPath of a value, and a string
 * may come in several. https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc
 */
export type PartialArguments = {
  add(pieces: readonly unknown[]): void;
  json(): string;
};

type Tree = { [key: string]: unknown };

const step = /\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/g;
const mostSteps = 100;

export function createPartialArguments(): PartialArguments {
  const root: { $: unknown } = { $: {} };
  return {
    add(pieces) {
      for (const piece of pieces) if (isObject(piece)) place(root, piece);
    },
    json: () => JSON.stringify(root.$),
  };
}

function place(root: { $: unknown }, piece: JsonObject): void {
  const path = piece['jsonPath'];
  const steps = typeof path === 'string' ? stepsOf(path) : [];
  if (steps.length === 0 || steps.length > mostSteps) throw new GatewayError('upstream_invalid_response', 'a piece of a call’s arguments has no place');
  let at: Tree = root as Tree;
  let key = '$';
  for (const next of steps) {
    const below = at[key];
    const inner: Tree = Array.isArray(below) || isObject(below) ? (below as Tree) : ((typeof next === 'number' ? [] : Object.create(null)) as Tree);
    at[key] = inner;
    at = inner;
    key = String(next);
  }
  const value = valueOf(piece);
  const before = at[key];
  at[key] = typeof before === 'string' && typeof value === 'string' ? before + value : value;
}

function stepsOf(path: string): (string | number)[] {
  if (!path.startsWith('$')) return [];
  return [...path.matchAll(step)].map(([, plain, index, single, double]) => (index === undefined ? (plain ?? single ?? double ?? '') : Number(index)));
}

function valueOf(piece: JsonObject): unknown {
  const { stringValue, numberValue, boolValue } = piece;
  if (stringValue !== undefined) return stringValue;
  return numberValue ?? boolValue ?? null;
}
