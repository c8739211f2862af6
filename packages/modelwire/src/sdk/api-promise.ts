/** A result that also carries the id by which its provider knows the request. */
export type WithRequestID<T> = T extends object ? T & { _request_id?: string | null } : T;

/** An HTTP exchange whose body has not been read. */
export type Exchange = {
  readonly response: Response;
  /** Aborts the call, its retries and its body. */
  readonly controller: AbortController;
  /** Whatever broke the body, as the error class of the face. */
  failure(thrown: unknown): Error;
};

/** How the caller's result is read from an exchange. */
export type Parse<T> = (exchange: Exchange) => Promise<WithRequestID<T>>;

/** The call under way: a promise of its parsed result, which also gives the raw `Response`. */
export class APIPromise<T> extends Promise<WithRequestID<T>> {
  readonly #exchange: Promise<Exchange>;
  readonly #parse: Parse<T>;
  readonly #idHeader: string;
  #parsed: Promise<WithRequestID<T>> | undefined;

  constructor(exchange: Promise<Exchange>, parse: Parse<T>, idHeader: string) {
    // The base promise is never used: `then`, `catch` and `finally` read the body first, and only when one of them is called.
    super(() => undefined);
    this.#exchange = exchange;
    this.#parse = parse;
    this.#idHeader = idHeader;
  }

  // Promises that the built-in methods derive are plain ones: this class's constructor takes other arguments.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** The `Response` itself, its body unread. Rejects as the call does. */
  async asResponse(): Promise<Response> {
    const { response } = await this.#exchange;
    return response;
  }

  /** The parsed result, the `Response` it came in, and the provider's request id. */
  async withResponse(): Promise<{ data: T; response: Response; request_id: string | null }> {
    const [data, response] = await Promise.all([this.#read(), this.asResponse()]);
    return { data, response, request_id: response.headers.get(this.#idHeader) };
  }

  // oxlint-disable-next-line unicorn/no-thenable -- It is a promise: `then` is where the body is read, as in the official packages.
  override then<Done = WithRequestID<T>, Failed = never>(
    onfulfilled?: ((value: WithRequestID<T>) => Done | PromiseLike<Done>) | null,
    onrejected?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Done | Failed> {
    return this.#read().then(onfulfilled, onrejected);
  }

  override catch<Failed = never>(onrejected?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null): Promise<WithRequestID<T> | Failed> {
    return this.#read().catch(onrejected);
  }

  override finally(onfinally?: (() => void) | null): Promise<WithRequestID<T>> {
    return this.#read().finally(onfinally);
  }

  #read(): Promise<WithRequestID<T>> {
    this.#parsed ??= this.#exchange.then(this.#parse);
    return this.#parsed;
  }
}
