import { Decimal, type Fill, type InstrumentId } from '@perpdesk/core';

const mostFills = 50_000;

/**
 * The fills of one account as far as they are known, each once, whichever way they came. Positions and accounts are told
 * with sums that venues do not give; these are of the fills here.
 */
export class FillTape {
  readonly #fills = new Map<string, Fill>();

  /** Adds a fill; false when it was known. */
  add(fill: Fill): boolean {
    if (this.#fills.has(fill.id)) return false;
    this.#fills.set(fill.id, fill);
    if (this.#fills.size > mostFills) {
      const [oldest] = this.#fills.keys();
      if (oldest !== undefined) this.#fills.delete(oldest);
    }
    return true;
  }

  /** When the newest one was; undefined when there is none. */
  lastAtMs(): number | undefined {
    let last: number | undefined;
    for (const { atMs } of this.#fills.values()) if (last === undefined || atMs > last) last = atMs;
    return last;
  }

  /** Fills since an instant, oldest first. */
  since(sinceMs: number): readonly Fill[] {
    return [...this.#fills.values()].filter(({ atMs }) => atMs >= sinceMs).sort((a, b) => a.atMs - b.atMs);
  }

  /** Sums of fees and realised profit. */
  sums(): { readonly fees: Decimal; readonly realizedPnl: Decimal } {
    let fees = new Decimal(0);
    let realizedPnl = new Decimal(0);
    for (const fill of this.#fills.values()) {
      fees = fees.plus(fill.fee);
      realizedPnl = realizedPnl.plus(fill.realizedPnl);
    }
    return { fees, realizedPnl };
  }

  /**
   * When a position of this signed size was opened and what it realised since: back along the fills to where it was flat.
   * Undefined instant when its opening is older than what is known.
   */
  opening(
    instrumentId: InstrumentId,
    signedSize: Decimal,
  ): { readonly atMs: number | undefined; readonly realizedPnl: Decimal } {
    let left = signedSize;
    let realizedPnl = new Decimal(0);
    const fills = this.since(0).filter((fill) => fill.instrumentId === instrumentId);
    for (const fill of fills.reverse()) {
      left = fill.side === 'buy' ? left.minus(fill.size) : left.plus(fill.size);
      // The fill that turned it belongs to this position with what it opened, and what it realised to the one before.
      const turned = !left.isZero() && left.isNegative() !== signedSize.isNegative();
      if (turned) return { atMs: fill.atMs, realizedPnl };
      realizedPnl = realizedPnl.plus(fill.realizedPnl);
      if (left.isZero()) return { atMs: fill.atMs, realizedPnl };
    }
    return { atMs: undefined, realizedPnl };
  }
}
