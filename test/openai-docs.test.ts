import { testSnippets } from './support/doc-snippets.ts';

testSnippets({
  page: 'docs/openai.md',
  model: 'gpt-5.5',
  env: (url) => ({ OPENAI_API_KEY: 'sk-oa', OPENAI_BASE_URL: `${url}/v1` }),
  expected: [
    ['echo', /^Say hello in five words\.\nstop, 5 tokens$/],
    ['json', /^string number$/],
    ['tool', /^weather returned Sunny in city$/],
    ['echo', /^Say hello in five words\.\ncompleted, 5 tokens$/],
  ],
});
