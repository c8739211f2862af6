import type { AttemptScope } from './attempt.ts';
import type { CancelSignal } from './cancel.ts';
import { GatewayError } from './errors.ts';
import type { Block, ChatRequest, DocumentBlock, ImageBlock, Message } from './ir.ts';

/** What was fetched: `data` is base64. */
export type Media = { readonly mediaType: string; readonly data: string };

/** Fetches an image or a document by its address; undefined where nothing is fetched. Throws `MediaError` with the reason, in words for the caller. */
export type FetchMedia = (url: string, kind: MediaKind, signal: CancelSignal) => Promise<Media | undefined>;
export type MediaKind = 'image' | 'document';

/** Why an address cannot be fetched, in words for the caller: no addresses of ours, nothing of what came. */
export class MediaError extends Error {
  override readonly name = 'MediaError';
}

/** What to do where a target takes no images by their address. */
export const sendBytes = 'Send it as base64, or let the gateway fetch it (media: { fetch: public } in its configuration)';

/** A call may name as many addresses that have to be fetched. */
const mostAddresses = 20;

/** The request with the data of what its target takes as data only; what cannot be fetched here is left to the back to refuse. */
export function withMedia(request: ChatRequest, scope: AttemptScope): ChatRequest | Promise<ChatRequest> {
  const { fetchMedia } = scope.world;
  if (fetchMedia === undefined) return request;
  const wanted = new Map<string, { readonly kind: MediaKind; readonly at: string }>();
  const look = (block: Block): void => {
    if (isAddressed(block, scope)) wanted.set(block.source.url, { kind: block.type, at: block.at ?? 'messages' });
    else for (const inner of innerOf(block)) look(inner);
  };
  for (const { blocks } of request.messages) for (const block of blocks) look(block);
  return wanted.size === 0 ? request : fetched(request, wanted, scope);
}

type Addressed = (ImageBlock | DocumentBlock) & { readonly source: { readonly kind: 'url'; readonly url: string } };

function isAddressed(block: Block, { call, back, target: { quirks } }: AttemptScope): block is Addressed {
  if (block.type !== 'image' && block.type !== 'document') return false;
  if (block.source.kind !== 'url' || !/^https?:/i.test(block.source.url)) return false;
  const isTaken = block.type === 'image' ? quirks.images !== false : quirks.documents !== false;
  // Within a format an address goes as it came: some servers take more than the format has.
  const byFormat = call.front.name !== back.name && back.back.asData?.includes(block.type) === true;
  return isTaken && (byFormat || (block.type === 'image' && quirks.imageUrls === false));
}

function innerOf(block: Block): readonly Block[] {
  if (block.type === 'toolResult') return block.content;
  return block.type === 'document' && block.source.kind === 'blocks' ? block.source.blocks : [];
}

async function fetched(
  request: ChatRequest,
  wanted: ReadonlyMap<string, { readonly kind: MediaKind; readonly at: string }>,
  scope: AttemptScope,
): Promise<ChatRequest> {
  const { world, call, back } = scope;
  if (wanted.size > mostAddresses) {
    throw new GatewayError(
      'invalid_request',
      `${wanted.size} images and documents are given by their address: at most ${mostAddresses} are fetched for a call`,
      {
        param: [...wanted.values()][mostAddresses]?.at ?? 'messages',
        hint: 'Send them as base64',
      },
    );
  }
  const found = new Map<string, Media>();
  await Promise.all(
    [...wanted].map(async ([url, { kind, at }]) => {
      try {
        const media = await world.fetchMedia?.(url, kind, call.signal);
        if (media !== undefined) found.set(url, media);
      } catch (thrown) {
        if (!(thrown instanceof MediaError)) throw thrown;
        throw new GatewayError('invalid_request', `the ${kind} could not be fetched: ${thrown.message}`, { param: at, hint: 'Send it as base64' });
      }
    }),
  );
  const fill = (block: Block): Block => {
    const media = isAddressed(block, scope) ? found.get(block.source.url) : undefined;
    if (media !== undefined) {
      scope.context.ledger.note('emulated', block.at ?? 'messages', `${back.name} takes it as data: it was fetched`);
      return { ...block, source: { kind: 'base64', ...media } } as Block;
    }
    if (block.type === 'toolResult') return { ...block, content: block.content.map(fill) };
    if (block.type === 'document' && block.source.kind === 'blocks') return { ...block, source: { kind: 'blocks', blocks: block.source.blocks.map(fill) } };
    return block;
  };
  const messages = request.messages.map((message): Message => ({ ...message, blocks: message.blocks.map(fill) }));
  return { ...request, messages };
}
