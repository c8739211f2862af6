const durations: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const sizes: Readonly<Record<string, number>> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30 };

/** What a duration looks like as text; the JSON Schema shows it to editors. */
export const durationPattern = /^\d+(\.\d+)?\s*(ms|s|m|h)?$/;

/** What a size looks like as text. */
export const sizePattern = /^\d+(\.\d+)?\s*(B|kB|KB|MB|GB|KiB|MiB|GiB)?$/;

/** The longest time a timer can hold. */
export const longest = 2 ** 31 - 1;

/** `8s`, `500ms`, `2m`, `1h` or a number of milliseconds, as whole milliseconds; undefined when it is none of these or out of a timer's range. */
export function parseDuration(value: number | string): number | undefined {
  const ms = Math.round(measure(value, durationPattern, durations, 'ms'));
  return ms >= 1 && ms <= longest ? ms : undefined;
}

/** `32MiB`, `500kB` or a number of bytes, as whole bytes; undefined when it is neither. */
export function parseSize(value: number | string): number | undefined {
  const bytes = Math.round(measure(value, sizePattern, sizes, 'b'));
  return bytes >= 1 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A whole number within the bounds, also when it is written as text (an environment variable is); undefined otherwise. */
export function parseWhole(value: unknown, least: number, most: number): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most ? number : undefined;
}

function measure(value: number | string, pattern: RegExp, units: Readonly<Record<string, number>>, bare: string): number {
  if (typeof value === 'number') return value;
  const text = value.trim();
  if (!pattern.test(text)) return Number.NaN;
  const unit = /[a-z]+$/i.exec(text)?.[0] ?? bare;
  return Number.parseFloat(text) * (units[unit.toLowerCase()] ?? Number.NaN);
}
