import type { Shape } from 'modelwire/internal/core/verdicts';

/** A difference between the official types and a verdict table. */
export type Finding = {
  readonly kind: 'no verdict' | 'no such field' | 'no such type' | 'another form';
  /** `request`, `reply` or `event`, then the place: `request messages[role=user].content[type=image_url].image_url.detail`. */
  readonly path: string;
};

/** What was found so far, and what of the table the official types have. */
export type Tally = {
  readonly findings: readonly Finding[];
  /** Each difference is said once. */
  say(kind: Finding['kind'], path: string): void;
  /** The fields of a shape that an official type has; undefined for a shape that none is. */
  met(shape: Shape): ReadonlySet<string> | undefined;
  meetShape(shape: Shape): void;
  meetField(shape: Shape, key: string): void;
  /** Whether a type is held against a shape for the first time: types hold themselves. */
  isFirst(shape: Shape, type: unknown): boolean;
};

export function createTally(): Tally {
  const findings: Finding[] = [];
  const said = new Set<string>();
  const met = new Map<Shape, Set<string>>();
  const held = new Map<Shape, Set<unknown>>();
  return {
    findings,
    say(kind, path) {
      if (said.has(`${kind} ${path}`)) return;
      said.add(`${kind} ${path}`);
      findings.push({ kind, path });
    },
    met: (shape) => met.get(shape),
    meetShape(shape) {
      if (!met.has(shape)) met.set(shape, new Set());
    },
    meetField: (shape, key) => void met.get(shape)?.add(key),
    isFirst(shape, type) {
      const before = held.get(shape) ?? new Set();
      held.set(shape, before);
      if (before.has(type)) return false;
      before.add(type);
      return true;
    },
  };
}

/** The place of a field below a place. */
export function below(path: string, key: string): string {
  return path.endsWith(' ') ? `${path}${key}` : `${path}.${key}`;
}
