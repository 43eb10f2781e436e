import type { ServerResponse } from 'node:http';
import type { JournalMessage } from './journal-tail.ts';

/** Bytes that may wait in a client's socket: a client with more gets nothing until it has taken them. */
const writeUpTo = 256 * 1024;
/** A client that has not taken this much between two looks is stuck. */
const stuckAbove = 64 * 1024;

/** One browser at the other end of a stream: what it has been given, and how well it takes it. */
export class StreamClient {
  readonly response: ServerResponse;
  readonly userId: string;
  /** Of the last journal event that it was given or may not see. */
  position: number;
  /** Set while something waits for the socket to drain. */
  busy = false;
  /** Market frames were left out: it must fetch what it draws again. */
  lacksFrames = false;
  #blocked = false;

  constructor(options: { readonly response: ServerResponse; readonly userId: string; readonly position: number }) {
    this.response = options.response;
    this.userId = options.userId;
    this.position = options.position;
    this.response.on('drain', () => {
      this.#blocked = false;
    });
  }

  get gone(): boolean {
    return this.response.destroyed || this.response.writableEnded;
  }

  get full(): boolean {
    return this.response.writableLength > writeUpTo;
  }

  /** Gives a journal event, unless it is another user's or was given already. */
  give({ position, userId, bytes }: JournalMessage): void {
    if (position <= this.position) return;
    this.position = position;
    if (userId === undefined || userId === this.userId) this.response.write(bytes);
  }

  /** Gives what may be left out when the client does not keep up. True when it was given. */
  offer(bytes: Buffer): boolean {
    if (this.gone || this.full) return false;
    this.response.write(bytes);
    return true;
  }

  /** Resolves when there is room, or nobody any more. */
  async room(): Promise<void> {
    while (this.full && !this.gone) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.response.off('drain', done).off('close', done);
          resolve();
        };
        this.response.on('drain', done).on('close', done);
      });
    }
  }

  /** Asked at intervals: true when it has taken nothing since the last time although much waits. */
  isStuck(): boolean {
    const was = this.#blocked;
    this.#blocked = this.response.writableLength > stuckAbove;
    return was && this.#blocked;
  }
}
