import { parseArgs } from 'node:util';

export const groupNames = ['relay', 'stream', 'translated', 'translated-stream', 'latency', 'bodies', 'paced', 'pairs', 'start'] as const;
export type GroupName = (typeof groupNames)[number];

export type Options = {
  readonly only: ReadonlySet<GroupName>;
  readonly rounds: number;
  /** Multiplies the length of every round and warm-up. */
  readonly scale: number;
  readonly quick: boolean;
  /** Measure the built gateway instead of its source. */
  readonly dist: boolean;
  /** Exit with 1 when a bar is not met. */
  readonly strict: boolean;
};

export const help = `Measures the gateway against the least proxy that Node can be, on this machine, in one run.

  npm run bench                          everything, about 5 minutes
  npm run bench -- --quick               short rounds, within a minute
  npm run bench -- --only relay,stream   some groups

  --only NAMES   of: ${groupNames.join(', ')}
  --rounds N     interleaved rounds per row, default 3
  --dist         the built gateway (npm run build) instead of its source
  --strict       exit with 1 when a bar is not met
  --quick, --help`;

export function parseOptions(argv: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      quick: { type: 'boolean', default: false },
      dist: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 9) throw new Error('--rounds takes a whole number from 1 to 9');
  return {
    only: new Set(values.only === undefined ? groupNames : values.only.split(',').map(groupName)),
    rounds,
    scale: values.quick ? 0.1 : 1,
    quick: values.quick,
    dist: values.dist,
    strict: values.strict,
  };
}

function groupName(text: string): GroupName {
  const name = groupNames.find((known) => known === text.trim());
  if (name === undefined) throw new Error(`--only knows ${groupNames.join(', ')}, not ${text}`);
  return name;
}
