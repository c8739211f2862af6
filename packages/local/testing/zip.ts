import { crc32, deflateRawSync } from 'node:zlib';

type Member = { readonly name: string; readonly data: Buffer; readonly method?: 0 | 8 | 12; readonly encrypted?: boolean };

/** A zip archive in memory, as a wheel is one. `zip64` writes every size and offset in its 64-bit place, as archives above 4 GB do. */
export function buildZip(members: readonly Member[], options: { readonly zip64?: boolean; readonly comment?: string } = {}): Buffer {
  const zip64 = options.zip64 === true;
  const files: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const method = member.method ?? 8;
    const packed = method === 8 ? deflateRawSync(member.data) : member.data;
    const name = Buffer.from(member.name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt16LE(name.length, 26);
    // An extra field that the directory does not have: its length must be read from here.
    const extra = Buffer.from([0x99, 0x99, 2, 0, 1, 2]);
    local.writeUInt16LE(extra.length, 28);
    files.push(local, name, extra, packed);
    entries.push(directoryEntry(member, { name, packed, offset, method, zip64 }));
    offset += 30 + name.length + extra.length + packed.length;
  }
  const directory = Buffer.concat(entries);
  return Buffer.concat([...files, directory, ...endRecords({ count: members.length, directory, offset, zip64, comment: options.comment ?? '' })]);
}

function directoryEntry(
  member: Member,
  entry: { readonly name: Buffer; readonly packed: Buffer; readonly offset: number; readonly method: number; readonly zip64: boolean },
): Buffer {
  const fixed = Buffer.alloc(46);
  const extra = Buffer.alloc(entry.zip64 ? 28 : 0);
  fixed.writeUInt32LE(0x02014b50, 0);
  fixed.writeUInt16LE(member.encrypted === true ? 1 : 0, 8);
  fixed.writeUInt16LE(entry.method, 10);
  fixed.writeUInt32LE(crc32(member.data), 16);
  fixed.writeUInt32LE(entry.zip64 ? 0xffffffff : entry.packed.length, 20);
  fixed.writeUInt32LE(entry.zip64 ? 0xffffffff : member.data.length, 24);
  fixed.writeUInt16LE(entry.name.length, 28);
  fixed.writeUInt16LE(extra.length, 30);
  fixed.writeUInt32LE(entry.zip64 ? 0xffffffff : entry.offset, 42);
  if (entry.zip64) {
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(24, 2);
    extra.writeBigUInt64LE(BigInt(member.data.length), 4);
    extra.writeBigUInt64LE(BigInt(entry.packed.length), 12);
    extra.writeBigUInt64LE(BigInt(entry.offset), 20);
  }
  return Buffer.concat([fixed, entry.name, extra]);
}

function endRecords(end: {
  readonly count: number;
  readonly directory: Buffer;
  readonly offset: number;
  readonly zip64: boolean;
  readonly comment: string;
}): readonly Buffer[] {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(end.zip64 ? 0xffff : end.count, 10);
  record.writeUInt32LE(end.zip64 ? 0xffffffff : end.directory.length, 12);
  record.writeUInt32LE(end.zip64 ? 0xffffffff : end.offset, 16);
  record.writeUInt16LE(end.comment.length, 20);
  const comment = Buffer.from(end.comment);
  if (!end.zip64) return [record, comment];
  const wide = Buffer.alloc(56);
  wide.writeUInt32LE(0x06064b50, 0);
  wide.writeBigUInt64LE(BigInt(end.directory.length), 40);
  wide.writeBigUInt64LE(BigInt(end.offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(end.offset + end.directory.length), 8);
  return [wide, locator, record, comment];
}
