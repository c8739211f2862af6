import type { Context } from '../core/dialect.ts';
import type { EmbedRequest } from '../core/embedding.ts';

/** Notes for what most formats have no field for. */
export const account = {
  endUser({ endUser, names }: EmbedRequest, { ledger }: Context): void {
    if (endUser !== undefined) ledger.drop(names['endUser'] ?? 'user', 'there is no place for an end user');
  },
  task({ task, names }: EmbedRequest, { ledger }: Context): void {
    if (task !== undefined) ledger.drop(names['task'] ?? 'task', 'there is no such field: the same vectors serve every task');
  },
  truncation({ truncate, names }: EmbedRequest, { ledger }: Context): void {
    if (truncate !== undefined && truncate !== 'none') ledger.drop(names['truncate'] ?? 'truncate', 'a text that is too long is refused there');
  },
};
