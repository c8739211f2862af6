import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';

/** The shape of the code, held by a test: docs/architecture.md says why. */
const root = new URL('..', import.meta.url).pathname;
const library = join(root, 'packages/modelwire/src');

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'fixtures' || entry.name === 'node_modules' ? [] : sources(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}

/** `core`, `dialects/openai-chat`, `sdk` …: the room a library file is in. */
function roomOf(file: string): string {
  const parts = relative(library, file).split('/');
  return parts[0] === 'dialects' && parts.length > 2 ? `${parts[0]}/${parts[1]}` : (parts[0] ?? '');
}

function libraryImports(): { file: string; room: string; target: string; specifier: string }[] {
  return sources(library)
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) =>
      importsOf(file).map((specifier) => ({
        file: relative(root, file),
        room: roomOf(file),
        specifier,
        target: specifier.startsWith('.') ? roomOf(join(file, '..', specifier)) : 'outside',
      })),
    );
}

/** Who may import whom. */
const allowed: { readonly [room: string]: readonly string[] } = {
  core: ['core'],
  framing: ['framing', 'core'],
  auth: ['auth', 'core'],
  'dialects/openai-chat': ['dialects/openai-chat', 'core'],
  'dialects/openai-responses': ['dialects/openai-responses', 'core'],
  'dialects/anthropic-messages': ['dialects/anthropic-messages', 'core'],
  'dialects/gemini': ['dialects/gemini', 'core'],
  'dialects/cohere': ['dialects/cohere', 'core'],
  'dialects/ollama': ['dialects/ollama', 'core'],
  'dialects/bedrock-converse': ['dialects/bedrock-converse', 'core'],
  dialects: [
    'core',
    'dialects/openai-chat',
    'dialects/openai-responses',
    'dialects/anthropic-messages',
    'dialects/gemini',
    'dialects/cohere',
    'dialects/ollama',
    'dialects/bedrock-converse',
  ],
  embeddings: ['embeddings', 'core'],
  providers: ['providers', 'core'],
  layers: ['layers', 'core'],
  // The format in which callers are told what nobody could read.
  runtime: ['runtime', 'layers', 'providers', 'dialects', 'dialects/openai-chat', 'embeddings', 'framing', 'auth', 'core'],
  sdk: [
    'sdk',
    'runtime',
    'layers',
    'providers',
    'framing',
    'dialects',
    'embeddings',
    'dialects/openai-chat',
    'dialects/openai-responses',
    'dialects/anthropic-messages',
    'dialects/gemini',
    'dialects/cohere',
    'dialects/ollama',
    'core',
  ],
};

test('each room of the library imports only what it may', () => {
  for (const { file, room, target, specifier } of libraryImports()) {
    const may = allowed[room];
    assert.ok(may !== undefined, `${file}: an unknown room ${room}`);
    assert.ok(may.includes(target), `${file} imports ${specifier}: ${room} may import ${may.join(', ')}`);
  }
});

test('the library has no dependency and no Node built-in', () => {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'packages/modelwire/package.json'), 'utf8'));
  assert.ok(typeof manifest === 'object' && manifest !== null && !('dependencies' in manifest));
  for (const { file, specifier } of libraryImports()) assert.ok(specifier.startsWith('.'), `${file} imports ${specifier}`);
});

test('the gateway reaches the library only through its exports, and no face imports the other', () => {
  for (const file of sources(join(root, 'packages/gateway/src'))) {
    for (const specifier of importsOf(file)) {
      assert.ok(!specifier.includes('modelwire/src'), `${file} imports ${specifier}`);
      assert.ok(
        !/^modelwire\/(?:internal\/sdk|openai|anthropic)/.test(specifier) || file.endsWith('.test.ts'),
        `${file} imports the library's face ${specifier}`,
      );
    }
  }
});

test('every dialect folder has the named files', () => {
  const folders = readdirSync(join(library, 'dialects')).filter((name) => statSync(join(library, 'dialects', name)).isDirectory());
  assert.ok(folders.length >= 2);
  for (const folder of folders) {
    const names = readdirSync(join(library, 'dialects', folder)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    for (const needed of [
      'wire.ts',
      'request.ts',
      'prepare.ts',
      'reply.ts',
      'stream.ts',
      'errors.ts',
      'relay.ts',
      'check.ts',
      'translation.ts',
      'verdicts.ts',
      'index.ts',
    ]) {
      assert.ok(names.includes(needed), `dialects/${folder} lacks ${needed}`);
    }
  }
});

test('no code outside providers/ asks for a provider by name', () => {
  for (const file of [...sources(library), ...sources(join(root, 'packages/gateway/src'))]) {
    if (file.includes('/providers/') || file.endsWith('.test.ts')) continue;
    assert.doesNotMatch(readFileSync(file, 'utf8'), /provider(?:\.name)? === '/, `${file}: a difference between providers is a quirk`);
  }
});
