import { GatewayError } from '../core/errors.ts';
import { isObject } from '../core/json-text.ts';
import { APIPromise, type Exchange, type Parse, type WithRequestID } from './api-promise.ts';
import type { Vendor } from './connection.ts';
import { Page, type PageBody, PagePromise, type Query } from './page.ts';
import { type Stream, streamOf } from './stream.ts';

/** The promise of a whole answer, which `read` may make more of. `T` is what the format documents: the JSON is not checked further. */
export function wholeReply<T extends object, Result extends object = T>(
  exchange: Promise<Exchange>,
  { idHeader }: Vendor,
  read: (value: T) => Promise<Result> = async (value) => value as object as Result,
): APIPromise<Result> {
  const parse: Parse<Result> = async (arrived) => {
    const value = await read((await readJson(arrived)) as T);
    return withRequestId(value, arrived.response.headers.get(idHeader));
  };
  return new APIPromise(exchange, parse, idHeader);
}

/** The promise of whatever comes: JSON as its value, with the request id when it is an object; anything else as text; nothing as null. */
export function anyReply(exchange: Promise<Exchange>, { idHeader }: Vendor): APIPromise<unknown> {
  const parse: Parse<unknown> = async (arrived) => {
    const { status, headers } = arrived.response;
    if (status === 204) return null;
    const text = await textOf(arrived);
    if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(headers.get('content-type') ?? '')) return text;
    if (text === '') return undefined;
    const value = parseJson(text, arrived);
    return isObject(value) ? withRequestId(value, headers.get(idHeader)) : value;
  };
  return new APIPromise<unknown>(exchange, parse, idHeader);
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

async function readJson(arrived: Exchange): Promise<Record<string, unknown>> {
  const value = parseJson(await textOf(arrived), arrived);
  if (isObject(value)) return value;
  throw arrived.failure(new GatewayError('upstream_invalid_response', 'the answer is not a JSON object: check the base URL'));
}

async function textOf({ response, failure }: Exchange): Promise<string> {
  try {
    return await response.text();
  } catch (thrown) {
    throw failure(thrown);
  }
}

function parseJson(text: string, { failure }: Exchange): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw failure(new GatewayError('upstream_invalid_response', 'the answer is not JSON: check the base URL', { cause }));
  }
}

function withRequestId<T extends object>(value: T, id: string | null): WithRequestID<T> {
  return Object.defineProperty(value, '_request_id', { value: id, enumerable: false }) as WithRequestID<T>;
}
