import { loadDialects } from 'modelwire/internal/dialects/index';
import { loadEmbeddings } from 'modelwire/internal/embeddings/index';
import { type Held, inspect, type Inspection } from '../fidelity/inspect.ts';
import type { Finding } from '../fidelity/tally.ts';
import { type Command, type Invocation, sharedFlags } from './command.ts';
import { exitCodes } from './exit-code.ts';
import { CliError } from './failure.ts';
import { colour, table } from './terminal.ts';

/** `modelwire fidelity`: whether every field of the vendors' own types has a verdict. */
export const command: Command = {
  name: 'fidelity',
  about: 'hold the translation against the official types',
  usage: 'fidelity [--check] [--json]',
  examples: [
    ['modelwire fidelity', 'compare with the packages installed here'],
    ['modelwire fidelity --check', 'exit 2 when a field has no verdict'],
    ['modelwire fidelity --json', 'what differs as JSON'],
  ],
  flags: { check: { type: 'boolean', about: 'exit 2 when anything differs' }, json: sharedFlags.json },
  args: [0, 0],
  next: 'modelwire translate --from A --to B FILE',
  async run(invocation) {
    const { flags, world } = invocation;
    const inspections = (await tables()).map(([name, verdicts]) => inspect(name, verdicts, world.cwd));
    const missing = [...new Set(inspections.filter(({ version }) => version === undefined).map((one) => one.package))];
    if (missing.length > 0) throw notInstalled(missing);
    const count = inspections.reduce((sum, { findings }) => sum + findings.length, 0);
    if (flags['json'] === true) world.stdout.write(`${JSON.stringify({ ok: count === 0, dialects: inspections })}\n`);
    else report(inspections, count, invocation);
    return count > 0 && flags['check'] === true ? exitCodes.usage : exitCodes.ok;
  },
};

/** The formats and, apart, how they ask for embeddings, where the vendor has types for it. */
async function tables(): Promise<readonly (readonly [name: string, verdicts: Held])[]> {
  const chat = Object.values(await loadDialects()).map(({ name, verdicts }) => [name, verdicts] as const);
  const embeddings = [...(await loadEmbeddings())].flatMap(([name, { verdicts }]) => {
    return verdicts?.official === undefined ? [] : [[`${name} embeddings`, { ...verdicts, official: verdicts.official }] as const];
  });
  return [...chat, ...embeddings];
}

function notInstalled(packages: readonly string[]): CliError {
  return new CliError('not_installed', `the official types are not here: ${packages.join(', ')}`, {
    lookedIn: ['node_modules of this folder and of those above it'],
    todo: [`npm install --save-dev ${packages.join(' ')}`],
  });
}

function report(inspections: readonly Inspection[], count: number, { world, paint }: Invocation): void {
  const paintOut = colour(paint.stdout);
  for (const { dialect, package: name, version, findings } of inspections) {
    const state = findings.length === 0 ? paintOut.green('ok') : paintOut.red(`${findings.length} to settle`);
    world.stdout.write(`${paintOut.bold(dialect)}  ${name} ${version}  ${state}\n`);
    if (findings.length > 0) world.stdout.write(`${table(findings.map((finding) => [`  ${finding.kind}`, finding.path]))}\n`);
  }
  if (count === 0) return;
  const kinds = new Set(inspections.flatMap(({ findings }) => findings.map(({ kind }) => kind)));
  world.stdout.write(`\n${[...kinds].map((kind) => `${kind}: ${meanings[kind]}`).join('\n')}\n`);
}

const meanings: { readonly [kind in Finding['kind']]: string } = {
  'no verdict': 'the official types have it, the table does not: declare it',
  'no such field': 'the table has it, the official types do not: take it out, or mark it as a vendor’s',
  'no such type': 'the table has it, the official types do not: take it out, or mark it as a vendor’s',
  'another form': 'the official types allow a form there that the table does not know',
};
