import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mockDialects } from 'modelwire/internal/providers/mock';
import type { Agent, AgentCase, Command, Forgets, Packages, Stage } from './agent-case.ts';
import { snippet } from './snippets.ts';

type Language = 'js' | 'python';
type Framework = {
  readonly name: string;
  readonly names: readonly string[];
  readonly language: Language;
  /** In test/agents/programs: what stands after the snippet, which has made the `model`, `client` or `runner`. */
  readonly program: string;
  /** By the name of the case. */
  readonly forgets?: Readonly<Record<string, Forgets>>;
  /** By the name of the case, the heading of docs/clients.md. */
  readonly snippets: Readonly<Record<string, string>>;
};

const frameworks: readonly Framework[] = [
  {
    name: 'ai-sdk',
    names: ['ai@7.0.173', '@ai-sdk/openai-compatible@3.0.92', '@ai-sdk/openai@4.0.118', '@ai-sdk/anthropic@4.0.105', '@ai-sdk/google@4.0.121', 'zod@4.6.7'],
    language: 'js',
    program: 'ai-sdk.mjs',
    forgets: { openai: 'text' },
    snippets: {
      'openai-compatible': 'AI SDK, openai-compatible',
      openai: 'AI SDK, openai',
      responses: 'AI SDK, openai responses',
      anthropic: 'AI SDK, anthropic',
      google: 'AI SDK, google',
    },
  },
  {
    name: 'langchain-js',
    names: [
      'langchain@1.5.14',
      '@langchain/core@1.4.0',
      '@langchain/openai@1.6.0',
      '@langchain/anthropic@1.5.11',
      '@langchain/google-genai@2.3.2',
      'zod@4.6.7',
    ],
    language: 'js',
    program: 'langchain.mjs',
    forgets: { openai: 'text' },
    snippets: {
      openai: 'LangChain in JavaScript, openai',
      responses: 'LangChain in JavaScript, openai responses',
      anthropic: 'LangChain in JavaScript, anthropic',
      google: 'LangChain in JavaScript, google',
    },
  },
  {
    name: 'langchain-py',
    names: ['langchain==1.5.2', 'langchain-openai==1.7.4', 'langchain-anthropic==1.7.10', 'langchain-google-genai==4.4.3'],
    language: 'python',
    program: 'langchain.py',
    forgets: { openai: 'text' },
    snippets: {
      openai: 'LangChain in Python, openai',
      responses: 'LangChain in Python, openai responses',
      anthropic: 'LangChain in Python, anthropic',
      google: 'LangChain in Python, google',
    },
  },
  {
    name: 'pydantic-ai',
    names: ['pydantic-ai-slim[openai,anthropic,google]==2.68.0'],
    language: 'python',
    program: 'pydantic_ai.py',
    forgets: { responses: 'thinking' },
    snippets: { openai: 'Pydantic AI, openai', responses: 'Pydantic AI, openai responses', anthropic: 'Pydantic AI, anthropic', google: 'Pydantic AI, google' },
  },
  {
    name: 'openai-agents-js',
    names: ['@openai/agents@0.20.0', 'zod@4.6.7'],
    language: 'js',
    program: 'openai-agents.mjs',
    forgets: { chat: 'text' },
    snippets: { chat: 'OpenAI Agents SDK in JavaScript', responses: 'OpenAI Agents SDK in JavaScript, responses' },
  },
  {
    name: 'openai-agents-py',
    names: ['openai-agents==0.24.0'],
    language: 'python',
    program: 'openai_agents.py',
    forgets: { chat: 'text' },
    snippets: { chat: 'OpenAI Agents SDK in Python', responses: 'OpenAI Agents SDK in Python, responses' },
  },
  {
    name: 'instructor',
    names: ['instructor[anthropic]==1.17.0'],
    language: 'python',
    program: 'instructor.py',
    forgets: { openai: 'thinking', anthropic: 'thinking' },
    snippets: { openai: 'Instructor, openai', anthropic: 'Instructor, anthropic' },
  },
  {
    name: 'google-genai-js',
    names: ['@google/genai@3.3.0'],
    language: 'js',
    program: 'google-genai.mjs',
    snippets: { google: 'Google Gen AI SDK in JavaScript' },
  },
  {
    name: 'google-genai-py',
    names: ['google-genai==3.6.1'],
    language: 'python',
    program: 'google_genai.py',
    snippets: { google: 'Google Gen AI SDK in Python' },
  },
  { name: 'ollama-js', names: ['ollama@0.6.4'], language: 'js', program: 'ollama.mjs', snippets: { ollama: 'Ollama in JavaScript' } },
  {
    name: 'ollama-py',
    names: ['ollama==0.6.3'],
    language: 'python',
    program: 'ollama.py',
    // It keeps no id of a call, which is where another provider's signature stands.
    forgets: { ollama: 'thinking' },
    snippets: { ollama: 'Ollama in Python' },
  },
  { name: 'cohere-js', names: ['cohere-ai@8.1.0'], language: 'js', program: 'cohere.mjs', snippets: { cohere: 'Cohere in JavaScript' } },
  { name: 'cohere-py', names: ['cohere==7.3.1'], language: 'python', program: 'cohere.py', snippets: { cohere: 'Cohere in Python' } },
  {
    name: 'bedrock-js',
    names: ['@aws-sdk/client-bedrock-runtime@3.1164.0', '@smithy/node-http-handler@4.14.2'],
    language: 'js',
    program: 'bedrock.mjs',
    snippets: { bedrock: 'AWS SDK in JavaScript' },
  },
  { name: 'bedrock-py', names: ['boto3==1.44.8'], language: 'python', program: 'boto3.py', snippets: { bedrock: 'AWS SDK in Python' } },
];

/** The snippet as documented, with the rest of a program behind it. */
function start(stage: Stage, { language, program }: Framework, heading: string): Command {
  const rest = readFileSync(new URL(`programs/${program}`, import.meta.url), 'utf8');
  const path = join(stage.work, language === 'js' ? 'program.mjs' : 'program.py');
  writeFileSync(path, `${snippet(heading, language, stage)}\n${rest}`);
  if (language === 'js') symlinkSync(join(stage.installed, 'node_modules'), join(stage.work, 'node_modules'));
  const python = join(stage.installed, 'venv', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  return { command: language === 'js' ? process.execPath : python, args: [path], env: { AGENT_PROMPT: stage.prompt } };
}

function agentOf(framework: Framework): Agent {
  const from: Packages['from'] = framework.language === 'js' ? 'npm' : 'pypi';
  const cases = Object.entries(framework.snippets).flatMap(([name, heading]) =>
    mockDialects.map((back): AgentCase => {
      const forgets = framework.forgets?.[name];
      return { name, back, ...(forgets === undefined ? {} : { forgets }), start: (stage) => start(stage, framework, heading) };
    }),
  );
  return { name: framework.name, packages: { from, names: framework.names }, cases };
}

export const frameworkAgents: readonly Agent[] = frameworks.map(agentOf);
