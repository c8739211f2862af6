import { styleText } from 'node:util';
import type { Env } from '../config/dotenv.ts';

type Paint = (text: string) => string;
export type Colours = { readonly [name in 'red' | 'green' | 'yellow' | 'dim' | 'bold']: Paint };

const plain: Paint = (text) => text;
const styled =
  (style: keyof Colours): Paint =>
  (text) =>
    styleText(style, text, { validateStream: false });

const off: Colours = { red: plain, green: plain, yellow: plain, dim: plain, bold: plain };
const on: Colours = { red: styled('red'), green: styled('green'), yellow: styled('yellow'), dim: styled('dim'), bold: styled('bold') };

export function colour(painted: boolean): Colours {
  return painted ? on : off;
}

/** Whether a stream may be coloured: a terminal, and nobody asked for none (no-color.org); FORCE_COLOR asks for it anywhere. */
export function mayPaint(isTTY: boolean, env: Env): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return isTTY && env['TERM'] !== 'dumb';
}

/** Rows of cells as columns that line up; columns in `right` are flush right; lines are cut at `width`. */
export function table(rows: readonly (readonly string[])[], options: { readonly right?: readonly number[]; readonly width?: number } = {}): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, displayWidth(cell))));
  return rows
    .map((row) =>
      cut(
        row
          .map((cell, index) => pad(cell, widths[index] ?? 0, options.right?.includes(index) === true))
          .join('  ')
          .trimEnd(),
        options.width,
      ),
    )
    .join('\n');
}

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return right ? space + text : text + space;
}

/** Text cut to a width, with an ellipsis where something is left out. */
export function cut(text: string, width: number | undefined): string {
  if (width === undefined || displayWidth(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (displayWidth(kept) + displayWidth(character) > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Terminal columns of a text: East Asian wide characters take two. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text)
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u.test(
        character,
      )
        ? 2
        : 1;
  return width;
}

/** Takes out what could move the cursor or change the terminal: text of others is shown, never obeyed. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}
