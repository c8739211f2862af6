import type { Dialect, HeaderMap, Operation } from '../core/dialect.ts';
import type { EmbeddingFormat } from '../core/embedding.ts';
import { wrongType } from '../core/json-cursor.ts';
import type { TopLevel } from '../core/top-level.ts';

type Checked = {
  readonly front: Dialect;
  readonly operation: Operation;
  /** How the caller asks for embeddings. */
  readonly embedding: EmbeddingFormat | undefined;
  readonly headers: HeaderMap;
  /** The URL names the model. */
  readonly named: boolean;
};

const longestName = 256;

/** Throws 400 naming the field for what can be seen of a body without a parse. */
export function checkBody(top: TopLevel, { front, operation, embedding, headers, named }: Checked): void {
  if (operation !== 'embeddings') {
    front.front.check(top, headers, operation);
    return;
  }
  const model = top.value('model');
  if (!named && (typeof model !== 'string' || model === '' || model.length > longestName)) {
    throw wrongType('model', `a non-empty string of at most ${longestName} characters`);
  }
  embedding?.front?.check(top);
}
