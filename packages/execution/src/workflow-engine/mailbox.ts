import type { MailboxSignal } from './step-journal.ts';

/** A run's signals in memory: each is given out once, the oldest of a topic first. */
export class Mailbox {
  readonly #unread: MailboxSignal[] = [];
  readonly #known = new Set<number>();
  readonly #waiting = new Set<{ readonly topic: string; readonly wake: () => void }>();

  /** Says that a signal was taken before, by what the journal says. */
  markTaken(sequence: number): void {
    this.#known.add(sequence);
    const index = this.#unread.findIndex((signal) => signal.sequence === sequence);
    if (index >= 0) this.#unread.splice(index, 1);
  }

  /** Puts signals in, those already known left out, and wakes who waits for their topics. */
  put(signals: readonly MailboxSignal[]): void {
    for (const signal of signals) {
      if (this.#known.has(signal.sequence)) continue;
      this.#known.add(signal.sequence);
      const later = this.#unread.findIndex(({ sequence }) => sequence > signal.sequence);
      this.#unread.splice(later < 0 ? this.#unread.length : later, 0, signal);
      for (const waiter of this.#waiting) if (waiter.topic === signal.topic) waiter.wake();
    }
  }

  /** Takes the oldest unread signal of a topic. */
  take(topic: string): MailboxSignal | undefined {
    const index = this.#unread.findIndex((signal) => signal.topic === topic);
    return index < 0 ? undefined : this.#unread.splice(index, 1)[0];
  }

  /** Calls `wake` at each signal of the topic, until the answer is called. */
  listen(topic: string, wake: () => void): () => void {
    const waiter = { topic, wake };
    this.#waiting.add(waiter);
    return () => {
      this.#waiting.delete(waiter);
    };
  }
}
