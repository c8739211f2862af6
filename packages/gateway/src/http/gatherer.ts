/** Puts pieces that come one by one behind each other. */
export type Gatherer = {
  /** `held` and behind it `piece`; what was returned before stays as it is. */
  add(held: Buffer | undefined, piece: Buffer): Buffer;
  /** Lets go of the memory in hand. */
  release(): void;
};

/** Room is made for as much again each time: a head that comes byte by byte is not copied with every byte. */
export function createGatherer(): Gatherer {
  let room: Buffer | undefined;
  return {
    add(held, piece) {
      if (held === undefined) return piece;
      const length = held.length + piece.length;
      const end = held.byteOffset + held.length;
      if (room !== undefined && room.buffer === held.buffer && end + piece.length <= room.length) {
        room.set(piece, end);
        return room.subarray(held.byteOffset, end + piece.length);
      }
      room = Buffer.allocUnsafeSlow(length * 2);
      room.set(held);
      room.set(piece, held.length);
      return room.subarray(0, length);
    },
    release() {
      room = undefined;
    },
  };
}
