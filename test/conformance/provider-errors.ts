import type { ErrorCode } from '../../packages/modelwire/src/core/errors.ts';

/** How the providers say no, and what that must be for our callers. */
export type ProviderError = {
  readonly names: readonly string[];
  readonly status: number;
  readonly body: unknown;
  readonly code: ErrorCode;
  /** The provider's words that must be left. */
  readonly says: string;
  /** Comes as an event of a stream, with status 200. */
  readonly event?: true;
};

const rows: { readonly [names: string]: readonly (readonly [status: number, body: unknown, code: ErrorCode, says: string])[] } = {
  deepseek: [
    [
      400,
      {
        error: {
          message: 'The `reasoning_content` in the thinking mode must be passed back to the API.',
          type: 'invalid_request_error',
          param: null,
          code: 'invalid_request_error',
        },
      },
      'invalid_request',
      'must be passed back',
    ],
    [
      401,
      {
        error: { message: 'Authentication Fails, Your api key: ****here is invalid', type: 'authentication_error', param: null, code: 'invalid_request_error' },
      },
      'upstream_auth',
      'Authentication Fails',
    ],
    [
      402,
      { error: { message: 'Insufficient Balance', type: 'unknown_error', param: null, code: 'invalid_request_error' } },
      'insufficient_quota',
      'Insufficient Balance',
    ],
  ],
  'dashscope dashscope-intl dashscope-coding': [
    [
      401,
      {
        error: {
          message: 'Incorrect API key provided. For details, see: https://help.aliyun.com/zh/model-studio/error-code#apikey-error',
          type: 'invalid_request_error',
          param: null,
          code: 'invalid_api_key',
        },
        request_id: '649b2bbc',
      },
      'upstream_auth',
      'Incorrect API key',
    ],
    [
      400,
      {
        error: { code: 'Arrearage', param: null, message: 'Access denied, please make sure your account is in good standing.', type: 'Arrearage' },
        request_id: '1',
      },
      'insufficient_quota',
      'good standing',
    ],
    [
      400,
      {
        error: {
          code: 'invalid_parameter_error',
          param: null,
          message: '<400> InternalError.Algo.InvalidParameter: parameter.enable_thinking must be set to false for non-streaming calls',
          type: 'invalid_request_error',
        },
      },
      'invalid_request',
      'enable_thinking must be set',
    ],
    [
      400,
      {
        error: {
          code: 'invalid_parameter_error',
          param: null,
          message: '<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 98304]',
          type: 'invalid_request_error',
        },
      },
      'context_length_exceeded',
      'Range of input length',
    ],
    [
      400,
      { error: { code: 'data_inspection_failed', param: null, message: 'Input data may contain inappropriate content.', type: 'data_inspection_failed' } },
      'content_filter',
      'inappropriate content',
    ],
  ],
  'moonshot moonshot-intl kimi-coding': [
    [400, { error: { type: 'content_filter', message: 'The request was rejected because it was considered high risk' } }, 'content_filter', 'high risk'],
    [401, { error: { message: 'Invalid Authentication', type: 'invalid_authentication_error' } }, 'upstream_auth', 'Invalid Authentication'],
    [
      429,
      { error: { message: 'Your account is suspended, please check your plan and billing details', type: 'exceeded_current_quota_error' } },
      'insufficient_quota',
      'suspended',
    ],
    [429, { error: { message: 'The engine is currently overloaded, please try again later', type: 'engine_overloaded_error' } }, 'overloaded', 'overloaded'],
    [
      400,
      { error: { message: 'Invalid request: Your request exceeded model token limit: 262144', type: 'invalid_request_error' } },
      'context_length_exceeded',
      '262144',
    ],
    [
      400,
      { error: { message: 'thinking is enabled but reasoning_content is missing in assistant tool call message at index 2', type: 'invalid_request_error' } },
      'invalid_request',
      'index 2',
    ],
  ],
  'zhipu zai zhipu-coding zai-coding': [
    [429, { error: { code: '1113', message: '余额不足或无可用资源包,请充值。' } }, 'insufficient_quota', '余额不足'],
    [429, { error: { code: '1302', message: '您的账户已达到速率限制，请您控制请求频率' } }, 'rate_limit_exceeded', '速率限制'],
    [401, { error: { code: '1000', message: '身份验证失败' } }, 'upstream_auth', '身份验证失败'],
    [400, { error: { code: '1261', message: 'Prompt 超长' } }, 'context_length_exceeded', '超长'],
    [400, { error: { code: '1301', message: '系统检测到输入或生成内容可能包含不安全或敏感内容' } }, 'content_filter', '敏感'],
    [400, { error: { code: '1211', message: '模型不存在，请检查模型代码。' } }, 'model_not_found', '模型不存在'],
    [429, { error: { code: '1305', message: '该模型当前访问量过大，请您稍后再试' } }, 'overloaded', '访问量过大'],
  ],
  'volcengine volcengine-coding byteplus': [
    [
      401,
      {
        error: {
          code: 'AuthenticationError',
          message: 'The API key or AK/SK in the request is missing or invalid. Request id: 0217',
          param: '',
          type: 'Unauthorized',
        },
      },
      'upstream_auth',
      'missing or invalid',
    ],
    [
      404,
      {
        error: {
          code: 'ModelNotOpen',
          message: 'Your account 2100000000 has not activated the model doubao-seed-1-6. Please activate the model service in the Ark Console.',
          param: '',
          type: 'NotFound',
        },
      },
      'model_not_found',
      'activate the model service',
    ],
    [
      403,
      {
        error: {
          code: 'AccountOverdueError',
          message: 'The request failed because your account has an overdue balance. Request ID: 0217',
          param: '',
          type: 'Forbidden',
        },
      },
      'insufficient_quota',
      'overdue balance',
    ],
    [
      429,
      {
        error: {
          code: 'RateLimitExceeded.EndpointTPMExceeded',
          message: 'The Tokens Per Minute limit of the endpoint is exceeded',
          param: '',
          type: 'TooManyRequests',
        },
      },
      'rate_limit_exceeded',
      'Tokens Per Minute',
    ],
  ],
  'minimax minimax-intl': [
    [
      200,
      { base_resp: { status_code: 1004, status_msg: "login fail: Please carry the API secret key in the 'Authorization' field of the request header" } },
      'upstream_auth',
      'login fail',
    ],
    [
      200,
      { id: '', choices: null, created: 0, model: '', object: '', usage: null, base_resp: { status_code: 1008, status_msg: 'insufficient balance' } },
      'insufficient_quota',
      'insufficient balance',
    ],
    [200, { base_resp: { status_code: 1002, status_msg: 'rate limit exceeded(RPM)' } }, 'rate_limit_exceeded', 'RPM'],
    [200, { base_resp: { status_code: 2013, status_msg: 'invalid params, messages is empty' } }, 'invalid_request', 'invalid params'],
    [200, { base_resp: { status_code: 1026, status_msg: 'input new_sensitive' } }, 'content_filter', 'new_sensitive'],
  ],
  'siliconflow siliconflow-intl': [
    [400, { code: 20012, message: 'Model does not exist. Please check it carefully.', data: null }, 'model_not_found', 'Model does not exist'],
    [401, 'Invalid token', 'upstream_auth', 'Invalid token'],
    [401, { code: 30014, message: 'Token is invalid.', data: null }, 'upstream_auth', 'Token is invalid'],
    [403, { code: 30003, message: 'Model disabled.', data: null }, 'model_not_found', 'Model disabled'],
    [403, { code: 30001, message: 'Sorry, your account balance is insufficient', data: null }, 'insufficient_quota', 'balance is insufficient'],
    [503, { code: 50505, message: 'Model service overloaded. Please try again later.', data: null }, 'overloaded', 'overloaded'],
  ],
  'hunyuan tencent-tokenhub': [
    [401, { error: { message: 'Incorrect API key provided', type: 'invalid_request_error', param: null, code: 'invalid_api_key' } }, 'upstream_auth', ''],
  ],
  qianfan: [
    [
      401,
      { error: { code: 'invalid_iam_token', message: 'invalid_iam_token', type: 'invalid_request_error' }, id: 'as-r43wh8e35y' },
      'upstream_auth',
      'invalid_iam_token',
    ],
    [
      404,
      {
        error: { code: 'invalid_model', message: 'The model does not exist or you do not have access to it.', type: 'invalid_request_error' },
        id: 'as-bkv66krfus',
      },
      'model_not_found',
      'does not exist',
    ],
    [
      400,
      { error: { code: 'invalid_argument', message: 'messages cannot be empty', type: 'invalid_request_error' }, id: 'as-1' },
      'invalid_request',
      'messages cannot be empty',
    ],
    [
      429,
      { error: { code: 'rpm_rate_limit_exceeded', message: 'Rate limit reached for RPM', type: 'rate_limit_exceeded' }, id: 'as-2' },
      'rate_limit_exceeded',
      'RPM',
    ],
    [403, { error: { code: 'account_overdue', message: 'account is overdue', type: 'access_denied' }, id: 'as-3' }, 'insufficient_quota', 'overdue'],
  ],
  'stepfun stepfun-intl': [[401, { error: { message: 'Incorrect API key provided', type: 'invalid_api_key' } }, 'upstream_auth', '']],
  'xiaomi-mimo': [
    [401, { error: { message: 'Invalid API Key', type: 'invalid_key', param: 'Please provide valid API Key', code: '401' } }, 'upstream_auth', ''],
  ],
  longcat: [
    [401, { error: { message: 'the API key is invalid', type: 'authentication_error', code: 'invalid_api_key' } }, 'upstream_auth', ''],
    [402, { error: { message: 'the balance is used up', type: 'permission_error', code: 'insufficient_quota' } }, 'insufficient_quota', ''],
  ],
  sensenova: [[401, { error: { code: 16, message: 'Unauthenticated', details: [] } }, 'upstream_auth', '']],
  spark: [
    [401, { error: { message: 'AppIdNoAuthError(sid:cha000b)', type: 'api_error', param: null, code: '11200' } }, 'upstream_auth', 'AppIdNoAuthError'],
    [200, { code: 10013, message: 'input content audit failed', sid: 'cha000b0003@dx1' }, 'content_filter', 'audit failed'],
    [200, { code: 11202, message: 'licc limit', sid: 'cha000b0003@dx2' }, 'rate_limit_exceeded', 'licc limit'],
  ],
  modelscope: [[429, { errors: { message: "You have exceeded today's quota for model X" }, request_id: '1' }, 'rate_limit_exceeded', "today's quota"]],
  'ppio novita': [[401, { code: 401, reason: 'INVALID_API_KEY', message: 'Failed to authenticate', metadata: {} }, 'upstream_auth', '']],
  baichuan: [
    [401, { error: { code: 'invalid_api_key', param: null, type: 'invalid_request_error', message: 'Incorrect API key provided' } }, 'upstream_auth', ''],
  ],
  lingyi: [[401, { error: { message: 'Illegal ApiKey', type: 'invalid_request_error', param: null, code: 'invalid_authorization' } }, 'upstream_auth', '']],
  infini: [[401, { msg: 'unauthorized', code: 401 }, 'upstream_auth', '']],
  'ant-ling': [[401, { error: { message: 'invalid api key', type: 'invalid_request_error' } }, 'upstream_auth', '']],
  groq: [
    [
      429,
      { error: { message: 'Rate limit reached for model `openai/gpt-oss-120b` on tokens per day (TPD)', type: 'tokens', code: 'rate_limit_exceeded' } },
      'rate_limit_exceeded',
      'TPD',
    ],
  ],
  mistral: [
    [
      422,
      {
        object: 'error',
        message: {
          detail: [
            { type: 'extra_forbidden', loc: ['body', 'messages', 1, 'assistant', 'reasoning_content'], msg: 'Extra inputs are not permitted', input: 'x' },
          ],
        },
        type: 'invalid_request_error',
        param: null,
        code: null,
      },
      'invalid_request',
      'body.messages.1.assistant.reasoning_content: Extra inputs are not permitted',
    ],
  ],
  xai: [
    [
      400,
      { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: xa***ey. You can obtain an API key from https://console.x.ai.' },
      'upstream_auth',
      'Incorrect API key',
    ],
  ],
  openrouter: [
    [
      403,
      {
        error: {
          message: 'anthropic/claude-sonnet-5 requires moderation. Your input was flagged for "violence".',
          code: 403,
          metadata: { reasons: ['violence'], flagged_input: '…' },
        },
      },
      'content_filter',
      'flagged',
    ],
  ],
  google: [
    [
      400,
      [{ error: { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT' } }],
      'upstream_auth',
      'API key not valid',
    ],
    [
      429,
      [
        {
          error: {
            code: 429,
            message: 'You exceeded your current quota, please check your plan and billing details. Please retry in 20s.',
            status: 'RESOURCE_EXHAUSTED',
          },
        },
      ],
      'rate_limit_exceeded',
      'retry in 20s',
    ],
  ],
};

const inStream: { readonly [names: string]: readonly (readonly [body: unknown, code: ErrorCode, says: string])[] } = {
  'minimax minimax-intl': [[{ base_resp: { status_code: 1002, status_msg: 'rate limit exceeded(RPM)' } }, 'rate_limit_exceeded', 'RPM']],
  spark: [[{ code: 10013, message: 'input content audit failed', sid: 'cha000b0003@dx1' }, 'content_filter', 'audit failed']],
  dashscope: [
    [
      {
        error: { code: 'data_inspection_failed', param: null, message: 'Output data may contain inappropriate content.', type: 'data_inspection_failed' },
        id: 'chatcmpl-1',
      },
      'content_filter',
      'inappropriate',
    ],
  ],
  openrouter: [
    [
      { id: 'gen-1', choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }], error: { code: 502, message: 'Provider disconnected' } },
      'upstream_error',
      'Provider disconnected',
    ],
  ],
};

export const providerErrors: readonly ProviderError[] = [
  ...Object.entries(rows).flatMap(([names, said]) => said.map(([status, body, code, says]) => ({ names: names.split(' '), status, body, code, says }))),
  ...Object.entries(inStream).flatMap(([names, said]) =>
    said.map(([body, code, says]) => ({ names: names.split(' '), status: 200, body, code, says, event: true as const })),
  ),
];
