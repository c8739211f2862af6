/** docs/translation.md and its pages, one a format: what becomes of everything that it can say, asked of the translator itself. */
import type { DialectName } from '../../packages/modelwire/src/core/ir.ts';
import { names, table } from './cells.ts';
import { endingSection, replySection } from './replies.ts';
import { requestSection } from './requests.ts';
import { streamSection } from './streams.ts';

export const translationPages: readonly (readonly [string, () => string])[] = [
  ['docs/translation.md', indexPage],
  ...names.map((name): readonly [string, () => string] => [`docs/translation/${name}.md`, () => dialectPage(name)]),
];

const signs = [
  ['=', 'sent, with the same meaning'],
  ['~', 'sent, changed by the rule in the note'],
  ['emulated', 'done in another way'],
  ['carried', 'not sent: it says how to answer, or another field says it'],
  ['dropped', 'a hint is lost, with a note; refused when `fidelity: strict`. Of an answer: shown without it, with a note'],
  ['rejected', '400 before anything is sent, naming field, target and alternative; dropped when `fidelity: lenient`'],
] as const;

function indexPage(): string {
  return `# What becomes of every field

Made by \`npm run docs\` from the verdict tables (\`packages/modelwire/src/dialects/*/verdicts.ts\`) and the translator itself: each field of each format is sent to each other format, and what comes out and the notes are written down.
\`modelwire translate --from A --to B FILE\` says the same of a request of yours; \`modelwire fidelity --check\` that no field of the official types is missing here.

${table(
  ['format', 'requests of its callers', 'answers of its providers', 'their streams'],
  names.map((name) => [name, ...['requests', 'answers', 'streams'].map((part) => `[${part}](translation/${name}.md#${part})`)]),
)}

${table(['', ''], signs)}

A field is sent as it is within its own format. Left out are tags, and what says nothing that is not said elsewhere. The target is one without quirks; [providers](providers.md) differ. A field in no table is a hint: it goes to targets of its own format, and is dropped with a note by others.
`;
}

function dialectPage(name: DialectName): string {
  return `# ${name}: what becomes of every field

Made by \`npm run docs\`; [the signs](../translation.md).

## Requests
Of callers of this format, to providers of the others.

${requestSection(name)}

## Answers
Of providers of this format, to callers of the others: where each field is shown (of several places the first three).

${replySection(name)}

### Why an answer ended
The word of the provider, and the one that callers of the other formats are given. An error is one with its status, or the event in a stream.

${endingSection(name)}

## Streams
Events of providers of this format, to callers of the others: where each field is shown first.

${streamSection(name)}
`;
}
