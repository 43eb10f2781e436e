import { createHash, type Hash } from 'node:crypto';
import { open as openFile, readFile } from 'node:fs/promises';
import { StoreError } from '@perpdesk/core';
import type { RecordingReporter } from './recording-report.ts';
import { blockHeadBytes, blockLength, isCutHead, nextBlock, salvageBlock, unpackBlock } from './segment-block.ts';
import {
  decodeUpdate,
  openLine,
  type RecordedUpdate,
  recordingVersion,
  type SegmentFooter,
  type SegmentHeader,
  segmentFooterSchema,
  segmentHeaderSchema,
} from './segment-format.ts';

/** A part of a segment, in its order. A hole: what stood between can not be read. */
export type SegmentPart =
  | { readonly kind: 'header'; readonly header: SegmentHeader }
  | { readonly kind: 'updates'; readonly updates: readonly RecordedUpdate[] }
  | { readonly kind: 'hole' };

type BlockPart = SegmentPart | { readonly kind: 'footer'; readonly footer: SegmentFooter };

/**
 * Reads one segment: every update that proves itself, in order, and a hole wherever some do not. One that was cut off is
 * read to its last whole update. What is wrong is reported, never passed over.
 * @throws StoreError `recording.unreadable` when the file can not be opened, `recording.version` when it is of another
 * version of the format.
 */
export async function* readSegment(
  file: { readonly path: string; readonly name: string },
  reporter: RecordingReporter,
): AsyncGenerator<SegmentPart> {
  const bytes = await open(file);
  const hash = createHash('sha256');
  let sealed = false;
  let isWhole = true;
  reporter.segments += 1;
  for (let offset = 0, end = 0; offset < bytes.length; offset = end) {
    const length = blockLength(bytes, offset);
    end = blockEnd(bytes, offset, length);
    const block = bytes.subarray(offset, end);
    const text = length === block.length ? await unpackBlock(block) : undefined;
    const { part, checks } = readLines(
      text ?? (length === undefined ? '' : await salvageBlock(block)),
      file.name,
      hash,
    );
    if (part?.kind === 'footer') {
      // A footer that does not check as a block may be followed by anything.
      sealed = text !== undefined;
      if (isWhole && part.footer.sha256 !== hash.digest('hex')) {
        reporter.damaged({ file: file.name, offset, reason: 'its updates are not those it was closed with' });
      }
    } else if (part !== undefined) yield part;
    if (text !== undefined && checks) continue;
    const isCut = end === bytes.length && (isCutHead(bytes, offset) || (length ?? 0) > block.length);
    if (isCut) break;
    isWhole = false;
    const reason = length === undefined ? `${block.length} bytes are no block` : 'a block does not check';
    reporter.damaged({ file: file.name, offset, reason });
    yield { kind: 'hole' };
  }
  if (!sealed) reporter.cut(file.name);
}

/** Where a block ends: where its length says, if a block or the end of the file is there, else where the next begins. */
function blockEnd(bytes: Buffer, offset: number, length: number | undefined): number {
  const claimed = offset + (length ?? bytes.length);
  const fits = claimed === bytes.length || blockLength(bytes, claimed) !== undefined || isCutHead(bytes, claimed);
  return claimed <= bytes.length && fits ? claimed : nextBlock(bytes, offset + 1);
}

/**
 * The header of a segment, without reading the rest; undefined when it is not whole.
 * @throws StoreError as {@link readSegment}.
 */
export async function readSegmentHeader(file: {
  readonly path: string;
  readonly name: string;
}): Promise<SegmentHeader | undefined> {
  let block: Buffer;
  try {
    await using handle = await openFile(file.path);
    const head = Buffer.alloc(blockHeadBytes);
    await handle.read(head, 0, head.length, 0);
    block = Buffer.alloc(blockLength(head, 0) ?? 0);
    await handle.read(block, 0, block.length, 0);
  } catch (cause) {
    throw unreadable(file.name, cause);
  }
  const text = block.length === 0 ? undefined : await unpackBlock(block);
  const { part } = readLines(text ?? '', file.name, createHash('sha256'));
  return part?.kind === 'header' ? part.header : undefined;
}

async function open({ path, name }: { readonly path: string; readonly name: string }): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

const unreadable = (name: string, cause: unknown): StoreError =>
  new StoreError('recording.unreadable', `The segment ${name} can not be read.`, { cause });

/** What the lines of a block say, up to the first that does not check. */
function readLines(text: string, name: string, hash: Hash): { part: BlockPart | undefined; checks: boolean } {
  const updates: RecordedUpdate[] = [];
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0; start = end + 1, end = text.indexOf('\n', start)) {
    const json = openLine(text.slice(start, end));
    if (json === undefined) break;
    if (json.startsWith('{"format"')) return { part: { kind: 'header', header: headerOf(json, name) }, checks: true };
    if (json.startsWith('{"sealed"')) {
      return { part: { kind: 'footer', footer: segmentFooterSchema.parse(JSON.parse(json)) }, checks: true };
    }
    updates.push(decodeUpdate(json));
  }
  hash.update(text.slice(0, start));
  const part = updates.length > 0 ? ({ kind: 'updates', updates } as const) : undefined;
  return { part, checks: start === text.length };
}

function headerOf(json: string, name: string): SegmentHeader {
  const header = segmentHeaderSchema.safeParse(JSON.parse(json));
  if (header.success) return header.data;
  throw new StoreError(
    'recording.version',
    `The segment ${name} is not of version ${recordingVersion} of the recording format; read it with the version of @perpdesk/data that wrote it.`,
    { cause: header.error },
  );
}
