/** What is loaded when it is first asked for: a promise until it is there, itself from then on. A load that fails is tried again. */
export function lazily<T extends object>(load: () => Promise<T>): () => T | Promise<T> {
  let held: T | Promise<T> | undefined;
  return () => {
    held ??= load().then(
      (loaded) => (held = loaded),
      (error: unknown) => {
        held = undefined;
        throw error;
      },
    );
    return held;
  };
}
