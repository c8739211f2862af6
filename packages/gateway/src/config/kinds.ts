import * as v from 'valibot';
import { unknownKey } from './unknown-key.ts';

/**
 * Kinds of value that valibot has too, but that stop at the first unknown key there, take a list for a mapping, pass over keys of certain
 * names, or do not tell which alternative was meant. They are valibot schemas to all that looks at them, so they nest, are typed and are
 * published like its own.
 */

/** What the check of a value has come to. */
type Verdict<Output> = v.OutputDataset<Output, v.BaseIssue<unknown>>;
/** Checks the value with another schema. */
type Run = <Output>(schema: v.GenericSchema<unknown, Output>, value: unknown) => Verdict<Output>;
type Issues = v.BaseIssue<unknown>[];
type Mapping = Readonly<Record<string, unknown>>;

/** `shape` is what is published and told to types; `check` is what is done. */
function checkedBy<Output>(shape: v.GenericSchema, check: (value: unknown, run: Run) => Verdict<Output>): v.GenericSchema<unknown, Output> {
  // What the copy says of its types is said of `shape`, and the check in its place has its own.
  return { ...shape, '~run': (dataset, config) => check(dataset.value, (schema, value) => schema['~run']({ value }, config)) } as v.GenericSchema<
    unknown,
    Output
  >;
}

type Section<Entries extends v.ObjectEntries> = v.InferOutput<v.StrictObjectSchema<Entries, undefined>>;

/** A mapping with known keys only. `later` are keys that the design has and this version has not: refused, never ignored. */
export function section<const Entries extends v.ObjectEntries>(entries: Entries, later: readonly string[] = []) {
  const known = Object.keys(entries);
  return checkedBy<Section<Entries>>(v.strictObject(entries), (value, run) => {
    if (!isMapping(value)) return refused(value, 'must be a mapping (indented "name: value" lines)');
    const issues: Issues = [];
    const out: Record<string, unknown> = {};
    for (const [key, schema] of Object.entries(entries)) {
      const verdict = run(schema, value[key]);
      issues.push(...below(verdict, key, value));
      if (Object.hasOwn(value, key)) out[key] = verdict.value;
    }
    for (const key of Object.keys(value)) if (!known.includes(key)) issues.push(keyIssue(unknownKey(key, { known, later }), key, value));
    return outcome(out as Section<Entries>, issues);
  });
}

/** A mapping from names of any choice. A wrong name is all that is said of its entry. */
export function mapping<Output>(key: v.GenericSchema<string>, of: v.GenericSchema<unknown, Output>, what: string) {
  return checkedBy<Record<string, Output>>(v.record(key, of), (value, run) => {
    if (!isMapping(value)) return refused(value, `must be ${what}`);
    const issues: Issues = [];
    const out: Record<string, unknown> = {};
    // No object can hold __proto__ as a name; that it stands there is told when variables are put in.
    for (const name of Object.keys(value).filter((each) => each !== '__proto__')) {
      const fault = run(key, name).issues?.[0];
      const verdict = run(of, value[name]);
      issues.push(...(fault === undefined ? below(verdict, name, value) : [keyIssue(fault.message, name, value)]));
      out[name] = verdict.value;
    }
    return outcome(out as Record<string, Output>, issues);
  });
}

/** One of two kinds of value. Where one was clearly meant, its faults say more than "must be this or that". */
export function either<A, B>(one: v.GenericSchema<unknown, A>, other: v.GenericSchema<unknown, B>, what: string) {
  return checkedBy<A | B>(v.union([one, other]), (value, run) => {
    const verdicts: readonly Verdict<A | B>[] = [run(one, value), run(other, value)];
    const good = verdicts.find(({ issues }) => issues === undefined);
    const meant = verdicts.filter(({ typed, issues }) => typed || issues?.every(({ path }) => path !== undefined) === true);
    return good ?? (meant.length === 1 && meant[0] !== undefined ? meant[0] : refused(value, what));
  });
}

/** What `parse` makes of the value; undefined from it refuses the value. `shape` is what editors are told. */
export function parsed<Output>(shape: v.GenericSchema, parse: (value: unknown) => Output | undefined, message: string) {
  return checkedBy<Output>(shape, (value) => {
    const out = parse(value);
    return out === undefined ? refused(value, message) : { typed: true, value: out };
  });
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function outcome<Output>(value: Output, [first, ...rest]: Issues): Verdict<Output> {
  return first === undefined ? { typed: true, value } : { typed: false, value, issues: [first, ...rest] };
}

function refused<Output>(value: unknown, message: string): Verdict<Output> {
  return { typed: false, value, issues: [issueOf(message, value)] };
}

function issueOf(message: string, input: unknown, path?: v.BaseIssue<unknown>['path']): v.BaseIssue<unknown> {
  return { kind: 'validation', type: 'config', input, expected: null, received: '', message, path };
}

function keyIssue(message: string, key: string, input: Mapping): v.BaseIssue<unknown> {
  return issueOf(message, key, [{ type: 'object', origin: 'key', input, key, value: input[key] }]);
}

/** What was found in the value under the key, as seen from the mapping. */
function below({ issues = [] }: { readonly issues?: readonly v.BaseIssue<unknown>[] | undefined }, key: string, input: Mapping): Issues {
  return issues.map((issue) => ({ ...issue, path: [{ type: 'object', origin: 'value', input, key, value: input[key] }, ...(issue.path ?? [])] }));
}
