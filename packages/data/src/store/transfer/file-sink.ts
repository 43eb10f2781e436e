import type { ScanPage } from '../scan/scanner.ts';

/** Rows of one series: what names it, which is the same for all of them, and their other columns. */
export interface SinkRows {
  readonly identity: readonly string[];
  readonly page: ScanPage;
}

/** A file that is being written. */
export interface FileSink {
  write(rows: SinkRows): Promise<void>;
  /** Ends the file: it is whole and on disk. */
  close(): Promise<void>;
}
