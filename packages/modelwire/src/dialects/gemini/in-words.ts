import type { Block, DocumentBlock, MediaSource, SearchResultBlock, TextBlock } from '../../core/ir.ts';
import { accountForBlock, loseCitations, type Writing } from './writing.ts';

/** A document that is a file. */
export type FileBlock = DocumentBlock & { readonly source: MediaSource };
/** A block that Google has a part for, or that is refused. */
export type PlainBlock = Exclude<Block, SearchResultBlock | DocumentBlock> | FileBlock;

/** Documents of text, and search results, have no parts of their own: they are told in words. */
export function inWords(block: Block, writing: Writing): readonly PlainBlock[] {
  if (block.type === 'searchResult') return [searchText(block, writing)];
  if (block.type !== 'document') return [block];
  const { source, ...rest } = block;
  if (source.kind !== 'text' && source.kind !== 'blocks') return [{ ...rest, source }];
  return documentText(block, source, writing);
}

type Words = Extract<DocumentBlock['source'], { readonly kind: 'text' | 'blocks' }>;

function documentText(block: DocumentBlock, source: Words, writing: Writing): readonly PlainBlock[] {
  const at = block.at ?? 'contents';
  const name = nameOf(block);
  const title = name === undefined ? '' : `[document: ${name}]`;
  accountForDocument(block, writing);
  if (source.kind === 'text') {
    writing.ledger.note('emulated', at, 'a text document is sent as text');
    return [said(block, title === '' ? source.text : `${title}\n${source.text}`)];
  }
  writing.ledger.note('emulated', at, 'a document is sent as its parts');
  if (title === '') accountForBlock(block, writing);
  return [...(title === '' ? [] : [said(block, title)]), ...source.blocks.flatMap((item) => inWords(item, writing))];
}

function searchText(block: SearchResultBlock, writing: Writing): TextBlock {
  const { ledger } = writing;
  const at = block.at ?? 'contents';
  ledger.note('emulated', at, 'a search result is sent as text');
  if (block.cite !== undefined) ledger.drop(`${at}.citations`, 'citations cannot be asked for there');
  for (const item of block.content) {
    loseCitations(item, writing);
    accountForBlock(item, writing);
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

/** What a document asks for besides being read. */
export function accountForDocument({ at = 'contents', context, cite }: DocumentBlock, { ledger }: Writing): void {
  if (context !== undefined) ledger.drop(`${at}.context`, 'there is no place for the context of a document');
  if (cite === true) ledger.drop(`${at}.citations`, 'citations cannot be asked for there');
}
