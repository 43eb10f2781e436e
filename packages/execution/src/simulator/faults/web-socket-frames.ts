/** Splits the bytes of one direction of a WebSocket into whole frames (RFC 6455, 5.2), headers and masks included. */
export class WebSocketFrames {
  #rest: Buffer = Buffer.alloc(0);

  /** Adds bytes; gives the frames they complete. */
  push(bytes: Buffer): readonly Buffer[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const frames: Buffer[] = [];
    for (let length = lengthOf(this.#rest); length !== undefined; length = lengthOf(this.#rest)) {
      frames.push(this.#rest.subarray(0, length));
      this.#rest = this.#rest.subarray(length);
    }
    return frames;
  }
}

/** True for text and binary frames and what continues them, false for ping, pong and close. */
export const isDataFrame = (frame: Buffer): boolean => ((frame[0] ?? 0) & 0x08) === 0;

/** Where a frame's payload begins. */
export function payloadStart(frame: Buffer): number {
  const short = (frame[1] ?? 0) & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  return 2 + extended + (((frame[1] ?? 0) & 0x80) === 0 ? 0 : 4);
}

/** The length of the first frame, undefined until all of it is there. */
function lengthOf(bytes: Buffer): number | undefined {
  if (bytes.length < 2) return undefined;
  const start = payloadStart(bytes);
  if (bytes.length < start) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const payload = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  return bytes.length >= start + payload ? start + payload : undefined;
}
