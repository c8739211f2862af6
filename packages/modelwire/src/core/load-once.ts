/** What is loaded when it is first asked for, by name: a promise until it is there, itself from then on. A load that fails is tried again. */
export function loadOnce<Name extends string, T extends object>(loaders: { readonly [name in Name]: () => Promise<T> }): (name: Name) => T | Promise<T> {
  const held = new Map<Name, T | Promise<T>>();
  return (name) => {
    const known = held.get(name);
    if (known !== undefined) return known;
    const loading = loaders[name]().then(
      (loaded) => {
        held.set(name, loaded);
        return loaded;
      },
      (error: unknown) => {
        held.delete(name);
        throw error;
      },
    );
    held.set(name, loading);
    return loading;
  };
}
