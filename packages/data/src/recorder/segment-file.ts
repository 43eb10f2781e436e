import { open } from 'node:fs/promises';

/** Where a segment's bytes go. Every method may fail and is then called again. */
export interface SegmentFile {
  /** Writes all of it at a position, over what is there. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Cuts off what lies beyond `length`, brings everything to the disk and lets go of the file. */
  finish(length: number): Promise<void>;
}

/** Opens a new file; fails when there is one. */
export type OpenSegmentFile = (path: string) => Promise<SegmentFile>;

/** Segment files of the file system. */
export const openSegmentFile: OpenSegmentFile = async (path) => {
  const handle = await open(path, 'wx');
  return {
    async write(bytes, position) {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
        done += bytesWritten;
      }
    },
    async finish(length) {
      await handle.truncate(length);
      await handle.sync();
      await handle.close();
    },
  };
};
