import type { LocalEngine, LocalStatus } from '@modelwire/local';
import type { Output } from './command.ts';
import { cut } from './terminal.ts';

/**
 * Tells on stderr how the embedded model's file comes in: one line that is written over on a terminal, plain lines at every quarter
 * elsewhere. Returns what ends it.
 */
export function showProgress(engine: LocalEngine, output: Output, options: { /** Default true. */ readonly failures?: boolean } = {}): () => void {
  const show = output.isTTY ? barOn(output) : linesOn(output);
  const hear = (status: LocalStatus): void => {
    show(status, engine.model.name);
    if (status.state === 'failed' && options.failures !== false) output.write(failureLine(status));
  };
  hear(engine.status());
  return engine.onStatus(hear);
}

type Show = (status: LocalStatus, model: string) => void;

function barOn(output: Output): Show {
  let drawn = false;
  const draw = (line: string): void => {
    output.write(`\r\u001b[2K${cut(line, output.columns - 1)}`);
    drawn = true;
  };
  return (status, model) => {
    if (status.state === 'downloading') draw(`fetching ${model}  ${bar(status.received, status.total)}  ${megabytes(status.received, status.total)}`);
    else if (status.state === 'loading') draw(`starting ${model} …`);
    else if (drawn) {
      output.write('\r\u001b[2K');
      drawn = false;
    }
  };
}

function linesOn(output: Output): Show {
  let told = -1;
  return (status, model) => {
    if (status.state !== 'downloading') {
      told = status.state === 'ready' ? -1 : told;
      return;
    }
    const quarter = Math.floor((4 * status.received) / Math.max(1, status.total));
    if (quarter <= told) return;
    told = quarter;
    output.write(`fetching ${model}: ${quarter * 25} % of ${megabytes(status.total, 0)}\n`);
  };
}

function failureLine(status: Extract<LocalStatus, { state: 'failed' }>): string {
  return `the embedded model cannot answer: ${status.message}\n  do          ${status.hint}\n`;
}

function bar(received: number, total: number): string {
  const width = 10;
  const part = total > 0 ? Math.min(1, received / total) : 0;
  const full = Math.round(part * width);
  return `[${'#'.repeat(full)}${'.'.repeat(width - full)}] ${String(Math.floor(part * 100)).padStart(3)} %`;
}

function megabytes(received: number, total: number): string {
  const of = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0);
  return total > 0 ? `${of(received)} of ${of(total)} MB` : `${of(received)} MB`;
}
