import type { Operation } from './dialect.ts';
import type { TopLevelEdit } from './dialect.ts';
import { joinChunks } from './body.ts';
import type { BodyForm, Endpoint } from './target.ts';
import { scanTopLevel, spliceTopLevel } from './top-level.ts';

/** A request before it is sent. */
export type Unsent = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly (Uint8Array | string)[];
};

export type Addressing = { readonly operation: Operation; readonly stream: boolean; readonly model: string };

/** The request in the endpoint's own form, where it has one: the same format behind other paths, with a few fields elsewhere. */
export function inForm(request: Unsent, { paths, body }: Endpoint, asked: Addressing): Unsent {
  const path = paths === undefined ? request.path : pathOf(paths, asked);
  if (body === undefined) return { ...request, path };
  const listed = body.listed === undefined ? undefined : request.headers[body.listed.header];
  const { [body.listed?.header ?? '']: _listed, ...headers } = request.headers;
  return { path, headers, body: spliceTopLevel(scanTopLevel(joined(request.body)), editsOf(body, listed)) };
}

function pathOf(paths: NonNullable<Endpoint['paths']>, { operation, stream, model }: Addressing): string {
  const path = operation === 'count_tokens' ? (paths.count_tokens ?? paths.chat) : stream ? paths.stream : paths.chat;
  return path.replaceAll('{model}', () => encodeURIComponent(model));
}

function editsOf({ without = [], set = {}, listed }: BodyForm, items: string | undefined): TopLevelEdit[] {
  const list = items?.split(',').flatMap((item) => item.trim() || []) ?? [];
  return [
    ...without.map((key): TopLevelEdit => ({ kind: 'remove', key, reason: 'the address says it' })),
    ...Object.entries(set).map(([key, raw]): TopLevelEdit => ({ kind: 'set', key, raw })),
    ...(listed === undefined || list.length === 0 ? [] : [{ kind: 'set' as const, key: listed.field, raw: JSON.stringify(list) }]),
  ];
}

const encoder = new TextEncoder();

function joined(body: Unsent['body']): Uint8Array {
  const chunks = body.map((part) => (typeof part === 'string' ? encoder.encode(part) : part));
  const only = chunks.length === 1 ? chunks[0] : undefined;
  return (
    only ??
    joinChunks(
      chunks,
      chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    )
  );
}
