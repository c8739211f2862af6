import { nearestName } from './nearest-name.ts';

/** What a model of the scripted provider says. */
export type MockContent =
  | { readonly kind: 'echo' | 'tool' | 'tools' | 'reasoning' | 'json' | 'refusal' | 'length' | 'vision' | 'cache' | 'inspect' | 'agent' | 'quiet-agent' }
  | { readonly kind: 'text'; readonly words: number };

/** How its answer goes wrong. */
export type MockFault =
  | { readonly kind: 'status' | 'html'; readonly status: number }
  | { readonly kind: 'cut' | 'end'; readonly after: number }
  | { readonly kind: 'flaky'; readonly times: number }
  | { readonly kind: 'error-midstream' | 'error-inside' | 'hang' | 'empty' | 'garbage' | 'no-done' };

export type MockPlan = {
  readonly content: MockContent;
  /** Milliseconds before the head. */
  readonly slowMs: number;
  /** Milliseconds between two pieces of the body. */
  readonly dripMs: number;
  readonly fault?: MockFault;
};

/** Every name, with `N` for its number; several are joined by `+`, e.g. `tools+drip-20`. Explained in docs/mock.md. */
export const mockNames = [
  'echo',
  'text-N',
  'tool',
  'tools',
  'reasoning',
  'json',
  'refusal',
  'length',
  'vision',
  'cache',
  'inspect',
  'agent',
  'quiet-agent',
  'slow-N',
  'drip-N',
  'status-N',
  'html',
  'html-N',
  'cut-N',
  'end-N',
  'flaky-N',
  'error-midstream',
  'error-inside',
  'hang',
  'empty',
  'garbage',
  'no-done',
] as const;

/** The models that are listed: those that say something. Delays and faults are joined on to them. */
export const mockModels: readonly string[] = [
  'echo',
  'text-50',
  'tool',
  'tools',
  'reasoning',
  'json',
  'refusal',
  'length',
  'vision',
  'cache',
  'inspect',
  'agent',
  'quiet-agent',
];

type Name = (typeof mockNames)[number];
type Part = { content?: MockContent; slowMs?: number; dripMs?: number; fault?: MockFault };

/** The behaviour that a model name asks for; undefined for a name that means nothing here. */
export function planOf(model: string): MockPlan | undefined {
  let plan: MockPlan = { content: { kind: 'echo' }, slowMs: 0, dripMs: 0 };
  for (const word of bareName(model).split('+')) {
    const part = partOf(word);
    if (part === undefined) return undefined;
    plan = { ...plan, ...part };
  }
  return plan;
}

/** A client that talks to the provider directly may write `mock/echo`. */
function bareName(model: string): string {
  return model.replace(/^mock\//, '');
}

function partOf(word: string): Part | undefined {
  const match = /^(.*)-(\d{1,9})$/.exec(word);
  const pattern = match === null ? word : `${match[1]}-N`;
  const name = mockNames.find((known) => known === pattern);
  return name === undefined ? undefined : toPart(name, match === null ? 0 : Number(match[2]));
}

function toPart(name: Name, number: number): Part | undefined {
  switch (name) {
    case 'text-N':
      return { content: { kind: 'text', words: number } };
    case 'slow-N':
      return { slowMs: number };
    case 'drip-N':
      return { dripMs: number };
    case 'html':
      return { fault: { kind: 'html', status: 200 } };
    case 'html-N':
    case 'status-N':
      return number >= 200 && number <= 599 ? { fault: { kind: name === 'html-N' ? 'html' : 'status', status: number } } : undefined;
    case 'cut-N':
      return { fault: { kind: 'cut', after: number } };
    case 'end-N':
      return { fault: { kind: 'end', after: number } };
    case 'flaky-N':
      return { fault: { kind: 'flaky', times: number } };
    case 'error-midstream':
    case 'error-inside':
    case 'hang':
    case 'empty':
    case 'garbage':
    case 'no-done':
      return { fault: { kind: name } };
    default:
      return { content: { kind: name } };
  }
}

/** The known name that was probably meant. */
export function nearestMockName(model: string): string | undefined {
  const word =
    bareName(model)
      .split('+')
      .find((part) => partOf(part) === undefined) ?? '';
  return nearestName(word.replace(/\d+$/, 'N'), mockNames);
}
