import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isGatewayError } from 'modelwire/internal/core/errors';
import { prepareFor } from 'modelwire/internal/core/prepare';
import { isObject, parseJsonText } from 'modelwire/internal/core/json-text';
import { createLedger, type Note } from 'modelwire/internal/core/notes';
import { type Target, targetName } from 'modelwire/internal/core/target';
import { scanTopLevel } from 'modelwire/internal/core/top-level';
import { dialectNames, isDialect, loadDialect, type WholeDialect } from 'modelwire/internal/dialects/index';
import { findModelInfo } from 'modelwire/internal/providers/model-info';
import { nearestName } from 'modelwire/internal/providers/nearest-name';
import { findProvider } from 'modelwire/internal/providers/catalog';
import { quirksFor } from 'modelwire/internal/providers/quirks';
import { type Command, type Invocation, textFlag } from './command.ts';
import { exitCodes } from './exit-code.ts';
import { CliError } from './failure.ts';
import { colour, printable, table } from './terminal.ts';

/** `modelwire translate --from A --to B FILE`: what a request becomes in another format, and what is lost on the way. */
export const command: Command = {
  name: 'translate',
  about: 'a request in another format, with what is lost',
  usage: 'translate --from FORMAT --to FORMAT [--strict] FILE|-',
  examples: [
    ['modelwire translate --from openai-chat --to anthropic-messages a.json', ''],
    ['modelwire translate --from openai-chat --to anthropic-messages --strict a.json', ''],
    ['modelwire translate --from anthropic-messages --to openai-chat - < b.json', ''],
  ],
  flags: {
    from: { type: 'string', value: 'FORMAT', about: 'the format that the file is in' },
    to: { type: 'string', value: 'FORMAT', about: 'the format to write' },
    model: { type: 'string', value: 'NAME', about: 'for this model; provider/model knows its quirks' },
    strict: { type: 'boolean', about: 'exit 2 when anything is lost' },
    json: { type: 'boolean', about: 'print body and notes as one JSON object' },
  },
  args: [1, 1],
  next: 'docs/translation.md has every field',
  async run(invocation) {
    const { flags } = invocation;
    const front = await dialectFlag(invocation, 'from');
    const back = await dialectFlag(invocation, 'to');
    const text = await inputText(invocation);
    const translated = translate(text, { front, back, model: textFlag(flags, 'model'), isStrict: flags['strict'] === true });
    const losses = translated.notes.filter(({ verdict }) => verdict === 'dropped');
    if (flags['strict'] === true && losses.length > 0) throw lossy(losses, translated.target);
    print(translated, invocation);
    return exitCodes.ok;
  },
};

type Translated = { readonly body: string; readonly notes: readonly Note[]; readonly target: Target };

async function dialectFlag({ flags }: Invocation, name: 'from' | 'to'): Promise<WholeDialect> {
  const asked = textFlag(flags, name);
  const todo = [`--${name} ${dialectNames.join(`, --${name} `)}`];
  if (asked === undefined) throw new CliError('usage', `modelwire translate needs --${name}`, { todo });
  if (isDialect(asked)) return await loadDialect(asked);
  const near = nearestName(asked, dialectNames);
  throw new CliError('usage', `there is no format "${printable(asked)}"${near === undefined ? '' : `, did you mean "${near}"?`}`, { todo });
}

async function inputText({ args, world }: Invocation): Promise<string> {
  const [file = '-'] = args;
  if (file === '-') return world.stdin.read();
  try {
    return await readFile(path.resolve(world.cwd, file), 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    throw new CliError('failed', code === 'ENOENT' ? `${file} does not exist` : `${file} cannot be read (${code})`, { cause });
  }
}

type Options = { readonly front: WholeDialect; readonly back: WholeDialect; readonly model: string | undefined; readonly isStrict: boolean };

/** Strict translation is lenient first, so that it can name every loss and not only the first. */
function translate(text: string, { front, back, model, isStrict }: Options): Translated {
  try {
    const json = parseJsonText(text);
    front.front.check(scanTopLevel(new TextEncoder().encode(text)), {}, 'chat');
    const asked = isObject(json.value) ? json.value['model'] : undefined;
    const target = targetOf(model ?? (typeof asked === 'string' ? asked : 'model'), back);
    const ledger = createLedger(targetName(target), isStrict ? 'lenient' : 'carry');
    let ids = 0;
    const context = { callId: 'translate', target, back: back.name, ledger, now: () => Date.now(), newId: (prefix: string) => `${prefix}${++ids}` };
    const { request } = front.accept(json, context);
    return { body: prepareFor(back, request, context).body, notes: ledger.notes, target };
  } catch (thrown) {
    if (!isGatewayError(thrown) || thrown.code === 'unsupported_parameter') throw thrown;
    throw new CliError(thrown.code, thrown.message, { exit: exitCodes.failed, todo: thrown.hint === undefined ? [] : [thrown.hint], cause: thrown });
  }
}

/** `provider/model` of the catalogue has its quirks; any other name is a model of nobody in particular, which takes all that the format has. */
function targetOf(name: string, back: WholeDialect): Target {
  const slash = name.indexOf('/');
  const provider = slash === -1 ? undefined : findProvider(name.slice(0, slash));
  if (provider === undefined) return { provider: back.name, model: name, speaks: {}, quirks: {} };
  const model = name.slice(slash + 1);
  const info = findModelInfo(provider.name, model);
  return { provider: provider.name, model, speaks: {}, quirks: quirksFor(provider.name, model), ...(info === undefined ? {} : { info }) };
}

function lossy(losses: readonly Note[], target: Target): CliError {
  const lines = losses.map(({ path: field, reason }) => `  ${printable(field)}: ${reason}`);
  return new CliError(
    'unsupported_parameter',
    `${targetName(target)} would lose ${losses.length === 1 ? 'a field' : `${losses.length} fields`}\n${lines.join('\n')}`,
    {
      exit: exitCodes.usage,
      todo: ['leave the fields out', 'leave --strict out'],
    },
  );
}

function print({ body, notes, target }: Translated, { flags, world, paint }: Invocation): void {
  if (flags['json'] === true) {
    // The body as it would be sent: parsing it would change its numbers.
    world.stdout.write(`{"target":${JSON.stringify(targetName(target))},"body":${body},"notes":${JSON.stringify(notes)}}\n`);
    return;
  }
  world.stdout.write(`${body}\n`);
  const paintErr = colour(paint.stderr);
  const rows = notes.map(({ verdict, path: field, reason }) => [
    verdict === 'dropped' ? paintErr.yellow(verdict) : paintErr.dim(verdict),
    printable(field),
    reason,
  ]);
  world.stderr.write(rows.length === 0 ? '' : `${table(rows)}\n`);
}
