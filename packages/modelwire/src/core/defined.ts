type Optional<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };
type Required<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] };

/** The object without its undefined fields: absent and undefined are two things in the IR. */
export function defined<T extends object>(value: T): Required<T> & Optional<T> {
  for (const key of Object.keys(value)) {
    if (value[key as keyof T] === undefined) delete value[key as keyof T];
  }
  return value as Required<T> & Optional<T>;
}
