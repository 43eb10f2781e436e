import { appendFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenSegmentFile } from './segment-file.ts';
import { indexFile, recordingVersion, type SegmentHeader, segmentFile, segmentNumber } from './segment-format.ts';
import { type RecordedLine, SegmentWriter } from './segment-writer.ts';

/** What all segments of one run have in common. */
export type SegmentSubject = Pick<SegmentHeader, 'venue' | 'instruments' | 'channels'>;

/** Writes lines into one segment after another, each up to a size or a span of time. */
export class SegmentSequence {
  readonly #options: {
    readonly directory: string;
    readonly openFile: OpenSegmentFile;
    readonly segmentBytes: number;
    readonly segmentMs: number;
  };
  #subject: SegmentSubject | undefined;
  #number = 0;
  #continues = false;
  #writer: SegmentWriter | undefined;
  #waiting: readonly RecordedLine[] = [];
  /** What the sealed segments hold. */
  #sealedBytes = 0;

  constructor(options: {
    readonly directory: string;
    readonly openFile: OpenSegmentFile;
    readonly segmentBytes: number;
    readonly segmentMs: number;
  }) {
    this.#options = options;
  }

  get segments(): number {
    return this.#continues ? this.#number : 0;
  }

  /** Lines that were put and are not written. */
  get waiting(): number {
    return this.#waiting.length + (this.#writer?.waiting ?? 0);
  }

  get bytes(): number {
    return this.#sealedBytes + (this.#writer?.bytes ?? 0);
  }

  /** Makes the folder and opens the first segment, after those of earlier runs. */
  async begin(subject: SegmentSubject, nowMs: number): Promise<void> {
    const { directory } = this.#options;
    this.#subject = subject;
    await mkdir(directory, { recursive: true });
    this.#number = Math.max(0, ...(await readdir(directory)).map((file) => segmentNumber(file) ?? 0));
    await this.#open(nowMs);
    await this.#writer?.flush();
  }

  /** Takes lines to be written, at least one. Called when nothing waits. */
  put(lines: readonly RecordedLine[]): void {
    this.#waiting = lines;
  }

  /** Writes what waits. Rejects with what the file system says; asked again, it goes on where it was. */
  async flush(): Promise<void> {
    const [first] = this.#waiting;
    if (first !== undefined) {
      const { segmentBytes, segmentMs } = this.#options;
      await this.#writer?.flush();
      const writer = this.#writer;
      const opened = writer?.header.openedAtMs ?? 0;
      if (writer !== undefined && (writer.bytes >= segmentBytes || first.atMs - opened >= segmentMs)) {
        await this.#seal(writer);
      }
      if (this.#writer === undefined) await this.#open(first.atMs);
      await this.#writer?.flush();
      await this.#writer?.stage(this.#waiting);
      this.#waiting = [];
    }
    await this.#writer?.flush();
  }

  /** Closes the last segment in order. */
  async end(): Promise<void> {
    await this.flush();
    if (this.#writer !== undefined) await this.#seal(this.#writer);
  }

  async #open(atMs: number): Promise<void> {
    const subject = this.#subject;
    if (subject === undefined) return;
    const { directory, openFile } = this.#options;
    const segment = this.#number + 1;
    const name = segmentFile(segment);
    const file = await openFile(join(directory, name));
    this.#writer = await SegmentWriter.create(file, name, {
      format: 'perpdesk.recording',
      version: recordingVersion,
      segment,
      continues: this.#continues,
      venue: subject.venue,
      instruments: subject.instruments,
      channels: subject.channels,
      openedAtMs: atMs,
    });
    this.#number = segment;
    this.#continues = true;
  }

  async #seal(writer: SegmentWriter): Promise<void> {
    const summary = await writer.seal();
    // The line break comes first, so that an entry that was cut off ends with the one after it.
    await appendFile(join(this.#options.directory, indexFile), `\n${JSON.stringify(summary)}\n`);
    this.#sealedBytes += summary.bytes;
    this.#writer = undefined;
  }
}
