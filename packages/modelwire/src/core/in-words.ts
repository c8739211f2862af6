import { fieldPath } from './notes.ts';
import { accountForBlock, accountForDocument, type Accounting, loseCitations } from './accounting.ts';
import type { Block, DocumentBlock, MediaSource, SearchResultBlock, TextBlock } from './ir.ts';

/** A document that is a file. */
export type FileBlock = DocumentBlock & { readonly source: MediaSource };
/** A block that is not told in words. */
export type PlainBlock = Exclude<Block, SearchResultBlock | DocumentBlock> | FileBlock;

/** Documents of text, and search results, have no parts of their own in most formats: there they are told in words. */
export function inWords(block: Block, accounting: Accounting): readonly PlainBlock[] {
  if (block.type === 'searchResult') return [searchText(block, accounting)];
  if (block.type !== 'document') return [block];
  const { source, ...rest } = block;
  if (source.kind !== 'text' && source.kind !== 'blocks') return [{ ...rest, source }];
  return documentText(block, source, accounting);
}

type Words = Extract<DocumentBlock['source'], { readonly kind: 'text' | 'blocks' }>;

function documentText(block: DocumentBlock, source: Words, accounting: Accounting): readonly PlainBlock[] {
  const at = block.at ?? 'messages';
  const name = nameOf(block);
  const title = name === undefined ? '' : `[document: ${name}]`;
  accountForDocument(block, accounting);
  if (source.kind === 'text') {
    accounting.ledger.note('emulated', at, 'a text document is sent as text');
    return [said(block, title === '' ? source.text : `${title}\n${source.text}`)];
  }
  accounting.ledger.note('emulated', at, 'a document is sent as its parts');
  if (title === '') accountForBlock(block, accounting);
  return [...(title === '' ? [] : [said(block, title)]), ...source.blocks.flatMap((item) => inWords(item, accounting))];
}

function searchText(block: SearchResultBlock, accounting: Accounting): TextBlock {
  const { ledger } = accounting;
  const at = block.at ?? 'messages';
  ledger.note('emulated', at, 'a search result is sent as text');
  if (block.cite !== undefined) ledger.drop(fieldPath(block, 'citations', 'messages'), 'citations cannot be asked for there');
  for (const item of block.content) {
    loseCitations(item, accounting);
    accountForBlock(item, accounting);
  }
  return said(block, `${block.title}\nSource: ${block.source}\n\n${block.content.map(({ text }) => text).join('\n')}`);
}

/** Text with what the block carries besides. */
function said({ at, ext, cache }: Block, text: string): TextBlock {
  return { type: 'text', text, ...(at === undefined ? {} : { at }), ...(ext === undefined ? {} : { ext }), ...(cache === undefined ? {} : { cache }) };
}

export function nameOf({ title, filename }: DocumentBlock): string | undefined {
  return title ?? filename;
}
