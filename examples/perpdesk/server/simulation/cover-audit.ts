import { Decimal } from '@perpdesk/core';

/** A time in which a part of a position had no stop at its venue. */
export interface Spell {
  readonly userId: string;
  readonly instrumentId: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** The largest part, in base units. */
  readonly size: string;
}

/** Measures at the venue how long positions stand without a whole stop, by what the venue tells and nothing else. */
export class CoverAudit {
  readonly spells: Spell[] = [];
  readonly #running = new Map<string, { readonly fromMs: number; size: Decimal }>();

  /** Takes in what no stop covers at an instant. */
  note(userId: string, instrumentId: string, uncovered: Decimal, atMs: number): void {
    const key = `${userId} ${instrumentId}`;
    const running = this.#running.get(key);
    if (uncovered.greaterThan(0)) {
      if (running === undefined) this.#running.set(key, { fromMs: atMs, size: uncovered });
      else running.size = Decimal.max(running.size, uncovered);
      return;
    }
    if (running === undefined) return;
    this.#running.delete(key);
    // Several updates tell of one change: what one takes back at once never stood.
    if (atMs > running.fromMs)
      this.spells.push({ userId, instrumentId, fromMs: running.fromMs, toMs: atMs, size: running.size.toFixed() });
  }

  /** Ends what lasts. */
  end(atMs: number): void {
    for (const key of [...this.#running.keys()]) {
      const [userId = '', instrumentId = ''] = key.split(' ');
      this.note(userId, instrumentId, new Decimal(0), atMs);
    }
  }
}
