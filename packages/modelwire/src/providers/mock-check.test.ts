import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../core/json-text.ts';
import { checkAnthropicRequest } from './mock-anthropic-check.ts';
import { checkBedrockRequest } from './mock-bedrock-check.ts';
import { checkCohereRequest } from './mock-cohere-check.ts';
import { checkGeminiRequest } from './mock-gemini-check.ts';
import { checkOpenaiRequest } from './mock-openai-check.ts';
import { checkResponsesRequest } from './mock-responses-check.ts';
import { callSignatureOf, encryptedThought, signatureOf } from './mock-signature.ts';

const strict = { lenient: false, thinks: false };

function openai(rest: JsonObject): void {
  checkOpenaiRequest({ model: 'echo', messages: [{ role: 'user', content: 'hi' }], ...rest }, strict);
}

function anthropic(rest: JsonObject): void {
  checkAnthropicRequest({ model: 'echo', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }], ...rest }, strict);
}

const call = (id: string): JsonObject => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } });
const use = (id: string): JsonObject => ({ type: 'tool_use', id, name: 'f', input: {} });
const result = (id: string): JsonObject => ({ type: 'tool_result', tool_use_id: id, content: 'ok' });
const hi = { role: 'user', content: 'hi' };

const openaiFaults: readonly (readonly [string, JsonObject, RegExp])[] = [
  ['no messages', { messages: undefined }, /Missing required parameter: 'messages'/],
  ['empty messages', { messages: [] }, /empty array/],
  ['unknown field', { top_k: 3 }, /Unrecognized request argument supplied: top_k/],
  ['bad role', { messages: [{ role: 'model', content: 'x' }] }, /Invalid value: 'model'. Supported values are: 'system', 'assistant'/],
  ['foreign part', { messages: [{ role: 'user', content: [{ type: 'image', source: {} }] }] }, /Invalid value: 'image'/],
  [
    'foreign mark',
    { messages: [{ role: 'user', content: [{ type: 'text', text: 'x', cache_control: {} }] }] },
    /Unknown parameter: 'messages\[0\]\.content\[0\]\.cache_control'/,
  ],
  [
    'image in a tool message',
    {
      messages: [
        hi,
        { role: 'assistant', tool_calls: [call('a')] },
        { role: 'tool', tool_call_id: 'a', content: [{ type: 'image_url', image_url: { url: 'https://x' } }] },
      ],
    },
    /Invalid value: 'image_url'/,
  ],
  ['null content', { messages: [{ role: 'assistant', content: null }] }, /expected a string, got null/],
  ['orphan result', { messages: [hi, { role: 'tool', tool_call_id: 'a', content: 'x' }] }, /must be a response to a preceeding message/],
  [
    'missing result',
    { messages: [hi, { role: 'assistant', tool_calls: [call('a'), call('b')] }, { role: 'tool', tool_call_id: 'a', content: 'x' }, hi] },
    /did not have response messages: b/,
  ],
  ['long id', { messages: [hi, { role: 'assistant', tool_calls: [call('a'.repeat(41))] }] }, /maximum length 40, but got a string with length 41/],
  [
    'object arguments',
    { messages: [hi, { role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: {} } }] }] },
    /expected a string, but got an object/,
  ],
  ['long user', { user: 'u'.repeat(65) }, /'user': string too long.*maximum length 64, but got a string with length 65/],
  ['temperature', { temperature: 3 }, /Expected a value <= 2, but got 3/],
  ['limit', { max_tokens: 0 }, /Expected a value >= 1, but got 0/],
  ['two limits', { max_tokens: 1, max_completion_tokens: 1 }, /at the same time/],
  ['stops', { stop: ['a', 'b', 'c', 'd', 'e'] }, /maximum length 4/],
  ['stream options', { stream_options: { include_usage: true } }, /only allowed when 'stream' is enabled/],
  ['choice without tools', { tool_choice: 'auto' }, /only allowed when 'tools' are specified/],
  [
    'unknown choice',
    { tools: [{ type: 'function', function: { name: 'f' } }], tool_choice: { type: 'function', function: { name: 'g' } } },
    /Tool choice 'g' not found/,
  ],
  ['tool name', { tools: [{ type: 'function', function: { name: 'a.b' } }] }, /string does not match pattern/],
  ['tool schema', { tools: [{ type: 'function', function: { name: 'f', parameters: { properties: {} } } }] }, /got 'type: "None"'/],
  [
    'strict schema',
    {
      tools: [{ type: 'function', function: { name: 'f', strict: true, parameters: { type: 'object', properties: { a: {} }, additionalProperties: false } } }],
    },
    /Missing 'a'/,
  ],
  ['json without the word', { response_format: { type: 'json_object' } }, /must contain the word 'json'/],
  ['schema without name', { response_format: { type: 'json_schema', json_schema: { schema: {} } } }, /json_schema.name/],
  [
    'pdf as an image',
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:application/pdf;base64,AAAA' } }] }] },
    /Expected a valid URL or a base64-encoded image/,
  ],
];

const anthropicFaults: readonly (readonly [string, JsonObject, RegExp])[] = [
  ['no limit', { max_tokens: undefined }, /^max_tokens: Field required$/],
  ['unknown field', { logit_bias: {} }, /^logit_bias: Extra inputs are not permitted$/],
  ['role', { messages: [{ role: 'developer', content: 'x' }] }, /Input should be 'user', 'assistant' or 'system'/],
  ['assistant first', { messages: [{ role: 'assistant', content: 'x' }] }, /first message must use the "user" role/],
  ['two users', { messages: [hi, hi] }, /roles must alternate/],
  ['empty text', { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] }, /must be non-empty/],
  ['empty content', { messages: [{ role: 'user', content: [] }] }, /non-empty content/],
  ['prefill with a space', { messages: [hi, { role: 'assistant', content: 'x ' }] }, /trailing whitespace/],
  ['foreign part', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] }, /Input tag 'image_url'/],
  ['foreign key', { messages: [{ role: 'user', content: [{ type: 'text', text: 'x', annotations: [] }] }] }, /content\.0\.text\.annotations: Extra inputs/],
  ['orphan result', { messages: [{ role: 'user', content: [result('a')] }] }, /unexpected `tool_use_id` found in `tool_result` blocks: a/],
  ['missing result', { messages: [hi, { role: 'assistant', content: [use('a')] }, hi] }, /without `tool_result` blocks immediately after: a/],
  [
    'late result',
    { messages: [hi, { role: 'assistant', content: [use('a')] }, { role: 'user', content: [{ type: 'text', text: 'x' }, result('a')] }] },
    /immediately after: a/,
  ],
  ['unanswered at the end', { messages: [hi, { role: 'assistant', content: [use('a')] }] }, /immediately after: a/],
  ['bad id', { messages: [hi, { role: 'assistant', content: [use('a:b')] }] }, /String should match pattern/],
  ['id twice', { messages: [hi, { role: 'assistant', content: [use('a'), use('a')] }] }, /ids must be unique/],
  ['string input', { messages: [hi, { role: 'assistant', content: [{ ...use('a'), input: '{}' }] }] }, /valid dictionary/],
  [
    'empty failure',
    { messages: [hi, { role: 'assistant', content: [use('a')] }, { role: 'user', content: [{ ...result('a'), content: '', is_error: true }] }] },
    /cannot be empty if `is_error`/,
  ],
  ['temperature', { temperature: 1.5 }, /temperature: range: 0..1/],
  ['tool without schema', { tools: [{ name: 'f' }] }, /input_schema: Field required/],
  ['schema without type', { tools: [{ name: 'f', input_schema: {} }] }, /input_schema\.type: Field required/],
  [
    'tools twice',
    {
      tools: [
        { name: 'f', input_schema: { type: 'object' } },
        { name: 'f', input_schema: { type: 'object' } },
      ],
    },
    /must be unique/,
  ],
  ['only deferred tools', { tools: [{ name: 'f', input_schema: { type: 'object' }, defer_loading: true }] }, /cannot be deferred/],
  [
    'reference to nothing',
    {
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
      messages: [
        hi,
        { role: 'assistant', content: [use('a')] },
        { role: 'user', content: [{ ...result('a'), content: [{ type: 'tool_reference', tool_name: 'g' }] }] },
      ],
    },
    /Tool reference 'g' not found/,
  ],
  ['choice without tools', { tool_choice: { type: 'auto' } }, /only be specified while providing tools/],
  ['budget', { max_tokens: 1024, thinking: { type: 'enabled', budget_tokens: 1024 } }, /must be greater than `thinking\.budget_tokens`/],
  [
    'forced while thinking',
    { tools: [{ name: 'f', input_schema: { type: 'object' } }], tool_choice: { type: 'any' }, thinking: { type: 'adaptive' } },
    /forces tool use/,
  ],
  ['five marks', { system: Array.from({ length: 5 }, () => ({ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } })) }, /maximum of 4 blocks/],
  [
    'image type',
    { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/bmp', data: 'AAAA' } }] }] },
    /media_type: Input should be/,
  ],
  ['thread', { thread: { type: 'create' } }, /thread/],
];

for (const [name, rest, message] of openaiFaults)
  test(`openai-chat refuses: ${name}`, () => assert.throws(() => openai(rest), { code: 'invalid_request', message }));
for (const [name, rest, message] of anthropicFaults)
  test(`anthropic-messages refuses: ${name}`, () => assert.throws(() => anthropic(rest), { code: 'invalid_request', message }));

test('openai-chat takes what OpenAI takes', () => {
  openai({
    messages: [
      { role: 'developer', content: 'x' },
      hi,
      hi,
      { role: 'assistant', content: null, tool_calls: [call('a')] },
      { role: 'tool', tool_call_id: 'a', content: '' },
    ],
    temperature: null,
    stop: 'x',
    x_own: 1,
  });
});

test('anthropic-messages takes what Anthropic takes', () => {
  const system = { role: 'system', content: 'new rules' };
  anthropic({
    messages: [
      hi,
      { role: 'assistant', content: [{ type: 'text', text: 'x' }, use('a')] },
      { role: 'user', content: [result('a'), { type: 'text', text: 'go on' }] },
      system,
      { role: 'assistant', content: 'prefill' },
    ],
    tools: [
      { name: 'f', input_schema: { type: 'object' } },
      { type: 'web_search_20250305', name: 'web_search' },
    ],
  });
});

test('a thinking model of openai-chat wants its thinking back while a turn with tools goes on', () => {
  const messages = [hi, { role: 'assistant', tool_calls: [call('a')] }, { role: 'tool', tool_call_id: 'a', content: 'x' }];
  const check = (list: readonly JsonObject[]): void => checkOpenaiRequest({ model: 'reasoning', messages: list }, { lenient: false, thinks: true });
  assert.throws(() => check(messages), { message: /Missing `reasoning_content` field in the assistant message at message index 1/ });
  check(messages.map((message) => (message.role === 'assistant' ? { ...message, reasoning_content: 'hm' } : message)));
});

const ask = { role: 'user', parts: [{ text: 'hi' }] };
const made = (more: JsonObject = {}): JsonObject => ({ functionCall: { name: 'f', args: {} }, ...more });
const answered = (more: JsonObject = {}): JsonObject => ({ functionResponse: { name: 'f', response: { output: 'ok' }, ...more } });
const model = (...parts: JsonObject[]): JsonObject => ({ role: 'model', parts });
const user = (...parts: JsonObject[]): JsonObject => ({ role: 'user', parts });

function google(rest: JsonObject, thinks = false): void {
  checkGeminiRequest({ model: 'echo', stream: false, contents: [ask], ...rest }, { lenient: false, thinks });
}

const googleFaults: readonly (readonly [string, JsonObject, RegExp])[] = [
  ['no contents', { contents: [] }, /contents is not specified/],
  ['unknown field', { max_tokens: 3 }, /Unknown name "max_tokens"/],
  ['unknown setting', { generationConfig: { maxTokens: 3 } }, /Unknown name "maxTokens" at 'generation_config'/],
  ['a bad role', { contents: [{ role: 'assistant', parts: [{ text: 'x' }] }] }, /valid role: user, model/],
  ['no parts', { contents: [{ role: 'user', parts: [] }] }, /must not be empty/],
  ['a part with two kinds of data', { contents: [user({ text: 'x', functionCall: { name: 'f' } })] }, /must have one initialized field/],
  ['an unknown part', { contents: [user({ image_url: {} })] }, /Unknown name "image_url"/],
  ['a call without a result', { contents: [ask, model(made()), ask] }, /number of function response parts/],
  ['a result without a call', { contents: [ask, user(answered())] }, /number of function response parts/],
  ['a result of another call', { contents: [ask, model(made()), user(answered({ name: 'g' }))] }, /immediately after a function call turn/],
  ['an altered signature', { contents: [ask, model(made({ thoughtSignature: 'EqMockOther=' })), user(answered())] }, /Thought signature is not valid/],
  ['temperature over two', { generationConfig: { temperature: 3 } }, /temperature: must be in the range/],
  ['six stop strings', { generationConfig: { stopSequences: ['1', '2', '3', '4', '5', '6'] } }, /at most 5/],
  ['a schema without its type', { generationConfig: { responseJsonSchema: {} } }, /response_mime_type/],
  ['level and budget', { generationConfig: { thinkingConfig: { thinkingBudget: 1, thinkingLevel: 'LOW' } } }, /only set only one/],
  ['a forced call without tools', { toolConfig: { functionCallingConfig: { mode: 'ANY' } } }, /without function_declarations/],
  ['a bad tool name', { tools: [{ functionDeclarations: [{ name: '1f' }] }] }, /Invalid function name/],
  [
    'names in the mode AUTO',
    { tools: [{ functionDeclarations: [{ name: 'f' }] }], toolConfig: { functionCallingConfig: { mode: 'AUTO', allowedFunctionNames: ['f'] } } },
    /ANY and VALIDATED/,
  ],
];
for (const [name, rest, message] of googleFaults)
  test(`gemini refuses: ${name}`, () => assert.throws(() => google(rest), { code: 'invalid_request', message }));

test('a thinking model of Google wants the signature of the first call of a step, or the word that stands for it', () => {
  const turn = (...parts: JsonObject[]): JsonObject => ({ contents: [ask, model(...parts), user(answered(), answered())] });
  assert.throws(() => google(turn(made(), made()), true), /missing a thought_signature/);
  google(turn(made({ thoughtSignature: callSignatureOf('f', {}) }), made()), true);
  google(turn(made({ thoughtSignature: 'skip_thought_signature_validator' }), made()), true);
  // Of earlier turns nobody asks.
  google({ contents: [ask, model(made()), user(answered()), model({ text: 'x' }), ask] }, true);
});

const asked = { role: 'user', content: 'hi' };
const calling = (...ids: string[]): JsonObject => ({
  role: 'assistant',
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
});
const tool = (name: string): JsonObject => ({ type: 'function', function: { name, parameters: { type: 'object', properties: {} } } });
const cohereFaults: readonly (readonly [string, JsonObject, RegExp])[] = [
  ['unknown field', { top_p: 0.5 }, /unknown field: parameter 'top_p' is not a valid field/],
  ['unknown field of a message', { messages: [{ ...asked, name: 'x' }] }, /unknown field: parameter 'name'/],
  ['no messages', { messages: [] }, /must have a message/],
  ['a bad role', { messages: [{ role: 'developer', content: 'x' }] }, /Invalid role/],
  ['an empty text', { messages: [{ role: 'user', content: '' }] }, /must not be empty in a turn/],
  ['an empty assistant', { messages: [asked, { role: 'assistant' }, asked] }, /must not be empty in a turn/],
  ['an image by a file', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'file:///a' } }] }] }, /image_url must be/],
  ['a document of the user', { messages: [{ role: 'user', content: [{ type: 'document' }] }] }, /no content of type document/],
  ['a result without a call', { messages: [asked, { role: 'tool', tool_call_id: 'a', content: 'x' }] }, /tool call id not found/],
  ['a call without a result', { messages: [asked, calling('a'), asked] }, /not all tool calls/],
  ['one id twice', { messages: [asked, calling('a', 'a')] }, /duplicate tool ids/],
  ['temperature over one', { temperature: 1.5 }, /temperature must be between 0 and 1.0 inclusive/],
  ['all of p', { p: 1 }, /p must be between/],
  ['six stop strings', { stop_sequences: ['1', '2', '3', '4', '5', '6'] }, /at most 5/],
  ['a tool name with a dash', { tools: [tool('get-x')] }, /tool names can only contain certain characters/],
  ['a tool name with a digit first', { tools: [tool('1x')] }, /can't begin with a digit/],
  ['a tool without a schema', { tools: [{ type: 'function', function: { name: 'f' } }] }, /schema must be an object/],
  ['a choice of OpenAI’s', { tools: [tool('f')], tool_choice: 'auto' }, /REQUIRED, NONE/],
  ['a forced call without tools', { tool_choice: 'REQUIRED' }, /needs tools/],
  ['no documents', { documents: [] }, /must not be empty/],
  [
    'two documents of one id',
    {
      documents: [
        { id: 'a', data: { text: 'x' } },
        { id: 'a', data: { text: 'y' } },
      ],
    },
    /duplicate document ID a at index 1 and 0/,
  ],
  ['a format with documents', { documents: ['x'], response_format: { type: 'json_object' } }, /not supported with RAG/],
  ['a format with tools', { tools: [tool('f')], response_format: { type: 'json_object' } }, /not supported with tools/],
  ['a schema that is none, by its older name', { response_format: { type: 'json_object', schema: 'x' } }, /schema must be an object/],
  ['a format of OpenAI’s', { response_format: { type: 'json_schema' } }, /text, json_object/],
];
for (const [name, rest, message] of cohereFaults)
  test(`cohere refuses: ${name}`, () =>
    assert.throws(() => checkCohereRequest({ model: 'echo', messages: [asked], ...rest }, { lenient: false, thinks: false }), {
      code: 'invalid_request',
      message,
    }));

function responses(rest: JsonObject, rules = strict): void {
  checkResponsesRequest({ model: 'echo', input: 'hi', ...rest }, rules);
}

const askedItem = { type: 'message', role: 'user', content: 'hi' };
const madeItem = { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' };
const givenItem = { type: 'function_call_output', call_id: 'a', output: 'ok' };
const thoughtItem = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: encryptedThought('hm') };
const strictTool = {
  type: 'function',
  name: 'f',
  strict: true,
  parameters: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false },
};

const responsesFaults: readonly (readonly [string, JsonObject, RegExp])[] = [
  ['no input', { input: undefined }, /Missing required parameter: 'input'/],
  ['empty input', { input: [] }, /Invalid 'input': empty array/],
  ['a field of chat', { messages: [] }, /Unknown parameter: 'messages'/],
  ['stop strings', { stop: ['a'] }, /Unknown parameter: 'stop'/],
  ['a limit that is too low', { max_output_tokens: 5 }, /Expected a value >= 16, but got 5/],
  ['temperature', { temperature: 3 }, /Expected a value <= 2, but got 3/],
  ['an answer that is kept', { previous_response_id: 'resp_1' }, /'previous_response_id' is not found/],
  ['an unknown inclusion', { include: ['everything'] }, /Invalid value: 'everything'/],
  ['options of a stream without one', { stream_options: { include_obfuscation: false } }, /only allowed when 'stream' is enabled/],
  ['usage asked for', { stream: true, stream_options: { include_usage: true } }, /Unknown parameter: 'stream_options.include_usage'/],
  ['bad role', { input: [{ role: 'tool', content: 'x' }] }, /Invalid value: 'tool'. Supported values are: 'assistant', 'system'/],
  ['a part of chat', { input: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] }, /Invalid value: 'text'. Supported values are: 'input_text'/],
  ['what the user cannot say', { input: [{ role: 'user', content: [{ type: 'output_text', text: 'x' }] }] }, /Invalid value: 'output_text'/],
  [
    'what the model cannot say',
    { input: [{ role: 'assistant', content: [{ type: 'input_text', text: 'x' }] }] },
    /Supported values are: 'output_text' and 'refusal'/,
  ],
  [
    'an image that is none',
    { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }] },
    /Expected a valid URL or a base64-encoded image/,
  ],
  [
    'a nameless file',
    { input: [{ role: 'user', content: [{ type: 'input_file', file_data: 'data:application/pdf;base64,AAAA' }] }] },
    /input\[0\]\.content\[0\]\.filename/,
  ],
  ['unknown item', { input: [{ type: 'tool_use' }] }, /Invalid value: 'tool_use'/],
  ['a foreign id', { input: [askedItem, { ...madeItem, id: 'call_1' }, givenItem] }, /Expected an ID that begins with 'fc'/],
  ['a long call id', { input: [askedItem, { ...madeItem, call_id: 'a'.repeat(65) }, givenItem] }, /maximum length 64, but got a string with length 65/],
  ['orphan result', { input: [askedItem, givenItem] }, /No tool call found for function call output with call_id a/],
  ['missing result', { input: [askedItem, madeItem] }, /No tool output found for function call a/],
  ['an altered secret', { input: [askedItem, { ...thoughtItem, encrypted_content: `${thoughtItem.encrypted_content}00` }] }, /could not be verified/],
  [
    'a secret that is not kept',
    { store: false, input: [askedItem, { type: 'reasoning', id: 'rs_1', summary: [] }] },
    /'rs_1' not found. Items are not persisted/,
  ],
  ['a schema without a type', { tools: [{ type: 'function', name: 'f', parameters: {} }] }, /got 'type: "None"'/],
  ['a schema that is not strict', { tools: [strictTool] }, /Missing 'a'/],
  ['a tool of chat', { tools: [{ type: 'function', function: { name: 'f' } }] }, /Unknown parameter: 'tools\[0\]\.function'/],
  ['a choice of nobody', { tools: [{ type: 'function', name: 'f' }], tool_choice: { type: 'function', name: 'g' } }, /Tool choice 'g' not found/],
  ['a choice without tools', { tool_choice: 'required' }, /must be specified with 'tools'/],
  ['JSON without the word', { text: { format: { type: 'json_object' } } }, /must contain the word 'json'/],
  ['a format of chat', { text: { format: { type: 'json_schema', json_schema: {} } } }, /Unknown parameter: 'text.format.json_schema'/],
];

for (const [name, rest, message] of responsesFaults) {
  test(`responses refuses: ${name}`, () => {
    assert.throws(() => responses(rest), message);
  });
}

test('responses takes what OpenAI takes', () => {
  responses({ x_new: 1, include: ['reasoning.encrypted_content'], store: false, reasoning: { effort: 'low', summary: 'auto' }, max_output_tokens: 16 });
  responses({
    input: [
      askedItem,
      thoughtItem,
      { ...madeItem, id: 'fc_1' },
      givenItem,
      { role: 'assistant', content: [{ type: 'output_text', text: 'x', annotations: [] }] },
    ],
  });
  responses({ tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'function', name: 'f' }] }], tool_choice: { type: 'function', name: 'f' } });
  responses({
    input: [askedItem, { type: 'custom_tool_call', call_id: 'a', name: 'f', input: 'x' }, { type: 'custom_tool_call_output', call_id: 'a', output: [] }],
  });
  const thinking = { ...strict, thinks: true };
  assert.throws(() => responses({ input: [askedItem, madeItem, givenItem] }, thinking), /without its required 'reasoning' item/);
  responses({ input: [askedItem, thoughtItem, madeItem, givenItem] }, thinking);
  responses({ input: [askedItem, madeItem, givenItem, askedItem] }, thinking);
});

test('Bedrock minds thinking that is missing where it was given a budget to think with', () => {
  const call = { toolUse: { toolUseId: 'a', name: 'f', input: {} } };
  const thought = { reasoningContent: { reasoningText: { text: 't', signature: signatureOf('t') } } };
  const check = (content: readonly JsonObject[], thinking: string, thinks = true): void =>
    checkBedrockRequest(
      {
        model: 'reasoning',
        messages: [
          { role: 'user', content: [{ text: 'x' }] },
          { role: 'assistant', content },
          { role: 'user', content: [{ toolResult: { toolUseId: 'a', content: [{ text: 'y' }] } }] },
        ],
        toolConfig: { tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }] },
        additionalModelRequestFields: { thinking: { type: thinking } },
      },
      { lenient: true, thinks },
    );
  assert.throws(() => check([call], 'enabled'), /must start with a thinking block when thinking is enabled/);
  check([thought, call], 'enabled');
  check([call], 'adaptive');
  check([call], 'enabled', false);
});
