import { type ErrorCode, GatewayError } from './errors.ts';

/** The five deadlines of a call, in milliseconds. `total` covers all attempts; pings do not keep `idle` alive. */
export type Deadlines = {
  /** Until the connection stands. */
  readonly connect: number;
  /** Until the response head has come. Whole answers count their thinking here, so it suits slow reasoning models. */
  readonly headers: number;
  /** From the request until the first content, tool or reasoning event of a stream. */
  readonly firstToken: number;
  /** Between two content events of a stream, or two reads of a whole answer. */
  readonly idle: number;
  readonly total: number;
};

export const defaultDeadlines: Deadlines = { connect: 10_000, headers: 300_000, firstToken: 300_000, idle: 120_000, total: 600_000 };

const codes: { readonly [name in keyof Deadlines]: ErrorCode } = {
  connect: 'deadline_connect',
  headers: 'deadline_headers',
  firstToken: 'deadline_first_token',
  idle: 'deadline_idle',
  total: 'deadline_total',
};

const names: { readonly [name in keyof Deadlines]: string } = {
  connect: 'connect',
  headers: 'headers',
  firstToken: 'first token',
  idle: 'idle',
  total: 'total',
};

/** The error of a deadline that fired: which one, after how long, and whether the same call may be tried again. */
export function deadlineError(which: keyof Deadlines, ms: number, where: string): GatewayError {
  return new GatewayError(codes[which], `${where}: the ${names[which]} deadline of ${ms} ms has passed`, {
    provider: where,
    hint: `Raise deadline.${which} if the model needs longer`,
  });
}
