import type { OrderIntent } from '@perpdesk/core';
import { contentOf } from './duplicate.ts';

interface Passed {
  readonly atMs: number;
  readonly clientOrderId: string;
  readonly content: string;
}

/** What was let pass lately, by user: what throttles and the duplicate control count. In memory: it outlives no process, nor do authorisations. */
export class RecentOrders {
  readonly #entries = new Map<string, Passed[]>();
  readonly #exits = new Map<string, Passed[]>();
  readonly #keepMs: number;

  /** @param keepMs the longest window anybody counts over */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  /** Remembers an order that was let pass. */
  add(intent: OrderIntent, atMs: number): void {
    const lists = intent.reduceOnly ? this.#exits : this.#entries;
    const kept = (lists.get(intent.userId) ?? []).filter((passed) => atMs - passed.atMs < this.#keepMs);
    kept.push({ atMs, clientOrderId: intent.clientOrderId, content: contentOf(intent) });
    lists.set(intent.userId, kept);
  }

  /** How many entries or exits of a user passed within the window. */
  count(kind: 'entries' | 'exits', userId: string, atMs: number, windowMs: number): number {
    const list = (kind === 'entries' ? this.#entries : this.#exits).get(userId) ?? [];
    return list.filter((passed) => atMs - passed.atMs < windowMs).length;
  }

  /** The id of another entry of equal content within the window. */
  duplicateOf(intent: OrderIntent, atMs: number, windowMs: number): string | undefined {
    const content = contentOf(intent);
    return this.#entries
      .get(intent.userId)
      ?.find(
        (passed) =>
          passed.content === content && passed.clientOrderId !== intent.clientOrderId && atMs - passed.atMs < windowMs,
      )?.clientOrderId;
  }
}
