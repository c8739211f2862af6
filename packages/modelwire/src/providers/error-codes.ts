import type { Quirks } from '../core/target.ts';

/** The providers' own error codes, where neither the status nor the words say what kind of error it is. */
type Codes = NonNullable<Quirks['errorCodes']>;

/** Zhipu and Z.ai: strings of digits, with messages in Chinese. */
export const glmCodes = {
  '1000': 'upstream_auth',
  '1001': 'upstream_auth',
  '1002': 'upstream_auth',
  '1003': 'upstream_auth',
  '1004': 'upstream_auth',
  '1110': 'upstream_auth',
  '1111': 'upstream_auth',
  '1112': 'upstream_auth',
  '1113': 'insufficient_quota',
  '1121': 'upstream_auth',
  '1211': 'model_not_found',
  '1220': 'upstream_auth',
  '1221': 'model_not_found',
  '1222': 'model_not_found',
  '1234': 'upstream_error',
  '1261': 'context_length_exceeded',
  '1300': 'content_filter',
  '1301': 'content_filter',
  '1302': 'rate_limit_exceeded',
  '1303': 'rate_limit_exceeded',
  '1304': 'insufficient_quota',
  '1305': 'overloaded',
  '1308': 'insufficient_quota',
  '1309': 'insufficient_quota',
  '1310': 'insufficient_quota',
  '1312': 'overloaded',
} as const satisfies Codes;

/** MiniMax, in `base_resp`. */
export const minimaxCodes = {
  '1000': 'upstream_error',
  '1001': 'upstream_error',
  '1002': 'rate_limit_exceeded',
  '1004': 'upstream_auth',
  '1008': 'insufficient_quota',
  '1024': 'upstream_error',
  '1026': 'content_filter',
  '1027': 'content_filter',
  '1033': 'upstream_error',
  '1039': 'rate_limit_exceeded',
  '1041': 'rate_limit_exceeded',
  '2013': 'invalid_request',
  '2045': 'rate_limit_exceeded',
  '2049': 'upstream_auth',
  '2056': 'insufficient_quota',
} as const satisfies Codes;

export const siliconflowCodes = {
  '20012': 'model_not_found',
  '30001': 'insufficient_quota',
  '30003': 'model_not_found',
  '30014': 'upstream_auth',
  '50505': 'overloaded',
} as const satisfies Codes;

/** iFlytek Spark. */
export const sparkCodes = {
  '10007': 'rate_limit_exceeded',
  '10013': 'content_filter',
  '10014': 'content_filter',
  '10019': 'content_filter',
  '10110': 'overloaded',
  '10163': 'invalid_request',
  '10907': 'context_length_exceeded',
  '11200': 'upstream_auth',
  '11201': 'insufficient_quota',
  '11202': 'rate_limit_exceeded',
  '11203': 'rate_limit_exceeded',
} as const satisfies Codes;
