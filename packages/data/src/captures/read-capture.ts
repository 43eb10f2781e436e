import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { StoreError } from '@perpdesk/core';
import type { CaptureFinding, CaptureFrame, CaptureLine, CaptureReport } from './capture-frame.ts';

const keptFindings = 100;

/** A capture being read: iterate over it once for its frames, in their order; then ask for the report. */
export class CaptureReader implements AsyncIterable<CaptureFrame> {
  readonly #path: string;
  readonly #parse: (line: string) => CaptureLine;
  readonly #malformed: CaptureFinding[] = [];
  #lines = 0;
  #frames = 0;
  #passed = 0;
  #malformedCount = 0;

  /** @param path a text file; a name that ends in `.gz` is a packed one. */
  constructor(path: string, parse: (line: string) => CaptureLine) {
    this.#path = path;
    this.#parse = parse;
  }

  /** @throws StoreError `capture.unreadable` when the file can not be opened, `capture.corrupt` when it is no whole gzip file. */
  async *[Symbol.asyncIterator](): AsyncGenerator<CaptureFrame> {
    let failure: unknown;
    const file = createReadStream(this.#path);
    const input = this.#path.endsWith('.gz')
      ? pipeline(file, createGunzip(), (error) => {
          failure = error ?? undefined;
        })
      : file.on('error', (error) => {
          failure = error;
        });
    try {
      for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
        const frame = this.#take(line);
        if (frame !== undefined) yield frame;
      }
    } catch (error) {
      failure ??= error;
    } finally {
      file.destroy();
    }
    if (failure !== undefined) throw this.#unreadable(failure);
  }

  report(): CaptureReport {
    return {
      lines: this.#lines,
      frames: this.#frames,
      passed: this.#passed,
      malformedCount: this.#malformedCount,
      malformed: [...this.#malformed],
    };
  }

  #take(line: string): CaptureFrame | undefined {
    this.#lines += 1;
    const read = line === '' ? undefined : this.#parse(line);
    if (read === undefined) this.#passed += 1;
    else if (typeof read !== 'string') {
      this.#frames += 1;
      return read;
    } else {
      this.#malformedCount += 1;
      if (this.#malformed.length < keptFindings) this.#malformed.push({ line: this.#lines, reason: read });
    }
    return undefined;
  }

  #unreadable(cause: unknown): StoreError {
    const isPacked = ((cause as NodeJS.ErrnoException).code ?? '').startsWith('Z_');
    return isPacked
      ? new StoreError('capture.corrupt', `The capture ${this.#path} is not a whole gzip file.`, { cause })
      : new StoreError('capture.unreadable', `The capture ${this.#path} can not be read.`, { cause });
  }
}

/** True for text that is a JSON object or list, or a venue's bare word such as `pong`. */
export function isFrameText(text: string): boolean {
  if (/^[a-z]+$/i.test(text)) return true;
  if (!text.startsWith('{') && !text.startsWith('[')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
