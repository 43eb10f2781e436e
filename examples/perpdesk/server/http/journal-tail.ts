import type { StoredEvent } from '@perpdesk/core';

/** An event of the journal as it goes over the wire, serialised once for all clients. */
export interface JournalMessage {
  readonly position: number;
  /** Only this user may see it. */
  readonly userId?: string;
  readonly bytes: Buffer;
}

/** The message of an event. Its SSE id is its position. */
export function journalMessage(stored: StoredEvent): JournalMessage {
  const { position, event } = stored;
  const bytes = Buffer.from(`id: ${position}\nevent: journal\ndata: ${JSON.stringify(stored)}\n\n`);
  return event.userId === undefined ? { position, bytes } : { position, userId: event.userId, bytes };
}

/** The newest messages of the journal, as many as fit, so that clients that keep up cost no reading. */
export class JournalTail {
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  #messages: JournalMessage[] = [];
  #bytes = 0;
  #floor: number;
  #position: number;

  constructor(options: { readonly position: number; readonly maxMessages?: number; readonly maxBytes?: number }) {
    this.#position = options.position;
    this.#floor = options.position;
    this.#maxMessages = options.maxMessages ?? 2000;
    this.#maxBytes = options.maxBytes ?? 4 * 1024 * 1024;
  }

  /** The newest position. */
  get position(): number {
    return this.#position;
  }

  /** Everything after this position is here. */
  get floor(): number {
    return this.#floor;
  }

  push(message: JournalMessage): void {
    if (message.position <= this.#position) return;
    this.#position = message.position;
    this.#messages.push(message);
    this.#bytes += message.bytes.length;
    let dropped = 0;
    for (const first of this.#messages) {
      if (this.#messages.length - dropped <= this.#maxMessages && this.#bytes <= this.#maxBytes) break;
      this.#bytes -= first.bytes.length;
      this.#floor = first.position;
      dropped += 1;
    }
    if (dropped > 0) this.#messages = this.#messages.slice(dropped);
  }

  /** What came after a position, oldest first; undefined when some of it is no longer here. */
  after(position: number): readonly JournalMessage[] | undefined {
    if (position < this.#floor) return undefined;
    let low = 0;
    let high = this.#messages.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#messages[middle]?.position ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return this.#messages.slice(low);
  }
}
