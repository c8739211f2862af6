import type { Block, ReasoningBlock } from './ir.ts';
import { isObject } from './json-text.ts';
import { sealMark } from './seal.ts';
import type { Target } from './target.ts';

/**
 * Thinking of another format's provider that must come back, text and opaque state, as one JSON text: what a dialect without a place for
 * it lets travel under our seal in something that its clients do send back.
 */
type Bundled = { readonly text?: string; readonly signature?: string; readonly redacted?: string };

/** Thinking that is signed, or that its provider wants to see again. */
export function mustReturn({ signature, redacted, text }: ReasoningBlock, { quirks }: Target): boolean {
  return signature !== undefined || redacted !== undefined || (text !== '' && (quirks.reasoningHistory ?? 'never') !== 'never');
}

export function bundleReasoning(blocks: readonly ReasoningBlock[]): string {
  const items = blocks.map(({ text, signature, redacted }): Bundled => ({
    ...(text === '' ? {} : { text }),
    ...(signature === undefined ? {} : { signature }),
    ...(redacted === undefined ? {} : { redacted }),
  }));
  return JSON.stringify(items);
}

/** The seal's mark and its origin, with the dot after it. */
export function originIn(sealed: string): string {
  return sealed.slice(0, sealed.indexOf('.', sealMark.length) + 1);
}

/** The blocks of a parsed bundle, each with its own seal again, as in every other format. Something else under our mark brings nothing back. */
export function bundledBlocks(bundle: unknown, origin: string, at: string): readonly Block[] {
  const sealed = (payload: unknown): string | undefined => (typeof payload === 'string' ? origin + payload : undefined);
  const items: readonly unknown[] = Array.isArray(bundle) ? bundle : [];
  return items.filter(isObject).map((item) => {
    const own = sealed(item['signature']);
    const secret = sealed(item['redacted']);
    return {
      type: 'reasoning',
      text: typeof item['text'] === 'string' ? item['text'] : '',
      at,
      ...(own === undefined ? {} : { signature: own }),
      ...(secret === undefined ? {} : { redacted: secret }),
    };
  });
}

/** What a sealed text holds; undefined when it is no JSON. */
export function parseSealed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
