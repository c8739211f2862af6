/** Batches of messages, under the official package's names. */

import type { Message, MessageCreateParamsNonStreaming } from './anthropic-types.ts';

type OfWorkspace = {
  /** Sent as a header. */
  workspace_id?: string;
};

export type BatchCreateParams = OfWorkspace & {
  requests: { custom_id: string; params: MessageCreateParamsNonStreaming }[];
  /** Sent as a header. */
  user_profile_id?: string;
};
export type BatchRetrieveParams = OfWorkspace;
export type BatchDeleteParams = OfWorkspace;
export type BatchCancelParams = OfWorkspace;
export type BatchResultsParams = OfWorkspace;
export type BatchListParams = OfWorkspace & { limit?: number; before_id?: string; after_id?: string };

export type MessageBatch = {
  id: string;
  archived_at: string | null;
  cancel_initiated_at: string | null;
  created_at: string;
  ended_at: string | null;
  expires_at: string;
  processing_status: 'in_progress' | 'canceling' | 'ended';
  request_counts: MessageBatchRequestCounts;
  /** Set once it has ended. */
  results_url: string | null;
  type: 'message_batch';
};
export type MessageBatchRequestCounts = { canceled: number; errored: number; expired: number; processing: number; succeeded: number };
export type DeletedMessageBatch = { id: string; type: 'message_batch_deleted' };

export type MessageBatchIndividualResponse = { custom_id: string; result: MessageBatchResult };
export type MessageBatchResult = MessageBatchSucceededResult | MessageBatchErroredResult | MessageBatchCanceledResult | MessageBatchExpiredResult;
export type MessageBatchSucceededResult = { message: Message; type: 'succeeded' };
export type MessageBatchErroredResult = { error: ErrorResponse; type: 'errored' };
export type MessageBatchCanceledResult = { type: 'canceled' };
export type MessageBatchExpiredResult = { type: 'expired' };

export type ErrorResponse = { error: ErrorObject; request_id: string | null; type: 'error' };
export type ErrorObject = {
  message: string;
  type: `${'api' | 'authentication' | 'billing' | 'invalid_request' | 'not_found' | 'overloaded' | 'permission' | 'rate_limit' | 'timeout'}_error`;
};
