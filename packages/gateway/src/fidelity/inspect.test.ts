import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flag, hint, json, later, list, object, oneOf, opaque, tag, text, to, vendor, type VerdictTable, word, either } from 'modelwire/internal/core/verdicts';
import { compareTable } from './inspect.ts';
import { createTypes } from './resolve.ts';

const part = oneOf('type', { text: object({ type: tag('text'), text: to('text', text) }), blob: opaque('hint', { type: tag('blob') }) });
const tree: ReturnType<typeof object> = object({ name: to('name', text), children: to('children', list(later(() => tree))) });
const table: VerdictTable = {
  official: { package: 'x', request: ['t.d.ts#Request'], reply: ['t.d.ts#Reply'], event: ['t.d.ts#Event'] },
  request: object({
    content: to('content', either(text, list(part))),
    tier: to('tier', word(['auto', 'flex'])),
    extra: hint('x', json),
    own: vendor(to('own', flag)),
    tree: to('tree', tree),
  }),
  reply: object({ id: to('id', text) }),
  event: oneOf('type', { start: object({ type: tag('start') }) }),
};
const official = `
  interface Text { type: 'text'; text: string } interface Blob { type: 'blob'; data: string }
  interface Tree { name: string; children?: Array<Tree> }
  export interface Request { content: string | Array<Text | Blob>; tier?: 'auto' | 'flex' | null; extra?: { deep: string }; tree?: Tree }
  export interface Reply { id: string }
  export interface Start { type: 'start' }
  export type Event = Start;
`;

const compared = (source: string): string[] =>
  compareTable(
    table,
    createTypes((path) => (path === 't.d.ts' ? source : undefined)),
  ).map(({ kind, path }) => `${kind}: ${path}`);

const moved: readonly (readonly [change: string, from: string, to: string, expected: readonly string[]])[] = [
  ['nothing', '', '', []],
  ['a new field', 'id: string', 'id: string; model: string', ['no verdict: reply model']],
  ['a new field of a part', 'text: string }', 'text: string; mark?: {} }', ['no verdict: request content[][type=text].mark']],
  ['a new field below itself', 'name: string;', 'name: string; size: number;', ['no verdict: request tree.size']],
  ['a new part', '<Text | Blob>', `<Text | Blob | { type: 'video' }>`, ['no verdict: request content[][type=video]']],
  ['a new word', `'flex' | null`, `'flex' | 'fast'`, ['no verdict: request tier "fast"']],
  ['a new event', 'Event = Start', `Event = Start | { type: 'end' }`, ['no verdict: event [type=end]']],
  ['a new form', 'tier?: ', 'tier?: { name: string } | ', ['another form: request tier (an object)']],
  ['a form that cannot be read', 'tree?: Tree', 'tree?: Far.Tree', ['another form: request tree (unknown)', 'no such type: request tree']],
  ['a field that went', '; extra?: { deep: string }', '', ['no such field: request extra']],
  ['a part that went', '<Text | Blob>', '<Text>', ['no such type: request content[][type=blob]']],
  ['a type that went', 'export interface Reply', 'export interface Answer', ['no such type: reply t.d.ts#Reply', 'no such type: reply ']],
  ['nothing within an extra', 'deep: string', 'deep: number; deeper: string', []],
];

for (const [change, from, into, expected] of moved) {
  test(`official types against a table: ${change}`, () => {
    assert.ok(official.includes(from));
    assert.deepEqual(compared(official.replace(from, into)), expected);
  });
}
