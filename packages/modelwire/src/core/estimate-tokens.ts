import type { Block, ChatRequest } from './ir.ts';

/**
 * An estimate of a request's input tokens, for targets that count none themselves. Words, digits, punctuation and CJK characters are
 * weighed apart, which keeps prose, code and Chinese near the common tokenizers; docs/token-counts.md has the measured error. Never
 * shown as exact.
 */
export function estimateTokens(request: ChatRequest): number {
  let tokens = 3;
  for (const message of request.messages) {
    tokens += 4;
    for (const block of message.blocks) tokens += blockTokens(block);
  }
  for (const tool of request.tools ?? []) {
    tokens += 'raw' in tool ? textTokens(tool.raw) : 8 + textTokens(`${tool.name} ${tool.description ?? ''} ${tool.schema ?? ''}`);
  }
  return Math.round(tokens);
}

/** What an image or a page costs at the vendors varies with its size, which only the provider sees; this is their middle. */
const mediaTokens = 1000;

function blockTokens(block: Block): number {
  switch (block.type) {
    case 'text':
    case 'refusal':
      return textTokens(block.text);
    case 'reasoning':
      return textTokens(block.text);
    case 'toolCall':
      return 8 + textTokens(block.name + block.arguments);
    case 'toolResult':
      return 8 + block.content.reduce((sum, part) => sum + blockTokens(part), 0);
    case 'searchResult':
      return 8 + block.content.reduce((sum, part) => sum + blockTokens(part), 0);
    case 'document':
      return block.source.kind === 'text' ? textTokens(block.source.text) : mediaTokens;
    case 'image':
    case 'audio':
      return mediaTokens;
    case 'opaque':
      return textTokens(block.raw);
  }
}

const kinds = { space: 0, letter: 1, digit: 2, cjk: 3, mark: 4 } as const;
type Kind = (typeof kinds)[keyof typeof kinds];

/** One pass: runs of letters cost a token per six or so, digits per three, CJK about 0.8 each, other marks about 0.7 each. */
export function textTokens(text: string): number {
  let tokens = 0;
  let kind: Kind = kinds.space;
  let run = 0;
  const flush = (): void => {
    if (kind === kinds.letter) tokens += run <= 7 ? 1 : 1 + (run - 7) / 4;
    else if (kind === kinds.digit) tokens += Math.ceil(run / 3);
    else if (kind === kinds.cjk) tokens += run * 0.8;
    else if (kind === kinds.mark) tokens += 0.4 + run * 0.5;
  };
  for (let i = 0; i < text.length; i++) {
    const next = kindOf(text.charCodeAt(i));
    if (next !== kind) {
      flush();
      kind = next;
      run = 0;
    }
    run++;
  }
  flush();
  return tokens;
}

function kindOf(code: number): Kind {
  if (code === 32 || code === 10 || code === 9 || code === 13) return kinds.space;
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 0xc0 && code <= 0x24f) || (code >= 0x370 && code <= 0x5ff)) return kinds.letter;
  if (code >= 48 && code <= 57) return kinds.digit;
  if (code >= 0x2e80 && code <= 0xd7ff) return kinds.cjk;
  return kinds.mark;
}
