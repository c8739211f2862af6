import { mergeHeaders } from './header-list.ts';
import type { RequestOptions } from './session.ts';

/** Parameters that travel as headers. */
export type HeaderParams = {
  readonly user_profile_id?: string;
  readonly workspace_id?: string;
  /** Names of what is not generally available yet. */
  readonly betas?: readonly string[];
};

/** The parameters that stay, and the options with the others as headers. */
export function split<Params extends object>(params: Params & HeaderParams, options: RequestOptions = {}): [Omit<Params, keyof HeaderParams>, RequestOptions] {
  const { user_profile_id, workspace_id, betas, ...body } = params;
  const own = { 'anthropic-user-profile-id': user_profile_id, 'anthropic-workspace-id': workspace_id, 'anthropic-beta': betas?.join(',') };
  return [body, { ...options, headers: mergeHeaders(own, options.headers) }];
}
