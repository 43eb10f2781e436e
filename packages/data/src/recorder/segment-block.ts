import { promisify } from 'node:util';
import { constants, crc32, createInflateRaw, deflateRaw, inflateRaw } from 'node:zlib';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/**
 * A block is one gzip member (RFC 1952) whose extra field `PD` gives its own length, as BGZF does (SAM specification, section
 * 4.1): whole files open with any gunzip, and a reader steps from block to block, past a damaged one.
 */
const signature = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 8, 0, 0x50, 0x44, 4, 0]);
/** Signature, then the length of the block as a 32-bit number, least byte first. */
export const blockHeadBytes = signature.length + 4;
const tailBytes = 8;
/** No block is larger, so that a damaged length does not make a reader take the rest of the file for it. */
const maxBlockBytes = 1 << 28;

/** Compresses text into a block, off the event loop. */
export async function packBlock(text: string): Promise<Buffer> {
  const content = Buffer.from(text);
  const packed = await deflate(content);
  const block = Buffer.allocUnsafe(blockHeadBytes + packed.length + tailBytes);
  signature.copy(block);
  block.writeUInt32LE(block.length, signature.length);
  packed.copy(block, blockHeadBytes);
  block.writeUInt32LE(crc32(content), block.length - tailBytes);
  block.writeUInt32LE(content.length, block.length - 4);
  return block;
}

/** The length a block says it has, or undefined when none begins at `offset`. */
export function blockLength(bytes: Buffer, offset: number): number | undefined {
  if (offset + blockHeadBytes > bytes.length) return undefined;
  if (bytes.compare(signature, 0, signature.length, offset, offset + signature.length) !== 0) return undefined;
  const length = bytes.readUInt32LE(offset + signature.length);
  return length < blockHeadBytes + tailBytes || length > maxBlockBytes ? undefined : length;
}

/** True when what is left of a file at `offset` is the beginning of a block's head. */
export function isCutHead(bytes: Buffer, offset: number): boolean {
  const left = bytes.length - offset;
  if (left <= 0 || left >= blockHeadBytes) return false;
  const compared = Math.min(left, signature.length);
  return bytes.compare(signature, 0, compared, offset, offset + compared) === 0;
}

/** Where the next block begins, or the end. */
export function nextBlock(bytes: Buffer, from: number): number {
  const found = bytes.indexOf(signature, from);
  return found < 0 ? bytes.length : found;
}

/** The text of a whole block, or undefined when it does not check. */
export async function unpackBlock(block: Buffer): Promise<string | undefined> {
  try {
    const content = await inflate(block.subarray(blockHeadBytes, -tailBytes), { maxOutputLength: maxBlockBytes });
    const checks =
      crc32(content) === block.readUInt32LE(block.length - tailBytes) &&
      content.length === block.readUInt32LE(block.length - 4);
    return checks ? content.toString() : undefined;
  } catch {
    return undefined;
  }
}

/** As much text as a block gives that was cut off or does not check: nothing of it is sure but what proves itself. */
export async function salvageBlock(part: Buffer): Promise<string> {
  const chunks: Buffer[] = [];
  const inflater = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH });
  await new Promise<void>((resolve) => {
    inflater.on('data', (chunk: Buffer) => chunks.push(chunk));
    inflater.on('error', () => resolve());
    inflater.on('end', resolve);
    inflater.end(part.subarray(blockHeadBytes));
  });
  return Buffer.concat(chunks).toString();
}
