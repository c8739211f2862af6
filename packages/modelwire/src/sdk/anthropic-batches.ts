import { split } from './anthropic-params.ts';
import type * as types from './anthropic-types.ts';
import { vendor } from './anthropic-vendor.ts';
import type { APIPromise, Exchange } from './api-promise.ts';
import type { Connection } from './connection.ts';
import { mergeHeaders } from './header-list.ts';
import { JSONLDecoder } from './jsonl.ts';
import type { PagePromise } from './page.ts';
import { pagedReply, wholeReply } from './read-reply.ts';
import { type PathRequest, request, segment } from './request.ts';
import type { RequestOptions } from './session.ts';

const root = '/v1/messages/batches';

type OfWorkspace = types.BatchRetrieveParams | null | undefined;

/** Many messages in one request, answered within a day. */
export class Batches {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  create(params: types.BatchCreateParams, options?: RequestOptions): APIPromise<types.MessageBatch> {
    const [body, withHeaders] = split(params, options);
    return wholeReply<types.MessageBatch>(request(this.#connection, { method: 'POST', path: root, body }, withHeaders), vendor);
  }

  retrieve(messageBatchID: string, params?: OfWorkspace, options?: RequestOptions): APIPromise<types.MessageBatch> {
    return wholeReply<types.MessageBatch>(this.#one({ method: 'GET', path: '' }, messageBatchID, params, options), vendor);
  }

  list(params?: types.BatchListParams | null, options?: RequestOptions): PagePromise<types.MessageBatch> {
    const [query, withHeaders] = split(params ?? {}, options);
    return pagedReply<types.MessageBatch>((page) => request(this.#connection, { method: 'GET', path: root, query: page }, withHeaders), query, vendor);
  }

  /** Removes a batch that has ended, with its results. */
  delete(messageBatchID: string, params?: OfWorkspace, options?: RequestOptions): APIPromise<types.DeletedMessageBatch> {
    return wholeReply<types.DeletedMessageBatch>(this.#one({ method: 'DELETE', path: '' }, messageBatchID, params, options), vendor);
  }

  /** Ends a batch early: what is under way is finished, what waits is not begun. */
  cancel(messageBatchID: string, params?: OfWorkspace, options?: RequestOptions): APIPromise<types.MessageBatch> {
    return wholeReply<types.MessageBatch>(this.#one({ method: 'POST', path: '/cancel' }, messageBatchID, params, options), vendor);
  }

  /**
   * The results of a batch that has ended, one by one, in any order. They are read at the client's own base URL, whatever address the
   * batch names: the key goes nowhere else.
   */
  async results(messageBatchID: string, params?: OfWorkspace, options?: RequestOptions): Promise<JSONLDecoder<types.MessageBatchIndividualResponse>> {
    const batch = await this.retrieve(messageBatchID, params, options);
    if (batch.results_url === null || batch.results_url === undefined) {
      throw vendor.family.misuse(`The batch ${messageBatchID} has no results yet: it is ${batch.processing_status}.`);
    }
    const accept = { ...options, headers: mergeHeaders({ accept: 'application/binary' }, options?.headers) };
    return new JSONLDecoder(await this.#one({ method: 'GET', path: '/results' }, messageBatchID, params, accept), vendor.format.consumed);
  }

  async #one({ method, path }: PathRequest, id: string, params: OfWorkspace, options: RequestOptions | undefined): Promise<Exchange> {
    const [, withHeaders] = split(params ?? {}, options);
    return await request(this.#connection, { method, path: `${root}/${segment(id, vendor)}${path}` }, withHeaders);
  }
}
