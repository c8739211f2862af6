/** Shorter delays are kept to the millisecond. */
const coarseFrom = 1000;
/** How late a long delay may be, in ms. */
const stepMs = 50;

/** One of those with the same delay, in the order in which they were set: the first is due first. */
type Timer = { readonly due: number; readonly run: () => void; list: List | undefined; before: Timer | undefined; after: Timer | undefined };
type List = { first: Timer | undefined; last: Timer | undefined };

/**
 * Timers for deadlines, of which a call sets several and takes nearly all back at once. A long delay comes up to 50 ms late, never early,
 * and costs two links in a list, where a timer of the platform costs more than most steps of a call. While one is set the process stays
 * open, as with the platform's own.
 */
export function createTimers(): (ms: number, run: () => void) => () => void {
  const lists = new Map<number, List>();
  let count = 0;
  let clock: ReturnType<typeof setTimeout> | undefined;

  const tick = (): void => {
    clock = count > 0 ? setTimeout(tick, stepMs) : undefined;
    const now = performance.now();
    for (const [ms, list] of lists) {
      for (let next = list.first; next !== undefined && next.due <= now; next = list.first) {
        cancel(next);
        next.run();
      }
      if (list.first === undefined) lists.delete(ms);
    }
  };
  const cancel = (timer: Timer): void => {
    if (!unlink(timer)) return;
    count--;
    if (count === 0) holdOpen(clock, false);
  };
  return (ms, run) => {
    if (ms < coarseFrom) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    }
    let list = lists.get(ms);
    if (list === undefined) {
      list = { first: undefined, last: undefined };
      lists.set(ms, list);
    }
    const timer = append(list, performance.now() + ms, run);
    count++;
    if (clock === undefined) clock = setTimeout(tick, stepMs);
    else if (count === 1) holdOpen(clock, true);
    return () => cancel(timer);
  };
}

function append(list: List, due: number, run: () => void): Timer {
  const timer: Timer = { due, run, list, before: list.last, after: undefined };
  if (list.last === undefined) list.first = timer;
  else list.last.after = timer;
  list.last = timer;
  return timer;
}

/** False when it is in no list any more. */
function unlink(timer: Timer): boolean {
  const { list, before, after } = timer;
  if (list === undefined) return false;
  if (before === undefined) list.first = after;
  else before.after = after;
  if (after === undefined) list.last = before;
  else after.before = before;
  timer.list = undefined;
  timer.before = undefined;
  timer.after = undefined;
  return true;
}

/** A clock without work must not keep the process open, where a clock can. */
function holdOpen(clock: ReturnType<typeof setTimeout> | undefined, open: boolean): void {
  if (typeof clock !== 'object') return;
  if (open) clock.ref();
  else clock.unref();
}
