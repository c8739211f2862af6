import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { crc32, createInflateRaw } from 'node:zlib';

// The format: PKWARE APPNOTE 6.3.10, sections 4.3 (records) and 4.5.3 (the zip64 extra field). A wheel is a zip.
const signatures = { end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50, central: 0x02014b50, local: 0x04034b50 } as const;
const endSize = 22;
const locatorSize = 20;
const maxComment = 0xffff;
const maxDirectory = 64 * 1024 * 1024;
const full32 = 0xffffffff;

/** One file inside a zip archive. */
export type ZipMember = {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  readonly localHeader: number;
};

/** Streams the bytes of one member of a zip file; throws when it is missing, damaged, encrypted or packed in a way wheels do not use. */
export async function* readZipMember(file: string, name: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const { member, start } = await locate(file, name);
  yield* checked(unpack(file, member, { start, signal }), member);
}

async function locate(file: string, name: string): Promise<{ member: ZipMember; start: number }> {
  const handle = await open(file, 'r');
  try {
    const member = await findMember(handle, name);
    return { member, start: await dataStart(handle, member) };
  } finally {
    await handle.close();
  }
}

async function findMember(handle: FileHandle, name: string): Promise<ZipMember> {
  const directory = await readDirectory(handle);
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === signatures.central;) {
    const nameEnd = at + 46 + directory.readUInt16LE(at + 28);
    const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
    if (directory.toString('utf8', at + 46, nameEnd) === name) return toMember(directory, { at, name, extra: directory.subarray(nameEnd, extraEnd) });
    at = extraEnd + directory.readUInt16LE(at + 32);
  }
  throw new Error(`the archive has no member ${name}`);
}

function toMember(directory: Buffer, entry: { readonly at: number; readonly name: string; readonly extra: Buffer }): ZipMember {
  const { at, name } = entry;
  const flags = directory.readUInt16LE(at + 8);
  const method = directory.readUInt16LE(at + 10);
  if ((flags & 1) !== 0) throw new Error(`the archive member ${name} is encrypted`);
  if (method !== 0 && method !== 8) throw new Error(`the archive member ${name} is packed with method ${method}; only stored and deflated are read`);
  const wide = wideFields(entry.extra);
  // Only the fields that are full in the entry are in the extra field, in this order.
  const field = (offset: number) => {
    const value = directory.readUInt32LE(at + offset);
    return value === full32 ? wide() : value;
  };
  const size = field(24);
  const compressed = field(20);
  return { name, method, crc: directory.readUInt32LE(at + 16), size, compressed, localHeader: field(42) };
}

function wideFields(extra: Buffer): () => number {
  let next = -1;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === 1) next = at + 4;
  }
  return () => {
    if (next < 0 || next + 8 > extra.length) throw new Error('the archive is damaged: a zip64 field is missing');
    const value = toOffset(extra.readBigUInt64LE(next));
    next += 8;
    return value;
  };
}

async function readDirectory(handle: FileHandle): Promise<Buffer> {
  const { size } = await handle.stat();
  const tail = await readAt(handle, Math.max(0, size - endSize - maxComment - locatorSize), size);
  const end = findEnd(tail);
  let bytes = tail.readUInt32LE(end + 12);
  let offset = tail.readUInt32LE(end + 16);
  if (bytes === full32 || offset === full32 || tail.readUInt16LE(end + 10) === 0xffff) {
    const locator = end - locatorSize;
    if (locator < 0 || tail.readUInt32LE(locator) !== signatures.locator64) throw new Error('the archive is damaged: its zip64 record is missing');
    const at = toOffset(tail.readBigUInt64LE(locator + 8));
    const record = await readAt(handle, at, at + 56);
    if (record.readUInt32LE(0) !== signatures.end64) throw new Error('the archive is damaged: its zip64 record is missing');
    bytes = toOffset(record.readBigUInt64LE(40));
    offset = toOffset(record.readBigUInt64LE(48));
  }
  if (bytes > maxDirectory) throw new Error(`the archive lists too many members (${bytes} bytes of directory)`);
  return readAt(handle, offset, offset + bytes);
}

function findEnd(tail: Buffer): number {
  for (let at = tail.length - endSize; at >= 0; at -= 1) {
    // The comment's length must reach the end of the file: a comment may hold the signature too.
    if (tail.readUInt32LE(at) === signatures.end && at + endSize + tail.readUInt16LE(at + 20) === tail.length) return at;
  }
  throw new Error('not a zip archive, or a truncated one');
}

/** The local header repeats the name and has an extra field of its own length, so the data's place is known only from it. */
async function dataStart(handle: FileHandle, member: ZipMember): Promise<number> {
  const header = await readAt(handle, member.localHeader, member.localHeader + 30);
  if (header.readUInt32LE(0) !== signatures.local) throw new Error('the archive is damaged: a member is not where the directory says');
  return member.localHeader + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function readAt(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, end - start));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
  if (bytesRead < buffer.length) throw new Error('the archive is truncated');
  return buffer;
}

async function* unpack(file: string, member: ZipMember, options: { readonly start: number; readonly signal: AbortSignal | undefined }): AsyncGenerator<Buffer> {
  if (member.compressed === 0) return;
  const source = createReadStream(file, {
    start: options.start,
    end: options.start + member.compressed - 1,
    highWaterMark: 256 * 1024,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (member.method === 0) return yield* source;
  const inflate = createInflateRaw({ chunkSize: 256 * 1024 });
  // pipe() does not carry the source's failure over.
  source.on('error', (error) => inflate.destroy(error));
  try {
    yield* source.pipe(inflate);
  } finally {
    source.destroy();
  }
}

async function* checked(chunks: AsyncIterable<Buffer>, member: ZipMember): AsyncGenerator<Buffer> {
  let size = 0;
  let crc = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > member.size) break;
    crc = crc32(chunk, crc);
    yield chunk;
  }
  if (size !== member.size) throw new Error(`the archive member ${member.name} has not the size the directory says`);
  if (crc !== member.crc) throw new Error(`the archive member ${member.name} is damaged (CRC-32 differs)`);
}

function toOffset(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error('the archive is damaged: an offset is out of range');
  return Number(value);
}
