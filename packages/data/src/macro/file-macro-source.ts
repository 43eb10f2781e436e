import { readFile, stat } from 'node:fs/promises';
import { foreignText, type MacroReading, type MacroSource, StoreError } from '@perpdesk/core';
import { type MacroFormat, readMacroContent } from './macro-content.ts';

/** Options of {@link FileMacroSource}. */
export type FileMacroSourceOptions = MacroFormat & {
  readonly path: string;
  /** Default: `file:` and the path. */
  readonly name?: string;
  /** A larger file is refused. Default 10 MB. */
  readonly maxBytes?: number;
};

/**
 * A calendar in a file of one's own: CSV, JSON or iCalendar. It is read again only when it has changed.
 *
 * @example
 * const source = new FileMacroSource({ path: 'calendar.csv', format: 'csv' });
 * const { records } = await source.fetch();
 */
export class FileMacroSource implements MacroSource {
  readonly name: string;
  readonly #options: FileMacroSourceOptions;
  #last: { readonly version: string; readonly reading: MacroReading } | undefined;

  constructor(options: FileMacroSourceOptions) {
    this.name = options.name ?? foreignText(`file:${options.path}`, 200);
    this.#options = options;
  }

  async fetch(options: { readonly signal?: AbortSignal } = {}): Promise<MacroReading> {
    options.signal?.throwIfAborted();
    const { path, maxBytes = 10_000_000 } = this.#options;
    let content: string;
    let version: string;
    try {
      const { size, mtimeMs } = await stat(path);
      version = `${size} ${mtimeMs}`;
      if (this.#last?.version === version) return { ...this.#last.reading, unchanged: true };
      if (size > maxBytes) throw new Error(`it has ${size} bytes, more than ${maxBytes}`);
      content = await readFile(path, { encoding: 'utf8', signal: options.signal });
    } catch (cause) {
      options.signal?.throwIfAborted();
      const why = foreignText((cause as Error).message, 200);
      throw new StoreError('macro.file', `The calendar ${path} can not be read: ${why}.`, { cause, retryable: true });
    }
    let reading: MacroReading;
    try {
      reading = { ...readMacroContent(content, this.#options, this.name), unchanged: false };
    } catch (cause) {
      const why = foreignText((cause as Error).message, 200);
      throw new StoreError('macro.content', `The calendar ${path} is no ${this.#options.format}: ${why}.`, { cause });
    }
    this.#last = { version, reading };
    return reading;
  }
}
