import { createHash } from 'node:crypto';
import { packBlock } from './segment-block.ts';
import type { SegmentFile } from './segment-file.ts';
import { type SegmentFooter, type SegmentHeader, type SegmentSummary, sealLine } from './segment-format.ts';

/** A recorded update, written out. */
export interface RecordedLine {
  readonly text: string;
  readonly atMs: number;
  readonly lost: number;
}

/**
 * One segment being written: a block with its header, blocks of updates, a block with its footer. What could not be written
 * is kept, and written at the same place when asked again.
 */
export class SegmentWriter {
  readonly header: SegmentHeader;
  readonly #file: SegmentFile;
  readonly #name: string;
  readonly #hash = createHash('sha256');
  #staged: Buffer | undefined;
  #stagedLines = 0;
  #position = 0;
  #updates = 0;
  #lost = 0;
  #firstAtMs: number;
  #lastAtMs: number;
  #footer: SegmentFooter | undefined;
  #finished = false;

  private constructor(file: SegmentFile, name: string, header: SegmentHeader, staged: Buffer) {
    this.#file = file;
    this.#name = name;
    this.header = header;
    this.#staged = staged;
    this.#firstAtMs = header.openedAtMs;
    this.#lastAtMs = header.openedAtMs;
  }

  static async create(file: SegmentFile, name: string, header: SegmentHeader): Promise<SegmentWriter> {
    return new SegmentWriter(file, name, header, await packBlock(sealLine(JSON.stringify(header))));
  }

  /** The bytes that are written. */
  get bytes(): number {
    return this.#position;
  }

  /** Lines of the block that waits. */
  get waiting(): number {
    return this.#stagedLines;
  }

  /** Makes a block of lines, to be written by the next {@link flush}. Called when nothing waits. */
  async stage(lines: readonly RecordedLine[]): Promise<void> {
    const text = lines.map((line) => line.text).join('');
    this.#staged = await packBlock(text);
    this.#stagedLines = lines.length;
    this.#hash.update(text);
    if (this.#updates === 0) this.#firstAtMs = lines[0]?.atMs ?? this.#firstAtMs;
    this.#lastAtMs = lines.at(-1)?.atMs ?? this.#lastAtMs;
    this.#updates += lines.length;
    for (const line of lines) this.#lost += line.lost;
  }

  /** Writes what waits. Rejects with what the file says; asked again, it writes it again at the same place. */
  async flush(): Promise<void> {
    if (this.#staged === undefined) return;
    await this.#file.write(this.#staged, this.#position);
    this.#position += this.#staged.length;
    this.#staged = undefined;
    this.#stagedLines = 0;
  }

  /** Writes the footer and lets go of the file. Repeatable until it resolves, and after. */
  async seal(): Promise<SegmentSummary> {
    await this.flush();
    if (this.#footer === undefined) {
      this.#footer = {
        sealed: true,
        firstAtMs: this.#firstAtMs,
        lastAtMs: this.#lastAtMs,
        updates: this.#updates,
        lost: this.#lost,
        sha256: this.#hash.digest('hex'),
      };
      this.#staged = await packBlock(sealLine(JSON.stringify(this.#footer)));
      await this.flush();
    }
    if (!this.#finished) await this.#file.finish(this.#position);
    this.#finished = true;
    const { format: _format, version: _version, instruments, ...header } = this.header;
    const { sealed: _sealed, ...footer } = this.#footer;
    const instrumentIds = instruments.map((instrument) => instrument.id);
    return { ...header, ...footer, file: this.#name, instrumentIds, bytes: this.#position };
  }
}
