import { allBuckets, answer, cached, chunks, city, counts, done, entire, plain, reasoned, thought, thoughtPieces, type ProviderShape } from './shape.ts';

const deepseekHead = {
  id: '930c60df-bf64-41c9-a88e-3ec75f81e00e',
  object: 'chat.completion.chunk',
  created: 1_793_000_000,
  model: 'deepseek-flash',
  system_fingerprint: 'fp_8b330d02d0_prod0820_fp8_kvcache',
};
const deepseekUsage = { ...counts, ...cached, ...reasoned, prompt_cache_hit_tokens: 100, prompt_cache_miss_tokens: 20 };
const deepseekChunk = chunks(deepseekHead, { logprobs: null, finish_reason: null });
const deepseekId = 'call_00_KqDsRrJDwFLAAGhuS8Ru1871';

/** Both keys always; the name in the first piece alone, the arguments letter by letter; usage on the chunk with the finish reason. */
const deepseek: ProviderShape = {
  names: ['deepseek'],
  stream: [
    deepseekChunk({ role: 'assistant', content: null, reasoning_content: '' }, {}, { usage: null }),
    ...thoughtPieces.map((text) => deepseekChunk({ content: null, reasoning_content: text }, {}, { usage: null })),
    deepseekChunk({ content: '我查', reasoning_content: null }, {}, { usage: null }),
    deepseekChunk({ content: '一下。', reasoning_content: null }, {}, { usage: null }),
    deepseekChunk({ tool_calls: [{ index: 0, id: deepseekId, type: 'function', function: { name: 'weather', arguments: '' } }] }, {}, { usage: null }),
    ...['{', '"', 'city', '"', ':', '"', '巴', '黎', '"', '}'].map((text) =>
      deepseekChunk({ tool_calls: [{ index: 0, function: { arguments: text } }] }, {}, { usage: null }),
    ),
    deepseekChunk({ content: '', reasoning_content: null }, { finish_reason: 'tool_calls' }, { usage: deepseekUsage }),
    done,
  ],
  whole: answer(
    deepseekHead,
    { content: '我查一下。', reasoning_content: thought, tool_calls: [entire(deepseekId, { index: 0 })] },
    { usage: deepseekUsage },
    { logprobs: null },
  ),
  says: '我查一下。',
  id: deepseekId,
  usage: allBuckets,
  returns: { call: 'reasoning_content', text: 'reasoning_content' },
  placeholder: '',
};

const qwenHead = {
  id: 'chatcmpl-73c1b3d2-5a09-9e4c-8a11-0d5f3ef5d3f1',
  object: 'chat.completion.chunk',
  created: 1_793_000_001,
  model: 'qwen-plus',
  system_fingerprint: null,
};
const qwenUsage = { ...counts, ...cached, completion_tokens_details: { reasoning_tokens: 30 } };
const qwenChunk = chunks(qwenHead, { finish_reason: null, logprobs: null });
const qwenId = 'call_f4e6ae5d1c8b4b36a1b3a6';

/** Later pieces of a call bear an empty id and the type again; usage in a chunk of its own. */
const dashscope: ProviderShape = {
  names: ['dashscope', 'dashscope-intl'],
  stream: [
    qwenChunk({ content: null, role: 'assistant', reasoning_content: '' }, {}, { usage: null }),
    ...thoughtPieces.map((text) => qwenChunk({ content: null, reasoning_content: text }, {}, { usage: null })),
    qwenChunk(
      { content: null, reasoning_content: null, tool_calls: [{ index: 0, id: qwenId, type: 'function', function: { name: 'weather', arguments: '' } }] },
      {},
      { usage: null },
    ),
    ...['{"city":', ' "', '巴黎"}'].map((text) =>
      qwenChunk(
        { content: null, reasoning_content: null, tool_calls: [{ index: 0, id: '', type: 'function', function: { arguments: text } }] },
        {},
        { usage: null },
      ),
    ),
    qwenChunk({ content: '', reasoning_content: null }, { finish_reason: 'tool_calls' }, { usage: null }),
    { ...qwenHead, choices: [], usage: qwenUsage },
    done,
  ],
  whole: answer(
    qwenHead,
    {
      content: '',
      reasoning_content: thought,
      tool_calls: [{ index: 0, id: qwenId, type: 'function', function: { name: 'weather', arguments: '{"city": "巴黎"}' } }],
    },
    { usage: qwenUsage },
    { logprobs: null },
  ),
  id: qwenId,
  usage: allBuckets,
};

const kimiHead = {
  id: 'chatcmpl-6903a1b2c3d4',
  object: 'chat.completion.chunk',
  created: 1_793_000_002,
  model: 'kimi-k2.6',
  system_fingerprint: 'fpv0_ff52a3ef',
};
const kimiUsage = { ...counts, cached_tokens: 100 };
const kimiChunk = chunks(kimiHead, { finish_reason: null });

/** Ids are name:index; usage inside the last choice, and once more at the top when it is asked for. */
const kimiShape: Omit<ProviderShape, 'names' | 'returns'> = {
  stream: [
    kimiChunk({ role: 'assistant', content: '' }),
    ...thoughtPieces.map((text) => kimiChunk({ reasoning_content: text })),
    kimiChunk({ tool_calls: [{ index: 0, id: 'weather:0', type: 'function', function: { name: 'weather', arguments: '' } }] }),
    ...['{"city', '":"巴', '黎"}'].map((text) => kimiChunk({ tool_calls: [{ index: 0, function: { arguments: text } }] })),
    kimiChunk({}, { finish_reason: 'tool_calls', usage: kimiUsage }),
    { ...kimiHead, choices: [], usage: kimiUsage },
    done,
  ],
  whole: answer(kimiHead, { content: '', reasoning_content: thought, tool_calls: [entire('weather:0', { index: 0 })] }, { usage: kimiUsage }),
  id: 'weather:0',
  usage: { input: 20, cacheRead: 100, output: 50 },
  placeholder: ' ',
};
const kimi: readonly ProviderShape[] = [
  { ...kimiShape, names: ['moonshot', 'moonshot-intl'], model: 'kimi-k2.6', returns: { call: 'reasoning_content' } },
  { ...kimiShape, names: ['moonshot', 'moonshot-intl', 'kimi-coding'], returns: { call: 'reasoning_content', text: 'reasoning_content' } },
];

const glmHead = { id: '2026092614302511a2b3c4d5e64f1a', created: 1_793_000_003, object: 'chat.completion.chunk', model: 'glm-5.3' };
const glmUsage = { ...counts, ...cached };
const glmChunk = chunks(glmHead);
const glmId = 'call_-8193726450918273645';

/** No finish_reason key until the end; the call whole in one delta; usage beside the finish reason. */
const glm: ProviderShape = {
  names: ['zhipu', 'zai', 'zhipu-coding', 'zai-coding'],
  stream: [
    ...thoughtPieces.map((text) => glmChunk({ role: 'assistant', reasoning_content: text })),
    glmChunk({ role: 'assistant', content: '我查一下。' }),
    glmChunk({ role: 'assistant', tool_calls: [entire(glmId, { index: 0 })] }),
    glmChunk({ role: 'assistant', content: '' }, { finish_reason: 'tool_calls' }, { usage: glmUsage }),
    done,
  ],
  whole: answer(
    glmHead,
    { content: '我查一下。', reasoning_content: thought, tool_calls: [entire(glmId, { index: 0 })] },
    { request_id: glmHead.id, usage: glmUsage },
  ),
  says: '我查一下。',
  id: glmId,
  usage: { input: 20, cacheRead: 100, output: 50 },
  returns: { call: 'reasoning_content' },
};

const arkHead = {
  id: '021793000004d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d',
  object: 'chat.completion.chunk',
  created: 1_793_000_004,
  model: 'doubao-seed-2-1-pro-260628',
  service_tier: 'default',
};
const arkUsage = { ...counts, ...cached, ...reasoned };
const arkChunk = chunks(arkHead);
const arkId = 'call_9q3x1l0k2m7w8z5v4b6n1c2d';

/** Empty content beside the thinking; base36 ids; usage in a chunk of its own. */
const ark: ProviderShape = {
  names: ['volcengine', 'volcengine-coding', 'byteplus'],
  stream: [
    ...thoughtPieces.map((text) => arkChunk({ content: '', reasoning_content: text, role: 'assistant' }, {}, { usage: null })),
    arkChunk(
      { content: '', role: 'assistant', tool_calls: [{ function: { arguments: '', name: 'weather' }, id: arkId, index: 0, type: 'function' }] },
      {},
      { usage: null },
    ),
    ...['{"', 'city', '":"', '巴黎', '"}'].map((text) =>
      arkChunk({ content: '', role: 'assistant', tool_calls: [{ function: { arguments: text, name: '' }, index: 0 }] }, {}, { usage: null }),
    ),
    arkChunk({ content: '', role: 'assistant' }, { finish_reason: 'tool_calls' }, { usage: null }),
    { ...arkHead, choices: [], usage: arkUsage },
    done,
  ],
  whole: answer(arkHead, { content: '', reasoning_content: thought, tool_calls: [entire(arkId)] }, { usage: arkUsage }, { logprobs: null }),
  id: arkId,
  usage: allBuckets,
};

const minimaxHead = { id: '0562f4b0d7e1c2a3b4c5d6e7f8a9b0c1', created: 1_793_000_005, model: 'MiniMax-M3.1-Flash', object: 'chat.completion.chunk' };
const minimaxFlags = {
  input_sensitive: false,
  output_sensitive: false,
  input_sensitive_type: 0,
  output_sensitive_type: 0,
  base_resp: { status_code: 0, status_msg: '' },
};
const minimaxUsage = { ...counts, total_characters: 0, ...cached, ...reasoned };
const minimaxChunk = chunks(minimaxHead, { finish_reason: null });
const minimaxId = 'call_function_2z9k8x7w6v5u_1';
const minimaxMessage = {
  content: '',
  role: 'assistant',
  name: 'MiniMax AI',
  audio_content: '',
  reasoning_content: thought,
  tool_calls: [entire(minimaxId, { index: 0 })],
};

/** base_resp in every answer; the last chunk is the whole answer once more; no [DONE]. */
const minimax: ProviderShape = {
  names: ['minimax', 'minimax-intl'],
  model: 'MiniMax-M3.1-Flash',
  stream: [
    ...thoughtPieces.map((text) =>
      minimaxChunk({ content: '', role: 'assistant', name: 'MiniMax AI', audio_content: '', reasoning_content: text }, {}, { usage: null, ...minimaxFlags }),
    ),
    minimaxChunk({ role: 'assistant', tool_calls: [entire(minimaxId, { index: 0 })] }, {}, { usage: null, ...minimaxFlags }),
    {
      ...minimaxHead,
      object: 'chat.completion',
      choices: [{ finish_reason: 'tool_calls', index: 0, message: minimaxMessage }],
      usage: minimaxUsage,
      ...minimaxFlags,
    },
  ],
  whole: answer(minimaxHead, minimaxMessage, { usage: minimaxUsage, ...minimaxFlags }),
  id: minimaxId,
  usage: allBuckets,
  returns: { call: 'reasoning_content' },
};

const siliconHead = {
  id: '01996b1f2f3e7c1a9d5b4e6f8a0c2d3e',
  object: 'chat.completion.chunk',
  created: 1_793_000_006,
  model: 'deepseek-ai/DeepSeek-V4-Flash',
  system_fingerprint: '',
};
const siliconUsage = { ...counts, ...cached, ...reasoned };
const running = (output: number): object => ({
  usage: { prompt_tokens: 120, completion_tokens: output, total_tokens: 120 + output, completion_tokens_details: { reasoning_tokens: output } },
});
const siliconChunk = chunks(siliconHead, { finish_reason: null });
const siliconId = '01996b1f3a4d7e2b8c6f5a7b9d1e3f40';

/** Usage on every chunk as a running total: the last counts. */
const siliconflow: ProviderShape = {
  names: ['siliconflow', 'siliconflow-intl'],
  stream: [
    ...thoughtPieces.map((text, index) => siliconChunk({ content: null, reasoning_content: text, role: 'assistant' }, {}, running(10 * (index + 1)))),
    siliconChunk(
      {
        content: null,
        reasoning_content: null,
        role: 'assistant',
        tool_calls: [{ index: 0, id: siliconId, type: 'function', function: { name: 'weather', arguments: '' } }],
      },
      {},
      running(30),
    ),
    ...['{"city"', ':"巴黎"}'].map((text) =>
      siliconChunk(
        { content: null, reasoning_content: null, tool_calls: [{ index: 0, id: null, type: null, function: { name: null, arguments: text } }] },
        {},
        running(30),
      ),
    ),
    siliconChunk({ content: '', reasoning_content: null, role: 'assistant' }, { finish_reason: 'tool_calls' }, { usage: siliconUsage }),
    done,
  ],
  whole: answer(siliconHead, { content: '', reasoning_content: thought, tool_calls: [entire(siliconId)] }, { usage: siliconUsage }),
  id: siliconId,
  usage: allBuckets,
};

const hunyuanHead = {
  id: 'b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6',
  object: 'chat.completion.chunk',
  created: 1_793_000_007,
  model: 'hunyuan-2.0-thinking',
  system_fingerprint: '',
  note: '以上内容为AI生成，不代表开发者立场，请勿删除或修改本标记',
};
const hunyuanChunk = chunks(hunyuanHead);
const hunyuanId = 'call_d3b9f1c8e7a6';
const hunyuanWhole = answer(
  hunyuanHead,
  { content: '', reasoning_content: thought, tool_calls: [entire(hunyuanId, { index: 0 })] },
  { usage: counts, moderation_level: '2', search_info: {} },
);
const hunyuanCalls = [
  hunyuanChunk({ role: 'assistant', content: '', tool_calls: [{ index: 0, id: hunyuanId, type: 'function', function: { name: 'weather', arguments: '' } }] }),
  ...['{"city":"', '巴黎"}'].map((text) =>
    hunyuanChunk({ role: 'assistant', tool_calls: [{ index: 0, id: hunyuanId, type: 'function', function: { name: 'weather', arguments: text } }] }),
  ),
];
const usageSoFar = (chunk: object): object => ({ ...chunk, usage: { prompt_tokens: 120, completion_tokens: 7, total_tokens: 127 } });

/** Id, type and name are said again in every piece; usage runs along on one platform and comes apart on the other. */
const hunyuan: readonly ProviderShape[] = [
  {
    names: ['hunyuan'],
    model: 'hunyuan-2.0-thinking-20251109',
    stream: [
      ...[...thoughtPieces.map((text) => hunyuanChunk({ role: 'assistant', reasoning_content: text })), ...hunyuanCalls].map(usageSoFar),
      hunyuanChunk({ role: 'assistant', content: '' }, { finish_reason: 'tool_calls' }, { usage: counts }),
      done,
    ],
    whole: hunyuanWhole,
    id: hunyuanId,
    usage: { input: 120, output: 50 },
  },
  {
    names: ['tencent-tokenhub'],
    stream: [
      ...thoughtPieces.map((text) => hunyuanChunk({ role: 'assistant', reasoning_content: text })),
      ...hunyuanCalls,
      hunyuanChunk({ role: 'assistant', content: '' }, { finish_reason: 'tool_calls' }),
      { ...hunyuanHead, choices: [], usage: counts },
      done,
    ],
    whole: hunyuanWhole,
    id: hunyuanId,
    usage: { input: 120, output: 50 },
  },
];

const sparkHead = { code: 0, message: 'Success', sid: 'cha000b0003@dx190a3d5f2c1b8f2532' };
const sparkChunk = chunks({ ...sparkHead, id: sparkHead.sid, created: 1_793_000_009 });

/** code and message in every chunk; the call whole, and as an object where others have a list; it has no id. */
const spark: ProviderShape = {
  names: ['spark'],
  stream: [
    ...thoughtPieces.map((text) => sparkChunk({ role: 'assistant', content: '', reasoning_content: text })),
    sparkChunk({ role: 'assistant', content: '', tool_calls: { type: 'function', function: { name: 'weather', arguments: city } } }),
    sparkChunk({ role: 'assistant', content: '' }, { finish_reason: 'tool_calls' }, { usage: counts }),
    done,
  ],
  whole: answer(
    sparkHead,
    { content: '', reasoning_content: thought, tool_calls: { type: 'function', function: { name: 'weather', arguments: city } } },
    { usage: counts },
  ),
  id: '',
  usage: { input: 120, output: 50 },
};

export const chineseShapes: readonly ProviderShape[] = [
  deepseek,
  dashscope,
  ...kimi,
  glm,
  ark,
  minimax,
  siliconflow,
  ...hunyuan,
  {
    names: ['qianfan'],
    ...plain({ id: 'call_8c2f1e0d', head: { id: 'as-r43wh8e35y' }, choice: { flag: 0 }, usage: counts }),
    usage: { input: 120, output: 50 },
  },
  {
    names: ['stepfun', 'stepfun-intl'],
    ...plain({ id: 'call_u7dYk2Lq', usage: { ...counts, cached_tokens: 100 }, alone: false, field: 'reasoning' }),
    usage: { input: 20, cacheRead: 100, output: 50 },
  },
  {
    names: ['xiaomi-mimo'],
    ...plain({ id: 'call_5b6c7d8e' }),
    usage: allBuckets,
    returns: { call: 'reasoning_content', text: 'reasoning_content' },
    placeholder: '',
  },
  {
    names: ['longcat'],
    ...plain({ id: 'call_9f8e7d6c', usage: counts, alone: false }),
    usage: { input: 120, output: 50 },
    returns: { call: 'reasoning_content' },
  },
  {
    names: ['sensenova'],
    ...plain({ id: 'call_1a2b3c4d', choice: { finish_reason: '' }, usage: counts, field: 'reasoning' }),
    usage: { input: 120, output: 50 },
  },
  spark,
  {
    names: ['modelscope', 'ppio', 'novita', 'infini', 'ant-ling', 'qiniu'],
    ...plain({ id: 'chatcmpl-tool-0f1e2d3c4b5a' }),
    model: 'a-model',
    usage: allBuckets,
  },
  { names: ['baichuan'], ...plain({ id: 'call_ba1c', usage: counts, alone: false, field: '' }), thinks: false, usage: { input: 120, output: 50 } },
  { names: ['lingyi'], ...plain({ id: 'call_l1n9', usage: counts, alone: false, field: '' }), thinks: false, usage: { input: 120, output: 50 } },
];
