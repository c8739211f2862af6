/** Passes text on up to the first stop string, wherever the text is cut; a part that may be the start of one is held back. */
export function createStopFilter(stops: readonly string[]) {
  let held = '';
  let stopped = false;

  return {
    /** The text that is safe to show now. */
    push(text: string): string {
      if (stopped || stops.length === 0) return stopped ? '' : text;
      held += text;
      const at = firstStop(held, stops);
      if (at >= 0) {
        stopped = true;
        return take(at);
      }
      return take(held.length - longestStart(held, stops));
    },
    /** What was held back when no stop string came after all. */
    end(): string {
      return stopped ? '' : take(held.length);
    },
    get stopped(): boolean {
      return stopped;
    },
  };

  function take(length: number): string {
    const text = held.slice(0, length);
    held = held.slice(length);
    return text;
  }
}

function firstStop(text: string, stops: readonly string[]): number {
  const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** Length of the longest end of the text that is the start of a stop string. */
function longestStart(text: string, stops: readonly string[]): number {
  const most = Math.min(text.length, Math.max(...stops.map((stop) => stop.length)) - 1);
  for (let length = most; length > 0; length -= 1) {
    if (stops.some((stop) => stop.startsWith(text.slice(-length)))) return length;
  }
  return 0;
}
