/** A message of an AWS event stream, written apart from `framing/`, so that the one judges the other. */
export function frameMessage(headers: readonly (readonly [name: string, value: string])[], payload: string): Uint8Array {
  const utf8 = new TextEncoder();
  const head = headers.flatMap(([name, value]) => {
    const [key, text] = [utf8.encode(name), utf8.encode(value)];
    return [key.length, ...key, 7, ...word(text.length).slice(2), ...text];
  });
  const body = utf8.encode(payload);
  const prelude = [...word(16 + head.length + body.length), ...word(head.length)];
  const start = [...prelude, ...word(sumOf(prelude)), ...head, ...body];
  return Uint8Array.from([...start, ...word(sumOf(start))]);
}

/** Four bytes, the highest first. */
function word(value: number): number[] {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
}

/** CRC-32, bit by bit. */
function sumOf(bytes: readonly number[]): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return ~sum;
}
