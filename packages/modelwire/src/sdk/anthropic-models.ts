import { split } from './anthropic-params.ts';
import type * as types from './anthropic-types.ts';
import { vendor } from './anthropic-vendor.ts';
import type { APIPromise } from './api-promise.ts';
import type { Connection } from './connection.ts';
import { listModels, retrieveModel } from './list-models.ts';
import type { PagePromise } from './page.ts';
import { pagedReply, wholeReply } from './read-reply.ts';
import type { RequestOptions } from './session.ts';

export class Models {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  list(params?: types.ModelListParams | null, options?: RequestOptions): PagePromise<types.ModelInfo> {
    const [query, withHeaders] = split(params ?? {}, options);
    return pagedReply<types.ModelInfo>((page) => listModels(this.#connection, page, withHeaders), query, vendor);
  }

  retrieve(model: string, params?: { workspace_id?: string } | null, options?: RequestOptions): APIPromise<types.ModelInfo> {
    const [query, withHeaders] = split(params ?? {}, options);
    return wholeReply<types.ModelInfo>(retrieveModel(this.#connection, model, query, withHeaders), vendor);
  }
}
