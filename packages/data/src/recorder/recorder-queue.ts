import type { FeedChannel, FeedUpdate, InstrumentId } from '@perpdesk/core';
import { encodeUpdate, type RecordedUpdate, streamOf } from './segment-format.ts';
import type { RecordedLine } from './segment-writer.ts';

/** A stream that is being left out because there is no room. */
interface Loss {
  readonly instrumentId: InstrumentId;
  readonly channel: FeedChannel;
  fromMs: number;
  updates: number;
  /** The stream's newest status of the time, told when it goes on. */
  status: FeedUpdate | undefined;
  /** True while a new whole book has been asked for. */
  asked: boolean;
}

/**
 * What waits for the disk, bounded in bytes. A stream that finds no room is left out until half of it is free again, and a
 * book then until the next whole one; what was left out is told as a gap with its span and its number of updates.
 */
export class RecorderQueue {
  readonly #nowMs: () => number;
  readonly #maxBytes: number;
  readonly #losses = new Map<string, Loss>();
  readonly #lastAtMs = new Map<string, number>();
  readonly #startAtMs: number;
  #lines: RecordedLine[] = [];
  #bytes = 0;
  #told = 0;
  #recorded = 0;
  #lost = 0;

  constructor(options: { readonly nowMs: () => number; readonly maxBytes: number }) {
    this.#nowMs = options.nowMs;
    this.#maxBytes = options.maxBytes;
    this.#startAtMs = options.nowMs();
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#lines.length;
  }

  counts(): { readonly told: number; readonly recorded: number; readonly lost: number; readonly losing: number } {
    return { told: this.#told, recorded: this.#recorded, lost: this.#lost, losing: this.#losses.size };
  }

  push(update: FeedUpdate): void {
    const atMs = this.#nowMs();
    const stream = streamOf(update);
    const key = `${stream.channel} ${stream.instrumentId}`;
    const loss = this.#losses.get(key);
    const full = this.#bytes >= this.#maxBytes;
    this.#told += 1;
    if (loss !== undefined && update.kind === 'book' && !full) this.#close(key, loss);
    else if (loss !== undefined) return this.#lose(loss, update);
    else if (full) {
      const begun = this.#lastAtMs.get(key) ?? this.#startAtMs;
      const { instrumentId, channel } = stream;
      const opened: Loss = { instrumentId, channel, fromMs: begun, updates: 0, status: undefined, asked: false };
      this.#losses.set(key, opened);
      return this.#lose(opened, update);
    }
    this.#lastAtMs.set(key, atMs);
    this.#recorded += 1;
    this.#add({ atMs, update });
  }

  /** Takes lines out, oldest first, until they are `maxBytes` or more. */
  take(maxBytes: number): RecordedLine[] {
    let count = 0;
    let bytes = 0;
    while (count < this.#lines.length && bytes < maxBytes) {
      bytes += this.#lines[count]?.text.length ?? 0;
      count += 1;
    }
    const taken = this.#lines.slice(0, count);
    this.#lines = this.#lines.slice(count);
    this.#bytes -= bytes;
    return taken;
  }

  /** Lets streams go on when there is room again. @returns the books that need a new whole one before they can. */
  resume(): InstrumentId[] {
    if (this.#losses.size === 0 || this.#bytes > this.#maxBytes / 2) return [];
    const books: InstrumentId[] = [];
    for (const [key, loss] of this.#losses) {
      if (loss.channel !== 'book') this.#close(key, loss);
      else if (!loss.asked) books.push(loss.instrumentId);
      loss.asked = true;
    }
    return books;
  }

  /** Ends all losses, at the end of the recording. */
  closeAll(): void {
    for (const [key, loss] of this.#losses) this.#close(key, loss);
  }

  #lose(loss: Loss, update: FeedUpdate): void {
    if (update.kind === 'status') {
      if (loss.status !== undefined) this.#lost += 1;
      loss.updates += loss.status === undefined ? 0 : 1;
      loss.status = update;
      return;
    }
    if (update.kind === 'book') loss.asked = false;
    // A gap of the feed's own is covered by ours, from where it began.
    if (update.kind === 'gap') loss.fromMs = Math.min(loss.fromMs, update.gap.fromMs);
    loss.updates += 1;
    this.#lost += 1;
  }

  #close(key: string, loss: Loss): void {
    this.#losses.delete(key);
    const { instrumentId, channel, fromMs, updates, status } = loss;
    const atMs = this.#nowMs();
    this.#lastAtMs.set(key, atMs);
    const gap = { instrumentId, channel, reason: 'overflow', fromMs, toMs: atMs, filled: false } as const;
    if (updates > 0) this.#add({ atMs, update: { kind: 'gap', gap }, lost: updates });
    if (status === undefined) return;
    this.#recorded += 1;
    this.#add({ atMs, update: status });
  }

  #add(recorded: RecordedUpdate): void {
    const text = encodeUpdate(recorded);
    this.#bytes += text.length;
    this.#lines.push({ text, atMs: recorded.atMs, lost: recorded.lost ?? 0 });
  }
}
