import { testSnippets } from './support/doc-snippets.ts';

testSnippets({
  page: 'docs/anthropic.md',
  model: 'claude-sonnet-5',
  env: (url) => ({ ANTHROPIC_API_KEY: 'sk-ant', ANTHROPIC_BASE_URL: url }),
  expected: [
    ['echo', /^Say hello in five words\.\nend_turn, 5 tokens$/],
    ['json', /^string number$/],
    ['tool', /^weather returned Sunny in city$/],
  ],
});
