import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGatewayError } from '../../core/errors.ts';
import type { Block } from '../../core/ir.ts';
import { scanTopLevel } from '../../core/top-level.ts';
import { accept, contextFor, fixture, hi, notesOf, sent } from './fixtures/world.ts';
import { checkRequest } from './check.ts';

const foreign = () => contextFor({ back: 'openai-chat' });
const blocksOf = (contents: readonly object[]): Block[] => accept({ contents }, foreign()).messages.flatMap(({ blocks }) => blocks);
const config = (generationConfig: object) => accept({ contents: [hi], generationConfig }, foreign());

function check(body: object | string): string {
  try {
    checkRequest(scanTopLevel(new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))), {}, 'chat');
  } catch (error) {
    if (isGatewayError(error)) return error.param ?? error.message;
    throw error;
  }
  return 'ok';
}

test('the scan of the top level sees what is missing and out of range', () => {
  assert.equal(check({}), 'contents');
  assert.equal(check({ contents: [] }), 'contents');
  assert.equal(check({ contents: 'hi' }), 'contents');
  for (const [field, value] of [
    ['temperature', 3],
    ['top_p', 2],
    ['maxOutputTokens', 0],
    ['candidate_count', 1.5],
    ['maxOutputTokens', 'many'],
  ] as const)
    assert.equal(check({ contents: [hi], generationConfig: { [field]: value } }), `generationConfig.${field}`);
  assert.equal(check({ contents: [hi], generationConfig: { maxOutputTokens: '100', temperature: null } }), 'ok');
  assert.equal(check({ contents: hi }), 'ok');
});

test('both spellings of every field, lone items and numbers as strings', () => {
  const request = accept(
    {
      contents: { parts: { text: 'hi' } },
      system_instruction: { parts: { text: 'S' } },
      tools: { function_declarations: { name: 'f', parameters_json_schema: { type: 'object' } } },
      tool_config: { function_calling_config: { mode: 'ANY', allowed_function_names: ['f'] } },
      generation_config: { max_output_tokens: '7', stop_sequences: ['a'], thinking_config: { include_thoughts: true, thinking_budget: 2048 } },
      safety_settings: [],
    },
    foreign(),
  );
  assert.deepEqual(
    request.messages.map(({ role, blocks }) => [role, blocks[0]?.type === 'text' && blocks[0].text]),
    [
      ['system', 'S'],
      ['user', 'hi'],
    ],
  );
  assert.deepEqual([request.maxTokens, request.stop, request.reasoning], [7, ['a'], { budget: 2048, mode: 'enabled', display: 'summarized' }]);
  assert.deepEqual(request.toolChoice, { type: 'tool', name: 'f', kind: 'function' });
  assert.equal(request.tools?.[0]?.kind === 'function' && request.tools[0].schema, '{"type":"object"}');
  assert.deepEqual(blocksOf([{ parts: [{ inline_data: { mime_type: 'image/png', data: 'AA==' } }] }])[0], {
    type: 'image',
    source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' },
    at: 'contents[0].parts[0]',
  });
});

test('a field within arguments, results, schemas and labels keeps its own spelling', () => {
  const body = {
    contents: [
      hi,
      { role: 'model', parts: [{ function_call: { name: 'f', args: { file_path: 1, inline_data: 2 } } }] },
      { role: 'user', parts: [{ function_response: { name: 'f', response: { max_items: 3 } } }] },
    ],
    labels: { my_team: 'x' },
  };
  const out = JSON.stringify(sent(accept(body)));
  for (const kept of ['"file_path":1', '"inline_data":2', '"max_items":3', '"my_team"', '"functionCall"', '"functionResponse"'])
    assert.ok(out.includes(kept), kept);
});

test('calls without ids get them by order and name; results find them so', () => {
  const call = (name: string) => ({ functionCall: { name, args: {} } });
  const result = (name: string) => ({ functionResponse: { name, response: { output: name } } });
  const contents = [hi, { role: 'model', parts: [call('a'), call('b'), call('a')] }, { role: 'user', parts: [result('b'), result('a'), result('a')] }];
  const blocks = blocksOf(contents);
  const ids = blocks.flatMap((block) => (block.type === 'toolCall' ? [block.id] : []));
  const answered = blocks.flatMap((block) => (block.type === 'toolResult' ? [block.callId] : []));
  assert.equal(new Set(ids).size, 3);
  assert.deepEqual(answered, [ids[1], ids[0], ids[2]]);
  assert.deepEqual(blocksOf(contents), blocks, 'the same for the same conversation');
  assert.ok(!JSON.stringify(sent(accept({ contents }))).includes('"id"'), 'Google gets none that it did not make');
});

test('a response is its output, its error, or itself', () => {
  const read = (response: object): unknown => {
    const [, , block] = blocksOf([
      hi,
      { role: 'model', parts: [{ functionCall: { name: 'f' } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'f', response } }] },
    ]);
    return block?.type === 'toolResult' ? [block.content.map((item) => item.type === 'text' && item.text), block.isError] : block;
  };
  assert.deepEqual(read({ output: 'x' }), [['x'], undefined]);
  assert.deepEqual(read({ output: { n: 1 } }), [['{"n":1}'], undefined]);
  assert.deepEqual(read({ error: 'no' }), [['no'], true]);
  assert.deepEqual(read({ output: 'x', more: 1 }), [['{"output":"x","more":1}'], undefined]);
  assert.deepEqual(read({}), [['{}'], undefined]);
});

test('thinking is asked for by a budget, a level, or not at all', () => {
  assert.deepEqual(config({ thinkingConfig: { thinkingBudget: 0 } }).reasoning, { mode: 'disabled' });
  assert.deepEqual(config({ thinkingConfig: { thinkingBudget: -1 } }).reasoning, { mode: 'adaptive' });
  assert.deepEqual(config({ thinkingConfig: { thinkingLevel: 'HIGH' } }).reasoning, { effort: 'high' });
  assert.equal(config({ thinkingConfig: { includeThoughts: false } }).reasoning, undefined);
});

test('chunks that a client kept one by one are one turn with one text', () => {
  const model = (part: object) => ({ role: 'model', parts: [part] });
  const { messages } = accept({ contents: [hi, model({ text: 'a' }), model({ text: 'b' }), model({ functionCall: { name: 'f' } }), hi] }, foreign());
  assert.deepEqual(
    messages.map(({ role, blocks }) => [role, blocks.map((block) => (block.type === 'text' ? block.text : block.type))]),
    [
      ['user', ['hi']],
      ['assistant', ['ab', 'toolCall']],
      ['user', ['hi']],
    ],
  );
});

test('thinking comes back out of the signature of the call, in place of the thoughts that were shown', () => {
  const bundle = btoa('mw1.upstream.[{"text":"because","signature":"sig"},{"redacted":"secret"}]');
  // Python's clients print bytes in the other alphabet.
  for (const thoughtSignature of [bundle, bundle.replaceAll('+', '-').replaceAll('/', '_')]) {
    const blocks = blocksOf([
      hi,
      {
        role: 'model',
        parts: [{ text: 'beca', thought: true }, { text: 'use', thought: true }, { text: 'I look.' }, { functionCall: { name: 'f' }, thoughtSignature }],
      },
    ]);
    assert.deepEqual(
      blocks.slice(1).map((block) => (block.type === 'reasoning' ? [block.text, block.signature, block.redacted] : block.type)),
      [['because', 'mw1.upstream.sig', undefined], ['', undefined, 'mw1.upstream.secret'], 'text', 'toolCall'],
    );
  }
});

test('Google’s own signature goes back to Google byte for byte, and to nobody else', () => {
  const contents = [hi, { role: 'model', parts: [{ functionCall: { name: 'f', args: {} }, thoughtSignature: 'AbC+/w==' }] }, hi];
  assert.ok(JSON.stringify(sent(accept({ contents }))).includes('"thoughtSignature":"AbC+/w=="'));
  const { messages } = accept({ contents }, foreign());
  assert.equal(messages[1]?.blocks[0]?.ext?.find(({ key }) => key === 'thoughtSignature')?.loss, 'hint');
});

test('thinking of another origin is withheld from Google with a note, and its call gets the stand-in where one must be', () => {
  const thoughtSignature = btoa('mw1.elsewhere.[{"text":"because","signature":"sig"}]');
  const contents = [hi, { role: 'model', parts: [{ functionCall: { name: 'f', args: {} }, thoughtSignature }] }];
  const plain = contextFor();
  assert.ok(!JSON.stringify(sent(accept({ contents }, plain), plain)).includes('thoughtSignature'));
  assert.deepEqual(notesOf(plain), ['dropped contents[1].parts[0].thoughtSignature']);
  const strict = contextFor({ quirks: { callSignatures: true } });
  assert.match(JSON.stringify(sent(accept({ contents }, strict), strict)), /"thoughtSignature":"skip_thought_signature_validator"/);
});

test('of a turn of another’s, kept chunk by chunk, Google sees neither the thoughts nor what bore them', () => {
  const model = (...parts: readonly object[]): object => ({ role: 'model', parts });
  const shown = { text: 'hm', thought: true };
  const bundle = btoa('mw1.elsewhere.[{"text":"hm"}]');
  const result = { role: 'user', parts: [{ functionResponse: { name: '1st', response: {} } }] };
  const call = { functionCall: { name: '1st', args: {} } };
  const other = { functionCall: { name: 'g', args: {} } };
  const context = contextFor({ quirks: { callSignatures: true } });
  const contents = [
    hi,
    model(shown),
    model({ text: 'A' }),
    model({ ...call, thoughtSignature: bundle }),
    model(other),
    result,
    model({ text: '', thoughtSignature: bundle }),
    hi,
  ];
  const out = sent(accept({ contents, tools: [{ functionDeclarations: [{ name: '1st' }, { name: 'g' }] }] }, context), context) as {
    contents: { parts: { functionCall?: { name: string }; functionResponse?: { name: string }; thoughtSignature?: string }[] }[];
  };
  const [, said, made, beside, answered, ...rest] = out.contents;
  assert.deepEqual(said, model({ text: 'A' }));
  // The first call is signed by a stand-in, the one beside it needs none, and the result goes by the name that the call was given.
  assert.equal(made?.parts[0]?.thoughtSignature, 'skip_thought_signature_validator');
  assert.deepEqual(beside, model(other));
  assert.match(String(made?.parts[0]?.functionCall?.name), /^_1st_/);
  assert.equal(answered?.parts[0]?.functionResponse?.name, made?.parts[0]?.functionCall?.name);
  assert.deepEqual(rest, [hi]);
  const ours = [hi, model(shown), model({ ...other, thoughtSignature: 'AbC=' }), { role: 'user', parts: [{ functionResponse: { name: 'g', response: {} } }] }];
  assert.deepEqual((sent(accept({ contents: ours }, context), context) as { contents: unknown }).contents, ours);
});

test('files of an account, addresses of the web, and media that others have no name for', () => {
  const kinds = (parts: readonly object[]) =>
    blocksOf([{ role: 'user', parts }]).map((block) =>
      'source' in block && typeof block.source === 'object' && 'kind' in block.source ? `${block.type} ${block.source.kind}` : block.type,
    );
  assert.deepEqual(
    kinds([
      { fileData: { fileUri: 'https://example.com/a.pdf' } },
      { fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/x', mimeType: 'image/png' } },
      { fileData: { fileUri: 'gs://b/a.png', mimeType: 'image/png' } },
      { fileData: { fileUri: 'https://youtu.be/x' } },
      { inlineData: { mimeType: 'video/mp4', data: '' }, videoMetadata: { fps: 1 } },
      { inlineData: { mimeType: 'text/plain', data: 'aGk=' } },
      { inlineData: { mimeType: 'audio/mpeg', data: 'aGk=' } },
      { somethingNew: {} },
    ]),
    ['document url', 'image file', 'image file', 'opaque', 'opaque', 'document base64', 'audio', 'opaque'],
  );
});

test('what Gemini CLI sends goes out to Google as it came', () => {
  const body: unknown = JSON.parse(fixture('gemini-cli.request.json'));
  assert.deepEqual(sent(accept(body)), body);
});

test('unknown roles and modes, and broken parts, are refused by name', () => {
  const paramOf = (body: object): string | undefined => {
    try {
      accept(body, foreign());
    } catch (error) {
      return isGatewayError(error) ? error.param : String(error);
    }
    return undefined;
  };
  assert.equal(paramOf({ contents: [{ role: 'wizard', parts: [] }] }), 'contents[0].role');
  assert.equal(paramOf({ contents: [{ role: 'user', parts: ['x'] }] }), 'contents[0].parts[0]');
  assert.equal(paramOf({ contents: [{ role: 'user', parts: [{ functionCall: {} }] }] }), 'contents[0].parts[0].functionCall.name');
  assert.equal(paramOf({ contents: [hi], toolConfig: { functionCallingConfig: { mode: 'MAYBE' } } }), 'toolConfig.functionCallingConfig.mode');
});
