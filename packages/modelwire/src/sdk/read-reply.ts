import { GatewayError } from '../core/errors.ts';
import { isObject } from '../core/json-text.ts';
import { APIPromise, type Exchange, type Parse } from './api-promise.ts';
import type { Vendor } from './connection.ts';
import { Page, type PageBody, PagePromise, type Query } from './page.ts';
import { type Stream, streamOf } from './stream.ts';

/** The promise of a whole answer. `T` is what the format documents: the JSON is not checked further. `read` makes more of it. */
export function wholeReply<T extends object>(exchange: Promise<Exchange>, vendor: Vendor): APIPromise<T>;
export function wholeReply<T extends object, Read extends object>(exchange: Promise<Exchange>, vendor: Vendor, read: (value: T) => Read): APIPromise<Read>;
export function wholeReply<T extends object>(
  exchange: Promise<Exchange>,
  { idHeader }: Vendor,
  read: (value: T) => object = (value) => value,
): APIPromise<object> {
  const parse: Parse<object> = async (arrived) => {
    const value = read((await readJson(arrived)) as T);
    return Object.defineProperty(value, '_request_id', { value: arrived.response.headers.get(idHeader), enumerable: false });
  };
  return new APIPromise(exchange, parse, idHeader);
}

/** The promise of a stream. */
export function streamedReply<Item>(exchange: Promise<Exchange>, { format, idHeader }: Vendor): APIPromise<Stream<Item>> {
  return new APIPromise<Stream<Item>>(exchange, async (arrived) => streamOf<Item>(arrived, format), idHeader);
}

/** The promise of a list, page by page; `open` fetches the page of a query. */
export function pagedReply<Item>(open: (query: Query) => Promise<Exchange>, query: Query, { idHeader }: Vendor): PagePromise<Item> {
  const parse = async (arrived: Exchange, asked: Query): Promise<Page<Item>> => {
    const value = await readJson(arrived);
    const data = Array.isArray(value['data']) ? value['data'] : [];
    return new Page<Item>({ ...value, data } as PageBody<Item>, asked, async (next) => await parse(await open(next), next));
  };
  return new PagePromise<Item>(open(query), (arrived) => parse(arrived, query), idHeader);
}

async function readJson({ response, failure }: Exchange): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await response.text();
  } catch (thrown) {
    throw failure(thrown);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (cause) {
    throw failure(new GatewayError('upstream_invalid_response', 'the answer is not JSON: check the base URL', { cause }));
  }
  throw failure(new GatewayError('upstream_invalid_response', 'the answer is not a JSON object: check the base URL'));
}
