import type { Shape, Value } from 'modelwire/internal/core/verdicts';
import { below, type Tally } from './tally.ts';

/** Names what is declared and no official type has. For a part that was held against all its official types. */
export function findUnmet(declared: Value, path: string, tally: Tally, visited: Set<Value> = new Set()): void {
  if (visited.has(declared)) return;
  visited.add(declared);
  switch (declared.kind) {
    case 'later':
      return findUnmet(declared.of(), path, tally, visited);
    case 'list':
      return findUnmet(declared.of, `${path}[]`, tally, visited);
    case 'either':
      for (const choice of declared.of) findUnmet(choice, path, tally, visited);
      return;
    case 'union':
      for (const [word, shape] of declared.of) findUnmetFields(shape, `${path}[${declared.by}=${word}]`, tally, visited);
      return;
    case 'object':
      return findUnmetFields(declared, path, tally, visited);
    case 'text':
    case 'word':
    case 'number':
    case 'flag':
    case 'json':
  }
}

function findUnmetFields(shape: Shape, path: string, tally: Tally, visited: Set<Value>): void {
  if (shape.vendor === true) return;
  const met = tally.met(shape);
  if (met === undefined) return tally.say('no such type', path);
  if (shape.opaque !== undefined) return;
  for (const [key, field] of shape.fields) {
    if (met.has(key)) findUnmet(field.value, below(path, key), tally, visited);
    else if (field.vendor !== true) tally.say('no such field', below(path, key));
  }
}
