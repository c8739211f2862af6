import type { Field, Shape, Value } from '../../packages/modelwire/src/core/verdicts.ts';

/** One leaf of a sample, and what must become of it. */
export type Leaf = {
  /** As notes write it: `messages[2].content[0].text`. */
  readonly path: string;
  /** The same with tags for numbers: `content.text.citations`. */
  readonly tags: string;
  /** A text that nothing else of the sample holds; absent for words, numbers and the like, which are tried by changing them. */
  readonly mark?: string;
  /** The same as a pattern: `messages[user].content[text].text`. */
  readonly pattern: string;
  readonly steps: readonly (string | number)[];
  /** The declared field that it belongs to, or the object that is kept whole; none for a field that no table has. */
  readonly owner?: Field | Shape;
  /** Another legal value, for a leaf that cannot be left out. */
  readonly other?: unknown;
};

export type Sample = { readonly value: unknown; readonly leaves: readonly Leaf[] };

type Place = { readonly path: string; readonly tags: string; readonly pattern: string; readonly steps: readonly (string | number)[] };
const root: Place = { path: '', tags: '', pattern: '', steps: [] };

function under(place: Place, key: string): Place {
  const join = (path: string): string => (path === '' ? key : `${path}.${key}`);
  return { path: join(place.path), tags: join(place.tags), pattern: join(place.pattern), steps: [...place.steps, key] };
}

function item(place: Place, index: number, tag: string | undefined): Place {
  return {
    path: `${place.path}[${index}]`,
    tags: tag === undefined ? place.tags : `${place.tags}.${tag}`,
    pattern: `${place.pattern}[${tag ?? ''}]`,
    steps: [...place.steps, index],
  };
}

export type SampleOptions = {
  /** A field that no table has, in every object. */
  readonly unknownField?: string;
  /** Set apart from the texts of other samples that stand beside it. */
  readonly salt?: string;
};

/** Which of several forms a value had least often so far. */
type Turns = { next(site: unknown, count: number): number };

function createTurns(): Turns {
  const used = new Map<unknown, number[]>();
  return {
    next(site, count) {
      const counts = used.get(site) ?? Array.from({ length: count }, () => 0);
      used.set(site, counts);
      const least = counts.indexOf(Math.min(...counts));
      counts[least] = (counts[least] ?? 0) + 1;
      return least;
    },
  };
}

const mostSamples = 40;

/** Legal values that show, taken together, every field, form and kind of object that is declared. */
export function samplesOf(value: Value, options: SampleOptions = {}): readonly Sample[] {
  const turns = createTurns();
  const shown = new Set<Field | Shape>();
  const samples: Sample[] = [];
  const wanted = declaredIn(value);
  while (shown.size < wanted.size) {
    if (samples.length === mostSamples) throw new Error(`${[...wanted].filter((one) => !shown.has(one)).length} of ${wanted.size} are never shown`);
    samples.push(sampleOf(value, { ...options, form: samples.length, turns, shown }));
  }
  return samples;
}

function declaredIn(value: Value, found: Set<Field | Shape> = new Set(), seen: Set<Value> = new Set()): Set<Field | Shape> {
  if (seen.has(value)) return found;
  seen.add(value);
  if (value.kind === 'list') for (const item of itemsOf(value)) declaredIn(item, found, seen);
  else if (value.kind === 'later' || value.kind === 'either' || value.kind === 'union') for (const form of formsOf(value)) declaredIn(form, found, seen);
  else if (value.kind === 'object') {
    found.add(value);
    for (const field of value.fields.values()) {
      found.add(field);
      declaredIn(field.value, found, seen);
    }
  }
  return found;
}

/** What a sample of the list shows. */
function itemsOf({ of, sample }: Value & { kind: 'list' }): readonly Value[] {
  const values = sample?.filter((item) => typeof item !== 'string') ?? [];
  return values.length === 0 ? [of] : values;
}

function formsOf(value: Value): readonly Value[] {
  if (value.kind === 'either') return value.of.flatMap(formsOf);
  if (value.kind === 'union') return [...value.of.values()];
  return value.kind === 'later' ? formsOf(value.of()) : [value];
}

type Sampling = SampleOptions & { readonly form: number; readonly turns: Turns; readonly shown: Set<Field | Shape> };

/** A legal value with everything that is declared, and a text of its own in every leaf that can hold one. */
function sampleOf(value: Value, options: Sampling): Sample {
  const leaves: Leaf[] = [];
  const ids = new Map<string, string[]>();
  const referred = new Map<string, number>();
  let marks = 0;
  let numbers = 0;

  const add = (place: Place, more: Pick<Leaf, 'mark' | 'other'>): void => void leaves.push({ ...place, ...more });
  const salt = (options.salt ?? '').replace(/\W|_/g, '');
  const newMark = (): string => `S${salt}${options.form}x${++marks}S`;

  const make = (shown: Value, place: Place): unknown => {
    switch (shown.kind) {
      case 'later':
        return make(shown.of(), place);
      case 'either':
      case 'union': {
        const forms = formsOf(shown);
        const chosen = forms[options.turns.next(shown, forms.length)];
        return chosen === undefined ? undefined : make(chosen, place);
      }
      case 'list':
        return makeList(shown, place);
      case 'object':
        return makeObject(shown, place);
      case 'text':
        return makeText(shown, place);
      case 'word': {
        const word = shown.sample ?? shown.words[0];
        add(place, { other: shown.words.find((one) => one !== word) });
        return word;
      }
      case 'number':
        return makeNumber(shown, place);
      case 'flag':
        add(place, { other: !shown.sample });
        return shown.sample;
      case 'json': {
        const mark = newMark();
        let named = mark;
        const made = shown.like(mark, (id) => (named = refer(id) ?? mark));
        const held = [mark, named].find((text) => JSON.stringify(made).includes(text));
        add(place, held === undefined ? {} : { mark: held });
        return made;
      }
    }
  };
  const makeText = (shown: Value & { kind: 'text' }, place: Place): string => {
    const mark = newMark();
    const made = shown.like?.(mark) ?? mark;
    if (shown.id !== undefined) ids.set(shown.id, [...(ids.get(shown.id) ?? []), made]);
    if (shown.refers === undefined) {
      add(place, { mark });
      return made;
    }
    return refer(shown.refers) ?? made;
  };
  const refer = (id: string): string | undefined => {
    const at = referred.get(id) ?? 0;
    referred.set(id, at + 1);
    return ids.get(id)?.[at];
  };
  /** Numbers of their own, in the lower part of the range, where other formats have room for them too. */
  const makeNumber = ({ least, most, whole }: Value & { kind: 'number' }, place: Place): number => {
    const share = (++numbers % 90) / 200 + 0.01;
    const made = least + (most - least) * share;
    add(place, { other: whole ? Math.round(made) + 1 : Number((made + (most - least) / 999).toFixed(4)) });
    return whole ? Math.round(made) : Number(made.toFixed(4));
  };
  const makeList = ({ of, sample }: Value & { kind: 'list' }, place: Place): unknown[] => {
    const union = of.kind === 'later' ? of.of() : of;
    const shapes = union.kind === 'union' ? union.of : new Map<string, Shape>();
    const items = sample ?? (union.kind === 'union' ? [...shapes.keys()] : [of]);
    return items.map((one, index) => {
      if (typeof one === 'string') return makeObject(shapes.get(one), item(place, index, one));
      return make(one, item(place, index, union.kind === 'union' ? tagOf(one, union.by) : undefined));
    });
  };
  const makeObject = (shape: Shape | undefined, place: Place): Record<string, unknown> => {
    const made: Record<string, unknown> = {};
    if (shape === undefined) return made;
    options.shown.add(shape);
    const left = new Set(
      (shape.choices ?? []).flatMap((choice) => {
        const chosen = options.turns.next(choice, choice.length);
        return choice.filter((_, index) => index !== chosen);
      }),
    );
    for (const [key, field] of shape.fields) {
      if (left.has(key)) continue;
      options.shown.add(field);
      const before = leaves.length;
      made[key] = make(field.value, under(place, key));
      // An object that is kept whole is one leaf with many marks.
      if (shape.opaque !== undefined)
        leaves.splice(
          before,
          Infinity,
          ...leaves
            .slice(before)
            .flatMap((leaf) => (leaf.mark === undefined ? [] : [{ ...leaf, path: place.path, tags: place.tags, pattern: place.pattern, owner: shape }])),
        );
      else if (isExempt(field) || isOnlyWord(field)) leaves.length = before;
      for (let at = before; at < leaves.length; at++) leaves[at] = { owner: field, ...(leaves[at] as Leaf) };
    }
    if (options.unknownField !== undefined && shape.opaque === undefined) {
      const mark = newMark();
      made[options.unknownField] = mark;
      add(under(place, options.unknownField), { mark });
    }
    return made;
  };

  return { value: make(value, root), leaves };
}

/** What an object says that it is. */
function tagOf(shown: Value, by: string): string | undefined {
  const tag = shown.kind === 'object' ? shown.fields.get(by)?.value : undefined;
  return tag?.kind === 'word' && tag.words.length === 1 ? tag.words[0] : undefined;
}

/** A word that must stand there says nothing. */
function isOnlyWord({ required, value }: Field): boolean {
  return required === true && value.kind === 'word' && value.words.length === 1;
}

/** Declared to be no loss to anybody. */
function isExempt(field: Field): boolean {
  return field.becomes === 'implied' || field.carried === true || (field.becomes === 'extra' && field.loss === 'nothing');
}

/** The same without one leaf, or with another value where it cannot be left out. */
export function without(value: unknown, { steps, other }: Leaf, isRequired: boolean): unknown {
  const copy: unknown = structuredClone(value);
  let at: unknown = copy;
  for (const step of steps.slice(0, -1)) at = (at as Record<string | number, unknown>)[step];
  const last = steps.at(-1) ?? '';
  if (isRequired && other !== undefined) (at as Record<string | number, unknown>)[last] = other;
  else delete (at as Record<string | number, unknown>)[last];
  return copy;
}
