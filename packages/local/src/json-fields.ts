import { badValue } from './wire-error.ts';

/** A JSON object whose fields nobody has looked at yet. */
export type Fields = { readonly [name: string]: unknown };

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Fields that may be absent or null, which here mean the same; anything else must be of the kind asked for. */
export const optional = {
  boolean(fields: Fields, name: string, prefix = ''): boolean | undefined {
    const value = fields[name] ?? undefined;
    if (value === undefined || typeof value === 'boolean') return value;
    throw badValue(`${prefix}${name}`, 'must be true or false');
  },
  number(fields: Fields, name: string, range: { readonly from: number; readonly to: number }): number | undefined {
    const value = fields[name] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value === 'number' && value >= range.from && value <= range.to) return value;
    throw badValue(name, `must be a number from ${range.from} to ${range.to}`);
  },
  whole(fields: Fields, name: string, range: { readonly from: number }): number | undefined {
    const value = fields[name] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= range.from) return value;
    throw badValue(name, range.from > 0 ? `must be a whole number of at least ${range.from}` : 'must be a whole number');
  },
  string(fields: Fields, name: string, prefix = ''): string | undefined {
    const value = fields[name] ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    throw badValue(`${prefix}${name}`, 'must be a string');
  },
};
