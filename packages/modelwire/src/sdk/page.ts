import { APIPromise } from './api-promise.ts';

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | null | undefined>>;

/** One page as its format writes it. */
export type PageBody<Item> = {
  readonly data: readonly Item[];
  readonly object?: string;
  readonly has_more?: boolean;
  readonly first_id?: string | null;
  readonly last_id?: string | null;
};

/** Fetches the page that the query names. */
export type FetchPage<Item> = (query: Query) => Promise<Page<Item>>;

/** A page of a list. Iterating it goes on through the pages after it. */
export class Page<Item> implements AsyncIterable<Item> {
  readonly data: Item[];
  readonly object: string;
  readonly has_more: boolean;
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly #query: Query;
  readonly #fetch: FetchPage<Item>;

  constructor(body: PageBody<Item>, query: Query, fetch: FetchPage<Item>) {
    this.data = [...body.data];
    this.object = body.object ?? 'list';
    this.has_more = body.has_more ?? false;
    this.first_id = body.first_id ?? null;
    this.last_id = body.last_id ?? null;
    this.#query = query;
    this.#fetch = fetch;
  }

  getPaginatedItems(): Item[] {
    return this.data;
  }

  hasNextPage(): boolean {
    return this.data.length > 0 && this.has_more && (this.#backwards ? this.first_id : this.last_id) !== null;
  }

  /** The page after this one, or before it when the list is walked backwards by `before_id`. */
  getNextPage(): Promise<Page<Item>> {
    if (!this.hasNextPage()) return Promise.reject(new RangeError('There is no next page: ask hasNextPage() first'));
    return this.#fetch({ ...this.#query, ...(this.#backwards ? { before_id: this.first_id } : { after_id: this.last_id }) });
  }

  async *iterPages(): AsyncGenerator<Page<Item>, void, undefined> {
    yield this;
    if (this.hasNextPage()) yield* (await this.getNextPage()).iterPages();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const page of this.iterPages()) yield* page.data;
  }

  get #backwards(): boolean {
    return this.#query['before_id'] !== undefined && this.#query['before_id'] !== null;
  }
}

/** The first page of a list under way; iterating it directly walks all pages. */
export class PagePromise<Item> extends APIPromise<Page<Item>> implements AsyncIterable<Item> {
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    yield* await this;
  }
}

/** The query string of a list, without its question mark. */
export function queryString(...queries: readonly (Query | undefined)[]): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(Object.assign({}, ...queries) as Query)) {
    if (value === null || value === undefined) continue;
    if (Array.isArray(value)) for (const one of value) search.append(`${name}[]`, String(one));
    else search.append(name, String(value));
  }
  return search.toString();
}
