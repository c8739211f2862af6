import type { ErrorFamily } from './failure.ts';

/** What every stream of events tells besides its own: `end` comes last, after `error` or `abort` when it went ill. */
export type StreamEvents = {
  connect: () => void;
  error: (error: never) => void;
  abort: (error: never) => void;
  end: () => void;
};

type Listen<Args extends readonly unknown[]> = (...args: Args) => void;
type ArgsOf<Event> = Event extends (...args: infer Args) => void ? Args : never;

/** What `emitted` gives: nothing, the only argument, or all of them. */
type Emitted<Args extends readonly unknown[]> = Args extends [infer Only] ? Only : Args extends [] ? void : Args;

type Registered = { readonly listener: unknown; readonly run: Listen<readonly unknown[]>; readonly once: boolean };

/**
 * A call that tells what happens as it happens. It starts in the next microtask, so that listeners can be added. A failure that nobody
 * listens for, awaits or iterates over is an unhandled rejection: it is never silent.
 */
export class EventStream<Events extends StreamEvents> {
  /** Aborts the call. */
  readonly controller: AbortController = new AbortController();
  /** Words what goes wrong. */
  protected readonly family: ErrorFamily;
  readonly #listeners = new Map<keyof Events, readonly Registered[]>();
  readonly #finished = deferred();
  #failure: Error | undefined;
  #ended = false;
  #aborted = false;
  /** Whether someone waits for the outcome, so that a failure reaches them. */
  #awaited = false;

  constructor(family: ErrorFamily) {
    this.family = family;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Also when it was aborted. */
  get errored(): boolean {
    return this.#failure !== undefined;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  abort(): void {
    this.controller.abort();
  }

  /** Calls the listener each time. The same one may be added twice. */
  on<Name extends keyof Events>(name: Name, listener: Events[Name]): this {
    return this.#listen(name, listener, false);
  }

  /** Takes one registration of the listener away. */
  off<Name extends keyof Events>(name: Name, listener: Events[Name]): this {
    this.#remove(name, (one) => one.listener === listener);
    return this;
  }

  /** Calls the listener the next time only. */
  once<Name extends keyof Events>(name: Name, listener: Events[Name]): this {
    return this.#listen(name, listener, true);
  }

  /** Resolves with the next event of the name; rejects when the call fails, is aborted or ends before. */
  emitted<Name extends keyof Events>(name: Name): Promise<Emitted<ArgsOf<Events[Name]>>> {
    return new Promise((resolve, reject) => {
      const settle = (...args: readonly unknown[]): void => resolve((args.length < 2 ? args[0] : args) as Emitted<ArgsOf<Events[Name]>>);
      this.#register(name, { listener: settle, run: settle, once: true });
      this.done().then(() => reject(this.family.misuse(`The stream ended without an event "${String(name)}".`)), reject);
    });
  }

  /** Resolves at the end; rejects when the call fails or is aborted. */
  done(): Promise<void> {
    this.#awaited = true;
    return this.#finished.promise;
  }

  /** Someone waits for the outcome by other means than `done`. */
  protected heed(): void {
    this.#awaited = true;
  }

  /** Does the work of the stream: it succeeds or fails as `work` does. */
  protected run(work: () => Promise<void>): void {
    void Promise.resolve()
      .then(work)
      .then(
        () => this.#finish(undefined),
        (thrown: unknown) => this.#finish(this.#asFailure(thrown)),
      );
  }

  /** Aborts this stream when the caller's own signal does. */
  protected follow(signal: AbortSignal | null | undefined): void {
    if (signal === null || signal === undefined) return;
    const abort = (): void => this.controller.abort();
    if (signal.aborted) abort();
    else {
      signal.addEventListener('abort', abort, { once: true });
      const release = (): void => signal.removeEventListener('abort', abort);
      this.#finished.promise.then(release, release);
    }
  }

  protected emit<Name extends keyof Events>(name: Name, ...args: ArgsOf<Events[Name]>): void {
    this.#tell(name, args);
  }

  protected isHeard(name: keyof Events): boolean {
    return (this.#listeners.get(name) ?? []).length > 0;
  }

  /**
   * The events of the name, one after another: what `item` makes of each, by default its first argument. Leaving the loop does what
   * `leave` does, by default abort the call. Rejects when the call fails or is aborted, unless that is what is asked for.
   */
  protected iterate<Item>(
    name: keyof Events,
    item: (...args: readonly unknown[]) => unknown = (first) => first,
    leave: () => void = () => this.abort(),
  ): AsyncIterator<Item> {
    const ready: Item[] = [];
    const waiting: { resolve(result: IteratorResult<Item>): void; reject(failure: unknown): void }[] = [];
    let failed: { readonly failure: unknown } | undefined;
    let over = false;
    const take = (...args: readonly unknown[]): void => {
      const value = item(...args) as Item;
      const reader = waiting.shift();
      if (reader === undefined) ready.push(value);
      else reader.resolve({ value, done: false });
    };
    const close = (): void => {
      over = true;
      for (const reader of waiting.splice(0)) reader.resolve({ value: undefined, done: true });
    };
    const fail = (failure: unknown): void => {
      if (over) return;
      const reader = waiting.shift();
      if (reader === undefined) failed = { failure };
      else reader.reject(failure);
      close();
    };
    this.#register(name, { listener: take, run: take, once: false });
    this.done().then(close, name === 'error' || name === 'abort' ? close : fail);
    return {
      next() {
        if (ready.length > 0) return Promise.resolve({ value: ready.shift() as Item, done: false });
        if (failed !== undefined) {
          const { failure } = failed;
          failed = undefined;
          return Promise.reject(failure);
        }
        if (over) return Promise.resolve({ value: undefined, done: true });
        return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
      },
      return: () => {
        ready.length = 0;
        failed = undefined;
        close();
        this.#remove(name, (one) => one.listener === take);
        if (!this.#ended) leave();
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }

  #listen(name: keyof Events, listener: unknown, once: boolean): this {
    if (typeof listener !== 'function') throw this.family.misuse(`The listener for "${String(name)}" must be a function.`);
    this.#register(name, { listener, run: (...args) => void Reflect.apply(listener, undefined, args), once });
    return this;
  }

  #register(name: keyof Events, registered: Registered): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), registered]);
  }

  #remove(name: keyof Events, matches: (one: Registered) => boolean): void {
    const registered = this.#listeners.get(name) ?? [];
    const at = registered.findIndex(matches);
    if (at !== -1) this.#listeners.set(name, registered.toSpliced(at, 1));
  }

  #tell(name: keyof Events, args: readonly unknown[]): void {
    const registered = this.#listeners.get(name);
    if (registered === undefined) return;
    if (registered.some((one) => one.once)) {
      this.#listeners.set(
        name,
        registered.filter((one) => !one.once),
      );
    }
    for (const one of registered) one.run(...args);
  }

  #asFailure(thrown: unknown): Error {
    const { family, controller } = this;
    if (controller.signal.aborted) {
      this.#aborted = true;
      return family.aborted();
    }
    if (family.is(thrown)) return thrown;
    return family.misuse(thrown instanceof Error ? thrown.message : String(thrown), thrown);
  }

  #finish(failure: Error | undefined): void {
    this.#failure = failure;
    this.#ended = true;
    const name = this.#aborted ? 'abort' : 'error';
    const heard = this.#awaited || this.isHeard(name);
    if (failure === undefined) this.#finished.resolve();
    else this.#finished.reject(failure);
    try {
      if (failure !== undefined) this.#tell(name, [failure]);
    } finally {
      this.#tell('end', []);
    }
    if (failure !== undefined && !heard) throw failure;
  }
}

/** A promise that is settled from outside, and whose rejection may go unheard. */
export function deferred(): { readonly promise: Promise<void>; resolve(): void; reject(error: unknown): void } {
  let resolve = (): void => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
