type Optional<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };
type Required<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] };

/** The object without its undefined fields: absent and undefined are two things in the IR. */
export function defined<T extends object>(value: T): Required<T> & Optional<T> {
  // A copy, since an object that a field was deleted of is slow from then on.
  const kept: { [key in keyof T]?: T[key] } = {};
  for (const key of Object.keys(value) as (keyof T)[]) {
    if (value[key] !== undefined) kept[key] = value[key];
  }
  return kept as unknown as Required<T> & Optional<T>;
}
